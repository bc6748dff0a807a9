/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text: a growing piece of text. A failed growth is remembered in `failed`, so a writer prints a
 * whole document and tests once, as with the cursor.
 */
#ifndef RULES_TEXT_H
#define RULES_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *bytes;		/* owned; NUL-terminated, NULL while empty */
	size_t len, capacity;
	bool failed;		/* no memory: the text is incomplete */
};

void text_done(struct text *t);
void text_clear(struct text *t);		/* empties, keeps the memory */
void text_add(struct text *t, const char *bytes, size_t n);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

#endif
