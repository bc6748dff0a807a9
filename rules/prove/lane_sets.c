/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lane_sets: the sets of a lane, built from below: source, destination, port, protocol. */
#include "rules/prove/lane.h"

#include <stdlib.h>

static void cut_ranges(const struct lane *l, struct space *s, enum space_field f, struct span r)
{
	for (uint32_t i = r.first; i < r.first + r.count; i++)
		space_cut(s, f, l->ranges.at[i]);
}

static void cut_item(const struct lane *l, struct space *s, const struct lane_item *i)
{
	cut_ranges(l, s, SPACE_SRC, i->src);
	cut_ranges(l, s, SPACE_DST, i->dst);
	for (uint32_t k = 0; k < i->services.count; k++) {
		const struct lane_service *v = &l->services[i->services.first + k];

		space_cut(s, SPACE_PROTOCOL, (struct ip_range){ v->protocol, v->protocol_hi });
		space_cut(s, SPACE_PORT, (struct ip_range){ v->lo, v->hi });
	}
}

void lane_cut(const struct lane *l, struct space *s)
{
	for (uint32_t i = 0; i < l->count; i++)
		cut_item(l, s, &l->items[i]);
	cut_item(l, s, &l->whole);
}

/* ---- products ---- */

/* The addresses of one pair of families: both, IPv4 only, IPv6 only. */
struct address_sets {
	bdd_t both, v4, v6;
};

/* The part of an ascending list that is IPv4: one stretch, as the family is one on the axis. */
static struct span v4_part(const struct lane *l, struct span r)
{
	struct span part = { r.first, 0 };

	while (part.first < r.first + r.count && !ip_is_v4(l->ranges.at[part.first].lo))
		part.first++;
	while (part.first + part.count < r.first + r.count &&
	       ip_is_v4(l->ranges.at[part.first + part.count].lo))
		part.count++;
	return part;
}

static bdd_t sources(const struct lane *l, struct space *s, struct span r)
{
	return space_set(s, SPACE_SRC, SLICE(l->ranges.at, r), r.count, BDD_TRUE);
}

static bdd_t toward(const struct lane *l, struct space *s, struct span dst, bdd_t src)
{
	return space_set(s, SPACE_DST, SLICE(l->ranges.at, dst), dst.count, src);
}

static struct address_sets addresses(const struct lane *l, struct space *s,
				     const struct lane_item *i)
{
	struct span src4 = v4_part(l, i->src), dst4 = v4_part(l, i->dst);
	struct address_sets a = { BDD_FALSE, BDD_FALSE, BDD_FALSE };

	if (src4.count && dst4.count)
		a.v4 = toward(l, s, dst4, sources(l, s, src4));
	if (src4.count < i->src.count && dst4.count < i->dst.count) {
		bdd_t src = bdd_diff(space_bdd(s), sources(l, s, i->src), sources(l, s, src4));

		a.v6 = bdd_diff(space_bdd(s), toward(l, s, i->dst, src), toward(l, s, dst4, src));
	}
	a.both = a.v4 == BDD_FALSE   ? a.v6
		 : a.v6 == BDD_FALSE ? a.v4
				     : bdd_or(space_bdd(s), a.v4, a.v6);
	return a;
}

static bdd_t by_family(const struct address_sets *a, uint8_t family)
{
	return family == 4 ? a->v4 : family == 6 ? a->v6 : a->both;
}

bdd_t lane_product(const struct lane *l, struct space *s, const struct lane_item *i)
{
	struct address_sets a = addresses(l, s, i);
	bdd_t set = BDD_FALSE;

	for (uint32_t k = 0; k < i->services.count; k++) {
		const struct lane_service *v = &l->services[i->services.first + k];
		struct ip_range protocol = { v->protocol, v->protocol_hi };
		struct ip_range port = { v->lo, v->hi };
		bdd_t here = space_range(s, SPACE_PORT, port, by_family(&a, v->family));

		here = space_range(s, SPACE_PROTOCOL, protocol, here);
		set = k ? bdd_or(space_bdd(s), set, here) : here;
	}
	return set;
}

/* ---- what takes effect ---- */

bool lane_is_plain(const struct statement *s)
{
	return s->type == STATEMENT_DENY && s->applications.count == 0 && s->names.count == 0 &&
	       s->feed == POLICY_NONE && s->window == POLICY_NONE && s->since == 0 && s->until == 0;
}

/* The union over the items that are asked for. */
static bdd_t join(struct lane *l, struct space *s,
		  bool (*wanted)(const struct lane *, const struct lane_item *))
{
	bdd_t *sets = malloc((l->count + 1) * sizeof(*sets));
	uint32_t n = 0;

	if (!sets) {
		l->failed = true;
		return BDD_NONE;
	}
	for (uint32_t i = 0; i < l->count; i++)
		if (wanted(l, &l->items[i]))
			sets[n++] = l->items[i].named;
	bdd_t all = bdd_or_all(space_bdd(s), sets, n);

	free(sets);
	return all;
}

static bool is_type(const struct lane *l, const struct lane_item *i, enum statement_type type)
{
	return l->p->statements[i->statement].type == type;
}

static bool is_plain(const struct lane *l, const struct lane_item *i)
{
	return lane_is_plain(&l->p->statements[i->statement]);
}

static bool is_permit(const struct lane *l, const struct lane_item *i)
{
	return is_type(l, i, STATEMENT_PERMIT);
}

static bool is_live_permit(const struct lane *l, const struct lane_item *i)
{
	return is_type(l, i, STATEMENT_PERMIT) && !i->ended;
}

static bool is_live_crossing(const struct lane *l, const struct lane_item *i)
{
	return is_type(l, i, STATEMENT_CROSSING) && !i->ended;
}

static bdd_t effective(const struct lane *l, struct bdd *b, const struct lane_item *i, bdd_t taken)
{
	if (is_type(l, i, STATEMENT_DENY))
		return i->named;
	if (i->ended)
		return BDD_FALSE;
	return bdd_diff(b, i->named, is_permit(l, i) ? l->denied : taken);
}

void lane_build(struct lane *l, struct space *s)
{
	struct bdd *b = space_bdd(s);

	for (uint32_t i = 0; i < l->count; i++)
		l->items[i].named = lane_product(l, s, &l->items[i]);
	l->denied = join(l, s, is_plain);
	l->granted = bdd_diff(b, join(l, s, is_permit), l->denied);
	bdd_t taken = bdd_or(b, l->denied, l->granted);

	for (uint32_t i = 0; i < l->count; i++)
		l->items[i].effective = effective(l, b, &l->items[i], taken);
	l->inside = bdd_diff(b, lane_product(l, s, &l->whole), taken);
	l->permitted = l->ended ? bdd_diff(b, join(l, s, is_live_permit), l->denied) : l->granted;
	l->permitted = bdd_or(b, l->permitted, bdd_diff(b, join(l, s, is_live_crossing), taken));
	l->permitted = bdd_or(b, l->permitted, l->inside);
}

struct space_count lane_size(const struct lane *l, struct space *s, bdd_t set)
{
	uint32_t box = policy_box_zone(l->p), fields = 1u << SPACE_PROTOCOL | 1u << SPACE_PORT;

	fields |= (l->to != box ? 1u : 0u) << SPACE_DST | (l->from != box ? 1u : 0u) << SPACE_SRC;
	for (int f = 0; f < SPACE_FIELD_COUNT; f++)
		if (!(fields >> f & 1))
			set = space_forget(s, set, (enum space_field)f);
	return space_size(s, set, fields);
}
