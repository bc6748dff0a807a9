/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/parse.h"

#include <string.h>

#include "rules/lang/files.h"
#include "rules/lang/parser.h"
#include "rules/near.h"

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
		parser_push(ps, file, path->at);
}

/* kind item, item; and kind name item, item; */
static void parse_plain(struct parser *ps, const struct schema *kind)
{
	struct block *b = kind->number == BLOCK_INCLUDE ? NULL : parser_new_block(ps, kind);
	struct token word = ps->tok;
	struct items list;

	parser_advance(ps);
	if (b && kind->form == FORM_NAMED_ITEMS) {
		if (ps->tok.type != TOKEN_WORD) {
			diag_add(ps->diags, MSG_NAME_MISSING, ps->tok.at, kind->name);
			b->broken = true;
			parser_skip_statement(ps);
			return;
		}
		b->name = ps->tok.text;
		b->at = ps->tok.at;
		parser_advance(ps);
	}
	enum ending end = parser_items(ps, kind, &list, word.text, word.at);

	if (end == ENDED_AT_BRACE) {
		diag_add(ps->diags, MSG_NO_BLOCK, ps->tok.at, kind->name, kind->sample);
		parser_skip_braces(ps);
	}
	if (b) {
		b->all = parser_until_here(ps, b->all);
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
		parser_advance(ps);
		parser_skip_statement(ps);
	} else if (kind->form == FORM_BLOCK) {
		parser_block(ps, kind);
	} else {
		parse_plain(ps, kind);
	}
}

static void parse_top(struct parser *ps)
{
	switch (ps->tok.type) {
	case TOKEN_END: parser_pop(ps); break;
	case TOKEN_WORD: parse_word(ps); break;
	case TOKEN_CLOSE:
		diag_add(ps->diags, MSG_CLOSE_STRAY, ps->tok.at);
		parser_advance(ps);
		break;
	case TOKEN_OPEN:
		diag_add(ps->diags, MSG_KIND_EXPECTED, ps->tok.at);
		parser_skip_braces(ps);
		break;
	case TOKEN_SEMICOLON:
		diag_add(ps->diags, MSG_SEMICOLON_STRAY, ps->tok.at);
		parser_advance(ps);
		break;
	case TOKEN_STRING:
	case TOKEN_COMMA:
		diag_add(ps->diags, MSG_KIND_EXPECTED, ps->tok.at);
		parser_skip_statement(ps);
		break;
	}
}

void parse_file(struct parse *p, struct source_file *file, bool built_in)
{
	struct parser ps = {
		.p = p, .arena = p->files->arena, .diags = p->files->diags, .built_in = built_in
	};

	parser_push(&ps, file, (struct location){ 0 });
	while (ps.depth && !p->failed && p->count <= PARSE_BLOCKS_MAX)
		parse_top(&ps);
}
