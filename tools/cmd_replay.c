/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay: captures through the engine that runs live; its events on standard output or as a record.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/capture/decap.h"
#include "daemon/content/scan/register.h"
#include "daemon/engine.h"
#include "daemon/inspect.h"
#include "daemon/protocols.h"
#include "daemon/record/lines.h"
#include "daemon/source_pcap.h"
#include "daemon/watch/watch.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"

#define FLOWS ((size_t)1 << 18)
#define FILES_MAX 256
#define INDEXES_MAX 64
#define WRITE_AT ((size_t)1 << 16)

struct replay {
	struct cli *c;
	struct engine *engine;          /* owned */
	struct source *source;          /* owned */
	struct watch *watch;            /* owned */
	struct register_index *numbers; /* owned; NULL without --register */
	struct lines lines;
	struct text text; /* owned; lines not written yet */
	char names[4096]; /* of --interfaces; the source borrows them */
	bool recording;
	bool failed;         /* standard output is gone */
	int64_t first, last; /* ns */
};

static void write_text(struct replay *r)
{
	if (r->text.len && fwrite(r->text.bytes, 1, r->text.len, stdout) != r->text.len)
		r->failed = true;
	r->failed |= r->text.failed;
	text_clear(&r->text);
}

/* What is said aloud: by the engine, and by who watches it. */
static void say(void *ctx, const struct event *ev)
{
	struct replay *r = ctx;

	if (!r->first)
		r->first = ev->time;
	if (ev->time > r->last)
		r->last = ev->time;
	if (r->recording) {
		lines_add(&r->lines, ev);
		return;
	}
	event_json(ev, 0, NULL, &r->text);
	text_putc(&r->text, '\n');
	if (r->text.len >= WRITE_AT)
		write_text(r);
}

static void emit(void *ctx, const struct event *ev)
{
	struct replay *r = ctx;

	if (!ev->quiet)
		say(r, ev);
	watch_event(r->watch, ev);
}

static void note_interface(void *ctx, uint32_t number, const char *name)
{
	engine_interface(((struct replay *)ctx)->engine, number, name);
}

/* ---- setting up ---- */

static bool zone_option(struct cli *c, const struct policy *p, const char *option, uint32_t *zone)
{
	const char *name = cli_value(c, option);

	*zone = name ? policy_zone_named(p, name) : POLICY_NONE;
	if (!name || *zone != POLICY_NONE)
		return true;
	cli_error(c, "--%s: the policy has no zone \"%s\"", "--%s: 方針に区画「%s」がありません",
		  option, name);
	return false;
}

static bool load_register(struct replay *r)
{
	const char *directory = cli_value(r->c, "register");
	enum register_fault fault = directory ? register_load(directory, &r->numbers) : REGISTER_OK;

	if (fault != REGISTER_OK)
		cli_error(r->c, "--register %s: %s", "--register %s: %s", directory,
			  register_fault_words[fault][r->c->style.language == DIAG_JAPANESE]);
	return fault == REGISTER_OK;
}

static bool start_engine(struct replay *r, const struct policy *p)
{
	struct engine_conf conf = { .flows = FLOWS, .hash_key = "sekimori replay" };
	char why[160] = "";

	if (!load_register(r))
		return false;
	conf.numbers = r->numbers;

	conf.sink = (struct event_sink){ .emit = emit, .ctx = r };
	if (!zone_option(r->c, p, "client-zone", &conf.client_zone) ||
	    !zone_option(r->c, p, "server-zone", &conf.server_zone))
		return false;
	if ((conf.client_zone == POLICY_NONE) != (conf.server_zone == POLICY_NONE)) {
		cli_usage(r->c, "--client-zone and --server-zone go together",
			  "--client-zone と --server-zone は一緒に指定します");
		return false;
	}
	r->watch = watch_new(&(struct watch_conf){ .sink = { say, r } });
	r->engine = r->watch ? engine_new(&conf) : NULL;
	if (!r->engine) {
		cli_error(r->c, "no memory, or %s does not start",
			  "メモリ不足、または %s を初期化できません", inspect_library());
		return false;
	}
	int e = engine_load(r->engine, p, NULL, why);

	if (e) {
		cli_error(r->c, "%s", "%s", e == -ENOENT ? why : strerror(-e));
		return false;
	}
	engine_switch(r->engine);
	watch_policy(r->watch, p);
	return true;
}

