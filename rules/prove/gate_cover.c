/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate_cover: permits without effect: denied altogether, or allowed by other permits anyway.
 *
 * Only permits whose boxes overlap can matter to each other, so candidates are found by their outer
 * bounds first, and the largest are taken away first. One that was found covered covers nobody else:
 * all that are reported may be removed together.
 */
#include "rules/prove/gate.h"

#include <stdlib.h>
#include <string.h>

#include "rules/prove/bounds.h"
#include "rules/prove/terms.h"

struct cover {
	struct gate *g;
	struct bounds *all; /* owned; by dst.lo */
	ip_t *reach;        /* owned; the highest dst.hi so far, for each */
	uint32_t *near;     /* owned; candidates of one item, as places in `all` */
	uint32_t count;
};

static int by_dst(const void *a, const void *b)
{
	struct bounds x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (x.dst.lo != y.dst.lo)
		return x.dst.lo < y.dst.lo ? -1 : 1;
	return (x.item > y.item) - (x.item < y.item);
}

static bool init(struct cover *c, struct gate *g)
{
	uint32_t n = g->lane.count;
	ip_t reach = 0;

	*c = (struct cover){ .g = g };
	c->all = malloc((n + 1) * sizeof(*c->all));
	c->reach = malloc((n + 1) * sizeof(*c->reach));
	c->near = malloc((n + 1) * sizeof(*c->near));
	if (!c->all || !c->reach || !c->near)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!bounds_empty(&g->lane.items[i]))
			c->all[c->count++] = bounds_of(&g->lane, i);
	qsort(c->all, c->count, sizeof(*c->all), by_dst);
	for (uint32_t i = 0; i < c->count; i++)
		c->reach[i] = reach = c->all[i].dst.hi > reach ? c->all[i].dst.hi : reach;
	return true;
}

static void done(struct cover *c)
{
	free(c->all);
	free(c->reach);
	free(c->near);
}

/* Statements of the sort that overlap with b; near[] gets their places. Return: their number. */
static uint32_t find_near(struct cover *c, const struct bounds *b,
			  bool (*wanted)(const struct gate *, uint32_t item, uint32_t of))
{
	uint32_t lo = 0, hi = c->count, n = 0;

	while (lo < hi) { /* the first that begins beyond b */
		uint32_t mid = lo + (hi - lo) / 2;

		if (c->all[mid].dst.lo <= b->dst.hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo-- > 0 && c->reach[lo] >= b->dst.lo) {
		const struct bounds *x = &c->all[lo];

		if (x->item != b->item && bounds_overlap(x, b) && wanted(c->g, x->item, b->item))
			c->near[n++] = lo;
	}
	return n;
}

/* The largest first: what is left gets small soon. Ties by order in the policy. */
static int by_volume(const void *a, const void *b, void *all)
{
	const struct bounds *x = (const struct bounds *)all + *(const uint32_t *)a;
	const struct bounds *y = (const struct bounds *)all + *(const uint32_t *)b;

	if (x->volume > y->volume || x->volume < y->volume)
		return x->volume > y->volume ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

/* Takes the candidates away from the set until nothing is left. Return: whether nothing was. */
static bool exhaust(struct cover *c, bdd_t set, uint32_t n, uint32_t blamed[PROOF_OTHERS_MAX])
{
	struct bdd *b = space_bdd(c->g->space);
	uint32_t names = 0;

	if (n > 1)
		qsort_r(c->near, n, sizeof(*c->near), by_volume, c->all);
	for (uint32_t i = 0; i < n && set != BDD_FALSE; i++) {
		uint32_t item = c->all[c->near[i]].item;
		bdd_t rest = bdd_diff(b, set, c->g->lane.items[item].named);

		if (rest != set && names < PROOF_OTHERS_MAX)
			blamed[names++] = item;
		set = rest;
	}
	return set == BDD_FALSE;
}

static bool is_plain_deny(const struct gate *g, uint32_t item, uint32_t of)
{
	(void)of;
	return lane_is_plain(gate_statement(g, item));
}

static bool may_cover(const struct gate *g, uint32_t item, uint32_t of)
{
	const struct lane_item *i = &g->lane.items[item];

	return gate_statement(g, item)->type == STATEMENT_PERMIT && !i->ended &&
	       !(g->out->items[item] & ITEM_COVERED) &&
	       terms_cover(g->p, i->statement, g->lane.items[of].statement);
}

static void check(struct cover *c, const struct bounds *b)
{
	struct gate *g = c->g;
	const struct lane_item *i = &g->lane.items[b->item];
	uint32_t *blamed = g->out->blamed[b->item];

	if (gate_statement(g, b->item)->type != STATEMENT_PERMIT || i->ended)
		return;
	if (i->effective == BDD_FALSE) {
		exhaust(c, i->named, find_near(c, b, is_plain_deny), blamed);
		return;
	}
	g->out->items[b->item] |= ITEM_REACHED;
	if (exhaust(c, i->effective, find_near(c, b, may_cover), blamed))
		g->out->items[b->item] |= ITEM_COVERED;
}

void gate_cover(struct gate *g)
{
	struct cover c;

	if (!init(&c, g))
		g->lane.failed = true;
	else
		for (uint32_t i = 0; i < c.count; i++)
			check(&c, &c.all[i]);
	done(&c);
}
