/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diag: what is wrong with a policy text, where, and what to do; a good compiler's messages.
 *
 *	edge.rules:14:16: error: '10.0.0.0/33' is no prefix: length must be 0 to 32
 *	    allow tcp from 10.0.0.0/33 to @web
 *	                   ^~~~~~~~~~~
 *	edge.rules:3:9: note: ...
 *
 * Messages exist in English and Japanese. A message is an entry of diag_messages.h, one line each:
 * X(id, severity, "english format", "日本語の書式"); both formats take the same arguments in the same
 * order, all of them strings (%1$s style is used where Japanese needs another order).
 */
#ifndef RULES_DIAG_H
#define RULES_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct arena;

#define DIAG_ERRORS_MAX 20	/* more are counted, not kept */

struct source_text {			/* one file, kept as long as its diagnostics */
	const char *name;		/* arena; as the user named it */
	const char *bytes;		/* arena */
	size_t len;
};

struct location {
	const struct source_text *text;	/* borrowed; NULL: no place in a file */
	uint32_t offset, length;	/* bytes */
};

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };
enum diag_language { DIAG_ENGLISH, DIAG_JAPANESE };

struct diag;				/* one message: severity, location, text in both languages */

struct diags {
	struct arena *arena;		/* borrowed */
	struct diag *list;		/* arena; in the order reported */
	unsigned int errors, warnings;	/* all, also those not kept */
	unsigned int kept;
};

enum diag_id;

/* diag_add - report; a DIAG_NOTE belongs to the message before it. Arguments are strings only. */
void diag_add(struct diags *d, enum diag_id id, struct location at, ...);

/* diag_language_of_locale - from LC_ALL, LC_MESSAGES, LANG of the environment given (main programs ask) */
enum diag_language diag_language_of(const char *locale);

struct diag_style {
	enum diag_language language;
	bool colour;			/* terminal escapes */
	bool ascii;			/* a console without Japanese glyphs: English, and source lines with \u escapes */
};

/* diag_print - all messages with source lines and carets by display width, then the count of the rest */
void diag_print(const struct diags *d, struct diag_style style, FILE *out);

/* diag_json - the same as one JSON array of objects {file,line,column,end,severity,id,message,message_ja,notes} */
struct json;
void diag_json(const struct diags *d, struct json *j);

/* diag_position - line and column (both from 1, column in display columns as editors count characters) */
void diag_position(struct location at, uint32_t *line, uint32_t *column);

#endif