static int capture_error(struct cli *c, const struct capture_problem *p)
{
	char text[CAPTURE_PROBLEM_TEXT];

	capture_problem_text(p, c->style.language == DIAG_JAPANESE, text);
	return cli_error(c, "%s", "%s", text);
}

static int open_captures(struct cli *c, const struct source_pcap_conf *conf, struct source **out)
{
	struct source_pcap_file files[FILES_MAX];
	struct capture_problem problem = { 0 };

	if (c->operand_count > FILES_MAX)
		return cli_usage(c, "at most %d captures at once",
				 "キャプチャは一度に %d 個までです", FILES_MAX);
	for (int i = 0; i < c->operand_count; i++)
		files[i] = source_pcap_parse(c->operands[i]);
	if (source_pcap_open(files, (size_t)c->operand_count, conf, out, &problem))
		return capture_error(c, &problem);
	return CLI_YES;
}

static bool index_option(struct cli *c, struct replay *r, struct source_pcap_index *indexes,
			 struct source_pcap_conf *conf)
{
	const char *value = cli_value(c, "interfaces");

	if (!value)
		return true;
	snprintf(r->names, sizeof(r->names), "%s", value);
	conf->indexes = indexes;
	conf->index_count = source_pcap_parse_indexes(r->names, indexes, INDEXES_MAX);
	if (!conf->index_count)
		cli_usage(c, "--interfaces wants NUMBER=NAME,...",
			  "--interfaces は 番号=名前,... です");
	return conf->index_count;
}

static bool start_record(struct replay *r)
{
	const char *path = cli_value(r->c, "record");
	int directory, e;

	if (!path)
		return true;
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	e = directory < 0 ? -errno : lines_open(&r->lines, directory, true, 0);
	r->recording = e == 0;
	if (e)
		cli_error(r->c, "--record %s: %s", "--record %s: %s", path, strerror(-e));
	return e == 0;
}

/* ---- the run ---- */

static void put_stats(struct replay *r)
{
	struct event_counter counters[EVENT_COUNTERS_MAX];
	struct event ev = { .type = EVENT_STATS, .time = r->last };

	ev.stats.count = (uint32_t)engine_counters(r->engine, counters, EVENT_COUNTERS_MAX / 2);
	ev.stats.count += (uint32_t)source_pcap_counters(r->source, counters + ev.stats.count,
							 EVENT_COUNTERS_MAX - ev.stats.count);
	ev.stats.counters = counters;
	ev.stats.uptime = (uint64_t)(r->last - r->first) / 1000000000;
	say(r, &ev);
}

static int run_engine(struct replay *r)
{
	int e = 1, status = CLI_YES;

	while (e > 0 && !r->failed)
		e = engine_drain(r->engine, r->source, 1 << 16);
	engine_finish(r->engine);
	if (cli_given(r->c, "stats"))
		put_stats(r);
	write_text(r);
	if (r->recording && lines_flush(&r->lines))
		status = cli_error(r->c, "the record could not be written: %s",
				   "記録を書けません: %s", strerror(errno));
	if (e < 0 && e != -ENODATA)
		status = capture_error(r->c, source_pcap_problem(r->source));
	return r->failed ? CLI_CANNOT : status;
}

static void clean_up(struct replay *r)
{
	engine_free(r->engine);
	watch_free(r->watch);
	register_free(r->numbers);
	if (r->source)
		r->source->ops->close(r->source);
	if (r->recording)
		lines_close(&r->lines);
	text_done(&r->text);
}

static int replay_events(struct cli *c, unsigned int tunnels)
{
	struct replay r = { .c = c };
	struct source_pcap_conf conf = { .decapsulate = tunnels, .interface = note_interface };
	struct source_pcap_index indexes[INDEXES_MAX];
	struct cli_policy policy;
	int status;

	conf.ctx = &r;
	if (!index_option(c, &r, indexes, &conf))
		return CLI_CANNOT;
	if (!cli_given(c, "policy"))
		return cli_usage(c, "--policy FILE is needed: a policy text or image",
				 "--policy FILE (方針の文またはイメージ)が必要です");
	status = cli_policy_open(c, cli_value(c, "policy"), &policy);
	if (status != CLI_YES)
		return status;
	status = CLI_CANNOT;
	if (start_engine(&r, policy.policy) && start_record(&r) &&
	    open_captures(c, &conf, &r.source) == CLI_YES)
		status = run_engine(&r);
	clean_up(&r);
	cli_policy_close(&policy);
	return status;
}

