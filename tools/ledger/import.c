/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ledger/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "rules/edit/csv.h"
#include "rules/edit/value.h"
#include "rules/jst.h"
#include "rules/lang/schema.h"

#define COMPLAINTS_MAX 50u /* shown; the rest is counted */

struct cell_at {
	uint32_t row;
	enum ledger_column column;
	const char *permit;
};

/* --- complaints -------------------------------------------------------------------------------- */

enum complaint { NO_NAME, NO_HEADING, UNKNOWN, TWICE, FIXED, EMPTY, NO_DATE, NO_VALUE };

static const char *const complaints[][2] = {
	[NO_NAME] = { "no permit is named", "許可名がありません" },
	[NO_HEADING] = { "the first row has no column 'name'",
			 "見出しに「許可名」の列がありません" },
	[UNKNOWN] = { "there is no such permit", "その名前の許可はありません" },
	[TWICE] = { "the permit has a row already", "同じ許可の行がすでにあります" },
	[FIXED] = { "this cannot be changed in the ledger", "この欄は台帳では変更できません" },
	[EMPTY] = { "this cannot be empty", "空にできません" },
	[NO_DATE] = { "no date as 2027-03-31", "2027-03-31 の形の日付ではありません" },
	[NO_VALUE] = { "a text that cannot stand in a policy", "定義に書けない文字列です" },
};

static void complain(const struct ledger *l, struct import *im, struct cell_at at,
		     enum complaint what)
{
	bool ja = l->language == DIAG_JAPANESE;

	if (im->refused++ >= COMPLAINTS_MAX)
		return;
	text_printf(&im->complaints, ja ? "%u 行目" : "row %u", at.row);
	if (at.column != LEDGER_COLUMN_COUNT)
		text_printf(&im->complaints, ja ? " %s" : ", %s",
			    ledger_headings[at.column].word[ja]);
	if (at.permit)
		text_printf(&im->complaints, ja ? "（%s）" : " (%s)", at.permit);
	text_printf(&im->complaints, ": %s\n", complaints[what][ja ? 1 : 0]);
}

/* --- headings ---------------------------------------------------------------------------------- */

static enum ledger_column column_named(const char *word)
{
	for (int c = 0; c < LEDGER_COLUMN_COUNT; c++)
		if (!strcasecmp(word, ledger_headings[c].word[0]) ||
		    !strcmp(word, ledger_headings[c].word[1]))
			return (enum ledger_column)c;
	return LEDGER_COLUMN_COUNT;
}

/* Columns that nobody of us knows are the office's own. */
static uint32_t read_headings(const struct csv_row *row,
			      enum ledger_column columns[CSV_COLUMNS_MAX])
{
	uint32_t name = CSV_COLUMNS_MAX;

	for (uint32_t i = 0; i < row->count; i++) {
		columns[i] = column_named(row->cells[i]);
		if (columns[i] == LEDGER_NAME && name == CSV_COLUMNS_MAX)
			name = i;
	}
	return name;
}

/* --- cells ------------------------------------------------------------------------------------- */

static bool is_date(const struct key *key)
{
	return key->type == VALUE_END_DATE || key->type == VALUE_DATE || key->type == VALUE_START;
}

/* 2027/3/31, as a spreadsheet shows a date, as we write it. */
static void put_date(const char *cell, struct text *out)
{
	unsigned int year, month, day;
	int used = 0;

	if (sscanf(cell, "%4u/%2u/%2u%n", &year, &month, &day, &used) == 3 && !cell[used])
		text_printf(out, "%04u-%02u-%02u", year, month, day);
	else
		text_puts(out, cell);
}

static void wish(struct import *im, const char *permit, const char *key, const char *value)
{
	struct import_wish *wishes = realloc(im->wishes, (im->count + 1) * sizeof(*im->wishes));
	char *copy = value ? strdup(value) : NULL;

	if (wishes)
		im->wishes = wishes;
	if (!wishes || (value && !copy)) {
		free(copy);
		im->failed = true;
		return;
	}
	wishes[im->count++] = (struct import_wish){ permit, key, copy };
}

