/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/verify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/mark.h"
#include "rules/kernel/numbers.h"
#include "rules/kernel/readback/record.h"
#include "rules/kernel/readback/verify_parts.h"
#include "rules/policy.h"

#define SEVERITY_(N, severity, en, ja) [VERIFY_##N] = VERIFY_##severity,
const uint8_t verify_severities[VERIFY_WHAT_COUNT] = { VERIFY_MESSAGES(SEVERITY_) };

/* ---- findings ---- */

static void count(struct verify *out, uint8_t severity)
{
	uint32_t *const counts[] = { &out->notes, &out->doubts, &out->faults };

	++*counts[severity];
}

struct verify_finding *verify_add(struct verifier *v, enum verify_what what)
{
	struct verify *out = v->out;
	struct verify_finding *f = &out->findings[out->findings_count];

	if (out->findings_count < VERIFY_FINDINGS_MAX)
		out->findings_count++;
	*f = (struct verify_finding){ .what = (uint8_t)what, .severity = verify_severities[what] };
	count(out, f->severity);
	return f;
}

void verify_word(struct verify_finding *f, int i, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->words[i], sizeof(f->words[i]), fmt, args);
	va_end(args);
}

static const struct {
	uint8_t family;
	const char *word;
} families[] = {
	{ NFPROTO_INET, "inet" }, { NFPROTO_IPV4, "ip" },       { NFPROTO_IPV6, "ip6" },
	{ NFPROTO_ARP, "arp" },   { NFPROTO_BRIDGE, "bridge" }, { NFPROTO_NETDEV, "netdev" },
};

const char *verify_family(uint8_t family)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i].family == family)
			return families[i].word;
	return "?";
}

void verify_at_chain(struct verifier *v, struct verify_finding *f, uint32_t chain)
{
	if (chain == RULESET_NONE)
		return;
	const struct chain *c = &v->rules.chains[chain];
	const struct table *t = &v->rules.tables[c->table];

	snprintf(f->where.family, sizeof(f->where.family), "%s", verify_family(t->family));
	snprintf(f->where.table, sizeof(f->where.table), "%s", t->name);
	snprintf(f->where.chain, sizeof(f->where.chain), "%s", c->name);
}

void verify_at_rule(struct verifier *v, struct verify_finding *f, uint32_t rule)
{
	if (rule == RULESET_NONE)
		return;
	verify_at_chain(v, f, v->rules.rules[rule].chain);
	f->where.handle = v->rules.rules[rule].handle;
}

/* ---- numbers ---- */

static int recall(struct verifier *v)
{
	struct numbers *n = numbers_new();
	int r = n ? numbers_parse(n, v->conf->numbers, v->conf->numbers_len) : -ENOMEM;

	if (r == 0)
		numbers_recall(n, v->live, v->p->classes_count);
	numbers_free(n);
	return r == -EBADMSG ? -EINVAL : r;
}

static void place(struct verifier *v)
{
	for (uint32_t i = 0; i < v->p->classes_count; i++)
		v->live[i].number = v->live[i].state == LIVE_ABSENT ? 0 : (uint16_t)(i + 1);
}

static int number_classes(struct verifier *v)
{
	int r = 0;

	if (!v->p)
		return 0;
	v->live = calloc(v->p->classes_count + 1u, sizeof(*v->live));
	if (!v->live)
		return -ENOMEM;
	live_classes(v->p, v->conf->now, v->conf->dated, v->live);
	if (v->conf->numbers)
		r = recall(v);
	else
		place(v);
	for (uint32_t i = 0; r == 0 && i < v->p->classes_count; i++)
		if (v->live[i].state != LIVE_ABSENT && v->live[i].number == 0)
			verify_word(verify_add(v, VERIFY_NO_NUMBER), 0, "%u", i);
	return r;
}

/* ---- interfaces that are spoken of ---- */

/* A key of a set that may be the name of an interface: text, then zeros. */
static void want_text(struct devices *l, const uint8_t *bytes, uint32_t len, bool beginning)
{
	uint32_t n = 0;

	while (n < len && bytes[n] > ' ' && bytes[n] < 0x7f)
		n++;
	for (uint32_t i = n; i < len; i++)
		if (bytes[i])
			return;
	if (n)
		devices_want(l, (const char *)bytes, len, beginning && n == len);
}

