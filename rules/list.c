/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/list.h"

#include <stdbool.h>
#include <string.h>

#include "rules/json.h"
#include "rules/lang/schema.h"
#include "rules/list_values.h"
#include "rules/text.h"
#include "rules/utf8.h"

#define LINE_COLUMNS 100 /* a block that fits stands on one line */

bool list_is_built_in(const char *kind, const char *name)
{
	static const char *const built_in[][2] = {
		{ "zone", "box" },       { "host", "box" },        { "service", "any" },
		{ "profile", "strict" }, { "profile", "observe" },
	};

	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (!strcmp(built_in[i][0], kind) && !strcmp(built_in[i][1], name))
			return true;
	return false;
}

/* --- records in order -------------------------------------------------------------------------- */

/* X(kind, section): as they stand in a list; a statement's kind is its own, disabled permits follow. */
#define PARTS(X) \
	X(ZONE, zones) \
	X(HOST, hosts) \
	X(GROUP, groups) \
	X(SITE, sites) \
	X(SERVICE, services) \
	X(WINDOW, windows) \
	X(PROFILE, profiles) \
	X(FEED, feeds) \
	X(PERMIT, statements) \
	X(PERMIT, disabled) \
	X(ACCEPT, accepts) \
	X(ASSERT, assertions)

typedef void block_writer(const struct policy *p, enum block_kind kind, const void *record,
			  void *to);

static void each_block(const struct policy *p, block_writer *write, void *to)
{
#define PART_(KIND, section) \
	for (uint32_t i = 0; i < p->section##_count; i++) \
		write(p, BLOCK_##KIND, &p->section[i], to);
	PARTS(PART_)
#undef PART_
}

static const struct schema *schema_of(enum block_kind kind, const void *record)
{
	static const enum block_kind of[] = {
		[STATEMENT_PERMIT] = BLOCK_PERMIT,
		[STATEMENT_DENY] = BLOCK_DENY,
		[STATEMENT_CROSSING] = BLOCK_CROSSING,
	};

	if (kind == BLOCK_PERMIT)
		kind = of[((const struct statement *)record)->type];
	return &schema_kinds()[kind];
}

/* Every record starts with its name. Hosts drawn from a ledger have a ':' in it and come with their group. */
static bool is_written(const struct policy *p, const struct schema *kind, const void *record)
{
	const char *name = policy_string(p, *(const uint32_t *)record);

	return !list_is_built_in(kind->name, name) && !strchr(name, ':');
}

/* --- text -------------------------------------------------------------------------------------- */

struct text_items {
	struct list_items base;
	struct text *out;
	const char *key;
	const char *before; /* between entries: " " or "\n\t" */
};

static void quote(struct text *out, const char *s)
{
	text_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_putc(out, '\\');
		text_putc(out, *s);
	}
	text_putc(out, '"');
}

static void text_item(struct list_items *to, const char *s, bool quoted)
{
	struct text_items *t = (struct text_items *)to;

	if (to->count++)
		text_puts(t->out, ", ");
	else
		text_printf(t->out, "%s%s ", t->before, t->key);
	if (quoted)
		quote(t->out, s);
	else
		text_puts(t->out, s);
}

static void write_block(const struct policy *p, const struct schema *kind, const void *record,
			bool one_line, struct text *out)
{
	struct text_items items = { { text_item, 0 }, out, NULL, one_line ? " " : "\n\t" };

	text_printf(out, "%s %s {", kind->name, policy_string(p, *(const uint32_t *)record));
	for (uint32_t k = 0; k < kind->key_count; k++) {
		items.base.count = 0;
		items.key = kind->keys[k].name;
		list_value(p, &kind->keys[k], record, &items.base);
		if (items.base.count)
			text_putc(out, ';');
	}
	text_puts(out, one_line ? " }\n" : "\n}\n");
}

static void list_block(const struct policy *p, enum block_kind number, const void *record, void *to)
{
	struct text *out = to;
	const struct schema *kind = schema_of(number, record);
	size_t start = out->len;

	if (!is_written(p, kind, record))
		return;
	write_block(p, kind, record, true, out);
	if (out->failed ||
	    utf8_text_width(out->bytes + start, out->len - start) <= LINE_COLUMNS + 1)
		return;
	out->len = start;
	write_block(p, kind, record, false, out);
}

void list_policy(const struct policy *p, struct text *out)
{
	text_printf(out, "model %s;\n", policy_model_words[p->model]);
	each_block(p, list_block, out);
}

void list_statement(const struct policy *p, uint32_t statement, struct text *out)
{
	list_block(p, BLOCK_PERMIT, &p->statements[statement], out);
}

/* --- JSON -------------------------------------------------------------------------------------- */

struct json_items {
	struct list_items base;
	struct json *j;
	const struct key *key;
};

static void json_item(struct list_items *to, const char *s, bool quoted)
{
	struct json_items *t = (struct json_items *)to;

	(void)quoted;
	if (to->count++ == 0 && t->key->several)
		json_open(t->j, t->key->name, '[');
	json_string(t->j, t->key->several ? NULL : t->key->name, s);
}

static void json_block(const struct policy *p, enum block_kind number, const void *record, void *to)
{
	struct json *j = to;
	const struct schema *kind = schema_of(number, record);
	struct json_items items = { { json_item, 0 }, j, NULL };

	if (!is_written(p, kind, record))
		return;
	json_open(j, NULL, '{');
	json_string(j, "block", kind->name);
	json_string(j, "id", policy_string(p, *(const uint32_t *)record));
	for (uint32_t k = 0; k < kind->key_count; k++) {
		items.base.count = 0;
		items.key = &kind->keys[k];
		list_value(p, items.key, record, &items.base);
		if (items.base.count && items.key->several)
			json_close(j, ']');
	}
	json_close(j, '}');
}

void list_policy_json(const struct policy *p, struct json *j)
{
	json_open(j, NULL, '{');
	json_string(j, "model", policy_model_words[p->model]);
	json_open(j, "blocks", '[');
	each_block(p, json_block, j);
	json_close(j, ']');
	json_close(j, '}');
}

void list_statement_json(const struct policy *p, uint32_t statement, struct json *j)
{
	json_block(p, BLOCK_PERMIT, &p->statements[statement], j);
}
