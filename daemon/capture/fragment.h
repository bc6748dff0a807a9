/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fragment: what one fragment of a packet says of itself: IPv4 (RFC 791, 3.2), IPv6 (RFC 8200, 4.5).
 */
#ifndef DAEMON_CAPTURE_FRAGMENT_H
#define DAEMON_CAPTURE_FRAGMENT_H

#include <stdbool.h>
#include <stdint.h>

struct packet;

struct fragment_key {		/* which datagram it belongs to */
	uint8_t addresses[32];	/* source and destination as in the packet; IPv4 uses 8 */
	uint32_t id;
	uint8_t version;	/* 4 or 6 */
	uint8_t protocol;	/* IPv4 only */
};

struct fragment {
	struct fragment_key key;
	uint32_t header;	/* bytes before the data that belong to the whole packet */
	uint32_t data;		/* where the data starts; IPv6: behind the fragment header */
	uint32_t next_at;	/* IPv6: offset of the byte that announces the fragment header */
	uint32_t offset, end;	/* of the data in the datagram */
	uint8_t protocol;	/* IPv6: what follows the fragment header */
	bool more;
};

enum fragment_result {
	FRAGMENT_NONE,		/* a whole packet, also one that is its own only fragment (RFC 6946) */
	FRAGMENT_READ,
	FRAGMENT_BAD,		/* cut short or malformed */
};

/* fragment_read - @p starts at its IP header; *f is set for FRAGMENT_READ only */
enum fragment_result fragment_read(const struct packet *p, struct fragment *f);

#endif
