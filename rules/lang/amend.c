/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/amend.h"

#include <stdlib.h>
#include <string.h>

#include "rules/near.h"

#define NEAR_SCAN_MAX 2000u /* a guess is not worth more comparisons than this */

struct named {                 /* blocks of one kind, by name and then as they stand */
	struct block **blocks; /* arena */
	uint32_t count;
};

static bool is_before(const struct block *a, const struct block *b)
{
	if (a->at.text != b->at.text)
		return a->at.text->order < b->at.text->order;
	return a->at.offset < b->at.offset;
}

static int by_name(const void *a, const void *b)
{
	const struct block *x = *(struct block *const *)a, *y = *(struct block *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : is_before(x, y) ? -1 : 1;
}

static struct named collect(struct unit *u, enum block_kind kind)
{
	struct named n = { 0 };

	for (const struct block *b = u->parse.first; b; b = b->next)
		n.count += b->kind->number == kind && b->name[0];
	if (n.count == 0)
		return n;
	n.blocks = unit_alloc(u, n.count * sizeof(*n.blocks));
	n.count = 0;
	for (struct block *b = u->parse.first; b && n.blocks; b = b->next)
		if (b->kind->number == kind && b->name[0])
			n.blocks[n.count++] = b;
	if (n.count)
		qsort(n.blocks, n.count, sizeof(*n.blocks), by_name);
	return n;
}

/* Of several permits of one name, which is an error of its own, the first. */
static struct block *find(const struct named *n, const char *name)
{
	uint32_t lo = 0, hi = n->count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (strcmp(n->blocks[mid]->name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n->count && !strcmp(n->blocks[lo]->name, name) ? n->blocks[lo] : NULL;
}

static void report_unknown(struct unit *u, const struct named *permits, const struct block *b)
{
	struct near n = near_to(b->name, strlen(b->name));

	for (uint32_t i = 0; i < permits->count && i < NEAR_SCAN_MAX; i++)
		near_try(&n, permits->blocks[i]->name);
	if (near_best(&n))
		diag_add(u->diags, MSG_AMEND_UNKNOWN_NEAR, b->at, b->name, near_best(&n));
	else
		diag_add(u->diags, MSG_AMEND_UNKNOWN, b->at, b->name);
}

static bool is_none(const struct entry *e)
{
	const struct term *t = e->items->terms;

	return !e->items->next && !t->next && !t->string && !strcmp(t->text, "none");
}

static void amend(struct unit *u, struct block *permit, struct block *b)
{
	permit->broken |= b->broken;
	permit->amended = b->at;
	for (uint32_t k = 0; k < b->kind->key_count; k++) {
		struct entry *e = b->entries[k];

		b->entries[k] = NULL;
		if (!e)
			continue;
		if (is_none(e) && !permit->entries[k])
			diag_add(u->diags, MSG_AMEND_NONE, e->at, b->name, e->key->name);
		permit->entries[k] = is_none(e) ? NULL : e;
	}
}

void amend_blocks(struct unit *u)
{
	struct named amends = collect(u, BLOCK_AMEND);
	struct named permits = amends.count ? collect(u, BLOCK_PERMIT) : (struct named){ 0 };

	for (uint32_t i = 0; i < amends.count && !unit_failed(u); i++) {
		struct block *b = amends.blocks[i], *before = i ? amends.blocks[i - 1] : NULL;
		struct block *permit = find(&permits, b->name);

		if (before && !strcmp(before->name, b->name)) {
			diag_add(u->diags, MSG_NAME_TWICE, b->at, b->name);
			diag_add(u->diags, MSG_FIRST_HERE, before->at);
		} else if (permit) {
			amend(u, permit, b);
		} else {
			report_unknown(u, &permits, b);
		}
	}
}
