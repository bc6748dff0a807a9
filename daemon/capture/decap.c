/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/decap.h"

#include "daemon/capture/ethertype.h"
#include "daemon/decode.h"
#include "daemon/packet.h"

#include <netinet/in.h>
#include <string.h>

/*
 * Each reader gets what follows the transport header and says what it found as link_strip does;
 * LINK_UNKNOWN: this is no user's packet of such a tunnel after all.
 */
typedef enum link_result reader(struct cursor c, struct link *out);

static enum link_result ip(struct cursor c, struct link *out)
{
	if (c.tripped || c.left == 0 || (c.at[0] >> 4 != 4 && c.at[0] >> 4 != 6))
		return LINK_OTHER;
	out->ip = c;
	return LINK_IP;
}

/* ERSPAN II: version, VLAN, session, index: 8 bytes. III: 12, and 8 more when its last bit says so. */
static enum link_result erspan(struct cursor c, bool third, struct link *out)
{
	uint8_t flags;

	cursor_skip(&c, third ? 11 : 8);
	flags = third ? cursor_u8(&c) : 0;
	cursor_skip(&c, flags & 1 ? 8 : 0);
	return c.tripped ? LINK_SHORT : link_ethernet(c, out);
}

/* checksum C, routing R, key K, sequence S; version 1 (PPTP) has an acknowledgement A and carries PPP */
static enum link_result gre(struct cursor c, struct link *out)
{
	uint16_t flags = cursor_be16(&c), type = cursor_be16(&c);
	bool pptp = (flags & 7) == 1, sequence = flags & 0x1000;

	if ((flags & 7) > 1 || (flags & 0x4000))
		return LINK_UNKNOWN;
	cursor_skip(&c, flags & 0x8000 ? 4 : 0);
	cursor_skip(&c, flags & 0x2000 ? 4 : 0);
	cursor_skip(&c, sequence ? 4 : 0);
	cursor_skip(&c, pptp && (flags & 0x0080) ? 4 : 0);
	if (c.tripped)
		return LINK_SHORT;
	switch (type) {
	case 0x880b:
		if (cursor_starts(&c, "\xff\x03", 2))
			cursor_skip(&c, 2);
		return link_ppp(c, out);
	case 0x88be: return sequence ? erspan(c, false, out) : link_ethernet(c, out);
	case 0x22eb: return erspan(c, true, out);
	default: return link_ethertype(type, c, out);
	}
}

/* Extension headers: length in 4 bytes, content, type of the next one in the last byte. */
static void gtp_extensions(struct cursor *c)
{
	uint8_t next = 1;

	while (next && !c->tripped) {
		uint32_t length = cursor_u8(c) * 4u;

		cursor_skip(c, length < 4 ? SIZE_MAX : length - 2);
		next = cursor_u8(c);
	}
}

static enum link_result gtp(struct cursor c, struct link *out)
{
	uint8_t flags = cursor_u8(&c), message = cursor_u8(&c);

	if (flags >> 5 != 1 || message != 0xff) /* version 1, a user's packet */
		return LINK_UNKNOWN;
	cursor_skip(&c, 6);
	if (flags & 7)
		cursor_skip(&c, flags & 4 ? 3 : 4);
	if (flags & 4) {
		uint8_t first = cursor_u8(&c);

		if (first)
			gtp_extensions(&c);
	}
	return ip(c, out);
}

/* version 1, type (0 a received frame), what it is; tags: 0 padding, 1 end, others with a length */
static enum link_result tzsp(struct cursor c, struct link *out)
{
	uint16_t head = cursor_be16(&c), kind = cursor_be16(&c);
	uint8_t tag;

	if (head != 0x0100)
		return LINK_UNKNOWN;
	while ((tag = cursor_u8(&c)) != 1 && !c.tripped)
		if (tag)
			cursor_skip(&c, cursor_u8(&c));
	if (c.tripped)
		return LINK_SHORT;
	switch (kind) {
	case 1: return link_ethernet(c, out);
	case 18: return link_strip(105, c, out);
	default: return LINK_OTHER;
	}
}

/*
 * Preamble 0, then header length (5 bits, in 4 bytes), radio, binding; bit T: 802.11, else 802.3. Cisco's
 * controllers send the two bytes of 802.11's frame control the wrong way round.
 */
static enum link_result capwap(struct cursor c, struct link *out)
{
	struct cursor head = c;
	uint32_t bits = cursor_be32(&head), length = (bits >> 19 & 31) * 4;
	uint8_t turned[64];
	size_t n;

	if (bits >> 24 || (bits & 0x80) || length < 8) /* other preamble; fragment */
		return LINK_UNKNOWN;
	cursor_skip(&c, length);
	if (c.tripped)
		return LINK_SHORT;
	if (!(bits & 0x100))
		return link_ethernet(c, out);
	if (link_strip(105, c, out) == LINK_IP)
		return LINK_IP;
	n = c.left < sizeof(turned) ? c.left : sizeof(turned);
	if (n < 2)
		return LINK_SHORT;
	memcpy(turned, c.at, n);
	turned[0] = c.at[1];
	turned[1] = c.at[0];
	if (link_strip(105, cursor_of(turned, n), out) != LINK_IP)
		return LINK_OTHER;
	cursor_skip(&c, n - out->ip.left);
	return ip(c, out);
}

