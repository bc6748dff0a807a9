/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_shared: the objects that stay from apply to apply: base chains, counters, live sets, refusals.
 */
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

#define ND "nd-neighbor-solicit, nd-neighbor-advert"

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
	{ "cut", "ip saddr @cut4 goto denied\n"
		 "ip daddr @cut4 goto denied\n"
		 "ip6 saddr @cut6 goto denied\n"
		 "ip6 daddr @cut6 goto denied\n" },
	{ "noise", "meta pkttype { broadcast, multicast } drop\n" },
	/* neighbour discovery is untracked, so it comes before the state; hop limit 255 means from this link */
	{ "in_first",
	  "icmpv6 type { " ND " } ip6 hoplimit 255 accept\n"
	  "icmpv6 type { mld-listener-query, mld2-listener-report } ip6 hoplimit 1 accept\n"
	  "ct state invalid goto invalid\n"
	  "ct state untracked drop\n" },
	/* the resets and errors that the kernel makes of packets it refuses or cannot send on: they go back to
	 * the sender and hold nothing but what it sent */
	{ "out_first",
	  "icmpv6 type { " ND ", mld2-listener-report } accept\n"
	  "ct state untracked drop\n"
	  "ct state related tcp flags & rst == rst accept\n"
	  "ct state related jump related_plain\n"
	  "icmp type destination-unreachable icmp code { admin-prohibited, frag-needed } accept\n"
	  "icmpv6 type destination-unreachable icmpv6 code admin-prohibited accept\n"
	  "icmpv6 type packet-too-big accept\n"
	  "ct state invalid drop\n" },
	/* Of the socket of INJECTOR_UID: answers in the place of a server whose conversation was refused, and the
	 * end of it for that server. */
	{ "injected",
	  "ct direction reply ct mark and 0x00070000 == 0x00030000 meta l4proto tcp accept\n"
	  "ct direction original ct mark and 0x00070000 == 0x00030000 tcp flags & rst == rst "
	  "ip length 40 accept\n"
	  "ct direction original ct mark and 0x00070000 == 0x00030000 tcp flags & rst == rst "
	  "ip6 length 20 accept\n"
	  "drop\n" },
	/* TCP without payload of a conversation that is there need not be seen: the header is as long as the packet
	 * says. These are the lengths that nearly all such packets have: no option, or the timestamps; others are
	 * queued like any. So is a SYN: its number is where the bytes begin. */
	{ "empty", "ip length 52 tcp doff 8 tcp flags & syn == 0 ct status confirmed accept\n"
		   "ip length 40 tcp doff 5 tcp flags & syn == 0 ct status confirmed accept\n"
		   "ip6 length 32 tcp doff 8 tcp flags & syn == 0 ct status confirmed accept\n"
		   "ip6 length 20 tcp doff 5 tcp flags & syn == 0 ct status confirmed accept\n" },
	/* what the engine has to know of a packet; mark.h */
	{ "facts", "meta mark set ct mark and 0x0000ffff or 0x40000000\n"
		   "ct direction reply meta mark set meta mark or 0x00080000\n"
		   "ct status and confirmed == 0 meta mark set meta mark or 0x00100000\n"
		   "ct state related meta mark set meta mark or 0x00200000\n" },
};
#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

/*
 * After the queue, the most frequent first: packets that need not be seen, and those seen without an
 * opinion. A packet that had to be seen and was not: no listener, or it let the packet pass unread; an
 * open pair goes on, a closed one does not. Then the engine's verdict is kept with the class under which
 * it was given, which may be dead by now: then it will never be used.
 */
static const char passed_rules[] =
	"meta mark and 0xc0000000 == 0 accept\n"
	"meta mark and 0x80070000 == 0x80000000 counter name n_seen accept\n"
	"meta mark and 0xc0400000 == 0x40400000 counter name n_unseen_open accept\n"
	"meta mark and 0xc0000000 == 0x40000000 counter name n_unseen_closed drop\n"
	"counter name n_seen\n"
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

/* --- base chains ------------------------------------------------------------------------------ */

static void put_prerouting(const struct nft_plan *plan, struct text *out)
{
	if (plan->policy)
		text_printf(out, "\t\tiifname vmap @from_%u\n", plan->apply);
}

static void put_forward(const struct nft_plan *plan, struct text *out)
{
	put_lines("meta mark set 0\n", out);
	if (plan->policy)
		text_printf(out,
			    "\t\tct state invalid,untracked,related goto odd_%u\n"
			    "\t\tjump cut\n"
			    "\t\tiifname . oifname vmap @pair_%u\n"
			    "\t\tiifname vmap @refuse_%u\n",
			    plan->apply, plan->apply, plan->apply);
	else
		put_lines("ct state invalid goto invalid\n", out);
	text_puts(out, "\t\tgoto denied\n");
}

static void put_input(const struct nft_plan *plan, struct text *out)
{
	text_puts(out, "\t\tiif lo accept\n\t\tjump in_first\n");
	if (plan->policy)
		text_printf(out, "\t\tiifname vmap @in_%u\n", plan->apply);
	text_puts(out, "\t\tjump noise\n");
	if (plan->policy)
		text_printf(out, "\t\tiifname vmap @refuse_%u\n", plan->apply);
	text_puts(out, "\t\tgoto denied\n");
}

static void put_output(const struct nft_plan *plan, struct text *out)
{
	text_printf(out, "\t\tmeta skuid %u goto injected\n", INJECTOR_UID);
	text_puts(out, "\t\toif lo accept\n\t\tjump out_first\n");
	if (plan->policy)
		text_printf(out, "\t\toifname vmap @out_%u\n", plan->apply);
	text_puts(out, "\t\tgoto denied\n");
}

/*
 * The chains that a switch fills anew. Their rules hold no set in braces: such a set would be made, and
 * the old one removed, in the same transaction as the rule, and a packet on its way through the chain at
 * that moment would find it empty (dataplane.md 2.1).
 */
static const struct base {
	const char *name, *hook;
	void (*put)(const struct nft_plan *plan, struct text *out);
} bases[] = {
	{ "prerouting", "prerouting priority raw; policy accept", put_prerouting },
	{ "forward", "forward priority -10; policy drop", put_forward },
	{ "input", "input priority -10; policy drop", put_input },
	{ "output", "output priority -10; policy drop", put_output },
};
#define BASES (sizeof(bases) / sizeof(bases[0]))

/* --- declared, emptied, filled ---------------------------------------------------------------- */

static void declare(struct text *out)
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
	text_puts(out, "\tchain passed { type filter hook forward priority 10; policy accept; }\n"
		       "\tchain " NFT_BASE_VERSION " { }\n");
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

void nft_shared(struct text *out)
{
	declare(out);
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
	open_chain("", "passed", out);
	put_lines(passed_rules, out);
	close_chain(out);
}

void nft_switch(const struct nft_plan *plan, struct text *out)
{
	for (size_t i = 0; i < BASES; i++) {
		open_chain("", bases[i].name, out);
		bases[i].put(plan, out);
		close_chain(out);
	}
}

void nft_base(struct text *out)
{
	const struct nft_plan nothing = { 0 };

	nft_shared(out);
	nft_switch(&nothing, out);
}
