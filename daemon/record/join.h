/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * join: one conversation, one flow event. The engine knows what it was (application, name, permit), the
 * kernel how much of it there was and when it ended; they come from two processes, in either order.
 *
 *	facts first (as a rule)		kept until the end comes: the conversation lives
 *	end first			kept JOIN_WAIT for the facts, then told without
 *	facts again, same flow		replace the earlier ones (judged again after a policy change)
 *	facts again, another flow	the earlier ones are told without an end
 *	table full			what was touched longest ago is told with what is known, and counted
 *
 * Time is what the records say; the caller says when it passes without records.
 */
#ifndef DAEMON_RECORD_JOIN_H
#define DAEMON_RECORD_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/record/event.h"

struct conntrack_end;
struct join;

#define JOIN_WAIT INT64_C(2000000000)	/* ns that an end waits for its facts */

/* What is told: facts as the engine's encoded event or NULL, the end or NULL; never both NULL. */
struct join_told {
	const uint8_t *facts;
	size_t facts_len;
	const struct conntrack_end *end;
};

/**
 * join_new - a table of at most @capacity conversations
 * @key: random, so that peers cannot aim at one bucket
 * Return: NULL for no memory.
 */
struct join *join_new(size_t capacity, const uint8_t key[static 16],
		      void (*tell)(void *ctx, const struct join_told *t), void *ctx);
void join_free(struct join *j);		/* tells nothing; takes NULL */

/* join_facts - a flow event of an engine, decoded and as it came. Return: 0; -ENOMEM (it was told at once) */
int join_facts(struct join *j, const struct event *ev, const uint8_t *wire, size_t len);

/* join_end - the kernel's record; @wait: an engine has seen the flow, its facts may still come */
void join_end(struct join *j, const struct conntrack_end *e, bool wait, int64_t now);

void join_tick(struct join *j, int64_t now);	/* ends that have waited long enough are told */
void join_finish(struct join *j);		/* every end that still waits is told */

size_t join_used(const struct join *j);
uint64_t join_evicted(const struct join *j);	/* told early because the table was full */

#endif
