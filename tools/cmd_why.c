/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * why: "it does not connect". What this terminal was last refused, by whom, and what would allow it.
 */
#include "tools/cli_daemon.h"
#include "tools/cli_disabled.h"
#include "tools/cli_event.h"
#include "tools/cli_permit.h"

#include "rules/json.h"
#include "rules/jst.h"
#include "rules/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REFUSALS_SHOWN 5
#define FIELD 256

enum advice { ADVISE_PERMIT, ADVISE_APPLICATION, ADVISE_NAME, ADVISE_DENY, ADVISE_NONE };

/* Every reason that stops somebody: who it was that stopped, and what to do. */
static const struct reason {
	const char *word;
	enum advice advice;
	const char *text[CLI_LANGUAGES];
} reasons[] = {
	{ "not-permitted",
	  ADVISE_PERMIT,
	  { "segmentation: no permit covers it", "ゾーンの分離: これを許可するものがない" } },
	{ "denied",
	  ADVISE_DENY,
	  { "segmentation: an explicit deny covers it", "ゾーンの分離: 明示の禁止に当たる" } },
	{ "application-mismatch",
	  ADVISE_APPLICATION,
	  { "inspection: another application than the permit names",
	    "検査: 許可と異なるアプリケーション" } },
	{ "unknown-application",
	  ADVISE_APPLICATION,
	  { "inspection: the application could not be recognised",
	    "検査: アプリケーションを判別できない" } },
	{ "name-mismatch",
	  ADVISE_NAME,
	  { "inspection: another name than the permit lists", "検査: 許可にない接続先名" } },
	{ "no-name",
	  ADVISE_NAME,
	  { "inspection: no readable name, and the permit wants one",
	    "検査: 接続先名を読めない" } },
	{ "direction",
	  ADVISE_NONE,
	  { "inspection: the permit is for the other direction (direction)",
	    "検査: 許可の向き（direction）に反する" } },
	{ "permit-ended",
	  ADVISE_NONE,
	  { "the permit has ended: renew its `until`", "許可の期限切れ: until を更新する" } },
	{ "spoofed-address",
	  ADVISE_NONE,
	  { "spoofing check: the address does not belong to the zone of that plug; check cable and address",
	    "詐称の検査: その口のゾーンに属さないアドレス。配線とアドレスを確認する" } },
	{ "wrong-mac",
	  ADVISE_NONE,
	  { "spoofing check: another network card than the policy names; correct `mac` of the host",
	    "詐称の検査: 登録と異なる機器。ホストの mac を確認する" } },
	{ "invalid-state",
	  ADVISE_NONE,
	  { "the packet fits no connection (it came too late, or by another way)",
	    "接続の状態に合わない（遅れたか、別の経路を通った）" } },
	{ "midstream",
	  ADVISE_NONE,
	  { "the connection began unseen: open it anew", "開始を確認できない接続。接続し直す" } },
	{ "restart",
	  ADVISE_NONE,
	  { "the connection is from before a restart: open it anew",
	    "再起動前からの接続。接続し直す" } },
	{ "policy-change",
	  ADVISE_NONE,
	  { "the policy was changed while it was open", "接続中に方針が変わった" } },
	{ "overload",
	  ADVISE_NONE,
	  { "more packets than could be inspected: sekimori status",
	    "検査が追いつかなかった。sekimori status を確認する" } },
	{ "no-inspector",
	  ADVISE_NONE,
	  { "no inspector was there: sekimori status",
	    "検査プロセスがなかった。sekimori status を確認する" } },
	{ "undecodable",
	  ADVISE_NONE,
	  { "the packets could not be read", "パケットを読めなかった" } },
	{ "retransmission-differs",
	  ADVISE_NONE,
	  { "the connection was tampered with, or a middlebox is broken",
	    "通信の改ざん、または中間機器の故障" } },
};

struct refusal {
	struct tuple tuple;
	const struct reason *reason; /* NULL: a word that is not in the table */
	char word[64], when[32], permit[FIELD], application[FIELD], name[FIELD], detector[64];
	char zone_from[80], zone_to[80], src[80], dst[80], proto[16];
	uint64_t count;
};

struct search {
	struct cli *c;
	const char *who, *dest;
	struct cli_json json;
	struct refusal found[REFUSALS_SHOWN]; /* newest first */
	unsigned int count;
};

/* ---- finding ---- */

static const char *get(const struct cli_json *j, const char *path, char *buf, size_t size)
{
	return cli_json_text(j, cli_json_get(j, cli_json_top(j), path), buf, size);
}

static bool is(const struct cli_json *j, const char *path, const char *text)
{
	return cli_json_is(j, cli_json_get(j, cli_json_top(j), path), text);
}

static uint64_t number(const struct cli_json *j, const char *path)
{
	return cli_json_uint(j, cli_json_get(j, cli_json_top(j), path));
}

static uint8_t protocol_of(const char *word)
{
	static const struct {
		const char *word;
		uint8_t number;
	} table[] = { { "TCP", 6 },    { "UDP", 17 }, { "ICMP", 1 }, { "IPv6-ICMP", 58 },
		      { "SCTP", 132 }, { "GRE", 47 }, { "ESP", 50 } };

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strcmp(word, table[i].word) == 0)
			return table[i].number;
	}
	return (uint8_t)strtoul(word, NULL, 10);
}

