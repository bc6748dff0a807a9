/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/link.h"

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

static enum link_result ethernet(struct cursor c, struct link *out);

/* ---- what an EtherType announces ---- */

static enum link_result ip(struct cursor c, struct link *out)
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
			return ip(c, out);
		cursor_skip(&c, 4); /* control word of a pseudowire, RFC 4385 */
		return ethernet(c, out);
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
	case 0x0057: return ip(c, out);
	case 0x0281: return mpls(c, out);
	default: return LINK_OTHER;
	}
}

/* RFC 2516, 4: version 1, type 1, code 0 (session), session id, length of the PPP frame. */
static enum link_result pppoe(struct cursor c, struct link *out)
{
	uint16_t head = cursor_be16(&c);

	cursor_skip(&c, 4);
	if (c.tripped)
		return LINK_SHORT;
	return head == 0x1100 ? link_ppp(c, out) : LINK_OTHER;
}

/* IEEE 802.2: SNAP names an EtherType; an access point of its own, 6, is IP. */
static enum link_result llc(struct cursor c, struct link *out)
{
	uint8_t to = cursor_u8(&c), from = cursor_u8(&c), control = cursor_u8(&c);
	uint32_t organisation;
	uint16_t type;

	if (c.tripped)
		return LINK_SHORT;
	if (to == 0x06 && from == 0x06 && control == 0x03)
		return ip(c, out);
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
		case TYPE_IPV6: return ip(c, out);
		case TYPE_8021Q:
		case TYPE_8021AD:
		case TYPE_QINQ_OLD: type = tag(&c, out); break;
		case TYPE_CISCO_METADATA: /* version, length, options, type */
			cursor_skip(&c, 6);
			type = cursor_be16(&c);
			break;
		case TYPE_MPLS:
		case TYPE_MPLS_MULTICAST: return mpls(c, out);
		case TYPE_PPPOE: return pppoe(c, out);
		case TYPE_BRIDGED: return ethernet(c, out);
		default:
			if (type <= TYPE_LENGTH_MAX)
				return llc(c, out);
			out->ip = c;
			return LINK_OTHER;
		}
		if (c.tripped)
			return LINK_SHORT;
	}
	return LINK_OTHER;
}

static void take_mac(struct cursor *c, struct link *out)
{
	const uint8_t *mac = cursor_take(c, 6);

	if (!mac)
		return;
	memcpy(out->mac, mac, 6);
	out->has_mac = true;
}

static enum link_result ethernet(struct cursor c, struct link *out)
{
	uint16_t type;

	if (out->frames++ == FRAMES_MAX)
		return LINK_OTHER;
	cursor_skip(&c, 6);
	take_mac(&c, out);
	type = cursor_be16(&c);
	return c.tripped ? LINK_SHORT : link_ethertype(type, c, out);
}

/* ---- Linux ---- */

static void packet_type(uint16_t type, struct link *out)
{
	out->direction = type == 4 ? LINK_OUT : LINK_IN; /* PACKET_OUTGOING of packet(7) */
}

static enum link_result cooked_protocol(uint16_t protocol, struct cursor c, struct link *out)
{
	enum { NOVELL = 1, LLC = 4 };

	if (c.tripped)
		return LINK_SHORT;
	if (protocol == LLC)
		return llc(c, out);
	return protocol == NOVELL ? LINK_OTHER : link_ethertype(protocol, c, out);
}

/*  0     2      4       6         14        16
 *  |type |arphrd|address|address  |protocol |   */
static enum link_result cooked(struct cursor c, struct link *out)
{
	uint16_t length;

	packet_type(cursor_be16(&c), out);
	cursor_skip(&c, 2);
	length = cursor_be16(&c);
	if (length == 6) {
		take_mac(&c, out);
		cursor_skip(&c, 2);
	} else {
		cursor_skip(&c, 8);
	}
	return cooked_protocol(cursor_be16(&c), c, out);
}

/*  0         2        4       8      10     11      12       20
 *  |protocol |reserved|ifindex|arphrd| type |address| address |   */
static enum link_result cooked2(struct cursor c, struct link *out)
{
	uint16_t protocol = cursor_be16(&c);
	uint8_t length;

	cursor_skip(&c, 2);
	out->ifindex = cursor_be32(&c);
	cursor_skip(&c, 2);
	packet_type(cursor_u8(&c), out);
	length = cursor_u8(&c);
	if (length == 6) {
		take_mac(&c, out);
		cursor_skip(&c, 2);
	} else {
		cursor_skip(&c, 8);
	}
	return cooked_protocol(protocol, c, out);
}

