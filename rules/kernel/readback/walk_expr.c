/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk_expr: what each expression does to the packets that come to it.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/readback/sets.h"
#include "rules/kernel/readback/walk_parts.h"

/* ---- registers ---- */

bdd_t *frame_reg(struct frame *f, uint32_t word, uint32_t bytes)
{
	if (word >= EXPR_REGISTERS || bytes > (EXPR_REGISTERS - word) * 4)
		return NULL;
	return &f->reg[word * WORD_BITS];
}

void frame_load(struct frame *f, uint32_t word, const bdd_t *bits, uint32_t n)
{
	uint32_t whole = (n + WORD_BITS - 1) / WORD_BITS * WORD_BITS;
	bdd_t *reg = frame_reg(f, word, whole / 8);

	if (!reg)
		return;
	for (uint32_t i = 0; i < whole; i++)
		reg[i] = i < n ? bits[i] : BDD_FALSE;
}

void host_order(const bdd_t *in, uint32_t n, bdd_t *out)
{
	uint32_t bytes = n / 8;

	for (uint32_t i = 0; i < bytes; i++) {
		uint32_t from = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? bytes - 1 - i : i;

		memcpy(&out[i * 8], &in[from * 8], 8 * sizeof(*out));
	}
}

void frame_load_host(struct frame *f, uint32_t word, const bdd_t *bits, uint32_t n)
{
	bdd_t memory[64];

	host_order(bits, n, memory);
	frame_load(f, word, memory, n);
}

static void forget(struct frame *f, uint32_t word, uint32_t bytes)
{
	bdd_t *reg = frame_reg(f, word, bytes);

	for (uint32_t i = 0; reg && i < bytes * 8; i++)
		reg[i] = BIT_UNKNOWN;
}

/* ---- tests ---- */

static bdd_t compared(struct bdd *b, const bdd_t *bits, struct slice v, uint32_t op)
{
	static const uint8_t low[64];
	uint8_t high[64];
	uint32_t n = v.len * 8;

	memset(high, 0xff, sizeof(high));
	switch (op) {
	case NFT_CMP_EQ: return bits_equal(b, bits, v.at, n);
	case NFT_CMP_NEQ: return bdd_not(bits_equal(b, bits, v.at, n));
	case NFT_CMP_LTE: return bits_range(b, bits, low, v.at, n);
	case NFT_CMP_GT: return bdd_not(bits_range(b, bits, low, v.at, n));
	case NFT_CMP_GTE: return bits_range(b, bits, v.at, high, n);
	case NFT_CMP_LT: return bdd_not(bits_range(b, bits, v.at, high, n));
	}
	return BDD_NONE;
}

static bool do_cmp(struct frame *f, const struct expr *e)
{
	struct slice v = expr_data(e, NFTA_CMP_DATA);
	const bdd_t *reg = frame_reg(f, expr_register(e, NFTA_CMP_SREG), v.len);
	uint32_t op = expr_number(e, NFTA_CMP_OP);

	if (!v.at || v.len > 64 || !reg || op > NFT_CMP_GTE)
		return frame_unknown(f, "cmp");
	if (!bits_known(reg, v.len * 8)) {
		frame_chance(f);
		return true;
	}
	return frame_test(f, compared(frame_packet(f)->b, reg, v, op));
}

static bool do_range(struct frame *f, const struct expr *e)
{
	struct slice lo = expr_data(e, NFTA_RANGE_FROM_DATA), hi = expr_data(e, NFTA_RANGE_TO_DATA);
	const bdd_t *reg = frame_reg(f, expr_register(e, NFTA_RANGE_SREG), lo.len);
	uint32_t op = expr_number(e, NFTA_RANGE_OP);

	if (!lo.at || !hi.at || lo.len != hi.len || !reg || op > NFT_RANGE_NEQ)
		return frame_unknown(f, "range");
	if (!bits_known(reg, lo.len * 8)) {
		frame_chance(f);
		return true;
	}
	bdd_t in = bits_range(frame_packet(f)->b, reg, lo.at, hi.at, lo.len * 8);

	return frame_test(f, op == NFT_RANGE_EQ ? in : bdd_not(in));
}

/* ---- arithmetic ---- */

static bdd_t masked(bdd_t bit, bool mask, bool flip)
{
	bdd_t r = mask ? bit : BDD_FALSE;

	return flip && r != BIT_UNKNOWN ? bdd_not(r) : r;
}

