/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line_file: a list that stands in a file of its own: a word a line, '#' comments.
 */
#ifndef RULES_LANG_LINE_FILE_H
#define RULES_LANG_LINE_FILE_H

#include "rules/lang/unit.h"

/**
 * line_file_read - each word of a file
 * @path: the term of the policy that names it
 * @line: called for each word; its place is in that file
 * Return: NULL after a message, or for no memory
 */
struct source_file *line_file_read(struct unit *u, const struct term *path,
				   void (*line)(struct unit *u, const struct term *t, void *context),
				   void *context);

#endif
