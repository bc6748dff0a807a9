/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/decode.h"

#include "daemon/packet.h"

#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

const char *const decode_error_words[DECODE_COUNT] = {
	[DECODE_OK] = "ok",         [DECODE_SHORT] = "short",     [DECODE_VERSION] = "version",
	[DECODE_LENGTH] = "length", [DECODE_OPTIONS] = "options", [DECODE_MAPPED] = "mapped",
};

enum { EXTENSIONS_MAX = 8 }; /* senders use one or two; more only hide the transport header */

/*
 * What is left of the packet as it crossed the wire. It is more than the cursor has when the packet
 * was cut short; lengths are judged by it, bytes are read by the cursor.
 */
struct reader {
	struct cursor c;
	uint32_t wire;
	bool embedded; /* inside an ICMP error: the transport header need not be whole */
};

static void skip(struct reader *r, uint32_t n)
{
	cursor_skip(&r->c, n);
	r->wire -= n;
}

/* The transport header is read; the rest, at most `length` bytes, is payload. */
static enum decode_error payload(struct reader *r, struct headers *h, uint16_t l4_len,
				 uint32_t length)
{
	if (r->c.tripped)
		return DECODE_SHORT;
	h->l4_len = l4_len;
	h->payload = cursor_of(r->c.at, r->c.left < length ? r->c.left : length);
	return DECODE_OK;
}

/*
 *  0      2      4          8          12  13    14     16    18     20
 *  | from | to   | sequence | ack      |len|flags|window| sum | urg  | options ...   RFC 9293, 3.1
 */
static enum decode_error decode_tcp(struct reader *r, struct headers *h)
{
	uint32_t wire = r->wire, header;

	h->sport = cursor_be16(&r->c);
	h->dport = cursor_be16(&r->c);
	h->seq = cursor_be32(&r->c);
	if (r->embedded)
		return payload(r, h, 8, 0);
	h->ack = cursor_be32(&r->c);
	header = (uint32_t)(cursor_u8(&r->c) >> 4) * 4;
	h->tcp_flags = cursor_u8(&r->c);
	h->window = cursor_be16(&r->c);
	cursor_skip(&r->c, 4);
	if (r->c.tripped)
		return wire < 20 ? DECODE_LENGTH : DECODE_SHORT;
	if (header < 20 || header > wire)
		return DECODE_LENGTH;
	r->wire -= 20;
	skip(r, header - 20);
	return payload(r, h, (uint16_t)header, r->wire);
}

/* UDP, RFC 768. The length counts the 8 bytes of the header; conntrack refuses one past the packet. */
static enum decode_error decode_udp(struct reader *r, struct headers *h)
{
	uint32_t wire = r->wire, length;

	h->sport = cursor_be16(&r->c);
	h->dport = cursor_be16(&r->c);
	length = cursor_be16(&r->c);
	cursor_skip(&r->c, 2); /* checksum: unfilled on live GSO packets */
	if (r->embedded)
		return payload(r, h, 8, 0);
	if (r->c.tripped)
		return wire < 8 ? DECODE_LENGTH : DECODE_SHORT;
	if (length < 8 || (length > wire && !h->fragment))
		return DECODE_LENGTH;
	r->wire -= 8;
	return payload(r, h, 8, length - 8 < r->wire ? length - 8 : r->wire);
}

/* Queries carry an identifier (RFC 792: echo, timestamp, information, address mask). */
static bool icmp_has_identifier(uint8_t protocol, uint8_t type)
{
	if (protocol == IPPROTO_ICMPV6)
		return type == ICMP6_ECHO_REQUEST || type == ICMP6_ECHO_REPLY;
	return type == ICMP_ECHO || type == ICMP_ECHOREPLY ||
	       (type >= ICMP_TIMESTAMP && type <= ICMP_ADDRESSREPLY);
}

