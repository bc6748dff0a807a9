/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/fate.h"

#include <stdbool.h>

#include "rules/kernel/live.h"
#include "rules/policy.h"

static bool is_in_force(const struct policy *p, const struct live_class *live, uint16_t number)
{
	for (uint32_t i = 0; i < p->classes_count; i++)
		if (live[i].state != LIVE_ABSENT && live[i].number == number)
			return true;
	return false;
}

static bool boxes_overlap(const struct box *a, const struct box *b)
{
	return a->kind == b->kind && a->protocol <= b->protocol_hi &&
	       b->protocol <= a->protocol_hi && a->lo <= b->hi && b->lo <= a->hi &&
	       ip_overlaps(a->src, b->src) && ip_overlaps(a->dst, b->dst);
}

/* Zones may have other names and places now, so all boxes are looked at; addresses tell them apart. */
static bool is_permitted(const struct policy *p, const struct live_class *live, const struct box *b)
{
	for (uint32_t i = 0; i < p->boxes_count; i++)
		if (live[p->boxes[i].class].state == LIVE_OPEN && boxes_overlap(&p->boxes[i], b))
			return true;
	return false;
}

static enum fate without_number(const struct live_class *old, const struct policy *p,
				const struct live_class *live)
{
	if (old->state != LIVE_OPEN)
		return FATE_NONE;
	return is_in_force(p, live, old->number) ? FATE_KEPT : FATE_ENDED;
}

void fate_of_classes(const struct policy *old, const struct live_class *old_live,
		     const struct policy *p, const struct live_class *live, uint8_t *out)
{
	for (uint32_t i = 0; i < old->classes_count; i++)
		out[i] = (uint8_t)without_number(&old_live[i], p, live);
	for (uint32_t i = 0; i < old->boxes_count; i++) {
		uint8_t *fate = &out[old->boxes[i].class];

		if (*fate == FATE_ENDED && is_permitted(p, live, &old->boxes[i]))
			*fate = FATE_JUDGED;
	}
}
