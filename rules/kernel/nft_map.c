/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_map: boxes as elements of maps, classes as elements of class_N and class_box_N.
 */
#include <netinet/in.h>
#include <string.h>

#include "rules/kernel/live.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/nft.h"
#include "rules/kernel/nft_names.h"
#include "rules/policy.h"
#include "rules/text.h"

#define PORTS "inet_proto . inet_service"

static const struct map_type {
	char letter;
	bool interval;
	const char *key[2]; /* after the two addresses; IPv4, IPv6 */
} types[MAP_KINDS] = {
	[MAP_H] = { 'h', false, { PORTS, PORTS } },
	[MAP_P] = { 'p', true, { PORTS, PORTS } },
	[MAP_I] = { 'i', true, { "icmp_type", "icmpv6_type" } },
	[MAP_J] = { 'j', true, { "icmp_type", "icmpv6_type" } },
	[MAP_X] = { 'x', true, { "inet_proto", "inet_proto" } },
};

/* ICMP requests that are answered, and the type of the answer (RFC 792, 950; RFC 4443, 4620). */
static const struct answered {
	uint8_t protocol, request, answer;
} answered[] = {
	{ IPPROTO_ICMP, 8, 0 },   { IPPROTO_ICMP, 13, 14 },     { IPPROTO_ICMP, 15, 16 },
	{ IPPROTO_ICMP, 17, 18 }, { IPPROTO_ICMPV6, 128, 129 }, { IPPROTO_ICMPV6, 139, 140 },
};
#define ANSWERED (sizeof(answered) / sizeof(answered[0]))

static enum nft_map kind_of(const struct box *b)
{
	if (b->kind == BOX_ICMP)
		return MAP_I;
	if (b->kind == BOX_PROTOCOL)
		return MAP_X;
	bool exact = b->src.lo == b->src.hi && b->dst.lo == b->dst.hi && b->lo == b->hi;

	return exact ? MAP_H : MAP_P;
}

static bool is_answered(const struct box *b, const struct answered *a)
{
	return a->protocol == b->protocol && b->lo <= a->request && a->request <= b->hi;
}

static bool belongs(const struct box *b, enum nft_map kind, bool v6)
{
	if (ip_is_v4(b->src.lo) == v6)
		return false;
	if (kind != MAP_J)
		return kind_of(b) == kind;
	for (size_t i = 0; b->kind == BOX_ICMP && i < ANSWERED; i++)
		if (is_answered(b, &answered[i]))
			return true;
	return false;
}

static const struct live_class *live_of(const struct nft_plan *plan, const struct box *b)
{
	const struct live_class *live = &plan->classes[b->class];

	return live->state == LIVE_ABSENT ? NULL : live;
}

static struct span boxes_of(const struct nft_plan *plan, uint32_t from, uint32_t to)
{
	return plan->policy->pairs[from * plan->policy->zones_count + to].boxes;
}

unsigned int nft_maps_of(const struct nft_plan *plan, uint32_t from, uint32_t to)
{
	struct span s = boxes_of(plan, from, to);
	unsigned int maps = 0;

	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		const struct box *b = &plan->policy->boxes[i];

		if (!live_of(plan, b))
			continue;
		for (int kind = 0; kind < MAP_KINDS; kind++)
			for (int v6 = 0; v6 < 2; v6++)
				if (belongs(b, (enum nft_map)kind, v6))
					maps |= nft_map_bit((enum nft_map)kind, v6);
	}
	return maps;
}

void nft_map_name(const struct nft_plan *plan, enum nft_map kind, bool v6, uint32_t from,
		  uint32_t to, struct text *out)
{
	text_printf(out, "%c%c_%s_%s_%u", types[kind].letter, v6 ? '6' : '4', nft_zone(plan, from),
		    nft_zone(plan, to), plan->apply);
}

static void put_numbers(struct text *out, uint16_t lo, uint16_t hi)
{
	text_printf(out, lo == hi ? "%u" : "%u-%u", lo, hi);
}

static void put_addresses(const struct box *b, struct text *out)
{
	char src[IP_RANGE_TEXT], dst[IP_RANGE_TEXT];

	text_printf(out, "\n\t\t%s . %s . ", ip_range_text(b->src, src),
		    ip_range_text(b->dst, dst));
}

