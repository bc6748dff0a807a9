/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/tables.h"

#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/lang/read.h"
#include "rules/near.h"
#include "rules/policy.h"

#define NAME_MAX_LENGTH 24 /* zones name the kernel's chains, two of them and a number each */
#define NEAR_ERRORS_MAX 100u
#define NEAR_SCAN_MAX 2000u /* a guess is not worth more comparisons than this */

enum unit_table tables_of(enum block_kind kind)
{
	static const uint8_t of[BLOCK_KIND_COUNT] = {
		[BLOCK_MODEL] = TABLE_NONE,          [BLOCK_INCLUDE] = TABLE_NONE,
		[BLOCK_VALUE] = TABLE_NONE,          [BLOCK_HOLE] = TABLE_NONE,
		[BLOCK_ZONE] = TABLE_ZONES,          [BLOCK_HOST] = TABLE_HOSTS,
		[BLOCK_GROUP] = TABLE_GROUPS,        [BLOCK_SITE] = TABLE_SITES,
		[BLOCK_SERVICE] = TABLE_SERVICES,    [BLOCK_WINDOW] = TABLE_WINDOWS,
		[BLOCK_PROFILE] = TABLE_PROFILES,    [BLOCK_PERMIT] = TABLE_STATEMENTS,
		[BLOCK_AMEND] = TABLE_NONE,          [BLOCK_DENY] = TABLE_STATEMENTS,
		[BLOCK_CROSSING] = TABLE_STATEMENTS, [BLOCK_ACCEPT] = TABLE_ACCEPTS,
		[BLOCK_FEED] = TABLE_FEEDS,          [BLOCK_ASSERT] = TABLE_ASSERTIONS,
		[BLOCK_TRANSLATE] = TABLE_NONE,      [BLOCK_PORT] = TABLE_NONE,
		[BLOCK_EMERGENCY] = TABLE_NONE,
	};

	return of[kind];
}

static void lower_case(char *to, const char *from, size_t size)
{
	size_t i = 0;

	for (; from[i] && i + 1 < size; i++) {
		char c = from[i];

		to[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c == '_' ? '-' : c);
	}
	to[i] = '\0';
}

/* [a-z][a-z0-9-]* of at most 24 characters; reports what is wrong with it. */
static bool good_name(struct unit *u, const struct block *b)
{
	const char *n = b->name;
	char mended[NAME_MAX_LENGTH + 1];

	lower_case(mended, n, sizeof(mended));
	if (strlen(n) > NAME_MAX_LENGTH) {
		diag_add(u->diags, MSG_NAME_LONG, b->at, n, diag_number(u->diags, NAME_MAX_LENGTH));
		return false;
	}
	if (n[0] >= '0' && n[0] <= '9') {
		diag_add(u->diags, MSG_NAME_DIGIT, b->at, n);
		return false;
	}
	bool fine = mended[0] >= 'a' && mended[0] <= 'z';

	for (const char *p = mended; *p; p++)
		fine &= (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-';
	if (!fine)
		diag_add(u->diags, MSG_NAME_CHARACTERS, b->at, n);
	else if (strcmp(n, mended) != 0)
		diag_add(u->diags, MSG_NAME_MENDED, b->at, n, mended);
	return fine && !strcmp(n, mended);
}

static bool is_box_zone(const struct block *b)
{
	return b->built_in && b->kind->number == BLOCK_ZONE;
}

/* By name; the zone of the appliance last; of equal names the built-in first, then as they stand. */
static int by_name(const void *a, const void *b)
{
	const struct block *x = *(struct block *const *)a, *y = *(struct block *const *)b;

	if (is_box_zone(x) != is_box_zone(y))
		return is_box_zone(x) ? 1 : -1;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	if (x->built_in != y->built_in)
		return x->built_in ? -1 : 1;
	if (x->at.text->order != y->at.text->order)
		return x->at.text->order < y->at.text->order ? -1 : 1;
	return x->at.offset < y->at.offset ? -1 : 1;
}

static void report_twice(struct unit *u, const struct block *first, const struct block *b)
{
	if (first->built_in) {
		diag_add(u->diags, MSG_NAME_BUILT_IN, b->at, b->kind->name, b->name);
		return;
	}
	diag_add(u->diags, MSG_NAME_TWICE, b->at, b->name);
	diag_add(u->diags, MSG_FIRST_HERE, first->at);
}

/* Repeated names leave one block each: the first. */
static void drop_repeated(struct unit *u, struct table *t)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		if (kept && !strcmp(t->blocks[kept - 1]->name, t->blocks[i]->name))
			report_twice(u, t->blocks[kept - 1], t->blocks[i]);
		else
			t->blocks[kept++] = t->blocks[i];
	}
	t->count = kept;
}

