/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * echo: whether a ping is one (RFC 792, RFC 4443). A reply has to return the request's data, each once; and who pings
 * sends the same data every time, but for a time stamp. What carries anything else carries it for somebody.
 */
#ifndef DAEMON_CONTENT_ECHO_H
#define DAEMON_CONTENT_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/cursor.h"

#define ECHO_KEPT 16u			/* requests that may wait for their reply */
#define ECHO_WAIT ((int64_t)10 * 1000000000)
#define ECHO_DIFFERENT 2u		/* replies with other data */
#define ECHO_UNASKED 3u			/* replies nobody asked for, or a second time */
#define ECHO_VARYING 31u		/* requests, each with data of its own */
#define ECHO_STAMP 16u			/* bytes at the front that may change: a time */

enum echo_verdict { ECHO_FINE, ECHO_OTHER_DATA, ECHO_NOT_ASKED, ECHO_OWN_DATA };
extern const char *const echo_words[];	/* by verdict: "reply with other data than its request", ... */
extern const char *const echo_words_ja[];

struct echo {
	struct echo_request {
		uint64_t data;		/* hash */
		int64_t time;		/* ns; 0 free */
		uint16_t sequence;
		bool answered;
	} kept[ECHO_KEPT];
	uint64_t last;			/* hash of the data behind the stamp, of the request before */
	uint32_t requests, replies, different, unasked, varying;
	uint64_t bytes;			/* of data, both ways */
	uint8_t next;
};

/**
 * echo_packet - one packet of the conversation
 * @sequence: its number, and the data behind it
 * Return: what it has become by this packet; each verdict but FINE once.
 */
enum echo_verdict echo_packet(struct echo *e, bool reply, uint16_t sequence, struct cursor data, int64_t now);

#endif
