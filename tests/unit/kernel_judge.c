/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/kernel_judge.h"

#include <arpa/inet.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#define CHAINS_MAX 32u

enum step { STEP_ON, STEP_BREAK, STEP_DONE }; /* next expression, next rule, verdict */

struct run {
	const struct ruleset *r;
	struct meeting m;
	uint8_t reg[EXPR_REGISTERS * 4];
	int32_t verdict;
	uint32_t chain, target; /* of the rule; of jump and goto */
	uint32_t depth;
	bool bypass;
	uint32_t queue;
};

/* Registers of data; NULL: fewer bytes than that from there on. */
static uint8_t *reg_of(struct run *x, const struct expr *e, unsigned int attr, uint32_t bytes)
{
	uint32_t word = expr_register(e, attr);

	if (word < 4 || word >= EXPR_REGISTERS || (bytes + 3) / 4 > EXPR_REGISTERS - word)
		return NULL;
	return x->reg + word * 4;
}

static void store(uint8_t *reg, const void *bytes, uint32_t n)
{
	memset(reg, 0, (n + 3) / 4 * 4);
	memcpy(reg, bytes, n);
}

static bool tracked(const struct run *x)
{
	return x->m.state & (2u | 4u | 8u);
}

static enum step strange(struct run *x)
{
	x->verdict = -100;
	return STEP_DONE;
}

/* ---- sets ---- */

static bool on_axis(const struct set *t)
{
	return t->flags & NFT_SET_INTERVAL && t->fields_count < 2;
}

static bool in_fields(const struct set *t, const struct element *e, const uint8_t *key)
{
	uint32_t at = 0;

	if (!e->key_end.at || t->fields_count < 2)
		return memcmp(e->key.at, key, t->key_len) == 0;
	for (uint32_t f = 0; f < t->fields_count; f++) {
		if (memcmp(key + at, e->key.at + at, t->fields[f]) < 0 ||
		    memcmp(key + at, e->key_end.at + at, t->fields[f]) > 0)
			return false;
		at += (t->fields[f] + 3u) / 4 * 4;
	}
	return true;
}

/* The greatest start or end that is not above the key; of equal ones the start. */
static const struct element *find_on_axis(const struct set *t, const uint8_t *key)
{
	const struct element *best = NULL;

	for (uint32_t i = 0; i < t->count; i++) {
		const struct element *e = &t->elements[i];
		int c = best ? memcmp(e->key.at, best->key.at, t->key_len) : 1;

		if (memcmp(e->key.at, key, t->key_len) <= 0 &&
		    (c > 0 || (c == 0 && !e->interval_end)))
			best = e;
	}
	return best && !best->interval_end ? best : NULL;
}

/* What packets fill is empty here. */
static const struct element *find(const struct set *t, const uint8_t *key)
{
	if (t->flags & NFT_SET_EVAL || t->strange)
		return NULL;
	if (on_axis(t))
		return find_on_axis(t, key);
	for (uint32_t i = 0; i < t->count; i++)
		if (in_fields(t, &t->elements[i], key))
			return &t->elements[i];
	return NULL;
}

static enum step do_lookup(struct run *x, const struct expr *e)
{
	const char *name = expr_text(e, NFTA_LOOKUP_SET);
	uint32_t set = ruleset_set(x->r, x->r->chains[x->chain].table, name ? name : "");
	const struct set *t = set == RULESET_NONE ? NULL : &x->r->sets[set];
	uint8_t *key = t ? reg_of(x, e, NFTA_LOOKUP_SREG, t->key_len) : NULL;
	uint8_t *to = t ? reg_of(x, e, NFTA_LOOKUP_DREG, t->data_len) : NULL;

	if (!key)
		return strange(x);
	const struct element *found = find(t, key);

	if (!!found == !!(expr_number(e, NFTA_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV))
		return STEP_BREAK;
	if (!expr_has(e, NFTA_LOOKUP_DREG))
		return STEP_ON;
	if (t->verdicts) {
		x->verdict = found->verdict;
		x->target = found->chain;
		return x->verdict == NFT_CONTINUE ? STEP_ON : STEP_DONE;
	}
	if (!to || !found->data.at)
		return strange(x);
	store(to, found->data.at, t->data_len);
	return STEP_ON;
}

/* ---- loads ---- */

static enum step load_meta(struct run *x, const struct expr *e, uint8_t *to)
{
	const struct meeting *m = &x->m;
	uint8_t family = m->v6 ? NFPROTO_IPV6 : NFPROTO_IPV4, broadcast = 0;
	uint16_t ethernet = 1, type = htons(m->v6 ? 0x86dd : 0x0800);

