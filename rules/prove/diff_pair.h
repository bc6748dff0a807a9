/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff_pair: the comparison of two policies between one pair of places. A place is what arrives on the
 * same interfaces in both: a zone of each, or none.
 */
#ifndef RULES_PROVE_DIFF_PAIR_H
#define RULES_PROVE_DIFF_PAIR_H

#include "rules/prove/diff.h"
#include "rules/prove/lane.h"
#include "rules/prove/names.h"
#include "rules/prove/space.h"
#include "rules/text.h"

enum { BEFORE, AFTER, SIDES };

struct place {
	uint32_t zone[SIDES];	/* POLICY_NONE: that policy does not know the interfaces */
};

struct diff_pair {
	const struct policy *p[SIDES];
	const struct lane_index *index[SIDES];
	const struct names *names[SIDES];
	struct space *space;
	struct lane lanes[SIDES];
	struct text keys[SIDES];
	struct place from, to;
	struct diff *out;
	uint32_t room;		/* of out->entries */
	bool failed;		/* no memory */
};

/* diff_pair_run - load the two lanes; when they are not plainly equal, compare and append entries */
void diff_pair_run(struct diff_pair *x, struct place from, struct place to);
void diff_pair_done(struct diff_pair *x);

/* ---- the parts ---- */

/* diff_keep_what_matters - drop from the lanes what cannot make a difference (diff_unmatched.c) */
void diff_keep_what_matters(struct diff_pair *x);

/* diff_by_treatment - append the entries of what is permitted on both sides, but otherwise (diff_changes.c) */
void diff_by_treatment(struct diff_pair *x, bdd_t both);

/* diff_new_entry, diff_fill - an entry, NULL when it is only counted; its packets, of one side's policy */
struct diff_entry *diff_new_entry(struct diff_pair *x, enum diff_change change);
void diff_fill(struct diff_pair *x, struct diff_entry *e, int side, bdd_t set);

#endif
