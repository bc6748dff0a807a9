/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/apply.h"
#include "daemon/clock.h"
#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "rules/image.h"
#include "rules/json.h"
#include "rules/sha256.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_changes.h"
#include "tools/cli_daemon.h"
#include "tools/cli_policy.h"

struct job {
	struct cli *c;
	struct conf conf;
	char socket[128];
	struct cli_policy fresh; /* of FILE */
	struct cli_in_force old; /* from the supervisor, else from the state directory */
	struct apply_result result;
	bool in_force;
	char why[2][APPLY_WHY];
};

/* --- what is in force, what would change ------------------------------------------------------- */

static void read_old(struct job *j)
{
	struct apply_conf conf = { j->conf.state_directory, j->conf.engines };
	char why[160];

	cli_in_force(j->c, &j->old);
	if (j->old.map)
		return;
	int fd = apply_current(&conf);

	if (fd < 0)
		return;
	if (image_load(fd, &j->old.policy, &j->old.map, &j->old.map_len, why) < 0)
		j->old.map = NULL;
	close(fd);
}

static const struct policy *old_policy(const struct job *j)
{
	return j->old.map ? &j->old.policy : NULL;
}

static void say_changes(const struct job *j)
{
	const struct policy *p = j->fresh.policy, *old = old_policy(j);
	char hex[SHA256_HEX], before[SHA256_HEX];
	struct text t = { 0 };

	if (j->c->json)
		return;
	cli_say(j->c, "policy %.12s, in force now: %.12s\n", "新しい方針 %.12s、現在の方針 %.12s\n",
		sha256_hex(p->hash, hex), old ? sha256_hex(old->hash, before) : "-");
	if (cli_changes(old, p, &t) == 0)
		cli_say(j->c, "  no permit, deny or crossing differs\n",
			"  許可・拒否・crossing に違いはありません\n");
	else if (t.bytes)
		fputs(t.bytes, stdout);
	text_done(&t);
}

/* --- by the supervisor ------------------------------------------------------------------------ */

static void told(void *ctx, const struct ctl_answer *a)
{
	struct job *j = ctx;

	if (a->kind == CTL_PROGRESS) {
		if (!j->c->json)
			cli_say(j->c, "  %s\n", "  %s\n", cli_tr(j->c, a->text, a->text_ja));
		return;
	}
	j->in_force = a->kind == CTL_YES;
	snprintf(j->why[0], APPLY_WHY, "%s", a->text);
	snprintf(j->why[1], APPLY_WHY, "%s", a->text_ja);
}

static int by_supervisor(struct job *j)
{
	struct ctl_request q = { .verb = CTL_APPLY, .text = cli_value(j->c, "reason") };

	q.fd = ctl_image(j->fresh.image ? j->fresh.image : j->fresh.map,
			 j->fresh.image ? j->fresh.image_len : j->fresh.map_len);
	if (q.fd < 0)
		return cli_error(j->c, "%s", "%s", strerror(-q.fd));
	int r = ctl_call(j->socket, &q, told, j);

	close(q.fd);
	if (r == -ENOENT || r == -ECONNREFUSED)
		return cli_error(j->c,
				 "no sekimorid answers at %s: start it, or use --offline to let "
				 "the kernel alone enforce the policy",
				 "%s に sekimorid がいません。起動するか、カーネルだけに適用する "
				 "--offline を付けてください",
				 j->socket);
	if (r < 0)
		return cli_error(j->c, "%s: %s", "%s: %s", j->socket, strerror(-r));
	return r == CTL_YES ? CLI_YES : r == CTL_NO ? CLI_NO : CLI_CANNOT;
}

/* --- by ourselves ----------------------------------------------------------------------------- */

static bool supervisor_runs(const struct job *j)
{
	struct ctl_request q = { .verb = CTL_STATUS, .fd = -1 };
	int r = ctl_call(j->socket, &q, NULL, NULL);

	return r != -ENOENT && r != -ECONNREFUSED;
}

static void step(void *ctx, const char *en, const char *ja)
{
	struct job *j = ctx;

	if (!j->c->json)
		cli_say(j->c, "  %s\n", "  %s\n", cli_tr(j->c, en, ja));
}

static const char *who(void)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *p = getpwuid(getuid());

	if (sudo && sudo[0])
		return sudo;
	return p ? p->pw_name : "root";
}

static void sweep_after_a_second(struct job *j, const struct apply_conf *conf)
{
	const struct timespec second = { .tv_sec = 1 };
	char why[2][APPLY_WHY];

	nanosleep(&second, NULL);
	if (apply_sweep(conf, why) < 0)
		cli_error(j->c, "%s", "%s", cli_tr(j->c, why[0], why[1]));
}

static int offline(struct job *j, struct apply_request *q)
{
	struct apply_conf conf = { j->conf.state_directory, j->conf.engines };
	struct apply_calls calls = { .ctx = j, .progress = step };

	if (supervisor_runs(j))
		return cli_error(j->c, "sekimorid is running: leave out --offline",
				 "sekimorid が稼働中です。--offline を外してください");
	q->now = time(NULL);
	q->dated = clock_judge(&j->conf, q->now) == CLOCK_RIGHT;
	int r = apply_run(&conf, q, &calls, &j->result);

	j->in_force = j->result.in_force;
	memcpy(j->why, j->result.why, sizeof(j->why));
	if (j->in_force)
		sweep_after_a_second(j, &conf);
	return r == 0 ? CLI_YES : r == -EPERM ? CLI_NO : CLI_CANNOT;
}

