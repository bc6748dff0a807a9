/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/draft.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "rules/json.h"
#include "rules/jst.h"
#include "rules/prove/matrix.h"
#include "rules/text.h"
#include "tools/seen/archive.h"
#include "tools/seen/proposal.h"
#include "tools/seen/report.h"
#include "tools/seen/who.h"

#define PROFILE "seen-alert"

struct drafting {
	const struct draft_view *v;
	struct text *out;    /* blocks */
	struct text holes;   /* `hole` blocks of the permit at hand */
	struct text values;  /* what is to be filled in, at the end */
	struct text blocks;  /* hosts, sites and services that the permits need, before them */
	unsigned int number; /* of the permit at hand */
	bool own_profile;    /* some permit uses it */
};

__attribute__((format_arg(2), format_arg(3))) static const char *tr(const struct draft_view *v,
								    const char *en, const char *ja)
{
	return v->language == DIAG_JAPANESE ? ja : en;
}

static const char *str(const struct draft_view *v, uint32_t offset)
{
	return policy_string(v->p, offset);
}

static bool strict(const struct draft_view *v, const struct proposal *p)
{
	return v->p->zones[p->from].role <= ROLE_LGWAN || v->p->zones[p->to].role <= ROLE_LGWAN;
}

/* ---- names of our own ---- */

#define TAKEN(section) \
	for (uint32_t i = 0; i < p->section##_count; i++) \
		if (!strcmp(policy_string(p, p->section[i].name), name)) \
			return true;

static bool taken(const struct policy *p, const char *name)
{
	TAKEN(statements)
	TAKEN(disabled)
	TAKEN(hosts)
	TAKEN(services)
	TAKEN(sites)
	TAKEN(profiles)
	return false;
}

/* The number of the first permit, so that an earlier draft may be part of the policy. */
static unsigned int first_free(const struct policy *p)
{
	char name[32];
	unsigned int most = 0, n;

	for (uint32_t i = 0; i < p->statements_count; i++)
		if (sscanf(policy_string(p, p->statements[i].name), "seen-%u", &n) == 1 &&
		    n > most && n < 1000000)
			most = n;
	snprintf(name, sizeof(name), "seen-%u", most + 1);
	return most;
}

/* "seen-10-30-2-5", of an IPv6 address its 8 last digits and a check of all, within 24 characters */
static void host_name(ip_t a, char out[static 32])
{
	const uint32_t low = (uint32_t)a;

	if (ip_is_v4(a))
		snprintf(out, 32, "seen-%u-%u-%u-%u", low >> 24, low >> 16 & 255, low >> 8 & 255,
			 low & 255);
	else
		snprintf(out, 32, "seen-%08x-%08x", low,
			 (uint32_t)(a >> 96) * 31 ^ (uint32_t)(a >> 64) * 17 ^ (uint32_t)(a >> 32));
}

/* ---- ends ---- */

/* A host the policy has, by a name that can be written; NULL none. */
static const char *host_there(const struct draft_view *v, ip_t a)
{
	const uint32_t h = who_has(v->who, a);
	const char *name = h == POLICY_NONE ? ":" : str(v, v->p->hosts[h].name);

	return strchr(name, ':') ? NULL : name;
}

static void put_hole(struct drafting *d, const char *name, const char *en, const char *ja,
		     const char *example)
{
	text_printf(&d->holes, "hole %s { label \"%s\"; example %s; }\n", name,
		    d->v->language == DIAG_JAPANESE ? ja : en, example);
	text_printf(&d->values, "# value %s %s;\n", name, example);
}

static void new_host(struct drafting *d, ip_t a, uint32_t zone, const char *name)
{
	const uint8_t role = d->v->p->zones[zone].role;
	char ip[IP_TEXT], head[96], hole[40];

	snprintf(head, sizeof(head), "host %s {", name);
	if (taken(d->v->p, name) || (d->blocks.len && strstr(d->blocks.bytes, head)))
		return;
	text_printf(&d->blocks, "%s zone %s; address %s;", head,
		    str(d->v, d->v->p->zones[zone].name), ip_text(a, ip));
	if (role == ROLE_MYNUMBER || role == ROLE_PUBLIC_LINE) {
		snprintf(hole, sizeof(hole), "%s-mac", name);
		text_printf(&d->blocks, " mac @%s@;", hole);
		put_hole(d, hole, "its MAC address, from the ledger of terminals",
			 "端末台帳にある MAC アドレス", "02:00:00:00:00:01");
	}
	text_puts(&d->blocks, " }\n");
}

static void put_end(struct drafting *d, ip_t a, uint32_t zone, bool named)
{
	const char *host = host_there(d->v, a);
	char ip[IP_TEXT], name[32];

	if (zone == policy_box_zone(d->v->p)) {
		text_puts(d->out, "host box");
	} else if (host) {
		text_printf(d->out, "host %s", host);
	} else if (named) {
		host_name(a, name);
		new_host(d, a, zone, name);
		text_printf(d->out, "host %s", name);
	} else {
		text_puts(d->out, ip_text(a, ip));
	}
}

static bool needs_host(const struct draft_view *v, uint32_t zone)
{
	const uint8_t role = v->p->zones[zone].role;

	return role == ROLE_MYNUMBER || role == ROLE_PUBLIC_LINE;
}

static void put_ends(struct drafting *d, const struct proposal_ends *s, uint32_t zone, bool named)
{
	/* several addresses may be one host's */
	const char *last = NULL;

	for (uint32_t i = 0; i < s->count; i++) {
		const char *host = host_there(d->v, s->at[i].address);

		if (i && ((host && host == last) || zone == policy_box_zone(d->v->p)))
			continue;
		text_puts(d->out, i ? ", " : "");
		put_end(d, s->at[i].address, zone, named);
		last = host;
	}
}

static void put_from(struct drafting *d, const struct proposal *p)
{
	const struct policy *pol = d->v->p;

	if (p->how == FROM_ZONE)
		text_printf(d->out, "zone %s", str(d->v, pol->zones[p->from].name));
	else if (p->how == FROM_GROUP)
		text_printf(d->out, "group %s", str(d->v, pol->groups[p->group].name));
	else
		put_ends(d, &p->src, p->from, needs_host(d->v, p->from));
}

static void new_site(struct drafting *d, const struct proposal *p)
{
	char ip[IP_TEXT];

	text_printf(&d->blocks, "site seen-%u { network ", d->number);
	for (uint32_t i = 0; i < p->dst.count; i++)
		text_printf(&d->blocks, "%s%s", i ? ", " : "", ip_text(p->dst.at[i].address, ip));
	text_puts(&d->blocks, "; }\n");
}

static void put_to(struct drafting *d, const struct proposal *p)
{
	const uint8_t condition = p->allowance ? p->allowance->condition : (uint8_t)MATRIX_ALWAYS;

	if (condition == MATRIX_TO_SITE) {
		new_site(d, p);
		text_printf(d->out, "site seen-%u", d->number);
	} else if (p->dst.more) {
		text_printf(d->out, "zone %s", str(d->v, d->v->p->zones[p->to].name));
	} else {
		put_ends(d, &p->dst, p->to, condition == MATRIX_TO_HOST || needs_host(d->v, p->to));
	}
}

/* ---- services ---- */

static bool same_service(const struct policy *pol, const struct service *s,
			 const struct port_range *r, uint32_t count)
{
	if (s->ports.count != count || s->ftp)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct port_range *a = &pol->ports[s->ports.first + i];
		bool found = false;

		for (uint32_t k = 0; k < count; k++)
			found |= !a->any && a->protocol == r[k].protocol && a->lo == r[k].lo &&
				 a->hi == r[k].hi;
		if (!found)
			return false;
	}
	return true;
}

