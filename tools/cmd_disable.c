/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/jst.h"
#include "tools/cli.h"
#include "tools/cli_edit.h"

static int disable(struct cli_edit *s, const char *permit)
{
	char date[JST_TEXT];
	int r = cli_edit_permit(s, permit);

	if (r == CLI_YES)
		r = cli_edit_set(s, permit, "disabled", cli_value(s->c, "reason"));
	if (r == CLI_YES)
		r = cli_edit_set(s, permit, "disabled-on", jst_date_text(s->change.now, date));
	return r;
}

static int run(struct cli *c)
{
	struct cli_edit s;
	int r;

	if (!cli_given(c, "reason"))
		return cli_usage(c, "--reason is missing: it stays in the policy for the auditor",
				 "--reason がありません (監査のために定義に残ります)");
	r = cli_edit_begin(c, c->operands[0], &s);
	if (r != CLI_YES)
		return r;
	r = disable(&s, c->operands[1]);
	return r == CLI_YES ? cli_edit_finish(&s) : cli_edit_stop(&s, r);
}

static const struct cli_option options[] = {
	{ "reason", 0, "TEXT", { "why nothing of it passes any more", "無効にする理由" } },
	CLI_CHANGE_OPTIONS,
	{ 0 },
};

const struct cli_verb cmd_disable = {
	.name = "disable",
	.run = run,
	.operands = "FILE NAME",
	.help = { "take a permit out of force and keep its text for the auditor",
		  "許可を無効にし、記述は監査のために残す" },
	.more = { "The permit stays where it is and says why and since when; nothing of it passes once the policy is "
		  "applied. 'sekimori enable' takes that back. Exit status 1: refused, or not wanted.",
		  "許可の記述はそのまま残り、理由と日付が加わる。適用後は何も通らない。'sekimori enable' で元に戻る。"
		  "終了コード 1: 拒否したか、取りやめた。" },
	.options = options,
	.json = true,
};
