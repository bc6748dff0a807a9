/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/image.h"
#include "rules/prove/diff_report.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_act.h"
#include "tools/cli_daemon.h"
#include "tools/cli_json.h"
#include <sys/mman.h>

/* --- showing it ------------------------------------------------------------------------------- */

struct waiting {
	struct cli *c;
	struct cli_json json;
	const struct cli_json_node *at; /* the object; NULL: nothing waits */
};

static const char *get(const struct waiting *w, const char *key, char *out, size_t size)
{
	return cli_json_text(&w->json, cli_json_get(&w->json, w->at, key), out, size);
}

static void say_who(const struct waiting *w)
{
	char policy[80], who[80], reason[700], reference[700], by[80];
	uint64_t left = cli_json_uint(&w->json, cli_json_get(&w->json, w->at, "seconds"));

	cli_say(w->c, "change %.12s, proposed by %s\n", "変更 %.12s (提案者 %s)\n",
		get(w, "policy", policy, sizeof(policy)), get(w, "who", who, sizeof(who)));
	cli_say(w->c, "  reason     %s\n", "  理由   %s\n",
		get(w, "reason", reason, sizeof(reason)));
	if (*get(w, "reference", reference, sizeof(reference)))
		cli_say(w->c, "  reference  %s\n", "  番号   %s\n", reference);
	if (*get(w, "approved_by", by, sizeof(by)))
		cli_say(w->c, "  approved by %s; it can be applied for %llu more minutes\n",
			"  %s が承認済み。あと %llu 分のうちに適用できます\n", by,
			(unsigned long long)left / 60);
	else
		cli_say(w->c, "  it waits %llu more minutes for: sekimori approve %.12s\n",
			"  あと %llu 分、承認を待ちます: sekimori approve %.12s\n",
			(unsigned long long)left / 60, policy);
}

static void put_diff(const struct waiting *w, const struct policy *before,
		     const struct policy *after)
{
	struct differ *v = differ_new(0);
	struct diff d = { 0 };
	struct text t = { 0 };

	if (v && diff_policies(v, before, after, &d) == 0) {
		const struct diff_view view = {
			.d = &d, .before = before, .after = after, .language = w->c->style.language
		};

		diff_put_text(&view, &t);
		if (t.bytes)
			fputs(t.bytes, stdout);
	}
	text_done(&t);
	diff_done(&d);
	differ_free(v);
}

/* What is approved is the image that the box holds, not what somebody says of it. */
static void say_diff(const struct waiting *w, int image)
{
	struct cli_in_force old;
	struct policy after;
	const void *map = NULL;
	size_t len = 0;
	char why[160];

	cli_in_force(w->c, &old);
	if (old.map && image >= 0 && image_load(image, &after, &map, &len, why) == 0) {
		put_diff(w, &old.policy, &after);
		munmap((void *)(uintptr_t)map, len);
	}
	cli_in_force_done(&old);
}

static int show(struct cli *c)
{
	struct waiting w = { .c = c };
	struct text t = { 0 };
	struct conf conf;
	char *text = NULL;
	int image = -1, r;

	if (cli_conf(c, &conf) != CLI_YES || cli_pending(c, &conf, &text, &image) != CLI_YES)
		return CLI_CANNOT;
	if (cli_json_parse(&w.json, text, strlen(text)) == 0)
		w.at = cli_json_get(&w.json, cli_json_top(&w.json), "waiting");
	if (w.at && w.at->type != CLI_JSON_OBJECT)
		w.at = NULL;
	r = w.at ? CLI_YES : CLI_NO;
	if (c->json) {
		text_puts(&t, text);
		text_putc(&t, '\n');
		r = cli_put(c, &t) == CLI_YES ? r : CLI_CANNOT;
	} else if (!w.at) {
		cli_say(c, "no change waits for approval\n", "承認待ちの変更はありません\n");
	} else {
		say_who(&w);
		say_diff(&w, image);
	}
	cli_json_done(&w.json);
	if (image >= 0)
		close(image);
	free(text);
	return r;
}

static int run(struct cli *c)
{
	struct cli_act a = { .act = APPLY_APPROVE, .way = CLI_ACT_ASK };

	if (!c->operand_count)
		return show(c);
	a.hash = c->operands[0];
	if (strlen(a.hash) < 12 || strlen(a.hash) > 64 ||
	    strspn(a.hash, "0123456789abcdef") != strlen(a.hash))
		return cli_usage(
			c, "'%s' is no hash: at least 12 hex digits of the one that waits",
			"「%s」はハッシュではありません。承認待ちのものを12桁以上で指定してください",
			a.hash);
	return cli_act_run(c, &a);
}

const struct cli_verb cmd_approve = {
	.name = "approve",
	.run = run,
	.operands = "[HASH]",
	.help = { "say yes to a colleague's change, or see which one waits",
		  "同僚の変更を承認する、または承認待ちの変更を見る" },
	.more = { "Without HASH: what waits, who proposed it and why, and exactly which traffic it changes. With it: "
		  "approve this very image, under a login of your own, which is not the proposer's; root is nobody in "
		  "particular and cannot approve, with sudo neither. An approval holds 8 hours; then the proposer applies the "
		  "same policy again. Exit status 1: refused, or nothing waits.",
		  "HASH なし: 承認待ちの変更と提案者、理由、変わる通信を正確に示す。HASH あり: そのイメージだけを承認する。"
		  "提案者とは別の、自分のログインで行う。root は個人ではないので承認できない (sudo も不可)。承認は 8 時間有効で、"
		  "その間に提案者がもう一度適用する。終了コード 1: 拒否された、または承認待ちの変更がない。" },
	.json = true,
};