/* In days and seconds: nft 1.0.6 takes at most eight digits of one unit. */
static void put_timeout(const struct live_class *live, struct text *out)
{
	long long days = live->lasts / 86400, seconds = live->lasts % 86400;

	if (!live->lasts)
		return;
	text_puts(out, " timeout ");
	if (days)
		text_printf(out, "%lldd", days);
	if (seconds)
		text_printf(out, "%llds", seconds);
}

static void put_value(const struct live_class *live, struct text *out)
{
	put_timeout(live, out);
	text_printf(out, " : 0x%08x,", live->number);
}

static void put_element(const struct box *b, enum nft_map kind, const struct live_class *live,
			struct text *out)
{
	put_addresses(b, out);
	if (b->kind == BOX_PORTS) {
		text_puts(out, b->protocol == IPPROTO_TCP ? "tcp . " : "udp . ");
		put_numbers(out, b->lo, b->hi);
	} else if (kind == MAP_X) {
		put_numbers(out, b->protocol, b->protocol_hi);
	} else {
		put_numbers(out, b->lo, b->hi);
	}
	put_value(live, out);
}

static void put_answers(const struct box *b, const struct live_class *live, struct text *out)
{
	for (size_t i = 0; i < ANSWERED; i++) {
		if (!is_answered(b, &answered[i]))
			continue;
		put_addresses(b, out);
		text_printf(out, "%u", answered[i].answer);
		put_value(live, out);
	}
}

static bool any_ends(const struct nft_plan *plan, struct span s, enum nft_map kind, bool v6)
{
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		const struct box *b = &plan->policy->boxes[i];
		const struct live_class *live = live_of(plan, b);

		if (live && live->lasts && belongs(b, kind, v6))
			return true;
	}
	return false;
}

static void put_type(const struct map_type *t, bool v6, bool ends, struct text *out)
{
	const char *address = v6 ? "ipv6_addr" : "ipv4_addr";

	text_printf(out, " {\n\t\ttype %s . %s . %s : mark;", address, address, t->key[v6]);
	if (t->interval || ends)
		text_printf(out, " flags %s%s%s;", t->interval ? "interval" : "",
			    t->interval && ends ? ", " : "", ends ? "timeout" : "");
}

static void put_map(const struct nft_plan *plan, enum nft_map kind, bool v6, uint32_t from,
		    uint32_t to, struct text *out)
{
	struct span s = boxes_of(plan, from, to);

	text_puts(out, "\tmap ");
	nft_map_name(plan, kind, v6, from, to, out);
	put_type(&types[kind], v6, any_ends(plan, s, kind, v6), out);
	text_puts(out, " elements = {");
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		const struct box *b = &plan->policy->boxes[i];
		const struct live_class *live = live_of(plan, b);

		if (!live || !belongs(b, kind, v6))
			continue;
		if (kind == MAP_J)
			put_answers(b, live, out);
		else
			put_element(b, kind, live, out);
	}
	text_puts(out, "\n\t\t};\n\t}\n");
}

void nft_put_maps(const struct nft_plan *plan, struct text *out)
{
	for (uint32_t i = 0; i < plan->policy->pairs_count; i++) {
		const struct pair *pair = &plan->policy->pairs[i];
		unsigned int maps = nft_maps_of(plan, pair->from, pair->to);

		for (int kind = 0; kind < MAP_KINDS; kind++)
			for (int v6 = 0; v6 < 2; v6++)
				if (maps & nft_map_bit((enum nft_map)kind, v6))
					put_map(plan, (enum nft_map)kind, v6, pair->from, pair->to,
						out);
	}
}

/* --- classes ---------------------------------------------------------------------------------- */

static const char *first_step(const struct class *k, const struct live_class *live, bool offload)
{
	if (k->box_end || !k->queued)
		return offload ? "goto offl" : "accept";
	if (k->closed)
		return live->ftp ? "goto q_closed_one" : "goto q_closed";
	return live->ftp ? "goto q_open_one" : "goto q_open";
}

static const char *refusal(const struct live_class *live)
{
	if (live->silent)
		return live->refuse ? "goto refused_silent" : "goto denied_silent";
	return live->refuse ? "goto refused_class" : "goto denied_class";
}

