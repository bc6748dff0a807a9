/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rehearse: recorded conversations under a new policy: what becomes of each, counted and kept by kind; and what of
 * them still hangs on a crossing or on a profile that only alarms (promotion).
 *
 * Counts are of all conversations; entries are kept within the limits of seen.h, so a list may be shorter than its
 * count.
 */
#ifndef TOOLS_SEEN_REHEARSE_H
#define TOOLS_SEEN_REHEARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/seen/archive.h"
#include "tools/seen/rehearsal.h"
#include "tools/seen/seen.h"

/* X(C name, word in JSON). What a record was, and what the policy would make of it. */
#define OUTCOMES(X) \
	X(CUT, "cut") X(PERMITTED, "permitted") X(INSPECTED, "inspected-differently") X(UNCLEAR, "unclear") \
	X(SAME, "same") X(REFUSED, "still-refused")
#define OUTCOME_(N, W) OUTCOME_##N,
enum outcome_of { OUTCOMES(OUTCOME_) OUTCOME_COUNT };

extern const char *const outcome_words[OUTCOME_COUNT];

/* Promotion: what lets a conversation pass today that would not pass at the next stage. */
enum stage { STAGE_CLOSED, STAGE_ALERT, STAGE_OBSERVE };

struct promotion {			/* of one statement */
	uint64_t count;			/* conversations that would be cut at the next stage */
	uint64_t passed;		/* all that it let pass */
	uint32_t terminals;		/* of `count`, as far as they are kept */
	int64_t last;			/* the last of `count` */
};

struct rehearse {
	struct rehearsal *now;		/* owned; the new policy */
	struct rehearsal *before;	/* owned; the old one, or NULL: not compared */
	struct rehearsal *closed;	/* owned; for promotion: the new one without its crossings */
	struct seen *seen;		/* owned */
	bool all;			/* keep what stays the same, too */
	uint64_t totals[OUTCOME_COUNT];	/* conversations */
	struct promotion *promotions;	/* owned; of each statement; NULL unless asked for */
	struct rehearse_late *late;	/* owned; data connections whose control connection may come later */
	uint32_t late_count, late_room;
	bool no_memory;
};

/**
 * rehearse_new - zeroed but for its rehearsals
 * @old: or NULL
 * Return: as rehearsal_new.
 */
int rehearse_new(const struct policy *p, const struct policy *old, struct inspect *in, int64_t day, bool promote,
		 struct rehearse **out, char why[static 160]);
void rehearse_free(struct rehearse *r);		/* takes NULL */

/* rehearse_take - archive.take */
void rehearse_take(void *rehearse, const struct sighting *one);

/* rehearse_finish - after the last: what had to wait is counted */
void rehearse_finish(struct rehearse *r);

/* What a kept entry's tag says. */
struct rehearse_tag {
	uint8_t outcome, reason;	/* enum outcome_of, event_reason */
	uint32_t statement;		/* of the new policy, or POLICY_NONE */
};
struct rehearse_tag rehearse_tag_of(uint32_t tag);

#endif