/* An FTP service that has all the ports. */
static bool ftp_service(const struct policy *pol, const struct service *s, const struct proposal *p)
{
	for (uint32_t i = 0; s->ftp && i < p->port_count; i++) {
		bool found = false;

		for (uint32_t k = s->ports.first; k < s->ports.first + s->ports.count; k++)
			found |= pol->ports[k].protocol == p->ports[i].protocol &&
				 pol->ports[k].lo <= p->ports[i].lo &&
				 p->ports[i].hi <= pol->ports[k].hi;
		if (!found)
			return false;
	}
	return s->ftp;
}

static const char *protocol_word(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP: return "tcp";
	case IPPROTO_UDP: return "udp";
	case IPPROTO_ICMP: return "icmp";
	case IPPROTO_ICMPV6: return "icmpv6";
	default: return NULL;
	}
}

static void put_ports(const struct proposal *p, uint8_t protocol, struct text *out)
{
	const char *word = protocol_word(protocol);
	bool any = false;

	for (uint32_t i = 0; i < p->port_count; i++) {
		const struct port_range *r = &p->ports[i];

		if (r->protocol != protocol)
			continue;
		text_printf(out, any ? ", " : "%s ", word ? word : "protocol");
		if (!word)
			text_printf(out, "%u", protocol);
		else if (r->lo == r->hi)
			text_printf(out, "%u", r->lo);
		else
			text_printf(out, "%u-%u", r->lo, r->hi);
		any = true;
	}
	text_puts(out, any ? "; " : "");
}

