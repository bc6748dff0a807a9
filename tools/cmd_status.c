/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * status: is the barrier standing? One word, why, and what to do; then what stands.
 */
#include "tools/cli_daemon.h"

#include "rules/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words { /* of a state */
	const char *word, *text[CLI_LANGUAGES], *colour;
};

static const struct words states[] = {
	{ "enforcing", { "enforcing", "正常（すべて施行中）" }, "\33[32m" },
	{ "degraded-open", { "DEGRADED, OPEN", "縮退（開）" }, "\33[1;31m" },
	{ "degraded-closed", { "DEGRADED, CLOSED", "縮退（閉）" }, "\33[1;31m" },
	{ "starting", { "starting", "起動中" }, "\33[33m" },
};

struct view {
	const struct cli *c;
	struct cli_json json;
	struct text out;
};

static const char *get(struct view *v, const struct cli_json_node *from, const char *path,
		       char *buf, size_t size)
{
	return cli_json_text(&v->json, cli_json_get(&v->json, from, path), buf, size);
}

static uint64_t figure(struct view *v, const char *path)
{
	return cli_json_uint(&v->json, cli_json_get(&v->json, cli_json_top(&v->json), path));
}

/* "2026-11-23T02:05:05.178638+0900" without what nobody reads */
static const char *when(struct view *v, const char *path, char buf[static 48])
{
	get(v, cli_json_top(&v->json), path, buf, 48);
	if (strlen(buf) > 19)
		buf[19] = '\0';
	if (strlen(buf) > 10)
		buf[10] = ' ';
	return buf;
}

static const struct words *state_of(struct view *v)
{
	const struct cli_json_node *n = cli_json_get(&v->json, cli_json_top(&v->json), "state");

	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		if (cli_json_is(&v->json, n, states[i].word))
			return &states[i];
	}
	return &states[3];
}

static void line(struct view *v, const char *en, const char *ja)
{
	text_printf(&v->out, "  %s", cli_tr(v->c, en, ja));
}

static void put_state(struct view *v)
{
	const struct words *s = state_of(v);
	const bool colour = v->c->style.colour;
	char since[48];

	text_printf(&v->out, "%s%s%s", colour ? s->colour : "", s->text[v->c->style.language],
		    colour ? "\33[0m" : "");
	if (*when(v, "since", since))
		text_printf(&v->out, cli_tr(v->c, " since %s", "  %s から"), since);
	text_putc(&v->out, '\n');
}

static void put_findings(struct view *v)
{
	const struct cli_json_node *list =
		cli_json_get(&v->json, cli_json_top(&v->json), "findings");
	char reason[256], todo[256], plugs[128];

	for (const struct cli_json_node *n = cli_json_first(&v->json, list); n;
	     n = cli_json_next(&v->json, n)) {
		get(v, n, cli_tr(v->c, "reason", "reason_ja"), reason, sizeof reason);
		get(v, n, cli_tr(v->c, "todo", "todo_ja"), todo, sizeof todo);
		text_printf(&v->out, "  ! %s\n    -> %s\n", reason, todo);
		if (cli_json_is(&v->json, cli_json_get(&v->json, n, "word"), "plugs-exchanged"))
			text_printf(&v->out,
				    cli_tr(v->c, "       cables: %s\n", "       配線: %s\n"),
				    get(v, cli_json_top(&v->json), "plugs", plugs, sizeof plugs));
	}
}

static void put_policy(struct view *v)
{
	char hash[80], model[32], at[48];

	if (!*get(v, cli_json_top(&v->json), "policy.hash", hash, sizeof hash))
		return;
	line(v, "policy    ", "方針      ");
	text_printf(&v->out,
		    cli_tr(v->c, "%.12s, model %s, %llu statements, applied %s\n",
			   "%.12s、モデル %s、%llu 件、%s 施行\n"),
		    hash, get(v, cli_json_top(&v->json), "policy.model", model, sizeof model),
		    (unsigned long long)figure(v, "policy.permits"), when(v, "policy.applied", at));
	if (*when(v, "policy.next_change", at)) {
		line(v, "changes   ", "次の変化  ");
		text_printf(&v->out, cli_tr(v->c, "%s by date\n", "%s（期日）\n"), at);
	}
}

/* Whether the kernel, read back, is the policy; "why" begins with the result in words. */
static void put_kernel(struct view *v)
{
	const char *path = cli_tr(v->c, "kernel.why", "kernel.why_ja");
	char why[512], at[48];

	if (!*get(v, cli_json_top(&v->json), path, why, sizeof why))
		return;
	line(v, "kernel    ", "カーネル  ");
	text_printf(&v->out, "%s (%s)\n", why, when(v, "kernel.at", at));
}

