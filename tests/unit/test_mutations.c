/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loaded towns, changed by somebody: each change is found, or no packet meets another fate.
 *
 *	MUTATIONS=500 build/tests/unit/test_mutations	of each operator; without, a few
 *	SEED=N						another choice
 *
 * What verify says of a changed record is judged by packets that are drawn from the rules themselves, one by one
 * through both rulesets (kernel_judge.h): a change that verify proves harmless and that any of them notices
 * fails the test. What it finds is counted, and so is what the packets notice of that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>

#include "rules/kernel/mark.h"
#include "rules/kernel/readback/record.h"
#include "rules/kernel/readback/ruleset.h"
#include "tests/unit/kernel_judge.h"
#include "tests/unit/kernel_records.h"

#define FEW 3
#define PACKETS 2000 /* that judge one change */

struct draw {
	uint64_t seed;
};

static uint32_t next(struct draw *d, uint32_t below)
{
	d->seed = d->seed * 6364136223846793005u + 1442695040888963407u;
	return below ? (uint32_t)(d->seed >> 33) % below : 0;
}

/* The town as it is, and the record that is changed. */
struct subject {
	struct loaded town;
	struct ruleset rules;  /* of the town */
	struct loaded changed; /* shares the policy */
	struct draw draw;
};

/* The same byte in the record that is changed. */
static uint8_t *place(struct subject *s, const uint8_t *at)
{
	return s->changed.bytes + (at - s->town.bytes);
}

/* ---- operators; each returns false when it found nothing to change ---- */

static bool drop_rule(struct subject *s)
{
	uint32_t n = next(&s->draw, s->rules.rules_count);
	uint8_t *at = s->changed.bytes + RECORD_MAGIC_LEN, *end = s->changed.bytes + s->changed.len;

	while (at < end) {
		uint32_t len;
		uint16_t type;

		memcpy(&len, at, sizeof(len));
		memcpy(&type, at + 4, sizeof(type));
		len = (len + 3) / 4 * 4;
		if (type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE) && n-- == 0) {
			memmove(at, at + len, (size_t)(end - at - len));
			s->changed.len -= len;
			return true;
		}
		at += len;
	}
	return false;
}

/* An expression of a kind, drawn from all of them; NULL none. */
static const struct expr *draw_expr(struct subject *s, uint8_t kind, unsigned int attr)
{
	uint32_t start = next(&s->draw, s->rules.exprs_count);

	for (uint32_t i = 0; i < s->rules.exprs_count; i++) {
		const struct expr *e = &s->rules.exprs[(start + i) % s->rules.exprs_count];

		if (e->kind == kind && expr_has(e, attr))
			return e;
	}
	return NULL;
}

static bool flip_verdict(struct subject *s)
{
	static const int32_t verdicts[] = { NF_ACCEPT, NF_DROP, NFT_RETURN, NFT_CONTINUE };
	const struct expr *e = draw_expr(s, EXPR_IMMEDIATE, NFTA_IMMEDIATE_DATA);
	struct slice data = e->attrs[NFTA_IMMEDIATE_DATA];
	struct cursor v = record_attr_find(cursor_of(data.at, data.len), NFTA_DATA_VERDICT);
	struct cursor code = v.tripped ? v : record_attr_find(v, NFTA_VERDICT_CODE);
	uint32_t to = htonl((uint32_t)verdicts[next(&s->draw, 4)]);

	if (code.tripped)
		return flip_verdict(s);
	memcpy(place(s, code.at), &to, sizeof(to));
	return true;
}

static void flip_bit(struct subject *s, struct slice v)
{
	uint32_t bit = next(&s->draw, v.len * 8);

	*place(s, v.at + bit / 8) ^= (uint8_t)(1u << bit % 8);
}

/* Addresses and masks that rules compare with. */
static bool widen_prefix(struct subject *s)
{
	bool mask = next(&s->draw, 2);
	const struct expr *e = draw_expr(s, mask ? EXPR_BITWISE : EXPR_CMP,
					 mask ? NFTA_BITWISE_MASK : NFTA_CMP_DATA);

	flip_bit(s, expr_data(e, mask ? NFTA_BITWISE_MASK : NFTA_CMP_DATA));
	return true;
}

