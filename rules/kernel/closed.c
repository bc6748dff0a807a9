/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/closed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rules/kernel/live.h"
#include "rules/policy.h"

static bool is_protected(const struct policy *p, uint32_t zone)
{
	return p->zones[zone].role == ROLE_MYNUMBER || p->zones[zone].role == ROLE_PUBLIC_LINE;
}

static bool is_management(const struct policy *p, uint32_t from, uint32_t to)
{
	uint32_t box = policy_box_zone(p);

	return (to == box && p->zones[from].role == ROLE_MANAGEMENT) ||
	       (from == box && p->zones[to].role == ROLE_MANAGEMENT);
}

static bool is_closed(const struct policy *p, uint32_t from, uint32_t to, unsigned int closed)
{
	if (closed & CLOSED_ALL && !is_management(p, from, to))
		return true;
	return closed & CLOSED_PROTECTED && (is_protected(p, from) || is_protected(p, to));
}

static void close_zones(const struct policy *p, unsigned int closed, struct zone *zones)
{
	for (uint32_t i = 0; i < p->zones_count; i++)
		if (is_closed(p, i, i, closed))
			zones[i].inside_permit = false;
}

static void close_pairs(const struct policy *p, unsigned int closed, struct pair *pairs)
{
	for (uint32_t i = 0; i < p->pairs_count; i++)
		if (is_closed(p, pairs[i].from, pairs[i].to, closed))
			pairs[i].boxes.count = 0;
}

static void close_classes(const struct policy *p, bool *open, struct live_class *live)
{
	for (uint32_t i = 0; i < p->pairs_count; i++) {
		struct span s = p->pairs[i].boxes;

		for (uint32_t b = s.first; b < s.first + s.count; b++)
			open[p->boxes[b].class] = true;
	}
	for (uint32_t i = 0; i < p->classes_count; i++)
		if (!open[i])
			live[i].state = LIVE_ABSENT;
}

int closed_apply(struct policy *p, struct live_class *live, unsigned int closed, struct closed *out)
{
	bool *open = calloc(p->classes_count + 1, sizeof(*open));

	*out = (struct closed){ calloc(p->pairs_count + 1, sizeof(*out->pairs)),
				calloc(p->zones_count + 1, sizeof(*out->zones)) };
	if (!open || !out->pairs || !out->zones) {
		free(open);
		closed_done(out);
		return -ENOMEM;
	}
	memcpy(out->pairs, p->pairs, p->pairs_count * sizeof(*out->pairs));
	memcpy(out->zones, p->zones, p->zones_count * sizeof(*out->zones));
	close_zones(p, closed, out->zones);
	close_pairs(p, closed, out->pairs);
	p->zones = out->zones;
	p->pairs = out->pairs;
	close_classes(p, open, live);
	free(open);
	return 0;
}

void closed_done(struct closed *c)
{
	free(c->pairs);
	free(c->zones);
	*c = (struct closed){ 0 };
}
