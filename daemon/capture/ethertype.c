/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/ethertype.h"

#include <string.h>

enum {
	TAGS_MAX = 8,
	FRAMES_MAX = 4
}; /* VLAN tags and MPLS labels of a frame; Ethernet in Ethernet */

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_BRIDGED = 0x6558,
	TYPE_8021Q = 0x8100,
	TYPE_8021AD = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_PPPOE = 0x8864,
	TYPE_CISCO_METADATA = 0x8909,
	TYPE_LENGTH_MAX = 1500,
};

enum link_result link_ip(struct cursor c, struct link *out)
{
	if (c.tripped || c.left == 0)
		return LINK_SHORT;
	if (c.at[0] >> 4 != 4 && c.at[0] >> 4 != 6)
		return LINK_OTHER;
	out->ip = c;
	return LINK_IP;
}

/* MPLS, RFC 3032: label 20, class 3, bottom 1, ttl 8 bits. What is under the bottom label only shows. */
static enum link_result mpls(struct cursor c, struct link *out)
{
	for (int n = 0; n < TAGS_MAX; n++) {
		if (!(cursor_be32(&c) & 0x100) && !c.tripped)
			continue;
		if (c.tripped || c.left == 0)
			return LINK_SHORT;
		if (c.at[0] >> 4)
			return link_ip(c, out);
		cursor_skip(&c, 4); /* control word of a pseudowire, RFC 4385 */
		return link_ethernet(c, out);
	}
	return LINK_OTHER;
}

/* A protocol number may be shortened to one odd byte, RFC 1661, 6.5. */
enum link_result link_ppp(struct cursor c, struct link *out)
{
	uint16_t protocol = cursor_u8(&c);

	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | cursor_u8(&c));
	if (c.tripped)
		return LINK_SHORT;
	switch (protocol) {
	case 0x0021:
	case 0x0057: return link_ip(c, out);
	case 0x0281: return mpls(c, out);
	default: return LINK_OTHER;
	}
}

/* RFC 2516, 4: version 1, type 1, code 0 (session), session id, length of the PPP frame. */
enum link_result link_pppoe(struct cursor c, struct link *out)
{
	uint16_t head = cursor_be16(&c);

	cursor_skip(&c, 4);
	if (c.tripped)
		return LINK_SHORT;
	return head == 0x1100 ? link_ppp(c, out) : LINK_OTHER;
}

/* IEEE 802.2: SNAP names an EtherType; an access point of its own, 6, is IP. */
enum link_result link_llc(struct cursor c, struct link *out)
{
	uint8_t to = cursor_u8(&c), from = cursor_u8(&c), control = cursor_u8(&c);
	uint32_t organisation;
	uint16_t type;

	if (c.tripped)
		return LINK_SHORT;
	if (to == 0x06 && from == 0x06 && control == 0x03)
		return link_ip(c, out);
	if (to != 0xaa || from != 0xaa || control != 0x03)
		return LINK_OTHER;
	organisation = cursor_be24(&c);
	type = cursor_be16(&c);
	if (c.tripped)
		return LINK_SHORT;
	if (organisation != 0 && organisation != 0x0000f8) /* Ethernet, and 802.1H bridging */
		return LINK_OTHER;
	return type > TYPE_LENGTH_MAX ? link_ethertype(type, c, out) : LINK_OTHER;
}

static uint16_t tag(struct cursor *c, struct link *out)
{
	uint16_t id = cursor_be16(c) & 0x0fff, type = cursor_be16(c);

	if (!out->vlan)
		out->vlan = id;
	else
		out->vlan_inner = id;
	return type;
}

enum link_result link_ethertype(uint16_t type, struct cursor c, struct link *out)
{
	for (int n = 0; n < TAGS_MAX; n++) {
		switch (type) {
		case TYPE_IPV4:
		case TYPE_IPV6: return link_ip(c, out);
		case TYPE_8021Q:
		case TYPE_8021AD:
		case TYPE_QINQ_OLD: type = tag(&c, out); break;
		case TYPE_CISCO_METADATA: /* version, length, options, type */
			cursor_skip(&c, 6);
			type = cursor_be16(&c);
			break;
		case TYPE_MPLS:
		case TYPE_MPLS_MULTICAST: return mpls(c, out);
		case TYPE_PPPOE: return link_pppoe(c, out);
		case TYPE_BRIDGED: return link_ethernet(c, out);
		default:
			if (type <= TYPE_LENGTH_MAX)
				return link_llc(c, out);
			out->ip = c;
			return LINK_OTHER;
		}
		if (c.tripped)
			return LINK_SHORT;
	}
	return LINK_OTHER;
}

void link_mac(struct cursor *c, struct link *out)
{
	const uint8_t *mac = cursor_take(c, 6);

	if (!mac)
		return;
	memcpy(out->mac, mac, 6);
	out->has_mac = true;
}

enum link_result link_ethernet(struct cursor c, struct link *out)
{
	uint16_t type;

	if (out->frames++ == FRAMES_MAX)
		return LINK_OTHER;
	cursor_skip(&c, 6);
	link_mac(&c, out);
	type = cursor_be16(&c);
	return c.tripped ? LINK_SHORT : link_ethertype(type, c, out);
}