static bool do_mask(struct frame *f, const struct expr *e, uint32_t to, bdd_t *reg, uint32_t len)
{
	struct slice mask = expr_data(e, NFTA_BITWISE_MASK), flip = expr_data(e, NFTA_BITWISE_XOR);
	bdd_t bits[REGISTER_BITS];

	if (mask.len != len || flip.len != len)
		return frame_unknown(f, "bitwise");
	for (uint32_t i = 0; i < len * 8; i++)
		bits[i] = masked(reg[i], mask.at[i / 8] >> (7 - i % 8) & 1,
				 flip.at[i / 8] >> (7 - i % 8) & 1);
	frame_load(f, to, bits, len * 8);
	return true;
}

static bool do_bitwise(struct frame *f, const struct expr *e)
{
	uint32_t len = expr_number(e, NFTA_BITWISE_LEN), to = expr_register(e, NFTA_BITWISE_DREG);
	bdd_t *reg = frame_reg(f, expr_register(e, NFTA_BITWISE_SREG), len);

	if (!reg || !len || !frame_reg(f, to, len))
		return frame_unknown(f, "bitwise");
	if (e->strange || expr_number(e, NFTA_BITWISE_OP) != NFT_BITWISE_BOOL) {
		forget(f, to, len);
		return true;
	}
	return do_mask(f, e, to, reg, len);
}

/* Whole units are swapped; a byte that is to be swapped as two is not touched at all. */
static bool do_byteorder(struct frame *f, const struct expr *e)
{
	uint32_t len = expr_number(e, NFTA_BYTEORDER_LEN),
		 size = expr_number(e, NFTA_BYTEORDER_SIZE),
		 from = expr_register(e, NFTA_BYTEORDER_SREG),
		 to = expr_register(e, NFTA_BYTEORDER_DREG);
	bdd_t *reg = frame_reg(f, from, (len + 3) / 4 * 4), bits[REGISTER_BITS];

	if (!reg || !len || !frame_reg(f, to, (len + 3) / 4 * 4) ||
	    (size != 2 && size != 4 && size != 8) || (len % size && from != to))
		return frame_unknown(f, "byteorder");
	for (uint32_t i = 0; i + size <= len; i += size)
		host_order(reg + i * 8, size * 8, bits + i * 8);
	if (len >= size)
		memcpy(frame_reg(f, to, len), bits, len / size * size * 8 * sizeof(*bits));
	return true;
}

/* ---- lookups ---- */

static bool give_verdicts(struct frame *f, const struct set *t, const struct answers *a)
{
	struct bdd *b = frame_packet(f)->b;

	for (uint32_t i = 0; i < a->count; i++) {
		const struct element *e = &t->elements[a->at[i].element];
		struct frame part = { .k = f->k, .s = f->s };

		part.s.when = bdd_and(b, f->s.when, a->at[i].when);
		if (part.s.when == BDD_FALSE)
			continue;
		part.expr = f->expr;
		if (frame_verdict(&part, e->verdict, e->chain))
			frame_chance(&part);
	}
	f->s.when = bdd_and(b, f->s.when, a->none);
	return f->s.when !=
	       BDD_FALSE; /* nothing found: the verdict is "go on" in the kernel only with a match */
}

static bool give_data(struct frame *f, const struct set *t, const struct answers *a, uint32_t to)
{
	struct bdd *b = frame_packet(f)->b;
	struct answer *copy =
		malloc((a->count + 1u) * sizeof(*copy)); /* others ask before we are done */
	uint32_t n = a->count;

	if (!copy)
		return frame_unknown(f, "no memory");
	memcpy(copy, a->at, n * sizeof(*copy));
	for (uint32_t i = 0; i < n; i++) {
		const struct element *e = &t->elements[copy[i].element];
		bdd_t when = bdd_and(b, f->s.when, copy[i].when);

		if (when != BDD_FALSE)
			frame_from(f, when, to, e->data.at, t->data_len);
	}
	free(copy);
	return false;
}

static bool do_map(struct frame *f, const struct expr *e, const struct set *t,
		   const struct answers *a)
{
	struct bdd *b = frame_packet(f)->b;
	struct state misses = f->s;

	if (a->vague && t->verdicts)
		return frame_unknown(f, "a map of verdicts that packets fill");
	misses.when = bdd_and(b, f->s.when, a->none);
	if (misses.when != BDD_FALSE) {
		struct frame part = { .k = f->k, .s = misses };

		frame_chance(&part);
	}
	if (a->vague) {
		forget(f, expr_register(e, NFTA_LOOKUP_DREG), t->data_len);
		return true;
	}
	if (t->verdicts) {
		struct answers sure = *a;

		sure.none = BDD_FALSE;
		give_verdicts(f, t, &sure);
		return false;
	}
	return give_data(f, t, a, expr_register(e, NFTA_LOOKUP_DREG));
}

