/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns: one DNS message (RFC 1035), from a datagram or a TCP stream with its length before it.
 *
 * Names come out in presentation form, lower case, without the last dot; bytes other than letters,
 * digits, '-', '_' and the like are escaped as \DDD. A compression pointer may only point backwards, so a
 * loop cannot be written.
 */
#ifndef DAEMON_CONTENT_DNS_H
#define DAEMON_CONTENT_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/hold.h"
#include "rules/cursor.h"

#define DNS_ANSWERS_MAX 16u	/* more are not shown */

struct dns_text {		/* in the message's text; at NULL: absent */
	const char *at;		/* NUL-terminated */
	uint32_t len;
};

struct dns_answer {
	struct dns_text name, data;
	uint16_t type;
	uint32_t ttl;
};

struct dns_message {
	uint16_t id, type, klass, rcode;
	uint8_t opcode;
	bool response, authoritative, truncated, recursion_desired, recursion_available;
	struct dns_text name;		/* of the one question; a response may have none */
	uint8_t answers;
	struct dns_answer answer[DNS_ANSWERS_MAX];
	size_t used;			/* of text */
	char text[4096];		/* when it is full, fewer answers are shown */
};

/**
 * dns_read - read one whole message
 * Return: NULL, or why it is none, as an EVE event word. A query without exactly one question is refused:
 * it cannot be said what it asks.
 */
const char *dns_read(struct cursor c, struct dns_message *m);

/* dns_plausible - whether a datagram or a TCP stream begins as a DNS message does; false for too few bytes */
bool dns_plausible(struct cursor c, bool tcp);

/**
 * dns_frame - the next message of a TCP stream out of in-order bytes
 * @hold: of this side, zero at first
 * @message: out, when *whole: the message without its length, borrowed until the next call
 * Return: bytes used; call again with the rest while there are any.
 */
size_t dns_frame(struct hold *hold, const uint8_t *bytes, size_t n, bool *whole, struct cursor *message);

#endif
