/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read: the numbers of a table that another program exported. A bad line is named by its number; what stands in it is
 * never said.
 */
#ifndef TOOLS_REGISTER_READ_H
#define TOOLS_REGISTER_READ_H

#include <stddef.h>
#include <stdint.h>

struct numbers;

enum bad_line { LINE_GOOD, LINE_EMPTY, LINE_LENGTH, LINE_SHORT, LINE_CHECK };
extern const char *const bad_line_words[][2];	/* English, Japanese */

struct bad_lines {
	void (*bad)(void *ctx, uint32_t line, enum bad_line why);
	void *ctx;
	uint32_t count;			/* out */
};

/**
 * read_numbers - the numbers of one column
 * @column: its header, or its number from 1; NULL: the one whose header is a name of the number, or the only one
 * Twelve digits, full-width too, with blanks or hyphens between them, and the right check digit.
 * Return: 0, also with bad lines; -ENOENT no such column; -EILSEQ, -EBADMSG, -E2BIG, -ENOMEM: as csv_read()
 */
int read_numbers(const void *bytes, size_t n, const char *column, struct numbers *out, struct bad_lines *bad);

#endif