	switch (expr_number(e, NFTA_META_KEY)) {
	case NFT_META_IIFNAME: store(to, m->in, 16); return STEP_ON;
	case NFT_META_OIFNAME: store(to, m->out, 16); return STEP_ON;
	case NFT_META_IIF: store(to, &m->in_index, 4); return STEP_ON;
	case NFT_META_OIF: store(to, &m->out_index, 4); return STEP_ON;
	case NFT_META_IIFTYPE: store(to, &ethernet, 2); return m->in[0] ? STEP_ON : STEP_BREAK;
	case NFT_META_NFPROTO: store(to, &family, 1); return STEP_ON;
	case NFT_META_PROTOCOL: store(to, &type, 2); return STEP_ON;
	case NFT_META_L4PROTO:
		store(to, &m->protocol, 1);
		return m->portless ? STEP_BREAK : STEP_ON;
	case NFT_META_MARK: store(to, &m->mark, 4); return STEP_ON;
	case NFT_META_PKTTYPE: store(to, &broadcast, 1); return STEP_ON;
	case NFT_META_SKUID: store(to, &m->uid, 4); return m->owned ? STEP_ON : STEP_BREAK;
	}
	return strange(x);
}

static enum step do_meta(struct run *x, const struct expr *e)
{
	if (!expr_has(e, NFTA_META_SREG))
		return reg_of(x, e, NFTA_META_DREG, 16)
			       ? load_meta(x, e, reg_of(x, e, NFTA_META_DREG, 16))
			       : strange(x);
	if (expr_number(e, NFTA_META_KEY) != NFT_META_MARK || !reg_of(x, e, NFTA_META_SREG, 4))
		return strange(x);
	memcpy(&x->m.mark, reg_of(x, e, NFTA_META_SREG, 4), 4);
	return STEP_ON;
}

static enum step load_ct(struct run *x, const struct expr *e, uint8_t *to)
{
	const struct meeting *m = &x->m;
	uint32_t key = expr_number(e, NFTA_CT_KEY);
	uint8_t reply = m->reply;

	if (key == NFT_CT_STATE) {
		store(to, &m->state, 4);
		return STEP_ON;
	}
	if (!tracked(x))
		return STEP_BREAK;
	switch (key) {
	case NFT_CT_MARK: store(to, &m->ctmark, 4); return STEP_ON;
	case NFT_CT_STATUS: store(to, &m->status, 4); return STEP_ON;
	case NFT_CT_DIRECTION: store(to, &reply, 1); return STEP_ON;
	case NFT_CT_SRC_IP: store(to, m->opener, 4); return m->v6 ? STEP_BREAK : STEP_ON;
	case NFT_CT_DST_IP: store(to, m->peer, 4); return m->v6 ? STEP_BREAK : STEP_ON;
	case NFT_CT_SRC_IP6: store(to, m->opener, 16); return m->v6 ? STEP_ON : STEP_BREAK;
	case NFT_CT_DST_IP6: store(to, m->peer, 16); return m->v6 ? STEP_ON : STEP_BREAK;
	}
	return strange(x);
}

static enum step do_ct(struct run *x, const struct expr *e)
{
	if (!expr_has(e, NFTA_CT_SREG))
		return reg_of(x, e, NFTA_CT_DREG, 16)
			       ? load_ct(x, e, reg_of(x, e, NFTA_CT_DREG, 16))
			       : strange(x);
	if (expr_number(e, NFTA_CT_KEY) != NFT_CT_MARK || !reg_of(x, e, NFTA_CT_SREG, 4))
		return strange(x);
	if (tracked(x))
		memcpy(&x->m.ctmark, reg_of(x, e, NFTA_CT_SREG, 4), 4);
	return STEP_ON;
}

static enum step do_payload(struct run *x, const struct expr *e)
{
	uint32_t base = expr_number(e, NFTA_PAYLOAD_BASE), at = expr_number(e, NFTA_PAYLOAD_OFFSET),
		 n = expr_number(e, NFTA_PAYLOAD_LEN), room = x->m.v6 ? 40 : 20;
	const uint8_t *from = x->m.network;
	uint8_t *to = reg_of(x, e, NFTA_PAYLOAD_DREG, n);