static void want_of_sets(struct verifier *v)
{
	for (uint32_t i = 0; i < v->rules.sets_count; i++) {
		const struct set *s = &v->rules.sets[i];

		for (uint32_t e = 0; s->key_len >= LINK_NAME && s->key_len <= 64 && e < s->count;
		     e++)
			for (uint32_t at = 0; at + LINK_NAME <= s->elements[e].key.len; at += 4)
				want_text(&v->links, s->elements[e].key.at + at, LINK_NAME, false);
	}
}

static void want_of_rules(struct verifier *v)
{
	bool name = false;

	for (uint32_t i = 0; i < v->rules.exprs_count; i++) {
		const struct expr *e = &v->rules.exprs[i];
		uint32_t key = e->kind == EXPR_META ? expr_number(e, NFTA_META_KEY) : 0;
		struct slice s =
			e->kind == EXPR_CMP ? expr_data(e, NFTA_CMP_DATA) : (struct slice){ 0 };

		if (e->kind == EXPR_META)
			name = key == NFT_META_IIFNAME || key == NFT_META_OIFNAME;
		if (name && s.at && s.len <= LINK_NAME)
			want_text(&v->links, s.at, s.len, true);
	}
}

static void want_of_policy(struct verifier *v)
{
	for (uint32_t z = 0; v->p && z < v->p->zones_count; z++) {
		struct span s = v->p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++) {
			const char *name = policy_string(v->p, v->p->words[i]);

			devices_want(&v->links, name, strlen(name), false);
		}
	}
}

static int read_links(struct verifier *v)
{
	int r = devices_read(&v->links, v->bytes, v->len);

	if (r < 0)
		return r;
	want_of_policy(v);
	want_of_sets(v);
	want_of_rules(v);
	devices_close(&v->links);
	return v->links.failed ? -ENOMEM : 0;
}

/* ---- all of it ---- */

static void sum_up(struct verifier *v)
{
	struct verify *out = v->out;

	out->generation = v->rules.generation;
	out->tables = v->rules.tables_count;
	out->chains = v->rules.chains_count;
	out->rules = v->rules.rules_count;
	for (uint32_t i = 0; i < v->rules.sets_count; i++)
		out->elements += v->rules.sets[i].count;
	out->result = out->faults   ? VERIFY_REFUTED
		      : out->doubts ? VERIFY_NOT_PROVED
				    : VERIFY_PROVED;
}

/* Insertion keeps the order of what is equally severe. */
static void sort_findings(struct verify *out)
{
	for (uint32_t i = 1; i < out->findings_count; i++) {
		struct verify_finding f = out->findings[i];
		uint32_t at = i;

		for (; at > 0 && out->findings[at - 1].severity < f.severity; at--)
			out->findings[at] = out->findings[at - 1];
		out->findings[at] = f;
	}
}

static int run(struct verifier *v)
{
	int r = ruleset_parse(&v->rules, v->bytes, v->len);

	if (r == 0)
		r = read_links(v);
	if (r == 0)
		r = number_classes(v);
	if (r < 0)
		return r;
	verify_prove(v);
	verify_scan(v);
	sum_up(v);
	sort_findings(v->out);
	return v->no_memory ? -ENOMEM : 0;
}

int verify_record(struct verify *out, const void *bytes, size_t len, const struct policy *p,
		  const struct verify_conf *conf)
{
	struct verifier v = { .out = out, .bytes = bytes, .len = len, .p = p, .conf = conf };

	*out = (struct verify){ 0 };
	if (conf->queues < 1 || conf->queues > QUEUES_MAX)
		return -EINVAL;
	out->findings =
		calloc(VERIFY_FINDINGS_MAX + 1, sizeof(*out->findings)); /* and a spare one */
	if (!out->findings)
		return -ENOMEM;
	int r = run(&v);

	ruleset_done(&v.rules);
	devices_done(&v.links);
	free(v.live);
	if (r < 0)
		verify_done(out);
	return r;
}

void verify_done(struct verify *v)
{
	free(v->findings);
	*v = (struct verify){ 0 };
}
