/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli.h"
#include "tools/cli_act.h"

#include <stdlib.h>
#include <string.h>

static bool read_number(const struct cli *c, uint32_t *out)
{
	const char *s = c->operand_count ? c->operands[0] : NULL;
	char *end;

	if (!s)
		return true;
	unsigned long n = strtoul(s, &end, 10);

	if (*s >= '1' && *s <= '9' && !*end && n <= UINT32_MAX) {
		*out = (uint32_t)n;
		return true;
	}
	cli_usage(c, "'%s' is no number of an apply; sekimori history has them",
		  "「%s」は適用番号ではありません。番号は sekimori history にあります", s);
	return false;
}

static int run(struct cli *c)
{
	struct cli_act a = { 0 };

	if (!cli_act_options(c, &a) || !read_number(c, &a.back))
		return CLI_CANNOT;
	a.act = APPLY_ROLLBACK;
	if (!a.reason)
		a.reason = "rollback";
	return cli_act_run(c, &a);
}

static const struct cli_option options[] = { CLI_ACT_OPTIONS, { 0 } };

const struct cli_verb cmd_rollback = {
	.name = "rollback",
	.run = run,
	.operands = "[N]",
	.help = { "go back to an earlier policy", "以前の方針に戻す" },
	.more = { "While a change waits to be confirmed it is taken back at once. Else the policy that was "
		  "confirmed before the present one is put in force, or the one that apply N put in force; what "
		  "loosens anything about mynumber or public-line waits for a second person as in apply.",
		  "確認待ちの変更があれば、直ちに取り消す。なければ、現在の一つ前に確認された方針、または適用 N の "
		  "方針を施行する。マイナンバー利用事務系・公的回線に関わる制限が緩む場合は apply と同じく別の人の承認を待つ。" },
	.options = options,
	.json = true,
};
