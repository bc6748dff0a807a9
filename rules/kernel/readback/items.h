/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * items: a record as a sorted list of things, each with the name it has and its contents in a form in which only what
 * somebody changed is different. Private to changes*.c and items*.c.
 */
#ifndef RULES_KERNEL_READBACK_ITEMS_H
#define RULES_KERNEL_READBACK_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/cursor.h"
#include "rules/text.h"

struct item {
	uint8_t kind;			/* enum change_kind */
	bool timed;
	uint32_t order;			/* as the record has it */
	uint32_t key_len, content_len;
	size_t key, content;		/* where in the list's bytes; the key of what stands in something begins with its key */
	uint64_t expires;		/* ms, when timed */
	uint64_t handle;		/* of a rule */
	struct cursor body;		/* borrowed; what it was read from: for words */
	uint64_t key_type;		/* of an element: the set's type of keys, as nft writes it */
};

struct items {
	struct item *list;		/* owned; sorted by kind, key, order */
	uint32_t count, room;
	struct text bytes;		/* owned */
	struct set_kind *sets;		/* owned; of this record */
	uint32_t sets_count, sets_room;
	bool failed, bad;
};

/* items_read - Return: 0; -EBADMSG; -ENOMEM. items_done in any case */
int items_read(struct items *l, const void *bytes, size_t len);
void items_done(struct items *l);

static inline const char *item_key(const struct items *l, const struct item *i)
{
	return l->bytes.bytes + i->key;
}
static inline const char *item_content(const struct items *l, const struct item *i)
{
	return l->bytes.bytes + i->content;
}

/* items_same - whether two of two lists have the same contents */
bool items_same(const struct items *a, const struct item *x, const struct items *b, const struct item *y);

/* items_order - by kind and key */
int items_order(const struct items *a, const struct item *x, const struct items *b, const struct item *y);

/* item_is_hooked - whether it is a chain that packets meet without being sent there */
bool item_is_hooked(const struct item *i);

/* item_where, item_what - words: which it is, and what it is like */
void item_where(const struct items *l, const struct item *i, char *out, size_t size);
void item_what(const struct items *l, const struct item *i, char *out, size_t size);

/* describe_rule, describe_element - what an administrator recognises it by; describe.c */
void describe_rule(struct cursor body, struct text *out);
void describe_element(struct cursor element, uint64_t key_type, struct text *out);

#endif