static bool change_queue(struct subject *s)
{
	const uint8_t by = (uint8_t)(1 + next(&s->draw, 31));
	const struct expr *e;

	if (s->town.conf.native_queue) {
		e = draw_expr(s, EXPR_HASH, NFTA_HASH_MODULUS);
		place(s, e->attrs[NFTA_HASH_MODULUS].at)[3] ^= by;
		return true;
	}
	e = draw_expr(s, EXPR_TARGET, NFTA_TARGET_INFO);
	*place(s, e->attrs[NFTA_TARGET_INFO].at) ^= by;
	return true;
}

static bool add_bypass(struct subject *s)
{
	const struct expr *e;

	if (s->town.conf.native_queue) {
		e = draw_expr(s, EXPR_QUEUE, NFTA_QUEUE_SREG_QNUM); /* the others are not in use */
		place(s, e->attrs[NFTA_QUEUE_FLAGS].at)[1] ^= NFT_QUEUE_FLAG_BYPASS;
		return true;
	}
	e = draw_expr(s, EXPR_TARGET, NFTA_TARGET_INFO);
	*place(s, e->attrs[NFTA_TARGET_INFO].at + 4) ^= 1;
	return true;
}

static bool change_element(struct subject *s)
{
	for (int tries = 0; tries < 1000; tries++) {
		const struct set *t = &s->rules.sets[next(&s->draw, s->rules.sets_count)];
		const struct element *e = t->count ? &t->elements[next(&s->draw, t->count)] : NULL;
		struct slice parts[3];

		if (!e)
			continue;
		parts[0] = e->key;
		parts[1] = e->key_end;
		parts[2] = e->data;
		struct slice v = parts[next(&s->draw, 3)];

		if (!v.at)
			continue;
		flip_bit(s, v);
		return true;
	}
	return false;
}

static bool change_anything(struct subject *s)
{
	const struct expr *e = &s->rules.exprs[next(&s->draw, s->rules.exprs_count)];

	for (int tries = 0; tries < 100; tries++) {
		struct slice v = e->attrs[next(&s->draw, EXPR_ATTRS)];

		if (!v.at || v.len == 0)
			continue;
		flip_bit(s, v);
		return true;
	}
	return change_anything(s);
}

static bool flip_policy(struct subject *s)
{
	uint8_t *at = s->changed.bytes + RECORD_MAGIC_LEN, *end = s->changed.bytes + s->changed.len;
	uint32_t n = next(&s->draw, 8);

	for (uint32_t len; at < end; at += (len + 3) / 4 * 4) {
		uint16_t type;

		memcpy(&len, at, sizeof(len));
		memcpy(&type, at + 4, sizeof(type));
		if (type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN))
			continue;
		struct cursor attrs = cursor_of(at + 20, len - 20);
		struct cursor policy = record_attr_find(attrs, NFTA_CHAIN_POLICY);

		if (policy.tripped || n-- > 0)
			continue;
		*place(s, s->town.bytes + (policy.at + 3 - s->changed.bytes)) ^= 1;
		return true;
	}
	return flip_policy(s);
}

/* ---- strangers ---- */

static struct draw *drawn; /* for what foreign rules hold */

static void put_something(struct loaded *l)
{
	static const int32_t verdicts[] = { NF_ACCEPT, NF_DROP, NFT_RETURN };

	loaded_verdict(l, verdicts[next(drawn, 3)]);
}

static void put_notrack(struct loaded *l)
{
	loaded_expr(l, "notrack");
}

static void put_helper(struct loaded *l)
{
	size_t elem = loaded_nest(l, NFTA_LIST_ELEM);

	loaded_text(l, NFTA_EXPR_NAME, "objref");
	size_t data = loaded_nest(l, NFTA_EXPR_DATA);

	loaded_be32(l, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_CT_HELPER);
	loaded_text(l, NFTA_OBJREF_IMM_NAME, "ftp-standard");
	loaded_unnest(l, data);
	loaded_unnest(l, elem);
}

