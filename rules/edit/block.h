/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block: one block of a policy text with one key set or taken away, and nothing else touched.
 *
 *	permit web {
 *		from zone net; to zone cloud;	# behind the proxy
 *		until 2027-03-31;		<- set: only the value changes
 *						<- a new key: a line of its own, indented as its neighbour's, or
 *	}					   beside it where they share a line
 *
 * A key that is taken away goes with its line when it stands alone on it; a comment always stays.
 */
#ifndef RULES_EDIT_BLOCK_H
#define RULES_EDIT_BLOCK_H

#include <stddef.h>

struct arena;
struct text;

/**
 * block_set - give a key a value
 * @block: from the kind's word to its '}', as the parser found it (struct block, all); it has no error
 * @value: as it is written, quotes and all; NULL takes the key away
 * @scratch: memory for reading the block
 * Appends the changed block to @out. Return: 0; -ENOENT no such key in such a block, or it is not there to be taken
 * away; -EBADMSG it is no block; -ENOMEM.
 */
int block_set(struct arena *scratch, const char *block, size_t len, const char *key, const char *value,
	      struct text *out);

#endif
