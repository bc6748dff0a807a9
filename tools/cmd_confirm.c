/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli.h"
#include "tools/cli_act.h"

static int run(struct cli *c)
{
	struct cli_act a = { .act = APPLY_CONFIRM };

	a.way = cli_given(c, "offline") ? CLI_ACT_OFFLINE : CLI_ACT_ASK;
	return cli_act_run(c, &a);
}

static const struct cli_option options[] = {
	{ "offline", 0, NULL, { "without sekimorid", "sekimorid なしで行う" } },
	{ 0 },
};

const struct cli_verb cmd_confirm = {
	.name = "confirm",
	.run = run,
	.operands = "",
	.help = { "keep the policy that was applied with --confirm-within",
		  "--confirm-within で適用した方針を残す" },
	.more = { "Open a new connection to the box for it: one that was open before the change proves nothing. "
		  "Exit status 1: nothing waits to be confirmed, or its time is over.",
		  "新しい接続から実行すること。変更前からの接続は何の証明にもならない。"
		  "終了コード 1: 確認待ちの変更がない、または時間切れ。" },
	.options = options,
	.json = true,
};