/* iifname "et*" and a verdict */
static void put_interfaces(struct loaded *l)
{
	size_t elem = loaded_nest(l, NFTA_LIST_ELEM);

	loaded_text(l, NFTA_EXPR_NAME, "meta");
	size_t data = loaded_nest(l, NFTA_EXPR_DATA);

	loaded_be32(l, NFTA_META_DREG, NFT_REG_1);
	loaded_be32(l, NFTA_META_KEY, next(drawn, 2) ? NFT_META_IIFNAME : NFT_META_OIFNAME);
	loaded_unnest(l, data);
	loaded_unnest(l, elem);
	elem = loaded_nest(l, NFTA_LIST_ELEM);
	loaded_text(l, NFTA_EXPR_NAME, "cmp");
	data = loaded_nest(l, NFTA_EXPR_DATA);
	loaded_be32(l, NFTA_CMP_SREG, NFT_REG_1);
	loaded_be32(l, NFTA_CMP_OP, next(drawn, 2) ? NFT_CMP_EQ : NFT_CMP_NEQ);
	size_t value = loaded_nest(l, NFTA_CMP_DATA);

	loaded_attr(l, NFTA_DATA_VALUE, "eth4", 2 + next(drawn, 3));
	loaded_unnest(l, value);
	loaded_unnest(l, data);
	loaded_unnest(l, elem);
	put_something(l);
}

static struct foreign anywhere(struct subject *s, void (*put)(struct loaded *l))
{
	static const uint8_t families[] = { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 };
	static const int32_t priorities[] = { -400, -300, -10, -5, 0, 5, 10, 300 };

	drawn = &s->draw;
	return (struct foreign){
		.family = families[next(&s->draw, 3)],
		.hook = next(&s->draw, 5),
		.priority = priorities[next(&s->draw, 8)],
		.policy = next(&s->draw, 4) ? NF_ACCEPT : NF_DROP,
		.put = put,
	};
}

static bool add_stranger(struct subject *s, void (*put)(struct loaded *l))
{
	struct foreign f = anywhere(s, put);

	loaded_foreign(&s->changed, &f);
	return true;
}

static bool add_chain(struct subject *s)
{
	return add_stranger(s, put_something);
}

static bool add_notrack(struct subject *s)
{
	return add_stranger(s, put_notrack);
}

static bool add_helper(struct subject *s)
{
	return add_stranger(s, put_helper);
}

static bool add_interfaces(struct subject *s)
{
	return add_stranger(s, put_interfaces);
}

static bool add_flowtable(struct subject *s)
{
	static const char *const devices[] = { "eth1", "eth2", "eth3", "eth4", "eth5", "wlan0" };
	const uint8_t header[4] = { NFPROTO_INET };
	size_t hook, list;

	loaded_begin(&s->changed, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWFLOWTABLE);
	loaded_put(&s->changed, header, sizeof(header));
	loaded_text(&s->changed, NFTA_FLOWTABLE_TABLE, "sekimori");
	loaded_text(&s->changed, NFTA_FLOWTABLE_NAME, "ft");
	hook = loaded_nest(&s->changed, NFTA_FLOWTABLE_HOOK);
	list = loaded_nest(&s->changed, NFTA_FLOWTABLE_HOOK_DEVS);
	for (int i = 0; i < 3; i++)
		loaded_text(&s->changed, NFTA_DEVICE_NAME, devices[next(&s->draw, 6)]);
	loaded_unnest(&s->changed, list);
	loaded_unnest(&s->changed, hook);
	loaded_end(&s->changed);
	return true;
}

static bool add_routing(struct subject *s)
{
	const uint8_t header[12] = { 2 };
	uint32_t priority = 1 + next(&s->draw, 32000);

	loaded_begin(&s->changed, RTM_NEWRULE);
	loaded_put(&s->changed, header, sizeof(header));
	loaded_attr(&s->changed, 6 /* FRA_PRIORITY */, &priority, sizeof(priority));
	loaded_end(&s->changed);
	return true;
}

static bool add_program(struct subject *s)
{
	const struct record_program x = { .id = next(&s->draw, 1000), .type = 6, .name = "x" };
	const uint8_t header[20] = { 0 };

	if (next(&s->draw, 2)) {
		loaded_begin(&s->changed, RECORD_PROGRAM);
		loaded_put(&s->changed, &x, sizeof(x));
	} else {
		loaded_begin(&s->changed, RTM_NEWTFILTER);
		loaded_put(&s->changed, header, sizeof(header));
		loaded_text(&s->changed, TCA_KIND, "bpf");
	}
	loaded_end(&s->changed);
	return true;
}

