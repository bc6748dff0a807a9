/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/parse.h"

#include <string.h>

#include "rules/arena.h"
#include "rules/lang/encoding.h"
#include "rules/lang/files.h"
#include "rules/lang/lex.h"
#include "rules/lang/schema.h"
#include "rules/near.h"

struct frame { /* one file being read */
	struct lexer lex;
	struct source_file *file; /* borrowed */
	struct location included; /* where it is included; {0} for the first */
	struct token waiting;     /* of the file that includes it: the token after `include ...;` */
};

struct parser {
	struct parse *p; /* borrowed */
	struct arena *arena;
	struct diags *diags;
	struct frame stack[PARSE_INCLUDE_MAX];
	unsigned int depth;
	struct token tok;         /* the next one */
	struct location last_end; /* just after the token before it */
	enum token_type last_type;
	bool built_in;
};

static void advance(struct parser *ps)
{
	struct location at = ps->tok.at;

	ps->last_type = ps->tok.type;
	ps->last_end = (struct location){ at.text, at.offset + (at.length ? at.length - 1 : 0), 1 };
	ps->tok = lex_next(&ps->stack[ps->depth - 1].lex);
	if (ps->stack[ps->depth - 1].lex.failed)
		ps->p->failed = true;
}

static void *allocate(struct parser *ps, size_t size)
{
	void *m = arena_alloc(ps->arena, size);

	if (!m)
		ps->p->failed = true;
	return m;
}

static void push_file(struct parser *ps, struct source_file *file, struct location at)
{
	struct frame *f = &ps->stack[ps->depth++];

	f->waiting = ps->tok;
	f->file = file;
	f->included = at;
	encoding_habits(&file->text, ps->diags);
	f->lex = lex_of(ps->arena, ps->diags, &file->text);
	ps->tok = lex_next(&f->lex);
}

static void pop_file(struct parser *ps)
{
	ps->tok = ps->stack[--ps->depth].waiting;
}

/* --- going on after an error ---------------------------------------------------------------- */

/* Over everything up to the '}' that closes the '{' at hand; nested ones are counted, not entered. */
static void skip_braces(struct parser *ps)
{
	unsigned int open = 0;

	do {
		open += ps->tok.type == TOKEN_OPEN;
		open -= ps->tok.type == TOKEN_CLOSE;
		advance(ps);
	} while (open && ps->tok.type != TOKEN_END);
}

/* Over the rest of something at the top: to its ';' or over its block, but not into the next line's. */
static void skip_statement(struct parser *ps)
{
	while (ps->tok.type != TOKEN_END && ps->tok.type != TOKEN_CLOSE) {
		if (ps->tok.type == TOKEN_OPEN) {
			skip_braces(ps);
			return;
		}
		if (ps->tok.type == TOKEN_SEMICOLON) {
			advance(ps);
			return;
		}
		if (ps->tok.line_start && ps->tok.type == TOKEN_WORD && schema_kind(ps->tok.text))
			return;
		advance(ps);
	}
}

static void missing_semicolon(struct parser *ps)
{
	diag_add(ps->diags, MSG_SEMICOLON_MISSING, ps->last_end);
}

/* --- items ------------------------------------------------------------------------------------ */

