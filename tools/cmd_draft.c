/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draft: permits proposed for what passed by a crossing alone.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "daemon/inspect.h"
#include "rules/json.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_daemon.h"
#include "tools/cli_policy.h"
#include "tools/cli_since.h"
#include "tools/seen/archive.h"
#include "tools/seen/draft.h"
#include "tools/seen/proposal.h"
#include "tools/seen/rehearsal.h"
#include "tools/seen/seen.h"
#include "tools/seen/sighting.h"
#include "tools/seen/who.h"

#define SINCE_DAYS 14

struct drafting {
	struct cli *c;
	struct cli_policy policy;
	struct archive archive;
	struct rehearsal *closed; /* owned; the policy without its crossings */
	struct seen *seen;        /* owned */
	bool no_memory;
	int64_t day;
};

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

static void take(void *ctx, const struct sighting *one)
{
	struct drafting *d = ctx;
	const struct rehearsed_as as = rehearsal_judge(d->closed, one);
	const uint32_t tag = one->refused ? 0 : proposals_tag(&as);

	if (tag && seen_add(d->seen, one, tag) == -ENOMEM)
		d->no_memory = true;
}

static bool read_times(struct drafting *d)
{
	const struct cli *c = d->c;

	const int64_t now = (int64_t)time(NULL);

	d->day = now;
	d->archive.since = now - SINCE_DAYS * INT64_C(86400);
	return (!cli_given(c, "at") || cli_time(c, "at", &d->day)) &&
	       cli_since(c, "since", now, &d->archive.since) &&
	       cli_since(c, "until", now, &d->archive.until);
}

static int read_events(struct drafting *d)
{
	const char *path = cli_value(d->c, "events");
	char which[PATH_MAX] = "";
	struct conf conf;
	int e;

	if (!path && cli_conf(d->c, &conf) != CLI_YES)
		return CLI_CANNOT;
	d->archive.take = take;
	d->archive.ctx = d;
	e = archive_read(&d->archive, path ? path : conf.log_directory, which);
	if (e == -ENOENT)
		return cli_error(d->c, "%s: no event files there (--events DIR|FILE)",
				 "%s: イベントの記録がありません（--events DIR|FILE）", which);
	if (e < 0)
		return cli_error(d->c, "%s: %s", "%s: %s", which, strerror(-e));
	return d->no_memory ? no_memory(d->c) : CLI_YES;
}

static int print(struct drafting *d, const struct who *who, const struct proposals *proposals)
{
	const struct draft_view v = { .p = rehearsal_policy(d->closed),
				      .proposals = proposals,
				      .archive = &d->archive,
				      .who = who,
				      .language = d->c->style.language,
				      .name = d->c->operands[0],
				      .left_out = seen_left_out(d->seen) };
	struct text t = { 0 };
	struct json j = json_to(&t);
	uint32_t permits;

	permits = d->c->json ? draft_write_json(&v, &j) : draft_write_text(&v, &t);
	if (cli_put(d->c, &t) != CLI_YES)
		return CLI_CANNOT;
	if (v.left_out)
		return cli_error(
			d->c, "more than fits: the draft is incomplete; ask for a shorter --since",
			"記録が多すぎるため不完全です。--since を短くしてください");
	return permits ? CLI_NO : CLI_YES;
}

static int propose(struct drafting *d, struct inspect *in)
{
	struct proposals proposals = { 0 };
	struct who *who = who_new(rehearsal_policy(d->closed));
	int r;

	if (!who)
		return no_memory(d->c);
	proposals_make(rehearsal_policy(d->closed), d->seen, in, who, &proposals);
	r = proposals.no_memory ? no_memory(d->c) : print(d, who, &proposals);
	proposals_done(&proposals);
	who_free(who);
	return r;
}

static int draft(struct drafting *d, struct inspect *in)
{
	char why[160] = "";
	int e, r;

	d->seen = seen_new(SEEN_ENTRIES, SEEN_TEXTS);
	if (!d->seen)
		return no_memory(d->c);
	e = rehearsal_new(d->policy.policy, in, d->day, false, &d->closed, why);
	if (e == -ENOENT)
		return cli_error(d->c, "%s", "%s", why);
	if (e < 0)
		return no_memory(d->c);
	r = read_events(d);
	return r == CLI_YES ? propose(d, in) : r;
}

static int run(struct cli *c)
{
	struct drafting d = { .c = c };
	struct inspect *in;
	int r;

	if (!read_times(&d))
		return CLI_CANNOT;
	r = cli_policy_open(c, c->operands[0], &d.policy);
	if (r != CLI_YES)
		return r;
	in = inspect_new(&inspect_conf_default);
	if (!in)
		r = no_memory(c);
	else if (d.policy.map || !strcmp(c->operands[0], "-"))
		r = cli_error(c, "%s: a draft includes the policy: its text in a file is needed",
			      "%s: 提案は方針を include するため、定義ファイルを指定してください",
			      c->operands[0]);
	else
		r = draft(&d, in);
	rehearsal_free(d.closed);
	seen_free(d.seen);
	inspect_free(in);
	cli_policy_close(&d.policy);
	return r;
}

static const struct cli_option options[] = {
	{ "events",
	  0,
	  "DIR|FILE",
	  { "where the events are (left out: the log directory)",
	    "イベントの記録の場所（省略時はログディレクトリ）" } },
	{ "since",
	  0,
	  "TIME",
	  { "conversations that ended since then: 14d (default), 2h, 2026-11-01",
	    "この時以降に終わった通信: 14d（既定）、2h、2026-11-01" } },
	{ "until", 0, "TIME", { "... and before then", "この時より前" } },
	{ "at",
	  0,
	  "TIME",
	  { "dates of the policy as of then, in Japan (left out: now)",
	    "方針の期限をこの日時（日本時間）で見る（省略時は現在）" } },
	{ 0 },
};

const struct cli_verb cmd_draft = {
	.name = "draft",
	.run = run,
	.operands = "FILE",
	.help = { "permits proposed for what passes by a crossing alone, with the evidence",
		  "crossing だけで通っている通信に、根拠を添えて許可を提案する" },
	.more = { "FILE is the policy under which it was recorded. The draft includes it, and leaves holes for owner, reason and approval; another application than was seen only alarms. "
		  "What the model has no permit for, and what is denied, is remarked on at the end. "
		  "Beyond 500,000 kinds of conversation, or 64 MB of names, a draft is incomplete, and says so (exit status 2).\n"
		  "Exit status 0: nothing has to be proposed; 1: something is.",
		  "FILE は記録したときの方針。提案はこれを include し、責任課・理由・承認を空欄にする。見たものと違うアプリケーションは警報のみとする。"
		  "モデルが許可を認めないものと禁止されているものは末尾に記す。"
		  "50 万種類または名前 64 MB を超える場合は不完全となり、その旨を示す (終了コード 2)。\n"
		  "終了コード 0: 提案するものがない。1: 提案がある。" },
	.options = options,
	.json = true,
};
