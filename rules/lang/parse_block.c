/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parse_block: kind name { key item, item; ... } */
#include <string.h>

#include "rules/lang/parser.h"
#include "rules/near.h"

struct block *parser_new_block(struct parser *ps, const struct schema *kind)
{
	if (ps->p->count == PARSE_BLOCKS_MAX) {
		diag_add(ps->diags, MSG_BLOCKS_TOO_MANY, ps->tok.at,
			 diag_number(ps->diags, PARSE_BLOCKS_MAX));
		ps->p->count++;
	}
	struct block *b = parser_allocate(ps, sizeof(*b));
	struct entry **entries =
		parser_allocate(ps, (kind->key_count + 1) * sizeof(struct entry *));

	if (!b || !entries || ps->p->count > PARSE_BLOCKS_MAX)
		return NULL;
	*b = (struct block){ .kind = kind,
			     .name = "",
			     .at = ps->tok.at,
			     .all = ps->tok.at,
			     .entries = entries,
			     .built_in = ps->built_in };
	*(ps->p->last ? &ps->p->last->next : &ps->p->first) = b;
	ps->p->last = b;
	ps->p->count++;
	return b;
}

static void unknown_key(struct parser *ps, const struct schema *kind, const struct token *word)
{
	const struct schema *other = schema_kind_with_key(word->text, NULL);
	struct near n = near_to(word->text, strlen(word->text));

	for (uint32_t i = 0; i < kind->key_count; i++)
		near_try(&n, kind->keys[i].name);
	if (word->bad)
		return;
	if (other)
		diag_add(ps->diags, MSG_KEY_OF_ANOTHER, word->at, word->text, kind->name,
			 other->name);
	else if (near_best(&n))
		diag_add(ps->diags, MSG_KEY_UNKNOWN_NEAR, word->at, kind->name, word->text,
			 near_best(&n));
	else
		diag_add(ps->diags, MSG_KEY_UNKNOWN, word->at, kind->name, word->text);
}

static void keep_entry(struct parser *ps, struct block *b, const struct token *word,
		       const struct items *list)
{
	const struct key *key = schema_key(b->kind, word->text);

	if (!key) {
		unknown_key(ps, b->kind, word);
		b->broken = true;
		return;
	}
	struct entry **slot = &b->entries[key - b->kind->keys];

	if (*slot) {
		diag_add(ps->diags, MSG_KEY_TWICE, word->at, word->text);
		diag_add(ps->diags, MSG_FIRST_HERE, (*slot)->at);
		return;
	}
	*slot = parser_allocate(ps, sizeof(**slot));
	if (*slot)
		**slot = (struct entry){ .key = key,
					 .items = list->first,
					 .at = word->at,
					 .all = parser_until_here(ps, word->at) };
}

/* Whether the '{' at hand opens the next block, because this one was never closed. */
static bool is_next_block(const struct token *word, const struct items *list)
{
	return schema_kind(word->text) && word->line_start && list->count == 1 && list->terms == 1;
}

/* Return: false when the block has ended because the next one begins (in ps->tok: its '{'). */
static bool parse_entry(struct parser *ps, struct block *b, struct token *word, struct items *list)
{
	*word = ps->tok;
	parser_advance(ps);
	enum ending end = parser_items(ps, b->kind, list, word->text, word->at);

	if (end == ENDED_AT_BRACE && is_next_block(word, list))
		return false;
	if (end == ENDED_AT_BRACE) {
		diag_add(ps->diags, MSG_BRACE_IN_BLOCK, ps->tok.at, b->kind->name);
		parser_skip_braces(ps);
	}
	if (end == ENDED)
		keep_entry(ps, b, word, list);
	else
		b->broken = true;
	return true;
}

/* The key of something that is not one: said once, and skipped to the next ';'. */
static void not_a_key(struct parser *ps, struct block *b)
{
	if (ps->tok.type == TOKEN_OPEN) {
		diag_add(ps->diags, MSG_BRACE_IN_BLOCK, ps->tok.at, b->kind->name);
		parser_skip_braces(ps);
	} else if (ps->tok.type == TOKEN_STRING) {
		diag_add(ps->diags, MSG_KEY_EXPECTED, ps->tok.at, b->kind->name);
		while (ps->tok.type == TOKEN_STRING || ps->tok.type == TOKEN_COMMA)
			parser_advance(ps);
		if (ps->tok.type == TOKEN_SEMICOLON)
			parser_advance(ps);
	} else {
		diag_add(ps->diags,
			 ps->tok.type == TOKEN_COMMA ? MSG_COMMA_STRAY : MSG_SEMICOLON_STRAY,
			 ps->tok.at);
		parser_advance(ps);
	}
	b->broken = true;
}

/* The entries of blocks, one after the other while each next one begins inside the one before. */
static void parse_entries(struct parser *ps, struct block *b)
{
	struct token word;
	struct items list;

	while (b) {
		if (ps->tok.type == TOKEN_CLOSE) {
			parser_advance(ps);
			b->all = parser_until_here(ps, b->all);
			return;
		}
		if (ps->tok.type == TOKEN_END) {
			diag_add(ps->diags, MSG_BLOCK_OPEN, ps->tok.at, b->kind->name, b->name);
			diag_add(ps->diags, MSG_OPENED_HERE, b->at);
			b->broken = true;
			return;
		}
		if (ps->tok.type != TOKEN_WORD) {
			not_a_key(ps, b);
			continue;
		}
		if (parse_entry(ps, b, &word, &list))
			continue;
		diag_add(ps->diags, MSG_BLOCK_OPEN_BEFORE, word.at, b->kind->name, b->name);
		diag_add(ps->diags, MSG_OPENED_HERE, b->at);
		b->broken = true;
		b = parser_new_block(ps, schema_kind(word.text));
		if (b) {
			b->name = list.first->terms->text;
			b->at = list.first->at;
		}
		parser_advance(ps); /* over its '{' */
	}
}

void parser_block(struct parser *ps, const struct schema *kind)
{
	struct block *b = parser_new_block(ps, kind);

	if (!b)
		return;
	parser_advance(ps);
	if (ps->tok.type != TOKEN_WORD) {
		diag_add(ps->diags, MSG_NAME_MISSING, ps->tok.at, kind->name);
		b->broken = true;
		if (ps->tok.type == TOKEN_STRING)
			parser_advance(ps);
	} else {
		b->name = ps->tok.text;
		b->at = ps->tok.at;
		b->broken = ps->tok.bad;
		parser_advance(ps);
	}
	if (ps->tok.type == TOKEN_OPEN) {
		parser_advance(ps);
		parse_entries(ps, b);
		return;
	}
	b->broken = true;
	if (ps->tok.type == TOKEN_WORD && schema_key(kind, ps->tok.text)) {
		diag_add(ps->diags, MSG_BRACE_MISSING, ps->last_end, kind->name, b->name);
		parse_entries(ps, b);
	} else {
		diag_add(ps->diags, MSG_BLOCK_EXPECTED, ps->tok.at, kind->name, b->name);
		parser_skip_statement(ps);
	}
}
