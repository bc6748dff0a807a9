/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/apply/history.h"
#include "daemon/ctl.h"
#include "rules/json.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_daemon.h"
#include "tools/cli_json.h"

struct view {
	struct cli *c;
	struct cli_json line;
	struct text out;
	uint64_t count, skip; /* lines seen, lines before the last N */
	bool first;
};

static const char *get(const struct view *v, const char *path, char *out, size_t size)
{
	return cli_json_text(&v->line, cli_json_get(&v->line, cli_json_top(&v->line), path), out,
			     size);
}

static uint64_t number(const struct view *v, const char *path)
{
	return cli_json_uint(&v->line, cli_json_get(&v->line, cli_json_top(&v->line), path));
}

/* --- for people ------------------------------------------------------------------------------- */

static const char *result_word(const struct view *v, const char *word)
{
	static const char *const words[][3] = {
		{ "in-force", "in force", "施行" },
		{ "refused", "refused", "拒否" },
		{ "waiting", "waits for a second person", "承認待ち" },
		{ "recorded", "done", "実施" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i][0]) == 0)
			return words[i][1 + (v->c->style.language == DIAG_JAPANESE)];
	return word;
}

static void put_head(struct view *v)
{
	char when[64], act[32], result[32], who[80], policy[80];

	get(v, "time", when, sizeof(when));
	if (when[10] == 'T')
		when[10] = ' ';
	text_printf(&v->out, "%4llu  %.16s  %-11s  %s", (unsigned long long)number(v, "seq"), when,
		    get(v, "act", act, sizeof(act)),
		    result_word(v, get(v, "result", result, sizeof(result))));
	if (number(v, "apply"))
		text_printf(&v->out, cli_tr(v->c, " (apply %llu)", " (適用 %llu)"),
			    (unsigned long long)number(v, "apply"));
	text_printf(&v->out, cli_tr(v->c, ", by %s", "、%s"), get(v, "who", who, sizeof(who)));
	if (*get(v, "policy", policy, sizeof(policy)))
		text_printf(&v->out, cli_tr(v->c, ", policy %.12s", "、方針 %.12s"), policy);
	text_putc(&v->out, '\n');
}

static void put_text(struct view *v, const char *path, const char *en, const char *ja)
{
	char text[700];

	if (*get(v, path, text, sizeof(text)))
		text_printf(&v->out, "      %s%s\n", cli_tr(v->c, en, ja), text);
}

static void put_diff(struct view *v)
{
	char result[32];

	if (!*get(v, "diff.result", result, sizeof(result)) || strcmp(result, "first") == 0)
		return;
	text_printf(&v->out,
		    cli_tr(v->c, "      %s: %llu opened, %llu closed, %llu otherwise%s\n",
			   "      %s: 新たに許可 %llu、新たに拒否 %llu、扱いの変更 %llu%s\n"),
		    result, (unsigned long long)number(v, "diff.opened"),
		    (unsigned long long)number(v, "diff.closed"),
		    (unsigned long long)number(v, "diff.changed"),
		    number(v, "diff.protected")
			    ? cli_tr(v->c, "; touches mynumber or public-line",
				     "、マイナンバー利用事務系または公的回線に関わる")
			    : "");
}

static void put_line(struct view *v)
{
	put_head(v);
	put_text(v, "reason", "reason: ", "理由: ");
	put_text(v, "reference", "reference: ", "番号: ");
	if (number(v, "confirm_within"))
		text_printf(&v->out,
			    cli_tr(v->c, "      to be confirmed within %llu s\n",
				   "      %llu 秒以内に確認が必要\n"),
			    (unsigned long long)number(v, "confirm_within"));
	put_text(v, "approved_by", "approved by ", "承認者: ");
	put_text(v, "override", "WITHOUT a second person: ", "別の人の承認なし: ");
	put_text(v, "closed", "kept closed: ", "閉じたまま: ");
	put_diff(v);
	put_text(v, "error", "error: ", "エラー: ");
}

static void put_fault(struct view *v, enum history_fault fault)
{
	if (fault == HISTORY_TORN)
		text_puts(
			&v->out,
			cli_tr(v->c,
			       "    ! a line that is not whole (power lost, or changed by hand)\n",
			       "    ! 不完全な行 (停電、または手で変更された)\n"));
	else if (fault == HISTORY_CHAIN)
		text_puts(
			&v->out,
			cli_tr(v->c,
			       "    ! the next line does not follow from the one before: a line was changed, taken out or put in\n",
			       "    ! 次の行が前の行とつながりません。変更・削除・挿入された行があります\n"));
}

