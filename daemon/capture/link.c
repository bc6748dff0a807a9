/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/link.h"

#include "daemon/capture/ethertype.h"
#include "daemon/capture/wifi.h"

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
		return link_llc(c, out);
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
		link_mac(&c, out);
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
		link_mac(&c, out);
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
			return link_ip(body, out);
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
	case 30: return link_ip(c, out);
	default: return c.tripped ? LINK_SHORT : LINK_OTHER;
	}
}

/* pflog: length of the header, rounded up to 4, then the family */
static enum link_result pflog(struct cursor c, struct link *out)
{
	uint32_t length = ((c.left ? c.at[0] : 0u) + 3u) & ~3u;

	cursor_skip(&c, length);
	return length < 4 ? LINK_SHORT : link_ip(c, out);
}

static enum link_result ipsec_encapsulated(struct cursor c, struct link *out)
{
	cursor_skip(&c, 12); /* OpenBSD enc(4): family, SPI, flags */
	return link_ip(c, out);
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
	case 0x8e: return link_ip(c, out);
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
	link_mac(&c, out);
	if (c.tripped)
		return LINK_SHORT;
	return (control & 0xf0) == 0x50 ? link_llc(c, out) : LINK_OTHER;
}

static enum link_result sun_atm(struct cursor c, struct link *out)
{
	out->direction = cursor_u8(&c) & 0x80 ? LINK_OUT : LINK_IN;
	cursor_skip(&c, 3);
	return link_llc(c, out);
}

/* ---- headers that name what stands behind them ---- */

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

/* ---- all of them ---- */

static const struct {
	uint32_t type;
	enum link_result (*strip)(struct cursor, struct link *);
} kinds[] = {
	{ 0, loopback },                  /* NULL */
	{ LINK_ETHERNET, link_ethernet }, /* EN10MB */
	{ 9, ppp },
	{ 10, fddi },
	{ 11, link_llc },    /* ATM_RFC1483 as libpcap numbers it here */
	{ 12, link_ip },     /* RAW as libpcap numbers it here */
	{ 14, link_ip },     /* ... and on OpenBSD */
	{ 50, ppp },         /* PPP_HDLC, PPP_SERIAL */
	{ 51, link_pppoe },  /* PPP_ETHER */
	{ 100, link_llc },   /* ATM_RFC1483 */
	{ 101, link_ip },    /* RAW */
	{ 104, ppp },        /* C_HDLC */
	{ 105, wifi_frame }, /* IEEE802_11 */
	{ 107, frame_relay },
	{ 108, loopback },           /* LOOP */
	{ 109, ipsec_encapsulated }, /* ENC */
	{ 113, cooked },             /* LINUX_SLL */
	{ 117, pflog },
	{ 119, wifi_prism },
	{ 123, sun_atm },
	{ 127, wifi_radiotap },
	{ 163, wifi_prism },   /* AVS */
	{ 166, ppp_directed }, /* PPP_PPPD */
	{ 192, ppi },
	{ 204, ppp_directed }, /* PPP_WITH_DIR */
	{ 228, link_ip },      /* IPV4 */
	{ 229, link_ip },      /* IPV6 */
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
		return link_ethernet(frame, out);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return kinds[i].strip(frame, out);
	return LINK_UNKNOWN;
}
