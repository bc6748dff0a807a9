/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rehearse: what a new policy would have made of the conversations that were recorded.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/inspect.h"
#include "rules/json.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_daemon.h"
#include "tools/cli_policy.h"
#include "tools/cli_since.h"
#include "tools/seen/rehearse.h"
#include "tools/seen/report.h"

#define SINCE_DAYS 30

struct rehearsing {
	struct cli *c;
	struct cli_policy new, old;
	struct cli_in_force in_force;
	struct archive archive;
	struct rehearse *r;
	int64_t day;
};

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

static bool read_times(struct rehearsing *g)
{
	const struct cli *c = g->c;

	const int64_t now = (int64_t)time(NULL);

	g->day = now;
	g->archive.since = now - SINCE_DAYS * INT64_C(86400);
	return (!cli_given(c, "at") || cli_time(c, "at", &g->day)) &&
	       cli_since(c, "since", now, &g->archive.since) &&
	       cli_since(c, "until", now, &g->archive.until);
}

/* What was in force: the file named, else what the daemon has; NULL: nothing to compare with. */
static int open_old(struct rehearsing *g, const struct policy **old)
{
	const char *path = cli_value(g->c, "old");
	int r = CLI_YES;

	*old = NULL;
	if (path)
		r = cli_policy_open(g->c, path, &g->old);
	else
		cli_in_force(g->c, &g->in_force);
	if (r == CLI_YES && path)
		*old = g->old.policy;
	else if (g->in_force.map)
		*old = &g->in_force.policy;
	return r;
}

static int read_events(struct rehearsing *g)
{
	const char *path = cli_value(g->c, "events");
	char which[PATH_MAX] = "";
	struct conf conf;
	int e;

	if (!path && cli_conf(g->c, &conf) != CLI_YES)
		return CLI_CANNOT;
	g->archive.take = rehearse_take;
	g->archive.ctx = g->r;
	e = archive_read(&g->archive, path ? path : conf.log_directory, which);
	rehearse_finish(g->r);
	if (e == -ENOENT)
		return cli_error(g->c, "%s: no event files there (--events DIR|FILE)",
				 "%s: イベントの記録がありません（--events DIR|FILE）", which);
	if (e < 0)
		return cli_error(g->c, "%s: %s", "%s: %s", which, strerror(-e));
	return g->r->no_memory ? no_memory(g->c) : CLI_YES;
}

static int print(struct rehearsing *g, bool promote)
{
	const struct report_view v = { .r = g->r,
				       .archive = &g->archive,
				       .language = g->c->style.language,
				       .name = g->c->operands[0],
				       .day = g->day,
				       .since = g->archive.since,
				       .all = cli_given(g->c, "all") };
	struct text t = { 0 };
	struct json j = json_to(&t);
	int r;

	if (promote)
		r = g->c->json ? report_promotion_json(&v, &j) : report_promotion_text(&v, &t);
	else if (!(g->c->json ? report_json(&v, &j) : report_text(&v, &t)))
		r = -ENOMEM;
	else
		r = g->r->totals[OUTCOME_CUT] == 0;
	if (r < 0) {
		text_done(&t);
		return no_memory(g->c);
	}
	if (cli_put(g->c, &t) != CLI_YES)
		return CLI_CANNOT;
	return r ? CLI_YES : CLI_NO;
}

static int rehearse(struct rehearsing *g, struct inspect *in)
{
	const bool promote = cli_given(g->c, "promote");
	const struct policy *old = NULL;
	char why[160] = "";
	int e, r = promote ? CLI_YES : open_old(g, &old);

	if (r != CLI_YES)
		return r;
	e = rehearse_new(g->new.policy, old, in, g->day, promote, &g->r, why);
	if (e == -ENOENT)
		return cli_error(g->c, "%s", "%s", why);
	if (e < 0)
		return no_memory(g->c);
	g->r->all = cli_given(g->c, "all");
	r = read_events(g);
	return r == CLI_YES ? print(g, promote) : r;
}

static int run(struct cli *c)
{
	struct rehearsing g = { .c = c };
	struct inspect *in;
	int r;

	if (!read_times(&g))
		return CLI_CANNOT;
	r = cli_policy_open(c, c->operands[0], &g.new);
	if (r != CLI_YES)
		return r;
	in = inspect_new(&inspect_conf_default);
	r = in ? rehearse(&g, in) : no_memory(c);
	rehearse_free(g.r);
	inspect_free(in);
	cli_in_force_done(&g.in_force);
	cli_policy_close(&g.old);
	cli_policy_close(&g.new);
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
	  { "conversations that ended since then: 30d (default), 2h, 2026-11-01",
	    "この時以降に終わった通信: 30d（既定）、2h、2026-11-01" } },
	{ "until", 0, "TIME", { "... and before then", "この時より前" } },
	{ "at",
	  0,
	  "TIME",
	  { "dates of the policy as of then, in Japan (left out: now)",
	    "方針の期限をこの日時（日本時間）で見る（省略時は現在）" } },
	{ "old",
	  0,
	  "FILE",
	  { "compare inspection with this policy or image (left out: the one in force)",
	    "検査の仕方を比べる相手の方針かイメージ（省略時は適用中のもの）" } },
	{ "promote",
	  0,
	  NULL,
	  { "report instead what still hangs on a crossing or on alarms only",
	    "crossing や警報のみの設定に頼っている通信を報告する" } },
	{ "all", 0, NULL, { "list also what stays the same", "変わらない通信も表示する" } },
	{ 0 },
};

const struct cli_verb cmd_rehearse = {
	.name = "rehearse",
	.run = run,
	.operands = "FILE",
	.help = { "what a new policy would have made of the conversations that were recorded",
		  "記録された通信に新しい方針を当てはめる" },
	.more = { "FILE is a policy text or an image. The verdict is that of kernel and engine, from what was recorded; windows count as of the beginning of each conversation. "
		  "Not recorded, and taken to be as it should be, are network cards and how many bytes it took to recognise an application. "
		  "All conversations are counted; 500,000 kinds of them, and 64 MB of names, are listed.\n"
		  "--promote says of each crossing and each profile that only alarms whether anything of that time still needs it: observe, then alert, then closed.\n"
		  "Exit status 1: something would be cut; with --promote: something may not go to the next stage yet.",
		  "FILE は定義ファイルかイメージ。判定はカーネルと検査エンジンと同じもので、記録された事実から行う。時間帯は各通信の開始時刻で見る。"
		  "機器の MAC アドレスと、アプリケーションの判明までのバイト数は記録にないため、正しいものとみなす。"
		  "件数はすべての通信を数え、一覧は 50 万種類、名前 64 MB まで。\n"
		  "--promote は、crossing と警報のみの profile のそれぞれについて、その期間にまだ必要とされたかを示す（observe、alert、closed の順に進める）。\n"
		  "終了コード 1: 遮断されるものがある。--promote では、まだ進めないものがある。" },
	.options = options,
	.json = true,
};
