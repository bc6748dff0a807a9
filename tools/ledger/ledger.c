/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "rules/diag_text.h"
#include "rules/edit/csv.h"
#include "rules/json.h"
#include "rules/jst.h"
#include "rules/lang/schema.h"
#include "rules/list_values.h"

#define DAY 86400

#define HEADING_(N, key_, edit, en, ja) \
	[LEDGER_##N] = { .key = (key_), .editable = (edit), .word = { en, ja } },
const struct ledger_heading ledger_headings[LEDGER_COLUMN_COUNT] = { LEDGER_COLUMNS(HEADING_) };

/* --- rows -------------------------------------------------------------------------------------- */

static const char *name_of(const struct ledger *l, const struct ledger_row *row)
{
	return policy_string(l->policy, row->statement->name);
}

struct named {
	const char *name;
	struct ledger_row row;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static uint32_t collect(const struct policy *p, struct named *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->statements_count; i++)
		if (p->statements[i].type == STATEMENT_PERMIT)
			out[n++].row.statement = &p->statements[i];
	for (uint32_t i = 0; i < p->disabled_count; i++)
		out[n++].row.statement = &p->disabled[i];
	for (uint32_t i = 0; i < n; i++)
		out[i].name = policy_string(p, out[i].row.statement->name);
	qsort(out, n, sizeof(*out), by_name);
	return n;
}

static void add_finding(struct ledger *l, const struct location *at, const struct diag *d)
{
	const struct policy *p = l->policy;

	for (uint32_t i = 0; i < p->statements_count; i++) {
		if (at[i].text != d->at.text || at[i].offset != d->at.offset)
			continue;
		struct ledger_row *row = ledger_find(l, policy_string(p, p->statements[i].name));

		if (row && row->findings.len)
			text_puts(&row->findings, " / ");
		if (row)
			text_puts(&row->findings, d->text[l->language]);
		return;
	}
}

bool ledger_make(const struct build *b, int64_t now, enum diag_language language,
		 struct ledger *out)
{
	const struct policy *p = &b->policy;
	size_t most = (size_t)p->statements_count + p->disabled_count + 1;
	struct named *all = calloc(most, sizeof(*all));

	*out = (struct ledger){ .policy = p, .now = now, .language = language };
	out->rows = calloc(most, sizeof(*out->rows));
	if (all && out->rows) {
		out->count = collect(p, all);
		for (uint32_t i = 0; i < out->count; i++)
			out->rows[i] = all[i].row;
		for (const struct diag *d = b->diags.first; d; d = d->next)
			if (d->at.text)
				add_finding(out, b->statements_at, d);
	}
	bool made = all && out->rows;

	free(all);
	if (!made)
		ledger_done(out);
	return made;
}

void ledger_done(struct ledger *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		text_done(&l->rows[i].findings);
	free(l->rows);
	*l = (struct ledger){ 0 };
}

struct ledger_row *ledger_find(const struct ledger *l, const char *permit)
{
	uint32_t lo = 0, hi = l->count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (strcmp(name_of(l, &l->rows[mid]), permit) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->count && !strcmp(name_of(l, &l->rows[lo]), permit) ? &l->rows[lo] : NULL;
}

/* --- cells ------------------------------------------------------------------------------------- */

struct joined {
	struct list_items items;
	struct text *out;
};

static void join(struct list_items *to, const char *s, bool quoted)
{
	struct joined *j = (struct joined *)to;

	(void)quoted;
	if (to->count++)
		text_puts(j->out, ", ");
	text_puts(j->out, s);
}

static void put_key(const struct ledger *l, const struct statement *s, const char *word,
		    struct text *out)
{
	const struct key *key = schema_key(&schema_kinds()[BLOCK_PERMIT], word);
	struct joined j = { { join, 0 }, out };

	list_value(l->policy, key, s, &j.items);
}

static void put_state(const struct ledger *l, const struct statement *s, struct text *out)
{
	static const char *const words[][2] = { { "disabled", "無効" },
						{ "not yet", "開始前" },
						{ "ended", "期限切れ" },
						{ "in force", "有効" } };
	int state = s->disabled                      ? 0
		    : s->since && l->now < s->since  ? 1
		    : s->until && l->now >= s->until ? 2
						     : 3;

	text_puts(out, words[state][l->language]);
}

/* Days until the end, else until the review. */
static void put_left(const struct ledger *l, const struct statement *s, struct text *out)
{
	int64_t day = s->until ? s->until - 1 : s->review;

	if (day)
		text_printf(out, "%lld",
			    (long long)((day + JST_OFFSET) / DAY - (l->now + JST_OFFSET) / DAY));
}

void ledger_cell(const struct ledger *l, const struct ledger_row *row, enum ledger_column column,
		 struct text *out)
{
	const struct statement *s = row->statement;
	char time_text[JST_TEXT];

	if (ledger_headings[column].key) {
		put_key(l, s, ledger_headings[column].key, out);
		return;
	}
	switch (column) {
	case LEDGER_NAME: text_puts(out, name_of(l, row)); break;
	case LEDGER_STATE: put_state(l, s, out); break;
	case LEDGER_LEFT: put_left(l, s, out); break;
	case LEDGER_HITS:
		if (l->counted)
			text_printf(out, "%llu", (unsigned long long)row->hits);
		break;
	case LEDGER_LAST:
		text_puts(out, row->last ? jst_time_text(row->last, time_text) : "");
		break;
	case LEDGER_FINDINGS: text_puts(out, row->findings.bytes ? row->findings.bytes : ""); break;
	default: break;
	}
}

/* --- documents --------------------------------------------------------------------------------- */

void ledger_csv(const struct ledger *l, struct text *out)
{
	struct text cell = { 0 };

	csv_begin(out);
	for (int c = 0; c < LEDGER_COLUMN_COUNT; c++)
		csv_put(out, ledger_headings[c].word[l->language]);
	csv_end_row(out);
	for (uint32_t i = 0; i < l->count; i++) {
		for (int c = 0; c < LEDGER_COLUMN_COUNT; c++) {
			text_clear(&cell);
			ledger_cell(l, &l->rows[i], (enum ledger_column)c, &cell);
			csv_put(out, cell.len ? cell.bytes : "");
		}
		csv_end_row(out);
	}
	out->failed |= cell.failed;
	text_done(&cell);
}

void ledger_json(const struct ledger *l, struct json *j)
{
	struct text cell = { 0 };

	json_open(j, NULL, '[');
	for (uint32_t i = 0; i < l->count; i++) {
		json_open(j, NULL, '{');
		for (int c = 0; c < LEDGER_COLUMN_COUNT; c++) {
			text_clear(&cell);
			ledger_cell(l, &l->rows[i], (enum ledger_column)c, &cell);
			if (cell.len)
				json_string(j, ledger_headings[c].word[0], cell.bytes);
		}
		json_close(j, '}');
	}
	json_close(j, ']');
	text_done(&cell);
}
