/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/apply.h"
#include "daemon/conf.h"
#include "rules/image.h"
#include "rules/json.h"
#include "rules/sha256.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_act.h"
#include "tools/cli_changes.h"
#include "tools/cli_daemon.h"
#include "tools/cli_policy.h"

struct job {
	struct cli *c;
	struct conf conf;
	struct cli_policy fresh; /* of FILE */
	struct cli_in_force old; /* from the supervisor, else from the state directory */
	struct cli_act_result result;
};

/* --- what is in force, what would change ------------------------------------------------------- */

static void read_old(struct job *j)
{
	struct apply_conf conf = { .state_directory = j->conf.state_directory };
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

/* --- the verb --------------------------------------------------------------------------------- */

static int print_json(struct job *j, int r)
{
	const struct policy *p = j->fresh.policy;
	char hex[SHA256_HEX];
	struct text t = { 0 };
	struct json json = json_to(&t);

	json_open(&json, NULL, '{');
	if (p) {
		json_string(&json, "policy", sha256_hex(p->hash, hex));
		cli_changes_json(old_policy(j), p, &json);
	}
	cli_act_json(&j->result, &json);
	json_close(&json, '}');
	int put = cli_put(j->c, &t);

	return r == CLI_YES ? put : r;
}

static int say_result(struct job *j, int r)
{
	return j->c->json ? print_json(j, r) : cli_act_say(j->c, &j->result, r);
}

static void progress(void *ctx, const char *en, const char *ja)
{
	struct cli *c = ctx;

	cli_say(c, "  %s\n", "  %s\n", cli_tr(c, en, ja));
}

/* The confirmed policy, or rules that deny everything. */
static int boot(struct job *j)
{
	const struct apply_conf conf = { .state_directory = j->conf.state_directory,
					 .queues = j->conf.engines };
	const struct cli_act again = {
		.act = APPLY_AGAIN, .way = CLI_ACT_OFFLINE, .reason = "boot", .who = "boot"
	};
	int fd = apply_current(&conf), r;
	char why[2][APPLY_WHY];

	if (fd >= 0) {
		close(fd);
		return say_result(j, cli_act(j->c, &j->conf, &again, &j->result));
	}
	if (fd != -ENOENT)
		cli_error(j->c, "%s: %s", "%s: %s", conf.state_directory, strerror(-fd));
	r = apply_base(&conf, progress, j->c, why);
	if (r < 0)
		return cli_error(j->c, "%s", "%s", cli_tr(j->c, why[0], why[1]));
	cli_say(j->c, "no policy has been applied yet: everything is denied\n",
		"適用済みの方針がありません。全て拒否します\n");
	return fd == -ENOENT ? CLI_YES : CLI_CANNOT;
}

static int apply_file(struct job *j, struct cli_act *a)
{
	int r = cli_policy_open_proved(j->c, j->c->operands[0], &j->fresh);

	if (r != CLI_YES)
		return r;
	a->act = APPLY_NEW;
	a->image = j->fresh.image ? j->fresh.image : j->fresh.map;
	a->len = j->fresh.image ? j->fresh.image_len : j->fresh.map_len;
	read_old(j);
	say_changes(j);
	r = say_result(j, cli_act(j->c, &j->conf, a, &j->result));
	cli_policy_close(&j->fresh);
	cli_in_force_done(&j->old);
	return r;
}

static int run(struct cli *c)
{
	bool at_boot = cli_given(c, "boot");
	struct job j = { .c = c };
	struct cli_act a = { 0 };

	if (at_boot && (!cli_given(c, "offline") || c->operand_count))
		return cli_usage(c, "--boot needs --offline and no FILE",
				 "--boot は --offline と共に、FILE なしで使う");
	if (!at_boot && !c->operand_count)
		return cli_usage(c, "FILE is missing", "FILE がありません");
	if (!cli_act_options(c, &a))
		return CLI_CANNOT;
	if (!at_boot && (!a.reason || !a.reason[0]))
		return cli_usage(c, "--reason is missing: it is kept in the history",
				 "--reason がありません (履歴に残ります)");
	if (cli_conf(c, &j.conf) != CLI_YES)
		return CLI_CANNOT;
	return at_boot ? boot(&j) : apply_file(&j, &a);
}

static const struct cli_option options[] = {
	CLI_ACT_OPTIONS,
	{ "boot",
	  0,
	  NULL,
	  { "load what was confirmed last (used before the network starts)",
	    "最後に確認された方針を読み込む (ネットワーク開始前に使う)" } },
	{ 0 },
};

const struct cli_verb cmd_apply = {
	.name = "apply",
	.run = run,
	.operands = "[FILE]",
	.help = { "put a policy in force", "定義を適用する" },
	.more = { "FILE is a policy text or an image. What changes is shown first; a permitted "
		  "conversation loses no packet, one that is denied now ends. With --confirm-within the policy "
		  "before comes back by itself, with the conversations it permits, unless 'sekimori confirm' is run "
		  "in time, also when the terminal, the daemon or the machine goes down meanwhile. A change that "
		  "loosens what touches mynumber or public-line waits for a second person ('sekimori approve'); the "
		  "first policy of a box does not. Exit status 1: refused or waiting, nothing was changed; what "
		  "check refuses is refused here.",
		  "FILE は定義ファイルまたはイメージ。最初に変更点を表示する。許可された通信は "
		  "一つのパケットも失わず、拒否になった通信は終わる。--confirm-within を付けると、時間内に "
		  "'sekimori confirm' がなければ、以前の方針が、それが許可する通信ごと自動で戻る。端末・デーモン・機械が "
		  "落ちても同じ。マイナンバー利用事務系・公的回線に関わる制限を緩める変更は別の人の承認 "
		  "('sekimori approve') を待つ。最初の方針だけは待たない。終了コード 1: 拒否または承認待ちで、"
		  "何も変わっていない。check が拒否するものは、ここでも拒否される。" },
	.options = options,
	.json = true,
};
