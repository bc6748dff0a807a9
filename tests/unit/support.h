/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * support: packets by hand for the unit tests, and every truncation of a thing.
 *
 * A packet is built from the inside out: payload, then tcp()/udp()/icmp(), then ip4()/ip6(), then
 * ethernet(); each puts its header before what is there, with lengths and checksums to match.
 */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

struct packet;

#define SECOND 1000000000ll
#define BYTES_MAX 70000

struct bytes {
	size_t len;
	uint8_t at[BYTES_MAX];
};

void bytes_add(struct bytes *b, const void *data, size_t n);		/* behind */
void bytes_prepend(struct bytes *b, const void *data, size_t n);	/* before */
void bytes_be16(struct bytes *b, uint16_t v);				/* behind, as the next ones */
void bytes_be32(struct bytes *b, uint32_t v);
void bytes_le16(struct bytes *b, uint16_t v);
void bytes_le32(struct bytes *b, uint32_t v);
void bytes_hex(struct bytes *b, const char *hex);			/* "45 00 0014", spaces as you like */
void bytes_text(struct bytes *b, const char *text);
void bytes_fill(struct bytes *b, uint8_t value, size_t n);

void tcp(struct bytes *b, uint16_t sport, uint16_t dport, uint32_t seq, uint32_t ack, uint8_t flags);
void udp(struct bytes *b, uint16_t sport, uint16_t dport);
void icmp(struct bytes *b, uint8_t type, uint8_t code, uint16_t id, uint16_t seq);
void ip4(struct bytes *b, const char *src, const char *dst, uint8_t protocol);
void ip6(struct bytes *b, const char *src, const char *dst, uint8_t next);
void ethernet(struct bytes *b, uint16_t type);	/* from 02:00:00:00:00:01 to 02:00:00:00:00:02 */

/* fragment4 - the piece of a whole IPv4 packet from data byte @offset on, @n bytes (a multiple of 8 unless last) */
void fragment4(const struct bytes *whole, uint16_t id, size_t offset, size_t n, struct bytes *out);
void fragment6(const struct bytes *whole, uint32_t id, size_t offset, size_t n, struct bytes *out);

/* packet_of - the bytes as a source would hand them over; time 1000 s */
struct packet packet_of(const struct bytes *b);

/* each_prefix - call @test with 0, 1, ... all bytes, each time in memory of exactly that size */
void each_prefix(const void *data, size_t n, void (*test)(const uint8_t *data, size_t n, void *ctx), void *ctx);

#endif