/* A cell that differs: is it a wish that can be? */
static void consider(const struct ledger *l, struct import *im, struct cell_at at,
		     const char *value)
{
	const struct ledger_heading *h = &ledger_headings[at.column];
	const struct key *key = schema_key(&schema_kinds()[BLOCK_PERMIT], h->key);
	struct text written = { 0 };
	int64_t seconds;

	if (!h->editable)
		complain(l, im, at, FIXED);
	else if (!*value && key->required)
		complain(l, im, at, EMPTY);
	else if (*value && is_date(key) && jst_parse(value, &seconds, NULL) < 0)
		complain(l, im, at, NO_DATE);
	else if (*value && value_write(key, value, &written) != VALUE_FINE)
		complain(l, im, at, NO_VALUE);
	else
		wish(im, at.permit, h->key, *value ? value : NULL);
	text_done(&written);
}

static void compare_cell(const struct ledger *l, struct import *im, const struct ledger_row *row,
			 struct cell_at at, const char *cell)
{
	const char *word = ledger_headings[at.column].key;
	struct text is = { 0 }, value = { 0 };

	if (!word)
		return;
	ledger_cell(l, row, at.column, &is);
	text_puts(&is, "");
	if (is_date(schema_key(&schema_kinds()[BLOCK_PERMIT], word)))
		put_date(cell, &value);
	else
		text_puts(&value, cell);
	im->failed |= is.failed || value.failed;
	if (!im->failed && strcmp(is.len ? is.bytes : "", value.len ? value.bytes : "") != 0)
		consider(l, im, at, value.len ? value.bytes : "");
	text_done(&is);
	text_done(&value);
}

/* --- rows -------------------------------------------------------------------------------------- */

struct importing {
	const struct ledger *l;
	struct import *im;
	enum ledger_column columns[CSV_COLUMNS_MAX];
	uint32_t columns_count, name;
	bool *seen; /* owned; by row of the ledger */
};

static void take_row(const struct importing *i, const struct csv_row *row)
{
	struct cell_at at = { row->number, LEDGER_NAME, NULL };
	const char *name = i->name < row->count ? row->cells[i->name] : "";
	const struct ledger_row *of = ledger_find(i->l, name);

	if (!of) {
		at.permit = *name ? name : NULL;
		complain(i->l, i->im, at, *name ? UNKNOWN : NO_NAME);
		return;
	}
	at.permit = policy_string(i->l->policy, of->statement->name);
	if (i->seen[of - i->l->rows]) {
		complain(i->l, i->im, at, TWICE);
		return;
	}
	i->seen[of - i->l->rows] = true;
	for (uint32_t c = 0; c < row->count && c < i->columns_count; c++) {
		at.column = i->columns[c];
		if (at.column != LEDGER_COLUMN_COUNT)
			compare_cell(i->l, i->im, of, at, row->cells[c]);
	}
}

void import_cells(const struct ledger *l, const struct csv *table, struct import *out)
{
	struct importing i = { .l = l, .im = out };

	*out = (struct import){ 0 };
	i.seen = calloc((size_t)l->count + 1, sizeof(*i.seen));
	if (!i.seen) {
		out->failed = true;
		return;
	}
	i.name = CSV_COLUMNS_MAX;
	if (table->count) {
		i.name = read_headings(&table->rows[0], i.columns);
		i.columns_count = table->rows[0].count;
	}
	if (i.name == CSV_COLUMNS_MAX)
		complain(l, out, (struct cell_at){ 1, LEDGER_COLUMN_COUNT, NULL }, NO_HEADING);
	for (uint32_t r = 1; r < table->count && i.name != CSV_COLUMNS_MAX; r++)
		take_row(&i, &table->rows[r]);
	free(i.seen);
	out->failed |= out->complaints.failed;
}

void import_done(struct import *im)
{
	for (uint32_t i = 0; i < im->count; i++)
		free(im->wishes[i].value);
	free(im->wishes);
	text_done(&im->complaints);
	*im = (struct import){ 0 };
}
