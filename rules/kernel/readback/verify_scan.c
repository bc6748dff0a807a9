/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify_scan: what stands in the rules, or beside them, that a proof about packets does not see or rests on.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include "rules/kernel/mark.h"
#include "rules/kernel/readback/verify_parts.h"
#include "rules/policy.h"

#define LATE_SECONDS 5 /* between the dump, the clock, and a class that ends later by design */
#define NAME_MAX_ 100

static bool starts(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* ---- expressions ---- */

struct place {
	struct verifier *v;
	uint32_t rule;
	bool ours;
};

static void say(const struct place *at, enum verify_what what, const char *word)
{
	struct verify_finding *f = verify_add(at->v, what);

	verify_word(f, 0, "%s", word);
	verify_at_rule(at->v, f, at->rule);
}

static void scan_ct(const struct place *at, const struct expr *e)
{
	if (!expr_has(e, NFTA_CT_SREG))
		return;
	if (expr_number(e, NFTA_CT_KEY) == NFT_CT_MARK && !at->ours)
		say(at, VERIFY_CTMARK_WRITER, "");
	if (expr_number(e, NFTA_CT_KEY) == NFT_CT_ZONE)
		say(at, VERIFY_NOTRACK, "ct zone");
}

static void scan_meta(const struct place *at, const struct expr *e)
{
	if (expr_has(e, NFTA_META_SREG) && expr_number(e, NFTA_META_KEY) == NFT_META_MARK &&
	    !at->ours)
		say(at, VERIFY_MARK_WRITER, "");
}

static void scan_object(const struct place *at, const struct expr *e)
{
	uint32_t type = expr_number(e, NFTA_OBJREF_IMM_TYPE);

	if (type == NFT_OBJECT_CT_HELPER || type == NFT_OBJECT_CT_EXPECT)
		say(at, VERIFY_HELPER, "");
}

static const struct {
	const char *target;
	enum verify_what what;
} targets[] = {
	{ "CONNMARK", VERIFY_CTMARK_WRITER },
	{ "CONNSECMARK", VERIFY_MARK_WRITER },
	{ "MARK", VERIFY_MARK_WRITER },
	{ "CT", VERIFY_NOTRACK },
	{ "NOTRACK", VERIFY_NOTRACK },
	{ "SNAT", VERIFY_NAT },
	{ "DNAT", VERIFY_NAT },
	{ "MASQUERADE", VERIFY_NAT },
	{ "REDIRECT", VERIFY_NAT },
	{ "NETMAP", VERIFY_NAT },
	{ "TPROXY", VERIFY_DIVERTED },
	{ "TEE", VERIFY_DIVERTED },
	{ "SYNPROXY", VERIFY_DIVERTED },
};

static void scan_target(const struct place *at, const struct expr *e)
{
	const char *name = expr_text(e, NFTA_TARGET_NAME);

	for (size_t i = 0; name && i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(name, targets[i].target) == 0)
			say(at, targets[i].what, name);
}

static void scan_nat(const struct place *at, const struct expr *e)
{
	say(at, VERIFY_NAT, expr_words[e->kind]);
}

static void scan_notrack(const struct place *at, const struct expr *e)
{
	say(at, VERIFY_NOTRACK, expr_words[e->kind]);
}

static void scan_divert(const struct place *at, const struct expr *e)
{
	say(at, VERIFY_DIVERTED, expr_words[e->kind]);
}

static void scan_payload(const struct place *at, const struct expr *e)
{
	if (expr_has(e, NFTA_PAYLOAD_SREG))
		say(at, VERIFY_DIVERTED, "payload set");
}

typedef void scanner(const struct place *at, const struct expr *e);

static scanner *const scanners[EXPR_KIND_COUNT] = {
	[EXPR_CT] = scan_ct,           [EXPR_META] = scan_meta,       [EXPR_OBJREF] = scan_object,
	[EXPR_TARGET] = scan_target,   [EXPR_NAT] = scan_nat,         [EXPR_MASQ] = scan_nat,
	[EXPR_REDIR] = scan_nat,       [EXPR_NOTRACK] = scan_notrack, [EXPR_TPROXY] = scan_divert,
	[EXPR_SYNPROXY] = scan_divert, [EXPR_DUP] = scan_divert,      [EXPR_FWD] = scan_divert,
	[EXPR_PAYLOAD] = scan_payload,
};

static void scan_rules(struct verifier *v)
{
	for (uint32_t i = 0; i < v->rules.rules_count; i++) {
		const struct rule *rule = &v->rules.rules[i];
		uint32_t table = v->rules.chains[rule->chain].table;
		const struct place at = { v, i, ruleset_is_ours(&v->rules, table) };

		for (uint32_t e = rule->first;
		     !v->rules.tables[table].dormant && e < rule->first + rule->count; e++)
			if (scanners[v->rules.exprs[e].kind])
				scanners[v->rules.exprs[e].kind](&at, &v->rules.exprs[e]);
	}
}

/* ---- tables ---- */

/* The queue rules of iptables-nft stand in its own tables. */
static bool is_fallback(const struct verifier *v, uint32_t table)
{
	return !v->conf->native_queue &&
	       ruleset_chain(&v->rules, table, "SEKIMORI") != RULESET_NONE;
}

/* Where packets are met outside of the five hooks of IP. */
static bool is_outside(const struct table *t, const struct chain *c)
{
	if (t->family == NFPROTO_NETDEV || t->family == NFPROTO_BRIDGE)
		return true;
	return t->family == NFPROTO_INET && c->hook == NF_INET_INGRESS;
}

static void scan_chains(struct verifier *v)
{
	for (uint32_t i = 0; i < v->rules.chains_count; i++) {
		const struct chain *c = &v->rules.chains[i];
		const struct table *t = &v->rules.tables[c->table];

		if (!c->base || t->dormant || !is_outside(t, c) ||
		    (c->count == 0 && !c->policy_drop))
			continue;
		struct verify_finding *f = verify_add(v, VERIFY_FOREIGN_HOOK);

		verify_word(f, 0, "%s", t->name);
		verify_word(f, 1, "%s", verify_family(t->family));
		verify_at_chain(v, f, i);
	}
}

static void scan_tables(struct verifier *v)
{
	bool ours = false;

	for (uint32_t i = 0; i < v->rules.tables_count; i++) {
		const struct table *t = &v->rules.tables[i];

		ours |= ruleset_is_ours(&v->rules, i) && !t->dormant;
		if (ruleset_is_ours(&v->rules, i) || is_fallback(v, i))
			continue;
		verify_word(verify_add(v, VERIFY_FOREIGN_TABLE), 0, "%s %s",
			    verify_family(t->family), t->name);
	}
	if (!ours)
		verify_add(v, VERIFY_NO_TABLE);
}

/* ---- sets ---- */

/* Of a class with an end, every element that opens it has to end in time. */
static void check_end(struct verifier *v, const struct element *e)
{
	uint32_t key = 0;

	memcpy(&key, e->key.at, sizeof(key));
	for (uint32_t c = 0; c < v->p->classes_count; c++) {
		const struct live_class *live = &v->live[c];
		uint64_t most = (uint64_t)(live->lasts + LATE_SECONDS) * 1000;

		if (live->state != LIVE_OPEN || !live->lasts ||
		    live->number != (key & MARK_CLASS) || (e->timed && e->expires <= most))
			continue;
		struct verify_finding *f = verify_add(v, VERIFY_ENDS_LATE);

		verify_word(f, 0, "%u", live->number);
		verify_word(f, 1, "%" PRId64, live->lasts);
	}
}

static void check_ends(struct verifier *v, const struct set *s)
{
	for (uint32_t i = 0; v->p && s->verdicts && s->key_len == 4 && i < s->count; i++)
		if (s->elements[i].key.len == 4)
			check_end(v, &s->elements[i]);
}

static void scan_sets(struct verifier *v)
{
	uint32_t cut = 0;

	for (uint32_t i = 0; i < v->rules.sets_count; i++) {
		const struct set *s = &v->rules.sets[i];

		if (!ruleset_is_ours(&v->rules, s->table))
			continue;
		v->out->policy_loaded |= starts(s->name, "pair_");
		if (starts(s->name, "class_"))
			check_ends(v, s);
		if (strcmp(s->name, "cut4") == 0 || strcmp(s->name, "cut6") == 0)
			cut += s->count;
	}
	if (cut)
		verify_word(verify_add(v, VERIFY_CUT), 0, "%u", cut);
}

/* ---- flowtables ---- */

static bool is_device(const struct flowtable *t, const char *name)
{
	for (uint32_t i = 0; i < t->devices_count; i++)
		if (strcmp(t->devices[i], name) == 0)
			return true;
	return false;
}

static void lacks_device(struct verifier *v, const char *name)
{
	verify_word(verify_add(v, VERIFY_FLOWTABLE_DEVICE), 0, "%s", name);
}

static void check_devices(struct verifier *v, const struct flowtable *t)
{
	uint32_t zones = 0;

	for (uint32_t z = 0; v->p && z < v->p->zones_count; z++) {
		struct span s = v->p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++, zones++) {
			const char *name = policy_string(v->p, v->p->words[i]);

			if (!is_device(t, name))
				lacks_device(v, name);
		}
	}
	for (uint32_t i = 0; i < t->devices_count; i++)
		if (!v->p || policy_zone_of_interface(v->p, t->devices[i]) == POLICY_NONE)
			lacks_device(v, t->devices[i]);
}

static void scan_flowtables(struct verifier *v)
{
	uint32_t classes = 0;

	for (uint32_t i = 0; i < v->rules.flowtables_count; i++) {
		const struct flowtable *t = &v->rules.flowtables[i];

		if (ruleset_is_ours(&v->rules, t->table)) {
			check_devices(v, t);
			continue;
		}
		struct verify_finding *f = verify_add(v, VERIFY_FOREIGN_HOOK);

		verify_word(f, 0, "%s", v->rules.tables[t->table].name);
		verify_word(f, 1, "flowtable %.*s", NAME_MAX_, t->name);
	}
	for (uint32_t c = 0; v->p && v->conf->flowtable && c < v->p->classes_count; c++)
		classes += v->live[c].state == LIVE_OPEN && v->p->classes[c].joined.offload &&
			   !v->live[c].lasts;
	if (classes)
		verify_word(verify_add(v, VERIFY_OFFLOADS), 0, "%u", classes);
}

void verify_scan(struct verifier *v)
{
	scan_tables(v);
	scan_chains(v);
	scan_rules(v);
	scan_sets(v);
	scan_flowtables(v);
	verify_beside(v);
}
