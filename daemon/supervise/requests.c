/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the CLI asks, one handler a verb, and what becomes of requests that are none.
 */
#include "daemon/apply/history.h"
#include "daemon/apply/pending.h"
#include "daemon/ctl_server.h"
#include "daemon/log.h"
#include "daemon/supervise/state.h"
#include "rules/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void answer_text(struct supervisor *s, uint64_t client, struct text *t)
{
	if (t->failed || t->len > CTL_ANSWER_MAX)
		ctl_server_say(s->ctl, client, CTL_CANNOT, "no memory for the answer",
			       "応答のためのメモリが足りません");
	else
		ctl_server_answer(s->ctl, client, CTL_YES, t->bytes, t->len, -1);
	text_done(t);
}

struct asked {
	uint64_t client;
	const char *text;
	int fd;
	const struct ctl_peer *peer;
};

static void on_status(struct supervisor *s, const struct asked *a)
{
	struct text t = { 0 };

	report_status(s, &t);
	answer_text(s, a->client, &t);
}

static void on_stats(struct supervisor *s, const struct asked *a)
{
	struct text t = { 0 };

	report_stats(s, &t);
	answer_text(s, a->client, &t);
}

static void on_image(struct supervisor *s, const struct asked *a)
{
	if (s->now_image >= 0)
		ctl_server_answer(s->ctl, a->client, CTL_YES, s->now.hash, strlen(s->now.hash),
				  s->now_image);
	else
		ctl_server_say(s->ctl, a->client, CTL_NO, "no policy is in force",
			       "施行中の方針がありません");
}

/* ---- acts ---- */

