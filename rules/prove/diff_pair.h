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

#endif
