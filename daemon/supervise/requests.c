/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the CLI asks, one handler a verb, and what becomes of requests that are none.
 */
#include "daemon/ctl_server.h"
#include "daemon/log.h"
#include "daemon/supervise/state.h"
#include "rules/text.h"

#include <errno.h>
#include <stdio.h>
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

static void on_apply(struct supervisor *s, const struct asked *a)
{
	struct job_order o = {
		.image = a->fd, .client = a->client, .pid = a->peer->pid, .uid = a->peer->uid
	};

	snprintf(o.reason, sizeof o.reason, "%s", a->text);
	if (s->begun && job_begin(s, &o))
		return;
	close(a->fd);
	ctl_server_say(s->ctl, a->client, CTL_CANNOT,
		       s->begun ? "other applies are under way: try again"
				: "sekimorid is still starting: try again",
		       s->begun ? "別の適用が進行中です。やり直してください"
				: "sekimorid は起動中です。やり直してください");
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
	[CTL_STATUS] = on_status, [CTL_STATS] = on_stats,   [CTL_IMAGE] = on_image,
	[CTL_APPLY] = on_apply,   [CTL_REOPEN] = on_reopen,
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
	tell_admin(s, EVENT_REASON_REFUSED_REQUEST, en, ja);
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
