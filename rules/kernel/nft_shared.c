/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/nft_shared.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "rules/kernel/mark.h"
#include "rules/kernel/nft.h"
#include "rules/policy.h"
#include "rules/text.h"

/* Why a packet is refused: the prefix of its log message is the `reason` of the event made of it. */
static const struct refusal {
	const char *name, *reason;
} refusals[] = {
	{ "unpermitted", "not-permitted" }, { "class", "denied" },
	{ "spoofed", "spoofed-address" },   { "wrong_card", "wrong-mac" },
	{ "invalid", "invalid-state" },     { "midstream", "midstream" },
};
#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

static const char *const counters[] = {
	"n_denied", "n_spoofed", "n_wrong_card", "n_invalid",       "n_midstream",
	"n_closed", "n_open",    "n_seen",       "n_unseen_closed", "n_unseen_open",
};

/*
 * Told in the last ten seconds: one log message then stands for all packets of a key. A hundred
 * thousand denied packets a second cost no more than a counter that way.
 */
static const struct told {
	const char *name, *type, *match, *key;
	unsigned int size;
} told[] = {
	{ "told4", "ipv4_addr . ipv4_addr . inet_proto . inet_service",
	  "meta l4proto { tcp, udp } ", "ip saddr . ip daddr . meta l4proto . th dport", 16384 },
	{ "told6", "ipv6_addr . ipv6_addr . inet_proto . inet_service",
	  "meta l4proto { tcp, udp } ", "ip6 saddr . ip6 daddr . meta l4proto . th dport", 16384 },
	{ "told4x", "ipv4_addr . ipv4_addr . inet_proto", "", "ip saddr . ip daddr . meta l4proto",
	  4096 },
	{ "told6x", "ipv6_addr . ipv6_addr . inet_proto", "",
	  "ip6 saddr . ip6 daddr . meta l4proto", 4096 },
};
#define TOLD (sizeof(told) / sizeof(told[0]))

/* Chains whose rules never differ. */
static const struct fixed {
	const char *name, *rules;
} fixed[] = {
	{ "denied", "counter name n_denied jump tell_unpermitted\n"
		    "drop\n" },
	{ "refused", "counter name n_denied jump tell_unpermitted\n"
		     "goto rst\n" },
	/* a deny statement is named to the listener by its class in the packet's mark */
	{ "denied_class", "meta mark set ct mark and 0x0000ffff\n"
			  "counter name n_denied jump tell_class\n"
			  "drop\n" },
	{ "refused_class", "meta mark set ct mark and 0x0000ffff\n"
			   "counter name n_denied jump tell_class\n"
			   "goto rst\n" },
	{ "denied_silent", "counter name n_denied drop\n" },
	{ "refused_silent", "counter name n_denied goto rst\n" },
	{ "spoofed", "counter name n_spoofed jump tell_spoofed\n"
		     "drop\n" },
	{ "wrong_card", "counter name n_wrong_card jump tell_wrong_card\n"
			"drop\n" },
	{ "invalid", "counter name n_invalid jump tell_invalid\n"
		     "drop\n" },
	{ "midstream", "counter name n_midstream jump tell_midstream\n"
		       "goto rst\n" },
	{ "rst", "meta l4proto tcp reject with tcp reset\n"
		 "reject with icmpx type admin-prohibited\n" },
	{ "related_plain",
	  "icmp type { destination-unreachable, time-exceeded, parameter-problem } accept\n"
	  "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } "
	  "accept\n" },
	/* what the engine has to know of a packet; mark.h */
	{ "facts", "meta mark set ct mark and 0x0000ffff or 0x40000000\n"
		   "ct direction reply meta mark set meta mark or 0x00080000\n"
		   "ct status and confirmed == 0 meta mark set meta mark or 0x00100000\n"
		   "ct state related meta mark set meta mark or 0x00200000\n" },
};
#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

#define ND "nd-neighbor-solicit, nd-neighbor-advert"

/*
 * After the queue. A packet that had to be seen and was not: no listener, or it let the packet pass
 * unread; an open pair goes on, a closed one does not. Then the engine's verdict is kept with the class
 * under which it was given, which may be dead by now: then it will never be used.
 */
static const char passed_rules[] =
	"meta mark and 0xc0400000 == 0x40400000 counter name n_unseen_open accept\n"
	"meta mark and 0xc0000000 == 0x40000000 counter name n_unseen_closed drop\n"
	"meta mark and 0x80000000 == 0 accept\n"
	"counter name n_seen meta mark and 0x00070000 == 0 accept\n"
	"meta mark and 0x00070000 == 0x00050000 ct mark set meta mark and 0x0000ffff or 0x00040000 "
	"accept\n"
	"ct mark set meta mark and 0x0007ffff\n"
	"meta mark and 0x00070000 vmap { 0x00030000 : drop, 0x00040000 : goto rst }\n";

static void put_lines(const char *lines, struct text *out)
{
	for (bool fresh = true; *lines; lines++) {
		if (fresh)
			text_puts(out, "\t\t");
		fresh = *lines == '\n';
		text_putc(out, *lines);
	}
}

