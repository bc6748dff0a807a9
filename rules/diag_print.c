/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>

#include "rules/diag.h"
#include "rules/diag_text.h"
#include "rules/json.h"
#include "rules/utf8.h"

#define LINE_COLUMNS 160  /* a longer source line is shown in part */
#define BEFORE_COLUMNS 60 /* what is shown before the place, then */
#define LINE_BYTES 2000   /* of it are looked at on each side of the place */
#define TAB 8

/* Invisible, or able to turn the line around: spaces of no width, marks and overrides of direction. */
static bool unseen(uint32_t cp)
{
	return cp == 0xa0 || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x2069) || cp == 0xfeff || (cp >= 0x80 && cp < 0xa0);
}

struct diag_glyph diag_glyph(const char *p, size_t n, size_t column, bool ascii)
{
	const uint8_t *b = (const uint8_t *)p;
	size_t len = utf8_sequence(b, n);
	uint32_t cp = len ? utf8_decode(b) : 0;
	struct diag_glyph g = { .used = len ? len : 1 };

	if (*p == '\t') {
		g.width = TAB - column % TAB;
		memset(g.shown, ' ', g.width);
	} else if (!len || cp < 0x20 || cp == 0x7f) {
		g.width = (size_t)snprintf(g.shown, sizeof(g.shown), "\\x%02x", *b);
	} else if (unseen(cp) || (ascii && cp >= 0x80)) {
		g.width = (size_t)snprintf(g.shown, sizeof(g.shown), "\\u%04x", cp);
	} else {
		memcpy(g.shown, p, len);
		g.width = (size_t)utf8_width(cp);
	}
	return g;
}

/* The source line around a place; of a long one a part, so that no line is too long to look at. */
struct line {
	const char *bytes;
	size_t len;                 /* without the line's end */
	size_t from, to;            /* the place, as bytes of the line */
	bool cut_before, cut_after; /* there is more of it */
};

/* The start of the character that p stands in. */
static const char *whole_character(const char *p, const char *start)
{
	while (p > start && (*p & 0xc0) == 0x80)
		p--;
	return p;
}

static struct line line_of(struct location at)
{
	const char *text = at.text->bytes, *end = text + at.text->len;
	const char *place = text + at.offset, *start = place, *stop;
	struct line l = { 0 };

	while (start > text && start[-1] != '\n' && place - start < LINE_BYTES)
		start--;
	l.cut_before = start > text && start[-1] != '\n';
	start = whole_character(start, text);
	if (end - place > LINE_BYTES)
		end = whole_character(place + LINE_BYTES, place);
	stop = memchr(place, '\n', (size_t)(end - place));
	l.cut_after = !stop && end < text + at.text->len;
	if (!stop)
		stop = end;
	if (stop > start && stop[-1] == '\r' && stop > place)
		stop--;
	l.bytes = start;
	l.len = (size_t)(stop - start);
	l.from = (size_t)(place - start);
	l.to = l.from + at.length < l.len ? l.from + at.length : l.len;
	return l;
}

static size_t columns_of(const struct line *l, size_t bytes, bool ascii)
{
	size_t column = 0;

	for (size_t i = 0; i < bytes;) {
		struct diag_glyph g = diag_glyph(l->bytes + i, l->len - i, column, ascii);

		column += g.width;
		i += g.used;
	}
	return column;
}

/* The columns of a line that are printed. */
struct window {
	size_t first, last;
};

static struct window window_for(const struct line *l, size_t place, bool ascii)
{
	struct window w = { 0, LINE_COLUMNS };
	bool fits = !l->cut_before && columns_of(l, l->len, ascii) <= LINE_COLUMNS;

	if (fits || (!l->cut_before && place < LINE_COLUMNS - BEFORE_COLUMNS))
		return w;
	w.first = place > BEFORE_COLUMNS ? place - BEFORE_COLUMNS : 0;
	w.last = w.first + LINE_COLUMNS;
	return w;
}

static bool shortened(const struct line *l, struct window w)
{
	return w.first || l->cut_before;
}

static void print_source(const struct line *l, struct window w, bool ascii, FILE *out)
{
	size_t column = 0, i = 0;

	fprintf(out, "    %s", shortened(l, w) ? "..." : "");
	while (i < l->len && column < w.last) {
		struct diag_glyph g = diag_glyph(l->bytes + i, l->len - i, column, ascii);

		if (column >= w.first)
			fputs(g.shown, out);
		column += g.width;
		i += g.used;
	}
	fputs(i < l->len || l->cut_after ? "...\n" : "\n", out);
}

