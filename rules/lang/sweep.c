/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"

#define SMALL 12 /* up to here insertion beats qsort(), and most sweeps over sources are of a few */

bool sweep_init(struct sweep *s, struct arena *arena, uint32_t owners)
{
	*s = (struct sweep){ .arena = arena };
	s->active = arena_alloc(arena, ((size_t)owners + 1) * sizeof(*s->active));
	s->place = arena_alloc(arena, ((size_t)owners + 1) * sizeof(*s->place));
	return s->active && s->place;
}

void sweep_start(struct sweep *s)
{
	s->count = s->next_lo = s->next_hi = s->active_count = 0;
	s->started = false;
}

static bool grow(struct sweep *s)
{
	uint32_t room = s->room ? s->room * 2 : 64;
	struct interval *p = arena_alloc(s->arena, (size_t)room * 2 * sizeof(*p));

	if (!p) {
		s->failed = true;
		return false;
	}
	if (s->count)
		memcpy(p, s->by_lo, s->count * sizeof(*p));
	s->by_lo = p;
	s->by_hi = p + room;
	s->room = room;
	return true;
}

void sweep_add(struct sweep *s, ip_t lo, ip_t hi, uint32_t owner)
{
	if (s->count == s->room && !grow(s))
		return;
	s->by_lo[s->count++] = (struct interval){ .lo = lo, .hi = hi, .owner = owner };
}

static int by_lo(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

static int by_hi(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return (x->hi > y->hi) - (x->hi < y->hi);
}

static void sort(struct interval *all, uint32_t count, int (*order)(const void *, const void *))
{
	if (count > SMALL) {
		qsort(all, count, sizeof(*all), order);
		return;
	}
	for (uint32_t i = 1; i < count; i++) {
		struct interval one = all[i];
		uint32_t at = i;

		for (; at && order(&all[at - 1], &one) > 0; at--)
			all[at] = all[at - 1];
		all[at] = one;
	}
}

static void begin(struct sweep *s)
{
	s->started = true;
	if (s->count)
		memcpy(s->by_hi, s->by_lo, s->count * sizeof(*s->by_hi));
	sort(s->by_lo, s->count, by_lo);
	sort(s->by_hi, s->count, by_hi);
}

static void enter(struct sweep *s, uint32_t owner)
{
	s->place[owner] = s->active_count;
	s->active[s->active_count++] = owner;
}

static void leave(struct sweep *s, uint32_t owner)
{
	uint32_t last = s->active[--s->active_count];

	s->active[s->place[owner]] = last;
	s->place[last] = s->place[owner];
}

bool sweep_next(struct sweep *s)
{
	ip_t at;

	if (s->failed)
		return false;
	if (!s->started) {
		begin(s);
	} else {
		while (s->next_hi < s->count && s->by_hi[s->next_hi].hi == s->cut.hi)
			leave(s, s->by_hi[s->next_hi++].owner);
	}
	if (s->active_count == 0 && s->next_lo == s->count)
		return false;
	at = s->active_count ? s->cut.hi + 1 : s->by_lo[s->next_lo].lo;
	while (s->next_lo < s->count && s->by_lo[s->next_lo].lo == at)
		enter(s, s->by_lo[s->next_lo++].owner);
	s->cut = (struct ip_range){ at, s->by_hi[s->next_hi].hi };
	if (s->next_lo < s->count && s->by_lo[s->next_lo].lo <= s->cut.hi)
		s->cut.hi = s->by_lo[s->next_lo].lo - 1;
	return true;
}