static struct term *new_term(struct parser *ps)
{
	struct term *t = allocate(ps, sizeof(*t));

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

/* How a list of items ended. */
enum ending { ENDED, ENDED_BROKEN, ENDED_AT_BRACE };

struct items {
	struct item *first, **next;
	struct item *last;
	struct term **next_term;
	unsigned int count, terms; /* terms of the last item */
};

static bool add_term(struct parser *ps, struct items *list)
{
	struct term *t = new_term(ps);

	if (!t)
		return false;
	if (list->terms == 0) {
		struct item *item = allocate(ps, sizeof(*item));

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

/* item, item; -- up to and over the ';', or up to what can only stand after a forgotten one. */
static enum ending parse_items(struct parser *ps, const struct schema *kind, struct items *list,
			       const char *what, struct location at)
{
	const struct key *key = schema_key(kind, what);

	*list = (struct items){ .next = &list->first };
	for (;; advance(ps)) {
		switch (ps->tok.type) {
		case TOKEN_WORD:
		case TOKEN_STRING:
			if (looks_like_next(ps, kind, key, list->terms)) {
				missing_semicolon(ps);
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
		case TOKEN_SEMICOLON: advance(ps); return end_items(ps, list, what, at);
		case TOKEN_OPEN: return ENDED_AT_BRACE;
		case TOKEN_CLOSE:
		case TOKEN_END:
			if (end_items(ps, list, what, at) != ENDED)
				return ENDED_BROKEN;
			missing_semicolon(ps);
			return ENDED;
		}
	}
}

/* --- blocks ----------------------------------------------------------------------------------- */

static struct block *new_block(struct parser *ps, const struct schema *kind)
{
	if (ps->p->count == PARSE_BLOCKS_MAX) {
		diag_add(ps->diags, MSG_BLOCKS_TOO_MANY, ps->tok.at,
			 diag_number(ps->diags, PARSE_BLOCKS_MAX));
		ps->p->count++;
	}
	struct block *b = allocate(ps, sizeof(*b));
	struct entry **entries = allocate(ps, (kind->key_count + 1) * sizeof(struct entry *));

	if (!b || !entries || ps->p->count > PARSE_BLOCKS_MAX)
		return NULL;
	*b = (struct block){ .kind = kind,
			     .name = "",
			     .at = ps->tok.at,
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
	*slot = allocate(ps, sizeof(**slot));
	if (*slot)
		**slot = (struct entry){ .key = key, .items = list->first, .at = word->at };
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
	advance(ps);
	enum ending end = parse_items(ps, b->kind, list, word->text, word->at);

	if (end == ENDED_AT_BRACE && is_next_block(word, list))
		return false;
	if (end == ENDED_AT_BRACE) {
		diag_add(ps->diags, MSG_BRACE_IN_BLOCK, ps->tok.at, b->kind->name);
		skip_braces(ps);
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
		skip_braces(ps);
	} else if (ps->tok.type == TOKEN_STRING) {
		diag_add(ps->diags, MSG_KEY_EXPECTED, ps->tok.at, b->kind->name);
		while (ps->tok.type == TOKEN_STRING || ps->tok.type == TOKEN_COMMA)
			advance(ps);
		if (ps->tok.type == TOKEN_SEMICOLON)
			advance(ps);
	} else {
		diag_add(ps->diags,
			 ps->tok.type == TOKEN_COMMA ? MSG_COMMA_STRAY : MSG_SEMICOLON_STRAY,
			 ps->tok.at);
		advance(ps);
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
			advance(ps);
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
		b = new_block(ps, schema_kind(word.text));
		if (b) {
			b->name = list.first->terms->text;
			b->at = list.first->at;
		}
		advance(ps); /* over its '{' */
	}
}

/* kind name { ... } -- the kind's word has been read. */
static void parse_block(struct parser *ps, const struct schema *kind)
{
	struct block *b = new_block(ps, kind);

	if (!b)
		return;
	advance(ps);
	if (ps->tok.type != TOKEN_WORD) {
		diag_add(ps->diags, MSG_NAME_MISSING, ps->tok.at, kind->name);
		b->broken = true;
		if (ps->tok.type == TOKEN_STRING)
			advance(ps);
	} else {
		b->name = ps->tok.text;
		b->at = ps->tok.at;
		b->broken = ps->tok.bad;
		advance(ps);
	}
	if (ps->tok.type == TOKEN_OPEN) {
		advance(ps);
		parse_entries(ps, b);
		return;
	}
	b->broken = true;
	if (ps->tok.type == TOKEN_WORD && schema_key(kind, ps->tok.text)) {
		diag_add(ps->diags, MSG_BRACE_MISSING, ps->last_end, kind->name, b->name);
		parse_entries(ps, b);
	} else {
		diag_add(ps->diags, MSG_BLOCK_EXPECTED, ps->tok.at, kind->name, b->name);
		skip_statement(ps);
	}
}

/* --- the top of a file ------------------------------------------------------------------------ */

static bool is_cycle(struct parser *ps, const struct source_file *file, struct location at)
{
	for (unsigned int i = 0; i < ps->depth; i++) {
		const struct frame *f = &ps->stack[i];

		if (f->file->device != file->device || f->file->inode != file->inode)
			continue;
		diag_add(ps->diags, MSG_INCLUDE_CYCLE, at, file->text.name);
		for (unsigned int k = i + 1; k < ps->depth; k++)
			diag_add(ps->diags, MSG_INCLUDED_HERE, ps->stack[k].included,
				 ps->stack[k].file->text.name);
		return true;
	}
	return false;
}

/* A file is read once, however many others include it. */
static bool read_before(struct parser *ps, struct source_file *file)
{
	for (const struct source_file *f = ps->p->files->list; f; f = f->next)
		if (f->parsed && f->device == file->device && f->inode == file->inode)
			return true;
	file->parsed = true;
	return false;
}

static void include_file(struct parser *ps, const struct item *item)
{
	const struct term *path = item->terms;

	if (path->bad)
		return;
	if (item->next || path->next) {
		diag_add(ps->diags, MSG_ONE_VALUE, (path->next ? path->next->at : item->next->at),
			 "include");
		return;
	}
	if (!path->string) {
		diag_add(ps->diags, MSG_PATH_UNQUOTED, path->at, path->text);
		return;
	}
	if (ps->depth == PARSE_INCLUDE_MAX) {
		diag_add(ps->diags, MSG_INCLUDE_DEEP, path->at,
			 diag_number(ps->diags, PARSE_INCLUDE_MAX));
		return;
	}
	struct source_file *file = files_open(ps->p->files, path->text, path->at);

	if (file && !is_cycle(ps, file, path->at) && !read_before(ps, file))
		push_file(ps, file, path->at);
}

/* kind item, item; and kind name item, item; */
static void parse_plain(struct parser *ps, const struct schema *kind)
{
	struct block *b = kind->number == BLOCK_INCLUDE ? NULL : new_block(ps, kind);
	struct token word = ps->tok;
	struct items list;

	advance(ps);
	if (b && kind->form == FORM_NAMED_ITEMS) {
		if (ps->tok.type != TOKEN_WORD) {
			diag_add(ps->diags, MSG_NAME_MISSING, ps->tok.at, kind->name);
			b->broken = true;
			skip_statement(ps);
			return;
		}
		b->name = ps->tok.text;
		b->at = ps->tok.at;
		advance(ps);
	}
	enum ending end = parse_items(ps, kind, &list, word.text, word.at);

	if (end == ENDED_AT_BRACE) {
		diag_add(ps->diags, MSG_NO_BLOCK, ps->tok.at, kind->name, kind->sample);
		skip_braces(ps);
	}
	if (b) {
		b->items = end == ENDED ? list.first : NULL;
		b->broken |= end != ENDED;
	} else if (end == ENDED) {
		include_file(ps, list.first);
	}
}

static void unknown_kind(struct parser *ps)
{
	const char *word = ps->tok.text;
	const struct schema *kinds = schema_kinds();
	const struct schema *inside = schema_kind_with_key(word, NULL);
	struct near n = near_to(word, strlen(word));

	for (size_t i = 0; i < BLOCK_KIND_COUNT; i++)
		near_try(&n, kinds[i].name);
	if (ps->tok.bad)
		return;
	if (inside)
		diag_add(ps->diags, MSG_KEY_OUTSIDE, ps->tok.at, word, inside->name);
	else if (near_best(&n))
		diag_add(ps->diags, MSG_KIND_UNKNOWN_NEAR, ps->tok.at, word, near_best(&n));
	else
		diag_add(ps->diags, MSG_KIND_UNKNOWN, ps->tok.at, word);
}

static void parse_word(struct parser *ps)
{
	const struct schema *kind = schema_kind(ps->tok.text);

	if (!kind || kind->form == FORM_RESERVED) {
		if (kind)
			diag_add(ps->diags, MSG_KIND_LATER, ps->tok.at, kind->name);
		else
			unknown_kind(ps);
		advance(ps);
		skip_statement(ps);
	} else if (kind->form == FORM_BLOCK) {
		parse_block(ps, kind);
	} else {
		parse_plain(ps, kind);
	}
}

static void parse_top(struct parser *ps)
{
	switch (ps->tok.type) {
	case TOKEN_END: pop_file(ps); break;
	case TOKEN_WORD: parse_word(ps); break;
	case TOKEN_CLOSE:
		diag_add(ps->diags, MSG_CLOSE_STRAY, ps->tok.at);
		advance(ps);
		break;
	case TOKEN_OPEN:
		diag_add(ps->diags, MSG_KIND_EXPECTED, ps->tok.at);
		skip_braces(ps);
		break;
	case TOKEN_SEMICOLON:
		diag_add(ps->diags, MSG_SEMICOLON_STRAY, ps->tok.at);
		advance(ps);
		break;
	case TOKEN_STRING:
	case TOKEN_COMMA:
		diag_add(ps->diags, MSG_KIND_EXPECTED, ps->tok.at);
		skip_statement(ps);
		break;
	}
}

void parse_file(struct parse *p, struct source_file *file, bool built_in)
{
	struct parser ps = {
		.p = p, .arena = p->files->arena, .diags = p->files->diags, .built_in = built_in
	};

	push_file(&ps, file, (struct location){ 0 });
	while (ps.depth && !p->failed && p->count <= PARSE_BLOCKS_MAX)
		parse_top(&ps);
}