/* Who logged in, also behind sudo: the audit login of the process. */
static uint32_t login_of(pid_t pid)
{
	char path[64], text[24] = "";
	int fd;

	snprintf(path, sizeof path, "/proc/%d/loginuid", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return APPLY_NOBODY;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	return text[0] ? (uint32_t)strtoul(text, NULL, 10) : APPLY_NOBODY;
}

static void refused(void *ctx, enum ctl_refusal why, const struct ctl_peer *peer);

static void refuse_act(struct supervisor *s, const struct asked *a, enum ctl_kind kind,
		       const char *en, const char *ja)
{
	if (a->fd >= 0)
		close(a->fd);
	ctl_server_say(s->ctl, a->client, kind, en, ja);
}

static void on_act(struct supervisor *s, const struct asked *a, enum apply_act act)
{
	struct job_order o = { .act = act,
			       .image = a->fd,
			       .client = a->client,
			       .person = { a->peer->uid, login_of(a->peer->pid), "" } };

	if (ctl_args_parse(a->text, &o.args) < 0) {
		refuse_act(s, a, CTL_NO, "arguments that make no sense", "引数が正しくありません");
		refused(s, CTL_REFUSED_ARGUMENTS, a->peer);
	} else if (!s->begun) {
		refuse_act(s, a, CTL_CANNOT, "sekimorid is still starting: try again",
			   "sekimorid は起動中です。やり直してください");
	} else if (!job_begin(s, &o)) {
		refuse_act(s, a, CTL_CANNOT, "other applies are under way: try again",
			   "別の適用が進行中です。やり直してください");
	}
}

#define ON_ACT(name, act) \
	static void name(struct supervisor *s, const struct asked *a) \
	{ \
		on_act(s, a, act); \
	}
ON_ACT(on_apply, APPLY_NEW)
ON_ACT(on_confirm, APPLY_CONFIRM)
ON_ACT(on_rollback, APPLY_ROLLBACK)
ON_ACT(on_approve, APPLY_APPROVE)
ON_ACT(on_expire, APPLY_EXPIRE)
ON_ACT(on_last_good, APPLY_LAST_GOOD)
ON_ACT(on_isolate, APPLY_ISOLATE)
ON_ACT(on_end, APPLY_END)

/* ---- what waits, and what was done ---- */

static void on_pending(struct supervisor *s, const struct asked *a)
{
	struct text t = { 0 };
	int image = -1;

	pending_json(s->conf->state_directory, &t, &image);
	if (t.failed)
		ctl_server_say(s->ctl, a->client, CTL_CANNOT, "no memory for the answer",
			       "応答のためのメモリが足りません");
	else
		ctl_server_answer(s->ctl, a->client, CTL_YES, t.bytes, t.len, image);
	if (image >= 0)
		close(image);
	text_done(&t);
}

static void on_history(struct supervisor *s, const struct asked *a)
{
	char path[CONF_TEXT + 32];
	int fd;

	snprintf(path, sizeof path, "%s/" HISTORY_FILE, s->conf->state_directory);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		ctl_server_answer(s->ctl, a->client, CTL_YES, "", 0, fd);
	else if (errno == ENOENT)
		ctl_server_say(s->ctl, a->client, CTL_NO, "there is no history yet",
			       "履歴はまだありません");
	else
		ctl_server_say(s->ctl, a->client, CTL_CANNOT, strerror(errno), strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void on_reopen(struct supervisor *s, const struct asked *a)
{
	const struct ipc_message m = { .type = IPC_REOPEN };
	const struct member *recorder = crew_of(s, CREW_RECORDER);

	if (recorder && ipc_send(recorder->ipc, &m, NULL, 0) == 0)
		ctl_server_say(s->ctl, a->client, CTL_YES, "log files are opened anew",
			       "ログファイルを開き直します");
	else
		ctl_server_say(s->ctl, a->client, CTL_CANNOT, "there is no recorder at the moment",
			       "記録プロセスがありません");
}

static void (*const handlers[CTL_VERB_COUNT])(struct supervisor *, const struct asked *) = {
	[CTL_STATUS] = on_status,       [CTL_STATS] = on_stats,     [CTL_IMAGE] = on_image,
	[CTL_APPLY] = on_apply,         [CTL_REOPEN] = on_reopen,   [CTL_CONFIRM] = on_confirm,
	[CTL_ROLLBACK] = on_rollback,   [CTL_APPROVE] = on_approve, [CTL_EXPIRE] = on_expire,
	[CTL_LAST_GOOD] = on_last_good, [CTL_ISOLATE] = on_isolate, [CTL_END] = on_end,
	[CTL_PENDING] = on_pending,     [CTL_HISTORY] = on_history,
};

static void asked(void *ctx, uint64_t client, enum ctl_verb verb, const char *text, int fd,
		  const struct ctl_peer *peer)
{
	handlers[verb](ctx, &(struct asked){ client, text, fd, peer });
}

/* The first of a second is told with its sender, the others with their number (round.c). */
static void refused(void *ctx, enum ctl_refusal why, const struct ctl_peer *peer)
{
	struct supervisor *s = ctx;
	char en[128], ja[128];

	s->refused_requests++;
	if (s->refused_at && now_monotonic() - s->refused_at < SECOND)
		return;
	s->refused_at = now_monotonic();
	s->refused_told = s->refused_requests;
	snprintf(en, sizeof en, "control socket: %s (uid %u, process %d)", ctl_refusal_words[why],
		 (unsigned int)peer->uid, (int)peer->pid);
	snprintf(ja, sizeof ja, "制御ソケット: %s（uid %u、プロセス %d）", ctl_refusal_words[why],
		 (unsigned int)peer->uid, (int)peer->pid);
	tell_refused(s, EVENT_REASON_REFUSED_REQUEST, en, ja);
}

int requests_open(struct supervisor *s)
{
	const struct ctl_groups groups = ctl_groups_here();
	const struct ctl_handlers h = { .asked = asked, .refused = refused, .ctx = s };
	char path[CONF_TEXT + 16];
	int r;

	snprintf(path, sizeof path, "%s/ctl.sock", s->conf->run_directory);
	r = ctl_server_open(path, &groups, s->loop, &h, &s->ctl);
	if (r < 0)
		log_say(LOG_LINE_ERROR,
			"%s: %s: see that the directory exists and is writable for sekimorid",
			"%s: %s: ディレクトリがあり、sekimorid が書けることを確認してください",
			path, strerror(-r));
	return r < 0 ? 2 : 0;
}
