/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * blanks: the holes that a policy and its presets explain, and what is filled in, without building anything.
 */
#ifndef RULES_LANG_BLANKS_H
#define RULES_LANG_BLANKS_H

#include <stdint.h>

struct arena;
struct diags;

struct blank {
	const char *name;	/* arena, as all here */
	const char *label;	/* what belongs into it */
	const char *example;	/* as it is written, "10.10.0.0/16, 10.11.0.0/16"; "" none */
	const char *value;	/* as it is written; NULL: not filled in */
};

/**
 * blanks_read - in the order of the files
 * @path: a policy text
 * @d: messages about what cannot be read
 * Return: 0; -ENOMEM. What is broken is a message, and left out.
 */
int blanks_read(const char *path, struct arena *a, struct diags *d, struct blank **out, uint32_t *count);

/* blanks_values - the `value` blocks alone, whether explained or not: name and value */
int blanks_values(const char *path, struct arena *a, struct diags *d, struct blank **out, uint32_t *count);

#endif
