/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: one direction of a TCP connection as its receiver will see it (RFC 9293, 3.4).
 *
 * Bytes are handed out once and in order. A segment beyond a gap passes with a copy kept: TCP hands its
 * receiver nothing beyond a gap, so the packet that closes it is the one that can still be refused.
 * Bytes handed out are kept until the receiver has acknowledged them, and a segment that brings other
 * bytes for the same place is told apart: two ends that saw different bytes is how one is deceived.
 */
#ifndef DAEMON_STREAM_H
#define DAEMON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/cursor.h"

#define STREAM_KEPT_MAX ((size_t)1 << 20)	/* not yet acknowledged; older bytes are forgotten first */
#define STREAM_BEYOND_MAX ((size_t)1 << 20)	/* from the gap to the end of what came after it: 16 packets of GSO */
#define STREAM_POOL_MAX ((size_t)128 << 20)	/* of all streams of an engine */
#define STREAM_GAPS_MAX 8u
#define STREAM_ASK 16384u			/* kept; few requests and answers are longer */

struct stream_pool {
	size_t used;			/* bytes that all streams have taken */
};

struct stream_range {
	uint32_t from, to;		/* sequence numbers, to: one past the last */
};

struct stream {
	uint8_t *bytes;			/* owned; from sequence number `base` on */
	uint32_t base, next;		/* next: expected next, all before it has been handed out */
	uint32_t acked;			/* the receiver has all before it */
	uint32_t unchecked;		/* all before it may be repeated with other bytes: see loose */
	uint32_t claimed;		/* ... says it has, though not all of it came by here yet */
	uint32_t len, capacity;		/* bytes in use from base, gaps included */
	struct stream_range beyond[STREAM_GAPS_MAX];	/* ascending, disjoint */
	uint8_t gaps;			/* of beyond */
	bool started;
	bool hold;			/* keep acknowledged bytes too: somebody wants to see them from the start */
	bool loose;			/* what comes now decides nothing (a body): handed out without a copy */
	bool lost;			/* bytes went by without us: acknowledged, and later ones came */
};

enum stream_result {
	STREAM_READY,			/* *ready are the next bytes in order */
	STREAM_OLD,			/* nothing new */
	STREAM_BEYOND,			/* after a gap; kept */
	STREAM_DIFFERS,			/* other bytes than those that came before */
	STREAM_FORGOTTEN,		/* a repetition of bytes no longer kept, not acknowledged either */
	STREAM_FULL,			/* beyond the limits; not kept */
};

/* stream_segment - take a segment that carries payload; *ready is borrowed until the next call. STREAM_FULL also
 * when the pool is used up or there is no memory. */
enum stream_result stream_segment(struct stream *s, struct stream_pool *pool, uint32_t seq,
				  struct cursor payload, struct cursor *ready);

/* stream_syn - the sequence number of the first byte, from a SYN; the first one counts */
void stream_syn(struct stream *s, uint32_t first);

/* stream_ack - the receiver acknowledged all before @ack */
void stream_ack(struct stream *s, uint32_t ack);

/* stream_wants_acks - so much is kept, or something is missing, that acknowledgements are needed soon */
bool stream_wants_acks(const struct stream *s);

/* stream_since - bytes handed out from sequence number @seq on; `hold` must have been set since */
struct cursor stream_since(const struct stream *s, uint32_t seq);

void stream_done(struct stream *s, struct stream_pool *pool);

#endif
