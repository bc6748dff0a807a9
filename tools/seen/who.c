/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/who.h"

#include <stdlib.h>
#include <string.h>

struct home {
	struct ip_range range;
	uint32_t host;
};

struct who {
	const struct policy *p; /* borrowed */
	struct home *homes;     /* owned; ascending, disjoint: hosts share no address */
	uint32_t count;
};

static int by_address(const void *a, const void *b)
{
	const struct home *x = a, *y = b;

	return (x->range.lo > y->range.lo) - (x->range.lo < y->range.lo);
}

struct who *who_new(const struct policy *p)
{
	struct who *w = calloc(1, sizeof(*w));

	if (w)
		w->homes = calloc(p->nets_count + 1u, sizeof(*w->homes));
	if (!w || !w->homes) {
		free(w);
		return NULL;
	}
	w->p = p;
	for (uint32_t h = 0; h < p->hosts_count; h++)
		for (uint32_t i = 0; i < p->hosts[h].nets.count && w->count < p->nets_count; i++)
			w->homes[w->count++] =
				(struct home){ p->nets[p->hosts[h].nets.first + i], h };
	qsort(w->homes, w->count, sizeof(*w->homes), by_address);
	return w;
}

void who_free(struct who *w)
{
	if (!w)
		return;
	free(w->homes);
	free(w);
}

uint32_t who_has(const struct who *w, ip_t a)
{
	uint32_t lo = 0, hi = w->count;

	while (lo < hi) { /* the first that does not end before a */
		const uint32_t mid = lo + (hi - lo) / 2;

		if (w->homes[mid].range.hi < a)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < w->count && ip_in(w->homes[lo].range, a) ? w->homes[lo].host : POLICY_NONE;
}

const char *who_name(const struct who *w, ip_t a)
{
	const uint32_t h = who_has(w, a);
	const char *name;

	if (h == POLICY_NONE)
		return NULL;
	name = policy_string(w->p, w->p->hosts[h].name);
	return strchr(name, ':') ? policy_string(w->p, w->p->hosts[h].label) : name;
}

const char *who_section(const struct who *w, ip_t a)
{
	const uint32_t h = who_has(w, a);

	return h == POLICY_NONE ? "" : policy_string(w->p, w->p->hosts[h].section);
}
