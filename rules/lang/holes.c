/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/holes.h"

#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/lang/lex.h"
#include "rules/near.h"
#include "rules/text.h"

struct value {            /* `value name ...;` or `hole name { ... }`, or a name that is neither */
	const char *name; /* borrowed */
	size_t len;
	struct block *given; /* NULL: not filled */
	struct block *hole;  /* NULL: not explained */
	bool used, reported;
};

struct filling {
	struct unit *u;
	struct value *values; /* arena; by name */
	uint32_t count;
	uint32_t items; /* made so far */
};

static bool is_hole(const struct term *t)
{
	size_t n = t->text ? strlen(t->text) : 0;

	return !t->string && !t->bad && n > 2 && t->text[0] == '@' && t->text[n - 1] == '@';
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int by_name(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return compare(x->name, x->len, y->name, y->len);
}

static struct value *find(struct filling *f, const char *name, size_t len)
{
	struct value key = { .name = name, .len = len };

	return f->count ? bsearch(&key, f->values, f->count, sizeof(key), by_name) : NULL;
}

static void add_value(struct filling *f, struct block *b)
{
	struct value *p = arena_grow(f->u->arena, f->values, f->count, sizeof(*p));

	if (!p) {
		f->u->failed = true;
		return;
	}
	f->values = p;
	p[f->count++] = (struct value){
		.name = b->name,
		.len = strlen(b->name),
		.given = b->kind->number == BLOCK_VALUE ? b : NULL,
		.hole = b->kind->number == BLOCK_HOLE ? b : NULL,
	};
}

/* The second of two blocks of the same name joins the first, or is one too many. */
static void join(struct filling *f, struct value *into, const struct value *from)
{
	struct block *old = from->given ? into->given : into->hole;
	struct block *b = from->given ? from->given : from->hole;

	if (old) {
		bool swap = old->at.text->order > b->at.text->order ||
			    (old->at.text == b->at.text && old->at.offset > b->at.offset);

		diag_add(f->u->diags, MSG_NAME_TWICE, swap ? old->at : b->at, b->name);
		diag_add(f->u->diags, MSG_FIRST_HERE, swap ? b->at : old->at);
	}
	if (from->given)
		into->given = b;
	else
		into->hole = b;
}

static void collect(struct filling *f)
{
	uint32_t kept = 0;

	for (struct block *b = f->u->parse.first; b; b = b->next)
		if ((b->kind->number == BLOCK_VALUE || b->kind->number == BLOCK_HOLE) && b->name[0])
			add_value(f, b);
	if (f->u->failed || f->count == 0)
		return;
	qsort(f->values, f->count, sizeof(*f->values), by_name);
	for (uint32_t i = 0; i < f->count; i++) {
		if (kept && by_name(&f->values[kept - 1], &f->values[i]) == 0)
			join(f, &f->values[kept - 1], &f->values[i]);
		else
			f->values[kept++] = f->values[i];
	}
	f->count = kept;
}

/* --- what is not filled --------------------------------------------------------------------- */

static const struct entry *entry_of(const struct block *b, const char *key)
{
	const struct key *k = schema_key(b->kind, key);

	return b->entries[k - b->kind->keys];
}

void holes_write_items(const struct item *items, struct text *out)
{
	for (const struct item *i = items; i; i = i->next) {
		text_puts(out, i == items ? "" : ", ");
		for (const struct term *t = i->terms; t; t = t->next)
			text_printf(out, t->string ? "%s\"%s\"" : "%s%s", t == i->terms ? "" : " ",
				    t->text);
	}
}

static void report_explained(struct filling *f, const struct term *t, const struct value *v)
{
	const struct entry *label = entry_of(v->hole, "label"), *e = entry_of(v->hole, "example");
	struct text example = { 0 };

	holes_write_items(e ? e->items : NULL, &example);
	diag_add(f->u->diags, MSG_HOLE_EXPLAINED, t->at, t->text,
		 label ? label->items->terms->text : "", v->hole->name,
		 example.len ? example.bytes : "...");
	diag_add(f->u->diags, MSG_EXPLAINED_HERE, v->hole->at);
	text_done(&example);
}

static void report_unknown(struct filling *f, const struct term *t, const char *name, size_t len)
{
	struct near n = near_to(name, len);
	char copy[LEX_WORD_MAX + 1] = "";

	for (uint32_t i = 0; i < f->count; i++)
		if (f->values[i].given)
			near_try(&n, f->values[i].name);
	memcpy(copy, name, len < sizeof(copy) ? len : sizeof(copy) - 1);
	if (near_best(&n))
		diag_add(f->u->diags, MSG_HOLE_NEAR, t->at, t->text, near_best(&n));
	else
		diag_add(f->u->diags, MSG_HOLE_OPEN, t->at, t->text, copy);
}

/* The value of a hole; NULL after a message, which is given once for each hole. */
static struct block *value_of(struct filling *f, struct term *t)
{
	const char *name = t->text + 1;
	size_t len = strlen(name) - 1;
	struct value *v = find(f, name, len);

	t->bad = true;
	if (v)
		v->used = true;
	if (v && v->given)
		return v->given->items ? v->given : NULL;
	if (v && !v->reported)
		report_explained(f, t, v);
	else if (!v)
		report_unknown(f, t, name, len);
	if (v)
		v->reported = true;
	return NULL;
}

/* --- replacing ------------------------------------------------------------------------------- */

static struct term *copy_terms(struct filling *f, const struct term *from, struct term ***end)
{
	struct term *first = NULL, **next = &first;

	for (; from; from = from->next) {
		struct term *t = unit_alloc(f->u, sizeof(*t));

		if (!t)
			return NULL;
		*t = *from;
		t->next = NULL;
		*next = t;
		next = &t->next;
	}
	*end = next;
	return first;
}

/* All items of a value in the place of one item; returns where the list goes on. */
static struct item **splice_items(struct filling *f, struct item **at, const struct item *from)
{
	struct item *rest = (*at)->next;
	struct term **unused;

	for (; from; from = from->next) {
		struct item *i = unit_alloc(f->u, sizeof(*i));

		if (!i || ++f->items > HOLES_ITEMS_MAX)
			break;
		*i = *from;
		i->terms = copy_terms(f, from->terms, &unused);
		*at = i;
		at = &i->next;
	}
	*at = rest;
	return at;
}

/* The terms of a value in the place of one term among others. */
static struct term **splice_terms(struct filling *f, struct term **at, const struct block *value)
{
	struct term *rest = (*at)->next, **end;

	if (value->items->next) {
		diag_add(f->u->diags, MSG_HOLE_LIST, (*at)->at, (*at)->text);
		diag_add(f->u->diags, MSG_FILLED_HERE, value->at);
		return &(*at)->next;
	}
	struct term *copy = copy_terms(f, value->items->terms, &end);

	if (!copy)
		return &(*at)->next;
	f->items++;
	*at = copy;
	*end = rest;
	return end;
}

static void fill_terms(struct filling *f, struct item *item)
{
	for (struct term **t = &item->terms; *t && !f->u->failed;) {
		struct block *value = is_hole(*t) ? value_of(f, *t) : NULL;

		t = value ? splice_terms(f, t, value) : &(*t)->next;
	}
}

static void fill_items(struct filling *f, struct item **at)
{
	while (*at && !f->u->failed && f->items <= HOLES_ITEMS_MAX) {
		struct term *only = (*at)->terms;

		if (!only || only->next || !is_hole(only)) {
			if (only)
				fill_terms(f, *at);
			at = &(*at)->next;
			continue;
		}
		struct block *value = value_of(f, only);

		at = value ? splice_items(f, at, value->items) : &(*at)->next;
	}
}

static void refuse_in_value(struct filling *f, const struct block *b)
{
	for (const struct item *i = b->items; i; i = i->next)
		for (struct term *t = i->terms; t; t = t->next)
			if (is_hole(t)) {
				diag_add(f->u->diags, MSG_HOLE_IN_VALUE, t->at, t->text);
				t->bad = true;
			}
}

static void fill_block(struct filling *f, struct block *b)
{
	if (b->kind->number == BLOCK_VALUE || b->kind->number == BLOCK_HOLE)
		return;
	fill_items(f, &b->items);
	for (uint32_t k = 0; k < b->kind->key_count; k++)
		if (b->entries[k])
			fill_items(f, &b->entries[k]->items);
}

void holes_fill(struct unit *u)
{
	struct filling f = { .u = u };

	collect(&f);
	for (uint32_t i = 0; i < f.count; i++)
		if (f.values[i].given)
			refuse_in_value(&f, f.values[i].given);
	for (struct block *b = u->parse.first; b && !u->failed; b = b->next)
		fill_block(&f, b);
	if (f.items > HOLES_ITEMS_MAX)
		diag_add(u->diags, MSG_HOLES_TOO_MANY, unit_nowhere(),
			 diag_number(u->diags, HOLES_ITEMS_MAX));
	for (uint32_t i = 0; i < f.count; i++)
		if (f.values[i].given && !f.values[i].used)
			diag_add(u->diags, MSG_VALUE_UNUSED, f.values[i].given->at,
				 f.values[i].name);
}