/* --- the verb --------------------------------------------------------------------------------- */

static int print_json(struct job *j, int r)
{
	const struct policy *p = j->fresh.policy;
	char hex[SHA256_HEX];
	struct text t = { 0 };
	struct json json = json_to(&t);

	json_open(&json, NULL, '{');
	json_bool(&json, "in_force", j->in_force);
	if (p) {
		json_string(&json, "policy", sha256_hex(p->hash, hex));
		cli_changes_json(old_policy(j), p, &json);
	}
	if (j->result.apply)
		json_uint(&json, "apply", j->result.apply);
	json_string(&json, r == CLI_YES ? "message" : "error", j->why[0]);
	json_string(&json, r == CLI_YES ? "message_ja" : "error_ja", j->why[1]);
	json_close(&json, '}');
	int put = cli_put(j->c, &t);

	return r == CLI_YES ? put : r;
}

static int say_result(struct job *j, int r)
{
	const char *why = cli_tr(j->c, j->why[0], j->why[1]);

	if (j->c->json)
		return print_json(j, r);
	if (r == CLI_YES)
		cli_say(j->c, "in force%s%s\n", "適用しました%s%s\n", why[0] ? ": " : "", why);
	else if (why[0])
		cli_error(j->c, j->in_force ? "in force, but %s" : "nothing was changed: %s",
			  j->in_force ? "適用しましたが、%s" : "何も変えていません: %s", why);
	return r;
}

static int boot(struct job *j)
{
	struct apply_conf conf = { j->conf.state_directory, j->conf.engines };
	struct apply_request q = { .who = "boot", .reason = "boot" };
	int fd = apply_current(&conf), r;

	if (fd >= 0) {
		close(fd);
		return say_result(j, offline(j, &q));
	}
	if (fd != -ENOENT)
		cli_error(j->c, "%s: %s", "%s: %s", conf.state_directory, strerror(-fd));
	r = apply_base(&conf, step, j, j->why);
	if (r < 0)
		return cli_error(j->c, "%s", "%s", cli_tr(j->c, j->why[0], j->why[1]));
	cli_say(j->c, "no policy has been applied yet: everything is denied\n",
		"適用済みの方針がありません。全て拒否します\n");
	return fd == -ENOENT ? CLI_YES : CLI_CANNOT;
}

static int apply_file(struct job *j)
{
	int r = cli_policy_open_proved(j->c, j->c->operands[0], &j->fresh);

	if (r != CLI_YES)
		return r;
	struct apply_request q = {
		.image = j->fresh.image ? j->fresh.image : j->fresh.map,
		.len = j->fresh.image ? j->fresh.image_len : j->fresh.map_len,
		.who = who(),
		.reason = cli_value(j->c, "reason"),
	};

	read_old(j);
	say_changes(j);
	r = cli_given(j->c, "offline") ? offline(j, &q) : by_supervisor(j);
	r = say_result(j, r);
	cli_policy_close(&j->fresh);
	cli_in_force_done(&j->old);
	return r;
}

static int run(struct cli *c)
{
	struct job j = { .c = c };
	bool at_boot = cli_given(c, "boot");
	const char *reason = cli_value(c, "reason");

	if (at_boot && (!cli_given(c, "offline") || c->operand_count))
		return cli_usage(c, "--boot needs --offline and no FILE",
				 "--boot は --offline と共に、FILE なしで使う");
	if (!at_boot && !c->operand_count)
		return cli_usage(c, "FILE is missing", "FILE がありません");
	if (!at_boot && (!reason || !reason[0]))
		return cli_usage(c, "--reason is missing: it is kept in the history",
				 "--reason がありません (履歴に残ります)");
	if (cli_conf(c, &j.conf) != CLI_YES)
		return CLI_CANNOT;
	snprintf(j.socket, sizeof(j.socket), "%s/ctl.sock", j.conf.run_directory);
	return at_boot ? boot(&j) : apply_file(&j);
}

static const struct cli_option options[] = {
	{ "reason",
	  0,
	  "TEXT",
	  { "why, for the history and the event", "理由 (履歴とイベントに残る)" } },
	{ "offline",
	  0,
	  NULL,
	  { "without sekimorid: the kernel alone enforces the policy",
	    "sekimorid なしで、カーネルだけに適用する" } },
	{ "boot",
	  0,
	  NULL,
	  { "load what was in force last (used before the network starts)",
	    "最後に有効だった方針を読み込む (ネットワーク開始前に使う)" } },
	{ 0 },
};

const struct cli_verb cmd_apply = {
	.name = "apply",
	.run = run,
	.operands = "[FILE]",
	.help = { "put a policy in force", "定義を適用する" },
	.more = { "FILE is a policy text or an image. What changes is shown first; a permitted "
		  "conversation loses no packet, one that is denied now ends. Exit status 1: refused, "
		  "nothing was changed; what check refuses is refused here.",
		  "FILE は定義ファイルまたはイメージ。最初に変更点を表示する。許可された通信は "
		  "一つのパケットも失わず、拒否になった通信は終わる。終了コード 1: 拒否され、"
		  "何も変わっていない。check が拒否するものは、ここでも拒否される。" },
	.options = options,
	.json = true,
};
