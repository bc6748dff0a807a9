/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edit: a policy's texts with keys of permits changed and blocks added; every byte outside a change stays.
 *
 *	edit_open	the policy and all it includes are read
 *	edit_set	a key of a permit, as often as one likes
 *	edit_append	a whole block
 *	edit_texts	the files as they are to be: build_file_with() looks at them, save.h writes them
 *
 * A key is changed where it stands: in the file of the permit, or in the `amend` that replaces it. Files of a package
 * (any file in a folder called `presets`) are never changed: what is changed of their permits stands in an `amend` of the
 * policy's own file, and goes with it when it is taken back.
 */
#ifndef RULES_EDIT_EDIT_H
#define RULES_EDIT_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/diag.h"
#include "rules/lang/files.h"
#include "rules/lang/parse.h"
#include "rules/text.h"

struct arena;
struct edit_block;

struct edit_text {			/* a file that differs */
	const char *path;		/* borrowed from the edit */
	uint64_t device, inode;
	const char *before;		/* borrowed from the edit */
	size_t before_len;
	struct text after;		/* owned by the edit */
};

struct edit {
	struct arena *arena;		/* owned */
	struct diags diags;		/* what the parser says; with an error nothing can be changed */
	struct files files;
	struct parse parse;
	const struct source_file *main;	/* the policy's own file; NULL: it could not be read */
	struct edit_block *blocks;	/* owned; permits and amends by name */
	uint32_t blocks_count;
	struct edit_block *fresh;	/* owned; amends to be added */
	uint32_t fresh_count;
	struct text appended;		/* owned; blocks at the end of the own file */
	struct edit_text *texts;	/* owned; after edit_texts() */
	uint32_t texts_count;
};

/**
 * edit_open - read a policy to change it
 * Return: 0; -EBADMSG it has errors of spelling or cannot be read, as e->diags says; -ENOMEM. To be closed in any case.
 */
int edit_open(struct edit *e, const char *path);
void edit_close(struct edit *e);

/* edit_has - whether there is such a permit, and the name of the one most like it (NULL: none is) */
bool edit_has(const struct edit *e, const char *permit, const char **near);

/* edit_value - what is written for a key of a permit, in itself or in its amend, as it was read. Return: false nothing is */
bool edit_value(const struct edit *e, const char *permit, const char *key, struct text *out);

/**
 * edit_set - a key of a permit gets a value
 * @value: as it is written (value.h); NULL takes the key away, also when it is not there
 * Return: 0; -ENOENT no such permit or key; -EROFS only a package's amend could be changed; -ENOMEM.
 */
int edit_set(struct edit *e, const char *permit, const char *key, const char *value);

/* edit_append - add the text of a block, with its newline, at the end of the own file; 0 or -ENOMEM */
int edit_append(struct edit *e, const char *block);

/* edit_texts - fill e->texts with the files that differ; 0 or -ENOMEM */
int edit_texts(struct edit *e);

/* edit_swaps - the same for build_file_with(); malloc'd, to be freed. NULL: no memory, or nothing differs */
struct file_swap *edit_swaps(const struct edit *e);

#endif
