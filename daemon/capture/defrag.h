/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * defrag: IPv4 and IPv6 packets put together from their fragments, for captures. Live the kernel has
 * done it before an engine sees a packet, so this follows Linux (since 4.20) where it has a choice:
 *
 * - a fragment that lies wholly inside what is there already is ignored, even with other bytes;
 * - one that overlaps in part ends the whole datagram (RFC 5722; IPv4 the same);
 * - one that contradicts the known end is dropped, and ends an IPv4 datagram; so does 64 KB;
 * - a datagram not whole within its time is dropped (IPv4 30 s, IPv6 60 s after its first fragment);
 * - while memory or the number of datagrams is at its limit, no new one is begun.
 * An IPv6 packet that is its own only fragment (RFC 6946) passes at once.
 */
#ifndef DAEMON_CAPTURE_DEFRAG_H
#define DAEMON_CAPTURE_DEFRAG_H

#include <stddef.h>
#include <stdint.h>

struct defrag;
struct packet;

struct defrag_conf {
	size_t datagrams;		/* at most so many at once */
	size_t bytes;			/* ... and so much memory for their fragments */
	int64_t timeout_v4, timeout_v6;	/* ns */
};
extern const struct defrag_conf defrag_conf_default;	/* 4096, 4 MB, 30 s, 60 s */

struct defrag_counters {
	uint64_t fragments;		/* fragments seen */
	uint64_t reassembled;		/* packets put together */
	uint64_t duplicates;		/* fragments ignored: already there */
	uint64_t overlaps;		/* fragments that overlap or contradict */
	uint64_t timeouts;		/* datagrams never whole */
	uint64_t refused;		/* fragments cut short or malformed, or over the limits */
};

enum defrag_result {
	DEFRAG_WHOLE,			/* the packet is no fragment; nothing was done */
	DEFRAG_KEPT,			/* a fragment, kept or dropped: nothing to look at */
	DEFRAG_MADE,			/* the packet is now the whole one */
};

struct defrag *defrag_new(const struct defrag_conf *conf);	/* NULL: no memory */
void defrag_free(struct defrag *d);

/**
 * defrag_packet - take the next packet
 * @p: in: a packet that starts at its IP header; out, for DEFRAG_MADE: the whole one, with the bytes of
 *     the frames added up in frame_len and everything else as in its last fragment. Its data is
 *     borrowed until the next call.
 */
enum defrag_result defrag_packet(struct defrag *d, struct packet *p);

const struct defrag_counters *defrag_counters(const struct defrag *d);

#endif
