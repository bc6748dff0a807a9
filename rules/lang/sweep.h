/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep: walks along an axis from cut to cut; between two cuts the same intervals are active.
 *
 *	a  |-----------|
 *	b       |-----------|	    cuts: a, ab, b; a gap without intervals is skipped
 */
#ifndef RULES_LANG_SWEEP_H
#define RULES_LANG_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/ip.h"

struct arena;

struct interval {
	ip_t lo, hi;
	uint32_t owner;			/* below the owners of the sweep; its intervals are disjoint */
	uint32_t pad;
};

struct sweep {
	struct arena *arena;		/* borrowed */
	struct interval *by_lo, *by_hi;	/* arena; the same intervals in two orders */
	uint32_t count, room;
	uint32_t next_lo, next_hi;
	uint32_t *active;		/* arena; owners that cover the cut */
	uint32_t active_count;
	uint32_t *place;		/* arena; where an owner stands in active */
	bool started, failed;
	struct ip_range cut;
};

/* sweep_init - for owners 0 .. owners - 1; false for no memory */
bool sweep_init(struct sweep *s, struct arena *arena, uint32_t owners);

/* sweep_start - forget all intervals; sweep_add - one more; both before the first sweep_next() */
void sweep_start(struct sweep *s);
void sweep_add(struct sweep *s, ip_t lo, ip_t hi, uint32_t owner);

/* sweep_next - on to the next cut; false at the end, or for no memory (s->failed) */
bool sweep_next(struct sweep *s);

#endif
