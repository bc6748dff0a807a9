/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/attest.h"
#include "daemon/clock.h"
#include "daemon/kernel/dump.h"
#include "rules/json.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/readback/record.h"
#include "rules/sha256.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_daemon.h"
#include "tools/cli_policy.h"

/* ---- the record ---- */

static int read_kernel(const struct cli *c, struct text *out)
{
	char why[2][DUMP_WHY];
	struct dump d;
	int e = dump_open(&d);

	if (e < 0)
		return cli_error(c, "netlink: %s", "netlink: %s", strerror(-e));
	e = dump_read(&d, out, why);
	dump_close(&d);
	return e < 0 ? cli_error(c, "%s", "%s", cli_tr(c, why[0], why[1])) : CLI_YES;
}

static int read_file(const struct cli *c, const char *path, struct text *out)
{
	char buf[65536];
	ssize_t n = 0;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && out->len <= RECORD_BYTES_MAX && (n = read(fd, buf, sizeof buf)) > 0)
		text_add(out, buf, (size_t)n);
	const int e = fd < 0 || n < 0 ? errno : out->failed ? ENOMEM : 0;

	if (fd >= 0)
		close(fd);
	return e ? cli_error(c, "%s: %s", "%s: %s", path, strerror(e)) : CLI_YES;
}

static int save(const struct cli *c, const char *path, const struct text *record)
{
	FILE *f = fopen(path, "we");
	const bool written = f && fwrite(record->bytes, 1, record->len, f) == record->len;
	const int e = errno;

	if (!f || (fclose(f) != 0) || !written)
		return cli_error(c, "%s: cannot be written: %s", "%s: 書き込めません: %s", path,
				 strerror(e));
	return CLI_YES;
}

static int take_record(const struct cli *c, struct text *out)
{
	const char *from = cli_value(c, "record"), *to = cli_value(c, "save");
	int r = from ? read_file(c, from, out) : read_kernel(c, out);

	if (r == CLI_YES && to)
		r = save(c, to, out);
	return r;
}

/* ---- the policy ---- */

struct wanted {
	struct cli_policy file;
	struct cli_in_force force;
	const struct policy *policy; /* borrowed from one of them; NULL: none is in force */
	bool opened;
};

static int take_policy(const struct cli *c, struct wanted *w)
{
	if (c->operand_count == 0) {
		cli_in_force(c, &w->force);
		w->policy = w->force.map ? &w->force.policy : NULL;
		return CLI_YES;
	}
	const int r = cli_policy_open(c, c->operands[0], &w->file);

	w->opened = r == CLI_YES;
	w->policy = w->opened ? w->file.policy : NULL;
	return r;
}

static void wanted_done(struct wanted *w)
{
	if (w->opened)
		cli_policy_close(&w->file);
	cli_in_force_done(&w->force);
}

/* ---- the proof ---- */

static int take_conf(const struct cli *c, struct conf *daemon, struct attest_conf *conf)
{
	const bool printed = cli_given(c, "printed");
	uint64_t queues;

	if (cli_conf(c, daemon) != CLI_YES)
		return CLI_CANNOT;
	queues = printed ? 1 : daemon->engines;
	if (cli_given(c, "queues") && !cli_number(c, "queues", 1, QUEUES_MAX, &queues))
		return CLI_CANNOT;
	conf->queues = (unsigned int)queues;
	conf->state_directory = printed ? NULL : daemon->state_directory;
	conf->dated = printed || clock_judge(daemon, (int64_t)time(NULL)) == CLOCK_RIGHT;
	if (cli_given(c, "at") && !cli_time(c, "at", &conf->now))
		return CLI_CANNOT;
	return CLI_YES;
}

static int print(const struct cli *c, const struct policy *p, const struct verify *v)
{
	char hex[SHA256_HEX];
	struct text t = { 0 };
	struct json j = json_to(&t);

	if (!c->json) {
		verify_text(v, c->style.language == DIAG_JAPANESE, &t);
		return cli_put(c, &t);
	}
	json_open(&j, NULL, '{');
	if (p)
		json_string(&j, "policy", sha256_hex(p->hash, hex));
	verify_json(v, &j, "kernel");
	json_close(&j, '}');
	return cli_put(c, &t);
}

