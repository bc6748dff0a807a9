/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/blanks.h"

#include <errno.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/lang/files.h"
#include "rules/lang/holes.h"
#include "rules/lang/parse.h"
#include "rules/lang/schema.h"
#include "rules/text.h"

struct reading {
	struct arena *arena;
	struct files files;
	struct parse parse;
	struct blank *blanks; /* arena */
	uint32_t count;
	bool failed;
};

static const char *written(struct reading *r, const struct item *items)
{
	struct text t = { 0 };
	const char *copy;

	holes_write_items(items, &t);
	copy = arena_text(r->arena, t.bytes ? t.bytes : "", t.len);
	r->failed |= t.failed || !copy;
	text_done(&t);
	return copy;
}

static const struct entry *entry_of(const struct block *b, const char *key)
{
	const struct key *k = schema_key(b->kind, key);

	return b->entries[k - b->kind->keys];
}

static struct blank *add(struct reading *r, const char *name)
{
	struct blank *grown = arena_grow(r->arena, r->blanks, r->count, sizeof(*grown));

	if (!grown) {
		r->failed = true;
		return NULL;
	}
	r->blanks = grown;
	grown[r->count] = (struct blank){ .name = name, .label = "", .example = "" };
	return &grown[r->count++];
}

static void add_hole(struct reading *r, const struct block *b)
{
	const struct entry *label = entry_of(b, "label"), *example = entry_of(b, "example");
	struct blank *k = add(r, b->name);

	if (k && label)
		k->label = label->items->terms->text;
	if (k && example)
		k->example = written(r, example->items);
}

static void fill(struct reading *r, const struct block *b)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (strcmp(r->blanks[i].name, b->name) == 0 && b->items)
			r->blanks[i].value = written(r, b->items);
}

static int parse(const char *path, struct arena *a, struct diags *d, struct reading *r)
{
	struct source_file *file;

	*r = (struct reading){ .arena = a, .files = { .arena = a, .diags = d } };
	r->parse.files = &r->files;
	file = files_open(&r->files, path, (struct location){ 0 });
	if (file)
		parse_file(&r->parse, file, false);
	return r->parse.failed || d->failed ? -ENOMEM : 0;
}

static int hand_out(const struct reading *r, struct blank **out, uint32_t *count)
{
	*out = r->blanks;
	*count = r->count;
	return r->failed ? -ENOMEM : 0;
}

int blanks_read(const char *path, struct arena *a, struct diags *d, struct blank **out,
		uint32_t *count)
{
	struct reading r;
	int e = parse(path, a, d, &r);

	for (const struct block *b = r.parse.first; e == 0 && b; b = b->next)
		if (b->kind->number == BLOCK_HOLE && b->name[0])
			add_hole(&r, b);
	for (const struct block *b = r.parse.first; e == 0 && b; b = b->next)
		if (b->kind->number == BLOCK_VALUE)
			fill(&r, b);
	return e ? e : hand_out(&r, out, count);
}

int blanks_values(const char *path, struct arena *a, struct diags *d, struct blank **out,
		  uint32_t *count)
{
	struct reading r;
	int e = parse(path, a, d, &r);

	for (const struct block *b = r.parse.first; e == 0 && b; b = b->next) {
		struct blank *k =
			b->kind->number == BLOCK_VALUE && b->items ? add(&r, b->name) : NULL;

		if (k)
			k->value = written(&r, b->items);
	}
	return e ? e : hand_out(&r, out, count);
}