/* nfnetlink_log messages: family, version, group, then attributes in the host's order; 9 is the packet */
static enum link_result nflog(struct cursor c, struct link *out)
{
	cursor_skip(&c, 4);
	while (c.left) {
		uint16_t length = cursor_le16(&c), type = cursor_le16(&c) & 0x7fff;
		struct cursor body = cursor_sub(&c, length - 4u);

		if (length < 4 || body.tripped)
			return LINK_SHORT;
		if (type == 9)
			return ip(body, out);
		cursor_skip(&c, -length & 3u);
	}
	return LINK_OTHER;
}

/* ---- loopback, tunnels of BSD, serial lines ---- */

/* The address family, in whatever byte order the capturing host had; IPv6 is 10, 24, 28 or 30. */
static enum link_result loopback(struct cursor c, struct link *out)
{
	uint32_t family = cursor_be32(&c);

	if (family > 0xffff)
		family = __builtin_bswap32(family);
	switch (family) {
	case 2:
	case 10:
	case 24:
	case 28:
	case 30: return ip(c, out);
	default: return c.tripped ? LINK_SHORT : LINK_OTHER;
	}
}

/* pflog: length of the header, rounded up to 4, then the family */
static enum link_result pflog(struct cursor c, struct link *out)
{
	uint32_t length = ((c.left ? c.at[0] : 0u) + 3u) & ~3u;

	cursor_skip(&c, length);
	return length < 4 ? LINK_SHORT : ip(c, out);
}

static enum link_result ipsec_encapsulated(struct cursor c, struct link *out)
{
	cursor_skip(&c, 12); /* OpenBSD enc(4): family, SPI, flags */
	return ip(c, out);
}

static enum link_result hdlc(struct cursor c, struct link *out)
{
	uint16_t type;

	cursor_skip(&c, 2); /* address, control */
	type = cursor_be16(&c);
	return c.tripped ? LINK_SHORT : link_ethertype(type, c, out);
}

/* PPP with or without the address and control of HDLC, or Cisco's framing: all are found under one type. */
static enum link_result ppp(struct cursor c, struct link *out)
{
	uint8_t first = c.left ? c.at[0] : 0;

	if (first == 0x0f || first == 0x8f)
		return hdlc(c, out);
	if (first == 0xff)
		cursor_skip(&c, 2);
	return link_ppp(c, out);
}

static enum link_result ppp_directed(struct cursor c, struct link *out)
{
	out->direction = cursor_u8(&c) ? LINK_OUT : LINK_IN;
	return ppp(c, out);
}

/* RFC 2427: address of 2 to 4 bytes, ended by a bit; control; padding; then a network layer protocol id */
static enum link_result frame_relay(struct cursor c, struct link *out)
{
	uint8_t id = 0;

	for (int n = 0; n < 4 && !(cursor_u8(&c) & 1); n++)
		;
	if (cursor_u8(&c) != 0x03)
		return c.tripped ? LINK_SHORT : LINK_OTHER;
	id = cursor_u8(&c);
	if (id == 0)
		id = cursor_u8(&c);
	switch (id) {
	case 0xcc:
	case 0x8e: return ip(c, out);
	case 0x80: {
		uint32_t organisation = cursor_be24(&c);
		uint16_t type = cursor_be16(&c);

		if (c.tripped)
			return LINK_SHORT;
		return organisation ? LINK_OTHER : link_ethertype(type, c, out);
	}
	default: return c.tripped ? LINK_SHORT : LINK_OTHER;
	}
}

static enum link_result fddi(struct cursor c, struct link *out)
{
	uint8_t control = cursor_u8(&c);

	cursor_skip(&c, 6);
	take_mac(&c, out);
	if (c.tripped)
		return LINK_SHORT;
	return (control & 0xf0) == 0x50 ? llc(c, out) : LINK_OTHER;
}

static enum link_result sun_atm(struct cursor c, struct link *out)
{
	out->direction = cursor_u8(&c) & 0x80 ? LINK_OUT : LINK_IN;
	cursor_skip(&c, 3);
	return llc(c, out);
}

/* ---- 802.11 ---- */

static uint16_t peek_le16(struct cursor c)
{
	return cursor_le16(&c);
}

/*
 * IEEE 802.11-2016, 9.2.3: control, duration, three addresses, sequence; a fourth address between access
 * points, QoS in half of the data types, HT control when the order bit is set with QoS.
 */
static enum link_result wifi_padded(struct cursor c, struct link *out, bool padded)
{
	uint16_t control = peek_le16(c);
	uint8_t subtype = control >> 4 & 15;
	uint32_t length = 24;

	if ((control >> 2 & 3) != 2 || (subtype & 4) || (control & 0x4000))
		return c.left < 2 ? LINK_SHORT : LINK_OTHER; /* no data, null data, protected */
	if ((control & 0x0300) == 0x0300)
		length += 6;
	if (subtype & 8)
		length += control & 0x8000 ? 6 : 2;
	if (padded)
		length = (length + 3) & ~3u;
	cursor_skip(&c, length);
	return llc(c, out);
}

