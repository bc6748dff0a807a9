/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "rules/prove/matrix.h"
#include "tools/seen/drafting.h"
#include "tools/seen/proposal.h"
#include "tools/seen/report.h"
#include "tools/seen/who.h"

static bool strict(const struct draft_view *v, const struct proposal *p)
{
	return v->p->zones[p->from].role <= ROLE_LGWAN || v->p->zones[p->to].role <= ROLE_LGWAN;
}

/* ---- a permit ---- */

const char *draft_kind(const struct proposal *p)
{
	const uint16_t kinds = p->allowance ? p->allowance->kinds : 1u << KIND_ORDINARY;

	if (kinds >> KIND_ORDINARY & 1)
		return policy_kind_words[KIND_ORDINARY];
	for (unsigned int k = 0; k < KIND_COUNT; k++)
		if (kinds >> k & 1)
			return policy_kind_words[k];
	return policy_kind_words[KIND_ORDINARY];
}

static void put_other_kinds(struct drafting *d, const struct proposal *p)
{
	const uint16_t kinds = p->allowance ? p->allowance->kinds : 0;
	const char *kind = draft_kind(p);
	bool any = false;

	for (unsigned int k = 0; k < KIND_COUNT; k++) {
		if (!(kinds >> k & 1) || policy_kind_words[k] == kind ||
		    kinds == (1u << KIND_COUNT) - 1)
			continue;
		if (!any)
			text_puts(d->out, draft_tr(d->v, "# kind: or ", "# kind は次でもよい: "));
		text_printf(d->out, "%s%s", any ? ", " : "", policy_kind_words[k]);
		any = true;
	}
	text_puts(d->out, any ? "\n" : "");
}

static void put_application(struct drafting *d, const struct proposal *p)
{
	const struct proposal_words *a = &p->applications;
	char hole[32];

	if (a->more || (!strict(d->v, p) && a->without && p->profile == POLICY_NONE) ||
	    (!strict(d->v, p) && !a->count))
		return;
	text_puts(d->out, " application ");
	for (uint32_t i = 0; i < a->count; i++)
		text_printf(d->out, "%s%s", i ? ", " : "", a->at[i].word);
	if (!a->count) {
		snprintf(hole, sizeof(hole), "seen-%u-application", d->number);
		text_printf(d->out, "@%s@", hole);
		draft_hole(d, hole, "the application, as nDPI names it; it was not recognised",
			   "nDPI の呼び名でのアプリケーション (判明しなかった)", "TLS");
	}
	text_puts(d->out, ";");
}

/* What is asked for in DNS is another each time. */
static bool asks_for_names(const struct proposal *p)
{
	for (uint32_t i = 0; i < p->applications.count; i++)
		if (strcmp(p->applications.at[i].word, "DNS") == 0)
			return true;
	return false;
}

/* Names are a condition where the permit leads to many, or stands beside another that has names. */
static void put_names(struct drafting *d, const struct proposal *p)
{
	const uint8_t role = d->v->p->zones[p->to].role;

	if (!proposal_names_told(p) || (p->profile == POLICY_NONE && asks_for_names(p)) ||
	    (p->profile == POLICY_NONE && role != ROLE_CLOUD && role != ROLE_OUTSIDE))
		return;
	text_puts(d->out, " name ");
	for (uint32_t i = 0; i < p->names.count; i++)
		text_printf(d->out, "%s%s", i ? ", " : "", p->names.at[i].word);
	text_puts(d->out, ";");
}