static enum decode_error decode_icmp(struct reader *r, struct headers *h)
{
	uint32_t wire = r->wire;
	uint16_t identifier;

	h->icmp_type = cursor_u8(&r->c);
	h->icmp_code = cursor_u8(&r->c);
	cursor_skip(&r->c, 2);
	identifier = cursor_be16(&r->c);
	h->seq = cursor_be16(&r->c);
	if (r->c.tripped)
		return wire < 8 ? DECODE_LENGTH : DECODE_SHORT;
	h->dport = h->icmp_type;
	if (icmp_has_identifier(h->protocol, h->icmp_type))
		h->sport = identifier;
	r->wire -= 8;
	return payload(r, h, 8, r->wire);
}

static enum decode_error (*const transport[256])(struct reader *, struct headers *) = {
	[IPPROTO_TCP] = decode_tcp,
	[IPPROTO_UDP] = decode_udp,
	[IPPROTO_ICMP] = decode_icmp,
	[IPPROTO_ICMPV6] = decode_icmp,
}; /* NULL: no ports, all payload */

static enum decode_error decode_transport(struct reader *r, struct headers *h)
{
	if (h->frag_offset || !transport[h->protocol])
		return payload(r, h, 0, r->wire);
	return transport[h->protocol](r, h);
}

/* RFC 791, 3.1: end of list (0), no operation (1), else type, length, data. */
static enum decode_error check_options(struct cursor c)
{
	while (c.left) {
		uint8_t type = cursor_u8(&c), length;

		if (type == 0)
			break;
		if (type == 1)
			continue;
		length = cursor_u8(&c);
		if (length < 2)
			return DECODE_OPTIONS;
		cursor_skip(&c, length - 2u);
	}
	return c.tripped ? DECODE_OPTIONS : DECODE_OK;
}

/*
 * Cut what follows the IP packet (link padding), and say whether some of the packet is missing. One
 * that claims more than crossed the wire is refused, as the kernel does.
 */
static bool fit(struct reader *r, struct headers *h)
{
	if (h->total > r->wire && !r->embedded)
		return false;
	if (r->c.left > h->total)
		r->c.left = h->total;
	h->cut = r->c.left < h->total;
	r->wire = h->total;
	return true;
}

/*
 *  0   1   2      4    6          8   9     10    12     16
 *  |4 n|tos|total | id |flags/off |ttl|proto| sum | from | to | options to n * 4   RFC 791, 3.1
 */
static enum decode_error decode_v4(struct reader *r, struct headers *h, bool live)
{
	struct cursor c = r->c;
	uint32_t header = (uint32_t)(cursor_u8(&c) & 15) * 4, fragment;

	cursor_skip(&c, 1);
	h->total = cursor_be16(&c);
	h->frag_id = cursor_be16(&c);
	fragment = cursor_be16(&c);
	h->ttl = cursor_u8(&c);
	h->protocol = cursor_u8(&c);
	cursor_skip(&c, 2);
	h->src = ip_from_v4(cursor_be32(&c));
	h->dst = ip_from_v4(cursor_be32(&c));
	if (c.tripped)
		return DECODE_SHORT;
	if (h->total == 0 && live) /* the kernel's own packets above 64 KB leave it empty */
		h->total = r->wire;
	if (header < 20 || h->total < header || !fit(r, h))
		return DECODE_LENGTH;
	h->ip_len = (uint16_t)header;
	h->frag_offset = (uint16_t)((fragment & 0x1fff) * 8);
	h->frag_more = fragment & 0x2000;
	h->fragment = h->frag_offset || h->frag_more;
	skip(r, header);
	if (r->c.tripped)
		return DECODE_SHORT;
	if (check_options(cursor_sub(&c, header - 20)) != DECODE_OK)
		return DECODE_OPTIONS;
	return decode_transport(r, h);
}

static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT ||
	       next == IPPROTO_DSTOPTS || next == IPPROTO_AH;
}

