/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/diff_pair.h"

#include <stdlib.h>
#include <string.h>

#include "rules/prove/bounds.h"
#include "rules/prove/gate.h"
#include "rules/prove/intern.h"
#include "rules/prove/macs.h"
#include "rules/prove/terms.h"
#include "rules/prove/treatments.h"
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

/* ---- only what matters ---- */

/*
 * Statements that are the same on both sides make a difference only where others do not. So of both lanes
 * those are kept that overlap with a statement of one side alone; elsewhere the kept ones are the same too.
 */
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

static void keep_what_matters(struct diff_pair *x)
{
	struct unmatched u = { .count = 0 };

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

	if (!macs && same_whole(&x->lanes[BEFORE], &x->lanes[AFTER]))
		keep_what_matters(x);
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

static struct diff_entry *new_entry(struct diff_pair *x, enum diff_change change)
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

static void fill(struct diff_pair *x, struct diff_entry *e, int side, bdd_t set)
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
	struct diff_entry *e = new_entry(x, change);

	if (!e)
		return;
	e->statement = statement;
	fill(x, e, side, set);
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

/* ---- permitted as before, but otherwise ---- */

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
	struct diff_entry *e = new_entry(c->x, DIFF_CHANGED);

	if (!e)
		return;
	e->before = statement_of(c->x, BEFORE, before);
	e->statement = statement_of(c->x, AFTER, after);
	e->order = (uint8_t)order_of(c->x, e->before, e->statement);
	fill(c->x, e, AFTER, set);
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

static void by_treatment(struct diff_pair *x, bdd_t both)
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
	by_treatment(x, s.both);
	for (int i = 0; i < SIDES; i++)
		x->failed |= x->lanes[i].failed;
	if (bdd_nodes(space_bdd(x->space)) > x->out->nodes)
		x->out->nodes = bdd_nodes(space_bdd(x->space));
}
