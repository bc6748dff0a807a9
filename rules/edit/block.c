/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/edit/block.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "rules/lang/files.h"
#include "rules/lang/parse.h"
#include "rules/lang/schema.h"
#include "rules/text.h"

struct bytes {
	const char *at;
	uint32_t len;
};

/* Bytes from `from` to `to` give way to others. */
struct change {
	uint32_t from, to;
};

static const struct block *read_block(struct arena *arena, struct bytes b)
{
	struct diags diags = { .arena = arena };
	struct files files = { .arena = arena, .diags = &diags, .from_memory = true };
	struct parse parse = { .files = &files };
	struct source_file *file = files_memory(&files, "", b.at, b.len);

	if (file)
		parse_file(&parse, file, false);
	if (!file || parse.failed || diags.errors || parse.count != 1 ||
	    parse.first->kind->form != FORM_BLOCK)
		return NULL;
	return parse.first;
}

/* --- lines ------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where the blanks before `at` begin. */
static uint32_t blanks_before(struct bytes b, uint32_t at)
{
	while (at > 0 && is_blank(b.at[at - 1]))
		at--;
	return at;
}

static uint32_t blanks_after(struct bytes b, uint32_t at)
{
	while (at < b.len && is_blank(b.at[at]))
		at++;
	return at;
}

static bool begins_line(struct bytes b, uint32_t at)
{
	at = blanks_before(b, at);
	return at > 0 && b.at[at - 1] == '\n';
}

/* The length of the line's end at `at`: "\n" or "\r\n"; 0 there is none. */
static uint32_t line_end(struct bytes b, uint32_t at)
{
	if (at < b.len && b.at[at] == '\n')
		return 1;
	return at + 1 < b.len && b.at[at] == '\r' && b.at[at + 1] == '\n' ? 2 : 0;
}

/* --- taking away ------------------------------------------------------------------------------- */

static struct change without(struct bytes b, const struct entry *e)
{
	uint32_t from = e->all.offset, to = from + e->all.length, after = blanks_after(b, to);

	if (begins_line(b, from) && line_end(b, after))
		return (struct change){ blanks_before(b, from), after + line_end(b, after) };
	if (begins_line(b, from)) /* something follows: it moves to where this began */
		return (struct change){ from, after };
	return (struct change){ blanks_before(b, from), to };
}

/* --- adding ------------------------------------------------------------------------------------ */

/* The entry that a new one follows: the nearest before it in the order in which keys are explained. */
static const struct entry *neighbour(const struct block *block, uint32_t key)
{
	const struct entry *last = NULL;

	for (uint32_t k = key; k > 0; k--)
		if (block->entries[k - 1])
			return block->entries[k - 1];
	for (uint32_t k = 0; k < block->kind->key_count; k++)
		if (block->entries[k] && (!last || block->entries[k]->at.offset > last->at.offset))
			last = block->entries[k];
	return last;
}

/* The comment that follows on the same line is the neighbour's. */
static uint32_t end_of_comment(struct bytes b, uint32_t at)
{
	const char *end;

	if (at == b.len || b.at[at] != '#')
		return at;
	end = memchr(b.at + at, '\n', b.len - at);
	at = end ? (uint32_t)(end - b.at) : b.len;
	return at > 0 && b.at[at - 1] == '\r' ? at - 1 : at;
}

/* Return: where the new entry goes; *own_line whether it gets a line of its own. */
static uint32_t place_after(struct bytes b, const struct entry *e, bool *own_line)
{
	uint32_t end = e->all.offset + e->all.length;
	uint32_t after = end_of_comment(b, blanks_after(b, end));

	*own_line = line_end(b, after) > 0;
	return *own_line ? after : end;
}

static uint32_t after_brace(struct bytes b, const struct block *block)
{
	const char *brace = memchr(b.at + block->at.offset, '{', b.len - block->at.offset);

	return brace ? (uint32_t)(brace - b.at) + 1 : b.len;
}

/* The blanks with which the line of `at` begins. */
static struct bytes indent_of(struct bytes b, uint32_t at)
{
	uint32_t from = at, to;

	while (from > 0 && b.at[from - 1] != '\n')
		from--;
	to = blanks_after(b, from);
	return (struct bytes){ b.at + from, (to < at ? to : at) - from };
}

static void add_entry(struct bytes b, const struct block *block, uint32_t key, const char *value,
		      struct text *out)
{
	const struct entry *e = neighbour(block, key);
	bool own_line = false;
	uint32_t at = e ? place_after(b, e, &own_line) : after_brace(b, block);

	text_add(out, b.at, at);
	if (own_line) {
		struct bytes indent = indent_of(b, e->at.offset);

		text_add(out, b.at + at, line_end(b, at));
		if (begins_line(b, e->at.offset) || indent.len)
			text_add(out, indent.at, indent.len);
		else
			text_putc(out, '\t');
	} else {
		text_putc(out, ' ');
	}
	text_printf(out, "%s %s;", block->kind->keys[key].name, value);
	text_add(out, b.at + at, b.len - at);
}

/* --- the change -------------------------------------------------------------------------------- */

static struct change items_of(const struct entry *e)
{
	const struct item *last = e->items;

	while (last->next)
		last = last->next;
	return (struct change){ e->items->at.offset, last->at.offset + last->at.length };
}

int block_set(struct arena *scratch, const char *block, size_t len, const char *key,
	      const char *value, struct text *out)
{
	struct bytes b = { block, (uint32_t)len };
	const struct block *read = read_block(scratch, b);
	const struct key *k = read ? schema_key(read->kind, key) : NULL;

	if (!k)
		return read ? -ENOENT : -EBADMSG;
	const struct entry *e = read->entries[k - read->kind->keys];

	if (!e && !value)
		return -ENOENT;
	if (!e) {
		add_entry(b, read, (uint32_t)(k - read->kind->keys), value, out);
	} else {
		struct change c = value ? items_of(e) : without(b, e);

		text_add(out, b.at, c.from);
		text_puts(out, value ? value : "");
		text_add(out, b.at + c.to, b.len - c.to);
	}
	return out->failed ? -ENOMEM : 0;
}