	if (base == NFT_PAYLOAD_TRANSPORT_HEADER) {
		from = x->m.transport;
		room = x->m.portless ? 0 : x->m.length;
	} else if (base == NFT_PAYLOAD_LL_HEADER) {
		from = x->m.link;
		room = 14;
	}
	if (!to || expr_has(e, NFTA_PAYLOAD_SREG) || n > 16 || at > 64)
		return strange(x);
	if (at + n > room)
		return STEP_BREAK;
	store(to, from + at, n);
	return STEP_ON;
}

/* ---- tests and arithmetic ---- */

static enum step do_cmp(struct run *x, const struct expr *e)
{
	struct slice v = expr_data(e, NFTA_CMP_DATA);
	const uint8_t *reg = reg_of(x, e, NFTA_CMP_SREG, v.len);
	int c = reg && v.at ? memcmp(reg, v.at, v.len) : 0;
	const bool holds[] = { [NFT_CMP_EQ] = c == 0,
			       [NFT_CMP_NEQ] = c != 0,
			       [NFT_CMP_LT] = c<0, [NFT_CMP_LTE] = c <= 0, [NFT_CMP_GT] = c> 0,
			       [NFT_CMP_GTE] = c >= 0 };
	uint32_t op = expr_number(e, NFTA_CMP_OP);

	if (!reg || !v.at || op > NFT_CMP_GTE)
		return strange(x);
	return holds[op] ? STEP_ON : STEP_BREAK;
}

static enum step do_range(struct run *x, const struct expr *e)
{
	struct slice lo = expr_data(e, NFTA_RANGE_FROM_DATA), hi = expr_data(e, NFTA_RANGE_TO_DATA);
	const uint8_t *reg = reg_of(x, e, NFTA_RANGE_SREG, lo.len);

	if (!reg || !lo.at || !hi.at || lo.len != hi.len)
		return strange(x);
	bool in = memcmp(reg, lo.at, lo.len) >= 0 && memcmp(reg, hi.at, hi.len) <= 0;

	return in == (expr_number(e, NFTA_RANGE_OP) == NFT_RANGE_EQ) ? STEP_ON : STEP_BREAK;
}

static enum step do_bitwise(struct run *x, const struct expr *e)
{
	struct slice mask = expr_data(e, NFTA_BITWISE_MASK), flip = expr_data(e, NFTA_BITWISE_XOR);
	const uint8_t *from = reg_of(x, e, NFTA_BITWISE_SREG, mask.len);
	uint8_t *to = reg_of(x, e, NFTA_BITWISE_DREG, mask.len), v[16] = { 0 };

	if (!from || !to || !mask.at || !flip.at || mask.len > 16 || flip.len != mask.len)
		return strange(x);
	for (uint32_t i = 0; i < mask.len; i++)
		v[i] = (from[i] & mask.at[i]) ^ flip.at[i];
	store(to, v, mask.len);
	return STEP_ON;
}

static enum step do_immediate(struct run *x, const struct expr *e)
{
	struct slice v = expr_data(e, NFTA_IMMEDIATE_DATA);
	uint8_t *to = reg_of(x, e, NFTA_IMMEDIATE_DREG, v.len);

	if (expr_number(e, NFTA_IMMEDIATE_DREG) != NFT_REG_VERDICT) {
		if (!to || !v.at)
			return strange(x);
		store(to, v.at, v.len);
		return STEP_ON;
	}
	if (!expr_verdict(x->r, x->r->chains[x->chain].table, e, &x->verdict, &x->target))
		return strange(x);
	return x->verdict == NFT_CONTINUE ? STEP_ON : STEP_DONE;
}

static enum step do_hash(struct run *x, const struct expr *e)
{
	uint32_t modulus = expr_number(e, NFTA_HASH_MODULUS), v;

	if (!modulus || !reg_of(x, e, NFTA_HASH_DREG, 4))
		return strange(x);
	v = x->m.hash % modulus + expr_number(e, NFTA_HASH_OFFSET);
	store(reg_of(x, e, NFTA_HASH_DREG, 4), &v, 4);
	return STEP_ON;
}

static enum step do_target(struct run *x, const struct expr *e)
{
	const char *name = expr_text(e, NFTA_TARGET_NAME);
	struct slice info = e->attrs[NFTA_TARGET_INFO];
	uint16_t v[3] = { 0 };

	if (!name || strcmp(name, "NFQUEUE") != 0 || info.len < sizeof(v))
		return strange(x);
	memcpy(v, info.at, sizeof(v));
	x->queue = v[0];
	x->bypass = v[2] & 1;
	x->verdict = NF_QUEUE;
	return STEP_DONE;
}

/* nft's own: a number, or one that a hash has put in a register */
static enum step do_queue(struct run *x, const struct expr *e)
{
	const bool hashed = expr_has(e, NFTA_QUEUE_SREG_QNUM);
	const uint8_t *reg = hashed ? reg_of(x, e, NFTA_QUEUE_SREG_QNUM, 4) : NULL;
	uint32_t total = expr_number(e, NFTA_QUEUE_TOTAL);

