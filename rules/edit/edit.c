/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/edit/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/build.h"
#include "rules/edit/block.h"
#include "rules/lang/read.h"
#include "rules/near.h"

#define NEAR_SCAN_MAX 2000u

struct edit_block {
	const struct block *block; /* borrowed; NULL: an amend that is to be added */
	const char *name;          /* borrowed */
	struct text bytes;         /* owned; as it is to be; empty: as it stands */
};

/* --- blocks by name ---------------------------------------------------------------------------- */

static bool is_amend(const struct edit_block *b)
{
	return b->block->kind->number == BLOCK_AMEND;
}

/* By name, the permit before what amends it, and as they stand. */
static int by_name(const void *a, const void *b)
{
	const struct edit_block *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	if (is_amend(x) != is_amend(y))
		return is_amend(x) ? 1 : -1;
	if (x->block->at.text != y->block->at.text)
		return x->block->at.text->order < y->block->at.text->order ? -1 : 1;
	return x->block->at.offset < y->block->at.offset ? -1 : 1;
}

static bool is_editable(const struct block *b)
{
	return (b->kind->number == BLOCK_PERMIT || b->kind->number == BLOCK_AMEND) && b->name[0];
}

static int index_blocks(struct edit *e)
{
	uint32_t n = 0;

	for (const struct block *b = e->parse.first; b; b = b->next)
		n += is_editable(b);
	e->blocks = calloc(n + 1, sizeof(*e->blocks));
	if (!e->blocks)
		return -ENOMEM;
	for (const struct block *b = e->parse.first; b; b = b->next)
		if (is_editable(b))
			e->blocks[e->blocks_count++] =
				(struct edit_block){ .block = b, .name = b->name };
	qsort(e->blocks, e->blocks_count, sizeof(*e->blocks), by_name);
	return 0;
}

