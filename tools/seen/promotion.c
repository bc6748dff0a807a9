/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * promotion: observe -> alert -> closed. A crossing may go when nothing passes by it alone; a profile that alarms
 * may block when nothing makes it alarm; either only after the whole stretch has been recorded.
 */
#include <errno.h>
#include <stdlib.h>

#include "rules/json.h"
#include "rules/jst.h"
#include "rules/text.h"
#include "tools/seen/rehearse.h"
#include "tools/seen/report.h"

#define DAY INT64_C(86400)

__attribute__((format_arg(2), format_arg(3))) static const char *tr(const struct report_view *v,
								    const char *en, const char *ja)
{
	return v->language == DIAG_JAPANESE ? ja : en;
}

static enum stage stage_of(const struct policy *p, uint32_t i)
{
	const struct statement *s = &p->statements[i];
	const struct profile *f;

	if (s->type == STATEMENT_CROSSING)
		return STAGE_OBSERVE;
	if (s->type != STATEMENT_PERMIT)
		return STAGE_CLOSED;
	f = &p->profiles[s->profile];
	if (f->inspect == INSPECT_NONE)
		return STAGE_CLOSED;
	return f->on_mismatch == ACTION_ALERT || f->on_unknown_application == ACTION_ALERT ||
			       f->on_uninspectable == ACTION_ALERT
		       ? STAGE_ALERT
		       : STAGE_CLOSED;
}

/* Whether the records go back as far as was asked. */
static bool whole(const struct report_view *v)
{
	return v->archive->taken && v->archive->first <= v->since + DAY;
}

static int by_statement(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Terminals of each statement: what is kept hangs on it, and stands by source. */
static bool count_terminals(struct rehearse *r)
{
	uint32_t count, used = 0;
	const struct seen_entry *entries = seen_entries(r->seen, &count);
	uint32_t *of = calloc(count + 1u, sizeof(*of));

	if (!of)
		return false;
	for (uint32_t i = 0; i <= count; i++) {
		if (i == count || (i && entries[i].tuple.src != entries[i - 1].tuple.src)) {
			qsort(of, used, sizeof(*of), by_statement);
			for (uint32_t k = 0; k < used; k++)
				r->promotions[of[k]].terminals += k == 0 || of[k] != of[k - 1];
			used = 0;
		}
		if (i < count && rehearse_tag_of(entries[i].tag).statement != POLICY_NONE)
			of[used++] = rehearse_tag_of(entries[i].tag).statement;
	}
	free(of);
	return true;
}

static const char *stage_word(enum stage s)
{
	static const char *const words[] = { "closed", "alert", "observe" };

	return words[s];
}

/* What stands in the way; NULL nothing does. */
static const char *obstacle(const struct report_view *v, const struct promotion *p)
{
	if (p->count)
		return tr(v, "not yet", "まだ");
	return whole(v) ? NULL
			: tr(v, "not yet: the records do not go back so far",
			     "まだ: 記録の期間が足りない");
}

static const char *advice(const struct report_view *v, enum stage s)
{
	return s == STAGE_OBSERVE
		       ? tr(v, "ready: the crossing may be taken out", "可: crossing を外せる")
		       : tr(v, "ready: the profile may block", "可: profile を block にできる");
}

static void put_row(const struct report_view *v, uint32_t i, enum stage s, struct text *out)
{
	const struct policy *p = rehearsal_policy(v->r->now);
	const struct promotion *m = &v->r->promotions[i];
	const char *why = obstacle(v, m);
	char date[24];

	text_printf(out, "%-8s %-24s ", stage_word(s), policy_string(p, p->statements[i].name));
	if (m->count)
		text_printf(out,
			    tr(v, "%llu of %llu conversations need it, %u terminals, last %s: ",
			       "%llu 件 (全 %llu 件) がこれに頼る、端末 %u 台、最後 %s: "),
			    (unsigned long long)m->count, (unsigned long long)m->passed,
			    m->terminals, report_date(m->last, date));
	else
		text_printf(out,
			    tr(v, "none of %llu conversations needs it: ",
			       "全 %llu 件、これに頼るものなし: "),
			    (unsigned long long)m->passed);
	text_printf(out, "%s\n", why ? why : advice(v, s));
}

static int each(const struct report_view *v, struct text *out, struct json *j,
		void (*row)(const struct report_view *, uint32_t, enum stage, struct text *,
			    struct json *))
{
	const struct policy *p = rehearsal_policy(v->r->now);
	int ready = 1;

	if (!count_terminals(v->r))
		return -ENOMEM;
	for (enum stage s = STAGE_OBSERVE; s > STAGE_CLOSED; s--)
		for (uint32_t i = 0; i < p->statements_count; i++)
			if (stage_of(p, i) == s) {
				row(v, i, s, out, j);
				ready &= !obstacle(v, &v->r->promotions[i]);
			}
	return ready;
}

static void text_row(const struct report_view *v, uint32_t i, enum stage s, struct text *out,
		     struct json *j)
{
	(void)j;
	put_row(v, i, s, out);
}

int report_promotion_text(const struct report_view *v, struct text *out)
{
	const struct archive *a = v->archive;
	char first[24], last[24];
	int ready;

	if (a->taken)
		text_printf(out, tr(v, "%s, records of %s to %s:\n", "%s、記録 %s から %s まで:\n"),
			    v->name, report_date(a->first, first), report_date(a->last, last));
	ready = each(v, out, NULL, text_row);
	if (ready == 1)
		text_puts(out, tr(v, "everything may go to the next stage\n",
				  "すべて次の段階へ進める\n"));
	return out->failed ? -ENOMEM : ready;
}

static void json_row(const struct report_view *v, uint32_t i, enum stage s, struct text *out,
		     struct json *j)
{
	const struct policy *p = rehearsal_policy(v->r->now);
	const struct promotion *m = &v->r->promotions[i];
	char time[JST_TEXT];

	(void)out;
	json_open(j, NULL, '{');
	json_string(j, "stage", stage_word(s));
	json_string(j, "next", stage_word(s - 1));
	json_string(j, "statement", policy_string(p, p->statements[i].name));
	json_bool(j, "ready", !obstacle(v, m));
	json_uint(j, "passed", m->passed);
	json_uint(j, "need_it", m->count);
	json_uint(j, "terminals", m->count ? m->terminals : 0);
	if (m->count)
		json_string(j, "last", jst_time_text(m->last, time));
	json_close(j, '}');
}

int report_promotion_json(const struct report_view *v, struct json *j)
{
	char time[JST_TEXT];
	int ready;

	json_open(j, NULL, '{');
	json_string(j, "policy", v->name);
	json_bool(j, "records_go_back", whole(v));
	if (v->archive->taken) {
		json_string(j, "first", jst_time_text(v->archive->first, time));
		json_string(j, "last", jst_time_text(v->archive->last, time));
	}
	json_open(j, "statements", '[');
	ready = each(v, NULL, j, json_row);
	json_close(j, ']');
	json_bool(j, "ready", ready == 1);
	json_close(j, '}');
	return ready;
}
