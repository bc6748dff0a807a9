/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/register/read.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rules/edit/csv.h"
#include "tools/register/make.h"

const char *const bad_line_words[][2] = {
	[LINE_GOOD] = { "", "" },
	[LINE_EMPTY] = { "no number", "番号がありません" },
	[LINE_LENGTH] = { "not twelve digits", "12 桁の数字ではありません" },
	[LINE_SHORT] = { "too few digits: has a spreadsheet cut leading zeros?",
			 "桁が足りません。表計算で先頭の 0 が消えていませんか" },
	[LINE_CHECK] = { "the check digit is wrong", "検査用数字が合いません" },
};

static const char *const headers[] = { "個人番号", "マイナンバー", "my number", "my_number",
				       "mynumber" };

/* ---- one number ---- */

/* A digit, full-width (U+FF10 to U+FF19) or not. Return: its bytes, 0 when it is none. */
static size_t digit(const char *s, char *out)
{
	const unsigned char *b = (const unsigned char *)s;

	if (isdigit(b[0])) {
		*out = *s;
		return 1;
	}
	if (b[0] != 0xef || b[1] != 0xbc || b[2] < 0x90 || b[2] > 0x99)
		return 0;
	*out = (char)('0' + b[2] - 0x90);
	return 3;
}

static size_t separator(const char *s)
{
	static const char *const wide[] = { "\xe3\x80\x80", "\xef\xbc\x8d", "\xe2\x80\x90",
					    "\xe2\x88\x92" };

	if (*s == ' ' || *s == '-' || *s == '\t')
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(s, wide[i], 3) == 0)
			return 3;
	return 0;
}

/* Ordinance 85 of 2014, article 5: weights 2 to 7 and 2 to 6 from the right, 11 less the rest, 0 for 10 and 11. */
static bool is_right(const char d[static REGISTER_DIGITS])
{
	int sum = 0;

	for (int n = 1; n <= 11; n++)
		sum += (d[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
	const int rest = sum % 11;

	return d[11] - '0' == (rest <= 1 ? 0 : 11 - rest);
}

static enum bad_line read_number(const char *s, char out[static REGISTER_DIGITS])
{
	uint32_t n = 0;
	char d;

	while (*s) {
		size_t len = digit(s, &d);

		if (len && n == REGISTER_DIGITS)
			return LINE_LENGTH;
		if (len)
			out[n++] = d;
		else
			len = separator(s);
		if (!len)
			return LINE_LENGTH;
		s += len;
	}
	if (n == 0)
		return LINE_EMPTY;
	if (n < REGISTER_DIGITS)
		return n >= REGISTER_DIGITS - 3 ? LINE_SHORT : LINE_LENGTH;
	return is_right(out) ? LINE_GOOD : LINE_CHECK;
}

/* ---- the column ---- */

static bool is_header(const char *cell, const char *column)
{
	if (column)
		return strcmp(cell, column) == 0;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (strcasecmp(cell, headers[i]) == 0)
			return true;
	return false;
}

struct column {
	uint32_t at;
	bool headed; /* the first row is a header */
};

static bool find_column(const struct csv *t, const char *column, struct column *out)
{
	const struct csv_row *first = t->rows;
	char number[REGISTER_DIGITS];
	char *end;

	for (uint32_t i = 0; i < first->count; i++) {
		if (is_header(first->cells[i], column)) {
			*out = (struct column){ i, true };
			return true;
		}
	}
	if (!column) {
		*out = (struct column){ 0, false };
		return first->count == 1;
	}
	const unsigned long n = strtoul(column, &end, 10);

	if (*end || n < 1 || n > CSV_COLUMNS_MAX)
		return false;
	out->at = (uint32_t)n - 1;
	out->headed = out->at < first->count &&
		      read_number(first->cells[out->at], number) != LINE_GOOD &&
		      !isdigit((unsigned char)first->cells[out->at][0]);
	explicit_bzero(number, sizeof(number));
	return true;
}

static int take_row(const struct csv_row *row, uint32_t at, struct numbers *out,
		    struct bad_lines *bad)
{
	char number[REGISTER_DIGITS];
	const enum bad_line why = read_number(at < row->count ? row->cells[at] : "", number);
	int r = 0;

	if (why == LINE_GOOD) {
		r = numbers_add(out, number);
	} else {
		bad->count++;
		bad->bad(bad->ctx, row->number, why);
	}
	explicit_bzero(number, sizeof(number));
	return r;
}

int read_numbers(const void *bytes, size_t n, const char *column, struct numbers *out,
		 struct bad_lines *bad)
{
	struct column c = { 0 };
	struct csv t;
	int r = csv_read(bytes, n, &t);

	if (r < 0)
		return r;
	if (t.count == 0 || !find_column(&t, column, &c))
		r = -ENOENT;
	for (uint32_t i = c.headed; r == 0 && i < t.count; i++)
		r = take_row(&t.rows[i], c.at, out, bad);
	for (uint32_t i = 0; i < t.count; i++)
		for (uint32_t k = 0; k < t.rows[i].count; k++)
			explicit_bzero((char *)(uintptr_t)t.rows[i].cells[k],
				       strlen(t.rows[i].cells[k]));
	csv_close(&t);
	return r;
}
