/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unwrap: from a captured frame to the packet that an engine would have seen: link layer off, the second
 * sight of a forwarded packet left out, fragments together, tunnels opened where wanted.
 */
#ifndef DAEMON_CAPTURE_UNWRAP_H
#define DAEMON_CAPTURE_UNWRAP_H

#include <stddef.h>

struct event_counter;
struct frame;
struct interfaces;
struct packet;
struct source_pcap_conf;
struct unwrap;

enum unwrap_result {
	UNWRAP_PACKET,
	UNWRAP_NOTHING,		/* no IP, a copy, or a fragment that is not the last: counted */
	UNWRAP_UNKNOWN_LINK,
};

/* unwrap_new - @interfaces: borrowed; names of Linux cooked v2 interfaces are numbered in it. NULL: no memory */
struct unwrap *unwrap_new(const struct source_pcap_conf *conf, struct interfaces *interfaces);
void unwrap_free(struct unwrap *u);

/* unwrap_frame - *p is borrowed from the frame or from @u until the next call; its id is not set */
enum unwrap_result unwrap_frame(struct unwrap *u, const struct frame *f, struct packet *p);

size_t unwrap_counters(const struct unwrap *u, struct event_counter *out, size_t max);

#endif
