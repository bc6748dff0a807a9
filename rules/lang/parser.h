/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parser: what the steps of parsing share: the files being read and the next token. Used by parse.c (the
 * top of a file), parse_block.c and parse_items.c only.
 */
#ifndef RULES_LANG_PARSER_H
#define RULES_LANG_PARSER_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/lang/lex.h"
#include "rules/lang/parse.h"
#include "rules/lang/schema.h"

struct arena;

struct frame {				/* one file being read */
	struct lexer lex;
	struct source_file *file;	/* borrowed */
	struct location included;	/* where it is included; {0} for the first */
	struct token waiting;		/* of the file that includes it: the token after `include ...;` */
};

struct parser {
	struct parse *p;		/* borrowed */
	struct arena *arena;		/* borrowed */
	struct diags *diags;		/* borrowed */
	struct frame stack[PARSE_INCLUDE_MAX];
	unsigned int depth;
	struct token tok;		/* the next one */
	struct location last_end;	/* the end of the token before it */
	enum token_type last_type;
	bool built_in;
};

/* How a list of items ended. */
enum ending { ENDED, ENDED_BROKEN, ENDED_AT_BRACE };

struct items {				/* a list while it is read */
	struct item *first, **next;
	struct item *last;
	struct term **next_term;
	unsigned int count, terms;	/* terms of the last item */
};

void parser_advance(struct parser *ps);
void *parser_allocate(struct parser *ps, size_t size);		/* arena; NULL: failed */

/* parser_push - go on in another file; parser_pop - back to the one that includes it */
void parser_push(struct parser *ps, struct source_file *file, struct location at);
void parser_pop(struct parser *ps);

/* parser_skip_braces - over everything up to the '}' that closes the '{' at hand; nested ones are counted */
void parser_skip_braces(struct parser *ps);

/* parser_skip_statement - over the rest of something at the top: to its ';' or over its block, but not into
 * the next line's */
void parser_skip_statement(struct parser *ps);

/* parser_until_here - `at`, lengthened to the end of the token before the one at hand */
struct location parser_until_here(const struct parser *ps, struct location at);

void parser_missing_semicolon(struct parser *ps);

/**
 * parser_items - item, item; up to and over the ';', or up to what can only stand after a forgotten one
 * @what, @at: the key or kind it belongs to, for messages
 */
enum ending parser_items(struct parser *ps, const struct schema *kind, struct items *list, const char *what,
			 struct location at);

/* parser_new_block - append a block that begins at the token at hand; NULL when there is no room */
struct block *parser_new_block(struct parser *ps, const struct schema *kind);

/* parser_block - kind name { ... }; the kind's word is at hand */
void parser_block(struct parser *ps, const struct schema *kind);

#endif
