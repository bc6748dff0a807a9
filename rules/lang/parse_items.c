/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parse_items: what stands between a key and its ';'. */
#include "rules/lang/parser.h"

static struct term *new_term(struct parser *ps)
{
	struct term *t = parser_allocate(ps, sizeof(*t));

	if (t)
		*t = (struct term){ .text = ps->tok.text,
				    .at = ps->tok.at,
				    .string = ps->tok.type == TOKEN_STRING,
				    .bad = ps->tok.bad };
	return t;
}

static struct location join(struct location a, struct location b)
{
	a.length = b.offset + b.length - a.offset;
	return a;
}

/* The terms after which an item of a key is complete; 0: it has no key, so its line says where it ends. */
static unsigned int full_item(const struct key *key)
{
	if (!key)
		return 0;
	switch (key->type) {
	case VALUE_LIMITS: return 4;
	case VALUE_ENDPOINTS:
	case VALUE_BETWEEN:
	case VALUE_RISK: return 2;
	case VALUE_ANYTHING: return 0;
	default: return 1;
	}
}

/* A forgotten ';': an item is complete, or a new line begins, and there is a word that begins an entry. */
static bool looks_like_next(const struct parser *ps, const struct schema *kind,
			    const struct key *key, unsigned int terms)
{
	unsigned int full = full_item(key);

	if (ps->tok.type != TOKEN_WORD || terms == 0)
		return false;
	if (kind->form != FORM_BLOCK)
		return ps->tok.line_start;
	return (ps->tok.line_start || ps->last_type == TOKEN_STRING || (full && terms >= full)) &&
	       schema_key(kind, ps->tok.text);
}

static bool add_term(struct parser *ps, struct items *list)
{
	struct term *t = new_term(ps);

	if (!t)
		return false;
	if (list->terms == 0) {
		struct item *item = parser_allocate(ps, sizeof(*item));

		if (!item)
			return false;
		*item = (struct item){ .terms = t, .at = t->at };
		*list->next = item;
		list->next = &item->next;
		list->last = item;
		list->count++;
	} else {
		*list->next_term = t;
		list->last->at = join(list->last->at, t->at);
	}
	list->next_term = &t->next;
	list->terms++;
	return true;
}

/* The end of a list; `what` is the key or kind it belongs to. */
static enum ending end_items(struct parser *ps, const struct items *list, const char *what,
			     struct location at)
{
	if (list->terms == 0 && list->count == 0) {
		diag_add(ps->diags, MSG_VALUE_MISSING, at, what);
		return ENDED_BROKEN;
	}
	if (list->terms == 0) {
		diag_add(ps->diags, MSG_COMMA_STRAY, ps->last_end);
		return ENDED_BROKEN;
	}
	return ENDED;
}

enum ending parser_items(struct parser *ps, const struct schema *kind, struct items *list,
			 const char *what, struct location at)
{
	const struct key *key = schema_key(kind, what);

	*list = (struct items){ .next = &list->first };
	for (;; parser_advance(ps)) {
		switch (ps->tok.type) {
		case TOKEN_WORD:
		case TOKEN_STRING:
			if (looks_like_next(ps, kind, key, list->terms)) {
				parser_missing_semicolon(ps);
				return ENDED;
			}
			if (!add_term(ps, list))
				return ENDED_BROKEN;
			break;
		case TOKEN_COMMA:
			if (list->terms == 0)
				diag_add(ps->diags, MSG_COMMA_STRAY, ps->tok.at);
			list->terms = 0;
			break;
		case TOKEN_SEMICOLON: parser_advance(ps); return end_items(ps, list, what, at);
		case TOKEN_OPEN: return ENDED_AT_BRACE;
		case TOKEN_CLOSE:
		case TOKEN_END:
			if (end_items(ps, list, what, at) != ENDED)
				return ENDED_BROKEN;
			parser_missing_semicolon(ps);
			return ENDED;
		}
	}
}
