/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_act.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/apply/pending.h"
#include "daemon/clock.h"
#include "daemon/ctl.h"
#include "daemon/ctl_args.h"
#include "rules/json.h"
#include "rules/text.h"
#include "tools/cli_daemon.h"

#define SOON \
	30 /* seconds that an emergency waits for the supervisor, and for another apply to end */

struct way {
	const struct cli *c;
	const struct conf *conf;
	const struct cli_act *a;
	struct cli_act_result *out;
	char socket[128];
};

static void step(void *ctx, const char *en, const char *ja)
{
	const struct way *w = ctx;

	if (!w->c->json)
		cli_say(w->c, "  %s\n", "  %s\n", cli_tr(w->c, en, ja));
}

static void keep(struct way *w, const char *en, const char *ja)
{
	snprintf(w->out->text[0], APPLY_WHY, "%s", en);
	snprintf(w->out->text[1], APPLY_WHY, "%s", ja);
}

/* --- by the supervisor ------------------------------------------------------------------------ */

static void told(void *ctx, const struct ctl_answer *a)
{
	struct way *w = ctx;

	if (a->fd >= 0)
		close(a->fd);
	if (a->kind == CTL_PROGRESS)
		step(w, a->text, a->text_ja);
	else
		keep(w, a->text, a->text_ja);
}

static const enum ctl_verb verbs[APPLY_ACT_COUNT] = {
	[APPLY_NEW] = CTL_APPLY,         [APPLY_CONFIRM] = CTL_CONFIRM,
	[APPLY_ROLLBACK] = CTL_ROLLBACK, [APPLY_EXPIRE] = CTL_EXPIRE,
	[APPLY_APPROVE] = CTL_APPROVE,   [APPLY_LAST_GOOD] = CTL_LAST_GOOD,
	[APPLY_ISOLATE] = CTL_ISOLATE,   [APPLY_END] = CTL_END,
};

static void put_arguments(const struct cli_act *a, struct text *t)
{
	char within[16] = "", back[16] = "";

	if (a->within)
		snprintf(within, sizeof(within), "%u", a->within);
	if (a->back)
		snprintf(back, sizeof(back), "%u", a->back);
	ctl_args_put(t, CTL_ARG_REASON, a->reason);
	ctl_args_put(t, CTL_ARG_REFERENCE, a->reference);
	ctl_args_put(t, CTL_ARG_OVERRIDE, a->override);
	ctl_args_put(t, CTL_ARG_HASH, a->hash);
	ctl_args_put(t, CTL_ARG_WITHIN, within);
	ctl_args_put(t, CTL_ARG_BACK, back);
}

/* What ctl_call says, when it is no answer. */
static int no_answer(const struct way *w, int e)
{
	if (e == -ENOENT || e == -ECONNREFUSED)
		return cli_error(w->c,
				 "no sekimorid answers at %s: start it, or use --offline to let "
				 "the kernel alone enforce the policy",
				 "%s に sekimorid がいません。起動するか、カーネルだけに適用する "
				 "--offline を付けてください",
				 w->socket);
	return cli_error(w->c, "%s: %s", "%s: %s", w->socket, strerror(-e));
}

/* Return: enum ctl_kind, or -errno when nobody answered. */
static int ask(struct way *w)
{
	struct ctl_request q = { .verb = verbs[w->a->act],
				 .fd = -1,
				 .seconds = w->a->way == CLI_ACT_ANYHOW ? SOON : 0 };
	struct text t = { 0 };
	int r;

	put_arguments(w->a, &t);
	q.text = t.bytes;
	if (w->a->act == APPLY_NEW)
		q.fd = ctl_image(w->a->image, w->a->len);
	if (t.failed || (w->a->act == APPLY_NEW && q.fd < 0))
		r = t.failed ? -ENOMEM : q.fd;
	else
		r = ctl_call(w->socket, &q, told, w);
	if (q.fd >= 0)
		close(q.fd);
	text_done(&t);
	return r;
}

static int by_supervisor(struct way *w)
{
	int r = ask(w);

	if (r < 0)
		return no_answer(w, r);
	w->out->waits = r == CTL_WAITS;
	w->out->in_force = r == CTL_YES;
	w->out->failed = r != CTL_YES;
	return r == CTL_YES ? CLI_YES : r == CTL_CANNOT ? CLI_CANNOT : CLI_NO;
}

/* --- by ourselves ----------------------------------------------------------------------------- */

static bool supervisor_runs(const struct way *w)
{
	const struct ctl_request q = { .verb = CTL_STATUS, .fd = -1 };
	int r = ctl_call(w->socket, &q, NULL, NULL);

	return r != -ENOENT && r != -ECONNREFUSED;
}

