/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff_text: a difference for people, statement by statement. */
#include "rules/prove/diff_report.h"

#include <errno.h>
#include <string.h>

#include "rules/prove/cover.h"
#include "rules/prove/terms.h"
#include "rules/prove/witness.h"
#include "rules/text.h"

struct writing {
	const struct diff_view *v;
	const struct policy *p[2]; /* before, after */
	struct names names[2];
	struct text *out;
};

__attribute__((format_arg(2), format_arg(3))) static const char *tr(const struct writing *w,
								    const char *en, const char *ja)
{
	return w->v->language == DIAG_JAPANESE ? ja : en;
}

/* The policy that the entry's zones and statement are of. */
static int side_of(const struct diff_entry *e)
{
	return e->change != DIFF_CLOSED;
}

static const char *name_of(const struct writing *w, int side, uint32_t statement)
{
	if (statement == DIFF_INSIDE)
		return "inside permit";
	return policy_string(w->p[side], w->p[side]->statements[statement].name);
}

/* ---- the head of an entry ---- */

static void put_terms(struct writing *w, const struct diff_entry *e)
{
	struct terms_of before = { w->p[0], e->before }, after = { w->p[1], e->statement };
	const char *separator = ": ";

	for (unsigned int i = 0; i < terms_count(); i++) {
		if (terms_order(i, after, before) == TERMS_SAME)
			continue;
		text_printf(w->out, "%s%s ", separator, terms_word(i));
		terms_value(i, before, w->out);
		text_puts(w->out, " -> ");
		terms_value(i, after, w->out);
		separator = "; ";
	}
}

static const char *order_word(const struct writing *w, unsigned int order)
{
	switch (order) {
	case TERMS_STRICTER: return tr(w, "stricter", "厳しくなる");
	case TERMS_LAXER: return tr(w, "laxer", "緩くなる");
	case TERMS_SAME: return tr(w, "neither stricter nor laxer", "厳しさは同じ");
	default: return tr(w, "partly laxer", "一部緩くなる");
	}
}

/* "wifi", "browse -> browsing", or that it applies in addition, or no more. */
static void put_names(struct writing *w, const struct diff_entry *e)
{
	const char *before = e->before == POLICY_NONE ? NULL : name_of(w, 0, e->before);
	const char *after = e->statement == POLICY_NONE ? NULL : name_of(w, 1, e->statement);

	if (!before)
		text_printf(w->out, tr(w, "%s in addition", "%s が加わる"), after);
	else if (!after)
		text_printf(w->out, tr(w, "%s no more", "%s がなくなる"), before);
	else if (!strcmp(before, after))
		text_puts(w->out, after);
	else
		text_printf(w->out, "%s -> %s", before, after);
}

static void put_head(struct writing *w, const struct diff_entry *e)
{
	static const char signs[] = {
		[DIFF_OPENED] = '+', [DIFF_CLOSED] = '-', [DIFF_CHANGED] = '~'
	};
	int side = side_of(e);
	const struct policy *p = w->p[side];
	bool both = e->before < DIFF_INSIDE && e->statement < DIFF_INSIDE;

	text_printf(w->out, "%c ", signs[e->change]);
	if (e->change == DIFF_CHANGED)
		put_names(w, e);
	else
		text_puts(w->out, name_of(w, side, e->statement));
	text_printf(w->out, " (%s -> %s)", policy_string(p, p->zones[e->from].name),
		    policy_string(p, p->zones[e->to].name));
	if (e->change == DIFF_CHANGED && both)
		put_terms(w, e);
	if (e->change == DIFF_CHANGED)
		text_printf(w->out, " [%s]", order_word(w, e->order));
	text_putc(w->out, '\n');
}

/* ---- its packets ---- */

static void put_box(struct writing *w, const struct diff_entry *e, const struct box_set *x)
{
	const struct boxes *b = &w->v->d->boxes;
	const struct names *n = &w->names[side_of(e)];

	text_puts(w->out, "    ");
	cover_put_addresses(n, e->from, b->ranges.at + x->src.first, x->src.count, w->out);
	if (x->macs.count) {
		text_puts(w->out, " (");
		cover_put_macs(b->ranges.at + x->macs.first, x->macs.count, w->out);
		text_putc(w->out, ')');
	}
	text_puts(w->out, " -> ");
	cover_put_addresses(n, e->to, b->ranges.at + x->dst.first, x->dst.count, w->out);
	text_puts(w->out, ": ");
	cover_put_services(n, b->services + x->services.first, x->services.count, w->out);
	text_putc(w->out, '\n');
}