static enum link_result vxlan(struct cursor c, struct link *out)
{
	uint8_t flags = cursor_u8(&c);

	cursor_skip(&c, 7);
	if (!(flags & 0x08))
		return LINK_UNKNOWN;
	return c.tripped ? LINK_SHORT : link_ethernet(c, out);
}

static enum link_result geneve(struct cursor c, struct link *out)
{
	uint8_t head = cursor_u8(&c);
	uint16_t type;

	cursor_skip(&c, 1);
	type = cursor_be16(&c);
	cursor_skip(&c, 4 + (head & 63) * 4u);
	if (c.tripped || head >> 6)
		return LINK_UNKNOWN;
	return link_ethertype(type, c, out);
}

/* Authentication (0x0001) and origin (0x0000) indications may stand before the packet. */
static enum link_result teredo(struct cursor c, struct link *out)
{
	if (cursor_starts(&c, "\0\1", 2)) {
		cursor_skip(&c, 2);
		uint8_t client = cursor_u8(&c), value = cursor_u8(&c);

		cursor_skip(&c, 9u + client + value);
	}
	if (cursor_starts(&c, "\0\0", 2))
		cursor_skip(&c, 8);
	return c.left >= 40 && c.at[0] >> 4 == 6 ? ip(c, out) : LINK_UNKNOWN;
}

/* type T, length L, sequence S, offset O; version 2; data messages carry PPP */
static enum link_result l2tp(struct cursor c, struct link *out)
{
	uint16_t flags = cursor_be16(&c);

	if ((flags & 15) != 2 || (flags & 0x8000))
		return LINK_UNKNOWN;
	cursor_skip(&c, flags & 0x4000 ? 2 : 0);
	cursor_skip(&c, 4);
	cursor_skip(&c, flags & 0x0800 ? 4 : 0);
	if (flags & 0x0200) {
		uint16_t offset = cursor_be16(&c);

		cursor_skip(&c, offset);
	}
	if (cursor_starts(&c, "\xff\x03", 2))
		cursor_skip(&c, 2);
	return link_ppp(c, out);
}

static enum link_result mpls(struct cursor c, struct link *out)
{
	return link_ethertype(0x8847, c, out);
}

static enum link_result etherip(struct cursor c, struct link *out)
{
	uint16_t version = cursor_be16(&c);

	return version == 0x3000 ? link_ethernet(c, out) : LINK_UNKNOWN;
}

static const struct {
	unsigned int kind;
	uint8_t protocol;
	uint16_t port; /* UDP, either side */
	reader *read;
} tunnels[] = {
	{ DECAP_IPIP, IPPROTO_IPIP, 0, ip },         { DECAP_IPIP, IPPROTO_IPV6, 0, ip },
	{ DECAP_GRE, IPPROTO_GRE, 0, gre },          { DECAP_ETHERIP, 97, 0, etherip },
	{ DECAP_MPLS, IPPROTO_MPLS, 0, mpls },       { DECAP_GTP, IPPROTO_UDP, 2152, gtp },
	{ DECAP_TZSP, IPPROTO_UDP, 37008, tzsp },    { DECAP_CAPWAP, IPPROTO_UDP, 5247, capwap },
	{ DECAP_VXLAN, IPPROTO_UDP, 4789, vxlan },   { DECAP_VXLAN, IPPROTO_UDP, 8472, vxlan },
	{ DECAP_GENEVE, IPPROTO_UDP, 6081, geneve }, { DECAP_TEREDO, IPPROTO_UDP, 3544, teredo },
	{ DECAP_L2TP, IPPROTO_UDP, 1701, l2tp },     { DECAP_MPLS, IPPROTO_UDP, 6635, mpls },
};

static reader *reader_of(unsigned int kinds, const struct headers *h)
{
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++) {
		if (!(tunnels[i].kind & kinds) || tunnels[i].protocol != h->protocol)
			continue;
		if (tunnels[i].port == 0 || tunnels[i].port == h->sport ||
		    tunnels[i].port == h->dport)
			return tunnels[i].read;
	}
	return NULL;
}

static void enter(struct packet *p, const struct link *inner)
{
	uint32_t outer = (uint32_t)(inner->ip.at - p->data);

	p->data = inner->ip.at;
	p->len = (uint32_t)inner->ip.left;
	p->wire_len = p->wire_len > outer + p->len ? p->wire_len - outer : p->len;
	p->vlan = inner->vlan ? inner->vlan : p->vlan;
	p->has_mac = inner->has_mac;
	memcpy(p->mac, inner->mac, sizeof(p->mac));
}

enum decap_result decap_packet(unsigned int kinds, struct packet *p)
{
	struct link inner = { 0 };
	struct headers h;
	reader *read;

	if (decode_packet(p, &h) != DECODE_OK || h.frag_offset)
		return DECAP_NONE;
	read = reader_of(kinds, &h);
	if (!read)
		return DECAP_NONE;
	switch (read(h.payload, &inner)) {
	case LINK_IP: enter(p, &inner); return DECAP_OPENED;
	case LINK_OTHER: return DECAP_NO_IP;
	case LINK_SHORT:
	case LINK_UNKNOWN: break;
	}
	return DECAP_NONE;
}
