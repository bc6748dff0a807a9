/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_pair: the chains of pairs of zones: addresses first, then the old decision, then the lookup.
 *
 * A chain serves packets of one direction, whoever opened the conversation: the opener's packets look
 * in the maps FROM -> TO, the answers in the maps TO -> FROM with the fields exchanged.
 */
#include "rules/kernel/nft.h"
#include "rules/kernel/nft_names.h"
#include "rules/policy.h"
#include "rules/text.h"

static const char *const ip_words[2] = { "ip", "ip6" };
static const char *const nfproto_words[2] = { "ipv4", "ipv6" };

static bool has_chain(const struct nft_plan *plan, uint32_t from, uint32_t to)
{
	if (from == to && plan->policy->zones[from].inside_permit)
		return true;
	return nft_maps_of(plan, from, to) || nft_maps_of(plan, to, from);
}

static bool is_box(const struct nft_plan *plan, uint32_t zone)
{
	return zone == policy_box_zone(plan->policy);
}

static void put_stranger(const struct nft_plan *plan, uint32_t zone, bool v6, const char *field,
			 struct text *out)
{
	if (is_box(plan, zone))
		return;
	text_printf(out, "\t\t%s != ", field);
	nft_put_home(plan, zone, v6, out);
	text_puts(out, " goto denied\n");
}

/* Both addresses are in their zones, before anything else may speak. */
static void put_addresses(const struct nft_plan *plan, uint32_t from, uint32_t to, struct text *out)
{
	for (int v6 = 0; v6 < 2; v6++) {
		bool both = (is_box(plan, from) || nft_has_home(plan, from, v6)) &&
			    (is_box(plan, to) || nft_has_home(plan, to, v6));

		if (!both) {
			text_printf(out, "\t\tmeta nfproto %s goto denied\n", nfproto_words[v6]);
			continue;
		}
		put_stranger(plan, from, v6, v6 ? "ip6 saddr" : "ip saddr", out);
		put_stranger(plan, to, v6, v6 ? "ip6 daddr" : "ip daddr", out);
	}
}

static bool has_box(const struct nft_plan *plan, uint32_t from, uint32_t to)
{
	return is_box(plan, from) || is_box(plan, to);
}

/* What the mark says, where the pair's conversations have their meaning. */
static void put_meaning(const struct nft_plan *plan, bool box_end, const char *when,
			struct text *out)
{
	text_printf(out, "\t\t%sct mark vmap @", when);
	nft_class_map(plan, box_end, out);
	text_putc(out, '\n');
}

/* Conversations with the box itself are told apart in their own chain, the others before it: chain odd_N. */
static bool has_own_related(const struct nft_plan *plan, uint32_t from, uint32_t to)
{
	return !has_box(plan, from, to);
}

/*
 * An ICMP error comes from anywhere on the way, so its own source proves little: the conversation it
 * speaks of must be one between these two zones. Its far end is where the error comes from; the near
 * end is where it goes to, which put_addresses() has checked.
 */
static void put_related(const struct nft_plan *plan, uint32_t from, uint32_t to, struct text *out)
{
	text_printf(out, "\tchain r_%s_%s_%u {\n", nft_zone(plan, from), nft_zone(plan, to),
		    plan->apply);
	if (has_own_related(plan, from, to))
		put_addresses(plan, from, to, out);
	for (int v6 = 0; v6 < 2 && !is_box(plan, from); v6++) {
		if (!nft_has_home(plan, from, v6))
			continue;
		for (int reply = 0; reply < 2; reply++) {
			text_printf(out, "\t\tct direction %s ct original %s %s != ",
				    reply ? "reply" : "original", ip_words[v6],
				    reply ? "daddr" : "saddr");
			nft_put_home(plan, from, v6, out);
			text_puts(out, " goto denied\n");
		}
	}
	if (from == to && plan->policy->zones[from].inside_permit)
		text_puts(out, "\t\tct mark 0 jump related_plain\n");
	text_printf(out, "\t\tgoto related%s_%u\n\t}\n", has_box(plan, from, to) ? "_box" : "",
		    plan->apply);
}

