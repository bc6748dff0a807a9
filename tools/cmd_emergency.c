/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli.h"
#include "tools/cli_act.h"

#include <string.h>
#include <unistd.h>

static const struct {
	const char *word;
	enum apply_act act;
} measures[] = {
	{ "last-good", APPLY_LAST_GOOD },
	{ "isolate-all", APPLY_ISOLATE },
	{ "end", APPLY_END },
};

static int run(struct cli *c)
{
	const char *reason = cli_value(c, "reason");
	struct cli_act a = { .act = APPLY_ACT_COUNT, .way = CLI_ACT_ANYHOW, .reason = reason };

	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
		if (strcmp(c->operands[0], measures[i].word) == 0)
			a.act = measures[i].act;
	if (a.act == APPLY_ACT_COUNT)
		return cli_usage(c, "'%s': last-good, isolate-all or end is needed",
				 "「%s」: last-good、isolate-all、end のいずれかを指定してください",
				 c->operands[0]);
	if (reason && strlen(reason) > APPLY_TEXT)
		return cli_usage(c, "--reason: at most %d bytes", "--reason は最大 %d バイトです",
				 APPLY_TEXT);
	if (geteuid() != 0)
		return cli_error(c, "needs root at the box: sudo sekimori emergency %s",
				 "装置の root 権限が必要です: sudo sekimori emergency %s",
				 c->operands[0]);
	return cli_act_run(c, &a);
}

static const struct cli_option options[] = {
	{ "reason",
	  0,
	  "TEXT",
	  { "why, for the history and the event", "理由 (履歴とイベントに残る)" } },
	{ 0 },
};

const struct cli_verb cmd_emergency = {
	.name = "emergency",
	.run = run,
	.operands = "MEASURE",
	.help = { "break the glass at the box: last-good, isolate-all, end",
		  "装置での緊急措置: last-good、isolate-all、end" },
	.more = { "last-good: the policy that was confirmed last, whatever is in force; nothing of mynumber or "
		  "public-line opens by it that is shut now. isolate-all: nothing passes but what the policy permits "
		  "between the management zone and the appliance itself, until end. Each works with a daemon, without "
		  "one, and past one that hangs; each is an alarm and stands in the history.",
		  "last-good: 何が施行中でも、最後に確認された方針に戻す。今閉じているマイナンバー利用事務系・公的回線は "
		  "これでは開かない。isolate-all: 方針が許す管理用ゾーンと装置自身の間を除き、end まで全て遮断する。いずれも "
		  "デーモンがなくても、応答しなくても働き、重大な警報となり、履歴に残る。" },
	.options = options,
	.json = true,
};