static void print_carets(const struct line *l, struct window w, struct diag_style s, FILE *out)
{
	size_t from = columns_of(l, l->from, s.ascii), to = columns_of(l, l->to, s.ascii);

	if (to > w.last)
		to = w.last;
	fprintf(out, "    %*s%s^", (int)(from - w.first + (shortened(l, w) ? 3 : 0)), "",
		s.colour ? "\033[1;32m" : "");
	for (size_t i = from + 1; i < to; i++)
		fputc('~', out);
	fprintf(out, "%s\n", s.colour ? "\033[0m" : "");
}

static void print_place(struct location at, struct diag_style s, FILE *out)
{
	struct line l = line_of(at);
	struct window w = window_for(&l, columns_of(&l, l.from, s.ascii), s.ascii);

	print_source(&l, w, s.ascii, out);
	print_carets(&l, w, s, out);
}

static const struct {
	const char *word[2];
	const char *colour;
} severities[] = {
	[DIAG_NOTE] = { { "note", "注記" }, "\033[1;36m" },
	[DIAG_WARNING] = { { "warning", "警告" }, "\033[1;35m" },
	[DIAG_ERROR] = { { "error", "エラー" }, "\033[1;31m" },
};

static void print_one(const struct diag *m, struct diag_style s, FILE *out)
{
	uint32_t line, column;

	if (m->at.text) {
		diag_position(m->at, &line, &column);
		fprintf(out, "%s%s:%u:%u:%s ", s.colour ? "\033[1m" : "", m->at.text->name, line,
			column, s.colour ? "\033[0m" : "");
	}
	fprintf(out, "%s%s:%s %s\n", s.colour ? severities[m->severity].colour : "",
		severities[m->severity].word[s.language], s.colour ? "\033[0m" : "",
		m->text[s.language]);
	if (m->at.text)
		print_place(m->at, s, out);
}

void diag_print(const struct diags *d, struct diag_style s, FILE *out)
{
	unsigned int shown[] = { 0, 0, 0 }; /* by severity */

	for (const struct diag *m = d->first; m; m = m->next) {
		if (++shown[m->severity] > DIAG_SHOWN_MAX)
			continue;
		print_one(m, s, out);
		for (const struct diag *note = m->notes; note; note = note->next)
			print_one(note, s, out);
	}
	bool japanese = s.language == DIAG_JAPANESE;

	if (d->errors > DIAG_SHOWN_MAX)
		fprintf(out, japanese ? "エラーはあと %u 件あります\n" : "... and %u more errors\n",
			d->errors - DIAG_SHOWN_MAX);
	if (d->warnings > DIAG_SHOWN_MAX)
		fprintf(out, japanese ? "警告はあと %u 件あります\n" : "... and %u more warnings\n",
			d->warnings - DIAG_SHOWN_MAX);
}

/* "ZONE_OVERLAP" is "zone-overlap" to a program. */
static void json_id(struct json *j, enum diag_id id)
{
	char word[64] = "";
	const char *name = diag_name(id);

	for (size_t i = 0; name[i] && i + 1 < sizeof(word); i++)
		word[i] = (char)(name[i] == '_' ? '-' : tolower((unsigned char)name[i]));
	json_string(j, "id", word);
}

static void json_one(const struct diag *m, struct json *j)
{
	struct location end = m->at;
	uint32_t line, column, end_line;

	json_open(j, NULL, '{');
	if (m->at.text) {
		struct line l = line_of(m->at);

		json_string(j, "file", m->at.text->name);
		diag_position(m->at, &line, &column);
		json_uint(j, "line", line);
		json_uint(j, "column", column);
		end.offset += (uint32_t)(l.to - l.from);
		diag_position(end, &end_line, &column);
		json_uint(j, "end", column);
	}
	json_string(j, "severity", severities[m->severity].word[DIAG_ENGLISH]);
	json_id(j, m->id);
	json_string(j, "message", m->text[DIAG_ENGLISH]);
	json_string(j, "message_ja", m->text[DIAG_JAPANESE]);
}

void diag_json(const struct diags *d, struct json *j, const char *key)
{
	json_open(j, key, '[');
	for (const struct diag *m = d->first; m; m = m->next) {
		json_one(m, j);
		json_open(j, "notes", '[');
		for (const struct diag *note = m->notes; note; note = note->next) {
			json_one(note, j);
			json_close(j, '}');
		}
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
}
