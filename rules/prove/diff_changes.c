/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff_changes: permitted as before, but otherwise: what applied, and what applies instead. */
#include "rules/prove/diff_pair.h"

#include <stdlib.h>
#include <string.h>

#include "rules/prove/terms.h"
#include "rules/prove/treatments.h"

struct changing {
	struct diff_pair *x;
	struct treatments t;
	bdd_t set;   /* permitted before and after, by other treatments */
	bdd_t *gone; /* owned; of each old item: where its treatment applies no more */
};

static bdd_t item_set(const struct diff_pair *x, int side, uint32_t item)
{
	const struct lane *l = &x->lanes[side];

	return item == DIFF_INSIDE ? l->inside : l->items[item].effective;
}

static uint32_t statement_of(const struct diff_pair *x, int side, uint32_t item)
{
	return item >= DIFF_INSIDE ? item : x->lanes[side].items[item].statement;
}

static bool takes_away(const struct diff_pair *x, int side, uint32_t statement)
{
	return statement < DIFF_INSIDE && x->p[side]->statements[statement].type == STATEMENT_DENY;
}

/* Where an item's treatment applies on its own side only, of what changes. */
static bdd_t only_here(struct changing *c, int side, uint32_t item)
{
	struct bdd *b = space_bdd(c->x->space);
	bdd_t mine = bdd_and(b, item_set(c->x, side, item), c->set);
	bdd_t other = item == DIFF_INSIDE ? c->x->lanes[!side].inside
					  : c->t.sets[!side][c->t.ids[side][item]];

	return bdd_diff(b, mine, other);
}

/* A deny with conditions takes away, so of it the stricter lets more pass. */
static unsigned int turned(unsigned int order)
{
	return (order & TERMS_LAXER ? TERMS_STRICTER : 0u) |
	       (order & TERMS_STRICTER ? TERMS_LAXER : 0u);
}

static unsigned int order_of(const struct diff_pair *x, uint32_t before, uint32_t after)
{
	bool deny = takes_away(x, BEFORE, before) || takes_away(x, AFTER, after);
	unsigned int order;

	if (before == POLICY_NONE || after == DIFF_INSIDE)
		order = TERMS_LAXER; /* one way more, or nothing asked any more */
	else if (after == POLICY_NONE || before == DIFF_INSIDE)
		order = TERMS_STRICTER;
	else
		order = terms_compare((struct terms_of){ x->p[AFTER], after },
				      (struct terms_of){ x->p[BEFORE], before });
	return deny ? turned(order) : order;
}

static void add_change(struct changing *c, uint32_t before, uint32_t after, bdd_t set)
{
	struct diff_entry *e = diff_new_entry(c->x, DIFF_CHANGED);

	if (!e)
		return;
	e->before = statement_of(c->x, BEFORE, before);
	e->statement = statement_of(c->x, AFTER, after);
	e->order = (uint8_t)order_of(c->x, e->before, e->statement);
	diff_fill(c->x, e, AFTER, set);
}

/* What of the new item's change replaces this old item; it is then accounted for on both sides. */
static bdd_t replace(struct changing *c, uint32_t before, uint32_t after, bdd_t come)
{
	struct bdd *b = space_bdd(c->x->space);
	bdd_t *gone = &c->gone[before == DIFF_INSIDE ? c->x->lanes[BEFORE].count : before];
	bdd_t common = bdd_and(b, *gone, come);

	if (common == BDD_FALSE || bdd_failed(b))
		return come;
	if (takes_away(c->x, BEFORE, statement_of(c->x, BEFORE, before)) !=
	    takes_away(c->x, AFTER, statement_of(c->x, AFTER, after)))
		return come;
	add_change(c, before, after, common);
	*gone = bdd_diff(b, *gone, common);
	return bdd_diff(b, come, common);
}

static const char *name_of(const struct diff_pair *x, int side, uint32_t item)
{
	const struct policy *p = x->p[side];

	return policy_string(p, p->statements[x->lanes[side].items[item].statement].name);
}

/* The statement of the same name first: that is what somebody edited. */
static void account(struct changing *c, uint32_t after)
{
	struct diff_pair *x = c->x;
	const struct lane *old = &x->lanes[BEFORE];
	bdd_t come = only_here(c, AFTER, after);

	if (come == BDD_FALSE || bdd_failed(space_bdd(x->space)))
		return;
	for (uint32_t i = 0; i < old->count && after != DIFF_INSIDE; i++)
		if (c->gone[i] != BDD_FALSE &&
		    !strcmp(name_of(x, BEFORE, i), name_of(x, AFTER, after)))
			come = replace(c, i, after, come);
	for (uint32_t i = 0; i < old->count && come != BDD_FALSE; i++)
		come = replace(c, i, after, come);
	come = replace(c, DIFF_INSIDE, after, come);
	if (come != BDD_FALSE)
		add_change(c, POLICY_NONE, after, come);
}

static void find_changes(struct changing *c)
{
	struct diff_pair *x = c->x;
	uint32_t old = x->lanes[BEFORE].count;

	for (uint32_t i = 0; i < old; i++)
		c->gone[i] = only_here(c, BEFORE, i);
	c->gone[old] = only_here(c, BEFORE, DIFF_INSIDE);
	for (uint32_t i = 0; i < x->lanes[AFTER].count; i++)
		account(c, i);
	account(c, DIFF_INSIDE);
	for (uint32_t i = 0; i <= old && !space_failed(x->space); i++)
		if (c->gone[i] != BDD_FALSE)
			add_change(c, i == old ? DIFF_INSIDE : i, POLICY_NONE, c->gone[i]);
}

void diff_by_treatment(struct diff_pair *x, bdd_t both)
{
	struct bdd *b = space_bdd(x->space);
	struct changing c = { .x = x };

	c.gone = malloc((x->lanes[BEFORE].count + 1) * sizeof(*c.gone));
	if (!c.gone || treatments_init(&c.t, x->lanes, x->space) < 0) {
		x->failed = true;
		free(c.gone);
		return;
	}
	c.set = bdd_or(b, treatments_differ(&c.t, x->space),
		       bdd_xor(b, x->lanes[BEFORE].inside, x->lanes[AFTER].inside));
	c.set = bdd_and(b, c.set, both);
	if (c.set != BDD_FALSE)
		find_changes(&c);
	treatments_done(&c.t);
	free(c.gone);
}
