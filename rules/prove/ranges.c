/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/ranges.h"

#include <stdlib.h>
#include <string.h>

void ranges_done(struct ranges *r)
{
	free(r->at);
	*r = (struct ranges){ 0 };
}

void ranges_clear(struct ranges *r)
{
	r->count = 0;
	r->failed = false;
}

void ranges_add(struct ranges *r, struct ip_range x)
{
	if (r->count == r->room) {
		uint32_t room = r->room ? r->room * 2 : 8;
		struct ip_range *p = realloc(r->at, room * sizeof(*p));

		if (!p) {
			r->failed = true;
			return;
		}
		r->at = p;
		r->room = room;
	}
	r->at[r->count++] = x;
}

static int by_low_end(const void *a, const void *b)
{
	struct ip_range x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x.lo < y.lo ? -1 : x.lo > y.lo;
}

static bool is_sorted(const struct ranges *r, uint32_t first)
{
	for (uint32_t i = first + 1; i < r->count; i++)
		if (r->at[i - 1].lo > r->at[i].lo)
			return false;
	return true;
}

static bool joins(struct ip_range a, struct ip_range b)
{
	if (b.lo <= a.hi)
		return true;
	return b.lo == a.hi + 1 && ip_is_v4(a.hi) == ip_is_v4(b.lo);
}

void ranges_sort_from(struct ranges *r, uint32_t first)
{
	uint32_t n = first;

	if (!is_sorted(r, first))
		qsort(r->at + first, r->count - first, sizeof(*r->at), by_low_end);
	for (uint32_t i = first; i < r->count; i++) {
		if (n > first && joins(r->at[n - 1], r->at[i])) {
			if (r->at[i].hi > r->at[n - 1].hi)
				r->at[n - 1].hi = r->at[i].hi;
		} else {
			r->at[n++] = r->at[i];
		}
	}
	r->count = n;
}

void ranges_sort(struct ranges *r)
{
	ranges_sort_from(r, 0);
}

void ranges_add_all(struct ranges *r, const struct ip_range *x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		ranges_add(r, x[i]);
}

/* The first of the ranges that does not end before a. */
static uint32_t first_from(const struct ip_range *r, uint32_t n, ip_t a)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (r[mid].hi < a)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void ranges_add_within(struct ranges *r, struct ip_range x, const struct ip_range *bounds,
		       uint32_t n)
{
	for (uint32_t i = first_from(bounds, n, x.lo); i < n && bounds[i].lo <= x.hi; i++)
		ranges_add(r, (struct ip_range){ bounds[i].lo > x.lo ? bounds[i].lo : x.lo,
						 bounds[i].hi < x.hi ? bounds[i].hi : x.hi });
}

/* Takes over what was made of r. */
static void replace(struct ranges *r, struct ranges *made)
{
	made->failed |= r->failed;
	free(r->at);
	*r = *made;
}

void ranges_keep(struct ranges *r, const struct ranges *other)
{
	struct ranges out = { .failed = other->failed };

	for (uint32_t i = 0; i < r->count; i++)
		ranges_add_within(&out, r->at[i], other->at, other->count);
	replace(r, &out);
}

void ranges_remove(struct ranges *r, const struct ranges *other)
{
	struct ranges out = { .failed = other->failed };

	for (uint32_t i = 0; i < r->count; i++) {
		struct ip_range x = r->at[i];
		uint32_t k = first_from(other->at, other->count, x.lo);
		bool left = true;

		for (; left && k < other->count && other->at[k].lo <= x.hi; k++) {
			if (other->at[k].lo > x.lo)
				ranges_add(&out, (struct ip_range){ x.lo, other->at[k].lo - 1 });
			left = other->at[k].hi < x.hi;
			x.lo = left ? other->at[k].hi + 1 : x.lo;
		}
		if (left)
			ranges_add(&out, x);
	}
	replace(r, &out);
}

bool ranges_hold(const struct ip_range *r, uint32_t n, struct ip_range x)
{
	uint32_t i = first_from(r, n, x.lo);

	return i < n && ip_covers(r[i], x);
}

bool ranges_meet(const struct ip_range *r, uint32_t n, struct ip_range x)
{
	uint32_t i = first_from(r, n, x.lo);

	return i < n && ip_overlaps(r[i], x);
}
