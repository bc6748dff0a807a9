/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * segment: one TCP segment of our own making as an IP packet, checksums filled (RFC 9293, 3.1; RFC 791; RFC 8200).
 */
#ifndef DAEMON_INJECT_SEGMENT_H
#define DAEMON_INJECT_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ip.h"

#define SEGMENT_PAYLOAD_MAX 1200u	/* with all headers it fits into 1280, the least MTU of IPv6 */
#define SEGMENT_MAX (40u + 32u + SEGMENT_PAYLOAD_MAX)

struct segment {
	ip_t src, dst;			/* of one family */
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags;			/* TCP_FIN and so on */
	bool stamped;			/* with the timestamps option (RFC 7323, 3.2) */
	uint32_t stamp, echo;
	const void *payload;		/* borrowed */
	size_t len;			/* at most SEGMENT_PAYLOAD_MAX */
};

/* segment_make - Return: bytes written, 0 when the payload is too long */
size_t segment_make(const struct segment *s, uint8_t out[static SEGMENT_MAX]);

#endif