/* Control port and what was seen of the passive range; nothing seen of it: what servers use by default. */
static void put_ftp_ports(const struct proposal *p, struct text *out)
{
	uint16_t lo = UINT16_MAX, hi = 0, control = 21;

	for (uint32_t i = 0; i < p->port_count; i++) {
		if (p->ports[i].protocol != IPPROTO_TCP || p->ports[i].lo == 21)
			continue;
		if (p->ports[i].lo < 1024) {
			control = p->ports[i].lo;
			continue;
		}
		lo = p->ports[i].lo < lo ? p->ports[i].lo : lo;
		hi = p->ports[i].hi > hi ? p->ports[i].hi : hi;
	}
	if (hi == 0)
		lo = 49152, hi = 65535;
	text_printf(out, "tcp %u, %u-%u; ", control, lo, hi);
}

static void new_service(struct drafting *d, const struct proposal *p)
{
	text_printf(&d->blocks, "service seen-%u { ", d->number);
	if (p->ftp)
		put_ftp_ports(p, &d->blocks);
	else
		for (unsigned int protocol = 0; protocol <= UINT8_MAX; protocol++)
			put_ports(p, (uint8_t)protocol, &d->blocks);
	text_puts(&d->blocks, "}\n");
}

/* A service that is exactly this, or one that the policy has for each of the ports, or a new one. */
static void put_service(struct drafting *d, const struct proposal *p)
{
	const struct policy *pol = d->v->p;
	uint32_t found = 0;
	struct text list = { 0 };

	for (uint32_t i = 0; i < pol->services_count; i++)
		if (p->ftp ? ftp_service(pol, &pol->services[i], p)
			   : same_service(pol, &pol->services[i], p->ports, p->port_count)) {
			text_puts(d->out, str(d->v, pol->services[i].name));
			return;
		}
	for (uint32_t k = 0; k < p->port_count && !p->ftp; k++)
		for (uint32_t i = 0; i < pol->services_count; i++)
			if (same_service(pol, &pol->services[i], &p->ports[k], 1)) {
				text_printf(&list, "%s%s", found ? ", " : "",
					    str(d->v, pol->services[i].name));
				found++;
				break;
			}
	if (found && found == p->port_count) {
		text_add(d->out, list.bytes, list.len);
	} else {
		new_service(d, p);
		text_printf(d->out, "seen-%u", d->number);
	}
	text_done(&list);
}

/* ---- a permit ---- */

