/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_changes.h"

#include <string.h>

#include "rules/json.h"
#include "rules/list.h"
#include "rules/text.h"

enum change { ADDED, REMOVED, CHANGED, CHANGES, SAME = CHANGES };

static const char *const words[CHANGES] = { "added", "removed", "changed" };
static const char signs[CHANGES] = { '+', '-', '~' };
static const char *const types[] = { "permit", "deny", "crossing" };

static uint32_t statement_named(const struct policy *p, const char *name)
{
	for (uint32_t i = 0; p && i < p->statements_count; i++)
		if (strcmp(policy_string(p, p->statements[i].name), name) == 0)
			return i;
	return POLICY_NONE;
}

/* Two blocks say the same when their canonical texts do. */
static bool same_text(const struct policy *a, uint32_t i, const struct policy *b, uint32_t k)
{
	struct text x = { 0 }, y = { 0 };

	list_statement(a, i, &x);
	list_statement(b, k, &y);
	bool same = x.len == y.len && !x.failed && !y.failed &&
		    (x.len == 0 || memcmp(x.bytes, y.bytes, x.len) == 0);

	text_done(&x);
	text_done(&y);
	return same;
}

static enum change change_of(const struct policy *p, uint32_t i, const struct policy *other,
			     enum change missing)
{
	uint32_t k = statement_named(other, policy_string(p, p->statements[i].name));

	if (k == POLICY_NONE)
		return missing;
	return same_text(p, i, other, k) ? SAME : CHANGED;
}

/* Calls `put` for each statement of which the change holds. */
static unsigned int each(const struct policy *old, const struct policy *p, enum change change,
			 void (*put)(void *ctx, const struct policy *p, uint32_t i), void *ctx)
{
	const struct policy *side = change == REMOVED ? old : p;
	const struct policy *other = change == REMOVED ? p : old;
	unsigned int n = 0;

	for (uint32_t i = 0; side && i < side->statements_count; i++) {
		enum change missing = change == REMOVED ? REMOVED : ADDED;

		if (change_of(side, i, other, missing) != change)
			continue;
		put(ctx, side, i);
		n++;
	}
	return n;
}

struct line {
	struct text *out;
	char sign;
};

static void put_line(void *ctx, const struct policy *p, uint32_t i)
{
	const struct statement *s = &p->statements[i];
	const char *label = policy_string(p, s->label);
	struct line *line = ctx;

	text_printf(line->out, "  %c %s %s", line->sign, types[s->type], policy_string(p, s->name));
	text_printf(line->out, label[0] ? " (%s)\n" : "%s\n", label);
}

unsigned int cli_changes(const struct policy *old, const struct policy *p, struct text *out)
{
	unsigned int n = 0;

	for (int c = 0; c < CHANGES; c++) {
		struct line line = { out, signs[c] };

		n += each(old, p, (enum change)c, put_line, &line);
	}
	return n;
}

static void put_name(void *ctx, const struct policy *p, uint32_t i)
{
	json_string(ctx, NULL, policy_string(p, p->statements[i].name));
}

void cli_changes_json(const struct policy *old, const struct policy *p, struct json *j)
{
	for (int c = 0; c < CHANGES; c++) {
		json_open(j, words[c], '[');
		each(old, p, (enum change)c, put_name, j);
		json_close(j, ']');
	}
}
