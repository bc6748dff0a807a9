/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_home: which addresses are at home in a zone, behind which interfaces, on which network cards.
 *
 * from_kikan_7 sees every packet that comes in by an interface of kikan, before conntrack: a source
 * that is not at home there is dropped, and a host whose cards are known must use one of them.
 */
#include "rules/kernel/nft.h"
#include "rules/kernel/nft_names.h"
#include "rules/policy.h"
#include "rules/text.h"

static const struct family {
	const char *ip, *type;
	char digit;
} families[2] = { { "ip", "ipv4_addr", '4' }, { "ip6", "ipv6_addr", '6' } };

const char *nft_zone(const struct nft_plan *plan, uint32_t zone)
{
	return policy_string(plan->policy, plan->policy->zones[zone].name);
}

void nft_put_open(bool *any, struct text *out)
{
	if (!*any)
		text_puts(out, " elements = {");
	*any = true;
}

void nft_put_close(bool any, struct text *out)
{
	text_puts(out, any ? "\n\t\t};\n\t}\n" : "\n\t}\n");
}

static bool is_of(struct ip_range r, bool v6)
{
	return ip_is_v4(r.lo) != v6;
}

static uint32_t count_nets(const struct nft_plan *plan, uint32_t zone, bool v6, uint32_t *one)
{
	struct span s = plan->policy->zones[zone].nets;
	uint32_t n = 0;

	for (uint32_t i = s.first; i < s.first + s.count; i++)
		if (is_of(plan->policy->nets[i], v6)) {
			*one = i;
			n++;
		}
	return n;
}

bool nft_has_home(const struct nft_plan *plan, uint32_t zone, bool v6)
{
	uint32_t one;

	return count_nets(plan, zone, v6, &one) > 0;
}

bool nft_put_home(const struct nft_plan *plan, uint32_t zone, bool v6, struct text *out)
{
	char range[IP_RANGE_TEXT];
	uint32_t one, n = count_nets(plan, zone, v6, &one);

	if (n == 1)
		text_puts(out, ip_range_text(plan->policy->nets[one], range));
	else if (n > 1)
		text_printf(out, "@z%c_%s_%u", families[v6].digit, nft_zone(plan, zone),
			    plan->apply);
	return n > 0;
}

/* A compare with one range is faster than a set, so only zones of several have one. */
static void put_zone_set(const struct nft_plan *plan, uint32_t zone, bool v6, struct text *out)
{
	struct span s = plan->policy->zones[zone].nets;
	char range[IP_RANGE_TEXT];
	uint32_t one;

	if (count_nets(plan, zone, v6, &one) < 2)
		return;
	text_printf(out, "\tset z%c_%s_%u {\n\t\ttype %s; flags interval; elements = {",
		    families[v6].digit, nft_zone(plan, zone), plan->apply, families[v6].type);
	for (uint32_t i = s.first; i < s.first + s.count; i++)
		if (is_of(plan->policy->nets[i], v6))
			text_printf(out, "\n\t\t%s,", ip_range_text(plan->policy->nets[i], range));
	text_puts(out, "\n\t\t};\n\t}\n");
}

/* --- network cards ---------------------------------------------------------------------------- */

/* Calls `put` for every range of the family of every host of the zone whose cards are known. */
static uint32_t each_carded(const struct nft_plan *plan, uint32_t zone, bool v6,
			    void (*put)(const struct policy *, const struct host *, struct ip_range,
					struct text *),
			    struct text *out)
{
	const struct policy *p = plan->policy;
	uint32_t n = 0;

	for (uint32_t h = 0; h < p->hosts_count; h++) {
		const struct host *host = &p->hosts[h];

		if (host->zone != zone || host->routed || host->macs.count == 0)
			continue;
		for (uint32_t i = host->nets.first; i < host->nets.first + host->nets.count; i++)
			if (is_of(p->nets[i], v6)) {
				if (put)
					put(p, host, p->nets[i], out);
				n++;
			}
	}
	return n;
}

static void put_carded(const struct policy *p, const struct host *host, struct ip_range r,
		       struct text *out)
{
	char range[IP_RANGE_TEXT];

	(void)p;
	(void)host;
	text_printf(out, "\n\t\t%s,", ip_range_text(r, range));
}

