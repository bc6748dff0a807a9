/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/draft.h"

#include <stdio.h>
#include <string.h>

#include "rules/json.h"
#include "rules/jst.h"
#include "tools/seen/archive.h"
#include "tools/seen/drafting.h"
#include "tools/seen/proposal.h"
#include "tools/seen/report.h"

/* ---- remarks ---- */

static const char *why_text(const struct draft_view *v, uint8_t why)
{
	switch (why) {
	case WHY_NO_ZONE:
		return draft_tr(v, "an address lies in no zone", "どのゾーンにもないアドレス");
	case WHY_MODEL:
		return draft_tr(v, "the model has no permit between these zones",
				"モデルがこのゾーン間の許可を認めない");
	case WHY_DENIED: return draft_tr(v, "denied", "禁止されている");
	case WHY_ENDED: return draft_tr(v, "the permit is not in force", "許可が有効でない");
	case WHY_DIRECTION:
		return draft_tr(v, "against the direction of the permit", "許可の向きに反する");
	case WHY_NAMES:
		return draft_tr(v, "the permit names others, and it has no name",
				"許可は別の名前で、これには名前がない");
	case WHY_UNCLEAR:
		return draft_tr(v, "cannot be told from what was recorded",
				"記録からは判断できない");
	default: return draft_tr(v, "passes with an alarm", "警報を出して通る");
	}
}

static const char *zone_of(const struct draft_view *v, uint32_t zone)
{
	return zone == POLICY_NONE ? "?" : draft_string(v, v->p->zones[zone].name);
}

static void put_remark(struct drafting *d, const struct proposal *p)
{
	const struct draft_view *v = d->v;
	struct tuple t = { .protocol = p->ports[0].protocol, .dport = p->ports[0].lo };
	char ip[IP_TEXT], port[24];

	text_printf(d->out, "# %llux %s -> %s: ", (unsigned long long)p->count, zone_of(v, p->from),
		    zone_of(v, p->to));
	for (uint32_t i = 0; i < p->src.count && i < PROPOSAL_SHOWN; i++)
		text_printf(d->out, "%s%s", i ? ", " : "", ip_text(p->src.at[i].address, ip));
	text_puts(d->out, p->src.count > PROPOSAL_SHOWN ? ", ... -> " : " -> ");
	for (uint32_t i = 0; i < p->dst.count && i < PROPOSAL_SHOWN; i++)
		text_printf(d->out, "%s%s", i ? ", " : "", ip_text(p->dst.at[i].address, ip));
	text_printf(d->out, "%s %s%s: %s", p->dst.count > PROPOSAL_SHOWN ? ", ..." : "",
		    report_port(&t, port), p->port_count > 1 ? ", ..." : "", why_text(v, p->why));
	if (p->statement != POLICY_NONE)
		text_printf(d->out, ": %s", draft_string(v, v->p->statements[p->statement].name));
	text_putc(d->out, '\n');
}

static void put_remarks(struct drafting *d)
{
	const struct proposals *s = d->v->proposals;
	bool any = false;

	for (uint32_t i = 0; i < s->count; i++) {
		if (!s->at[i].why)
			continue;
		if (!any)
			text_puts(d->out, draft_tr(d->v, "\n# Nothing is proposed for:\n",
						   "\n# 次のものには許可を提案しない:\n"));
		any = true;
		put_remark(d, &s->at[i]);
	}
}

/* The highest number that permits of earlier drafts have. */
static unsigned int numbers_used(const struct policy *p)
{
	unsigned int most = 0, n;

	for (uint32_t i = 0; i < p->statements_count; i++)
		if (sscanf(policy_string(p, p->statements[i].name), "seen-%u", &n) == 1 &&
		    n > most && n < 1000000)
			most = n;
	return most;
}

/* ---- the whole ---- */

static void put_head(struct drafting *d, struct text *out)
{
	const struct draft_view *v = d->v;
	char first[24] = "", last[24] = "";

	if (v->archive->taken) {
		report_date(v->archive->first, first);
		report_date(v->archive->last, last);
	}
	text_printf(
		out,
		draft_tr(
			v,
			"# Proposed by 'sekimori draft' from %llu conversations recorded %s to %s.\n"
			"# Delete what should not be; fill in the values at the end; then: sekimori check, sekimori rehearse.\n",
			"# 'sekimori draft' が %llu 件の通信の記録 (%s から %s) から提案したもの。\n"
			"# 不要な許可を消し、末尾の値を記入し、sekimori check と sekimori rehearse で確かめること。\n"),
		(unsigned long long)v->archive->taken, first, last);
	if (v->left_out)
		text_printf(
			out,
			draft_tr(
				v,
				"# INCOMPLETE: %llu conversations are not in it: ask for a shorter time.\n",
				"# 不完全: %llu 件の通信を含まない。期間を短くすること。\n"),
			(unsigned long long)v->left_out);
	text_printf(out, "include \"%s\";\n", v->name);
}