/* next header, reserved, offset in 8 bytes (13 bits) + 2 spare + more, identification: RFC 8200, 4.5 */
static uint32_t read_fragment(struct cursor *c, struct headers *h)
{
	uint16_t offset;

	cursor_skip(c, 1);
	offset = cursor_be16(c);
	h->frag_id = cursor_be32(c);
	h->frag_offset = offset & 0xfff8;
	h->frag_more = offset & 1;
	h->fragment = h->frag_offset || h->frag_more;
	return 8;
}

/* Reads one extension header; what follows it is h->protocol. Return: its length, 0 when it is cut. */
static uint32_t read_extension(struct cursor c, struct headers *h)
{
	uint8_t kind = h->protocol, next = cursor_u8(&c);
	uint32_t length;

	if (kind == IPPROTO_FRAGMENT)
		length = read_fragment(&c, h);
	else if (kind == IPPROTO_AH)
		length = (cursor_u8(&c) + 2u) * 4;
	else
		length = (cursor_u8(&c) + 1u) * 8;
	h->protocol = next;
	return c.tripped ? 0 : length;
}

static enum decode_error decode_extensions(struct reader *r, struct headers *h)
{
	for (int n = 0; is_extension(h->protocol) && !h->frag_offset; n++) {
		uint32_t length;

		if (n == EXTENSIONS_MAX || (n && h->protocol == IPPROTO_HOPOPTS))
			return DECODE_OPTIONS;
		length = read_extension(r->c, h);
		if (length > r->wire || (length == 0 && r->wire < 8))
			return DECODE_LENGTH;
		if (length == 0 || length > r->c.left)
			return DECODE_SHORT;
		skip(r, length);
		h->ip_len = (uint16_t)(h->ip_len + length);
	}
	return DECODE_OK;
}

static bool read_address(struct cursor *c, ip_t *out)
{
	const uint8_t *bytes = cursor_take(c, 16);

	return !bytes || ip_from_v6(bytes, out);
}

/*
 *  0          4        6    7     8      24    40
 *  |6 ..flow  | length |next|hops | from | to  | extension headers, transport   RFC 8200, 3
 */
static enum decode_error decode_v6(struct reader *r, struct headers *h, bool live)
{
	struct cursor c = r->c;
	enum decode_error e;
	bool mapped;

	cursor_skip(&c, 4);
	h->total = 40u + cursor_be16(&c);
	h->protocol = cursor_u8(&c);
	h->ttl = cursor_u8(&c);
	mapped = !read_address(&c, &h->src);
	mapped |= !read_address(&c, &h->dst);
	if (c.tripped)
		return DECODE_SHORT;
	if (mapped)
		return DECODE_MAPPED;
	if (h->total == 40 && live)
		h->total = r->wire;
	if (!fit(r, h))
		return DECODE_LENGTH;
	h->ip_len = 40;
	skip(r, 40);
	e = decode_extensions(r, h);
	return e != DECODE_OK ? e : decode_transport(r, h);
}

static enum decode_error decode(struct reader *r, struct headers *h, bool live)
{
	h->ip = r->c.at;
	h->payload = cursor_of(r->c.at, 0);
	if (r->c.left == 0)
		return DECODE_SHORT;
	switch (r->c.at[0] >> 4) {
	case 4: return decode_v4(r, h, live);
	case 6: return decode_v6(r, h, live);
	default: return DECODE_VERSION;
	}
}

enum decode_error decode_packet(const struct packet *p, struct headers *h)
{
	struct reader r = { .c = cursor_of(p->data, p->len), .wire = p->wire_len };

	*h = (struct headers){ 0 };
	return decode(&r, h, p->live);
}

enum decode_error decode_embedded(struct cursor c, struct headers *h)
{
	struct reader r = { .c = c, .wire = (uint32_t)c.left, .embedded = true };

	*h = (struct headers){ 0 };
	return decode(&r, h, false);
}
