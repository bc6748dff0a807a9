/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv: tables as a Japanese spreadsheet saves and opens them (RFC 4180).
 *
 * Read: UTF-8 with or without a byte order mark, CP932, UTF-16 with a mark; comma, semicolon or tab; cells in quotes may
 * hold line ends. Written: for Excel, which needs the mark and CRLF; a cell that it would take for a formula gets a ',
 * which reading takes off again.
 */
#ifndef RULES_EDIT_CSV_H
#define RULES_EDIT_CSV_H

#include <stddef.h>
#include <stdint.h>

struct text;

#define CSV_BYTES_MAX ((size_t)64 << 20)
#define CSV_COLUMNS_MAX 100u
#define CSV_ROWS_MAX 200000u

struct csv_row {
	const char *const *cells;	/* in the table's memory; CSV_COLUMNS_MAX at most */
	uint32_t count;
	uint32_t number;		/* as a spreadsheet counts it, from 1 */
};

struct csv {
	struct csv_row *rows;		/* owned; rows without any text are left out */
	uint32_t count;
	char *bytes;			/* owned; the cells' texts */
	char **cells;			/* owned */
	uint32_t line;			/* where it went wrong */
};

/**
 * csv_read - a table
 * Return: 0; -EILSEQ no text in any of the encodings; -EBADMSG a quote that is not closed, at out->line; -E2BIG too many bytes,
 * rows or columns; -ENOMEM. To be closed only after 0.
 */
int csv_read(const void *bytes, size_t len, struct csv *out);
void csv_close(struct csv *c);

void csv_begin(struct text *out);			/* the byte order mark */
void csv_put(struct text *out, const char *cell);	/* with the separator before it, unless it is the first of its row */
void csv_end_row(struct text *out);

#endif