/* The key of a family of maps as read off a packet of the opener, or off an answer. */
static void put_key(enum nft_map kind, bool v6, bool answer, struct text *out)
{
	const char *ip = ip_words[v6];
	bool ports = kind == MAP_H || kind == MAP_P;

	text_printf(out, "%sct mark set %s %s . %s %s . ",
		    ports ? "meta l4proto { tcp, udp } " : "", ip, answer ? "daddr" : "saddr", ip,
		    answer ? "saddr" : "daddr");
	if (ports)
		text_puts(out, answer ? "meta l4proto . th sport" : "meta l4proto . th dport");
	else if (kind == MAP_X)
		text_puts(out, "meta l4proto");
	else
		text_puts(out, v6 ? "icmpv6 type" : "icmp type");
}

/* Look in every map of a pair. The maps hold disjoint boxes, so at most one of them answers. */
static void put_lookups(const struct nft_plan *plan, uint32_t from, uint32_t to, bool answer,
			enum nft_map last, const char *when, struct text *out)
{
	unsigned int maps = nft_maps_of(plan, from, to);

	for (int kind = 0; kind <= (int)last; kind++) {
		if (kind == (answer ? MAP_I : MAP_J))
			continue;
		for (int v6 = 0; v6 < 2; v6++) {
			if (!(maps & nft_map_bit((enum nft_map)kind, v6)))
				continue;
			text_printf(out, "\t\t%s ", when);
			put_key((enum nft_map)kind, v6, answer, out);
			text_puts(out, " map @");
			nft_map_name(plan, (enum nft_map)kind, v6, from, to, out);
			text_putc(out, '\n');
		}
	}
}

static void put_last_word(const struct nft_plan *plan, uint32_t from, uint32_t to, struct text *out)
{
	const struct zone *z = &plan->policy->zones[from];

	if (from == to && z->inside_permit) {
		text_puts(out, "\t\taccept\n\t}\n");
		return;
	}
	if (is_box(plan, to))
		text_puts(out, "\t\tmeta pkttype { broadcast, multicast } drop\n");
	text_printf(out, "\t\tgoto %s\n\t}\n", z->refuse_reset ? "refused" : "denied");
}

/*
 * TCP that begins in the middle: the box was restarted, or the entry is gone. The sender is told by a
 * reset, so that it begins anew at once; it may be the server, so both ways of looking count.
 */
static void put_midstream(const struct nft_plan *plan, uint32_t from, uint32_t to, struct text *out)
{
	text_printf(out, "\tchain m_%s_%s_%u {\n", nft_zone(plan, from), nft_zone(plan, to),
		    plan->apply);
	put_lookups(plan, to, from, true, MAP_P, "ct mark 0", out);
	text_printf(out, "\t\tct mark != 0 ct mark and 0x0000ffff != @loose_%u goto midstream\n",
		    plan->apply);
	put_meaning(plan, has_box(plan, from, to), "", out);
	put_last_word(plan, from, to, out);
}

static void put_pair(const struct nft_plan *plan, uint32_t from, uint32_t to, struct text *out)
{
	const char *a = nft_zone(plan, from), *b = nft_zone(plan, to);
	bool box_end = has_box(plan, from, to);
	uint32_t n = plan->apply;

	put_related(plan, from, to, out);
	put_midstream(plan, from, to, out);
	text_printf(out, "\tchain p_%s_%s_%u {\n", a, b, n);
	put_addresses(plan, from, to, out);
	if (!has_own_related(plan, from, to))
		text_printf(out, "\t\tct state related goto r_%s_%s_%u\n", a, b, n);
	/* the fast path: whatever has a mark has it from the lookup below; a new conversation has none */
	put_meaning(plan, box_end, "", out);
	text_puts(out, "\t\tct mark set 0\n");
	put_lookups(plan, from, to, false, MAP_X, "ct direction original", out);
	put_lookups(plan, to, from, true, MAP_X, "ct direction reply", out);
	text_printf(out,
		    "\t\tct state new tcp flags & (fin | syn | rst | ack) != syn goto m_%s_%s_%u\n",
		    a, b, n);
	put_meaning(plan, box_end, "", out);
	put_last_word(plan, from, to, out);
}

/* --- the maps that lead to the chains --------------------------------------------------------- */

static void put_way(const struct nft_plan *plan, const char *chains, uint32_t from, uint32_t to,
		    bool *any, struct text *out)
{
	const struct policy *p = plan->policy;
	struct span in = p->zones[from].interfaces, back = p->zones[to].interfaces;

	for (uint32_t i = in.first; i < in.first + in.count; i++)
		for (uint32_t o = back.first; o < back.first + back.count; o++) {
			nft_put_open(any, out);
			text_printf(out, "\n\t\t\"%s\" . \"%s\" : goto %s_%s_%s_%u,",
				    policy_string(p, p->words[i]), policy_string(p, p->words[o]),
				    chains, nft_zone(plan, from), nft_zone(plan, to), plan->apply);
		}
}