/* The first of that name, or NULL. */
static struct edit_block *first_named(const struct edit *e, const char *name)
{
	uint32_t lo = 0, hi = e->blocks_count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (strcmp(e->blocks[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < e->blocks_count && !strcmp(e->blocks[lo].name, name) ? &e->blocks[lo] : NULL;
}

/* A permit and what amends it; either may be NULL. */
struct target {
	struct edit_block *permit, *amend;
};

static struct target target_of(const struct edit *e, const char *name)
{
	struct target t = { 0 };

	for (struct edit_block *b = first_named(e, name);
	     b && b < e->blocks + e->blocks_count && !strcmp(b->name, name); b++) {
		if (!is_amend(b) && !t.permit)
			t.permit = b;
		if (is_amend(b) && !t.amend)
			t.amend = b;
	}
	return t;
}

/* --- opening ----------------------------------------------------------------------------------- */

int edit_open(struct edit *e, const char *path)
{
	*e = (struct edit){ .arena = arena_new(BUILD_MEMORY_MAX) };
	if (!e->arena)
		return -ENOMEM;
	e->diags.arena = e->arena;
	e->files = (struct files){ .arena = e->arena, .diags = &e->diags };
	e->parse.files = &e->files;
	struct source_file *file = files_open(&e->files, path, (struct location){ 0 });

	if (file)
		parse_file(&e->parse, file, false);
	e->main = file;
	if (e->parse.failed || e->diags.failed || (!file && !e->diags.errors))
		return -ENOMEM;
	if (e->diags.errors)
		return -EBADMSG;
	return index_blocks(e);
}

static void free_texts(struct edit *e)
{
	for (uint32_t i = 0; i < e->texts_count; i++)
		text_done(&e->texts[i].after);
	free(e->texts);
	e->texts = NULL;
	e->texts_count = 0;
}

void edit_close(struct edit *e)
{
	for (uint32_t i = 0; i < e->blocks_count; i++)
		text_done(&e->blocks[i].bytes);
	for (uint32_t i = 0; i < e->fresh_count; i++)
		text_done(&e->fresh[i].bytes);
	free(e->blocks);
	free(e->fresh);
	free_texts(e);
	text_done(&e->appended);
	arena_free(e->arena);
	*e = (struct edit){ 0 };
}

bool edit_has(const struct edit *e, const char *permit, const char **near)
{
	struct near n = near_to(permit, strlen(permit));

	*near = NULL;
	if (target_of(e, permit).permit)
		return true;
	for (uint32_t i = 0; i < e->blocks_count && i < NEAR_SCAN_MAX; i++)
		if (!is_amend(&e->blocks[i]))
			near_try(&n, e->blocks[i].name);
	*near = near_best(&n);
	return false;
}

/* --- one key ----------------------------------------------------------------------------------- */

/* Files that an update of the package replaces: what is changed there would be lost. */
static bool is_packaged(const struct source_text *text)
{
	const char *slash = strrchr(text->name, '/'), *folder = slash;

	if (!slash)
		return false;
	while (folder > text->name && folder[-1] != '/')
		folder--;
	return slash - folder == 7 && !memcmp(folder, "presets", 7);
}

static const struct entry *entry_of(const struct edit_block *b, const char *key)
{
	return b && b->block ? read_entry(b->block, key) : NULL;
}

static bool is_none(const struct entry *e)
{
	const struct term *t = e->items->terms;

	return !e->items->next && !t->next && !t->string && !strcmp(t->text, "none");
}

bool edit_value(const struct edit *e, const char *permit, const char *key, struct text *out)
{
	struct target t = target_of(e, permit);
	const struct entry *entry = entry_of(t.amend, key);

	if (!entry)
		entry = entry_of(t.permit, key);
	else if (is_none(entry))
		return false;
	if (!entry)
		return false;
	const struct item *last = entry->items;

	while (last->next)
		last = last->next;
	text_add(out, last->at.text->bytes + entry->items->at.offset,
		 last->at.offset + last->at.length - entry->items->at.offset);
	return true;
}

/* The key of a block; a changed block is read anew with each change. */
static int change_bytes(struct edit_block *b, const char *before, size_t len, const char *key,
			const char *value)
{
	struct arena *scratch = arena_new(BUILD_MEMORY_MAX);
	struct text changed = { 0 };
	const char *now = b->bytes.len ? b->bytes.bytes : before;
	int r = scratch ? block_set(scratch, now, b->bytes.len ? b->bytes.len : len, key, value,
				    &changed)
			: -ENOMEM;

	arena_free(scratch);
	if (r == -ENOENT && !value) /* taken away before */
		r = 0;
	if (r == 0 && changed.len) {
		text_done(&b->bytes);
		b->bytes = changed;
		return 0;
	}
	text_done(&changed);
	return r;
}

static int change_block(struct edit_block *b, const char *key, const char *value)
{
	const struct location all = b->block->all;

	return change_bytes(b, all.text->bytes + all.offset, all.length, key, value);
}

static struct edit_block *fresh_named(const struct edit *e, const char *name)
{
	for (uint32_t i = e->fresh_count; i-- > 0;)
		if (!strcmp(e->fresh[i].name, name))
			return &e->fresh[i];
	return NULL;
}

/* An amend for a permit of a package that has none yet. */
static int change_fresh(struct edit *e, const char *name, const char *key, const char *value)
{
	struct edit_block *b = fresh_named(e, name);

	if (b)
		return change_bytes(b, "", 0, key, value);
	b = realloc(e->fresh, (e->fresh_count + 1) * sizeof(*b));
	if (!b)
		return -ENOMEM;
	e->fresh = b;
	b += e->fresh_count++;
	*b = (struct edit_block){ .name = name };
	text_printf(&b->bytes, "amend %s {\n\t%s %s;\n}", name, key, value);
	return b->bytes.failed ? -ENOMEM : 0;
}

static bool is_ours(const struct edit *e, const struct edit_block *b)
{
	return b->block->at.text == &e->main->text || !is_packaged(b->block->at.text);
}

/* What replaces the permit's own: an amend that is there, or a new one. */
static int change_amend(struct edit *e, struct target t, const char *key, const char *value)
{
	if (!t.amend)
		return change_fresh(e, t.permit->name, key, value);
	return is_ours(e, t.amend) ? change_block(t.amend, key, value) : -EROFS;
}

static int give(struct edit *e, struct target t, const char *key, const char *value)
{
	if (!entry_of(t.amend, key) && is_ours(e, t.permit))
		return change_block(t.permit, key, value);
	return change_amend(e, t, key, value);
}

/* Whether a block has the key, or may have got it by an earlier wish. */
static bool may_say(const struct edit_block *b, const char *key)
{
	return b && (b->bytes.len || entry_of(b, key));
}

static int take_away(struct edit *e, struct target t, const char *key)
{
	bool ours = is_ours(e, t.permit);
	int r = 0;

	if (entry_of(t.permit, key) && !ours)
		return change_amend(e, t, key, "none");
	if (may_say(t.amend, key))
		r = change_amend(e, t, key, NULL);
	if (r == 0 && ours && may_say(t.permit, key))
		r = change_block(t.permit, key, NULL);
	return r;
}

int edit_set(struct edit *e, const char *permit, const char *key, const char *value)
{
	struct target t = target_of(e, permit);

	if (!t.permit || !schema_key(t.permit->block->kind, key))
		return -ENOENT;
	return value ? give(e, t, key, value) : take_away(e, t, key);
}

int edit_append(struct edit *e, const char *block)
{
	if (e->appended.len)
		text_putc(&e->appended, '\n');
	text_puts(&e->appended, block);
	return e->appended.failed ? -ENOMEM : 0;
}

/* --- the files --------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct location x = (*(struct edit_block *const *)a)->block->all;
	const struct location y = (*(struct edit_block *const *)b)->block->all;

	if (x.text != y.text)
		return x.text->order < y.text->order ? -1 : 1;
	return x.offset < y.offset ? -1 : 1;
}

/* The blocks that were changed, as they stand. Return: NULL for no memory */
static struct edit_block **changed_blocks(const struct edit *e, uint32_t *count)
{
	struct edit_block **list = malloc((e->blocks_count + 1) * sizeof(struct edit_block *));

	*count = 0;
	for (uint32_t i = 0; list && i < e->blocks_count; i++)
		if (e->blocks[i].bytes.len)
			list[(*count)++] = &e->blocks[i];
	if (list && *count)
		qsort(list, *count, sizeof(*list), by_place);
	return list;
}

/* Whether nothing stands between its braces. */
static bool is_empty(const struct edit_block *b)
{
	const char *inside = b->bytes.bytes ? strchr(b->bytes.bytes, '{') : NULL;

	return inside && inside[1 + strspn(inside + 1, " \t\r\n")] == '}';
}

/* An amend that says nothing any more goes, with its line and the empty line that set it apart. */
static struct location without_amend(struct location all)
{
	const char *s = all.text->bytes;
	uint32_t from = all.offset, to = all.offset + all.length;

	if (from > 0 && s[from - 1] != '\n')
		return all;
	if (to < all.text->len && s[to] == '\n')
		to++;
	else if (to < all.text->len)
		return all;
	if (from > 1 && s[from - 2] == '\n')
		from--;
	return location_at(all.text, from, to - from);
}

static const struct source_file *file_of(const struct edit *e, const struct source_text *text)
{
	const struct source_file *f = e->files.list;

	while (&f->text != text)
		f = f->next;
	return f;
}

static struct edit_text *new_text(struct edit *e, const struct source_text *text)
{
	const struct source_file *file = file_of(e, text);
	struct edit_text *t = &e->texts[e->texts_count++];

	*t = (struct edit_text){ .path = text->name,
				 .device = file->device,
				 .inode = file->inode,
				 .before = text->bytes,
				 .before_len = text->len };
	return t;
}

/* The file with its changed blocks; `list` begins with the first of them. Return: how many they were */
static uint32_t write_blocks(struct edit *e, struct edit_block *const *list, uint32_t count)
{
	const struct source_text *text = list[0]->block->all.text;
	struct edit_text *t = new_text(e, text);
	uint32_t at = 0, i;

	for (i = 0; i < count && list[i]->block->all.text == text; i++) {
		bool gone = is_amend(list[i]) && is_empty(list[i]);
		struct location all = list[i]->block->all;

		if (gone)
			all = without_amend(all);
		if (all.offset < at) { /* the empty line went with the one before */
			all.length -= at - all.offset;
			all.offset = at;
		}
		text_add(&t->after, text->bytes + at, all.offset - at);
		if (!gone)
			text_add(&t->after, list[i]->bytes.bytes, list[i]->bytes.len);
		at = all.offset + all.length;
	}
	text_add(&t->after, text->bytes + at, text->len - at);
	return i;
}

/* The own file among those that differ, added unchanged when it is not. */
static struct edit_text *own_text(struct edit *e)
{
	for (uint32_t i = 0; i < e->texts_count; i++)
		if (e->texts[i].before == e->main->text.bytes)
			return &e->texts[i];
	struct edit_text *t = new_text(e, &e->main->text);

	text_add(&t->after, t->before, t->before_len);
	return t;
}

/* Behind an empty line, with the ends of lines that the file has. */
static void append_to(struct edit_text *t, const struct text *block)
{
	const char *first = memchr(t->before, '\n', t->before_len);
	bool crlf = first && first > t->before && first[-1] == '\r';
	struct text *out = &t->after;

	if (out->len && out->bytes[out->len - 1] != '\n')
		text_puts(out, crlf ? "\r\n" : "\n");
	if (out->len)
		text_puts(out, crlf ? "\r\n" : "\n");
	for (size_t i = 0; i < block->len; i++) {
		if (crlf && block->bytes[i] == '\n')
			text_putc(out, '\r');
		text_putc(out, block->bytes[i]);
	}
}

static int append_fresh(struct edit *e)
{
	for (uint32_t i = 0; i < e->fresh_count; i++) {
		struct text *bytes = &e->fresh[i].bytes;

		text_putc(bytes, '\n');
		if (bytes->failed || edit_append(e, bytes->bytes) < 0)
			return -ENOMEM;
		text_done(bytes);
	}
	free(e->fresh);
	e->fresh = NULL;
	e->fresh_count = 0;
	return 0;
}

int edit_texts(struct edit *e)
{
	uint32_t count;
	struct edit_block **list = changed_blocks(e, &count);
	int r = list ? append_fresh(e) : -ENOMEM;

	free_texts(e);
	e->texts = calloc((size_t)e->files.count + 1, sizeof(*e->texts));
	if (!e->texts)
		r = -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < count;)
		i += write_blocks(e, list + i, count - i);
	if (r == 0 && e->appended.len)
		append_to(own_text(e), &e->appended);
	for (uint32_t i = 0; r == 0 && i < e->texts_count; i++)
		if (e->texts[i].after.failed)
			r = -ENOMEM;
	free(list);
	return r;
}

struct file_swap *edit_swaps(const struct edit *e)
{
	struct file_swap *swaps = e->texts_count ? calloc(e->texts_count, sizeof(*swaps)) : NULL;

	for (uint32_t i = 0; swaps && i < e->texts_count; i++) {
		const struct edit_text *t = &e->texts[i];

		swaps[i] = (struct file_swap){ t->device, t->inode,
					       t->after.bytes ? t->after.bytes : "", t->after.len };
	}
	return swaps;
}