static bool concerns(const struct search *s)
{
	const struct cli_json *j = &s->json;

	if (!is(j, "event_type", "alert") || !is(j, "alert.action", "blocked"))
		return false;
	if (!is(j, "src_ip", s->who) && !is(j, "sekimori.asset.name", s->who))
		return false;
	return !s->dest || is(j, "dest_ip", s->dest) || is(j, "sekimori.name", s->dest);
}

static void read_refusal(const struct cli_json *j, struct refusal *r)
{
	*r = (struct refusal){ .count = number(j, "sekimori.count") };
	get(j, "sekimori.reason", r->word, sizeof r->word);
	get(j, "timestamp", r->when, sizeof r->when);
	get(j, "sekimori.permit", r->permit, sizeof r->permit);
	get(j, "sekimori.application", r->application, sizeof r->application);
	get(j, "sekimori.name", r->name, sizeof r->name);
	get(j, "sekimori.detector", r->detector, sizeof r->detector);
	get(j, "sekimori.zone_from", r->zone_from, sizeof r->zone_from);
	get(j, "sekimori.zone_to", r->zone_to, sizeof r->zone_to);
	get(j, "src_ip", r->src, sizeof r->src);
	get(j, "dest_ip", r->dst, sizeof r->dst);
	get(j, "proto", r->proto, sizeof r->proto);
	ip_parse(r->src, &r->tuple.src);
	ip_parse(r->dst, &r->tuple.dst);
	r->tuple.protocol = protocol_of(r->proto);
	r->tuple.dport = (uint16_t)(r->tuple.protocol == 1 || r->tuple.protocol == 58
					    ? number(j, "icmp_type")
					    : number(j, "dest_port"));
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		if (strcmp(reasons[i].word, r->word) == 0)
			r->reason = &reasons[i];
	}
	r->when[strlen(r->when) > 19 ? 19 : strlen(r->when)] = '\0';
	if (r->when[10] == 'T')
		r->when[10] = ' ';
}

static bool same(const struct refusal *a, const struct refusal *b)
{
	return strcmp(a->dst, b->dst) == 0 && a->tuple.protocol == b->tuple.protocol &&
	       a->tuple.dport == b->tuple.dport && strcmp(a->word, b->word) == 0;
}

/* The newest of each destination and reason, newest first. */
static void note(struct search *s)
{
	struct refusal r;
	unsigned int i = 0;

	read_refusal(&s->json, &r);
	while (i < s->count && !same(&s->found[i], &r))
		i++;
	if (i < s->count)
		r.count += s->found[i].count;
	else if (s->count < REFUSALS_SHOWN)
		s->count++;
	else
		i = REFUSALS_SHOWN - 1;
	memmove(s->found + 1, s->found, i * sizeof *s->found);
	s->found[0] = r;
}

static bool read_events(struct search *s, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f)
		return false;
	while ((n = getline(&line, &size, f)) > 0) {
		if (cli_json_parse(&s->json, line, (size_t)n) == 0 && concerns(s))
			note(s);
	}
	free(line);
	fclose(f);
	return true;
}

/* ---- what would help ---- */

/* A permit that somebody took out of force, and why. */
static bool advise_enable(const struct cli *c, const struct policy *p, const struct tuple *t,
			  struct text *out)
{
	const struct statement *s = cli_disabled(p, t);
	char date[JST_TEXT];

	if (!s)
		return false;
	text_printf(out,
		    cli_tr(c,
			   "permit %s, disabled%s%s: %s; 'sekimori enable FILE %s' puts it back\n",
			   "無効にされた許可 %s%s%s: %s。戻すには 'sekimori enable FILE %s'\n"),
		    policy_string(p, s->name), s->disabled_on ? cli_tr(c, " on ", "、") : "",
		    s->disabled_on ? jst_date_text(s->disabled_on, date) : "",
		    policy_string(p, s->disabled), policy_string(p, s->name));
	return true;
}

static void advise(const struct search *s, const struct cli_in_force *f, const struct refusal *r,
		   struct text *out)
{
	const enum advice advice = r->reason ? r->reason->advice : ADVISE_NONE;
	const struct cli_wish w = { .tuple = r->tuple,
				    .application = r->application,
				    .name = r->name };
	const struct cli *c = s->c;

