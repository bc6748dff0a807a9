/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intern: byte strings by number: equal strings get the number of the first of them.
 *
 *	struct text *t = intern_begin(&x);	append the bytes to it
 *	id = intern_end(&x, &fresh)->id;
 */
#ifndef RULES_PROVE_INTERN_H
#define RULES_PROVE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/text.h"

struct interned {
	size_t at, len;		/* in the pool */
	uint32_t id;		/* its place; the caller may put another number here */
};

struct intern {
	struct text pool;
	struct interned *kept;	/* owned */
	uint32_t *table;	/* owned; places in kept plus one, 0 empty; open addressing */
	uint32_t count, mask;
	size_t begun;		/* where the string being appended starts */
};

bool intern_init(struct intern *x, uint32_t room);	/* at most `room` different strings; false: no memory */
void intern_done(struct intern *x);
bool intern_failed(const struct intern *x);		/* no memory: numbers mean nothing */

struct text *intern_begin(struct intern *x);

/* intern_end - borrowed until intern_done; @fresh: it is the first of its kind */
struct interned *intern_end(struct intern *x, bool *fresh);

#endif
