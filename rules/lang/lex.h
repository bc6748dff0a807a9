/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lex: step 1 of a rule's way: bytes -> tokens, each with its place.
 *
 *	word	a run of letters, digits and - _ . : / * + @ %	 (10.0.0.0/8, 02:00:5e:10:00:01, *.example, 5MB)
 *	string	"..." on one line; \" and \\ inside
 *	{ } ; ,	punctuation
 *	# ...	comment to the end of the line
 *
 * Full-width punctuation and other habits of a Japanese keyboard are named once a file with the mend
 * and then read as what was meant, so that one slip gives one message.
 */
#ifndef RULES_LANG_LEX_H
#define RULES_LANG_LEX_H

#include <stdbool.h>

#include "rules/diag.h"

#define LEX_WORD_MAX 255	/* bytes of a word */
#define LEX_STRING_MAX 4096	/* bytes of a string */
#define LEX_ERRORS_MAX 1000u	/* after so many messages the rest of the text is not looked at */

enum token_type { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_SEMICOLON, TOKEN_COMMA };

struct token {
	enum token_type type;
	struct location at;
	const char *text;	/* arena; of a word or string, without quotes and escapes; else NULL */
	bool line_start;	/* the first of its line */
	bool bad;		/* a message about it has been given */
};

struct lexer {
	struct arena *arena;		/* borrowed */
	struct diags *diags;		/* borrowed */
	const struct source_text *text;	/* borrowed */
	uint32_t at;
	uint32_t mended;		/* bit: entry of the table of mends that was named already */
	bool line_start;
	bool failed;			/* no memory; only TOKEN_END comes */
};

struct lexer lex_of(struct arena *arena, struct diags *d, const struct source_text *text);
struct token lex_next(struct lexer *l);

#endif