/* ---- --protocols ---- */

static int put_protocols(struct cli *c, struct inspect *in, const struct protocol_count *counts)
{
	struct text t = { 0 };

	for (uint16_t i = 0; i < inspect_app_count(in); i++)
		if (counts[i].flows)
			text_printf(&t, "%s\t%lu\t%lu\t%lu\n", inspect_app_name(in, i),
				    (unsigned long)counts[i].packets,
				    (unsigned long)counts[i].bytes, (unsigned long)counts[i].flows);
	return cli_put(c, &t);
}

static int replay_protocols(struct cli *c, unsigned int tunnels)
{
	struct inspect_conf how = inspect_conf_reader;
	struct source_pcap_conf conf = { .fragments = true, .copies = true, .loose = true };
	struct source *source = NULL;
	struct inspect *in;
	int status, e;

	how.protocols_file = cli_value(c, "ndpi-protocols");
	conf.decapsulate = tunnels ? DECAP_READER : DECAP_IPIP;
	status = open_captures(c, &conf, &source);
	if (status)
		return status;
	in = inspect_new(&how);
	struct protocol_count *counts =
		in ? calloc(inspect_app_count(in) + 1u, sizeof(*counts)) : NULL;

	if (!counts) {
		status = cli_error(c, "no memory, or %s does not start",
				   "メモリ不足、または %s を初期化できません", inspect_library());
	} else {
		e = protocols_run(source, in, counts);
		status = put_protocols(c, in, counts);
		if (e)
			status = capture_error(c, source_pcap_problem(source));
	}
	free(counts);
	inspect_free(in);
	source->ops->close(source);
	return status;
}

static int run(struct cli *c)
{
	unsigned int tunnels = cli_given(c, "decapsulate") ? DECAP_ALL : 0;

	return cli_given(c, "protocols") ? replay_protocols(c, tunnels) : replay_events(c, tunnels);
}

static const struct cli_option options[] = {
	{ "policy", 'p', "FILE", { "policy text or image", "方針の文またはイメージ" } },
	{ "client-zone",
	  0,
	  "ZONE",
	  { "put the opener of every flow into this zone", "開始側をこの区画とみなす" } },
	{ "server-zone",
	  0,
	  "ZONE",
	  { "... and its peer into this one", "相手側をこの区画とみなす" } },
	{ "record",
	  0,
	  "DIR",
	  { "write eve.json and alerts.log there instead", "標準出力の代わりに DIR に記録する" } },
	{ "interfaces",
	  0,
	  "3=k0,4=l0",
	  { "names for interface indexes (tcpdump -i any)",
	    "インタフェース番号の名前(tcpdump -i any)" } },
	{ "register",
	  0,
	  "DIR",
	  { "where sekimori-register has put its index",
	    "sekimori-register の索引があるディレクトリ" } },
	{ "decapsulate", 0, NULL, { "look into tunnels", "トンネルの中を見る" } },
	{ "stats", 0, NULL, { "end with the engine's figures", "最後に計数を出す" } },
	{ "protocols",
	  0,
	  NULL,
	  { "only count packets by protocol, as ndpiReader does",
	    "プロトコル別の件数だけを出す" } },
	{ "ndpi-protocols",
	  0,
	  "FILE",
	  { "more hosts and ports for --protocols", "--protocols 用の追加定義" } },
	{ NULL },
};

const struct cli_verb cmd_replay = {
	.name = "replay",
	.run = run,
	.operands = "PCAP...",
	.help = { "what the engine says about captures", "キャプチャを検査エンジンに通す" },
	.more = { "Events come as one JSON object a line (EVE). Zones are found by the interface names of a\n"
		  "pcapng, by NAME=FILE, else by the networks of the policy. Exit 2: a capture could not be\n"
		  "read to its end; the events up to there are given.",
		  "イベントは1行1個のJSON(EVE)です。区画は pcapng のインタフェース名、NAME=FILE、\n"
		  "なければ方針のネットワークで決めます。終了コード2は、キャプチャを最後まで読めなかったことを\n"
		  "示します(それまでのイベントは出力済みです)。" },
	.options = options,
	.json = true,
};