/* --- both ------------------------------------------------------------------------------------- */

static void told(void *ctx, const char *line, enum history_fault fault)
{
	struct view *v = ctx;
	bool whole = fault != HISTORY_TORN && cli_json_parse(&v->line, line, strlen(line)) == 0;

	if (v->count++ < v->skip && fault == HISTORY_WHOLE)
		return;
	if (v->c->json && whole) {
		text_puts(&v->out, v->first ? "" : ",");
		text_puts(&v->out, line);
		v->first = false;
	} else if (!v->c->json) {
		put_fault(v, fault);
		if (whole)
			put_line(v);
	}
}

static void count(void *ctx, const char *line, enum history_fault fault)
{
	(void)line;
	(void)fault;
	++*(uint64_t *)ctx;
}

static int print(struct cli *c, int fd, uint64_t last)
{
	struct view v = { .c = c, .first = true };
	uint64_t lines = 0;

	history_each(fd, count, &lines);
	v.skip = last && lines > last ? lines - last : 0;
	lseek(fd, 0, SEEK_SET);
	if (c->json)
		text_puts(&v.out, "{\"lines\":[");
	int faults = history_each(fd, told, &v);

	if (c->json)
		text_printf(&v.out, "],\"faults\":%d}\n", faults);
	cli_json_done(&v.line);
	if (faults < 0) {
		text_done(&v.out);
		return cli_error(c, "%s", "%s", strerror(-faults));
	}
	int put = v.out.len ? cli_put(c, &v.out) : CLI_YES;

	return put != CLI_YES ? put : faults ? CLI_NO : CLI_YES;
}

struct reply {
	char text[512];
	int fd;
};

static void replied(void *ctx, const struct ctl_answer *a)
{
	struct reply *to = ctx;

	snprintf(to->text, sizeof(to->text), "%s", a->text);
	to->fd = a->fd;
}

/* From the supervisor; without one from the state directory, which root may read. Return: descriptor, -errno, or
 * -EACCES after it was said. */
static int open_it(struct cli *c, const struct conf *conf)
{
	const struct ctl_request q = { .verb = CTL_HISTORY, .fd = -1 };
	struct reply a = { .fd = -1 };
	char path[256];

	snprintf(path, sizeof(path), "%s/ctl.sock", conf->run_directory);
	int r = ctl_call(path, &q, replied, &a);

	if (r == CTL_YES && a.fd >= 0)
		return a.fd;
	if (r >= 0) {
		cli_error(c, "%s", "%s", a.text);
		return r == CTL_NO ? -ENOENT : -EACCES;
	}
	snprintf(path, sizeof(path), "%s/" HISTORY_FILE, conf->state_directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	r = -errno;
	cli_error(c, "%s: %s", "%s: %s", path, strerror(-r));
	return r;
}

static int run(struct cli *c)
{
	struct conf conf;
	uint64_t last = 0;

	if (cli_given(c, "last") && !cli_number(c, "last", 1, UINT32_MAX, &last))
		return CLI_CANNOT;
	if (cli_conf(c, &conf) != CLI_YES)
		return CLI_CANNOT;
	int fd = open_it(c, &conf);

	if (fd < 0)
		return CLI_CANNOT;
	int r = print(c, fd, last);

	close(fd);
	return r;
}

static const struct cli_option options[] = {
	{ "last", 0, "N", { "only the last N lines", "最後の N 行だけ" } },
	{ 0 },
};

const struct cli_verb cmd_history = {
	.name = "history",
	.run = run,
	.operands = "",
	.help = { "who changed the policy, when, why, and what it changed",
		  "方針をいつ誰がなぜ変え、何が変わったか" },
	.more = { "Every apply, rollback, confirm, expiry, approval and emergency, also those that were refused. Each line "
		  "carries the hash of the one before; the whole chain is checked every time. Exit status 1: a line was "
		  "changed, taken out, put in or cut off.",
		  "適用・取り消し・確認・時間切れ・承認・緊急措置のすべて (拒否されたものも含む)。各行は前の行のハッシュを持ち、"
		  "毎回全体を検査する。終了コード 1: 変更・削除・挿入された行、または切れた行がある。" },
	.options = options,
	.json = true,
};
