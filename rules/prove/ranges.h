/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ranges: sets of numbers as ascending disjoint ranges; addresses for the most part.
 *
 * Touching ranges are joined, but not across the end of a family: a range of addresses is of one.
 */
#ifndef RULES_PROVE_RANGES_H
#define RULES_PROVE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/ip.h"

/* The part of an array that a span names; nothing is added to the pointer of an array that may not be there. */
#define SLICE(array, s) ((s).count ? (array) + (s).first : (array))

struct ranges {
	struct ip_range *at;	/* owned */
	uint32_t count, room;
	bool failed;		/* no memory: ranges are missing */
};

void ranges_done(struct ranges *r);
void ranges_clear(struct ranges *r);		/* empties, keeps the memory */

/* ranges_add - append; then ranges_sort before anything else is asked */
void ranges_add(struct ranges *r, struct ip_range x);
void ranges_sort(struct ranges *r);
void ranges_sort_from(struct ranges *r, uint32_t first);	/* those from `first` on, as a set of their own */

/* ranges_add_all, ranges_add_within - append all, or what lies in one of n ascending disjoint bounds */
void ranges_add_all(struct ranges *r, const struct ip_range *x, uint32_t n);
void ranges_add_within(struct ranges *r, struct ip_range x, const struct ip_range *bounds, uint32_t n);

/* ranges_keep, ranges_remove - what lies in, or outside, the other set as well */
void ranges_keep(struct ranges *r, const struct ranges *other);
void ranges_remove(struct ranges *r, const struct ranges *other);

bool ranges_hold(const struct ip_range *r, uint32_t n, struct ip_range x);	/* all of x; r is sorted */
bool ranges_meet(const struct ip_range *r, uint32_t n, struct ip_range x);	/* any of x */

#endif