static enum link_result wifi(struct cursor c, struct link *out)
{
	return wifi_padded(c, out, false);
}

/* radiotap.org: version, pad, length, presence words; the flags stand first, or behind the 8-byte TSFT. */
static enum link_result radiotap(struct cursor c, struct link *out)
{
	struct cursor head = c;
	uint32_t length, present, more;
	uint8_t flags = 0;

	cursor_skip(&head, 2);
	length = cursor_le16(&head);
	present = more = cursor_le32(&head);
	while ((more & 0x80000000u) && !head.tripped)
		more = cursor_le32(&head);
	if (present & 1)
		cursor_skip(&head, 8 + (-(size_t)(head.at - c.at) & 7));
	if (present & 2)
		flags = cursor_u8(&head);
	cursor_skip(&c, length);
	if (head.tripped || c.tripped || length < 8)
		return LINK_SHORT;
	return flags & 0x40 ? LINK_OTHER
			    : wifi_padded(c, out, flags & 0x20); /* bad checksum; padded */
}

/* What stands behind a header that names its link type; such headers do not nest. */
static enum link_result other_type(uint32_t type, struct cursor c, struct link *out)
{
	enum { PPI = 192, PKTAP = 258 };

	return type == PPI || type == PKTAP ? LINK_OTHER : link_strip(type, c, out);
}

/* Per-Packet Information: version, flags, length of it all, link type of what follows */
static enum link_result ppi(struct cursor c, struct link *out)
{
	struct cursor head = c;
	uint32_t length, type;

	cursor_skip(&head, 2);
	length = cursor_le16(&head);
	type = cursor_le32(&head);
	cursor_skip(&c, length);
	if (c.tripped || head.tripped || length < 8)
		return LINK_SHORT;
	return other_type(type, c, out);
}

/* macOS: length of it all, kind of record (1: a packet), link type of what follows */
static enum link_result pktap(struct cursor c, struct link *out)
{
	struct cursor head = c;
	uint32_t length = cursor_le32(&head), kind = cursor_le32(&head), type = cursor_le32(&head);

	cursor_skip(&c, length);
	if (c.tripped || head.tripped || length < 12)
		return LINK_SHORT;
	return kind == 1 ? other_type(type, c, out) : LINK_OTHER;
}

/* Prism: cookie and length in the host's order. AVS: the same in network order. */
static enum link_result prism(struct cursor c, struct link *out)
{
	struct cursor head = c;
	uint32_t cookie = cursor_be32(&head), length = cursor_be32(&head);

	if (cookie >> 12 != 0x80211)
		length = cookie == 0x44000000 ? __builtin_bswap32(length) : 144;
	cursor_skip(&c, length);
	return wifi(c, out);
}

/* ---- all of them ---- */

static const struct {
	uint32_t type;
	enum link_result (*strip)(struct cursor, struct link *);
} kinds[] = {
	{ 0, loopback },             /* NULL */
	{ LINK_ETHERNET, ethernet }, /* EN10MB */
	{ 9, ppp },
	{ 10, fddi },
	{ 11, llc },   /* ATM_RFC1483 as libpcap numbers it here */
	{ 12, ip },    /* RAW as libpcap numbers it here */
	{ 14, ip },    /* ... and on OpenBSD */
	{ 50, ppp },   /* PPP_HDLC, PPP_SERIAL */
	{ 51, pppoe }, /* PPP_ETHER */
	{ 100, llc },  /* ATM_RFC1483 */
	{ 101, ip },   /* RAW */
	{ 104, ppp },  /* C_HDLC */
	{ 105, wifi }, /* IEEE802_11 */
	{ 107, frame_relay },
	{ 108, loopback },           /* LOOP */
	{ 109, ipsec_encapsulated }, /* ENC */
	{ 113, cooked },             /* LINUX_SLL */
	{ 117, pflog },
	{ 119, prism },
	{ 123, sun_atm },
	{ 127, radiotap },
	{ 163, prism },        /* AVS */
	{ 166, ppp_directed }, /* PPP_PPPD */
	{ 192, ppi },
	{ 204, ppp_directed }, /* PPP_WITH_DIR */
	{ 228, ip },           /* IPV4 */
	{ 229, ip },           /* IPV6 */
	{ 239, nflog },
	{ 258, pktap },
	{ 276, cooked2 }, /* LINUX_SLL2 */
};

bool link_known(uint32_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return true;
	return false;
}

enum link_result link_strip(uint32_t type, struct cursor frame, struct link *out)
{
	*out = (struct link){ 0 };
	if (type == LINK_ETHERNET)
		return ethernet(frame, out);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return kinds[i].strip(frame, out);
	return LINK_UNKNOWN;
}