/* pair_N leads to p_FROM_TO_N; rpair_N, for related errors, to r_FROM_TO_N. */
static void put_pair_map(const struct nft_plan *plan, const char *name, const char *chains,
			 struct text *out)
{
	uint32_t box = policy_box_zone(plan->policy);
	bool any = false;

	text_printf(out, "\tmap %s_%u {\n\t\ttype ifname . ifname : verdict;", name, plan->apply);
	for (uint32_t from = 0; from < box; from++)
		for (uint32_t to = 0; to < box; to++)
			if (has_chain(plan, from, to))
				put_way(plan, chains, from, to, &any, out);
	nft_put_close(any, out);
}

/* in_N and out_N: what a zone may say to the box itself, and the box to the zone. */
static void put_box_map(const struct nft_plan *plan, bool in, struct text *out)
{
	const struct policy *p = plan->policy;
	uint32_t box = policy_box_zone(p);
	bool any = false;

	text_printf(out, "\tmap %s_%u {\n\t\ttype ifname : verdict;", in ? "in" : "out",
		    plan->apply);
	for (uint32_t z = 0; z < box; z++) {
		struct span s = p->zones[z].interfaces;

		for (uint32_t i = s.first; has_chain(plan, z, box) && i < s.first + s.count; i++) {
			nft_put_open(&any, out);
			text_printf(out, "\n\t\t\"%s\" : goto p_%s_%s_%u,",
				    policy_string(p, p->words[i]), nft_zone(plan, in ? z : box),
				    nft_zone(plan, in ? box : z), plan->apply);
		}
	}
	nft_put_close(any, out);
}

/* Zones whose hosts are told at once that they may not, also where no pair has a chain. */
static void put_refuse_map(const struct nft_plan *plan, struct text *out)
{
	const struct policy *p = plan->policy;
	bool any = false;

	text_printf(out, "\tmap refuse_%u {\n\t\ttype ifname : verdict;", plan->apply);
	for (uint32_t z = 0; z < p->zones_count; z++) {
		struct span s = p->zones[z].interfaces;

		for (uint32_t i = s.first; p->zones[z].refuse_reset && i < s.first + s.count; i++) {
			nft_put_open(&any, out);
			text_printf(out, "\n\t\t\"%s\" : goto refused,",
				    policy_string(p, p->words[i]));
		}
	}
	nft_put_close(any, out);
}

#define ERRORS_4 "icmp type { destination-unreachable, time-exceeded, parameter-problem }"
#define ERRORS_6 \
	"icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem }"

static void put_errors(const struct nft_plan *plan, bool box_end, struct text *out)
{
	text_printf(out, "\tchain related%s_%u {\n", box_end ? "_box" : "", plan->apply);
	put_meaning(plan, box_end, ERRORS_4 " ", out);
	put_meaning(plan, box_end, ERRORS_6 " ", out);
	text_puts(out, "\t\tgoto denied\n\t}\n");
}

/* Forwarded packets that are no part of a conversation; forward sends them here before it looks at the pair. */
static void put_odd(const struct nft_plan *plan, struct text *out)
{
	uint32_t n = plan->apply;

	text_printf(out,
		    "\tchain odd_%u {\n\t\tct state invalid goto invalid\n"
		    "\t\tct state untracked goto denied\n\t\tjump cut\n"
		    "\t\tiifname . oifname vmap @rpair_%u\n\t\tiifname vmap @refuse_%u\n"
		    "\t\tgoto denied\n\t}\n",
		    n, n, n);
}

void nft_put_pairs(const struct nft_plan *plan, struct text *out)
{
	uint32_t n = plan->policy->zones_count;

	put_errors(plan, false, out);
	put_errors(plan, true, out);
	for (uint32_t from = 0; from < n; from++)
		for (uint32_t to = 0; to < n; to++)
			if (has_chain(plan, from, to) && (from != n - 1 || to != n - 1))
				put_pair(plan, from, to, out);
	put_pair_map(plan, "pair", "p", out);
	put_pair_map(plan, "rpair", "r", out);
	put_box_map(plan, true, out);
	put_box_map(plan, false, out);
	put_refuse_map(plan, out);
	put_odd(plan, out);
}