static bool do_lookup(struct frame *f, const struct expr *e)
{
	struct walk *w = frame_walk(f);
	const struct ruleset *r = walk_rules(w);
	uint32_t table = r->chains[f->k->chain].table;
	const char *name = expr_text(e, NFTA_LOOKUP_SET);
	uint32_t set = name ? ruleset_set(r, table, name) : RULESET_NONE,
		 flags = expr_number(e, NFTA_LOOKUP_FLAGS);

	if (set == RULESET_NONE || flags & ~(uint32_t)NFT_LOOKUP_F_INV)
		return frame_unknown(f, "lookup");
	const struct set *t = &r->sets[set];
	const bdd_t *reg = frame_reg(f, expr_register(e, NFTA_LOOKUP_SREG), t->key_len);
	const struct answers *a = reg ? sets_ask(walk_sets(w), set, reg) : NULL;

	if (!a)
		return frame_unknown(f, "lookup");
	if (expr_has(e, NFTA_LOOKUP_DREG))
		return do_map(f, e, t, a);
	bdd_t either = bdd_and(frame_packet(f)->b, a->any, a->none);

	if (bdd_and(frame_packet(f)->b, either, f->s.when) != BDD_FALSE)
		frame_chance(f);
	return frame_test(f, flags & NFT_LOOKUP_F_INV ? a->none : a->any);
}

/* ---- verdicts ---- */

static bool do_immediate(struct frame *f, const struct expr *e)
{
	const struct ruleset *r = walk_rules(frame_walk(f));
	uint32_t chain;
	int32_t verdict;
	bdd_t bits[REGISTER_BITS];

	if (expr_number(e, NFTA_IMMEDIATE_DREG) == NFT_REG_VERDICT) {
		if (!expr_verdict(r, r->chains[f->k->chain].table, e, &verdict, &chain))
			return frame_unknown(f, "a verdict");
		return frame_verdict(f, verdict, chain);
	}
	struct slice v = expr_data(e, NFTA_IMMEDIATE_DATA);
	uint32_t to = expr_register(e, NFTA_IMMEDIATE_DREG);

	if (!v.at || !frame_reg(f, to, v.len))
		return frame_unknown(f, "immediate");
	bits_of(v.at, v.len * 8, bits);
	frame_load(f, to, bits, v.len * 8);
	return true;
}

#define QUEUES_KNOWN 64u

/* The number comes from a register: as many ways as there are numbers. */
static bool queue_from(struct frame *f, const struct expr *e, bool bypass)
{
	struct bdd *b = frame_packet(f)->b;
	const bdd_t *reg = frame_reg(f, expr_register(e, NFTA_QUEUE_SREG_QNUM), 4);
	bdd_t number[32], left = f->s.when;

	if (!reg || !bits_known(reg, 32))
		return frame_unknown(f, "queue");
	host_order(reg, 32, number);
	for (uint32_t q = 0; q < QUEUES_KNOWN && left != BDD_FALSE; q++) {
		uint8_t v[2] = { 0, (uint8_t)q };
		struct frame part = { .k = f->k, .s = f->s };

		part.s.when = bdd_and(b, left, bits_equal(b, number + 16, v, 16));
		left = bdd_diff(b, left, part.s.when);
		frame_queue(&part, q, bypass);
	}
	f->s.when = left;
	return left == BDD_FALSE ? false : frame_unknown(f, "queue");
}

static bool do_queue(struct frame *f, const struct expr *e)
{
	uint32_t first = expr_number(e, NFTA_QUEUE_NUM), total = expr_number(e, NFTA_QUEUE_TOTAL),
		 flags = expr_number(e, NFTA_QUEUE_FLAGS);
	bool bypass = flags & NFT_QUEUE_FLAG_BYPASS;

	if (e->strange)
		return frame_unknown(f, "queue");
	if (expr_has(e, NFTA_QUEUE_SREG_QNUM))
		return queue_from(f, e, bypass);
	for (uint32_t i = 0; i < (total ? total : 1) && i < QUEUES_KNOWN; i++)
		frame_queue(f, first + i, bypass);
	return false;
}

static bool do_reject(struct frame *f, const struct expr *e)
{
	(void)e;
	return frame_verdict(f, NF_DROP, RULESET_NONE);
}

