/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * files: the texts a policy is made of: the policy itself, what it includes, ledgers and lists.
 *
 * Every text is kept until the end of the compile, so that a message can show its line. A text is UTF-8
 * without a byte order mark when it is handed out; anything else is named in a message with the mend.
 */
#ifndef RULES_LANG_FILES_H
#define RULES_LANG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/diag.h"

#define FILES_BYTES_MAX ((uint32_t)64 << 20)	/* of all files of a policy together */
#define FILES_MAX 200u				/* files of a policy */

struct arena;

struct source_file {
	struct source_text text;
	uint64_t device, inode;			/* which file it is; 0, 0 for text from memory */
	bool parsed;				/* its blocks have been taken in */
	struct source_file *next;		/* arena */
};

struct file_swap {			/* a file that is read as if it held other bytes */
	uint64_t device, inode;
	const char *bytes;			/* borrowed */
	size_t len;
};

struct files {
	struct arena *arena;			/* borrowed */
	struct diags *diags;			/* borrowed */
	struct source_file *list;		/* arena */
	uint32_t count, bytes;
	bool from_memory;			/* no file may be opened */
	const struct file_swap *swaps;		/* borrowed */
	uint32_t swaps_count;
};

/* files_memory - a text that is in memory; copied. Return: NULL after a message, or for no memory */
struct source_file *files_memory(struct files *f, const char *name, const void *bytes, size_t len);

/**
 * files_open - read a file
 * @path: "-" is standard input; relative to the folder of @from's text when that is a file
 * @from: where the path stands, for the message; {0} for the command line
 * Return: NULL after a message, or for no memory
 */
struct source_file *files_open(struct files *f, const char *path, struct location from);

#endif
