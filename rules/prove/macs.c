/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/macs.h"

#include "rules/prove/ranges.h"
#include "rules/text.h"

static ip_t number_of(const struct mac *m)
{
	ip_t n = 0;

	for (int i = 0; i < 6; i++)
		n = n << 8 | m->bytes[i];
	return n;
}

/* The hosts of a zone that have MAC addresses, one after the other; POLICY_NONE ends. */
static uint32_t next_host(const struct policy *p, uint32_t zone, uint32_t from)
{
	for (uint32_t h = from; zone != POLICY_NONE && h < p->hosts_count; h++)
		if (p->hosts[h].zone == zone && p->hosts[h].macs.count)
			return h;
	return POLICY_NONE;
}

static struct ip_range mac_at(const struct policy *p, struct span macs, uint32_t i)
{
	ip_t n = number_of(&p->macs[macs.first + i]);

	return (struct ip_range){ n, n };
}

void macs_key(const struct policy *p, uint32_t zone, struct text *out)
{
	for (uint32_t h = next_host(p, zone, 0); h != POLICY_NONE; h = next_host(p, zone, h + 1)) {
		const struct host *host = &p->hosts[h];
		const uint32_t counts[] = { host->macs.count, host->nets.count };

		text_add(out, (const char *)counts, sizeof(counts));
		text_add(out, (const char *)SLICE(p->macs, host->macs),
			 host->macs.count * sizeof(*p->macs));
		text_add(out, (const char *)SLICE(p->nets, host->nets),
			 host->nets.count * sizeof(*p->nets));
	}
}

void macs_cut(const struct policy *p, uint32_t zone, struct space *s)
{
	for (uint32_t h = next_host(p, zone, 0); h != POLICY_NONE; h = next_host(p, zone, h + 1)) {
		const struct host *host = &p->hosts[h];

		for (uint32_t i = 0; i < host->macs.count; i++)
			space_cut(s, SPACE_MAC, mac_at(p, host->macs, i));
		for (uint32_t i = 0; i < host->nets.count; i++)
			space_cut(s, SPACE_SRC, p->nets[host->nets.first + i]);
	}
}

static bdd_t strangers(const struct policy *p, const struct host *host, struct space *s)
{
	struct ranges own = { 0 };

	for (uint32_t i = 0; i < host->macs.count; i++)
		ranges_add(&own, mac_at(p, host->macs, i));
	ranges_sort(&own);
	bdd_t set = own.failed ? BDD_NONE : space_set(s, SPACE_MAC, own.at, own.count, BDD_TRUE);

	ranges_done(&own);
	return bdd_not(set);
}

bdd_t macs_forged(const struct policy *p, uint32_t zone, struct space *s)
{
	bdd_t all = BDD_FALSE;

	for (uint32_t h = next_host(p, zone, 0); h != POLICY_NONE; h = next_host(p, zone, h + 1)) {
		const struct host *host = &p->hosts[h];
		bdd_t forged = space_set(s, SPACE_SRC, SLICE(p->nets, host->nets), host->nets.count,
					 strangers(p, host, s));

		all = bdd_or(space_bdd(s), all, forged);
	}
	return all;
}
