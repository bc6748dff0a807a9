/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/parser.h"

#include "rules/arena.h"
#include "rules/lang/encoding.h"
#include "rules/lang/files.h"

void parser_advance(struct parser *ps)
{
	struct location at = ps->tok.at;

	ps->last_type = ps->tok.type;
	ps->last_end = (struct location){ at.text, at.offset + (at.length ? at.length - 1 : 0), 1 };
	ps->tok = lex_next(&ps->stack[ps->depth - 1].lex);
	if (ps->stack[ps->depth - 1].lex.failed)
		ps->p->failed = true;
}

void *parser_allocate(struct parser *ps, size_t size)
{
	void *m = arena_alloc(ps->arena, size);

	if (!m)
		ps->p->failed = true;
	return m;
}

void parser_push(struct parser *ps, struct source_file *file, struct location at)
{
	struct frame *f = &ps->stack[ps->depth++];

	f->waiting = ps->tok;
	f->file = file;
	f->included = at;
	encoding_habits(&file->text, ps->diags);
	f->lex = lex_of(ps->arena, ps->diags, &file->text);
	ps->tok = lex_next(&f->lex);
}

void parser_pop(struct parser *ps)
{
	ps->tok = ps->stack[--ps->depth].waiting;
}

void parser_skip_braces(struct parser *ps)
{
	unsigned int open = 0;

	do {
		open += ps->tok.type == TOKEN_OPEN;
		open -= ps->tok.type == TOKEN_CLOSE;
		parser_advance(ps);
	} while (open && ps->tok.type != TOKEN_END);
}

void parser_skip_statement(struct parser *ps)
{
	while (ps->tok.type != TOKEN_END && ps->tok.type != TOKEN_CLOSE) {
		if (ps->tok.type == TOKEN_OPEN) {
			parser_skip_braces(ps);
			return;
		}
		if (ps->tok.type == TOKEN_SEMICOLON) {
			parser_advance(ps);
			return;
		}
		if (ps->tok.line_start && ps->tok.type == TOKEN_WORD && schema_kind(ps->tok.text))
			return;
		parser_advance(ps);
	}
}

struct location parser_until_here(const struct parser *ps, struct location at)
{
	if (ps->last_end.text == at.text)
		at.length = ps->last_end.offset + ps->last_end.length - at.offset;
	return at;
}

void parser_missing_semicolon(struct parser *ps)
{
	diag_add(ps->diags, MSG_SEMICOLON_MISSING, ps->last_end);
}
