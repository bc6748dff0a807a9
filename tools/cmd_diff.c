/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/json.h"
#include "rules/prove/diff_report.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

static int print(const struct cli *c, const struct diff_view *v)
{
	struct text t = { 0 };
	struct json j = json_to(&t);
	int r;

	if (c->json) {
		json_open(&j, NULL, '{');
		json_string(&j, "old", c->operands[0]);
		json_string(&j, "new", c->operands[1]);
		r = diff_put_json(v, &j);
		json_close(&j, '}');
	} else {
		r = diff_put_text(v, &t);
	}
	if (r == 0)
		return cli_put(c, &t);
	text_done(&t);
	return no_memory(c);
}

static int compare(const struct cli *c, const struct policy *before, const struct policy *after)
{
	struct differ *v = differ_new(0);
	struct diff d = { 0 };
	int r = v ? diff_policies(v, before, after, &d) : -1;

	differ_free(v);
	if (r < 0)
		return no_memory(c);
	struct diff_view view = { .d = &d,
				  .before = before,
				  .after = after,
				  .language = c->style.language,
				  .all = cli_given(c, "all") };

	r = print(c, &view);
	if (r == CLI_YES && d.result == DIFF_UNKNOWN)
		r = CLI_CANNOT;
	else if (r == CLI_YES && d.result != DIFF_NEUTRAL)
		r = CLI_NO;
	else if (r == CLI_YES && d.totals[DIFF_CHANGED])
		r = CLI_NO;
	diff_done(&d);
	return r;
}

static int run(struct cli *c)
{
	struct cli_policy before, after;
	int r = cli_policy_open(c, c->operands[0], &before);

	if (r != CLI_YES)
		return CLI_CANNOT;
	r = cli_policy_open(c, c->operands[1], &after);
	if (r == CLI_YES) {
		r = compare(c, before.policy, after.policy);
		cli_policy_close(&after);
	} else {
		r = CLI_CANNOT;
	}
	cli_policy_close(&before);
	return r;
}

static const struct cli_option options[] = {
	{ "all", 0, NULL, { "show every entry, however many", "件数にかかわらずすべて表示する" } },
	{ 0 },
};

const struct cli_verb cmd_diff = {
	.name = "diff",
	.run = run,
	.operands = "OLD NEW",
	.help = { "exactly which packets a change of policy opens, closes or treats otherwise",
		  "方針の変更で通るようになる・通らなくなる・扱いの変わる通信を正確に示す" },
	.more = { "OLD and NEW are policy texts or images. Zones are matched by their interfaces: names of "
		  "zones, hosts and permits do not matter. Exit status 0: no packet is treated otherwise; 1: "
		  "some are; 2: cannot compare.",
		  "OLD と NEW は定義ファイルかイメージ。ゾーンはインターフェースで対応付けるので、ゾーン・機器・"
		  "許可の名前は関係しない。終了コード 0: 違いなし、1: 違いあり、2: 比較できない。" },
	.options = options,
	.json = true,
};
