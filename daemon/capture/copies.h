/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * copies: the second sight of a forwarded packet. A capture on several interfaces of a box holds each
 * packet twice, where it came in and where it left; it counts where it came in.
 *
 * The copy that leaves is told by itself: the same IP packet with TTL or hop limit one less (and the
 * IPv4 checksum to match), on another interface or on a frame marked outgoing, within a second. Frames
 * marked outgoing that nothing came in for (sent by the capturing host itself) are no copies. Nor is what
 * is seen on a VLAN device or bridge and, with the same TTL, on the device under it: capture on the
 * interfaces that have the zones.
 */
#ifndef DAEMON_CAPTURE_COPIES_H
#define DAEMON_CAPTURE_COPIES_H

#include <stdbool.h>
#include <stdint.h>

struct copies;
struct packet;

struct copies *copies_new(void);	/* NULL: no memory. 128 KB: the last 4096 packets */
void copies_free(struct copies *c);

/* copies_seen - whether the packet repeats one that came in before; else it is remembered */
bool copies_seen(struct copies *c, const struct packet *p, bool outgoing);

#endif
