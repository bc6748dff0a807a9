/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff_json: a difference for programs: names, and the exact ranges beside them. */
#include "rules/prove/diff_report.h"

#include <errno.h>
#include <stdio.h>

#include "rules/json.h"
#include "rules/prove/cover.h"
#include "rules/prove/terms.h"
#include "rules/prove/witness.h"
#include "rules/text.h"

struct writing {
	const struct diff_view *v;
	const struct policy *p[2]; /* before, after */
	struct names names[2];
	struct text scratch;
	struct json *j;
};

static const char *const change_words[] = {
	[DIFF_OPENED] = "opened", [DIFF_CLOSED] = "closed", [DIFF_CHANGED] = "changed"
};

static int side_of(const struct diff_entry *e)
{
	return e->change != DIFF_CLOSED;
}

static const char *taken(struct writing *w)
{
	return w->scratch.bytes && w->scratch.len ? w->scratch.bytes : "";
}

static void put_statement(struct writing *w, const char *key, int side, uint32_t statement)
{
	if (statement == DIFF_INSIDE)
		json_string(w->j, key, "inside permit");
	else if (statement != POLICY_NONE)
		json_string(w->j, key,
			    policy_string(w->p[side], w->p[side]->statements[statement].name));
}

static void put_ranges(struct writing *w, const char *key, struct span r)
{
	char buf[IP_RANGE_TEXT];

	json_open(w->j, key, '[');
	for (uint32_t i = r.first; i < r.first + r.count; i++)
		json_string(w->j, NULL, ip_range_text(w->v->d->boxes.ranges.at[i], buf));
	json_close(w->j, ']');
}

static void put_services(struct writing *w, struct span s)
{
	json_open(w->j, "services", '[');
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		const struct box_service *x = &w->v->d->boxes.services[i];

		json_open(w->j, NULL, '{');
		json_uint(w->j, "protocol", x->protocol);
		json_uint(w->j, "protocol_end", x->protocol_hi);
		json_uint(w->j, "port", x->lo);
		json_uint(w->j, "port_end", x->hi);
		json_close(w->j, '}');
	}
	json_close(w->j, ']');
}

static void put_box(struct writing *w, const struct diff_entry *e, const struct box_set *x)
{
	const struct boxes *b = &w->v->d->boxes;
	const struct names *n = &w->names[side_of(e)];

	json_open(w->j, NULL, '{');
	text_clear(&w->scratch);
	cover_put_addresses(n, e->from, b->ranges.at + x->src.first, x->src.count, &w->scratch);
	json_string(w->j, "from", taken(w));
	text_clear(&w->scratch);
	cover_put_addresses(n, e->to, b->ranges.at + x->dst.first, x->dst.count, &w->scratch);
	json_string(w->j, "to", taken(w));
	text_clear(&w->scratch);
	cover_put_services(n, b->services + x->services.first, x->services.count, &w->scratch);
	json_string(w->j, "service", taken(w));
	if (x->macs.count) {
		text_clear(&w->scratch);
		cover_put_macs(b->ranges.at + x->macs.first, x->macs.count, &w->scratch);
		json_string(w->j, "mac", taken(w));
	}
	put_ranges(w, "src", x->src);
	put_ranges(w, "dst", x->dst);
	put_services(w, x->services);
	json_close(w->j, '}');
}

static void put_witness(struct writing *w, const struct diff_entry *e)
{
	char buf[IP_TEXT];

	json_open(w->j, "witness", '{');
	json_string(w->j, "src", ip_text(e->witness.tuple.src, buf));
	json_string(w->j, "dst", ip_text(e->witness.tuple.dst, buf));
	json_uint(w->j, "protocol", e->witness.tuple.protocol);
	json_uint(w->j, "port", e->witness.tuple.dport);
	json_close(w->j, '}');
}

static void put_terms(struct writing *w, const struct diff_entry *e)
{
	struct terms_of before = { w->p[0], e->before }, after = { w->p[1], e->statement };

	json_open(w->j, "terms", '{');
	for (unsigned int i = 0; i < terms_count(); i++) {
		if (terms_order(i, after, before) == TERMS_SAME)
			continue;
		json_open(w->j, terms_word(i), '[');
		text_clear(&w->scratch);
		terms_value(i, before, &w->scratch);
		json_string(w->j, NULL, taken(w));
		text_clear(&w->scratch);
		terms_value(i, after, &w->scratch);
		json_string(w->j, NULL, taken(w));
		json_close(w->j, ']');
	}
	json_close(w->j, '}');
}

static void put_changed(struct writing *w, const struct diff_entry *e)
{
	static const char *const orders[] = { [TERMS_SAME] = "same",
					      [TERMS_STRICTER] = "stricter",
					      [TERMS_LAXER] = "laxer",
					      [TERMS_UNLIKE] = "unlike" };

	put_statement(w, "before", 0, e->before);
	json_string(w->j, "order", orders[e->order]);
	if (e->before < DIFF_INSIDE && e->statement < DIFF_INSIDE)
		put_terms(w, e);
}

static void put_count(struct writing *w, const struct diff_entry *e)
{
	if (!e->count.more && e->count.exact <= UINT64_MAX)
		json_uint(w->j, "count", (uint64_t)e->count.exact);
	text_clear(&w->scratch);
	cover_put_count(e->count, &w->scratch);
	json_string(w->j, "count_text", taken(w));
}

static void put_entry(struct writing *w, const struct diff_entry *e)
{
	int side = side_of(e);
	const struct policy *p = w->p[side];

	json_open(w->j, NULL, '{');
	json_string(w->j, "change", change_words[e->change]);
	json_string(w->j, "zone_from", policy_string(p, p->zones[e->from].name));
	json_string(w->j, "zone_to", policy_string(p, p->zones[e->to].name));
	put_statement(w, "statement", side, e->statement);
	if (e->change == DIFF_CHANGED)
		put_changed(w, e);
	put_count(w, e);
	put_witness(w, e);
	json_open(w->j, "denied_by", '[');
	for (uint32_t i = 0; i < e->others_count; i++)
		put_statement(w, NULL, !side, e->others[i]);
	json_close(w->j, ']');
	json_open(w->j, "boxes", '[');
	for (uint32_t i = 0; i < e->boxes.count; i++)
		put_box(w, e, &w->v->d->boxes.at[e->boxes.first + i]);
	json_close(w->j, ']');
	json_bool(w->j, "more", e->more);
	json_close(w->j, '}');
}

static void put_figures(struct writing *w)
{
	const struct diff *d = w->v->d;

	json_string(w->j, "result", diff_result_words[d->result][DIAG_ENGLISH]);
	json_bool(w->j, "protected", d->protected);
	for (int c = 0; c < DIFF_CHANGE_COUNT; c++)
		json_uint(w->j, change_words[c], d->totals[c]);
}

int diff_put_json(const struct diff_view *v, struct json *j)
{
	struct writing w = { .v = v, .p = { v->before, v->after }, .j = j };
	bool ok = names_init(&w.names[0], v->before) == 0;

	ok = ok && names_init(&w.names[1], v->after) == 0;
	if (ok) {
		put_figures(&w);
		json_open(j, "entries", '[');
		for (uint32_t i = 0; i < v->d->entries_count; i++)
			put_entry(&w, &v->d->entries[i]);
		json_close(j, ']');
	}
	ok = ok && !w.scratch.failed;
	text_done(&w.scratch);
	names_done(&w.names[0]);
	names_done(&w.names[1]);
	return ok ? 0 : -ENOMEM;
}
