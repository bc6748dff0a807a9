/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inject/segment.h"

#include <netinet/in.h>
#include <string.h>

#define HEADER 20u
#define STAMPS 12u /* NOP NOP kind 8, length 10, TSval, TSecr */
#define WINDOW 8192u
#define HOPS 64u

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

/* RFC 1071; an odd last byte counts as the upper half of a word. */
static uint32_t sum(const uint8_t *at, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += (uint32_t)at[i] << (i % 2 ? 0 : 8);
	return start;
}

static uint16_t folded(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* Identification 0 with DF, as for any packet that is never cut (RFC 6864). */
static size_t put_v4(const struct segment *s, size_t tcp, uint8_t *out)
{
	memset(out, 0, HEADER);
	out[0] = 0x45;
	put16(out + 2, (uint32_t)(HEADER + tcp));
	out[6] = 0x40;
	out[8] = HOPS;
	out[9] = IPPROTO_TCP;
	put32(out + 12, (uint32_t)s->src);
	put32(out + 16, (uint32_t)s->dst);
	put16(out + 10, folded(sum(out, HEADER, 0)));
	return HEADER;
}

static size_t put_v6(const struct segment *s, size_t tcp, uint8_t *out)
{
	memset(out, 0, 40);
	out[0] = 0x60;
	put16(out + 4, (uint32_t)tcp);
	out[6] = IPPROTO_TCP;
	out[7] = HOPS;
	ip_to_v6(s->src, out + 8);
	ip_to_v6(s->dst, out + 24);
	return 40;
}

static void put_stamps(const struct segment *s, uint8_t *out)
{
	static const uint8_t head[4] = { 1, 1, 8, 10 };

	memcpy(out, head, sizeof(head));
	put32(out + 4, s->stamp);
	put32(out + 8, s->echo);
}

static void put_tcp(const struct segment *s, size_t header, uint8_t *tcp)
{
	memset(tcp, 0, header);
	put16(tcp, s->sport);
	put16(tcp + 2, s->dport);
	put32(tcp + 4, s->seq);
	put32(tcp + 8, s->ack);
	tcp[12] = (uint8_t)(header / 4 << 4);
	tcp[13] = s->flags;
	put16(tcp + 14, WINDOW);
	if (s->stamped)
		put_stamps(s, tcp + HEADER);
	if (s->len)
		memcpy(tcp + header, s->payload, s->len);
}

size_t segment_make(const struct segment *s, uint8_t out[static SEGMENT_MAX])
{
	const bool v4 = ip_is_v4(s->src);
	const size_t header = HEADER + (s->stamped ? STAMPS : 0), tcp = header + s->len;

	if (s->len > SEGMENT_PAYLOAD_MAX)
		return 0;
	const size_t ip = v4 ? put_v4(s, tcp, out) : put_v6(s, tcp, out);

	put_tcp(s, header, out + ip);
	/* the pseudo header: both addresses, the protocol, the length */
	uint32_t pseudo = sum(out + (v4 ? 12 : 8), v4 ? 8 : 32, IPPROTO_TCP + (uint32_t)tcp);

	put16(out + ip + 16, folded(sum(out + ip, tcp, pseudo)));
	return ip + tcp;
}
