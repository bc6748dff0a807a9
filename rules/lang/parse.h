/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parse: step 2 of a rule's way: tokens -> blocks. One grammar for every kind:
 *
 *	kind item, item;				include "zones.rules";	model alpha;
 *	kind name item, item;				value kikan-network 10.10.0.0/16;
 *	kind name { key item, item; key item; }		zone kikan { role mynumber; ... }
 *	item: one or several words or strings		host gyomu	 alert 20MB per hour
 *
 * A broken entry ends at its ';', a broken block at its '}' or where the next block plainly starts, and
 * parsing goes on there. What the words mean is the business of check. Nothing here recurses.
 */
#ifndef RULES_LANG_PARSE_H
#define RULES_LANG_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/diag.h"

struct files;
struct source_file;
struct key;
struct schema;

#define PARSE_BLOCKS_MAX 200000u
#define PARSE_INCLUDE_MAX 16	/* files included one by another */

struct term {				/* a word or a string */
	struct term *next;		/* arena */
	const char *text;		/* arena */
	struct location at;
	bool string;
	bool bad;			/* a message about it has been given */
};

struct item {				/* what stands between two commas */
	struct item *next;		/* arena */
	struct term *terms;		/* arena; at least one */
	struct location at;		/* all of it */
};

struct entry {				/* key item, item; */
	const struct key *key;
	struct item *items;		/* arena; at least one */
	struct location at;		/* the key's word */
	struct location all;		/* from there to its ';' */
};

struct block {
	struct block *next;		/* arena */
	const struct schema *kind;
	const char *name;		/* arena; "" when the kind has none */
	struct location at;		/* the name, or the kind's word */
	struct location all;		/* from the kind's word to its '}' or ';' */
	struct location amended;	/* of a permit: the name of what amends it; {0} nothing does */
	struct item *items;		/* arena; of `kind item;` and `value name item;` */
	struct entry **entries;		/* arena; by index of the key in its kind; NULL: not given */
	bool built_in;
	bool broken;			/* some of it could not be read: what is missing is not reported */
};

struct parse {
	struct files *files;		/* borrowed */
	struct block *first, *last;	/* arena */
	uint32_t count;
	bool failed;			/* no memory */
};

/* parse_file - append the blocks of a file and of what it includes */
void parse_file(struct parse *p, struct source_file *file, bool built_in);

#endif
