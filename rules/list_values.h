/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list_values: what a field of a record is called in the language: the reverse of rules/lang/read.
 */
#ifndef RULES_LIST_VALUES_H
#define RULES_LIST_VALUES_H

#include <stdbool.h>

#include "rules/policy.h"

struct key;

/* Takes the items of a value, one after the other; `quoted` ones are texts. */
struct list_items {
	void (*item)(struct list_items *to, const char *text, bool quoted);
	unsigned int count;		/* items so far; counted by item() */
};

/**
 * list_value - the items of one key of a record
 * @record: a record of the section that the key's kind fills
 * No item comes when the key is left out or says what holds anyway.
 */
void list_value(const struct policy *p, const struct key *key, const void *record, struct list_items *to);

#endif
