/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/line_file.h"

#include "rules/lang/lex.h"

struct source_file *
line_file_read(struct unit *u, const struct term *path,
	       void (*line)(struct unit *u, const struct term *t, void *context), void *context)
{
	if (path->bad || !path->string)
		return NULL;
	struct source_file *file = files_open(&u->files, path->text, path->at);

	if (!file)
		return NULL;
	struct lexer lex = lex_of(u->arena, u->diags, &file->text);

	for (struct token t = lex_next(&lex); t.type != TOKEN_END; t = lex_next(&lex)) {
		struct term term = { .text = t.text, .at = t.at };

		if (t.bad)
			continue;
		if (t.type != TOKEN_WORD || !t.line_start)
			diag_add(u->diags, MSG_LINE_FILE, t.at);
		else
			line(u, &term, context);
	}
	u->failed |= lex.failed;
	return file;
}
