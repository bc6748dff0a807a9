/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff_unmatched: only what matters. Statements that are the same on both sides make a difference only
 * where others do not. So of both lanes those are kept that overlap with a statement of one side alone;
 * elsewhere the kept ones are the same too.
 */
#include "rules/prove/diff_pair.h"

#include <stdlib.h>
#include <string.h>

#include "rules/prove/bounds.h"
#include "rules/prove/intern.h"
#include "rules/prove/terms.h"

struct unmatched {
	struct intern keys;    /* of items: numbers and terms */
	uint8_t *sides;        /* owned; of each key: bit 0 before, bit 1 after */
	uint32_t *ids[SIDES];  /* owned; of each item */
	struct bounds *bounds; /* owned; of the items of one side alone */
	uint32_t count;
};

#define PAIRS_LOOKED_AT_MAX UINT64_C(4000000) /* beyond, all are kept: looking would cost more */

static bool unmatched_init(struct unmatched *u, const struct diff_pair *x)
{
	uint32_t n = x->lanes[BEFORE].count + x->lanes[AFTER].count;
	bool ok = intern_init(&u->keys, n);

	u->sides = calloc(n + 1, 1);
	u->bounds = malloc((n + 1) * sizeof(*u->bounds));
	for (int i = 0; i < SIDES; i++) {
		u->ids[i] = malloc((x->lanes[i].count + 1) * sizeof(*u->ids[i]));
		ok = ok && u->ids[i];
	}
	return ok && u->sides && u->bounds;
}

static void unmatched_done(struct unmatched *u)
{
	intern_done(&u->keys);
	free(u->sides);
	free(u->bounds);
	free(u->ids[BEFORE]);
	free(u->ids[AFTER]);
}

static void find_unmatched(struct unmatched *u, const struct diff_pair *x)
{
	bool fresh;

	for (int side = 0; side < SIDES; side++)
		for (uint32_t i = 0; i < x->lanes[side].count; i++) {
			struct text *key = intern_begin(&u->keys);

			lane_item_key(&x->lanes[side], i, key);
			terms_key((struct terms_of){ x->p[side],
						     x->lanes[side].items[i].statement },
				  key);
			u->ids[side][i] = intern_end(&u->keys, &fresh)->id;
			u->sides[u->ids[side][i]] |= (uint8_t)(1 << side);
		}
	for (int side = 0; side < SIDES; side++)
		for (uint32_t i = 0; i < x->lanes[side].count; i++)
			if (u->sides[u->ids[side][i]] != 3 &&
			    !bounds_empty(&x->lanes[side].items[i]))
				u->bounds[u->count++] = bounds_of(&x->lanes[side], i);
}

static bool matters(const struct unmatched *u, const struct lane *l, uint32_t item)
{
	if (bounds_empty(&l->items[item]))
		return false;
	struct bounds b = bounds_of(l, item);

	for (uint32_t i = 0; i < u->count; i++)
		if (bounds_overlap(&b, &u->bounds[i]))
			return true;
	return false;
}

static bool same_whole(const struct lane *a, const struct lane *b)
{
	struct span s = a->whole.src, t = b->whole.src;

	return s.count == t.count &&
	       (s.count == 0 || !memcmp(a->ranges.at + s.first, b->ranges.at + t.first,
					s.count * sizeof(*a->ranges.at)));
}

void diff_keep_what_matters(struct diff_pair *x)
{
	struct unmatched u = { .count = 0 };

	if (!same_whole(&x->lanes[BEFORE], &x->lanes[AFTER]))
		return;
	if (!unmatched_init(&u, x)) {
		x->failed = true;
		unmatched_done(&u);
		return;
	}
	find_unmatched(&u, x);
	uint64_t looks = (uint64_t)u.count * (x->lanes[BEFORE].count + x->lanes[AFTER].count);

	for (int side = 0; side < SIDES && !intern_failed(&u.keys) && looks < PAIRS_LOOKED_AT_MAX;
	     side++) {
		struct lane *l = &x->lanes[side];
		uint32_t kept = 0;

		for (uint32_t i = 0; i < l->count; i++)
			if (matters(&u, l, i))
				l->items[kept++] = l->items[i];
		l->count = kept;
	}
	unmatched_done(&u);
}