static void put_profile(struct drafting *d, struct text *out)
{
	if (!d->own_profile || draft_taken(d->v->p, DRAFT_PROFILE))
		return;
	text_puts(
		out,
		draft_tr(
			d->v,
			"\n# Another application than seen, or none, only alarms; 'sekimori rehearse --promote' says when it may block.\n",
			"\n# 見たものと違うアプリケーションは警報のみ。block にできる時期は 'sekimori rehearse --promote' が示す。\n"));
	text_puts(
		out,
		"profile " DRAFT_PROFILE " {\n"
		"\tinspect metadata; on-overload drop; on-no-inspector drop; on-memory drop; on-midstream drop; on-undecodable drop;\n"
		"\ton-uninspectable alert; on-unknown-application alert; on-mismatch alert;\n}\n");
}

static void common_holes(struct drafting *d)
{
	draft_hole(d, "seen-approved-by", "who approved the permits", "許可の承認者", "\"CISO\"");
	draft_hole(d, "seen-approved-on", "the day of the approval", "承認日", "2026-04-01");
	draft_hole(d, "seen-until", "the last day of the permits", "許可の最終日", "2027-03-31");
}

uint32_t draft_write_text(const struct draft_view *v, struct text *out)
{
	struct text permits = { 0 };
	struct drafting d = { .v = v, .out = &permits, .number = numbers_used(v->p) };
	const unsigned int before = d.number;

	for (uint32_t i = 0; i < v->proposals->count; i++) {
		if (v->proposals->at[i].why)
			continue;
		d.number++;
		draft_permit(&d, &v->proposals->at[i]);
	}
	if (d.number > before)
		common_holes(&d);
	put_remarks(&d);
	put_head(&d, out);
	put_profile(&d, out);
	text_printf(out, "%s%s", d.blocks.len ? "\n" : "", d.blocks.len ? d.blocks.bytes : "");
	text_puts(out, permits.len ? permits.bytes : "");
	text_printf(out, "%s%s", d.holes.len ? "\n" : "", d.holes.len ? d.holes.bytes : "");
	if (d.values.len)
		text_printf(out,
			    draft_tr(v, "\n# To be filled in (take away the #):\n%s",
				     "\n# 記入するもの (# を取り、値を直す):\n%s"),
			    d.values.bytes);
	out->failed |= permits.failed | d.blocks.failed | d.holes.failed | d.values.failed;
	text_done(&permits);
	text_done(&d.blocks);
	text_done(&d.holes);
	text_done(&d.values);
	return d.number - before;
}

/* ---- JSON ---- */

static void json_words(struct json *j, const char *key, const struct proposal_words *w)
{
	json_open(j, key, '[');
	for (uint32_t i = 0; i < w->count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "word", w->at[i].word);
		json_uint(j, "count", w->at[i].count);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_ends(struct json *j, const char *key, const struct proposal_ends *s)
{
	char ip[IP_TEXT];

	json_open(j, key, '[');
	for (uint32_t i = 0; i < s->count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "address", ip_text(s->at[i].address, ip));
		json_uint(j, "count", s->at[i].count);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_proposal(const struct draft_view *v, const struct proposal *p, struct json *j)
{
	char time[JST_TEXT];

	json_open(j, NULL, '{');
	json_string(j, "zone_from", zone_of(v, p->from));
	json_string(j, "zone_to", zone_of(v, p->to));
	if (p->why)
		json_string(j, "why_not", why_text(v, p->why));
	else
		json_string(j, "kind", draft_kind(p));
	if (p->statement != POLICY_NONE)
		json_string(j, "statement", draft_string(v, v->p->statements[p->statement].name));
	json_ends(j, "from", &p->src);
	json_ends(j, "to", &p->dst);
	json_open(j, "services", '[');
	for (uint32_t i = 0; i < p->port_count; i++) {
		json_open(j, NULL, '{');
		json_uint(j, "protocol", p->ports[i].protocol);
		json_uint(j, "low", p->ports[i].lo);
		json_uint(j, "high", p->ports[i].hi);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_words(j, "applications", &p->applications);
	json_words(j, "names", &p->names);
	json_uint(j, "unrecognised", p->applications.without);
	json_uint(j, "count", p->count);
	json_uint(j, "bytes_up", p->bytes_up);
	json_uint(j, "bytes_down", p->bytes_down);
	json_string(j, "first", jst_time_text(p->first, time));
	json_string(j, "last", jst_time_text(p->last, time));
	json_close(j, '}');
}

uint32_t draft_write_json(const struct draft_view *v, struct json *j)
{
	struct text text = { 0 };
	const uint32_t permits = draft_write_text(v, &text);

	json_open(j, NULL, '{');
	json_string(j, "policy", v->name);
	json_uint(j, "conversations", v->archive->taken);
	json_uint(j, "left_out", v->left_out);
	json_uint(j, "permits", permits);
	for (int why = 0; why < 2; why++) {
		json_open(j, why ? "remarks" : "proposals", '[');
		for (uint32_t i = 0; i < v->proposals->count; i++)
			if (!v->proposals->at[i].why == !why)
				json_proposal(v, &v->proposals->at[i], j);
		json_close(j, ']');
	}
	json_string(j, "text", text.bytes);
	json_close(j, '}');
	text_done(&text);
	return permits;
}