static void put_tell(const struct refusal *r, struct text *out)
{
	char log[96];

	snprintf(log, sizeof(log), "log prefix \"%s\" group %u snaplen 128", r->reason,
		 NFLOG_GROUP);
	for (size_t i = 0; i < TOLD; i++)
		text_printf(out,
			    "\t\t%s%s @%s return\n"
			    "\t\t%sadd @%s { %s } %s queue-threshold 16 return\n",
			    told[i].match, told[i].key, told[i].name, told[i].match, told[i].name,
			    told[i].key, log);
	text_printf(out, "\t\tlimit rate 50/second %s\n", log);
}

/* --- toward the engines ----------------------------------------------------------------------- */

/* `one`: flows that belong together (FTP) meet one engine, the others are spread by flow. */
static void put_queue(const struct nft_plan *plan, bool open, bool one, struct text *out)
{
	unsigned int n = one ? 1 : plan->queues;
	const char *flags = open ? "flags bypass " : "";
	unsigned int first = open ? QUEUE_OPEN_OFFSET : 0;

	text_puts(out, "\t\tjump facts\n");
	if (open)
		text_printf(out, "\t\tmeta mark set meta mark or 0x%08x\n", MARK_OPEN);
	text_printf(out, "\t\tcounter name %s\n", open ? "n_open" : "n_closed");
	if (plan->native_queue && n == 1)
		text_printf(out, "\t\tqueue %sto %u\n", flags, first);
	else if (plan->native_queue && open)
		text_printf(out, "\t\tqueue %sto symhash mod %u offset %u\n", flags, n, first);
	else if (plan->native_queue)
		text_printf(out, "\t\tqueue to symhash mod %u\n", n);
	else if (n == 1)
		text_puts(out, "\t\tgoto q0\n");
	else {
		text_printf(out, "\t\tsymhash mod %u vmap { 0 : goto q0", n);
		for (unsigned int i = 1; i < n; i++)
			text_printf(out, ", %u : goto q%u", i, i);
		text_puts(out, " }\n");
	}
}

static void put_slot(unsigned int slot, struct text *out)
{
	text_printf(out, "\t\tmeta mark set meta mark or 0x%08x accept\n", slot << MARK_SLOT_SHIFT);
}

static void put_offl(const struct nft_plan *plan, struct text *out)
{
	if (plan->flowtable)
		text_puts(out, "\t\tmeta l4proto { tcp, udp } flow add @ft\n");
	text_puts(out, "\t\taccept\n");
}

/* --- base chains ------------------------------------------------------------------------------ */

static void put_prerouting(const struct nft_plan *plan, struct text *out)
{
	if (plan->policy)
		text_printf(out, "\t\tiifname vmap @from_%u\n", plan->apply);
}

/* Zones whose hosts are told at once that they may not, also where no pair has a chain. */
static void put_refusing(const struct nft_plan *plan, struct text *out)
{
	const struct policy *p = plan->policy;
	const char *before = "\t\tiifname { ";

	for (uint32_t z = 0; p && z < p->zones_count; z++) {
		struct span s = p->zones[z].interfaces;

		if (!p->zones[z].refuse_reset)
			continue;
		for (uint32_t i = s.first; i < s.first + s.count; i++, before = ", ")
			text_printf(out, "%s\"%s\"", before, policy_string(p, p->words[i]));
	}
	if (before[0] == ',')
		text_puts(out, " } goto refused\n");
	text_puts(out, "\t\tgoto denied\n");
}

static void put_forward(const struct nft_plan *plan, struct text *out)
{
	put_lines("meta mark set 0\n"
		  "ct state vmap { invalid : goto invalid, untracked : goto denied }\n"
		  "ip saddr @cut4 goto denied\n"
		  "ip daddr @cut4 goto denied\n"
		  "ip6 saddr @cut6 goto denied\n"
		  "ip6 daddr @cut6 goto denied\n",
		  out);
	if (plan->policy)
		text_printf(out, "\t\tiifname . oifname vmap @pair_%u\n", plan->apply);
	put_refusing(plan, out);
}

static void put_passed(const struct nft_plan *plan, struct text *out)
{
	(void)plan;
	put_lines(passed_rules, out);
}

/* Neighbour discovery is untracked, so it comes before the state; hop limit 255 means from this link. */
static void put_input(const struct nft_plan *plan, struct text *out)
{
	put_lines("iif lo accept\n"
		  "icmpv6 type { " ND " } ip6 hoplimit 255 accept\n"
		  "icmpv6 type { mld-listener-query, mld2-listener-report } ip6 hoplimit 1 accept\n"
		  "ct state vmap { invalid : goto invalid, untracked : drop }\n",
		  out);
	if (plan->policy)
		text_printf(out, "\t\tiifname vmap @in_%u\n", plan->apply);
	text_puts(out, "\t\tmeta pkttype { broadcast, multicast } drop\n");
	put_refusing(plan, out);
}

