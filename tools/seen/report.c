/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/report.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/event.h"
#include "rules/json.h"
#include "rules/jst.h"
#include "rules/text.h"
#include "tools/seen/rehearse.h"
#include "tools/seen/who.h"

__attribute__((format_arg(2), format_arg(3))) static const char *tr(const struct report_view *v,
								    const char *en, const char *ja)
{
	return v->language == DIAG_JAPANESE ? ja : en;
}

const char *report_date(int64_t seconds, char buf[static 24])
{
	char text[JST_TEXT];

	snprintf(buf, 24, "%.16s", jst_time_text(seconds, text));
	buf[10] = ' ';
	return buf;
}

const char *report_port(const struct tuple *t, char buf[static 24])
{
	switch (t->protocol) {
	case IPPROTO_TCP: snprintf(buf, 24, "tcp %u", t->dport); break;
	case IPPROTO_UDP: snprintf(buf, 24, "udp %u", t->dport); break;
	case IPPROTO_ICMP: snprintf(buf, 24, "icmp %u", t->dport); break;
	case IPPROTO_ICMPV6: snprintf(buf, 24, "icmpv6 %u", t->dport); break;
	default: snprintf(buf, 24, "protocol %u", t->protocol);
	}
	return buf;
}

/* ---- totals ---- */

static const char *const outcome_lines[OUTCOME_COUNT][2] = {
	[OUTCOME_CUT] = { "would be cut", "遮断される" },
	[OUTCOME_PERMITTED] = { "refused then, would get through",
				"当時は拒否、新しい方針では通る" },
	[OUTCOME_INSPECTED] = { "would be inspected differently", "通るが、検査の仕方が変わる" },
	[OUTCOME_UNCLEAR] = { "cannot be told from what was recorded", "記録からは判断できない" },
	[OUTCOME_SAME] = { "get through as before", "これまで通り通る" },
	[OUTCOME_REFUSED] = { "refused then and now", "これまで通り拒否" },
};

static uint64_t all_of(const struct rehearse *r)
{
	uint64_t n = 0;

	for (int i = 0; i < OUTCOME_COUNT; i++)
		n += r->totals[i];
	return n;
}

static void put_head(const struct report_view *v, struct text *out)
{
	const struct archive *a = v->archive;
	const unsigned long long n = all_of(v->r);
	char first[24], last[24], day[JST_TEXT];

	jst_date_text(v->day, day);
	if (!n)
		text_printf(out,
			    tr(v, "no conversation was recorded in that time (%s)\n",
			       "その期間の通信の記録がない (%s)\n"),
			    v->name);
	else
		text_printf(out,
			    tr(v, "%s as of %s, on %llu conversations of %s to %s:\n",
			       "%s (%s 現在) を通信 %llu 件 (%s から %s) に当てはめた結果:\n"),
			    v->name, day, n, report_date(a->first, first),
			    report_date(a->last, last));
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (v->r->totals[i])
			text_printf(out, "%10llu  %s\n", (unsigned long long)v->r->totals[i],
				    outcome_lines[i][v->language]);
	if (a->damaged)
		text_printf(out,
			    tr(v, "%10llu  damaged lines were left out\n",
			       "%10llu  壊れた行を省いた\n"),
			    (unsigned long long)a->damaged);
	if (seen_left_out(v->r->seen))
		text_printf(
			out,
			tr(v,
			   "%10llu  conversations are counted, but not listed below: too many kinds\n",
			   "%10llu  件は種類が多すぎるため下の一覧にない\n"),
			(unsigned long long)seen_left_out(v->r->seen));
}

/* ---- by host ---- */

struct listing {
	const struct report_view *v;
	const struct policy *p;
	struct who *who;
	struct seen_entry *entries;
	uint32_t count;
	struct text *out;
};

static const char *zone_name(const struct policy *p, ip_t a, bool box)
{
	const uint32_t z = box ? policy_box_zone(p) : policy_zone_of_address(p, a);

	return z == POLICY_NONE ? "?" : policy_string(p, p->zones[z].name);
}

static const char *statement_name(const struct policy *p, uint32_t i)
{
	return i < p->statements_count ? policy_string(p, p->statements[i].name) : "";
}