static const struct operator_of {
	const char *name;
	bool (*change)(struct subject *s);
	bool always; /* it is always told */
} operators[] = {
	{ "drop a rule", drop_rule, false },
	{ "flip a verdict", flip_verdict, false },
	{ "widen a prefix or mask", widen_prefix, false },
	{ "bypass", add_bypass, true },
	{ "queue number", change_queue, true },
	{ "foreign base chain", add_chain, false },
	{ "notrack", add_notrack, true },
	{ "ct helper", add_helper, true },
	{ "set element", change_element, false },
	{ "flowtable device", add_flowtable, true },
	{ "prefix iifname", add_interfaces, false },
	{ "policy flip", flip_policy, false },
	{ "ip rule", add_routing, true },
	{ "tc or XDP program", add_program, true },
	{ "any bit of a rule", change_anything, false },
};

/* ---- packets that judge ---- */

/* Mostly of the maps of boxes, in which conversations are looked up. */
static const struct element *draw_element(const struct ruleset *r, bool v6, struct draw *d,
					  const struct set **set)
{
	bool boxes = next(d, 5);

	for (int tries = 0; tries < 500; tries++) {
		const struct set *t = &r->sets[next(d, r->sets_count)];
		bool box = t->flags & NFT_SET_MAP && !t->verdicts && t->key_len >= (v6 ? 36 : 12) &&
			   t->key_len <= (v6 ? 40 : 16);

		*set = t;
		if (t->count && t->key_len >= 4 && !t->strange && box == boxes)
			return &t->elements[next(d, t->count)];
	}
	return NULL;
}

static void put_address(struct meeting *m, bool src, const uint8_t *bytes)
{
	uint32_t n = m->v6 ? 16 : 4, at = m->v6 ? (src ? 8 : 24) : (src ? 12 : 16);

	memcpy(m->network + at, bytes, n);
}

static void get_address(const struct meeting *m, bool src, uint8_t *out)
{
	uint32_t n = m->v6 ? 16 : 4, at = m->v6 ? (src ? 8 : 24) : (src ? 12 : 16);

	memcpy(out, m->network + at, n);
}

/* The fields of a key: two addresses, protocol, port; or an address alone. */
static void put_key(struct meeting *m, const struct set *t, const uint8_t *key, bool swap,
		    struct draw *d)
{
	uint32_t n = m->v6 ? 16 : 4;

	if (t->key_len < 2 * n) {
		put_address(m, swap, key);
		return;
	}
	put_address(m, !swap, key);
	put_address(m, swap, key + n);
	if (t->key_len >= 2 * n + 8) {
		m->protocol = key[2 * n];
		memcpy(m->transport + (swap ? 0 : 2), key + 2 * n + 4, 2);
	} else if (t->key_len >= 2 * n + 4) {
		m->transport[0] = key[2 * n];
		if (next(d, 2))
			m->protocol = m->v6 ? 58 : 1;
	}
}

/* One value or another of a rule. */
static void put_constant(struct meeting *m, const struct ruleset *r, struct draw *d)
{
	const struct expr *e = &r->exprs[next(d, r->exprs_count)];
	struct slice v = e->kind == EXPR_CMP ? expr_data(e, NFTA_CMP_DATA) : (struct slice){ 0 };

	if (!v.at)
		return;
	if (v.len == 4 && next(d, 2))
		memcpy(next(d, 2) ? &m->ctmark : &m->mark, v.at, 4);
	else if (v.len == 4 && !m->v6)
		put_address(m, next(d, 2), v.at);
	else if (v.len == 16 && m->v6)
		put_address(m, next(d, 2), v.at);
	else if (v.len == 2)
		memcpy(m->transport + 2 * next(d, 2), v.at, 2);
	else if (v.len == 1 && next(d, 2))
		m->protocol = v.at[0];
	else if (v.len == 1)
		m->transport[next(d, 2) ? 13 : 0] = v.at[0];
}

