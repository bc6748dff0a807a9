/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate_asserts: the policy's own assertions.
 *
 *	rule never	no conversation from `from` to `to` by `service`
 *	rule only	none that has neither end among `via`
 */
#include "rules/prove/gate.h"

/* What an assertion names between the two zones, in the lane's own numbers. */
struct asserted {
	struct lane_item item;
	struct ranges via_src, via_dst;
};

static bool concerns(const struct policy *p, struct span ends, uint32_t zone)
{
	for (uint32_t i = ends.first; i < ends.first + ends.count; i++)
		if (p->endpoints[i].zone == zone)
			return true;
	return false;
}

static struct span add_ends(struct gate *g, struct span ends, uint32_t zone)
{
	uint32_t first = g->lane.ranges.count;

	lane_ends(g->p, ends, zone, &g->lane.ranges);
	g->lane.failed |= g->lane.ranges.failed;
	return (struct span){ first, g->lane.ranges.count - first };
}

static struct asserted load(struct gate *g, const struct assertion *a)
{
	struct asserted x = { .item = { .statement = POLICY_NONE } };

	x.item.src = add_ends(g, a->from, g->from);
	x.item.dst = add_ends(g, a->to, g->to);
	x.item.services = lane_services(&g->lane, a->services);
	lane_ends(g->p, a->via, g->from, &x.via_src);
	lane_ends(g->p, a->via, g->to, &x.via_dst);
	g->lane.failed |= x.via_src.failed || x.via_dst.failed;
	return x;
}

static void unload(struct asserted *x)
{
	ranges_done(&x->via_src);
	ranges_done(&x->via_dst);
}

static void cut(struct space *s, enum space_field f, const struct ip_range *r, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		space_cut(s, f, r[i]);
}

static void cut_one(struct gate *g, const struct asserted *x)
{
	const struct lane *l = &g->lane;

	cut(g->space, SPACE_SRC, SLICE(l->ranges.at, x->item.src), x->item.src.count);
	cut(g->space, SPACE_DST, SLICE(l->ranges.at, x->item.dst), x->item.dst.count);
	cut(g->space, SPACE_SRC, x->via_src.at, x->via_src.count);
	cut(g->space, SPACE_DST, x->via_dst.at, x->via_dst.count);
	for (uint32_t i = 0; i < x->item.services.count; i++) {
		const struct lane_service *v = &l->services[x->item.services.first + i];

		space_cut(g->space, SPACE_PROTOCOL,
			  (struct ip_range){ v->protocol, v->protocol_hi });
		space_cut(g->space, SPACE_PORT, (struct ip_range){ v->lo, v->hi });
	}
}

static bool is_of_pair(const struct gate *g, const struct assertion *a)
{
	return concerns(g->p, a->from, g->from) && concerns(g->p, a->to, g->to);
}

void gate_asserts_cut(struct gate *g)
{
	for (uint32_t i = 0; i < g->p->assertions_count; i++) {
		if (!is_of_pair(g, &g->p->assertions[i]))
			continue;
		struct asserted x = load(g, &g->p->assertions[i]);

		cut_one(g, &x);
		unload(&x);
	}
}

/* The permit, or crossing, that lets some of the set pass. */
static uint32_t item_of(struct gate *g, bdd_t set)
{
	for (uint32_t i = 0; i < g->lane.count; i++)
		if (gate_statement(g, i)->type != STATEMENT_DENY &&
		    bdd_and(space_bdd(g->space), g->lane.items[i].effective, set) != BDD_FALSE)
			return i;
	return POLICY_NONE;
}

static bdd_t check_one(struct gate *g, uint32_t assertion)
{
	const struct assertion *a = &g->p->assertions[assertion];
	struct asserted x = load(g, a);
	struct bdd *b = space_bdd(g->space);
	bdd_t spoken = bdd_and(b, g->lane.permitted, lane_product(&g->lane, g->space, &x.item));
	bdd_t bad = spoken;

	if (a->only) {
		bad = bdd_diff(b, bad,
			       space_set(g->space, SPACE_SRC, x.via_src.at, x.via_src.count,
					 BDD_TRUE));
		bad = bdd_diff(b, bad,
			       space_set(g->space, SPACE_DST, x.via_dst.at, x.via_dst.count,
					 BDD_TRUE));
	}
	unload(&x);
	if (gate_claim(g, bad))
		return spoken;
	struct finding *f = gate_show(g, a->only ? PROOF_ASSERT_ONLY : PROOF_ASSERT_NEVER,
				      item_of(g, bad), bad);

	if (f)
		f->object = assertion;
	return spoken;
}

bdd_t gate_asserts(struct gate *g)
{
	bdd_t spoken = BDD_FALSE;

	for (uint32_t i = 0; i < g->p->assertions_count; i++)
		if (is_of_pair(g, &g->p->assertions[i]))
			spoken = bdd_or(space_bdd(g->space), spoken, check_one(g, i));
	return spoken;
}
