/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expr: one expression of a rule, taken apart into its attributes; and what they say.
 */
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include "rules/kernel/readback/parse.h"

#define EXPR_WORD_(N, word, sort) [EXPR_##N] = word,
const char *const expr_words[EXPR_KIND_COUNT] = { EXPR_KINDS(EXPR_WORD_) };

static uint8_t kind_of(const char *name)
{
	for (uint8_t i = 0; name && i < EXPR_UNKNOWN; i++)
		if (strcmp(name, expr_words[i]) == 0)
			return i;
	return EXPR_UNKNOWN;
}

static struct slice slice_of(struct cursor c)
{
	return (struct slice){ c.at, (uint32_t)c.left };
}

static void parse_attrs(struct expr *e, struct cursor data)
{
	struct record_attr a;

	while (record_attr_next(&data, &a)) {
		if (a.type < EXPR_ATTRS)
			e->attrs[a.type] = slice_of(a.value);
		else
			e->strange = true;
	}
	e->strange |= data.tripped;
}

/* The highest attribute that each kind is understood with: a newer kernel may say more. */
static const uint8_t last_attr[EXPR_KIND_COUNT] = {
	[EXPR_IMMEDIATE] = NFTA_IMMEDIATE_DATA,
	[EXPR_LOOKUP] = NFTA_LOOKUP_FLAGS,
	[EXPR_PAYLOAD] = NFTA_PAYLOAD_CSUM_FLAGS,
	[EXPR_META] = NFTA_META_SREG,
	[EXPR_CT] = NFTA_CT_SREG,
	[EXPR_BITWISE] = NFTA_BITWISE_DATA,
	[EXPR_CMP] = NFTA_CMP_DATA,
	[EXPR_RANGE] = NFTA_RANGE_TO_DATA,
	[EXPR_BYTEORDER] = NFTA_BYTEORDER_SIZE,
	[EXPR_HASH] = NFTA_HASH_TYPE,
	[EXPR_QUEUE] = NFTA_QUEUE_SREG_QNUM,
	[EXPR_REJECT] = NFTA_REJECT_ICMP_CODE,
	[EXPR_DYNSET] = NFTA_DYNSET_EXPRESSIONS,
	[EXPR_OBJREF] = NFTA_OBJREF_SET_ID,
	[EXPR_FLOW_OFFLOAD] = NFTA_FLOW_TABLE_NAME,
	[EXPR_MATCH] = NFTA_MATCH_INFO,
	[EXPR_TARGET] = NFTA_TARGET_INFO,
};

static bool has_beyond(const struct expr *e)
{
	for (unsigned int i = last_attr[e->kind] + 1u; last_attr[e->kind] && i < EXPR_ATTRS; i++)
		if (e->attrs[i].at)
			return true;
	return false;
}

void expr_parse(struct cursor body, struct expr *e)
{
	struct cursor name = record_attr_find(body, NFTA_EXPR_NAME);
	struct cursor data = record_attr_find(body, NFTA_EXPR_DATA);

	*e = (struct expr){ .kind = kind_of(record_text(name)) };
	if (record_text(name))
		e->name = slice_of(name);
	if (!data.tripped) /* notrack and its like have none */
		parse_attrs(e, data);
	e->strange |= has_beyond(e);
}

/* ---- values ---- */

uint32_t expr_number(const struct expr *e, unsigned int attr)
{
	struct slice s = e->attrs[attr];
	uint64_t v = 0;

	for (uint32_t i = 0; i < s.len && i < 8; i++)
		v = v << 8 | s.at[i];
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

const char *expr_text(const struct expr *e, unsigned int attr)
{
	struct slice s = e->attrs[attr];

	return s.at ? record_text(cursor_of(s.at, s.len)) : NULL;
}

struct slice expr_data(const struct expr *e, unsigned int attr)
{
	struct slice s = e->attrs[attr];
	struct cursor value;

	if (!s.at)
		return (struct slice){ 0 };
	value = record_attr_find(cursor_of(s.at, s.len), NFTA_DATA_VALUE);
	if (value.tripped)
		return (struct slice){ 0 };
	return slice_of(value);
}

uint32_t expr_register(const struct expr *e, unsigned int attr)
{
	uint32_t reg = expr_number(e, attr);

	if (!e->attrs[attr].at)
		return EXPR_REGISTERS;
	if (reg <= NFT_REG_4)
		return reg * (NFT_REG_SIZE / NFT_REG32_SIZE);
	if (reg >= NFT_REG32_00 && reg <= NFT_REG32_15)
		return reg - NFT_REG32_00 + NFT_REG_SIZE / NFT_REG32_SIZE;
	return EXPR_REGISTERS;
}

bool verdict_parse(const struct ruleset *r, uint32_t table, struct cursor data, int32_t *verdict,
		   uint32_t *chain)
{
	struct cursor v = record_attr_find(data, NFTA_DATA_VERDICT);

	if (v.tripped)
		return false;
	struct cursor code = record_attr_find(v, NFTA_VERDICT_CODE);
	const char *name = record_text(record_attr_find(v, NFTA_VERDICT_CHAIN));

	*verdict = (int32_t)cursor_be32(&code);
	*chain = name ? ruleset_chain(r, table, name) : RULESET_NONE;
	return !code.tripped;
}

bool expr_verdict(const struct ruleset *r, uint32_t table, const struct expr *e, int32_t *verdict,
		  uint32_t *chain)
{
	struct slice s = e->attrs[NFTA_IMMEDIATE_DATA];

	return s.at && verdict_parse(r, table, cursor_of(s.at, s.len), verdict, chain);
}