static void put_holes(struct drafting *d, const struct proposal *p)
{
	char name[32];

	snprintf(name, sizeof(name), "seen-%u-owner", d->number);
	draft_hole(d, name, "the section that answers for it", "責任を持つ課", "\"総務課\"");
	text_printf(d->out, "\n\towner @%s@;", name);
	snprintf(name, sizeof(name), "seen-%u-reason", d->number);
	draft_hole(d, name, "why it is needed", "必要な理由", "\"業務のため\"");
	text_printf(d->out, " reason @%s@;", name);
	if (strict(d->v, p) || !strcmp(draft_kind(p), "maintenance") ||
	    !strcmp(draft_kind(p), "update")) {
		snprintf(name, sizeof(name), "seen-%u-reference", d->number);
		draft_hole(d, name, "the document of the approval", "許可を承認した文書",
			   "\"令和8年総第1号\"");
		text_printf(d->out, " reference @%s@;", name);
	}
	text_puts(
		d->out,
		"\n\tapproved-by @seen-approved-by@; approved-on @seen-approved-on@; until @seen-until@;\n");
}

/* Of a peer's text into a comment: what is no plain letter is left out. */
static void put_plain(struct text *out, const char *s)
{
	for (; *s; s++)
		text_putc(out, *s > ' ' && *s < 0x7f ? *s : '?');
}

static void put_words(struct drafting *d, const char *head, const struct proposal_words *w)
{
	if (!w->count)
		return;
	text_printf(d->out, "# %s", head);
	for (uint32_t i = 0; i < w->count && i < PROPOSAL_SHOWN; i++) {
		text_puts(d->out, i ? ", " : "");
		put_plain(d->out, w->at[i].word);
		text_printf(d->out, " %llux", (unsigned long long)w->at[i].count);
	}
	if (w->count > PROPOSAL_SHOWN || w->more)
		text_puts(d->out, ", ...");
	if (w->without)
		text_printf(d->out, draft_tr(d->v, "; none %llux", "; なし %llux"),
			    (unsigned long long)w->without);
	text_puts(d->out, "\n");
}

static void put_terminals(struct drafting *d, const struct proposal *p)
{
	char ip[IP_TEXT];

	text_puts(d->out, "#");
	for (uint32_t i = 0; i < p->src.count && i < PROPOSAL_SHOWN; i++) {
		const char *name = who_name(d->v->who, p->src.at[i].address);

		text_printf(d->out, "%s %s%s%s %llux", i ? "," : "",
			    ip_text(p->src.at[i].address, ip), name ? " " : "", name ? name : "",
			    (unsigned long long)p->src.at[i].count);
	}
	text_puts(d->out, p->src.count > PROPOSAL_SHOWN ? ", ...\n" : "\n");
}

static void put_evidence(struct drafting *d, const struct proposal *p)
{
	char first[24], last[24];

	text_printf(
		d->out,
		draft_tr(
			d->v,
			"# terminals: %u%s, conversations: %llu, %s to %s, %llu bytes up, %llu down\n",
			"# 端末 %u%s 台、通信 %llu 件、%s から %s、上り %llu・下り %llu バイト\n"),
		p->src.count, p->src.more ? "+" : "", (unsigned long long)p->count,
		report_date(p->first, first), report_date(p->last, last),
		(unsigned long long)p->bytes_up, (unsigned long long)p->bytes_down);
	put_terminals(d, p);
	put_words(d, draft_tr(d->v, "applications: ", "アプリケーション: "), &p->applications);
	put_words(d, draft_tr(d->v, "names: ", "接続先の名前: "), &p->names);
}

void draft_permit(struct drafting *d, const struct proposal *p)
{
	const struct draft_view *v = d->v;

	text_putc(d->out, '\n');
	put_evidence(d, p);
	put_other_kinds(d, p);
	text_printf(d->out, "permit seen-%u {\n\tkind %s; from ", d->number, draft_kind(p));
	draft_from(d, p);
	text_puts(d->out, "; to ");
	draft_to(d, p);
	text_puts(d->out, "; service ");
	draft_service(d, p);
	text_puts(d->out, ";\n\t");
	text_printf(d->out, "profile %s;",
		    p->profile == POLICY_NONE ? DRAFT_PROFILE
					      : draft_string(v, v->p->profiles[p->profile].name));
	d->own_profile |= p->profile == POLICY_NONE;
	put_application(d, p);
	put_names(d, p);
	put_holes(d, p);
	text_puts(d->out, "}\n");
}
