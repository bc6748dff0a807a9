/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sets: what a lookup answers, as sets of packets. The kernel has three kinds: exact keys, ranges of a
 * concatenation field by field, and one axis of starts and ends.
 */
#ifndef RULES_KERNEL_READBACK_SETS_H
#define RULES_KERNEL_READBACK_SETS_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/kernel/readback/ruleset.h"
#include "rules/prove/bdd.h"

struct answer {
	bdd_t when;			/* it may be given */
	uint32_t element;		/* one of those that give it */
};

struct answers {
	struct answer *at;		/* owned; one for each different answer */
	uint32_t count;
	bdd_t any;			/* something may be found */
	bdd_t none;			/* nothing may be found */
	bool vague;			/* elements that are not understood: anything may be answered */
};

struct sets;

struct sets *sets_new(const struct ruleset *r, struct bdd *b);
void sets_free(struct sets *s);
void sets_begin(struct sets *s, bool ended);	/* another session; `ended`: elements with an end are gone */

/* sets_ask - @bits: of the key, as long as the set's. Return: borrowed until the next call; NULL: no memory */
const struct answers *sets_ask(struct sets *s, uint32_t set, const bdd_t *bits);

#endif
