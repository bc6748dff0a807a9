/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/networks.h"

#include <stdlib.h>
#include <string.h>

#include "rules/lang/draft.h"

bool networks_next_prefix(struct ip_range *rest, struct ip_range *prefix)
{
	ip_t host = 0; /* host bits of the prefix */
	ip_t widest = ip_is_v4(rest->lo) ? 0xffffffffu : IP_MAX;

	while (host != widest) {
		ip_t wider = host << 1 | 1;

		if ((rest->lo & wider) || rest->hi - rest->lo < wider)
			break;
		host = wider;
	}
	*prefix = (struct ip_range){ rest->lo, rest->lo + host };
	if (prefix->hi == rest->hi)
		return false;
	rest->lo = prefix->hi + 1;
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct ip_range *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return (x->hi > y->hi) - (x->hi < y->hi);
}

/* b begins inside a or just after it, in the same family. */
static bool touches(struct ip_range a, struct ip_range b)
{
	if (ip_is_v4(a.lo) != ip_is_v4(b.lo))
		return false;
	return b.lo <= a.hi || b.lo == a.hi + 1;
}

uint32_t networks_join(struct ip_range *n, uint32_t count)
{
	uint32_t kept = 0;

	if (count)
		qsort(n, count, sizeof(*n), by_start);
	for (uint32_t i = 0; i < count; i++) {
		if (kept && touches(n[kept - 1], n[i])) {
			if (n[i].hi > n[kept - 1].hi)
				n[kept - 1].hi = n[i].hi;
		} else {
			n[kept++] = n[i];
		}
	}
	return kept;
}

struct span networks_sort(struct draft *d, uint32_t first)
{
	uint32_t kept = networks_join(d->nets + first, d->nets_count - first);

	d->nets_count = first + kept;
	return (struct span){ first, kept };
}

void networks_sort_ends(struct draft *d, uint32_t first, uint32_t first_net)
{
	uint32_t count = d->nets_count - first_net, next = first_net;

	if (count < 2)
		return;
	qsort(d->nets + first_net, count, sizeof(*d->nets), by_start);
	for (uint32_t i = first; i < d->endpoints_count; i++)
		if (d->endpoints[i].kind == END_PREFIX) {
			ip_t lo = d->nets[next].lo;

			d->endpoints[i].index = next++;
			for (uint32_t z = 0; z < d->zones_count; z++)
				if (networks_overlap(d, d->zones[z].nets,
						     (struct ip_range){ lo, lo }))
					d->endpoints[i].zone = z;
		}
}

/* The first range of a sorted list that does not end before an address; the list's end when none. */
static uint32_t lower(const struct draft *d, struct span nets, ip_t a)
{
	uint32_t lo = nets.first, hi = nets.first + nets.count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (d->nets[mid].hi < a)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool networks_cover(const struct draft *d, struct span nets, struct ip_range r)
{
	uint32_t at = lower(d, nets, r.lo);

	return at < nets.first + nets.count && ip_covers(d->nets[at], r);
}

bool networks_overlap(const struct draft *d, struct span nets, struct ip_range r)
{
	uint32_t at = lower(d, nets, r.lo);

	return at < nets.first + nets.count && d->nets[at].lo <= r.hi;
}

static void add(struct draft *d, ip_t lo, ip_t hi)
{
	struct ip_range *r = draft_add_nets(d);

	if (r)
		*r = (struct ip_range){ lo, hi };
}

/* The gaps of a sorted list inside one stretch of the axis. */
static void add_gaps(struct draft *d, struct ip_range within, struct span taken)
{
	ip_t next = within.lo;

	for (uint32_t i = taken.first; i < taken.first + taken.count && !d->failed; i++) {
		struct ip_range t = d->nets[i];

		if (t.hi < within.lo || t.lo > within.hi)
			continue;
		if (t.lo > next)
			add(d, next, t.lo - 1);
		if (t.hi >= within.hi)
			return;
		next = t.hi + 1;
	}
	add(d, next, within.hi);
}

struct span networks_rest(struct draft *d)
{
	uint32_t first = d->nets_count;
	struct ip_range parts[3];

	for (uint32_t z = 0; z < d->zones_count; z++)
		for (uint32_t i = 0; i < d->zones[z].nets.count; i++) {
			struct ip_range r = d->nets[d->zones[z].nets.first + i];

			add(d, r.lo, r.hi);
		}
	struct span taken = networks_sort(d, first);

	ip_all_v6(&parts[1]);
	parts[0] = parts[1];
	parts[1] = ip_all_v4();
	for (int i = 0; i < 3 && !d->failed; i++)
		add_gaps(d, parts[i], taken);
	uint32_t count = d->nets_count - first - taken.count;

	if (!d->failed && count)
		memmove(d->nets + first, d->nets + first + taken.count, count * sizeof(*d->nets));
	d->nets_count = first + count;
	return (struct span){ first, count };
}

bool networks_mac(const char *text, uint8_t mac[static 6])
{
	char colons[18];
	size_t n = strlen(text);

	if (n != 17)
		return false;
	for (size_t i = 0; i <= n; i++)
		colons[i] = (char)(text[i] == '-' ? ':' : text[i]);
	if (mac_parse(colons, mac) < 0)
		return false;
	return !(mac[0] & 1) && (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}
