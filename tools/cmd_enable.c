/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_edit.h"

static int enable(struct cli_edit *s, const char *permit)
{
	struct text was = { 0 };
	int r = cli_edit_permit(s, permit);

	if (r != CLI_YES)
		return r;
	if (edit_value(&s->edit, permit, "disabled", &was))
		r = cli_edit_set(s, permit, "disabled", NULL);
	if (r == CLI_YES && edit_value(&s->edit, permit, "disabled-on", &was))
		r = cli_edit_set(s, permit, "disabled-on", NULL);
	text_done(&was);
	return r;
}

static int run(struct cli *c)
{
	struct cli_edit s;
	int r = cli_edit_begin(c, c->operands[0], &s);

	if (r != CLI_YES)
		return r;
	r = enable(&s, c->operands[1]);
	return r == CLI_YES ? cli_edit_finish(&s) : cli_edit_stop(&s, r);
}

static const struct cli_option options[] = {
	CLI_CHANGE_OPTIONS,
	{ 0 },
};

const struct cli_verb cmd_enable = {
	.name = "enable",
	.run = run,
	.operands = "FILE NAME",
	.help = { "put a disabled permit back in force", "無効にした許可を元に戻す" },
	.more = { "What 'sekimori disable' wrote is taken away again. A permit whose end has passed meanwhile stays "
		  "closed: renew it. Exit status 1: refused, or not wanted.",
		  "'sekimori disable' が書いたものを取り除く。その間に期限が過ぎた許可は閉じたままなので renew する。"
		  "終了コード 1: 拒否したか、取りやめた。" },
	.options = options,
	.json = true,
};
