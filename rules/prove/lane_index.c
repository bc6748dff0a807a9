/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lane_index: which statements have an end in which pair of zones, for all pairs in one pass. */
#include "rules/prove/lane.h"

#include <errno.h>
#include <stdlib.h>

struct zones { /* POLICY_ZONES_MAX bits */
	uint64_t bits[2];
};

static struct zones zones_of(const struct policy *p, struct span ends)
{
	struct zones z = { { 0 } };

	for (uint32_t i = ends.first; i < ends.first + ends.count; i++) {
		uint32_t zone = p->endpoints[i].zone;

		z.bits[zone / 64] |= UINT64_C(1) << zone % 64;
	}
	return z;
}

static bool has_zone(struct zones z, uint32_t zone)
{
	return z.bits[zone / 64] >> zone % 64 & 1;
}

static bool in_pair(const struct statement *s, struct zones from, struct zones to, uint32_t a,
		    uint32_t b)
{
	if (has_zone(from, a) && has_zone(to, b))
		return true;
	return s->type == STATEMENT_CROSSING && has_zone(from, b) && has_zone(to, a);
}

/* Counts the pairs of a statement, or with `fill` enters it at each one's next place. */
static void enter(const struct policy *p, uint32_t statement, uint32_t *next, uint32_t *fill)
{
	const struct statement *s = &p->statements[statement];
	struct zones from = zones_of(p, s->from), to = zones_of(p, s->to);
	bool both = s->type == STATEMENT_CROSSING;

	for (uint32_t a = 0; a < p->zones_count; a++) {
		if (!has_zone(from, a) && !(both && has_zone(to, a)))
			continue;
		for (uint32_t b = 0; b < p->zones_count; b++) {
			if (!in_pair(s, from, to, a, b))
				continue;
			if (fill)
				fill[next[a * p->zones_count + b]] = statement;
			next[a * p->zones_count + b]++;
		}
	}
}

int lane_index_init(struct lane_index *x, const struct policy *p)
{
	uint32_t pairs = p->zones_count * p->zones_count;

	*x = (struct lane_index){ .first = calloc(pairs + 2, sizeof(*x->first)) };
	if (!x->first)
		return -ENOMEM;
	/* counts stand two places on, so that after the sums and the filling they are the offsets */
	for (uint32_t i = 0; i < p->statements_count; i++)
		enter(p, i, x->first + 2, NULL);
	for (uint32_t i = 1; i < pairs + 2; i++)
		x->first[i] += x->first[i - 1];
	x->statements = malloc((x->first[pairs + 1] + 1) * sizeof(*x->statements));
	if (!x->statements) {
		lane_index_done(x);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < p->statements_count; i++)
		enter(p, i, x->first + 1, x->statements);
	return 0;
}

void lane_index_done(struct lane_index *x)
{
	free(x->first);
	free(x->statements);
	*x = (struct lane_index){ 0 };
}

struct span lane_index_of(const struct lane_index *x, const struct policy *p, uint32_t from,
			  uint32_t to)
{
	const uint32_t *first = &x->first[from * p->zones_count + to];

	return (struct span){ first[0], first[1] - first[0] };
}
