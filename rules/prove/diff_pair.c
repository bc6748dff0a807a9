/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/diff_pair.h"

#include <stdlib.h>
#include <string.h>

#include "rules/prove/gate.h"
#include "rules/prove/macs.h"
#include "rules/prove/terms.h"
#include "rules/prove/witness.h"

void diff_pair_done(struct diff_pair *x)
{
	for (int i = 0; i < SIDES; i++) {
		lane_done(&x->lanes[i]);
		text_done(&x->keys[i]);
	}
}

/* ---- quick answers ---- */

static void make_key(struct diff_pair *x, int side)
{
	struct text *key = &x->keys[side];
	const struct lane *l = &x->lanes[side];

	text_clear(key);
	lane_key(l, key);
	for (uint32_t i = 0; i < l->count; i++)
		terms_key((struct terms_of){ x->p[side], l->items[i].statement }, key);
	macs_key(x->p[side], x->from.zone[side], key);
}

static bool plainly_equal(struct diff_pair *x)
{
	for (int i = 0; i < SIDES; i++)
		make_key(x, i);
	return !x->keys[BEFORE].failed && !x->keys[AFTER].failed &&
	       x->keys[BEFORE].len == x->keys[AFTER].len &&
	       !memcmp(x->keys[BEFORE].bytes, x->keys[AFTER].bytes, x->keys[AFTER].len);
}

static bool says_nothing(const struct lane *l)
{
	return l->count == 0 && l->whole.src.count == 0;
}

/* ---- sets ---- */

struct sets {
	bdd_t permitted[SIDES]; /* less what carries another's MAC address */
	bdd_t opened, closed, both;
};

static bool same_macs(struct diff_pair *x)
{
	for (int i = 0; i < SIDES; i++) {
		text_clear(&x->keys[i]);
		macs_key(x->p[i], x->from.zone[i], &x->keys[i]);
	}
	return x->keys[BEFORE].len == x->keys[AFTER].len &&
	       (x->keys[AFTER].len == 0 ||
		!memcmp(x->keys[BEFORE].bytes, x->keys[AFTER].bytes, x->keys[AFTER].len));
}

static struct sets build(struct diff_pair *x)
{
	bool macs = !same_macs(x);
	struct bdd *b = space_bdd(x->space);
	struct sets s;

	if (!macs)
		diff_keep_what_matters(x);
	space_reset(x->space);
	for (int i = 0; i < SIDES; i++) {
		lane_cut(&x->lanes[i], x->space);
		if (macs)
			macs_cut(x->p[i], x->from.zone[i], x->space);
	}
	space_freeze(x->space);
	for (int i = 0; i < SIDES; i++) {
		lane_build(&x->lanes[i], x->space);
		s.permitted[i] = x->lanes[i].permitted;
		if (macs)
			s.permitted[i] = bdd_diff(b, s.permitted[i],
						  macs_forged(x->p[i], x->from.zone[i], x->space));
	}
	s.opened = bdd_diff(b, s.permitted[AFTER], s.permitted[BEFORE]);
	s.closed = bdd_diff(b, s.permitted[BEFORE], s.permitted[AFTER]);
	s.both = bdd_and(b, s.permitted[AFTER], s.permitted[BEFORE]);
	return s;
}

/* ---- entries ---- */

struct diff_entry *diff_new_entry(struct diff_pair *x, enum diff_change change)
{
	struct diff *d = x->out;

	d->totals[change]++;
	if (d->entries_count == DIFF_ENTRIES_MAX)
		return NULL;
	if (d->entries_count == x->room) {
		uint32_t room = x->room ? x->room * 2 : 16;
		struct diff_entry *p = realloc(d->entries, room * sizeof(*p));

		if (!p) {
			x->failed = true;
			return NULL;
		}
		d->entries = p;
		x->room = room;
	}
	struct diff_entry *e = &d->entries[d->entries_count++];

