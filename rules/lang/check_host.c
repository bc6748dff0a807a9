/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_host: hosts stand in their zone's networks, and an address belongs to one host. */
#include <stdlib.h>
#include <string.h>

#include "rules/lang/check.h"
#include "rules/lang/networks.h"
#include "rules/lang/read.h"
#include "rules/lang/tables.h"

static const struct block *block_of(const struct unit *u, uint32_t host)
{
	return u->tables[TABLE_HOSTS].blocks[host];
}

static void check_at_home(struct unit *u, uint32_t h)
{
	const struct draft *d = &u->draft;
	const struct host *host = &d->hosts[h];
	const struct block *zone = u->tables[TABLE_ZONES].blocks[host->zone];
	char buf[IP_RANGE_TEXT];

	if (d->zones[host->zone].nets.count == 0) /* they could not be read; that has been said */
		return;
	for (uint32_t i = host->nets.first; i < host->nets.first + host->nets.count; i++) {
		if (networks_cover(d, d->zones[host->zone].nets, d->nets[i]))
			continue;
		diag_add(u->diags, MSG_HOST_NOT_IN_ZONE,
			 check_network_place(block_of(u, h), "address", d->nets[i]),
			 block_of(u, h)->name, ip_range_text(d->nets[i], buf), zone->name);
		diag_add(u->diags, MSG_ZONE_NETWORKS_HERE, read_place(zone, "network"));
	}
}

struct owned {
	struct ip_range range;
	uint32_t host;
};

static int by_range(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;

	if (x->range.lo != y->range.lo)
		return x->range.lo < y->range.lo ? -1 : 1;
	return (x->host > y->host) - (x->host < y->host);
}

static void report_shared(struct unit *u, struct owned a, struct owned b)
{
	const struct block *block_a = block_of(u, a.host), *block_b = block_of(u, b.host);
	struct ip_range common = { b.range.lo, a.range.hi < b.range.hi ? a.range.hi : b.range.hi };
	struct location at_a = check_network_place(block_a, "address", common);
	struct location at_b = check_network_place(block_b, "address", common);
	bool later = at_a.text->order > at_b.text->order ||
		     (at_a.text == at_b.text && at_a.offset > at_b.offset);
	char buf[IP_RANGE_TEXT];

	diag_add(u->diags, MSG_HOSTS_SHARE, later ? at_a : at_b,
		 later ? block_a->name : block_b->name, later ? block_b->name : block_a->name,
		 ip_range_text(common, buf));
	diag_add(u->diags, MSG_FIRST_HERE, later ? at_b : at_a);
}

static void check_unshared(struct unit *u)
{
	const struct draft *d = &u->draft;
	uint32_t count = 0, n = 0;

	for (uint32_t h = 0; h < d->hosts_count; h++)
		count += d->hosts[h].nets.count;
	struct owned *all = unit_alloc(u, (count + 1) * sizeof(*all));

	for (uint32_t h = 0; all && h < d->hosts_count; h++)
		for (uint32_t i = 0; i < d->hosts[h].nets.count; i++)
			all[n++] = (struct owned){ d->nets[d->hosts[h].nets.first + i], h };
	if (n)
		qsort(all, n, sizeof(*all), by_range);
	for (uint32_t i = 1, widest = 0; i < n; i++) {
		if (all[i].range.lo <= all[widest].range.hi && all[i].host != all[widest].host)
			report_shared(u, all[widest], all[i]);
		if (all[i].range.hi > all[widest].range.hi)
			widest = i;
	}
}

/* Where a terminal stands for a person's number, its address alone does not say which machine it is. */
static void check_mac(struct unit *u, uint32_t h)
{
	const struct host *host = &u->draft.hosts[h];
	uint8_t role = u->draft.zones[host->zone].role;

	if (role != ROLE_MYNUMBER && role != ROLE_PUBLIC_LINE)
		return;
	if (!host->routed && !read_entry(block_of(u, h), "mac") && !block_of(u, h)->broken)
		diag_add(u->diags, MSG_HOST_WITHOUT_MAC, block_of(u, h)->at, block_of(u, h)->name,
			 u->tables[TABLE_ZONES].blocks[host->zone]->name);
}

void check_hosts(struct unit *u)
{
	struct draft *d = &u->draft;

	for (uint32_t h = 0; h < d->hosts_count; h++) {
		if (block_of(u, h)->built_in)
			d->hosts[h].zone = d->zones_count - 1;
		else if (d->hosts[h].zone != POLICY_NONE) {
			check_at_home(u, h);
			check_mac(u, h);
		}
	}
	check_unshared(u);
}