	if (hashed && !reg)
		return strange(x);
	if (hashed)
		memcpy(&x->queue, reg, sizeof(x->queue));
	else
		x->queue = expr_number(e, NFTA_QUEUE_NUM) + (total > 1 ? x->m.hash % total : 0);
	x->bypass = expr_number(e, NFTA_QUEUE_FLAGS) & NFT_QUEUE_FLAG_BYPASS;
	x->verdict = NF_QUEUE;
	return STEP_DONE;
}

static enum step one(struct run *x, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_LOOKUP: return do_lookup(x, e);
	case EXPR_META: return do_meta(x, e);
	case EXPR_CT: return do_ct(x, e);
	case EXPR_PAYLOAD: return do_payload(x, e);
	case EXPR_CMP: return do_cmp(x, e);
	case EXPR_RANGE: return do_range(x, e);
	case EXPR_BITWISE: return do_bitwise(x, e);
	case EXPR_IMMEDIATE: return do_immediate(x, e);
	case EXPR_HASH: return do_hash(x, e);
	case EXPR_TARGET: return do_target(x, e);
	case EXPR_QUEUE: return do_queue(x, e);
	case EXPR_REJECT: x->verdict = NF_DROP; return STEP_DONE;
	case EXPR_BYTEORDER: /* of one byte, as nft writes it: nothing */
	case EXPR_COUNTER:
	case EXPR_LOG:
	case EXPR_LIMIT:
	case EXPR_DYNSET:
	case EXPR_NOTRACK:
	case EXPR_FLOW_OFFLOAD: /* of the packets to come */
	case EXPR_OBJREF: return STEP_ON;
	}
	return strange(x);
}

/* ---- chains ---- */

static enum step run_rule(struct run *x, const struct rule *rule)
{
	enum step s = STEP_ON;

	for (uint32_t e = rule->first; s == STEP_ON && e < rule->first + rule->count; e++)
		s = one(x, &x->r->exprs[e]);
	return s;
}

/* Return: whether a verdict ends the base chain. */
static bool run_chain(struct run *x, uint32_t chain)
{
	const struct chain *c = &x->r->chains[chain];

	if (x->depth++ > 32)
		return strange(x) == STEP_DONE;
	for (uint32_t i = c->first; i < c->first + c->count; i++) {
		x->chain = chain;
		if (run_rule(x, &x->r->rules[i]) != STEP_DONE || x->verdict == NFT_BREAK)
			continue;
		if (x->verdict == NFT_RETURN)
			break;
		if (x->verdict != NFT_JUMP && x->verdict != NFT_GOTO)
			return true;
		bool go = x->verdict == NFT_GOTO;

		if (x->target == RULESET_NONE)
			return strange(x) == STEP_DONE;
		if (run_chain(x, x->target))
			return true;
		if (go)
			break;
	}
	x->depth--;
	return false;
}

static uint32_t base_chains(const struct ruleset *r, bool v6, uint32_t hook, uint32_t *list)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->chains_count && n < CHAINS_MAX; i++) {
		const struct chain *c = &r->chains[i];
		uint8_t family = r->tables[c->table].family;
		uint32_t at = n;

		if (!c->base || c->hook != hook ||
		    (family != NFPROTO_INET && family != (v6 ? NFPROTO_IPV6 : NFPROTO_IPV4)))
			continue;
		for (; at > 0 && r->chains[list[at - 1]].priority > c->priority; at--)
			list[at] = list[at - 1];
		list[at] = i;
		n++;
	}
	return n;
}

static struct fate_of fate(const struct run *x)
{
	struct fate_of f = { .mark = x->m.mark, .ctmark = x->m.ctmark };

	if (x->verdict == NF_DROP)
		return (struct fate_of){ .kind = FATE_DROP };
	if (x->verdict == NF_ACCEPT)
		f.kind = FATE_ACCEPT;
	else if (x->verdict == NF_QUEUE) {
		f.kind = FATE_QUEUE;
		f.queue = x->queue;
		f.bypass = x->bypass;
	} else {
		return (struct fate_of){ .kind = FATE_STRANGE };
	}
	return f;
}

struct fate_of kernel_judge(const struct ruleset *r, const struct meeting *m, uint32_t hook,
			    uint32_t from, uint32_t *stopped)
{
	uint32_t list[CHAINS_MAX], n = base_chains(r, m->v6, hook, list);
	struct run x = { .r = r, .m = *m, .verdict = NF_ACCEPT };

	for (uint32_t i = from; i < n; i++) {
		*stopped = i;
		x.depth = 0;
		x.verdict = NF_ACCEPT;
		if (!run_chain(&x, list[i]))
			x.verdict = r->chains[list[i]].policy_drop ? NF_DROP : NF_ACCEPT;
		if (x.verdict != NF_ACCEPT)
			break;
	}
	return fate(&x);
}