static int cannot(const struct cli *c, const struct attest_conf *conf, int e)
{
	if (e == -EBADMSG)
		return cli_error(
			c, "this is no record of a kernel, or a damaged one (--save writes them)",
			"カーネルの記録ではないか、壊れています (--save で作成します)");
	if (e == -EACCES || e == -EINVAL)
		return cli_error(
			c, "%s: the class numbers cannot be read: %s (root may; or --printed)",
			"%s: クラス番号を読めません: %s (root で実行するか --printed を付けてください)",
			conf->state_directory, strerror(-e));
	return cli_error(c, "%s", "%s", strerror(-e));
}

static int judge(const struct cli *c, const struct attest_conf *conf, const struct text *record)
{
	static const int exits[] = { [VERIFY_PROVED] = CLI_YES,
				     [VERIFY_REFUTED] = CLI_NO,
				     [VERIFY_NOT_PROVED] = CLI_CANNOT };
	struct verify v = { 0 };
	const int e = attest(conf, record->bytes, record->len, &v);

	if (e < 0)
		return cannot(c, conf, e);
	if (!conf->policy && !c->json)
		cli_say(c, "no policy is in force: nothing may pass\n",
			"施行中の方針はありません。何も通ってはなりません\n");
	const int r = print(c, conf->policy, &v);
	const enum verify_result result = v.result;

	verify_done(&v);
	return r == CLI_YES ? exits[result] : r;
}

static int run(struct cli *c)
{
	struct attest_conf conf = { 0 };
	struct text record = { 0 };
	struct wanted w = { 0 };
	struct conf daemon;

	if (cli_given(c, "record") && cli_given(c, "save"))
		return cli_usage(c, "--record reads a file, --save writes one: not both",
				 "--record は読み込み、--save は書き出し。同時には使えない");
	int r = take_conf(c, &daemon, &conf);

	if (r == CLI_YES)
		r = take_policy(c, &w);
	if (r == CLI_YES)
		r = take_record(c, &record);
	conf.policy = w.policy;
	if (r == CLI_YES)
		r = judge(c, &conf, &record);
	text_done(&record);
	wanted_done(&w);
	return r;
}

static const struct cli_option options[] = {
	{ "record",
	  0,
	  "RECORD",
	  { "judge a kernel that was recorded by --save, instead of this one",
	    "このカーネルではなく、--save で記録したカーネルを判定する" } },
	{ "save",
	  0,
	  "RECORD",
	  { "also write what was read to a file", "読み取った内容をファイルにも書く" } },
	{ "printed",
	  0,
	  NULL,
	  { "the rules were loaded from 'sekimori nft', not by an apply",
	    "適用ではなく 'sekimori nft' の出力を読み込んだもの" } },
	{ "queues",
	  0,
	  "N",
	  { "number of engines [the setting; 1 with --printed]",
	    "検査プロセスの数 [設定の値。--printed では 1]" } },
	{ "at",
	  0,
	  "TIME",
	  { "what is in force at that time in Japan [when it was read]",
	    "この日時に有効な分 [現在]" } },
	{ 0 },
};

const struct cli_verb cmd_verify = {
	.name = "verify",
	.run = run,
	.operands = "[FILE]",
	.help = { "prove that the kernel does what the policy says",
		  "カーネルが方針のとおりに動くことを証明する" },
	.more = { "Reads back everything in this network namespace that decides over packets (needs CAP_NET_ADMIN) and proves, "
		  "for every packet, that it is what FILE says, a policy text or an image; without FILE the policy in force. "
		  "What refutes it is shown with a packet. Exit status 0: proved; 1: refuted; 2: not known, or it cannot be read.",
		  "このネットワーク名前空間でパケットを左右するものをすべて読み戻し (CAP_NET_ADMIN が必要)、全パケットについて FILE "
		  "(定義ファイルまたはイメージ、なければ施行中の方針) のとおりであることを証明する。反証には例のパケットを示す。"
		  "終了コード 0: 証明済み、1: 反証、2: 不明または読めない。" },
	.options = options,
	.json = true,
};
