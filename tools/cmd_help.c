/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "rules/lang/reference.h"
#include "rules/near.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_mdoc.h"

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

static int help_mdoc(const struct cli *c)
{
	struct text t = { 0 };

	cli_mdoc(&t);
	return cli_put(c, &t);
}

/* The policy language: all of it, or one kind of block. */
static int help_language(const struct cli *c, const char *word)
{
	const struct schema *kind = word ? schema_kind(word) : NULL;
	struct text t = { 0 };

	if (word && !kind)
		return cli_usage(c, "there is no kind of block '%s'",
				 "「%s」というブロックはありません", word);
	if (cli_given(c, "mdoc"))
		reference_mdoc(&t);
	else if (kind)
		reference_kind(kind, c->style.language, &t);
	else
		reference_overview(c->style.language, &t);
	return cli_put(c, &t);
}

static int unknown_topic(const struct cli *c, const char *word)
{
	struct near n = near_to(word, strlen(word));

	near_try(&n, "language");
	for (const struct cli_verb *const *v = cli_verbs(); *v; v++)
		near_try(&n, (*v)->name);
	if (near_best(&n))
		return cli_usage(c, "there is no verb '%s'; did you mean '%s'?",
				 "動詞「%s」はありません。「%s」のことですか?", word,
				 near_best(&n));
	return cli_usage(c, "there is no verb '%s'", "動詞「%s」はありません", word);
}

static int run(struct cli *c)
{
	const struct cli_verb *v;

	if (c->operand_count == 0 && cli_given(c, "mdoc"))
		return help_mdoc(c);
	if (c->operand_count == 0)
		return cli_given(c, "list") ? list_verbs(c) : overview(c);
	if (!strcmp(c->operands[0], "language"))
		return help_language(c, c->operand_count > 1 ? c->operands[1] : NULL);
	v = cli_verb_named(c->operands[0]);
	if (v) {
		cli_help_verb(c, v);
		return CLI_YES;
	}
	if (schema_kind(c->operands[0]))
		return help_language(c, c->operands[0]);
	return unknown_topic(c, c->operands[0]);
}

static const struct cli_option options[] = {
	{ "list", 0, NULL, { "only the names, one a line", "名前だけを一行ずつ" } },
	{ "mdoc",
	  0,
	  NULL,
	  { "the verbs, or the language, as the manual pages have them", "man ページ用の書式で" } },
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