static const char *application(const struct seen *s, const struct seen_entry *e)
{
	return seen_text(s, e->application ? e->application : e->app_proto);
}

static void put_end(const struct listing *l, ip_t a, bool box)
{
	const char *name = who_name(l->who, a);
	char buf[IP_TEXT];

	text_printf(l->out, "%s%s%s (%s)", ip_text(a, buf), name ? " " : "", name ? name : "",
		    zone_name(l->p, a, box));
}

/* The last name asked for, and how many there were before it. */
static void put_names(const struct listing *l, const char *names)
{
	const char *last = strrchr(names, '\n');
	unsigned int more = 0;

	for (const char *at = names; (at = strchr(at, '\n')); at++)
		more++;
	text_printf(l->out, " %s", last ? last + 1 : names);
	if (more)
		text_printf(l->out, " (+%u)", more);
}

static const char *reason_text(const struct report_view *v, uint8_t reason)
{
	static const struct {
		uint8_t reason;
		const char *text[2];
	} texts[] = {
		{ EVENT_REASON_NOT_PERMITTED, { "nothing permits it", "許可するものがない" } },
		{ EVENT_REASON_DENIED, { "denied", "禁止に当たる" } },
		{ EVENT_REASON_ENDED, { "the permit is not in force", "許可の期間・時間の外" } },
		{ EVENT_REASON_APPLICATION,
		  { "another application", "許可と異なるアプリケーション" } },
		{ EVENT_REASON_UNKNOWN_APPLICATION,
		  { "the application was not recognised", "アプリケーションが判明しない" } },
		{ EVENT_REASON_NAME, { "another name", "許可にない接続先名" } },
		{ EVENT_REASON_NO_NAME, { "no readable name", "接続先名が読めない" } },
		{ EVENT_REASON_DIRECTION, { "against the direction", "データの向きに反する" } },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].reason == reason)
			return texts[i].text[v->language];
	return reason ? event_reason_words[reason] : "";
}

static void put_entry(const struct listing *l, const struct seen_entry *e)
{
	const struct rehearse_tag tag = rehearse_tag_of(e->tag);
	const struct seen *s = l->v->r->seen;
	const char *why = reason_text(l->v, tag.reason), *st = statement_name(l->p, tag.statement);
	char port[24], date[24];

	text_printf(l->out, "  %8llux -> ", (unsigned long long)e->count);
	put_end(l, e->tuple.dst, e->to_box);
	text_printf(l->out, " %s", report_port(&e->tuple, port));
	if (*application(s, e))
		text_printf(l->out, " %s", application(s, e));
	if (e->names)
		put_names(l, seen_text(s, e->names));
	text_printf(l->out, tr(l->v, "; last %s", "; 最後 %s"), report_date(e->last, date));
	if (*why || *st)
		text_printf(l->out, "; %s%s%s", why, *why && *st ? ": " : "", st);
	text_putc(l->out, '\n');
}

static uint8_t outcome_at(const struct listing *l, uint32_t i)
{
	return rehearse_tag_of(l->entries[i].tag).outcome;
}

/* One host's entries of one outcome; @from is the first of its entries. Return: the next host's first. */
static uint32_t put_host(const struct listing *l, uint32_t from, uint8_t outcome)
{
	const ip_t host = l->entries[from].tuple.src;
	uint32_t i, shown = 0, hidden = 0;

	for (i = from; i < l->count && l->entries[i].tuple.src == host; i++) {
		if (outcome_at(l, i) != outcome)
			continue;
		if (!shown) {
			const char *section = who_section(l->who, host);

			put_end(l, host, l->entries[i].from_box);
			text_printf(l->out, "%s%s\n", *section ? ", " : "", section);
		}
		if (shown < REPORT_LINES || l->v->all) {
			put_entry(l, &l->entries[i]);
			shown++;
		} else {
			hidden++;
		}
	}
	if (hidden)
		text_printf(l->out,
			    tr(l->v, "            and %u kinds more (--all shows them)\n",
			       "            ほか %u 種類 (--all ですべて表示)\n"),
			    hidden);
	return i;
}