/*
 * Besides what the policy permits: the resets and errors that the kernel makes of packets it refuses
 * or cannot send on. They go back to the sender and hold nothing but what it sent.
 */
static void put_output(const struct nft_plan *plan, struct text *out)
{
	put_lines("oif lo accept\n"
		  "icmpv6 type { " ND ", mld2-listener-report } accept\n"
		  "ct state untracked drop\n"
		  "ct state related tcp flags & rst == rst accept\n"
		  "ct state related icmp type { destination-unreachable, time-exceeded, "
		  "parameter-problem } accept\n"
		  "ct state related icmpv6 type { destination-unreachable, packet-too-big, "
		  "time-exceeded, parameter-problem } accept\n"
		  "icmp type destination-unreachable icmp code { admin-prohibited, frag-needed } "
		  "accept\n"
		  "icmpv6 type destination-unreachable icmpv6 code admin-prohibited accept\n"
		  "icmpv6 type packet-too-big accept\n"
		  "ct state invalid drop\n",
		  out);
	if (plan->policy)
		text_printf(out, "\t\toifname vmap @out_%u\n", plan->apply);
	text_puts(out, "\t\tgoto denied\n");
}

static const struct base {
	const char *name, *hook;
	void (*put)(const struct nft_plan *plan, struct text *out);
} bases[] = {
	{ "prerouting", "prerouting priority raw; policy accept", put_prerouting },
	{ "forward", "forward priority -10; policy drop", put_forward },
	{ "passed", "forward priority 10; policy accept", put_passed },
	{ "input", "input priority -10; policy drop", put_input },
	{ "output", "output priority -10; policy drop", put_output },
};
#define BASES (sizeof(bases) / sizeof(bases[0]))

static const struct queue_chain {
	const char *name;
	bool open, one;
} queues[] = {
	{ "q_closed", false, false },
	{ "q_closed_one", false, true },
	{ "q_open", true, false },
	{ "q_open_one", true, true },
};
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

static unsigned int slots(const struct nft_plan *plan)
{
	return plan->native_queue ? 0 : plan->queues;
}

/* --- all of them, declared, emptied, filled --------------------------------------------------- */

void nft_put_shared(const struct nft_plan *plan, struct text *out)
{
	text_puts(out, "table " NFT_TABLE " {\n");
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		text_printf(out, "\tcounter %s { }\n", counters[i]);
	for (size_t i = 0; i < TOLD; i++)
		text_printf(out,
			    "\tset %s { type %s; flags dynamic, timeout; timeout 10s; size %u; }\n",
			    told[i].name, told[i].type, told[i].size);
	text_puts(out, "\tset cut4 { type ipv4_addr; }\n\tset cut6 { type ipv6_addr; }\n");
	for (size_t i = 0; i < REFUSALS; i++)
		text_printf(out, "\tchain tell_%s { }\n", refusals[i].name);
	for (size_t i = 0; i < FIXED; i++)
		text_printf(out, "\tchain %s { }\n", fixed[i].name);
	for (unsigned int i = 0; i < slots(plan); i++)
		text_printf(out, "\tchain q%u { }\n", i);
	for (size_t i = 0; i < QUEUES; i++)
		text_printf(out, "\tchain %s { }\n", queues[i].name);
	text_puts(out, "\tchain offl { }\n");
	for (size_t i = 0; i < BASES; i++)
		text_printf(out, "\tchain %s { type filter hook %s; }\n", bases[i].name,
			    bases[i].hook);
	text_puts(out, "}\n");
}

/* Empties the chain in this transaction and opens its new rules. */
static void open_chain(const char *prefix, const char *name, struct text *out)
{
	text_printf(out, "flush chain " NFT_TABLE " %s%s\ntable " NFT_TABLE " {\n\tchain %s%s {\n",
		    prefix, name, prefix, name);
}

static void close_chain(struct text *out)
{
	text_puts(out, "\t}\n}\n");
}

static void put_slots(const struct nft_plan *plan, struct text *out)
{
	char name[12];

	for (unsigned int i = 0; i < slots(plan); i++) {
		snprintf(name, sizeof(name), "%u", i);
		open_chain("q", name, out);
		put_slot(i, out);
		close_chain(out);
	}
}

void nft_switch(const struct nft_plan *plan, struct text *out)
{
	for (size_t i = 0; i < REFUSALS; i++) {
		open_chain("tell_", refusals[i].name, out);
		put_tell(&refusals[i], out);
		close_chain(out);
	}
	for (size_t i = 0; i < FIXED; i++) {
		open_chain("", fixed[i].name, out);
		put_lines(fixed[i].rules, out);
		close_chain(out);
	}
	put_slots(plan, out);
	for (size_t i = 0; i < QUEUES; i++) {
		open_chain("", queues[i].name, out);
		put_queue(plan, queues[i].open, queues[i].one, out);
		close_chain(out);
	}
	open_chain("", "offl", out);
	put_offl(plan, out);
	close_chain(out);
	for (size_t i = 0; i < BASES; i++) {
		open_chain("", bases[i].name, out);
		bases[i].put(plan, out);
		close_chain(out);
	}
}
