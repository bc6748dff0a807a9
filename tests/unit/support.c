/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/support.h"

#include "daemon/packet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void bytes_add(struct bytes *b, const void *data, size_t n)
{
	assert(b->len + n <= BYTES_MAX);
	memcpy(b->at + b->len, data, n);
	b->len += n;
}

void bytes_prepend(struct bytes *b, const void *data, size_t n)
{
	assert(b->len + n <= BYTES_MAX);
	memmove(b->at + n, b->at, b->len);
	memcpy(b->at, data, n);
	b->len += n;
}

void bytes_be16(struct bytes *b, uint16_t v)
{
	bytes_add(b, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

void bytes_be32(struct bytes *b, uint32_t v)
{
	bytes_be16(b, (uint16_t)(v >> 16));
	bytes_be16(b, (uint16_t)v);
}

void bytes_le16(struct bytes *b, uint16_t v)
{
	bytes_add(b, (uint8_t[]){ (uint8_t)v, (uint8_t)(v >> 8) }, 2);
}

void bytes_le32(struct bytes *b, uint32_t v)
{
	bytes_le16(b, (uint16_t)v);
	bytes_le16(b, (uint16_t)(v >> 16));
}

void bytes_hex(struct bytes *b, const char *hex)
{
	for (; *hex; hex++) {
		char digits[3] = { hex[0], hex[1], '\0' };
		uint8_t v;

		if (isspace((unsigned char)*hex))
			continue;
		v = (uint8_t)strtoul(digits, NULL, 16);
		bytes_add(b, &v, 1);
		hex++;
	}
}

void bytes_text(struct bytes *b, const char *text)
{
	bytes_add(b, text, strlen(text));
}

void bytes_fill(struct bytes *b, uint8_t value, size_t n)
{
	assert(b->len + n <= BYTES_MAX);
	memset(b->at + b->len, value, n);
	b->len += n;
}

static void put_be16(uint8_t *at, size_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put_be32(uint8_t *at, uint32_t v)
{
	put_be16(at, v >> 16);
	put_be16(at + 2, v & 0xffff);
}

static uint32_t sum(const uint8_t *at, size_t n)
{
	uint32_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += i & 1 ? at[i] : (uint32_t)at[i] << 8;
	return total;
}

static uint16_t folded(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

void tcp(struct bytes *b, uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack, uint8_t flags)
{
	uint8_t h[20] = { 0 };

	put_be16(h, sport);
	put_be16(h + 2, dport);
	put_be32(h + 4, seq);
	put_be32(h + 8, ack);
	h[12] = 5 << 4;
	h[13] = flags;
	put_be16(h + 14, 0xffff);
	bytes_prepend(b, h, sizeof(h));
}

void udp(struct bytes *b, uint16_t sport, uint16_t dport)
{
	uint8_t h[8] = { 0 };

	put_be16(h, sport);
	put_be16(h + 2, dport);
	put_be16(h + 4, b->len + 8);
	bytes_prepend(b, h, sizeof(h));
}

void icmp(struct bytes *b, uint8_t type, uint8_t code, uint16_t id, uint16_t seq)
{
	uint8_t h[8] = { type, code };

	put_be16(h + 4, id);
	put_be16(h + 6, seq);
	put_be16(h + 2, folded(sum(h, 8) + sum(b->at, b->len)));
	bytes_prepend(b, h, sizeof(h));
}

/* Where the transport checksum stands, with the sum of the pseudo header over two addresses. */
static void mend_transport(struct bytes *b, uint8_t protocol, const uint8_t *addresses, size_t n)
{
	size_t at = protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 : 0;

	if (!at || b->len < at + 2)
		return;
	put_be16(b->at + at, 0);
	put_be16(b->at + at,
		 folded(sum(addresses, n) + protocol + (uint32_t)b->len + sum(b->at, b->len)));
}

void ip4(struct bytes *b, const char *src, const char *dst, uint8_t protocol)
{
	uint8_t h[20] = { 0x45, [8] = 64, [9] = protocol };

	inet_pton(AF_INET, src, h + 12);
	inet_pton(AF_INET, dst, h + 16);
	mend_transport(b, protocol, h + 12, 8);
	put_be16(h + 2, b->len + 20);
	put_be16(h + 10, folded(sum(h, 20)));
	bytes_prepend(b, h, sizeof(h));
}

void ip6(struct bytes *b, const char *src, const char *dst, uint8_t next)
{
	uint8_t h[40] = { 0x60, [6] = next, [7] = 64 };

	inet_pton(AF_INET6, src, h + 8);
	inet_pton(AF_INET6, dst, h + 24);
	mend_transport(b, next, h + 8, 32);
	put_be16(h + 4, b->len);
	bytes_prepend(b, h, sizeof(h));
}

void ethernet(struct bytes *b, uint16_t type)
{
	uint8_t h[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };

	put_be16(h + 12, type);
	bytes_prepend(b, h, sizeof(h));
}

void fragment4(const struct bytes *whole, uint16_t id, size_t offset, size_t n, struct bytes *out)
{
	out->len = 0;
	bytes_add(out, whole->at, 20);
	bytes_add(out, whole->at + 20 + offset, n);
	put_be16(out->at + 2, n + 20);
	put_be16(out->at + 4, id);
	put_be16(out->at + 6, offset / 8 | (offset + n < whole->len - 20 ? 0x2000 : 0));
	put_be16(out->at + 10, 0);
	put_be16(out->at + 10, folded(sum(out->at, 20)));
}

void fragment6(const struct bytes *whole, uint32_t id, size_t offset, size_t n, struct bytes *out)
{
	uint8_t h[8] = { whole->at[6] };

	put_be16(h + 2, offset | (offset + n < whole->len - 40));
	put_be32(h + 4, id);
	out->len = 0;
	bytes_add(out, whole->at, 40);
	bytes_add(out, h, 8);
	bytes_add(out, whole->at + 40 + offset, n);
	put_be16(out->at + 4, n + 8);
	out->at[6] = IPPROTO_FRAGMENT;
}

struct packet packet_of(const struct bytes *b)
{
	return (struct packet){
		.data = b->at,
		.len = (uint32_t)b->len,
		.wire_len = (uint32_t)b->len,
		.frame_len = (uint32_t)b->len,
		.time = 1000 * SECOND,
	};
}

void each_prefix(const void *data, size_t n, void (*test)(const uint8_t *data, size_t n, void *ctx),
		 void *ctx)
{
	for (size_t i = 0; i <= n; i++) {
		uint8_t *copy = malloc(i ? i : 1);

		assert(copy);
		memcpy(copy, data, i);
		test(copy, i, ctx);
		free(copy);
	}
}
