/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ethertype: Ethernet and what stands in it before IP: tags, MPLS, PPPoE, LLC. For the link layers and
 * tunnels that carry the same. Every reader starts at its own header and says as link_strip what it found.
 */
#ifndef DAEMON_CAPTURE_ETHERTYPE_H
#define DAEMON_CAPTURE_ETHERTYPE_H

#include "daemon/capture/link.h"

enum link_result link_ip(struct cursor c, struct link *out);
enum link_result link_ethernet(struct cursor c, struct link *out);
enum link_result link_ethertype(uint16_t type, struct cursor c, struct link *out);	/* behind the type */
enum link_result link_llc(struct cursor c, struct link *out);		/* IEEE 802.2 */
enum link_result link_pppoe(struct cursor c, struct link *out);		/* session, RFC 2516 */
enum link_result link_ppp(struct cursor c, struct link *out);		/* from the protocol number on */

/* link_mac - takes a source address */
void link_mac(struct cursor *c, struct link *out);

#endif