static void put_cards(const struct policy *p, const struct host *host, struct ip_range r,
		      struct text *out)
{
	char range[IP_RANGE_TEXT], mac[18];

	ip_range_text(r, range);
	for (uint32_t i = host->macs.first; i < host->macs.first + host->macs.count; i++)
		text_printf(out, "\n\t\t%s . %s,", mac_text(p->macs[i].bytes, mac), range);
}

static void put_card_sets(const struct nft_plan *plan, uint32_t zone, bool v6, struct text *out)
{
	const struct family *f = &families[v6];
	const char *name = nft_zone(plan, zone);

	if (each_carded(plan, zone, v6, NULL, out) == 0)
		return;
	text_printf(out,
		    "\tset carded%c_%s_%u {\n\t\ttype %s; flags interval; auto-merge; elements = {",
		    f->digit, name, plan->apply, f->type);
	each_carded(plan, zone, v6, put_carded, out);
	text_printf(out,
		    "\n\t\t};\n\t}\n\tset card%c_%s_%u {\n\t\ttype ether_addr . %s; "
		    "flags interval; elements = {",
		    f->digit, name, plan->apply, f->type);
	each_carded(plan, zone, v6, put_cards, out);
	text_puts(out, "\n\t\t};\n\t}\n");
}

/* --- the chain of a zone ---------------------------------------------------------------------- */

static void put_card_rule(const struct nft_plan *plan, uint32_t zone, bool v6, struct text *out)
{
	const struct family *f = &families[v6];
	const char *name = nft_zone(plan, zone);

	if (each_carded(plan, zone, v6, NULL, out) == 0)
		return;
	text_printf(out,
		    "\t\t%s saddr @carded%c_%s_%u ether saddr . %s saddr != @card%c_%s_%u "
		    "goto wrong_card\n",
		    f->ip, f->digit, name, plan->apply, f->ip, f->digit, name, plan->apply);
}

static void put_home_rule(const struct nft_plan *plan, uint32_t zone, bool v6, struct text *out)
{
	if (!nft_has_home(plan, zone, v6))
		return;
	text_printf(out, "\t\t%s saddr ", families[v6].ip);
	nft_put_home(plan, zone, v6, out);
	text_puts(out, " return\n");
}

/* Besides its own, a zone has the addresses that IPv6 and DHCP clients start with; they reach the box only. */
static void put_from(const struct nft_plan *plan, uint32_t zone, struct text *out)
{
	const char *name = nft_zone(plan, zone);

	text_printf(out, "\tchain from_%s_%u {\n", name, plan->apply);
	for (int v6 = 0; v6 < 2; v6++)
		put_card_rule(plan, zone, v6, out);
	for (int v6 = 0; v6 < 2; v6++)
		put_home_rule(plan, zone, v6, out);
	text_puts(out, "\t\tip6 saddr { ::, fe80::/10 } return\n"
		       "\t\tip saddr 0.0.0.0 udp dport 67 return\n");
	text_printf(out, "\t\tcounter name spoof_%s goto spoofed\n\t}\n", name);
}

static void put_from_map(const struct nft_plan *plan, struct text *out)
{
	const struct policy *p = plan->policy;
	bool any = false;

	text_printf(out, "\tmap from_%u {\n\t\ttype ifname : verdict;", plan->apply);
	for (uint32_t z = 0; z < p->zones_count; z++) {
		struct span s = p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++) {
			nft_put_open(&any, out);
			text_printf(out, "\n\t\t\"%s\" : jump from_%s_%u,",
				    policy_string(p, p->words[i]), nft_zone(plan, z), plan->apply);
		}
	}
	nft_put_close(any, out);
}

void nft_put_homes(const struct nft_plan *plan, struct text *out)
{
	const struct policy *p = plan->policy;

	for (uint32_t z = 0; z < policy_box_zone(p); z++) {
		for (int v6 = 0; v6 < 2; v6++) {
			put_zone_set(plan, z, v6, out);
			put_card_sets(plan, z, v6, out);
		}
		text_printf(out, "\tcounter spoof_%s { }\n", nft_zone(plan, z));
		if (p->zones[z].interfaces.count)
			put_from(plan, z, out);
	}
	put_from_map(plan, out);
}