static void put_link(char name[static 16], uint32_t *index, const char *value)
{
	memset(name, 0, 16);
	strncpy(name, value, 15);
	*index = strcmp(value, "lo") ? 7 : 1;
}

/* Where an address of the town is at home. */
static const char *home_of(const uint8_t *a, bool v6, struct draw *d)
{
	uint8_t net = v6 ? a[3] : a[1]; /* fd00:20:: and 10.20.0.0 */

	if (net == (v6 ? 0x20 : 20) || net == 22)
		return next(d, 2) ? "eth2" : "eth5";
	return net == 10 ? "eth1" : net == (v6 ? 0x30 : 30) ? "eth3" : net == 40 ? "eth4" : "xeth1";
}

static void put_links(struct meeting *m, struct draw *d)
{
	static const char *const names[] = {
		"eth1", "eth2", "eth3", "eth4", "eth5", "xeth1", "lo"
	};
	uint8_t a[16];

	get_address(m, true, a);
	put_link(m->in, &m->in_index, next(d, 8) ? home_of(a, m->v6, d) : names[next(d, 7)]);
	get_address(m, false, a);
	put_link(m->out, &m->out_index, next(d, 8) ? home_of(a, m->v6, d) : names[next(d, 7)]);
}

static void draw_packet(struct meeting *m, const struct ruleset *r, struct draw *d)
{
	static const uint8_t protocols[] = { 6, 6, 6, 17, 1, 58, 47 };
	static const uint32_t states[] = { 8, 8, 8, 2, 2, 4, 1, 64 };
	const struct set *t;

	*m = (struct meeting){ .v6 = next(d, 3) == 0, .length = 20 };
	m->protocol = protocols[next(d, 7)];
	m->state = states[next(d, 8)];
	m->reply = next(d, 2);
	m->status = next(d, 2) ? 8 : 0;
	m->hash = next(d, 1000);
	m->ctmark = next(d, 2) ? next(d, 8) | next(d, 6) << 16 : 0;
	m->transport[13] = next(d, 4) ? 2 : (uint8_t)next(d, 64);
	m->network[7] = m->v6 ? 255 : 64;
	memcpy(m->link + 6, "\x02\x00\x00\x10\x01\x10", 6);
	for (uint32_t i = 1 + next(d, 3); i > 0; i--) {
		const struct element *e = draw_element(r, m->v6, d, &t);

		if (e && e->key.at && e->key.len == t->key_len)
			put_key(m, t, next(d, 3) || !e->key_end.at ? e->key.at : e->key_end.at,
				next(d, 2), d);
	}
	for (uint32_t i = next(d, 4) ? 0 : 2; i > 0; i--)
		put_constant(m, r, d);
	put_links(m, d);
	get_address(m, !m->reply, m->opener);
	get_address(m, m->reply, m->peer);
	m->owned = next(d, 3) == 0;
	m->uid = next(d, 3) ? INJECTOR_UID : 0;
	m->network[m->v6 ? 5 : 3] = next(d, 2) ? (m->v6 ? 20 : 40) : 60;
}

/* As the hook sees it: on its way in a packet has no way out, and the reverse. */
static struct meeting seen_at(const struct meeting *m, uint32_t hook)
{
	struct meeting x = *m;

	if (hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_IN) {
		memset(x.out, 0, sizeof(x.out));
		x.out_index = 0;
	}
	if (hook == NF_INET_LOCAL_OUT) {
		memset(x.in, 0, sizeof(x.in));
		x.in_index = 0;
	}
	return x;
}

/* What the judge does not understand shows nothing. */
static bool is_other(const struct fate_of *x, const struct fate_of *y)
{
	return x->kind != FATE_STRANGE && y->kind != FATE_STRANGE &&
	       (x->kind != y->kind || x->bypass != y->bypass || x->queue != y->queue ||
		x->mark != y->mark || x->ctmark != y->ctmark);
}

/* The engine has answered, or nobody listened. */
static bool differs_after(const struct ruleset *a, const struct ruleset *b, const struct meeting *m,
			  uint32_t mark, const uint32_t *stopped)
{
	struct meeting x = *m;
	uint32_t unused;

	x.mark = m->hash & 1 ? mark : UINT32_C(0x80000000) | (m->hash % 8) << 16 | 3;
	struct fate_of f = kernel_judge(a, &x, NF_INET_FORWARD, stopped[0] + 1, &unused);
	struct fate_of g = kernel_judge(b, &x, NF_INET_FORWARD, stopped[1] + 1, &unused);

	return is_other(&f, &g);
}

