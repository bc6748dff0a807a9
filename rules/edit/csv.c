/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/edit/csv.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rules/text.h"
#include "rules/utf8.h"

#define MARK "\xef\xbb\xbf"

/* --- encodings --------------------------------------------------------------------------------- */

static bool is_utf8(const uint8_t *p, size_t n)
{
	while (n) {
		size_t used = *p == 0 ? 0 : *p < 0x80 ? 1 : utf8_sequence(p, n);

		if (used == 0)
			return false;
		p += used;
		n -= used;
	}
	return true;
}

/* From an encoding that iconv knows. Return: 0, -EILSEQ, -ENOMEM */
static int convert(const char *from, const void *bytes, size_t len, struct text *out)
{
	iconv_t cd = iconv_open("UTF-8", from);
	char *in = (char *)(uintptr_t)bytes, chunk[4096];
	int r = cd == (iconv_t)-1 ? -EILSEQ : 0;

	while (r == 0 && len) {
		char *to = chunk;
		size_t room = sizeof(chunk), n = iconv(cd, &in, &len, &to, &room);

		text_add(out, chunk, sizeof(chunk) - room);
		if (n == (size_t)-1 && errno != E2BIG)
			r = -EILSEQ;
		if (out->failed)
			r = -ENOMEM;
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	if (r == 0 && out->len && !is_utf8((const uint8_t *)out->bytes, out->len))
		r = -EILSEQ;
	return r;
}

static int to_utf8(const uint8_t *bytes, size_t len, struct text *out)
{
	bool mark = len >= 3 && !memcmp(bytes, MARK, 3);

	if (len >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)))
		return convert("UTF-16", bytes, len, out);
	if (!is_utf8(bytes, len))
		return convert("CP932", bytes, len, out);
	text_add(out, (const char *)bytes + (mark ? 3 : 0), len - (mark ? 3 : 0));
	return out->failed ? -ENOMEM : 0;
}

/* --- cells ------------------------------------------------------------------------------------- */

struct reading {
	struct csv *c;
	char *at, *end;
	char separator;
	uint32_t line, record;
	uint32_t cells, cells_room, rows_room;
};

static size_t count_separators(const char *s, size_t n, char separator)
{
	bool inside = false;
	size_t count = 0;

	for (size_t i = 0; i < n && (inside || s[i] != '\n'); i++) {
		inside ^= s[i] == '"';
		count += !inside && s[i] == separator;
	}
	return count;
}

/* What the first row has most of, outside of quotes. */
static char separator_of(const char *s, size_t n)
{
	static const char candidates[] = { ',', '\t', ';' };
	size_t most = 0;
	char best = ',';

	for (size_t i = 0; i < sizeof(candidates); i++) {
		size_t count = count_separators(s, n, candidates[i]);

		if (count > most) {
			most = count;
			best = candidates[i];
		}
	}
	return best;
}

static bool ends_cell(const struct reading *r)
{
	return r->at == r->end || *r->at == r->separator || *r->at == '\n' ||
	       (*r->at == '\r' && (r->at + 1 == r->end || r->at[1] == '\n'));
}

/* The text of a cell in quotes, moved to its beginning; r->at is left behind the closing one. NULL: there is none */
static char *quoted(struct reading *r)
{
	char *begin = r->at++, *to = begin;

	for (; r->at < r->end; r->at++) {
		if (*r->at == '"' && (r->at + 1 == r->end || r->at[1] != '"')) {
			r->at++;
			return to;
		}
		r->at += *r->at == '"';
		r->line += *r->at == '\n';
		*to++ = *r->at;
	}
	return NULL;
}

/* Before these Excel's own mark of a text is written, so that none becomes a formula. */
static bool is_guarded(char c)
{
	return c && strchr("=+-@\t\r'", c);
}

static char *unguarded(char *s)
{
	return s[0] == '\'' && is_guarded(s[1]) ? s + 1 : s;
}

static int add_cell(struct reading *r, char *s)
{
	if (r->cells == r->cells_room) {
		uint32_t room = r->cells_room ? 2 * r->cells_room : 64;
		char **cells = realloc(r->c->cells, room * sizeof(*cells));

		if (!cells)
			return -ENOMEM;
		r->c->cells = cells;
		r->cells_room = room;
	}
	r->c->cells[r->cells++] = unguarded(s);
	return 0;
}

