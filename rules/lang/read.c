/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/read.h"

#include <stdlib.h>
#include <string.h>

#include "rules/lang/tables.h"
#include "rules/near.h"
#include "rules/text.h"

static void (*const readers[VALUE_TYPE_COUNT])(const struct reading *r) = {
	[VALUE_TEXT] = read_text,
	[VALUE_CHOICE] = read_choice,
	[VALUE_WORD] = read_word,
	[VALUE_NAME] = read_name,
	[VALUE_NAMES] = read_names,
	[VALUE_ZONE_NETWORKS] = read_zone_networks,
	[VALUE_NETWORKS] = read_networks,
	[VALUE_MACS] = read_macs,
	[VALUE_INTERFACES] = read_interfaces,
	[VALUE_MEMBERS] = read_members,
	[VALUE_PORTS] = read_ports,
	[VALUE_ICMP_TYPES] = read_icmp_types,
	[VALUE_PROTOCOLS] = read_protocols,
	[VALUE_DAYS] = read_days,
	[VALUE_HOURS] = read_hours,
	[VALUE_HOLIDAYS] = read_holidays,
	[VALUE_PATH] = read_path,
	[VALUE_SIZE] = read_size,
	[VALUE_LIMITS] = read_limits,
	[VALUE_ENDPOINTS] = read_endpoints,
	[VALUE_BETWEEN] = read_between,
	[VALUE_APPLICATIONS] = read_applications,
	[VALUE_PATTERNS] = read_patterns,
	[VALUE_START] = read_start,
	[VALUE_END_DATE] = read_end_date,
	[VALUE_DATE] = read_date_only,
	[VALUE_RISK] = read_risk,
};

/* --- what the readers share -------------------------------------------------------------------- */

const struct term *read_one_term(const struct reading *r, const struct item *item)
{
	for (const struct term *t = item->terms; t; t = t->next)
		if (t->bad)
			return NULL;
	if (!item->terms->next)
		return item->terms;
	diag_add(r->u->diags, r->key->several ? MSG_COMMA_MISSING : MSG_ONE_VALUE,
		 item->terms->next->at, r->key->name);
	return NULL;
}

const struct term *read_only_term(const struct reading *r)
{
	if (r->items->next) {
		diag_add(r->u->diags, MSG_ONE_VALUE, r->items->next->at, r->key->name);
		return NULL;
	}
	return read_one_term(r, r->items);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Ascending, each once. Return: how many are left. */
static uint32_t sort_numbers(uint32_t *n, uint32_t count)
{
	uint32_t kept = 0;

	if (count)
		qsort(n, count, sizeof(*n), by_number);
	for (uint32_t i = 0; i < count; i++)
		if (kept == 0 || n[kept - 1] != n[i])
			n[kept++] = n[i];
	return kept;
}

struct span read_sorted_refs(struct unit *u, uint32_t first)
{
	struct draft *d = &u->draft;
	uint32_t count = sort_numbers(d->refs + first, d->refs_count - first);

	d->refs_count = first + count;
	return (struct span){ first, count };
}

static int by_text(const void *a, const void *b, void *strings)
{
	const char *s = strings;

	return strcmp(s + *(const uint32_t *)a, s + *(const uint32_t *)b);
}

struct span read_sorted_words(struct unit *u, uint32_t first)
{
	struct draft *d = &u->draft;
	uint32_t *w = d->words + first, count = d->words_count - first, kept = 0;

	if (count)
		qsort_r(w, count, sizeof(*w), by_text, d->strings);
	for (uint32_t i = 0; i < count; i++)
		if (kept == 0 || w[kept - 1] != w[i])
			w[kept++] = w[i];
	d->words_count = first + kept;
	return (struct span){ first, kept };
}

/* --- text and words ---------------------------------------------------------------------------- */

static void put_text(const struct reading *r, const char *text)
{
	*(uint32_t *)r->field = draft_string(&r->u->draft, text, strlen(text));
}

void read_text(const struct reading *r)
{
	const struct term *t = read_only_term(r);

	if (!t)
		return;
	if (!t->string)
		diag_add(r->u->diags, MSG_TEXT_QUOTES, t->at, t->text);
	else if (!t->text[strspn(t->text, " \t\r")])
		diag_add(r->u->diags, MSG_TEXT_EMPTY, t->at, r->key->name);
	else
		put_text(r, t->text);
}

void read_path(const struct reading *r)
{
	const struct term *t = read_only_term(r);

	if (!t)
		return;
	if (!t->string)
		diag_add(r->u->diags, MSG_PATH_UNQUOTED, t->at, t->text);
	else if (!t->text[0])
		diag_add(r->u->diags, MSG_TEXT_EMPTY, t->at, r->key->name);
	else
		put_text(r, t->text);
}

static bool may_be(const struct key *key, uint32_t value)
{
	return !key->allowed || (key->allowed >> value & 1);
}

static void report_choice(const struct reading *r, const struct term *t)
{
	struct near n = near_to(t->text, strlen(t->text));
	struct text all = { 0 };
	const struct words *w = r->key->words;

	for (uint32_t i = 0; i < w->count; i++) {
		if (!may_be(r->key, i))
			continue;
		near_try(&n, w->list[i]);
		text_printf(&all, "%s%s", all.len ? ", " : "", w->list[i]);
	}
	if (near_best(&n))
		diag_add(r->u->diags, MSG_CHOICE_NEAR, t->at, t->text, r->key->name, near_best(&n));
	else
		diag_add(r->u->diags, MSG_CHOICE, t->at, t->text, r->key->name,
			 all.failed ? "" : all.bytes);
	text_done(&all);
}

/* The index of the word of a choice; POLICY_NONE after a message. */
static uint32_t choose(const struct reading *r)
{
	const struct term *t = read_only_term(r);
	const struct words *w = r->key->words;

	if (!t)
		return POLICY_NONE;
	for (uint32_t i = 0; i < w->count; i++)
		if (may_be(r->key, i) && !strcmp(w->list[i], t->text))
			return i;
	report_choice(r, t);
	return POLICY_NONE;
}

void read_choice(const struct reading *r)
{
	uint32_t value = choose(r);

	if (value != POLICY_NONE && r->field)
		*(uint8_t *)r->field = (uint8_t)value;
}

void read_word(const struct reading *r)
{
	uint32_t value = choose(r);

	if (value != POLICY_NONE)
		put_text(r, r->key->words->list[value]);
}

/* --- names of other blocks --------------------------------------------------------------------- */

static void unknown_name(const struct reading *r, enum block_kind kind, const struct term *t)
{
	const char *word = schema_kinds()[kind].name, *near;
	uint32_t other;

	for (size_t k = 0; k < BLOCK_KIND_COUNT; k++) {
		enum unit_table table = tables_of((enum block_kind)k);

		if (k == BLOCK_PERMIT || table == TABLE_NONE)
			continue;
		other = tables_find(r->u, table, t->text);
		if (other == POLICY_NONE)
			continue;
		diag_add(r->u->diags, MSG_NAME_OF_ANOTHER, t->at, word, t->text,
			 r->u->tables[table].blocks[other]->kind->name);
		return;
	}
	near = tables_near(r->u, tables_of(kind), t->text);
	if (near)
		diag_add(r->u->diags, MSG_NAME_UNKNOWN_NEAR, t->at, word, t->text, near);
	else
		diag_add(r->u->diags, MSG_NAME_UNKNOWN, t->at, word, t->text);
}

uint32_t read_reference(const struct reading *r, enum block_kind kind, const struct term *t)
{
	if (t->string) {
		diag_add(r->u->diags, MSG_NAME_QUOTED, t->at, t->text);
		return POLICY_NONE;
	}
	uint32_t index = tables_find(r->u, tables_of(kind), t->text);

	if (index == POLICY_NONE)
		unknown_name(r, kind, t);
	return index;
}

void read_name(const struct reading *r)
{
	const struct term *t = read_only_term(r);
	uint32_t index = t ? read_reference(r, r->key->of, t) : POLICY_NONE;

	if (index != POLICY_NONE)
		*(uint32_t *)r->field = index;
}

void read_names(const struct reading *r)
{
	uint32_t first = r->u->draft.refs_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);
		uint32_t index = t ? read_reference(r, r->key->of, t) : POLICY_NONE;
		uint32_t *ref = index != POLICY_NONE ? draft_add_refs(&r->u->draft) : NULL;

		if (ref)
			*ref = index;
	}
	*(struct span *)r->field = read_sorted_refs(r->u, first);
}