	if (advice == ADVISE_APPLICATION && *r->application)
		text_printf(out,
			    cli_tr(c, "in permit %s: application ..., %s;\n",
				   "許可 %s に: application ..., %s;\n"),
			    r->permit, r->application);
	else if (advice == ADVISE_NAME && *r->name)
		text_printf(out,
			    cli_tr(c, "in permit %s: name ..., %s;\n",
				   "許可 %s に: name ..., %s;\n"),
			    r->permit, r->name);
	else if (advice == ADVISE_DENY)
		text_printf(out,
			    cli_tr(c, "deny %s: take it back, or ask its owner\n",
				   "禁止 %s: 取り下げるか、担当者に確認する\n"),
			    *r->permit ? r->permit : "?");
	if (advice != ADVISE_PERMIT || !f->map)
		return;
	if (advise_enable(c, &f->policy, &r->tuple, out))
		return;
	switch (cli_permit(&f->policy, &w, out)) {
	case CLI_WISH_NEVER:
		text_puts(out,
			  cli_tr(c, "nothing: the model allows no permit between these zones\n",
				 "なし: このモデルでは、このゾーンの間に許可を置けない\n"));
		break;
	case CLI_WISH_NO_ZONE:
		text_puts(out, cli_tr(c, "nothing: an address lies in no zone of the policy\n",
				      "なし: どのゾーンにも属さないアドレス\n"));
		break;
	default: break;
	}
}

static void put_text(const struct search *s, const struct cli_in_force *f, struct text *out)
{
	for (unsigned int i = 0; i < s->count; i++) {
		const struct refusal *r = &s->found[i];
		struct text help = { 0 };

		text_printf(out, "%s  %s>%s  %s -> %s", r->when, *r->zone_from ? r->zone_from : "?",
			    *r->zone_to ? r->zone_to : "?", r->src, r->dst);
		text_printf(out, " %s %u", r->proto, r->tuple.dport);
		if (r->count > 1)
			text_printf(out, " x%llu", (unsigned long long)r->count);
		text_printf(out, "\n  %s%s%s\n",
			    r->reason ? r->reason->text[s->c->style.language] : r->word,
			    *r->permit ? ": " : "", r->permit);
		advise(s, f, r, &help);
		if (help.len)
			text_printf(out, "%s\n%s",
				    cli_tr(s->c, "  what would allow it:", "  これを通すには:"),
				    help.bytes);
		text_done(&help);
	}
}

static void put_json(const struct search *s, const struct cli_in_force *f, struct text *out)
{
	struct json j = json_to(out);

	json_open(&j, NULL, '[');
	for (unsigned int i = 0; i < s->count; i++) {
		const struct refusal *r = &s->found[i];
		struct text help = { 0 };

		advise(s, f, r, &help);
		json_open(&j, NULL, '{');
		json_string(&j, "time", r->when);
		json_string(&j, "src_ip", r->src);
		json_string(&j, "dest_ip", r->dst);
		json_string(&j, "proto", r->proto);
		json_uint(&j, "port", r->tuple.dport);
		json_string(&j, "detector", r->detector);
		json_string(&j, "reason", r->word);
		json_string(&j, "permit", *r->permit ? r->permit : NULL);
		json_string(&j, "application", *r->application ? r->application : NULL);
		json_string(&j, "name", *r->name ? r->name : NULL);
		json_uint(&j, "count", r->count);
		json_string(&j, "allow", help.bytes);
		json_close(&j, '}');
		text_done(&help);
	}
	json_close(&j, ']');
}

static int find(struct search *s)
{
	struct conf conf;
	char path[CONF_TEXT + 16], older[CONF_TEXT + 24];

	if (cli_conf(s->c, &conf) != CLI_YES)
		return CLI_CANNOT;
	snprintf(path, sizeof path, "%s/eve.json", conf.log_directory);
	snprintf(older, sizeof older, "%s.1", path);
	read_events(s, older);
	if (read_events(s, path))
		return CLI_YES;
	return cli_error(s->c, "%s cannot be read: members of the group sekimori may",
			 "%s を読めません（sekimori グループの権限が必要です）", path);
}

static int run(struct cli *c)
{
	struct search s = { .c = c,
			    .who = c->operands[0],
			    .dest = c->operand_count > 1 ? c->operands[1] : NULL };
	struct cli_in_force f;
	struct text out = { 0 };
	int r = find(&s);

	if (r != CLI_YES)
		return r;
	cli_in_force(c, &f);
	if (c->json)
		put_json(&s, &f, &out);
	else if (s.count)
		put_text(&s, &f, &out);
	else
		text_printf(
			&out,
			cli_tr(c,
			       "nothing of %s was refused, as far as the log goes back; sekimori explain FILE --from %s says what the policy thinks\n",
			       "記録の残る範囲で %s の通信は拒否されていません。方針上の扱いは sekimori explain FILE --from %s\n"),
			s.who, s.who);
	r = cli_put(c, &out);
	cli_in_force_done(&f);
	cli_json_done(&s.json);
	return r == CLI_YES && s.count == 0 ? CLI_NO : r;
}

const struct cli_verb cmd_why = {
	.name = "why",
	.run = run,
	.operands = "ADDRESS [DEST]",
	.help = { "it does not connect: what this terminal was last refused, and what would allow it",
		  "つながらない理由: この端末が最後に拒否されたものと、通すための許可" },
	.more = { "ADDRESS is the terminal's address, or the name of its host in the policy; DEST an address or a name it wanted. Exit status 1: nothing was refused.",
		  "ADDRESS は端末のアドレスか方針のホスト名。DEST は接続先のアドレスか名前。終了コード 1: 拒否はない。" },
	.json = true,
};
