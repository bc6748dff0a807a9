/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * packet: one packet as any source hands it over; it knows no source.
 */
#ifndef DAEMON_PACKET_H
#define DAEMON_PACKET_H

#include <stdbool.h>
#include <stdint.h>

struct packet {
	const uint8_t *data;	/* borrowed until the source's next(); starts at the IP header */
	uint32_t len;		/* bytes at data */
	uint32_t wire_len;	/* bytes of the IP packet that crossed the wire; more than len when cut short */
	uint32_t frame_len;	/* the same with the link layer, as a capture counts it; live: wire_len */
	int64_t time;		/* ns since 1970, from the kernel or the capture; nobody below reads a clock */
	uint32_t id;		/* the source's name for it, handed back with the verdict */
	uint32_t ifin, ifout;	/* interface numbers of the engine's table; 0 unknown */
	uint32_t mark;		/* the kernel's facts (rules/kernel/mark.h); 0 from a capture */
	uint16_t vlan;		/* outermost VLAN id of a capture, or 0 */
	bool live;		/* the kernel's ruleset has classified it: `mark` counts */
	bool gso;		/* several segments in one: it cannot be rewritten into a reset */
	bool no_csum;		/* checksums are not filled in yet */
	bool has_mac;
	uint8_t mac[6];		/* source address of the frame, when has_mac */
};

/* What the engine wants done with a packet; `mark` says it all to the kernel, a capture ignores it. */
struct outcome {
	uint8_t verdict;	/* enum mark_verdict */
	bool drop_packet;	/* not this packet (the flow stays undecided); never together with a verdict */
	bool opinion;		/* false: may go with a batch ("seen, no opinion") */
	uint16_t class_number;	/* echoed, so a verdict under a class since retired is never used */
	const uint8_t *rewrite;	/* borrowed until the verdict is given: it passes with these bytes; NULL: as it came */
	uint32_t rewrite_len;
};

#endif
