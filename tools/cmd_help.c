/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "tools/cli.h"

static int list_verbs(const struct cli *c)
{
	for (const struct cli_verb *const *v = cli_verbs(); *v; v++) {
		if (cli_given(c, "list"))
			puts((*v)->name);
		else
			printf("  %-10s %s\n", (*v)->name, (*v)->help[c->style.language]);
	}
	return CLI_YES;
}

static int overview(const struct cli *c)
{
	cli_say(c,
		"Sekimori (関守) keeps the boundary between the networks of a town office.\n\n"
		"usage: sekimori VERB ...\n\n",
		"関守: 庁内ネットワークの境界を守る。\n\n使い方: sekimori 動詞 ...\n\n");
	list_verbs(c);
	cli_say(c,
		"\n'sekimori help VERB' explains a verb, 'sekimori help language' the policy "
		"language.\nExit status: 0 yes, 1 no (refused, found, differs), 2 cannot.\n",
		"\n'sekimori help 動詞' で各動詞、'sekimori help language' で定義ファイルの書き方。\n"
		"終了コード: 0 はい、1 いいえ (拒否・検出・差異あり)、2 実行できない。\n");
	return CLI_YES;
}

static int run(struct cli *c)
{
	if (c->operand_count == 0)
		return cli_given(c, "list") ? list_verbs(c) : overview(c);
	const struct cli_verb *v = cli_verb_named(c->operands[0]);

	if (!v)
		return cli_usage(c, "there is no verb '%s'", "動詞 '%s' はありません",
				 c->operands[0]);
	cli_help_verb(c, v);
	return CLI_YES;
}

static const struct cli_option options[] = {
	{ "list", 0, NULL, { "only the names, one a line", "名前だけを一行ずつ" } },
	{ 0 },
};

const struct cli_verb cmd_help = {
	.name = "help",
	.run = run,
	.operands = "[TOPIC] [KIND]",
	.help = { "this list; a verb; the policy language",
		  "この一覧、各動詞、定義ファイルの書き方" },
	.more = { "TOPIC is a verb, or 'language' for the policy language (then KIND is one of its "
		  "kinds of block).",
		  "TOPIC には動詞か、定義ファイルの書き方なら 'language' "
		  "(KIND でブロックの種類を選ぶ)。" },
	.options = options,
};
