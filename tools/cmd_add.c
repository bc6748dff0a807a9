/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "tools/cli.h"
#include "tools/cli_block.h"
#include "tools/cli_edit.h"

static int add(struct cli_edit *s, const char *name)
{
	struct text block = { 0 };
	const char *near;
	int r;

	if (edit_has(&s->edit, name, &near)) {
		cli_error(s->c, "there is a permit '%s' already; 'sekimori renew' changes its end",
			  "permit「%s」はすでにあります。期限を変えるには 'sekimori renew'", name);
		return CLI_NO;
	}
	r = cli_block_permit(s->c, name, &block);
	if (r == CLI_YES && (block.failed || edit_append(&s->edit, block.bytes) < 0))
		r = cli_error(s->c, "out of memory", "メモリが足りません");
	if (r == CLI_YES)
		text_add(&s->change.wishes, block.bytes, block.len);
	text_done(&block);
	return r;
}

static int run(struct cli *c)
{
	struct cli_edit s;
	int r;

	if (strcmp(c->operands[0], "permit") != 0)
		return cli_usage(c, "'%s' cannot be added: only a permit can",
				 "%s は追加できません。追加できるのは permit です", c->operands[0]);
	r = cli_edit_begin(c, c->operands[1], &s);
	if (r != CLI_YES)
		return r;
	r = add(&s, c->operands[2]);
	return r == CLI_YES ? cli_edit_finish(&s) : cli_edit_stop(&s, r);
}

static const struct cli_option options[] = {
	CLI_CHANGE_OPTIONS,
	{ 0 },
};

const struct cli_verb cmd_add = {
	.name = "add",
	.run = run,
	.operands = "permit FILE NAME",
	.help = { "add a permit to a policy", "許可を追加する" },
	.more = { "The permit stands at the end of FILE. Every key of a permit is an option; what it needs and was not given "
		  "is asked for on a terminal. What check refuses is not written. Exit status 1: refused, or not wanted.",
		  "許可は FILE の末尾に加わる。許可のすべてのキーがオプションで、必要なのに指定のないものは端末で尋ねる。"
		  "check が拒否する変更は書き込まない。終了コード 1: 拒否したか、取りやめた。" },
	.options = options,
	.block = "permit",
	.json = true,
};
