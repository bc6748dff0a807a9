/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/build.h"

#include <errno.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/lang/amend.h"
#include "rules/lang/built_in.h"
#include "rules/lang/check.h"
#include "rules/lang/compact.h"
#include "rules/lang/compile.h"
#include "rules/lang/holes.h"
#include "rules/lang/tables.h"
#include "rules/lang/unit.h"

static const struct location *places(struct unit *u, enum unit_table table)
{
	const struct table *t = &u->tables[table];
	struct location *at = unit_alloc(u, (t->count + 1) * sizeof(*at));

	for (uint32_t i = 0; at && i < t->count; i++)
		if (!t->blocks[i]->built_in)
			at[i] = t->blocks[i]->at;
	return at;
}

/* Hosts drawn from a ledger follow those that have blocks; their place is nowhere. */
static const struct location *host_places(struct unit *u)
{
	const struct table *t = &u->tables[TABLE_HOSTS];
	struct location *at = unit_alloc(u, ((size_t)u->draft.hosts_count + 1) * sizeof(*at));

	for (uint32_t i = 0; at && i < t->count && i < u->draft.hosts_count; i++)
		if (!t->blocks[i]->built_in)
			at[i] = t->blocks[i]->at;
	return at;
}

/* Places were noted in the order of reading. */
static const struct location *app_places(struct unit *u)
{
	struct location *at = unit_alloc(u, ((size_t)u->draft.apps_count + 1) * sizeof(*at));

	for (uint32_t i = 0; at && i < u->draft.apps_count; i++)
		at[u->apps_now[i]] = u->app_places[i];
	return at;
}

static void hand_out(struct unit *u, struct build *b)
{
	b->statements_at = places(u, TABLE_STATEMENTS);
	b->disabled_at = places(u, TABLE_DISABLED);
	b->zones_at = places(u, TABLE_ZONES);
	b->hosts_at = host_places(u);
	b->apps_at = app_places(u);
	b->asserts_at = places(u, TABLE_ASSERTIONS);
	b->accepts_at = places(u, TABLE_ACCEPTS);
	b->policy.model = u->model;
	b->model_at = u->model_at;
	draft_finish(&u->draft, &b->policy);
	diag_sort(&b->diags);
	b->ok = b->diags.errors == 0;
}

static void compile(struct unit *u, struct source_file *file)
{
	struct source_file *own =
		files_memory(&u->files, "<built in>", built_in_text, strlen(built_in_text));

	if (own)
		parse_file(&u->parse, own, true);
	if (file)
		parse_file(&u->parse, file, false);
	if (!file || unit_failed(u))
		return;
	amend_blocks(u);
	holes_fill(u);
	tables_build(u);
	if (!unit_failed(u))
		check_unit(u);
	if (!unit_failed(u) && u->diags->errors == 0)
		compile_unit(u);
	if (!unit_failed(u) && u->diags->errors == 0)
		compact_draft(&u->draft, u->apps_now);
}

/* Where the text comes from. */
struct origin {
	const char *path; /* NULL: from memory */
	const struct file_swap *swaps;
	uint32_t swaps_count;
	const char *name;
	const void *bytes;
	size_t len;
};

static struct source_file *open_origin(struct files *f, const struct origin *o)
{
	if (o->path)
		return files_open(f, o->path, (struct location){ 0 });
	return files_memory(f, o->name, o->bytes, o->len);
}

static int build(const struct origin *o, size_t memory, struct build *b)
{
	struct unit u = { 0 };

	*b = (struct build){ .arena = arena_new(memory) };
	if (!b->arena)
		return -ENOMEM;
	b->diags.arena = u.arena = b->arena;
	u.diags = &b->diags;
	u.files = (struct files){ .arena = b->arena,
				  .diags = u.diags,
				  .from_memory = !o->path,
				  .swaps = o->swaps,
				  .swaps_count = o->swaps_count };
	u.parse.files = &u.files;
	for (uint32_t i = 0; i < POLICY_APPS_MAX; i++)
		u.apps_now[i] = i;
	if (draft_init(&u.draft, b->arena)) {
		struct source_file *file = open_origin(&u.files, o);

		b->unreadable = u.files.count == 0;
		compile(&u, file);
	}
	if (!unit_failed(&u))
		hand_out(&u, b);
	if (!unit_failed(&u))
		return 0;
	build_done(b);
	return -ENOMEM;
}

int build_file(const char *path, struct build *b)
{
	return build(&(struct origin){ .path = path }, BUILD_MEMORY_MAX, b);
}

int build_file_with(const char *path, const struct file_swap *swaps, uint32_t count,
		    struct build *b)
{
	return build(&(struct origin){ .path = path, .swaps = swaps, .swaps_count = count },
		     BUILD_MEMORY_MAX, b);
}

int build_bytes(const char *name, const void *bytes, size_t len, struct build *b)
{
	return build(&(struct origin){ .name = name, .bytes = bytes, .len = len }, BUILD_MEMORY_MAX,
		     b);
}

int build_bytes_within(const char *name, const void *bytes, size_t len, size_t memory,
		       struct build *b)
{
	return build(&(struct origin){ .name = name, .bytes = bytes, .len = len }, memory, b);
}

void build_done(struct build *b)
{
	arena_free(b->arena);
	*b = (struct build){ 0 };
}