static void put_boxes(struct writing *w, const struct diff_entry *e)
{
	const struct boxes *b = &w->v->d->boxes;
	uint32_t shown = e->boxes.count;

	if (!w->v->all && shown > DIFF_SHOWN_MAX)
		shown = DIFF_SHOWN_MAX;
	for (uint32_t i = 0; i < shown; i++)
		put_box(w, e, &b->at[e->boxes.first + i]);
	if (shown < e->boxes.count || e->more)
		text_puts(w->out, tr(w, "    ... and more\n", "    … ほかにもあります\n"));
}

static void put_example(struct writing *w, const struct diff_entry *e)
{
	const struct names *n = &w->names[side_of(e)];

	text_puts(w->out, tr(w, "    conversations: ", "    通信の数: "));
	cover_put_count(e->count, w->out);
	text_puts(w->out, tr(w, "; for example ", "、例: "));
	witness_put_end(n, e->witness.from, e->witness.tuple.src, w->out);
	text_puts(w->out, " -> ");
	witness_put_end(n, e->witness.to, e->witness.tuple.dst, w->out);
	text_puts(w->out, ", ");
	names_put_service(n, e->witness.tuple.protocol, e->witness.tuple.dport, w->out);
	text_putc(w->out, '\n');
}

/* Who decides on the other side: denies, or nobody. */
static void put_decided(struct writing *w, const struct diff_entry *e)
{
	bool opened = e->change == DIFF_OPENED;

	if (e->change == DIFF_CHANGED)
		return;
	text_puts(w->out, opened ? tr(w, "    before: ", "    変更前: ")
				 : tr(w, "    after: ", "    変更後: "));
	if (e->others_count == 0)
		text_puts(w->out, tr(w, "nothing permits it", "許可なし"));
	for (uint32_t i = 0; i < e->others_count; i++)
		text_printf(w->out, "%s'%s'", i ? ", " : tr(w, "denied by ", "拒否: "),
			    name_of(w, opened ? 0 : 1, e->others[i]));
	text_putc(w->out, '\n');
}

static void put_entry(struct writing *w, const struct diff_entry *e)
{
	put_head(w, e);
	put_boxes(w, e);
	put_example(w, e);
	put_decided(w, e);
}

/* ---- all of it ---- */

static void put_entries(struct writing *w, enum diff_change change)
{
	const struct diff *d = w->v->d;
	uint32_t shown = 0;

	for (uint32_t i = 0; i < d->entries_count; i++) {
		if (d->entries[i].change != change || (!w->v->all && shown == DIFF_SHOWN_MAX))
			continue;
		if (shown++ == 0)
			text_printf(w->out, "%s:\n", diff_change_words[change][w->v->language]);
		put_entry(w, &d->entries[i]);
	}
	if (shown < d->totals[change])
		text_printf(w->out,
			    tr(w, "... and %u more (--all shows them)\n",
			       "… ほか %u 件 (--all で表示)\n"),
			    d->totals[change] - shown);
}

static void put_result(struct writing *w)
{
	const struct diff *d = w->v->d;

	text_printf(w->out,
		    tr(w, "%s: %u newly permitted, %u newly denied, %u otherwise\n",
		       "%s: 新たに許可 %u、新たに拒否 %u、扱いの変更 %u\n"),
		    diff_result_words[d->result][w->v->language], d->totals[DIFF_OPENED],
		    d->totals[DIFF_CLOSED], d->totals[DIFF_CHANGED]);
	if (d->protected)
		text_puts(w->out,
			  tr(w, "it opens something toward or from mynumber or a public line\n",
			     "マイナンバー利用事務系または専用回線との通信を広げます\n"));
	if (d->result == DIFF_UNKNOWN)
		text_puts(w->out,
			  tr(w, "the comparison ran out of room: what is listed is not all\n",
			     "比較に必要な記憶域が尽きました。この一覧は完全ではありません\n"));
}

int diff_put_text(const struct diff_view *v, struct text *out)
{
	struct writing w = { .v = v, .p = { v->before, v->after }, .out = out };
	bool ok = names_init(&w.names[0], v->before) == 0;

	ok = ok && names_init(&w.names[1], v->after) == 0;
	for (int c = 0; c < DIFF_CHANGE_COUNT && ok; c++)
		put_entries(&w, (enum diff_change)c);
	if (ok)
		put_result(&w);
	names_done(&w.names[0]);
	names_done(&w.names[1]);
	return ok && !out->failed ? 0 : -ENOMEM;
}
