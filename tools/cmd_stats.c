/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stats: every counter there is, and whether what went into the queues came out again.
 */
#include "tools/cli_daemon.h"

#include "rules/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMNS 28

struct view {
	const struct cli *c;
	struct cli_json json;
	struct text out;
};

static void put_number(struct view *v, const struct cli_json_node *n, const char *indent)
{
	char key[64];

	text_printf(&v->out, "%s%-*s %.*s\n", indent, NAME_COLUMNS,
		    cli_json_key(&v->json, n, key, sizeof key), (int)n->len, v->json.bytes + n->at);
}

static void put_numbers(struct view *v, const struct cli_json_node *of, const char *indent)
{
	for (const struct cli_json_node *n = cli_json_first(&v->json, of); n;
	     n = cli_json_next(&v->json, n)) {
		if (n->type == CLI_JSON_NUMBER)
			put_number(v, n, indent);
	}
}

/* A process: groups of counters, those that are 0 left out. */
static void put_process(struct view *v, const struct cli_json_node *of)
{
	for (const struct cli_json_node *g = cli_json_first(&v->json, of); g;
	     g = cli_json_next(&v->json, g)) {
		char group[64], name[64], both[130];

		cli_json_key(&v->json, g, group, sizeof group);
		for (const struct cli_json_node *n = cli_json_first(&v->json, g); n;
		     n = cli_json_next(&v->json, n)) {
			if (n->type != CLI_JSON_NUMBER || cli_json_uint(&v->json, n) == 0)
				continue;
			snprintf(both, sizeof both, "%s.%s", group,
				 cli_json_key(&v->json, n, name, sizeof name));
			text_printf(&v->out, "  %-*s %.*s\n", NAME_COLUMNS, both, (int)n->len,
				    v->json.bytes + n->at);
		}
	}
}

static const struct cli_json_node *top(struct view *v, const char *path)
{
	return cli_json_get(&v->json, cli_json_top(&v->json), path);
}

static void title(struct view *v, const char *en, const char *ja)
{
	text_printf(&v->out, "%s\n", cli_tr(v->c, en, ja));
}

static void put_queues(struct view *v)
{
	const struct cli_json *j = &v->json;

	title(v, "queues: number, waiting, found it full, found no reader's room",
	      "待ち行列: 番号、待機、満杯で入れず、読み手の空きなし");
	for (const struct cli_json_node *q = cli_json_first(j, top(v, "queues")); q;
	     q = cli_json_next(j, q))
		text_printf(&v->out, "  %3llu %8llu %8llu %8llu\n",
			    (unsigned long long)cli_json_uint(j, cli_json_get(j, q, "number")),
			    (unsigned long long)cli_json_uint(j, cli_json_get(j, q, "waiting")),
			    (unsigned long long)cli_json_uint(j, cli_json_get(j, q, "full")),
			    (unsigned long long)cli_json_uint(j, cli_json_get(j, q, "unread")));
}

static void put_engines(struct view *v)
{
	unsigned int i = 0;

	for (const struct cli_json_node *e = cli_json_first(&v->json, top(v, "engines")); e;
	     e = cli_json_next(&v->json, e)) {
		text_printf(&v->out, cli_tr(v->c, "engine %u\n", "検査プロセス %u\n"), i++);
		put_process(v, e);
	}
}

static int print(struct view *v)
{
	title(v, "kernel (packets)", "カーネル（パケット数）");
	put_numbers(v, top(v, "kernel"), "  ");
	put_queues(v);
	title(v, "balance: queued = seen + unseen + dropped + waiting + lost",
	      "収支: queued（待ち行列へ）= seen（検査済み）+ unseen（未検査）+ dropped（廃棄）+ waiting（待機）+ lost（欠落）");
	put_numbers(v, top(v, "balance"), "  ");
	put_engines(v);
	title(v, "watcher", "監視プロセス");
	put_process(v, top(v, "watcher"));
	title(v, "recorder", "記録プロセス");
	put_process(v, top(v, "recorder"));
	title(v, "supervisor", "統括プロセス");
	put_process(v, top(v, "supervisor"));
	return cli_put(v->c, &v->out);
}

static int run(struct cli *c)
{
	struct view v = { .c = c };
	char *text;
	int r = cli_ask(c, CTL_STATS, &text);

	if (r != CLI_YES)
		return r;
	if (cli_json_parse(&v.json, text, strlen(text)) < 0) {
		r = cli_error(c, "the answer makes no sense", "応答を読めません");
	} else if (c->json) {
		text_puts(&v.out, text);
		r = cli_put(c, &v.out);
	} else {
		r = print(&v);
	}
	cli_json_done(&v.json);
	free(text);
	return r;
}

const struct cli_verb cmd_stats = {
	.name = "stats",
	.run = run,
	.operands = "",
	.help = { "every counter of the kernel and of our processes",
		  "カーネルと各プロセスのすべての計数" },
	.more = { "Counters of processes that are 0 are left out; --json prints them all.",
		  "プロセスの計数は 0 のものを省く。--json はすべて表示する。" },
	.json = true,
};