/* ---- what goes on ---- */

static bool do_nothing(struct frame *f, const struct expr *e)
{
	(void)f;
	(void)e;
	return true;
}

static bool do_chance(struct frame *f, const struct expr *e)
{
	(void)e;
	frame_chance(f);
	return true;
}

/* Loads what we do not know, if it can be loaded at all. */
static bool do_unknown_load(struct frame *f, const struct expr *e)
{
	(void)e;
	frame_chance(f);
	for (uint32_t i = 4 * WORD_BITS; i < REGISTER_BITS; i++)
		f->reg[i] = BIT_UNKNOWN;
	return true;
}

static bool do_exthdr(struct frame *f, const struct expr *e)
{
	if (expr_has(e, NFTA_EXTHDR_SREG))
		return frame_unknown(f, "exthdr set");
	return do_unknown_load(f, e);
}

static bool do_objref(struct frame *f, const struct expr *e)
{
	if (expr_has(e, NFTA_OBJREF_SET_SREG))
		return frame_unknown(f, "a map of objects");
	if (expr_number(e, NFTA_OBJREF_IMM_TYPE) != NFT_OBJECT_COUNTER)
		frame_chance(f);
	return true;
}

/* It is there from now on or not (too small, no route yet); the rule goes on either way or ends. */
static bool do_offload(struct frame *f, const struct expr *e)
{
	(void)e;
	frame_chance(f);
	f->s.offload = true;
	return true;
}

static bool do_translate(struct frame *f, const struct expr *e)
{
	(void)e;
	frame_chance(f);
	return frame_verdict(f, NF_ACCEPT, RULESET_NONE);
}

static bool do_strange(struct frame *f, const struct expr *e)
{
	return frame_unknown(f, e->name.at ? (const char *)e->name.at : "an expression");
}

typedef bool handler(struct frame *f, const struct expr *e);

static handler *const handlers[EXPR_KIND_COUNT] = {
	[EXPR_IMMEDIATE] = do_immediate,
	[EXPR_LOOKUP] = do_lookup,
	[EXPR_PAYLOAD] = walk_load,
	[EXPR_META] = walk_load,
	[EXPR_CT] = walk_load,
	[EXPR_HASH] = walk_load,
	[EXPR_BITWISE] = do_bitwise,
	[EXPR_CMP] = do_cmp,
	[EXPR_RANGE] = do_range,
	[EXPR_BYTEORDER] = do_byteorder,
	[EXPR_QUEUE] = do_queue,
	[EXPR_REJECT] = do_reject,
	[EXPR_LOG] = do_nothing,
	[EXPR_COUNTER] = do_nothing,
	[EXPR_LAST] = do_nothing,
	[EXPR_LIMIT] = do_chance,
	[EXPR_QUOTA] = do_chance,
	[EXPR_CONNLIMIT] = do_chance,
	[EXPR_DYNSET] = do_chance,
	[EXPR_OBJREF] = do_objref,
	[EXPR_FLOW_OFFLOAD] = do_offload,
	[EXPR_FIB] = do_unknown_load,
	[EXPR_RT] = do_unknown_load,
	[EXPR_SOCKET] = do_unknown_load,
	[EXPR_OSF] = do_unknown_load,
	[EXPR_NUMGEN] = do_unknown_load,
	[EXPR_EXTHDR] = do_exthdr,
	[EXPR_XFRM] = do_unknown_load,
	[EXPR_TUNNEL] = do_unknown_load,
	[EXPR_MATCH] = walk_target,
	[EXPR_TARGET] = walk_target,
	[EXPR_NOTRACK] = do_nothing,
	[EXPR_NAT] = do_translate,
	[EXPR_MASQ] = do_translate,
	[EXPR_REDIR] = do_translate,
	[EXPR_TPROXY] = do_strange,
	[EXPR_SYNPROXY] = do_strange,
	[EXPR_DUP] = do_nothing,
	[EXPR_FWD] = do_strange,
	[EXPR_UNKNOWN] = do_strange,
};

/* What loads may be strange and only its value is unknown; anything else may be anything. */
static bool only_loads(uint8_t kind)
{
	return kind == EXPR_BITWISE || kind == EXPR_HASH || kind == EXPR_LOG ||
	       kind == EXPR_COUNTER || kind == EXPR_LIMIT;
}

bool walk_expr(struct frame *f, const struct expr *e)
{
	if (e->strange && !only_loads(e->kind))
		return do_strange(f, e);
	return handlers[e->kind](f, e);
}