/* One cell; *last whether its row ends with it. */
static int read_cell(struct reading *r, bool *last)
{
	char *begin = r->at, *end = begin;

	if (r->at < r->end && *r->at == '"') {
		end = quoted(r);
		if (!end)
			return -EBADMSG;
		while (!ends_cell(r)) /* what stands behind the quote belongs to nothing */
			r->at++;
	} else {
		while (!ends_cell(r))
			r->at++;
		end = r->at;
	}
	*last = r->at == r->end || *r->at != r->separator;
	if (r->at < r->end && *r->at == '\r')
		r->at++;
	if (r->at < r->end)
		r->at++;
	*end = '\0';
	return add_cell(r, begin);
}

static bool has_text(const struct reading *r, uint32_t first)
{
	for (uint32_t i = first; i < r->cells; i++)
		if (r->c->cells[i][0])
			return true;
	return false;
}

static int add_row(struct reading *r, uint32_t first)
{
	struct csv *c = r->c;

	if (!has_text(r, first)) {
		r->cells = first;
		return 0;
	}
	if (r->cells - first > CSV_COLUMNS_MAX || c->count == CSV_ROWS_MAX)
		return -E2BIG;
	if (c->count == r->rows_room) {
		uint32_t room = r->rows_room ? 2 * r->rows_room : 64;
		struct csv_row *rows = realloc(c->rows, room * sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		c->rows = rows;
		r->rows_room = room;
	}
	c->rows[c->count++] = (struct csv_row){ .count = r->cells - first, .number = r->record };
	return 0;
}

static int read_row(struct reading *r)
{
	uint32_t first = r->cells;
	bool last = false;

	while (!last) {
		int e = read_cell(r, &last);

		if (e < 0)
			return e;
		if (r->cells - first > CSV_COLUMNS_MAX)
			return -E2BIG;
	}
	r->line++;
	r->record++;
	return add_row(r, first);
}

static int read_rows(struct csv *c, size_t len)
{
	struct reading r = { .c = c,
			     .at = c->bytes,
			     .end = c->bytes + len,
			     .separator = separator_of(c->bytes, len),
			     .line = 1 };
	int e = 0;

	while (e == 0 && r.at < r.end)
		e = read_row(&r);
	c->line = r.line;
	const char *const *cells = (const char *const *)c->cells;

	for (uint32_t i = 0; e == 0 && i < c->count; cells += c->rows[i++].count)
		c->rows[i].cells = cells;
	return e;
}

int csv_read(const void *bytes, size_t len, struct csv *out)
{
	struct text text = { 0 };
	int r = len > CSV_BYTES_MAX ? -E2BIG : to_utf8(bytes, len, &text);

	*out = (struct csv){ 0 };
	text_putc(&text, '\0'); /* the last cell is terminated, too */
	if (r == 0 && text.failed)
		r = -ENOMEM;
	if (r < 0) {
		text_done(&text);
		return r;
	}
	out->bytes = text.bytes;
	r = read_rows(out, text.len - 1);
	if (r < 0) {
		uint32_t line = out->line;

		csv_close(out);
		out->line = line;
	}
	return r;
}

void csv_close(struct csv *c)
{
	free(c->rows);
	free(c->cells);
	free(c->bytes);
	*c = (struct csv){ 0 };
}

/* --- writing ----------------------------------------------------------------------------------- */

void csv_begin(struct text *out)
{
	text_puts(out, MARK);
}

static bool is_first(const struct text *out)
{
	return out->len == 0 || out->bytes[out->len - 1] == '\n' ||
	       (out->len == 3 && !memcmp(out->bytes, MARK, 3));
}

void csv_put(struct text *out, const char *cell)
{
	if (!is_first(out))
		text_putc(out, ',');
	text_putc(out, '"');
	if (is_guarded(*cell))
		text_putc(out, '\'');
	for (; *cell; cell++) {
		if (*cell == '"')
			text_putc(out, '"');
		text_putc(out, *cell);
	}
	text_putc(out, '"');
}

void csv_end_row(struct text *out)
{
	text_puts(out, "\r\n");
}
