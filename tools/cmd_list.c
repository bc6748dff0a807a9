/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/json.h"
#include "rules/list.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"

static int run(struct cli *c)
{
	struct text t = { 0 };
	struct json j = json_to(&t);
	struct cli_policy p;
	int r = cli_policy_open(c, c->operands[0], &p);

	if (r != CLI_YES)
		return r;
	if (c->json)
		list_policy_json(p.policy, &j);
	else
		list_policy(p.policy, &t);
	cli_policy_close(&p);
	return cli_put(c, &t);
}

const struct cli_verb cmd_list = {
	.name = "list",
	.run = run,
	.operands = "FILE",
	.help = { "a policy as canonical text that compiles to the same image",
		  "方針を正規の書き方で表示する (同じイメージになる)" },
	.more = { "FILE is a policy text or an image made by 'sekimori build'.",
		  "FILE は定義ファイルか、'sekimori build' で作ったイメージ。" },
	.json = true,
};
