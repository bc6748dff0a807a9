/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ruleset_set: sets, maps and their elements.
 */
#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/readback/parse.h"

/* Counting alone never refuses; a limit or a count of connections may. */
static bool only_counts(struct cursor expr)
{
	const char *name = record_text(record_attr_find(expr, NFTA_EXPR_NAME));

	return name && (strcmp(name, "counter") == 0 || strcmp(name, "last") == 0);
}

static bool list_only_counts(struct cursor list)
{
	struct record_attr a;

	while (record_attr_next(&list, &a))
		if (!only_counts(a.value))
			return false;
	return !list.tripped;
}

/* Expressions that a set runs for each match: one, or several in a list. */
static bool has_conditions(struct cursor attrs, uint16_t one, uint16_t several)
{
	struct cursor expr = record_attr_find(attrs, one), list = record_attr_find(attrs, several);

	return (!expr.tripped && !only_counts(expr)) || (!list.tripped && !list_only_counts(list));
}

/* ---- sets ---- */

static void parse_fields(struct set *s, struct cursor desc)
{
	struct cursor list = record_attr_find(desc, NFTA_SET_DESC_CONCAT);
	struct record_attr a;

	while (!list.tripped && record_attr_next(&list, &a)) {
		uint64_t bytes = parse_number(a.value, NFTA_SET_FIELD_LEN);

		if (s->fields_count == SET_FIELDS_MAX || bytes == 0 || bytes > UINT8_MAX) {
			s->strange = true;
			return;
		}
		s->fields[s->fields_count++] = (uint8_t)bytes;
	}
}

void parse_set(struct parse *p, const struct message *m)
{
	struct ruleset *r = p->r;
	struct set *s = parse_grow(p, r->sets, r->sets_count, sizeof(*s));

	if (!s)
		return;
	r->sets = s;
	s += r->sets_count++;
	s->table = parse_table(p, m, NFTA_SET_TABLE);
	s->name = parse_name(m, NFTA_SET_NAME);
	s->flags = (uint32_t)parse_number(m->attrs, NFTA_SET_FLAGS);
	s->key_len = (uint32_t)parse_number(m->attrs, NFTA_SET_KEY_LEN);
	s->data_len = (uint32_t)parse_number(m->attrs, NFTA_SET_DATA_LEN);
	s->verdicts = s->flags & NFT_SET_MAP &&
		      parse_number(m->attrs, NFTA_SET_DATA_TYPE) == NFT_DATA_VERDICT;
	s->strange = has_conditions(m->attrs, NFTA_SET_EXPR, NFTA_SET_EXPRESSIONS);
	parse_fields(s, record_attr_find(m->attrs, NFTA_SET_DESC));
}

/* ---- elements ---- */

static struct slice value_of(struct cursor attrs, uint16_t attr)
{
	struct cursor nested = record_attr_find(attrs, attr);
	struct cursor v = record_attr_find(nested, NFTA_DATA_VALUE);

	if (nested.tripped || v.tripped)
		return (struct slice){ 0 };
	return (struct slice){ v.at, (uint32_t)v.left };
}

static void parse_data(const struct ruleset *r, struct set *s, struct element *e,
		       struct cursor attrs)
{
	struct cursor data = record_attr_find(attrs, NFTA_SET_ELEM_DATA);

	e->data = value_of(attrs, NFTA_SET_ELEM_DATA);
	e->chain = RULESET_NONE;
	if (s->verdicts && !e->interval_end)
		s->strange |=
			data.tripped || !verdict_parse(r, s->table, data, &e->verdict, &e->chain);
}

/* Whether the element can be understood: its key is as long as the set's. */
static bool is_whole(const struct set *s, const struct element *e)
{
	if (!e->catchall && e->key.len != s->key_len)
		return false;
	if (e->key_end.at && e->key_end.len != s->key_len)
		return false;
	return !(s->flags & NFT_SET_MAP) || s->verdicts || e->interval_end ||
	       (e->data.at && e->data.len == s->data_len);
}

static void parse_element(const struct ruleset *r, struct set *s, struct cursor attrs,
			  struct element *e)
{
	uint64_t flags = parse_number(attrs, NFTA_SET_ELEM_FLAGS);

	e->key = value_of(attrs, NFTA_SET_ELEM_KEY);
	e->key_end = value_of(attrs, NFTA_SET_ELEM_KEY_END);
	e->interval_end = flags & NFT_SET_ELEM_INTERVAL_END;
	e->catchall = flags & NFT_SET_ELEM_CATCHALL;
	e->timed = !record_attr_find(attrs, NFTA_SET_ELEM_EXPIRATION).tripped;
	e->expires = parse_number(attrs, NFTA_SET_ELEM_EXPIRATION);
	e->conditional = has_conditions(attrs, NFTA_SET_ELEM_EXPR, NFTA_SET_ELEM_EXPRESSIONS);
	parse_data(r, s, e, attrs);
	s->timed |= e->timed;
	s->catchall |= e->catchall;
	s->strange |= !is_whole(s, e);
}

void parse_elements(struct parse *p, const struct message *m)
{
	uint32_t table = parse_table(p, m, NFTA_SET_ELEM_LIST_TABLE);
	uint32_t i = ruleset_set(p->r, table, parse_name(m, NFTA_SET_ELEM_LIST_SET));
	struct cursor list = record_attr_find(m->attrs, NFTA_SET_ELEM_LIST_ELEMENTS);
	struct record_attr a;

	if (i == RULESET_NONE) {
		p->bad = true;
		return;
	}
	struct set *s = &p->r->sets[i];

	while (!list.tripped && record_attr_next(&list, &a)) {
		struct element *e = parse_grow(p, s->elements, s->count, sizeof(*e));

		if (!e)
			return;
		s->elements = e;
		parse_element(p->r, s, a.value, &e[s->count++]);
	}
}