/* Chains of queues and of the flowtable are numbered, those of refusals are shared. */
static void put_class(const struct nft_plan *plan, const struct live_class *live,
		      enum mark_verdict verdict, const char *action, struct text *out)
{
	bool numbered = strncmp(action, "goto q_", 7) == 0 || strcmp(action, "goto offl") == 0;

	text_printf(out, "\n\t\t0x%08x", (uint32_t)verdict << 16 | live->number);
	put_timeout(live, out);
	text_printf(out, " : %s", action);
	if (numbered)
		text_printf(out, "_%u", plan->apply);
	text_putc(out, ',');
}

/* What has an end never enters the flowtable, which would not hear of it. */
static bool may_offload(const struct nft_plan *plan, const struct class *k,
			const struct live_class *live)
{
	return plan->flowtable && k->joined.offload && !k->box_end && !live->lasts && !live->ftp;
}

static void put_verdicts(const struct nft_plan *plan, uint32_t i, struct text *out)
{
	const struct class *k = &plan->policy->classes[i];
	const struct live_class *live = &plan->classes[i];
	bool offload = may_offload(plan, k, live);

	if (live->state == LIVE_DENIED) {
		put_class(plan, live, MARK_UNDECIDED, refusal(live), out);
		return;
	}
	put_class(plan, live, MARK_UNDECIDED, first_step(k, live, offload), out);
	if (!k->queued || k->box_end)
		return;
	put_class(plan, live, MARK_ACKS, first_step(k, live, offload), out);
	put_class(plan, live, MARK_PASS, "accept", out);
	put_class(plan, live, MARK_OFFLOAD, offload ? "goto offl" : "accept", out);
	put_class(plan, live, MARK_DROP, "drop", out);
	put_class(plan, live, MARK_RESET, "goto rst", out);
}

static bool is_loose(const struct class *k)
{
	return k->joined.on_midstream >= ACTION_ALERT;
}

/* At most so many: undecided, with and without its packets without payload, and four decisions. */
#define MEANINGS 6u

/*
 * Every packet meets this map. Of elements without an end, and of a known number, the kernel makes a
 * table that is half as dear to look into.
 */
static void put_kind(const struct nft_plan *plan, bool box_end, struct text *out)
{
	bool ends = false;
	uint32_t n = 0;

	for (uint32_t i = 0; i < plan->policy->classes_count; i++) {
		if (plan->classes[i].state == LIVE_ABSENT ||
		    plan->policy->classes[i].box_end != box_end)
			continue;
		ends |= plan->classes[i].lasts != 0;
		n += MEANINGS;
	}
	text_puts(out, "\n\t\ttype mark : verdict;");
	if (ends)
		text_puts(out, " flags timeout;");
	else if (n)
		text_printf(out, " size %u;", n);
}

static void put_meanings(const struct nft_plan *plan, bool box_end, struct text *out)
{
	bool any = false;

	text_puts(out, "\tmap ");
	nft_class_map(plan, box_end, out);
	text_puts(out, " {");
	put_kind(plan, box_end, out);
	for (uint32_t i = 0; i < plan->policy->classes_count; i++) {
		if (plan->classes[i].state == LIVE_ABSENT ||
		    plan->policy->classes[i].box_end != box_end)
			continue;
		nft_put_open(&any, out);
		put_verdicts(plan, i, out);
	}
	nft_put_close(any, out);
}

void nft_class_map(const struct nft_plan *plan, bool box_end, struct text *out)
{
	text_printf(out, box_end ? "class_box_%u" : "class_%u", plan->apply);
}

void nft_put_classes(const struct nft_plan *plan, struct text *out)
{
	const struct policy *p = plan->policy;
	bool any = false;

	put_meanings(plan, false, out);
	put_meanings(plan, true, out);
	text_printf(out, "\tset loose_%u {\n\t\ttype mark;", plan->apply);
	for (uint32_t i = 0; i < p->classes_count; i++) {
		if (plan->classes[i].state != LIVE_OPEN || !is_loose(&p->classes[i]))
			continue;
		nft_put_open(&any, out);
		text_printf(out, "\n\t\t0x%08x,", plan->classes[i].number);
	}
	nft_put_close(any, out);
}
