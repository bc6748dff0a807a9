/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare: what becomes of packets against what should, and a packet that people can read where they differ.
 */
#ifndef RULES_KERNEL_READBACK_COMPARE_H
#define RULES_KERNEL_READBACK_COMPARE_H

#include "rules/kernel/readback/want.h"

/* Sets of packets by how they are wronged; all empty: equal. */
struct difference {
	bdd_t more;			/* may pass, must not */
	bdd_t less;			/* may be dropped, must pass */
	bdd_t unseen;			/* may pass uninspected */
	bdd_t other;			/* another queue, mark, memory */
	bdd_t unknown;			/* nobody knows */
};

/* compare_outcomes - both joined; @kernel and @policy stay as they are. Return: false: no memory */
bool compare_outcomes(struct walk *w, struct bdd *b, const struct outcomes *kernel, const struct outcomes *policy,
		      struct difference *out);

/* outcomes_passing - what may pass; outcomes_not_dropped - of @when, if no packet has two outcomes: the same, cheaper */
bdd_t outcomes_passing(struct bdd *b, const struct outcomes *o);
bdd_t outcomes_not_dropped(struct bdd *b, const struct outcomes *o, bdd_t when);
bool difference_is_none(const struct difference *d);

/* compare_taste - the same set, narrowed to what is easiest to read as far as it holds any of that */
bdd_t compare_taste(const struct want *q, bdd_t set);

/* compare_words - what becomes of one packet; false: no outcome holds it */
bool compare_words(const struct want *q, const struct outcomes *o, const struct packet_sample *s, char *out, size_t size);

#endif
