/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decap: the packet inside a tunnel, for captures taken outside of it. A setting, off as a rule: live
 * the kernel decides on the packets it routes, and those are the outer ones.
 */
#ifndef DAEMON_CAPTURE_DECAP_H
#define DAEMON_CAPTURE_DECAP_H

#include <stdbool.h>

struct packet;

enum {
	DECAP_IPIP = 1,		/* IPv4 or IPv6 in either: RFC 2003, 2473, 4213 */
	DECAP_GRE = 2,		/* RFC 2784, 2890; PPTP's (RFC 2637) and ERSPAN inside */
	DECAP_GTP = 4,		/* GTP-U, 3GPP TS 29.281 */
	DECAP_TZSP = 8,		/* TaZmen sniffer protocol */
	DECAP_CAPWAP = 16,	/* data channel, RFC 5415, of 802.3 or 802.11 frames */
	DECAP_VXLAN = 32,	/* RFC 7348 */
	DECAP_GENEVE = 64,	/* RFC 8926 */
	DECAP_TEREDO = 128,	/* RFC 4380 */
	DECAP_L2TP = 256,	/* version 2, RFC 2661 */
	DECAP_MPLS = 512,	/* MPLS in IP and UDP, RFC 4023, 7510 */
	DECAP_ETHERIP = 1024,	/* RFC 3378 */
	DECAP_ALL = 2047,
	DECAP_READER = DECAP_IPIP | DECAP_GTP | DECAP_TZSP | DECAP_CAPWAP,	/* ndpiReader 4.2 -t */
};

enum decap_result {
	DECAP_NONE,		/* no tunnel; the packet is as it was */
	DECAP_OPENED,		/* it is now the packet inside */
	DECAP_NO_IP,		/* a tunnel's packet that carries no IP: ARP, 802.11 beacons */
};

/**
 * decap_packet - if the packet is a tunnel's of one of @kinds, it becomes the packet inside
 * Changes data and lengths (frame_len stays), and vlan and mac to those of a frame inside, if there is one.
 * A tunnel in a tunnel takes another call.
 */
enum decap_result decap_packet(unsigned int kinds, struct packet *p);

#endif