static uint32_t audit_login(void)
{
	char text[24] = "";
	int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return APPLY_NOBODY;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return text[0] ? (uint32_t)strtoul(text, NULL, 10) : APPLY_NOBODY;
}

static struct apply_person person(const struct cli_act *a)
{
	struct apply_person p = { .uid = getuid(), .login = audit_login() };
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *known = getpwuid(p.login == APPLY_NOBODY ? p.uid : p.login);

	if (a->who)
		snprintf(p.name, sizeof(p.name), "%s", a->who);
	else if (p.login == APPLY_NOBODY && sudo && sudo[0])
		snprintf(p.name, sizeof(p.name), "%s", sudo);
	else if (known)
		snprintf(p.name, sizeof(p.name), "%s", known->pw_name);
	else
		snprintf(p.name, sizeof(p.name), "uid %u", p.uid);
	return p;
}

static void sweep_after_a_second(const struct way *w, const struct apply_conf *conf)
{
	const struct timespec second = { .tv_sec = 1 };
	char why[2][APPLY_WHY];

	nanosleep(&second, NULL);
	if (apply_sweep(conf, why) < 0)
		cli_error(w->c, "%s", "%s", cli_tr(w->c, why[0], why[1]));
}

/* An emergency lets the one that is under way end first. */
static int run_it(const struct way *w, const struct apply_conf *conf, const struct apply_request *q,
		  struct apply_result *res)
{
	const struct apply_calls calls = { .ctx = (void *)(uintptr_t)w, .progress = step };
	const struct timespec tenth = { .tv_nsec = 100000000 };
	int r = apply_run(conf, q, &calls, res);

	for (int i = 0; r == -EBUSY && !res->apply && w->a->way == CLI_ACT_ANYHOW && i < 10 * SOON;
	     i++) {
		nanosleep(&tenth, NULL);
		r = apply_run(conf, q, &calls, res);
	}
	return r;
}

static int by_ourselves(struct way *w)
{
	const struct cli_act *a = w->a;
	struct apply_conf conf = { w->conf->state_directory, w->conf->engines, w->socket, w->conf };
	struct apply_request q = { .act = a->act,
				   .image = a->image,
				   .len = a->len,
				   .person = person(a),
				   .reason = a->reason,
				   .reference = a->reference,
				   .override = a->override,
				   .hash = a->hash,
				   .within = a->within,
				   .back = a->back,
				   .now = time(NULL) };
	struct apply_result res;

	q.dated = clock_judge(w->conf, q.now) == CLOCK_RIGHT;
	int r = run_it(w, &conf, &q, &res);

	w->out->in_force = res.in_force;
	w->out->waits = r == APPLY_WAITS;
	w->out->failed = r != 0;
	w->out->apply = res.apply;
	if (res.why[0][0])
		keep(w, res.why[0], res.why[1]);
	else
		keep(w, res.said[0], res.said[1]);
	if (res.in_force)
		sweep_after_a_second(w, &conf);
	if (r == 0)
		return CLI_YES;
	return r == -EPERM || r == -EBUSY || r == -ENOENT || r == APPLY_WAITS ? CLI_NO : CLI_CANNOT;
}

static int anyhow(struct way *w)
{
	int r = ask(w);

	if (r == CTL_YES || r == CTL_NO) {
		w->out->in_force = r == CTL_YES;
		w->out->failed = r != CTL_YES;
		return r == CTL_YES ? CLI_YES : CLI_NO;
	}
	step(w, "sekimorid does not do it: done without it",
	     "sekimorid が応じないため、直接実施します");
	return by_ourselves(w);
}

int cli_act(const struct cli *c, const struct conf *conf, const struct cli_act *a,
	    struct cli_act_result *out)
{
	struct way w = { .c = c, .conf = conf, .a = a, .out = out };

	*out = (struct cli_act_result){ 0 };
	snprintf(w.socket, sizeof(w.socket), "%s/ctl.sock", conf->run_directory);
	if (a->way == CLI_ACT_ASK)
		return by_supervisor(&w);
	if (a->way == CLI_ACT_ANYHOW)
		return anyhow(&w);
	if (supervisor_runs(&w))
		return cli_error(c, "sekimorid is running: leave out --offline",
				 "sekimorid が稼働中です。--offline を外してください");
	return by_ourselves(&w);
}

/* --- what is said of it ----------------------------------------------------------------------- */

int cli_act_say(const struct cli *c, const struct cli_act_result *res, int r)
{
	const char *text = res->text[c->style.language == DIAG_JAPANESE];

	if (!text[0])
		return r;
	if (!res->failed)
		cli_say(c, "%s\n", "%s\n", text);
	else if (res->waits)
		cli_error(c, "it waits, nothing was changed yet: %s",
			  "承認待ちです (まだ何も変えていません): %s", text);
	else if (res->in_force)
		cli_error(c, "in force, but %s", "適用しましたが、%s", text);
	else
		cli_error(c, "nothing was changed: %s", "何も変えていません: %s", text);
	return r;
}

