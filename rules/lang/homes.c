/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/homes.h"

#include "rules/arena.h"
#include "rules/lang/networks.h"

static ip_t point_of(const struct draft *d, uint32_t host)
{
	return d->nets[d->hosts[host].nets.first].lo;
}

static uint32_t *slot_of(const struct unit *u, const struct homes *h, ip_t a)
{
	uint64_t x = (uint64_t)(a ^ a >> 64) * 0x9e3779b97f4a7c15u;

	for (uint32_t i = (uint32_t)(x >> 32) & (h->size - 1);; i = (i + 1) & (h->size - 1))
		if (!h->slots[i] || point_of(&u->draft, h->slots[i] - 1) == a)
			return &h->slots[i];
}

static bool grow(struct unit *u, struct homes *h)
{
	struct homes bigger = *h;

	bigger.size = h->size ? h->size * 2 : 1024;
	bigger.slots = unit_alloc(u, bigger.size * sizeof(uint32_t));
	if (!bigger.slots)
		return false;
	for (uint32_t i = 0; i < h->size; i++)
		if (h->slots[i])
			*slot_of(u, &bigger, point_of(&u->draft, h->slots[i] - 1)) = h->slots[i];
	*h = bigger;
	return true;
}

static void add_wide(struct unit *u, struct homes *h, uint32_t host)
{
	uint32_t *wide = arena_grow(u->arena, h->wide, h->wide_count, sizeof(*wide));

	if (!wide) {
		u->failed = true;
		return;
	}
	h->wide = wide;
	wide[h->wide_count++] = host;
}

void homes_add(struct unit *u, struct homes *h, uint32_t host)
{
	const struct draft *d = &u->draft;
	struct span nets = d->hosts[host].nets;

	if (nets.count != 1 || d->nets[nets.first].lo != d->nets[nets.first].hi) {
		add_wide(u, h, host);
		return;
	}
	if (h->count >= h->size / 2 && !grow(u, h))
		return;
	*slot_of(u, h, point_of(d, host)) = host + 1;
	h->count++;
}

uint32_t homes_point(const struct unit *u, const struct homes *h, ip_t a)
{
	uint32_t found = h->size ? *slot_of(u, h, a) : 0;

	return found ? found - 1 : POLICY_NONE;
}

uint32_t homes_wide(const struct unit *u, const struct homes *h, ip_t a)
{
	const struct draft *d = &u->draft;

	for (uint32_t i = 0; i < h->wide_count; i++)
		if (networks_cover(d, d->hosts[h->wide[i]].nets, (struct ip_range){ a, a }))
			return h->wide[i];
	return POLICY_NONE;
}
