/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/reset.h"

#include <netinet/in.h>
#include <string.h>

#include "daemon/decode.h"

#define TCP_BYTES 20u

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

/* RFC 1071, over whole 16-bit words */
static uint32_t sum(const uint8_t *at, uint32_t n, uint32_t start)
{
	for (uint32_t i = 0; i < n; i += 2)
		start += (uint32_t)at[i] << 8 | at[i + 1];
	return start;
}

static uint16_t folded(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* RFC 791; identification 0 with DF, as for any packet that is never cut (RFC 6864). */
static uint32_t put_v4(const struct headers *h, uint8_t *out)
{
	memset(out, 0, 20);
	out[0] = 0x45;
	put16(out + 2, 20 + TCP_BYTES);
	out[6] = 0x40;
	out[8] = h->ttl;
	out[9] = IPPROTO_TCP;
	put32(out + 12, (uint32_t)h->src);
	put32(out + 16, (uint32_t)h->dst);
	put16(out + 10, folded(sum(out, 20, 0)));
	return 20;
}

/* RFC 8200, 3 */
static uint32_t put_v6(const struct headers *h, uint8_t *out)
{
	memset(out, 0, 40);
	out[0] = 0x60;
	put16(out + 4, TCP_BYTES);
	out[6] = IPPROTO_TCP;
	out[7] = h->ttl;
	ip_to_v6(h->src, out + 8);
	ip_to_v6(h->dst, out + 24);
	return 40;
}

/* RFC 9293, 3.1, with the pseudo header of the checksum: addresses, protocol, length. */
static void put_tcp(const struct headers *h, uint32_t seq, uint8_t *tcp, const uint8_t *addresses,
		    uint32_t address_bytes)
{
	memset(tcp, 0, TCP_BYTES);
	put16(tcp, h->sport);
	put16(tcp + 2, h->dport);
	put32(tcp + 4, seq);
	tcp[12] = TCP_BYTES / 4 << 4;
	tcp[13] = TCP_RST;
	if (h->tcp_flags & TCP_ACK) {
		tcp[13] |= TCP_ACK;
		put32(tcp + 8, h->ack);
	}
	uint32_t s = sum(addresses, address_bytes, IPPROTO_TCP + TCP_BYTES);

	put16(tcp + 16, folded(sum(tcp, TCP_BYTES, s)));
}

uint32_t reset_make(const struct headers *h, uint32_t seq, uint8_t out[static RESET_MAX])
{
	bool v4 = ip_is_v4(h->src);
	uint32_t n = v4 ? put_v4(h, out) : put_v6(h, out);

	put_tcp(h, seq, out + n, out + (v4 ? 12 : 8), v4 ? 8 : 32);
	return n + TCP_BYTES;
}