static const char *kind_of(const struct proposal *p)
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
	const char *kind = kind_of(p);
	bool any = false;

	for (unsigned int k = 0; k < KIND_COUNT; k++) {
		if (!(kinds >> k & 1) || policy_kind_words[k] == kind ||
		    kinds == (1u << KIND_COUNT) - 1)
			continue;
		if (!any)
			text_puts(d->out, tr(d->v, "# kind: or ", "# kind は次でもよい: "));
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
		put_hole(d, hole, "the application, as nDPI names it; it was not recognised",
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
	put_hole(d, name, "the section that answers for it", "責任を持つ課", "\"総務課\"");
	text_printf(d->out, "\n\towner @%s@;", name);
	snprintf(name, sizeof(name), "seen-%u-reason", d->number);
	put_hole(d, name, "why it is needed", "必要な理由", "\"業務のため\"");
	text_printf(d->out, " reason @%s@;", name);
	if (strict(d->v, p) || !strcmp(kind_of(p), "maintenance") ||
	    !strcmp(kind_of(p), "update")) {
		snprintf(name, sizeof(name), "seen-%u-reference", d->number);
		put_hole(d, name, "the document of the approval", "許可を承認した文書",
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
		text_printf(d->out, tr(d->v, "; none %llux", "; なし %llux"),
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
		tr(d->v,
		   "# terminals: %u%s, conversations: %llu, %s to %s, %llu bytes up, %llu down\n",
		   "# 端末 %u%s 台、通信 %llu 件、%s から %s、上り %llu・下り %llu バイト\n"),
		p->src.count, p->src.more ? "+" : "", (unsigned long long)p->count,
		report_date(p->first, first), report_date(p->last, last),
		(unsigned long long)p->bytes_up, (unsigned long long)p->bytes_down);
	put_terminals(d, p);
	put_words(d, tr(d->v, "applications: ", "アプリケーション: "), &p->applications);
	put_words(d, tr(d->v, "names: ", "接続先の名前: "), &p->names);
}

static void put_permit(struct drafting *d, const struct proposal *p)
{
	const struct draft_view *v = d->v;

	text_putc(d->out, '\n');
	put_evidence(d, p);
	put_other_kinds(d, p);
	text_printf(d->out, "permit seen-%u {\n\tkind %s; from ", d->number, kind_of(p));
	put_from(d, p);
	text_puts(d->out, "; to ");
	put_to(d, p);
	text_puts(d->out, "; service ");
	put_service(d, p);
	text_puts(d->out, ";\n\t");
	text_printf(d->out, "profile %s;",
		    p->profile == POLICY_NONE ? PROFILE : str(v, v->p->profiles[p->profile].name));
	d->own_profile |= p->profile == POLICY_NONE;
	put_application(d, p);
	put_names(d, p);
	put_holes(d, p);
	text_puts(d->out, "}\n");
}

/* ---- remarks ---- */

static const char *why_text(const struct draft_view *v, uint8_t why)
{
	switch (why) {
	case WHY_NO_ZONE: return tr(v, "an address lies in no zone", "どのゾーンにもないアドレス");
	case WHY_MODEL:
		return tr(v, "the model has no permit between these zones",
			  "モデルがこのゾーン間の許可を認めない");
	case WHY_DENIED: return tr(v, "denied", "禁止されている");
	case WHY_ENDED: return tr(v, "the permit is not in force", "許可が有効でない");
	case WHY_DIRECTION:
		return tr(v, "against the direction of the permit", "許可の向きに反する");
	case WHY_NAMES:
		return tr(v, "the permit names others, and it has no name",
			  "許可は別の名前で、これには名前がない");
	default: return tr(v, "passes with an alarm", "警報を出して通る");
	}
}

static const char *zone_of(const struct draft_view *v, uint32_t zone)
{
	return zone == POLICY_NONE ? "?" : str(v, v->p->zones[zone].name);
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
		text_printf(d->out, ": %s", str(v, v->p->statements[p->statement].name));
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
			text_puts(d->out, tr(d->v, "\n# Nothing is proposed for:\n",
					     "\n# 次のものには許可を提案しない:\n"));
		any = true;
		put_remark(d, &s->at[i]);
	}
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
		tr(v,
		   "# Proposed by 'sekimori draft' from %llu conversations recorded %s to %s.\n"
		   "# Delete what should not be; fill in the values at the end; then: sekimori check, sekimori rehearse.\n",
		   "# 'sekimori draft' が %llu 件の通信の記録 (%s から %s) から提案したもの。\n"
		   "# 不要な許可を消し、末尾の値を記入し、sekimori check と sekimori rehearse で確かめること。\n"),
		(unsigned long long)v->archive->taken, first, last);
	if (v->left_out)
		text_printf(
			out,
			tr(v,
			   "# INCOMPLETE: %llu conversations are not in it: ask for a shorter time.\n",
			   "# 不完全: %llu 件の通信を含まない。期間を短くすること。\n"),
			(unsigned long long)v->left_out);
	text_printf(out, "include \"%s\";\n", v->name);
}

static void put_profile(struct drafting *d, struct text *out)
{
	if (!d->own_profile || taken(d->v->p, PROFILE))
		return;
	text_puts(
		out,
		tr(d->v,
		   "\n# Another application than seen, or none, only alarms; 'sekimori rehearse --promote' says when it may block.\n",
		   "\n# 見たものと違うアプリケーションは警報のみ。block にできる時期は 'sekimori rehearse --promote' が示す。\n"));
	text_puts(
		out,
		"profile " PROFILE " {\n"
		"\tinspect metadata; on-overload drop; on-no-inspector drop; on-memory drop; on-midstream drop; on-undecodable drop;\n"
		"\ton-uninspectable alert; on-unknown-application alert; on-mismatch alert;\n}\n");
}

static void common_holes(struct drafting *d)
{
	put_hole(d, "seen-approved-by", "who approved the permits", "許可の承認者", "\"CISO\"");
	put_hole(d, "seen-approved-on", "the day of the approval", "承認日", "2026-04-01");
	put_hole(d, "seen-until", "the last day of the permits", "許可の最終日", "2027-03-31");
}

uint32_t draft_write_text(const struct draft_view *v, struct text *out)
{
	struct text permits = { 0 };
	struct drafting d = { .v = v, .out = &permits, .number = first_free(v->p) };
	const unsigned int before = d.number;

	for (uint32_t i = 0; i < v->proposals->count; i++) {
		if (v->proposals->at[i].why)
			continue;
		d.number++;
		put_permit(&d, &v->proposals->at[i]);
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
			    tr(v, "\n# To be filled in (take away the #):\n%s",
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
		json_string(j, "kind", kind_of(p));
	if (p->statement != POLICY_NONE)
		json_string(j, "statement", str(v, v->p->statements[p->statement].name));
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
