/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/diag.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/diag_text.h"
#include "rules/text.h"
#include "rules/utf8.h"

#define ARGUMENT_COLUMNS 160 /* longer arguments are cut */

static const struct {
	const char *name;
	uint8_t severity;
	const char *format[2]; /* by enum diag_language */
} messages[DIAG_COUNT] = {
#define MESSAGE_(id, severity, en, ja) { #id, DIAG_##severity, { en, ja } },
	DIAG_MESSAGES(MESSAGE_)
};

const char *diag_format(enum diag_id id, enum diag_language language)
{
	return messages[id].format[language];
}

const char *diag_name(enum diag_id id)
{
	return messages[id].name;
}

enum diag_language diag_language_of(const char *locale)
{
	return locale && !strncmp(locale, "ja", 2) ? DIAG_JAPANESE : DIAG_ENGLISH;
}

static void add_argument(struct text *out, const char *arg)
{
	size_t left = strlen(arg), columns = 0;

	while (left) {
		struct diag_glyph g = diag_glyph(arg, left, columns, false);

		if (columns + g.width > ARGUMENT_COLUMNS) {
			text_puts(out, "...");
			return;
		}
		text_puts(out, g.shown);
		columns += g.width;
		arg += g.used;
		left -= g.used;
	}
}

static const char *expand(struct diags *d, const char *format, const char *const *args)
{
	struct text out = { 0 };
	const char *kept = NULL;

	for (const char *p = format; *p; p++) {
		if (p[0] == '$' && p[1] >= '1' && p[1] <= '9') {
			const char *arg = args[*++p - '0'];

			assert(arg);
			add_argument(&out, arg);
		} else {
			text_putc(&out, *p);
		}
	}
	if (!out.failed)
		kept = arena_text(d->arena, out.bytes, out.len);
	text_done(&out);
	return kept;
}

static struct diag *new_diag(struct diags *d, enum diag_id id, struct location at,
			     const char *const *args)
{
	struct diag *m = arena_alloc(d->arena, sizeof(*m));

	if (!m) {
		d->failed = true;
		return NULL;
	}
	m->id = id;
	m->severity = messages[id].severity;
	m->at = at;
	for (int i = 0; i < 2; i++) {
		m->text[i] = expand(d, messages[id].format[i], args);
		if (!m->text[i]) {
			d->failed = true;
			return NULL;
		}
	}
	return m;
}

/* Notes of a message that was counted only are dropped with it. */
static void add_note(struct diags *d, enum diag_id id, struct location at, const char *const *args)
{
	struct diag *m = d->last;
	unsigned int n = 0;

	if (!m || d->dropped)
		return;
	struct diag **end = &m->notes;

	for (; *end; end = &(*end)->next)
		n++;
	if (n < DIAG_NOTES_MAX)
		*end = new_diag(d, id, at, args);
}

void diag_report(struct diags *d, enum diag_id id, struct location at, const char *const *args)
{
	if (messages[id].severity == DIAG_NOTE) {
		add_note(d, id, at, args);
		return;
	}
	unsigned int *count = messages[id].severity == DIAG_ERROR ? &d->errors : &d->warnings;

	d->dropped = (*count)++ >= DIAG_KEPT_MAX;
	if (d->dropped)
		return;
	struct diag *m = new_diag(d, id, at, args);

	if (!m)
		return;
	*(d->last ? &d->last->next : &d->first) = m;
	d->last = m;
	d->kept++;
}

const char *diag_number(struct diags *d, uint64_t n)
{
	char buf[24];
	int len = snprintf(buf, sizeof(buf), "%llu", (unsigned long long)n);
	const char *s = arena_text(d->arena, buf, (size_t)len);

	if (s)
		return s;
	d->failed = true;
	return "";
}

static int by_place(const void *a, const void *b)
{
	const struct diag *x = *(struct diag *const *)a, *y = *(struct diag *const *)b;
	uint64_t at_x = x->at.text ? (uint64_t)x->at.text->order + 1 : 0;
	uint64_t at_y = y->at.text ? (uint64_t)y->at.text->order + 1 : 0;

	at_x = at_x << 32 | x->at.offset;
	at_y = at_y << 32 | y->at.offset;
	if (at_x != at_y)
		return at_x < at_y ? -1 : 1;
	return x->serial < y->serial ? -1 : 1;
}

void diag_sort(struct diags *d)
{
	struct diag **all = arena_alloc(d->arena, (d->kept + 1) * sizeof(struct diag *));
	unsigned int n = 0;

	if (!all) {
		d->failed = true;
		return;
	}
	for (struct diag *m = d->first; m; m = m->next) {
		m->serial = n;
		all[n++] = m;
	}
	if (n == 0)
		return;
	qsort(all, n, sizeof(struct diag *), by_place);
	for (unsigned int i = 0; i < n; i++)
		all[i]->next = all[i + 1];
	d->first = all[0];
	d->last = all[n - 1];
}

void diag_position(struct location at, uint32_t *line, uint32_t *column)
{
	*line = *column = 1;
	if (!at.text)
		return;
	const char *p = at.text->bytes, *end = p + at.offset;

	while (p < end) {
		size_t n = utf8_sequence((const uint8_t *)p, (size_t)(end - p));

		if (*p == '\n') {
			++*line;
			*column = 0;
		}
		++*column;
		p += n ? n : 1;
	}
}
