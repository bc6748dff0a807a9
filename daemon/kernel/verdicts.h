/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdicts: answers to queued packets as netlink bytes, in the order the packets came.
 *
 * The order of verdicts is the order of release, so answers are never sorted. A run of packets with
 * the same mark becomes one batch message ("accept everything up to this id, with this mark"); the
 * next mark, or a rewritten packet, closes the run first. Only a plain drop is written ahead of an
 * open run: it releases nothing. A batch names every waiting id up to its own, therefore every
 * packet read from the queue gets an answer here, in order, exactly once.
 *
 *	ids 1-4 no opinion, 5 PASS, 6 drop, 7-9 no opinion:
 *	batch<=4 SEEN | batch<=5 PASS | drop 6 | batch<=9 SEEN		one send()
 *
 * Dropping is for packets. A flow is dropped by accepting its packet with the mark DROP: the ruleset
 * after the queue keeps the mark and drops the packet; NF_DROP would never reach it (dataplane.md 3.1).
 */
#ifndef DAEMON_KERNEL_VERDICTS_H
#define DAEMON_KERNEL_VERDICTS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/netlink.h"

struct outcome;

#define VERDICTS_REWRITE_MAX 65531u	/* an attribute holds no more; a longer rewrite is dropped instead */
#define VERDICTS_ONE_MAX 65792u		/* bytes the answer to one packet can add */

struct verdicts {
	struct netlink_writer out;
	uint16_t queue;
	bool open;		/* a run of equal marks is not written yet */
	uint32_t last_id;	/* of the run */
	uint32_t mark;		/* of the run */
	uint64_t messages;	/* written since the start */
};

/* verdicts_to - answers for one queue into a buffer */
struct verdicts verdicts_to(void *buf, size_t size, uint16_t queue);

/* verdicts_room - whether the answer to one more packet is sure to fit */
static inline bool verdicts_room(const struct verdicts *v)
{
	return v->out.size - v->out.len >= VERDICTS_ONE_MAX;
}

/* verdicts_give - the answer to the next packet; call it only while there is room */
void verdicts_give(struct verdicts *v, uint32_t id, const struct outcome *o);

/* verdicts_drop_before - drop every waiting packet older than id: what a dead reader, or a message that made
 * no sense, left without an answer */
void verdicts_drop_before(struct verdicts *v, uint32_t id);

/* verdicts_close - write the open run; the buffer is then complete and may be sent */
void verdicts_close(struct verdicts *v);

static inline void verdicts_sent(struct verdicts *v)
{
	v->out.len = 0;
}

#endif
