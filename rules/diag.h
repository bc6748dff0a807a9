/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diag: what is wrong with a policy text, where, and what to do; a good compiler's messages.
 *
 *	town.rules:14:30: error: '10.0.0.0/33' is no network: the length must be 0 to 32
 *	    zone net { network 10.0.0.0/33; }
 *	                       ^~~~~~~~~~~
 *	town.rules:3:9: note: ...
 *
 * Messages exist in English and Japanese: one line each in diag_messages.h. Both formats take the same
 * arguments, all of them strings, as $1, $2, ... in whatever order the language needs.
 */
#ifndef RULES_DIAG_H
#define RULES_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "rules/diag_messages.h"

struct arena;
struct json;

#define DIAG_SHOWN_MAX 20	/* errors printed a run; the rest is counted */
#define DIAG_KEPT_MAX 500	/* errors, and warnings, kept for sorting; beyond, only counted */
#define DIAG_NOTES_MAX 8	/* notes to one message */

struct source_text {			/* one file, kept as long as its diagnostics */
	const char *name;		/* arena; as the user named it */
	const char *bytes;		/* arena; NUL-terminated */
	uint32_t len;
	uint32_t order;			/* files are numbered as they are read */
};

struct location {
	const struct source_text *text;	/* borrowed; NULL: no place in a file */
	uint32_t offset, length;	/* bytes */
};

static inline struct location location_at(const struct source_text *text, uint32_t offset, uint32_t length)
{
	return (struct location){ text, offset, length };
}

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };
enum diag_language { DIAG_ENGLISH, DIAG_JAPANESE };

#define DIAG_ID_(id, severity, en, ja) MSG_##id,
enum diag_id { DIAG_MESSAGES(DIAG_ID_) DIAG_COUNT };

struct diag;				/* one message with its notes */

struct diags {
	struct arena *arena;		/* borrowed */
	struct diag *first, *last;	/* arena */
	unsigned int errors, warnings;	/* all, also those not kept */
	unsigned int kept;
	bool dropped;			/* the last one was only counted, and its notes are dropped with it */
	bool failed;			/* no memory: messages are missing */
};

/**
 * diag_add - report
 * @at: where; `{0}` when it is no place in a file
 * The further arguments are strings; long ones are shortened, control characters and bad bytes are
 * written as \xNN, so a hostile text cannot break a line. A DIAG_NOTE joins the message before it.
 */
#define diag_add(d, id, at, ...) \
	diag_report(d, id, at, (const char *const[]){ NULL, ##__VA_ARGS__, NULL })
void diag_report(struct diags *d, enum diag_id id, struct location at, const char *const *args);

/* diag_number - a number as an argument; arena */
const char *diag_number(struct diags *d, uint64_t n);

/* diag_sort - by file and place in it; messages without a place come first */
void diag_sort(struct diags *d);

/* diag_language_of - Japanese when a locale's name starts with "ja" */
enum diag_language diag_language_of(const char *locale);

struct diag_style {
	enum diag_language language;
	bool colour;			/* terminal escapes */
	bool ascii;			/* a console without Japanese glyphs: source lines with \u escapes */
};

/* diag_print - the messages with source lines and carets by display width, then how many more there are */
void diag_print(const struct diags *d, struct diag_style style, FILE *out);

/* diag_json - all messages kept, one array of {file,line,column,end,severity,id,message,message_ja,notes} */
void diag_json(const struct diags *d, struct json *j, const char *key);

/* diag_position - line and column, both from 1; a column is a character, as editors count */
void diag_position(struct location at, uint32_t *line, uint32_t *column);

/* diag_name, diag_format - "zone-overlap", and the text of a message (documentation, tests) */
const char *diag_name(enum diag_id id);
const char *diag_format(enum diag_id id, enum diag_language language);

#endif