	*e = (struct diff_entry){ .change = (uint8_t)change,
				  .statement = POLICY_NONE,
				  .before = POLICY_NONE };
	return e;
}

static bool is_inner(const struct diff_pair *x, int side)
{
	const struct policy *p = x->p[side];

	return gate_role_is((enum role)p->zones[x->from.zone[side]].role, GATE_INNER) ||
	       gate_role_is((enum role)p->zones[x->to.zone[side]].role, GATE_INNER);
}

void diff_fill(struct diff_pair *x, struct diff_entry *e, int side, bdd_t set)
{
	struct boxes *boxes = &x->out->boxes;

	e->from = x->from.zone[side];
	e->to = x->to.zone[side];
	e->boxes = boxes_add(boxes, x->space, set, boxes->count + DIFF_BOXES_MAX);
	e->more = boxes->more;
	boxes->more = false;
	e->count = lane_size(&x->lanes[side], x->space, set);
	witness_of(x->names[side], x->space, set, e->from, e->to, &e->witness);
	if (e->change == DIFF_OPENED || (e->order & TERMS_LAXER))
		x->out->protected |= is_inner(x, side);
}

/* The plain denies of the other policy that say no to some of the set. */
static void blame_denies(struct diff_pair *x, struct diff_entry *e, int other, bdd_t set)
{
	const struct lane *l = &x->lanes[other];

	if (bdd_and(space_bdd(x->space), set, l->denied) == BDD_FALSE)
		return;
	for (uint32_t i = 0; i < l->count && e->others_count < DIFF_OTHERS_MAX; i++)
		if (lane_is_plain(&x->p[other]->statements[l->items[i].statement]) &&
		    bdd_and(space_bdd(x->space), set, l->items[i].named) != BDD_FALSE)
			e->others[e->others_count++] = l->items[i].statement;
}

static void add_one(struct diff_pair *x, enum diff_change change, int side, uint32_t statement,
		    bdd_t set)
{
	struct diff_entry *e = diff_new_entry(x, change);

	if (!e)
		return;
	e->statement = statement;
	diff_fill(x, e, side, set);
	blame_denies(x, e, !side, set);
}

/* A set that one side permits and the other does not, by the statements that permit it. */
static void by_statement(struct diff_pair *x, enum diff_change change, int side, bdd_t set)
{
	const struct lane *l = &x->lanes[side];
	struct bdd *b = space_bdd(x->space);

	for (uint32_t i = 0; i < l->count && set != BDD_FALSE && !bdd_failed(b); i++) {
		const struct statement *s = &x->p[side]->statements[l->items[i].statement];
		bdd_t mine = bdd_and(b, set, l->items[i].effective);

		if (s->type == STATEMENT_DENY || mine == BDD_FALSE)
			continue;
		add_one(x, change, side, l->items[i].statement, mine);
		set = bdd_diff(b, set, mine);
	}
	if (set != BDD_FALSE && !bdd_failed(b))
		add_one(x, change, side, DIFF_INSIDE, set);
}

/* ---- one pair ---- */

void diff_pair_run(struct diff_pair *x, struct place from, struct place to)
{
	x->from = from;
	x->to = to;
	for (int i = 0; i < SIDES; i++)
		lane_load(&x->lanes[i], x->p[i], x->index[i], from.zone[i], to.zone[i], 0);
	if (says_nothing(&x->lanes[BEFORE]) && says_nothing(&x->lanes[AFTER]))
		return;
	if (plainly_equal(x))
		return;
	struct sets s = build(x);

	x->out->pairs++;
	by_statement(x, DIFF_OPENED, AFTER, s.opened);
	by_statement(x, DIFF_CLOSED, BEFORE, s.closed);
	diff_by_treatment(x, s.both);
	for (int i = 0; i < SIDES; i++)
		x->failed |= x->lanes[i].failed;
	if (bdd_nodes(space_bdd(x->space)) > x->out->nodes)
		x->out->nodes = bdd_nodes(space_bdd(x->space));
}
