/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/ledger.h"

#include <string.h>
#include <strings.h>

#include "rules/arena.h"
#include "rules/sha256.h"

enum column { COLUMN_NAME, COLUMN_SECTION, COLUMN_MAC, COLUMN_ADDRESS, COLUMNS };

/* What a header may call a column. */
static const struct {
	const char *word;
	enum column column;
} headers[] = {
	{ "name", COLUMN_NAME },
	{ "名称", COLUMN_NAME },
	{ "端末名", COLUMN_NAME },
	{ "section", COLUMN_SECTION },
	{ "課", COLUMN_SECTION },
	{ "所属", COLUMN_SECTION },
	{ "mac", COLUMN_MAC },
	{ "MACアドレス", COLUMN_MAC },
	{ "address", COLUMN_ADDRESS },
	{ "アドレス", COLUMN_ADDRESS },
	{ "IPアドレス", COLUMN_ADDRESS },
};

struct cell {
	const char *text; /* arena */
	struct location at;
};

struct csv {
	struct unit *u;
	const struct source_text *text;
	uint32_t at, line;
	struct cell cells[LEDGER_COLUMNS_MAX];
	uint32_t count;
	bool wide; /* the row has more cells than there is room for */
};

static bool at_end_of_line(const struct csv *c)
{
	return c->at == c->text->len || c->text->bytes[c->at] == '\n' ||
	       (c->text->bytes[c->at] == '\r' &&
		(c->at + 1 == c->text->len || c->text->bytes[c->at + 1] == '\n'));
}

/* "..." with "" for a quote inside; a line's end in it ends the cell and is reported. */
static size_t quoted_cell(struct csv *c, char *out)
{
	uint32_t start = c->at++;
	size_t n = 0;

	for (;; c->at++) {
		if (at_end_of_line(c)) {
			diag_add(c->u->diags, MSG_LEDGER_QUOTE, location_at(c->text, start, 1));
			return n;
		}
		if (c->text->bytes[c->at] == '"' && c->text->bytes[++c->at] != '"')
			return n;
		if (out)
			out[n] = c->text->bytes[c->at];
		n++;
	}
}

static size_t plain_cell(struct csv *c, char *out)
{
	size_t n = 0;

	for (; !at_end_of_line(c) && c->text->bytes[c->at] != ','; c->at++, n++)
		if (out)
			out[n] = c->text->bytes[c->at];
	return n;
}

/* The length is found first, so that a hostile line costs no more than its bytes. */
static struct cell read_cell(struct csv *c)
{
	uint32_t from = c->at, errors = c->u->diags->errors;
	bool quoted = c->text->bytes[c->at] == '"';
	size_t n = quoted ? quoted_cell(c, NULL) : plain_cell(c, NULL);
	char *out = unit_alloc(c->u, n + 1);
	struct cell cell = { "", { c->text, from, c->at - from } };

	if (!out)
		return cell;
	c->at = from;
	if (quoted && c->u->diags->errors == errors)
		quoted_cell(c, out);
	else if (!quoted)
		plain_cell(c, out);
	else
		c->at = from + cell.at.length;
	while (n && (out[n - 1] == ' ' || out[n - 1] == '\t'))
		out[--n] = '\0';
	cell.text = out;
	while (!at_end_of_line(c) && c->text->bytes[c->at] != ',')
		c->at++;
	return cell;
}

/* Return: false at the end of the file. An empty line is a row of one empty cell. */
static bool read_row(struct csv *c)
{
	if (c->at == c->text->len)
		return false;
	c->line++;
	c->count = 0;
	c->wide = false;
	for (;;) {
		struct cell cell = read_cell(c);

		if (c->count < LEDGER_COLUMNS_MAX)
			c->cells[c->count++] = cell;
		else
			c->wide = true;
		if (at_end_of_line(c))
			break;
		c->at++; /* the comma */
	}
	while (c->at < c->text->len && c->text->bytes[c->at] != '\n')
		c->at++;
	c->at += c->at < c->text->len;
	return true;
}

static void read_header(const struct csv *c, int place[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		place[i] = -1;
	for (uint32_t i = 0; i < c->count; i++)
		for (size_t h = 0; h < sizeof(headers) / sizeof(headers[0]); h++)
			if (!strcasecmp(c->cells[i].text, headers[h].word) &&
			    place[headers[h].column] < 0)
				place[headers[h].column] = (int)i;
}

static struct cell cell_of(const struct csv *c, int place)
{
	if (place >= 0 && (uint32_t)place < c->count)
		return c->cells[place];
	return (struct cell){ "", c->cells[0].at };
}

static void add_row(struct unit *u, struct ledger *l, const struct csv *c, const int place[COLUMNS])
{
	struct ledger_row *rows = arena_grow(u->arena, l->rows, l->count, sizeof(*rows));
	struct cell mac = cell_of(c, place[COLUMN_MAC]),
		    address = cell_of(c, place[COLUMN_ADDRESS]);

	if (!rows) {
		u->failed = true;
		return;
	}
	l->rows = rows;
	rows[l->count++] = (struct ledger_row){
		.name = cell_of(c, place[COLUMN_NAME]).text,
		.section = cell_of(c, place[COLUMN_SECTION]).text,
		.mac = mac.text,
		.address = address.text,
		.mac_at = mac.at,
		.address_at = address.at,
		.at = c->cells[0].at,
		.line = c->line,
	};
}

static bool read_rows(struct unit *u, struct ledger *l)
{
	struct csv *c = unit_alloc(u, sizeof(*c));
	int place[COLUMNS];

	if (!c)
		return false;
	c->u = u;
	c->text = &l->file->text;
	c->at = c->text->len >= 3 && !memcmp(c->text->bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
	if (!read_row(c)) {
		diag_add(u->diags, MSG_LEDGER_EMPTY, location_at(c->text, 0, 0));
		return false;
	}
	read_header(c, place);
	if (place[COLUMN_ADDRESS] < 0) {
		diag_add(u->diags, MSG_LEDGER_HEADER, c->cells[0].at);
		return false;
	}
	l->has_section = place[COLUMN_SECTION] >= 0;
	while (!u->failed && read_row(c)) {
		if (c->wide)
			diag_add(u->diags, MSG_LEDGER_WIDE, c->cells[0].at,
				 diag_number(u->diags, LEDGER_COLUMNS_MAX));
		else if (c->count > 1 || c->cells[0].text[0])
			add_row(u, l, c, place);
	}
	return true;
}

struct ledger *ledger_read(struct unit *u, const struct term *path)
{
	for (struct ledger *l = u->ledgers; l; l = l->next)
		if (!strcmp(l->path, path->text) && l->from == path->at.text)
			return l->file ? l : NULL;
	struct ledger *l = unit_alloc(u, sizeof(*l));

	if (!l)
		return NULL;
	l->path = path->text;
	l->from = path->at.text;
	l->next = u->ledgers;
	u->ledgers = l;
	l->file = files_open(&u->files, path->text, path->at);
	if (!l->file)
		return NULL;
	sha256_of(l->file->text.bytes, l->file->text.len, l->hash);
	if (!read_rows(u, l))
		l->file = NULL;
	return l->file ? l : NULL;
}