static void put_outcome(const struct listing *l, uint8_t outcome)
{
	if (!l->v->r->totals[outcome])
		return;
	text_printf(l->out, "\n%s:\n", outcome_lines[outcome][l->v->language]);
	for (uint32_t i = 0; i < l->count;)
		i = put_host(l, i, outcome);
}

static bool listing_of(const struct report_view *v, struct text *out, struct listing *l)
{
	*l = (struct listing){ .v = v, .p = rehearsal_policy(v->r->now), .out = out };
	l->who = who_new(l->p);
	l->entries = seen_entries(v->r->seen, &l->count);
	return l->who;
}

bool report_text(const struct report_view *v, struct text *out)
{
	struct listing l;

	put_head(v, out);
	if (!listing_of(v, out, &l))
		return false;
	for (uint8_t i = 0; i < OUTCOME_COUNT; i++)
		if (v->all || (i != OUTCOME_SAME && i != OUTCOME_REFUSED))
			put_outcome(&l, i);
	who_free(l.who);
	return !out->failed;
}

/* ---- JSON ---- */

static void json_names(struct json *j, const char *names)
{
	json_open(j, "names", '[');
	while (*names) {
		const size_t n = strcspn(names, "\n");

		json_bytes(j, NULL, names, n);
		names += n + (names[n] == '\n');
	}
	json_close(j, ']');
}

static void json_text(struct json *j, const char *key, const char *text)
{
	json_string(j, key, text && *text ? text : NULL);
}

static void json_entry(const struct listing *l, const struct seen_entry *e, struct json *j)
{
	const struct rehearse_tag tag = rehearse_tag_of(e->tag);
	const struct seen *s = l->v->r->seen;
	char buf[IP_TEXT], port[24], time[JST_TEXT];

	json_open(j, NULL, '{');
	json_string(j, "outcome", outcome_words[tag.outcome]);
	json_text(j, "reason", tag.reason ? event_reason_words[tag.reason] : NULL);
	json_text(j, "statement", statement_name(l->p, tag.statement));
	json_string(j, "src", ip_text(e->tuple.src, buf));
	json_text(j, "host", who_name(l->who, e->tuple.src));
	json_text(j, "section", who_section(l->who, e->tuple.src));
	json_string(j, "zone_from", zone_name(l->p, e->tuple.src, e->from_box));
	json_string(j, "dst", ip_text(e->tuple.dst, buf));
	json_text(j, "server", who_name(l->who, e->tuple.dst));
	json_string(j, "zone_to", zone_name(l->p, e->tuple.dst, e->to_box));
	json_string(j, "service", report_port(&e->tuple, port));
	json_text(j, "application", application(s, e));
	if (e->names)
		json_names(j, seen_text(s, e->names));
	json_text(j, "permitted_by", seen_text(s, e->permit));
	json_uint(j, "count", e->count);
	json_uint(j, "bytes_up", e->bytes_up);
	json_uint(j, "bytes_down", e->bytes_down);
	json_string(j, "first", jst_time_text(e->first, time));
	json_string(j, "last", jst_time_text(e->last, time));
	json_close(j, '}');
}

static void json_head(const struct report_view *v, struct json *j)
{
	const struct archive *a = v->archive;
	char time[JST_TEXT];

	json_string(j, "policy", v->name);
	json_string(j, "as_of", jst_date_text(v->day, time));
	if (a->taken) {
		json_string(j, "first", jst_time_text(a->first, time));
		json_string(j, "last", jst_time_text(a->last, time));
	}
	json_uint(j, "files", a->files);
	json_uint(j, "lines", a->lines);
	json_uint(j, "damaged", a->damaged);
	json_uint(j, "not_listed", seen_left_out(v->r->seen));
	json_open(j, "totals", '{');
	for (int i = 0; i < OUTCOME_COUNT; i++)
		json_uint(j, outcome_words[i], v->r->totals[i]);
	json_close(j, '}');
}

bool report_json(const struct report_view *v, struct json *j)
{
	struct listing l;

	if (!listing_of(v, NULL, &l))
		return false;
	json_open(j, NULL, '{');
	json_head(v, j);
	json_open(j, "conversations", '[');
	for (uint32_t i = 0; i < l.count; i++)
		json_entry(&l, &l.entries[i], j);
	json_close(j, ']');
	json_close(j, '}');
	who_free(l.who);
	return true;
}
