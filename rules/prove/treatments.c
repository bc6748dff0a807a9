/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/treatments.h"

#include <errno.h>
#include <stdlib.h>

#include "rules/prove/intern.h"
#include "rules/prove/terms.h"

/* ---- treatments ---- */

struct naming {
	struct intern quick; /* raw terms, to the number of the exact ones */
	struct intern exact;
};

/* Raw bytes first: they are made fast, and few of them differ. */
static uint32_t name(struct naming *n, struct terms_of a)
{
	bool fresh;

	terms_key(a, intern_begin(&n->quick));
	struct interned *k = intern_end(&n->quick, &fresh);

	if (fresh) {
		terms_put(a, intern_begin(&n->exact));
		k->id = intern_end(&n->exact, &fresh)->id;
	}
	return k->id;
}

static bool name_all(struct treatments *t, const struct lane lanes[2])
{
	uint32_t n = lanes[0].count + lanes[1].count;
	struct naming x = { .quick = { .count = 0 }, .exact = { .count = 0 } };
	bool ok = intern_init(&x.quick, n) && intern_init(&x.exact, n);

	for (int side = 0; side < 2 && ok; side++)
		for (uint32_t i = 0; i < lanes[side].count; i++)
			t->ids[side][i] =
				name(&x, (struct terms_of){ lanes[side].p,
							    lanes[side].items[i].statement });
	t->count = x.exact.count;
	ok = ok && !intern_failed(&x.quick) && !intern_failed(&x.exact);
	intern_done(&x.quick);
	intern_done(&x.exact);
	return ok;
}

int treatments_init(struct treatments *t, const struct lane lanes[2], struct space *s)
{
	bool ok = true;

	*t = (struct treatments){ .count = 0 };
	for (int side = 0; side < 2; side++) {
		t->ids[side] = malloc((lanes[side].count + 1) * sizeof(*t->ids[side]));
		ok = ok && t->ids[side];
	}
	ok = ok && name_all(t, lanes);
	for (int side = 0; side < 2 && ok; side++) {
		t->sets[side] = calloc(t->count + 1, sizeof(*t->sets[side])); /* BDD_FALSE is 0 */
		ok = t->sets[side] != NULL;
		for (uint32_t i = 0; i < lanes[side].count && ok; i++) {
			const struct lane_item *it = &lanes[side].items[i];
			bdd_t *set = &t->sets[side][t->ids[side][i]];

			if (!lane_is_plain(&lanes[side].p->statements[it->statement]))
				*set = bdd_or(space_bdd(s), *set, it->effective);
		}
	}
	if (ok)
		return 0;
	treatments_done(t);
	return -ENOMEM;
}

void treatments_done(struct treatments *t)
{
	for (int side = 0; side < 2; side++) {
		free(t->ids[side]);
		free(t->sets[side]);
	}
	*t = (struct treatments){ .count = 0 };
}

bdd_t treatments_differ(const struct treatments *t, struct space *s)
{
	bdd_t all = BDD_FALSE;

	for (uint32_t i = 0; i < t->count; i++)
		if (t->sets[0][i] != t->sets[1][i])
			all = bdd_or(space_bdd(s), all,
				     bdd_xor(space_bdd(s), t->sets[0][i], t->sets[1][i]));
	return all;
}
