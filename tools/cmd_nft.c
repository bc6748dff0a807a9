/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rules/kernel/live.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/nft.h"
#include "rules/policy.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"

static const char *const parts[] = { "base", "add", "switch" };

static void write_base(const struct nft_plan *plan, struct text *out)
{
	(void)plan;
	nft_base(out);
}

static void (*const writers[])(const struct nft_plan *, struct text *) = {
	write_base,
	nft_add,
	nft_switch,
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* A class is known by its place: the numbers of a running box are its own business. */
static struct live_class *classes_at(const struct policy *p, int64_t now)
{
	struct live_class *live = calloc(p->classes_count + 1, sizeof(*live));

	if (!live)
		return NULL;
	live_classes(p, now, true, live);
	for (uint32_t i = 0; i < p->classes_count; i++)
		live[i].number = live[i].state == LIVE_ABSENT ? 0 : (uint16_t)(i + 1);
	return live;
}

static int write_parts(const struct cli *c, const struct nft_plan *plan)
{
	const char *only = cli_value(c, "part");
	struct text t = { 0 };

	for (size_t i = 0; i < PARTS; i++) {
		if (only && strcmp(only, parts[i]) != 0)
			continue;
		if (!only)
			text_printf(&t, "# --- %s\n", parts[i]);
		writers[i](plan, &t);
	}
	return cli_put(c, &t);
}

/* The plan's numbers from the options. Return: false after a usage error. */
static bool read_options(struct cli *c, struct nft_plan *plan, int64_t *now)
{
	uint64_t apply = 1, queues = 1;
	const char *part = cli_value(c, "part");
	bool known = !part;

	*now = time(NULL);
	for (size_t i = 0; part && i < PARTS; i++)
		known |= strcmp(part, parts[i]) == 0;
	if (!known) {
		cli_usage(c, "--part: '%s' is none of base, add, switch",
			  "--part: '%s' は base、add、switch のいずれでもない", part);
		return false;
	}
	if ((cli_given(c, "apply") && !cli_number(c, "apply", 1, UINT32_MAX, &apply)) ||
	    (cli_given(c, "queues") && !cli_number(c, "queues", 1, QUEUES_MAX, &queues)) ||
	    (cli_given(c, "at") && !cli_time(c, "at", now)))
		return false;
	plan->apply = (uint32_t)apply;
	plan->queues = (unsigned int)queues;
	plan->native_queue = !cli_given(c, "fallback");
	plan->flowtable = cli_given(c, "flowtable");
	return true;
}

static int run(struct cli *c)
{
	struct nft_plan plan = { 0 };
	struct cli_policy p;
	int64_t now;

	if (!read_options(c, &plan, &now))
		return CLI_CANNOT;
	int r = cli_policy_open(c, c->operands[0], &p);

	if (r != CLI_YES)
		return r;
	struct live_class *live = classes_at(p.policy, now);

	plan.policy = p.policy;
	plan.classes = live;
	r = live ? write_parts(c, &plan) : cli_error(c, "no memory", "メモリ不足");
	free(live);
	cli_policy_close(&p);
	return r;
}

static const struct cli_option options[] = {
	{ "part", 0, "PART", { "only base, add or switch", "base、add、switch のうち一つだけ" } },
	{ "at",
	  0,
	  "TIME",
	  { "what is in force at that time in Japan [now]", "この日時に有効な分 [現在]" } },
	{ "apply", 0, "N", { "number of the apply in the names [1]", "名前に付く適用番号 [1]" } },
	{ "queues", 0, "N", { "number of engines [1]", "検査プロセスの数 [1]" } },
	{ "fallback",
	  0,
	  NULL,
	  { "for a kernel without nft queue (iptables NFQUEUE)",
	    "nft の queue がないカーネル用 (iptables の NFQUEUE)" } },
	{ "flowtable",
	  0,
	  NULL,
	  { "offloaded flows use a flowtable", "オフロードに flowtable を使う" } },
	{ 0 },
};

const struct cli_verb cmd_nft = {
	.name = "nft",
	.run = run,
	.operands = "FILE",
	.help = { "the kernel's ruleset as nft text", "カーネルの規則を nft の書式で表示する" },
	.more = { "FILE is a policy text or an image. The whole text loads into an empty table; an apply "
		  "loads 'base' once and then 'add' and 'switch' one after the other. Class numbers are "
		  "places in the image here; a running box keeps its own.",
		  "FILE は定義ファイルまたはイメージ。全体は空のテーブルに読み込める。適用時は base を一度、"
		  "続いて add、switch の順に読み込む。クラス番号はここではイメージ内の順番で、"
		  "稼働中の番号とは異なる。" },
	.options = options,
};
