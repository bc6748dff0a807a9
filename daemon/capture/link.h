/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * link: from a captured frame to the IP packet in it.
 *
 * Link types are those of pcap files, https://www.tcpdump.org/linktypes.html: Ethernet with 802.1Q,
 * QinQ, 802.1ad tags, MPLS and PPPoE; Linux cooked v1 and v2; raw IP; BSD loopback; PPP in its
 * framings; 802.11 bare or behind radiotap, PPI, Prism, AVS; and the others of the table in link.c.
 * Whatever carries no IP (ARP, spanning tree, LLC, encrypted 802.11) is no error.
 */
#ifndef DAEMON_CAPTURE_LINK_H
#define DAEMON_CAPTURE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/cursor.h"

enum link_result {
	LINK_IP,		/* `ip` is it */
	LINK_OTHER,		/* a frame of something else */
	LINK_SHORT,		/* cut off before the IP header, or malformed */
	LINK_UNKNOWN,		/* a link type this reader does not know */
};

enum link_direction { LINK_ANY_WAY, LINK_IN, LINK_OUT };

#define LINK_ETHERNET 1u

struct link {
	struct cursor ip;		/* from the IP header to the end of the frame */
	uint32_t ifindex;		/* Linux cooked v2: interface of the capturing host; else 0 */
	uint16_t vlan;			/* id of the outermost tag, 0 none */
	uint16_t vlan_inner;		/* of the innermost, when there are several */
	uint8_t direction;		/* enum link_direction, where the link layer says it */
	uint8_t frames;			/* how many Ethernet headers stood around it */
	bool has_mac;
	uint8_t mac[6];			/* source address, Ethernet and what looks like it */
};

bool link_known(uint32_t type);

/*
 * link_strip - the IP packet of a frame
 * @out: set for LINK_IP; for LINK_OTHER `ip` is what an EtherType unknown here announces, else empty
 */
enum link_result link_strip(uint32_t type, struct cursor frame, struct link *out);

#endif