static bool differs(const struct ruleset *a, const struct ruleset *b, const struct meeting *m)
{
	for (uint32_t hook = 0; hook < NF_INET_NUMHOOKS; hook++) {
		struct meeting x = seen_at(m, hook);
		uint32_t stopped[2] = { 0 };
		struct fate_of f = kernel_judge(a, &x, hook, 0, &stopped[0]);
		struct fate_of g = kernel_judge(b, &x, hook, 0, &stopped[1]);

		if (is_other(&f, &g))
			return true;
		if (f.kind == FATE_QUEUE && g.kind == FATE_QUEUE && hook == NF_INET_FORWARD &&
		    differs_after(a, b, &x, f.mark, stopped))
			return true;
	}
	return false;
}

static bool noticed(struct subject *s, uint32_t packets)
{
	struct ruleset other;
	struct draw d = s->draw;
	bool any = false;

	if (ruleset_parse(&other, s->changed.bytes, s->changed.len) == 0)
		for (uint32_t i = 0; i < packets && !any; i++) {
			struct meeting m;

			draw_packet(&m, i & 1 ? &other : &s->rules, &d);
			any = differs(&s->rules, &other, &m);
		}
	ruleset_done(&other);
	return any;
}

/* ---- the test ---- */

struct score {
	uint32_t found, harmless, shown, wrong;
};

static bool is_found(const struct subject *s, bool always)
{
	struct verify v;
	int r = verify_record(&v, s->changed.bytes, s->changed.len, &s->town.build.policy,
			      &s->town.conf);
	bool found = r < 0 || v.result != VERIFY_PROVED;

	for (uint32_t i = 0; r == 0 && always && i < v.findings_count; i++)
		found |= v.findings[i].what == VERIFY_ROUTING_RULE;
	if (r == 0)
		verify_done(&v);
	return found;
}

static void try_one(struct subject *s, const struct operator_of *o, struct score *x)
{
	s->changed.len = s->town.len;
	memcpy(s->changed.bytes, s->town.bytes, s->town.len);
	if (!o->change(s))
		return;
	if (is_found(s, o->always)) {
		x->found++;
		x->shown += noticed(s, PACKETS / 8);
	} else if (noticed(s, PACKETS)) {
		x->wrong++;
	} else {
		x->harmless++;
	}
}

static uint32_t try_all(struct subject *s)
{
	const char *count = getenv("MUTATIONS");
	uint32_t wrong = 0, n = count ? (uint32_t)strtoul(count, NULL, 10) : FEW;

	assert_int_equal(ruleset_parse(&s->rules, s->town.bytes, s->town.len), 0);
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		struct score x = { 0 };

		for (uint32_t k = 0; k < n; k++)
			try_one(s, &operators[i], &x);
		if (count)
			print_message(
				"%-24s found %4u (packets notice %4u)  harmless %4u  wrong %u\n",
				operators[i].name, x.found, x.shown, x.harmless, x.wrong);
		wrong += x.wrong + (operators[i].always ? x.harmless : 0);
	}
	ruleset_done(&s->rules);
	return wrong;
}

static void changes_are_found_or_harmless_in(void (*open)(struct loaded *l))
{
	const char *seed = getenv("SEED");
	struct subject s = { .draw = { seed ? strtoull(seed, NULL, 10) : 20261122 } };

	open(&s.town);
	open(&s.changed);
	const uint32_t wrong = try_all(&s);

	loaded_close(&s.town);
	loaded_close(&s.changed);
	assert_int_equal(wrong, 0);
}

static void changes_are_found_or_harmless(void **state)
{
	(void)state;
	changes_are_found_or_harmless_in(loaded_open);
}

static void changes_of_a_native_kernel_are_found_or_harmless(void **state)
{
	(void)state;
	changes_are_found_or_harmless_in(loaded_open_native);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_found_or_harmless),
		cmocka_unit_test(changes_of_a_native_kernel_are_found_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