void read_members(const struct reading *r)
{
	struct draft *d = &r->u->draft;
	uint32_t first = d->words_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);
		uint32_t index = t ? read_reference(r, r->key->of, t) : POLICY_NONE;
		uint32_t *word = index != POLICY_NONE ? draft_add_words(d) : NULL;

		if (word)
			*word = draft_string(d, t->text, strlen(t->text));
	}
	*(struct span *)r->field = read_sorted_words(r->u, first);
}

/* --- a block ----------------------------------------------------------------------------------- */

const struct entry *read_entry(const struct block *b, const char *word)
{
	const struct key *key = schema_key(b->kind, word);

	return key ? b->entries[key - b->kind->keys] : NULL;
}

struct location read_place(const struct block *b, const char *word)
{
	const struct entry *e = read_entry(b, word);

	return e ? e->at : b->at;
}

static void read_preset(const struct reading *r)
{
	struct term term = { .text = r->key->preset };
	struct item item = { .terms = &term };
	struct reading preset = *r;

	preset.items = &item;
	readers[r->key->type](&preset);
}

/* Names the required keys that are left out, all in one message. */
static void report_missing(struct unit *u, const struct block *b)
{
	struct text missing = { 0 };

	for (uint32_t k = 0; k < b->kind->key_count; k++)
		if (b->kind->keys[k].required && !b->entries[k])
			text_printf(&missing, "%s%s", missing.len ? ", " : "",
				    b->kind->keys[k].name);
	if (missing.len && !b->broken && !b->built_in)
		diag_add(u->diags, MSG_KEYS_MISSING, b->at, b->kind->name, b->name, missing.bytes);
	text_done(&missing);
}

void read_block(struct unit *u, const struct block *b, void *record)
{
	*(uint32_t *)record = draft_string(&u->draft, b->name, strlen(b->name));
	for (uint32_t k = 0; k < b->kind->key_count && !unit_failed(u); k++) {
		const struct key *key = &b->kind->keys[k];
		const struct entry *e = b->entries[k];
		struct reading r = { .u = u, .block = b, .key = key };

		if (key->offset != NO_FIELD)
			r.field = (char *)record + key->offset;
		if (e) {
			r.items = e->items;
			r.at = e->at;
			readers[key->type](&r);
		} else if (key->preset) {
			read_preset(&r);
		}
	}
	report_missing(u, b);
}