void cli_act_json(const struct cli_act_result *res, struct json *j)
{
	json_bool(j, "in_force", res->in_force);
	json_bool(j, "waits", res->waits);
	if (res->apply)
		json_uint(j, "apply", res->apply);
	json_string(j, res->failed ? "error" : "message", res->text[0]);
	json_string(j, res->failed ? "error_ja" : "message_ja", res->text[1]);
}

int cli_act_run(const struct cli *c, struct cli_act *a)
{
	struct cli_act_result res;
	struct text t = { 0 };
	struct json j = json_to(&t);
	struct conf conf;

	if (cli_conf(c, &conf) != CLI_YES)
		return CLI_CANNOT;
	int r = cli_act(c, &conf, a, &res);

	if (!c->json)
		return cli_act_say(c, &res, r);
	json_open(&j, NULL, '{');
	json_string(&j, "act", apply_act_words[a->act]);
	cli_act_json(&res, &j);
	json_close(&j, '}');
	int put = cli_put(c, &t);

	return r == CLI_YES ? put : r;
}

/* --- options ---------------------------------------------------------------------------------- */

/* 90s, 10m, 1h; a bare number is refused: of what? */
static bool read_time(const struct cli *c, uint32_t *out)
{
	const char *s = cli_value(c, "confirm-within");
	char unit = 0, rest = 0;
	unsigned int n = 0;

	if (!s)
		return true;
	int got = sscanf(s, "%5u%c%c", &n, &unit, &rest);
	unsigned int by = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;

	if (got == 2 && by && n > 0 && n * by <= CTL_WITHIN_MAX && s[0] != '+' && s[0] != '-') {
		*out = n * by;
		return true;
	}
	cli_usage(c, "'--confirm-within %s': a time such as 90s, 10m or 1h is needed, at most 24h",
		  "--confirm-within %s: 90s、10m、1h のような時間 (24h まで) を指定してください",
		  s);
	return false;
}

static bool fits(const struct cli *c, const char *name)
{
	const char *s = cli_value(c, name);

	if (!s || strlen(s) < CTL_ARG_BYTES)
		return true;
	cli_usage(c, "--%s: at most %u bytes", "--%s は最大 %u バイトです", name,
		  CTL_ARG_BYTES - 1);
	return false;
}

bool cli_act_options(const struct cli *c, struct cli_act *a)
{
	a->reason = cli_value(c, "reason");
	if (!a->reason || !a->reason[0])
		a->reason = cli_value(c, "why");
	a->reference = cli_value(c, "reference");
	a->override = cli_value(c, "override");
	a->way = cli_given(c, "offline") ? CLI_ACT_OFFLINE : CLI_ACT_ASK;
	if (a->override && !a->override[0]) {
		cli_usage(c, "--override needs a reason", "--override には理由が必要です");
		return false;
	}
	return fits(c, "reason") && fits(c, "why") && fits(c, "reference") && fits(c, "override") &&
	       read_time(c, &a->within);
}

/* --- what waits ------------------------------------------------------------------------------- */

struct reply {
	char *text;
	int fd;
};

static void replied(void *ctx, const struct ctl_answer *a)
{
	struct reply *to = ctx;

	free(to->text);
	to->text = strdup(a->text);
	if (to->fd >= 0)
		close(to->fd);
	to->fd = a->fd;
}

int cli_pending(const struct cli *c, const struct conf *conf, char **text, int *image)
{
	const struct ctl_request q = { .verb = CTL_PENDING, .fd = -1 };
	struct reply a = { .fd = -1 };
	struct text t = { 0 };
	char socket[128];

	snprintf(socket, sizeof(socket), "%s/ctl.sock", conf->run_directory);
	int r = ctl_call(socket, &q, replied, &a);

	*text = a.text;
	*image = a.fd;
	if (r == CTL_YES && *text)
		return CLI_YES;
	if (a.fd >= 0)
		close(a.fd);
	if (r >= 0)
		cli_error(c, "%s", "%s", a.text ? a.text : "?");
	free(a.text);
	*text = NULL;
	*image = -1;
	if (r >= 0)
		return CLI_CANNOT;
	if (r != -ENOENT && r != -ECONNREFUSED)
		return cli_error(c, "%s: %s", "%s: %s", socket, strerror(-r));
	if (access(conf->state_directory, R_OK | X_OK) < 0)
		return cli_error(c, "sekimorid does not answer, and %s: %s",
				 "sekimorid が応答せず、%s: %s", conf->state_directory,
				 strerror(errno));
	pending_json(conf->state_directory, &t, image);
	*text = t.bytes;
	return t.failed ? CLI_CANNOT : CLI_YES;
}