/* The zone of the appliance is not beside its namesake in the sorted table. */
static void check_box_name(struct unit *u, struct table *t)
{
	const struct block *box = t->blocks[t->count - 1];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		if (t->blocks[i] != box && !strcmp(t->blocks[i]->name, box->name))
			report_twice(u, box, t->blocks[i]);
		else
			t->blocks[kept++] = t->blocks[i];
	}
	t->count = kept;
}

/* Permits share their names with other statements, in force or not. */
static void check_disabled_names(struct unit *u)
{
	struct table *t = &u->tables[TABLE_DISABLED];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t other = tables_find(u, TABLE_STATEMENTS, t->blocks[i]->name);

		if (other == POLICY_NONE)
			t->blocks[kept++] = t->blocks[i];
		else
			report_twice(u, u->tables[TABLE_STATEMENTS].blocks[other], t->blocks[i]);
	}
	t->count = kept;
}

static enum unit_table table_of(const struct block *b)
{
	bool disabled = b->kind->number == BLOCK_PERMIT && read_entry(b, "disabled");

	return disabled ? TABLE_DISABLED : tables_of(b->kind->number);
}

static void add_block(struct unit *u, struct block *b)
{
	enum unit_table number = table_of(b);
	struct table *t = &u->tables[number];

	if (number == TABLE_NONE)
		return;
	if (!b->broken && !good_name(u, b))
		b->broken = true;
	struct block **p = arena_grow(u->arena, t->blocks, t->count, sizeof(struct block *));

	if (!p) {
		u->failed = true;
		return;
	}
	t->blocks = p;
	p[t->count++] = b;
}

void tables_build(struct unit *u)
{
	for (struct block *b = u->parse.first; b && !u->failed; b = b->next)
		if (b->name[0])
			add_block(u, b);
	for (size_t i = 0; i < TABLE_COUNT && !u->failed; i++) {
		struct table *t = &u->tables[i];

		if (t->count == 0)
			continue;
		qsort(t->blocks, t->count, sizeof(struct block *), by_name);
		drop_repeated(u, t);
		if (i == TABLE_ZONES)
			check_box_name(u, t);
		if (i == TABLE_DISABLED)
			check_disabled_names(u);
	}
}

uint32_t tables_find(const struct unit *u, enum unit_table table, const char *name)
{
	const struct table *t = &u->tables[table];
	uint32_t lo = 0, hi = t->count;

	if (table == TABLE_ZONES && hi && !strcmp(t->blocks[hi - 1]->name, name))
		return hi - 1; /* the box, beyond the order of names */
	hi -= table == TABLE_ZONES && hi;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int order = strcmp(t->blocks[mid]->name, name);

		if (order == 0)
			return mid;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return POLICY_NONE;
}

const char *tables_near(const struct unit *u, enum unit_table table, const char *name)
{
	const struct table *t = &u->tables[table];
	struct near n = near_to(name, strlen(name));

	if (u->diags->errors > NEAR_ERRORS_MAX)
		return NULL;
	for (uint32_t i = 0; i < t->count && i < NEAR_SCAN_MAX; i++)
		near_try(&n, t->blocks[i]->name);
	return near_best(&n);
}