static void put_standing(struct view *v)
{
	char before[80], closed[16];

	if (*get(v, cli_json_top(&v->json), "trial.before", before, sizeof before)) {
		line(v, "confirm   ", "確認      ");
		text_printf(&v->out,
			    cli_tr(v->c, "within %llu s by sekimori confirm, or %.12s comes back\n",
				   "%llu 秒以内に sekimori confirm がなければ %.12s に戻ります\n"),
			    (unsigned long long)figure(v, "trial.seconds"), before);
	}
	if (!*get(v, cli_json_top(&v->json), "closed", closed, sizeof closed))
		return;
	line(v, "EMERGENCY ", "緊急措置  ");
	if (strcmp(closed, "all") == 0)
		text_puts(&v->out,
			  cli_tr(v->c,
				 "everything but management is closed: sekimori emergency end\n",
				 "管理用を除き全て遮断中。解除: sekimori emergency end\n"));
	else
		text_puts(&v->out,
			  cli_tr(v->c,
				 "mynumber and public-line are closed until an ordinary apply\n",
				 "マイナンバー利用事務系と公的回線は通常の適用まで遮断中\n"));
}

static unsigned int count(struct view *v, const char *path, const char *state)
{
	const struct cli_json_node *list = cli_json_get(&v->json, cli_json_top(&v->json), path);
	unsigned int n = 0;

	for (const struct cli_json_node *e = cli_json_first(&v->json, list); e;
	     e = cli_json_next(&v->json, e))
		n += !state || cli_json_is(&v->json, cli_json_get(&v->json, e, "state"), state);
	return n;
}

static void put_crew(struct view *v)
{
	const struct cli_json_node *recorder =
		cli_json_get(&v->json, cli_json_top(&v->json), "recorder.state");
	const bool ready = cli_json_is(&v->json, recorder, "ready");

	line(v, "engines   ", "検査      ");
	text_printf(&v->out,
		    cli_tr(v->c, "%u of %u inspecting, %u spare\n",
			   "%2$u 中 %1$u 稼働、予備 %3$u\n"),
		    count(v, "engines", "inspecting"), count(v, "engines", NULL),
		    count(v, "spares", "ready"));
	line(v, "recorder  ", "記録      ");
	text_printf(&v->out, "%s\n",
		    ready ? cli_tr(v->c, "writing", "稼働") : cli_tr(v->c, "not ready", "停止"));
}

static void put_refused(struct view *v)
{
	line(v, "refused   ", "拒否      ");
	text_printf(
		&v->out,
		cli_tr(v->c,
		       "%llu packets not permitted, %llu from a wrong zone, %llu from a wrong card\n",
		       "許可なし %llu、ゾーン違い %llu、機器違い %llu パケット\n"),
		(unsigned long long)figure(v, "refused.not_permitted"),
		(unsigned long long)figure(v, "refused.spoofed"),
		(unsigned long long)figure(v, "refused.wrong_card"));
	if (figure(v, "unseen.closed") + figure(v, "unseen.open") == 0)
		return;
	line(v, "unseen    ", "未検査    ");
	text_printf(&v->out,
		    cli_tr(v->c, "%llu dropped (closed pairs), %llu passed (open pairs)\n",
			   "閉じる設定で廃棄 %llu、開く設定で通過 %llu パケット\n"),
		    (unsigned long long)figure(v, "unseen.closed"),
		    (unsigned long long)figure(v, "unseen.open"));
}

static int print(struct view *v)
{
	const bool enforcing = strcmp(state_of(v)->word, "enforcing") == 0;

	put_state(v);
	put_findings(v);
	put_policy(v);
	put_standing(v);
	put_kernel(v);
	put_crew(v);
	put_refused(v);
	if (cli_put(v->c, &v->out) != CLI_YES)
		return CLI_CANNOT;
	return enforcing ? CLI_YES : CLI_NO;
}

static int run(struct cli *c)
{
	struct view v = { .c = c };
	char *text;
	int r = cli_ask(c, CTL_STATUS, &text);

	if (r != CLI_YES)
		return CLI_CANNOT;
	if (cli_json_parse(&v.json, text, strlen(text)) < 0) {
		r = cli_error(c, "the answer makes no sense", "応答を読めません");
	} else if (c->json) {
		text_puts(&v.out, text);
		r = strcmp(state_of(&v)->word, "enforcing") == 0 ? CLI_YES : CLI_NO;
		if (cli_put(c, &v.out) != CLI_YES)
			r = CLI_CANNOT;
	} else {
		r = print(&v);
	}
	cli_json_done(&v.json);
	free(text);
	return r;
}

const struct cli_verb cmd_status = {
	.name = "status",
	.run = run,
	.operands = "",
	.help = { "is the barrier standing, and what to do if not",
		  "関所は立っているか。いないなら何をすべきか" },
	.more = { "Exit status: 0 enforcing, 1 degraded or starting, 2 not running or not allowed to ask.",
		  "終了コード: 0 正常、1 縮退または起動中、2 動いていないか、尋ねる権限がない。" },
	.json = true,
};
