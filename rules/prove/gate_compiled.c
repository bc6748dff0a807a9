/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate_compiled: the boxes and classes of a pair against its statements: for each statement, the boxes
 * whose class has it as a member are exactly the packets at which it takes effect.
 *
 *	permit				what it names, less what plain denies take
 *	crossing			the same, less what permits name
 *	deny with a condition		what it names, where anything can pass at all
 *
 * A class is compared with its members once for all pairs: classes.c.
 */
#include "rules/prove/gate.h"

#include <stdlib.h>

static struct span boxes_of(const struct gate *g)
{
	return g->p->pairs[g->from * g->p->zones_count + g->to].boxes;
}

/* The port axis has 0 for what has neither port nor type. */
static struct ip_range ports_of(const struct box *b)
{
	if (b->kind == BOX_PROTOCOL)
		return (struct ip_range){ 0, 0 };
	return (struct ip_range){ b->lo, b->hi };
}

/* Most boxes are just what one statement names: then its set is at hand and nothing new is cut. */
static bool is_item(const struct lane *l, const struct lane_item *i, const struct box *b)
{
	if (i->src.count != 1 || i->dst.count != 1 || i->services.count != 1)
		return false;
	const struct lane_service *s = &l->services[i->services.first];
	struct ip_range src = l->ranges.at[i->src.first], dst = l->ranges.at[i->dst.first];
	struct ip_range ports = ports_of(b);
	bool v4 = ip_is_v4(src.lo);

	if (v4 != ip_is_v4(dst.lo) || (s->family && (s->family == 4) != v4))
		return false; /* it names nothing, so no box is like it */
	return src.lo == b->src.lo && src.hi == b->src.hi && dst.lo == b->dst.lo &&
	       dst.hi == b->dst.hi && s->protocol == b->protocol &&
	       s->protocol_hi == b->protocol_hi && s->lo == ports.lo && s->hi == ports.hi;
}

/* The first member of the box's class, when that names just the box; else NULL. */
static const struct lane_item *item_like(const struct gate *g, const struct box *b)
{
	struct span members = g->p->classes[b->class].members;
	uint32_t item = lane_place(&g->lane, g->p->refs[members.first]);

	if (item == POLICY_NONE || !is_item(&g->lane, &g->lane.items[item], b))
		return NULL;
	return &g->lane.items[item];
}

void gate_compiled_cut(struct gate *g)
{
	struct span boxes = boxes_of(g);

	for (uint32_t i = boxes.first; i < boxes.first + boxes.count; i++) {
		const struct box *b = &g->p->boxes[i];

		if (item_like(g, b))
			continue;
		space_cut(g->space, SPACE_PROTOCOL,
			  (struct ip_range){ b->protocol, b->protocol_hi });
		space_cut(g->space, SPACE_PORT, ports_of(b));
		space_cut(g->space, SPACE_DST, b->dst);
		space_cut(g->space, SPACE_SRC, b->src);
	}
}

static bdd_t box_set(struct gate *g, const struct box *b)
{
	const struct lane_item *item = item_like(g, b);

	if (item)
		return item->named;
	bdd_t set = space_range(g->space, SPACE_SRC, b->src, BDD_TRUE);

	set = space_range(g->space, SPACE_DST, b->dst, set);
	set = space_range(g->space, SPACE_PORT, ports_of(b), set);
	return space_range(g->space, SPACE_PROTOCOL,
			   (struct ip_range){ b->protocol, b->protocol_hi }, set);
}

/* ---- what the boxes say ---- */

struct said {
	bdd_t *of;     /* owned; for each item: where it is a member and the class is not denied */
	bdd_t passing; /* where any permit or crossing is */
	bdd_t stray;   /* where a class has a member that has no end in this pair */
};

static void add_box(struct gate *g, struct said *x, const struct box *b)
{
	const struct class *k = &g->p->classes[b->class];
	bdd_t set = box_set(g, b);

	if (k->denied)
		return;
	for (uint32_t i = 0; i < k->members.count; i++) {
		uint32_t item = lane_place(&g->lane, g->p->refs[k->members.first + i]);
		bdd_t *to = item == POLICY_NONE ? &x->stray : &x->of[item];

		*to = bdd_or(space_bdd(g->space), *to, set);
	}
}

static bdd_t passing(struct gate *g, const struct said *x)
{
	bdd_t set = BDD_FALSE;

	for (uint32_t i = 0; i < g->lane.count; i++)
		if (gate_statement(g, i)->type != STATEMENT_DENY)
			set = bdd_or(space_bdd(g->space), set, x->of[i]);
	return set;
}

/* ---- rule 2: boxes stay at home ---- */

static bool is_home(const struct gate *g, uint32_t zone, struct ip_range r)
{
	struct span nets = g->p->zones[zone].nets;

	return zone == policy_box_zone(g->p) || ranges_hold(SLICE(g->p->nets, nets), nets.count, r);
}

static void check_home(struct gate *g, const struct box *b)
{
	g->out->claims++;
	if (!is_home(g, g->from, b->src) || !is_home(g, g->to, b->dst))
		gate_show(g, PROOF_NOT_AT_HOME,
			  lane_place(&g->lane, g->p->refs[g->p->classes[b->class].members.first]),
			  box_set(g, b));
}

/* ---- the comparison ---- */

static void compare(struct gate *g, uint32_t item, bdd_t said, bdd_t meant)
{
	bdd_t more = bdd_diff(space_bdd(g->space), said, meant);
	bdd_t less = bdd_diff(space_bdd(g->space), meant, said);

	if (!gate_claim(g, more))
		gate_show(g, PROOF_COMPILED_MORE, item, more);
	if (!gate_claim(g, less))
		gate_show(g, PROOF_COMPILED_LESS, item, less);
}

static void compare_item(struct gate *g, const struct said *x, uint32_t item)
{
	const struct statement *s = gate_statement(g, item);
	struct bdd *b = space_bdd(g->space);
	bdd_t named = g->lane.items[item].named;

	if (s->type == STATEMENT_PERMIT)
		compare(g, item, x->of[item], bdd_diff(b, named, g->lane.denied));
	else if (s->type == STATEMENT_CROSSING)
		compare(g, item, x->of[item],
			bdd_diff(b, bdd_diff(b, named, g->lane.denied), g->lane.granted));
	else if (!lane_is_plain(s))
		compare(g, item, x->of[item], bdd_and(b, named, x->passing));
	else
		compare(g, item, x->of[item], BDD_FALSE);
}

void gate_compiled(struct gate *g)
{
	struct span boxes = boxes_of(g);
	struct said x = { .passing = BDD_FALSE, .stray = BDD_FALSE };

	x.of = calloc(g->lane.count + 1, sizeof(*x.of)); /* BDD_FALSE is 0 */
	if (!x.of) {
		g->lane.failed = true;
		return;
	}
	for (uint32_t i = boxes.first; i < boxes.first + boxes.count; i++) {
		check_home(g, &g->p->boxes[i]);
		add_box(g, &x, &g->p->boxes[i]);
	}
	if (!gate_claim(g, x.stray))
		gate_show(g, PROOF_COMPILED_MORE, POLICY_NONE, x.stray);
	x.passing = passing(g, &x);
	for (uint32_t i = 0; i < g->lane.count; i++)
		compare_item(g, &x, i);
	free(x.of);
}
