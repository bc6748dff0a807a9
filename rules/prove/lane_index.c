/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lane_index: which statements have an end in which pair of zones, for all pairs in one pass. */
#include "rules/prove/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* The next zone of the set, from one on; POLICY_NONE at its end. */
static uint32_t next_zone(struct zones z, uint32_t from)
{
	for (uint32_t word = from / 64; word < 2; word++, from = 64) {
		uint64_t bits = z.bits[word] >> from % 64 << from % 64;

		if (bits)
			return word * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return POLICY_NONE;
}

/* Enters a statement for each pair of the two sets: counts it, or with `fill` puts it at its next place. */
static void enter(const struct policy *p, uint32_t statement, struct zones from, struct zones to,
		  uint32_t *next, uint32_t *fill)
{
	for (uint32_t a = next_zone(from, 0); a != POLICY_NONE; a = next_zone(from, a + 1))
		for (uint32_t b = next_zone(to, 0); b != POLICY_NONE; b = next_zone(to, b + 1)) {
			uint32_t *at = &next[a * p->zones_count + b];

			if (fill)
				fill[*at] = statement;
			++*at;
		}
}

/* A crossing is of both directions. */
static void enter_all(const struct policy *p, uint32_t *next, uint32_t *fill)
{
	for (uint32_t i = 0; i < p->statements_count; i++) {
		const struct statement *s = &p->statements[i];
		struct zones from = zones_of(p, s->from), to = zones_of(p, s->to);

		enter(p, i, from, to, next, fill);
		if (s->type == STATEMENT_CROSSING && memcmp(&from, &to, sizeof(from)) != 0)
			enter(p, i, to, from, next, fill);
	}
}

int lane_index_init(struct lane_index *x, const struct policy *p)
{
	uint32_t pairs = p->zones_count * p->zones_count;

	*x = (struct lane_index){ .first = calloc(pairs + 2, sizeof(*x->first)) };
	if (!x->first)
		return -ENOMEM;
	/* counts stand two places on, so that after the sums and the filling they are the offsets */
	enter_all(p, x->first + 2, NULL);
	for (uint32_t i = 1; i < pairs + 2; i++)
		x->first[i] += x->first[i - 1];
	x->statements = malloc((x->first[pairs + 1] + 1) * sizeof(*x->statements));
	if (!x->statements) {
		lane_index_done(x);
		return -ENOMEM;
	}
	enter_all(p, x->first + 1, x->statements);
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
