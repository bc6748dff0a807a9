/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * events: read eve.json: filter, follow across rotation, print for people or raw.
 */
#include "tools/cli_daemon.h"
#include "tools/cli_event.h"
#include "tools/cli_since.h"

#include "rules/ip.h"
#include "rules/jst.h"
#include "rules/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS \
	1000 /* between looks at the file where inotify hears nothing (network file systems) */
#define LAST_MAX 100000

struct view {
	struct cli *c;
	struct cli_event_filter filter;
	struct cli_json json;
	struct text line;
	uint64_t shown, damaged;
	uint64_t last; /* keep only so many lines; 0 all */
	char **kept;   /* owned ring of `last` lines */
	uint64_t kept_count;
};

/* ---- one line ---- */

static void show(struct view *v, const char *bytes, size_t len)
{
	v->shown++;
	text_clear(&v->line);
	if (v->c->json)
		text_add(&v->line, bytes, len);
	else
		cli_event_line(&v->json, v->c->style, &v->line);
	text_putc(&v->line, '\n');
	fwrite(v->line.bytes, 1, v->line.len, stdout);
}

static void keep(struct view *v, const char *bytes, size_t len)
{
	char **at = &v->kept[v->kept_count++ % v->last];

	free(*at);
	*at = strndup(bytes, len);
}

static void take(struct view *v, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	if (cli_json_parse(&v->json, bytes, len) < 0) {
		v->damaged++;
		return;
	}
	if (!cli_event_matches(&v->json, &v->filter))
		return;
	if (v->kept)
		keep(v, bytes, len);
	else
		show(v, bytes, len);
}

static void show_kept(struct view *v)
{
	const uint64_t n = v->kept_count < v->last ? v->kept_count : v->last;

	for (uint64_t i = v->kept_count - n; v->kept && i < v->kept_count; i++) {
		const char *line = v->kept[i % v->last];

		if (line && cli_json_parse(&v->json, line, strlen(line)) == 0)
			show(v, line, strlen(line));
	}
	for (uint64_t i = 0; v->kept && i < v->last; i++)
		free(v->kept[i]);
	free(v->kept);
	v->kept = NULL;
}

/* ---- files ---- */

struct tail { /* reads what has been appended, whole lines only */
	int fd;
	struct text held; /* the beginning of a line that is not whole yet */
};

static void take_lines(struct view *v, struct tail *t)
{
	const char *at = t->held.bytes, *end = at + t->held.len, *newline;
	size_t rest;

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		take(v, at, (size_t)(newline - at));
		at = newline + 1;
	}
	rest = (size_t)(end - at);
	if (rest && at != t->held.bytes)
		memmove(t->held.bytes, at, rest);
	t->held.len = rest;
}

static int read_on(struct view *v, struct tail *t)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(t->fd, buf, sizeof buf)) > 0) {
		text_add(&t->held, buf, (size_t)n);
		take_lines(v, t);
	}
	fflush(stdout);
	return n < 0 ? -errno : 0;
}

static int read_file(struct view *v, const char *path)
{
	struct tail t = { .fd = strcmp(path, "-") == 0 ? STDIN_FILENO
						       : open(path, O_RDONLY | O_CLOEXEC) };
	int r = t.fd < 0 ? -errno : read_on(v, &t);

	if (r == 0 && t.held.len)
		take(v, t.held.bytes, t.held.len); /* a file that ends without a newline */
	if (t.fd > STDIN_FILENO)
		close(t.fd);
	text_done(&t.held);
	if (r < 0)
		return cli_error(v->c, "%s: %s", "%s: %s", path, strerror(-r));
	return CLI_YES;
}

static bool replaced(const char *path, int fd)
{
	struct stat now, ours;

	return stat(path, &now) == 0 && fstat(fd, &ours) == 0 &&
	       (now.st_ino != ours.st_ino || now.st_dev != ours.st_dev);
}

/* The log directory tells of a new file, the file of new lines; either way we look at both. */
static void wait_for_more(int notify)
{
	struct pollfd p = { .fd = notify, .events = POLLIN };
	char events[4096];

	poll(&p, 1, WAIT_MS);
	while (notify >= 0 && read(notify, events, sizeof events) > 0)
		;
}

static int follow(struct view *v, const char *directory, const char *path)
{
	const int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct tail t = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	int r = t.fd < 0 ? -errno : read_on(v, &t);

	inotify_add_watch(notify, directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
	show_kept(v);
	fflush(stdout);
	while (r == 0 && !ferror(stdout)) {
		wait_for_more(notify);
		r = read_on(v, &t);
		if (r == 0 && replaced(path, t.fd)) {
			close(t.fd); /* read to its end: the recorder has moved on */
			t.fd = open(path, O_RDONLY | O_CLOEXEC);
			t.held.len = 0;
			r = t.fd < 0 ? -errno : read_on(v, &t);
		}
	}
	text_done(&t.held);
	return r < 0 ? cli_error(v->c, "%s: %s", "%s: %s", path, strerror(-r)) : CLI_YES;
}

/* ---- options ---- */

static bool read_filter(struct view *v)
{
	uint64_t severity = 0;

	v->filter.type = cli_value(v->c, "type");
	v->filter.zone = cli_value(v->c, "zone");
	v->filter.detector = cli_value(v->c, "detector");
	v->filter.host = cli_value(v->c, "host");
	if (!cli_since(v->c, "since", (int64_t)time(NULL), &v->filter.since))
		return false;
	if (cli_given(v->c, "until") && !cli_time(v->c, "until", &v->filter.until))
		return false;
	if (cli_given(v->c, "severity") && !cli_number(v->c, "severity", 1, 3, &severity))
		return false;
	if (cli_given(v->c, "last") && !cli_number(v->c, "last", 1, LAST_MAX, &v->last))
		return false;
	if (!v->last && cli_given(v->c, "follow") && !v->filter.since)
		v->last = 10;
	v->filter.severity = (unsigned int)severity;
	if (v->last)
		v->kept = calloc(v->last, sizeof *v->kept);
	return true;
}

static int read_own(struct view *v)
{
	struct conf conf;
	char path[CONF_TEXT + 16], older[CONF_TEXT + 24];

	if (cli_conf(v->c, &conf) != CLI_YES)
		return CLI_CANNOT;
	snprintf(path, sizeof path, "%s/eve.json", conf.log_directory);
	snprintf(older, sizeof older, "%s.1", path);
	if (v->filter.since && access(older, R_OK) == 0)
		read_file(v, older); /* not compressed yet: the days before today's */
	if (cli_given(v->c, "follow"))
		return follow(v, conf.log_directory, path);
	return read_file(v, path);
}

static int run(struct cli *c)
{
	struct view v = { .c = c };
	int r = CLI_YES;

	c->style = cli_style(STDOUT_FILENO);
	if (!read_filter(&v))
		return CLI_CANNOT;
	for (int i = 0; r == CLI_YES && i < c->operand_count; i++)
		r = read_file(&v, c->operands[i]);
	if (c->operand_count == 0)
		r = read_own(&v);
	show_kept(&v);
	fflush(stdout);
	if (v.damaged)
		cli_error(c, "%llu damaged lines were left out", "壊れた行を %llu 行省きました",
			  (unsigned long long)v.damaged);
	cli_json_done(&v.json);
	text_done(&v.line);
	return r == CLI_YES && v.shown == 0 ? CLI_NO : r;
}

static const struct cli_option options[] = {
	{ "follow",
	  'f',
	  NULL,
	  { "go on as events come, across rotation",
	    "新しいイベントを待ち続ける（ログの切り替えにも追随）" } },
	{ "type",
	  't',
	  "TYPE",
	  { "alert (default), flow, dns, http, tls, anomaly, stats, all",
	    "alert（既定）、flow、dns、http、tls、anomaly、stats、all" } },
	{ "severity",
	  's',
	  "N",
	  { "alerts of severity N and more severe: 1 urgent, 2 look today, 3 record",
	    "重要度 N 以上の警報。1 重大、2 当日確認、3 記録" } },
	{ "zone", 'z', "ZONE", { "from or to this zone", "このゾーンから、またはこのゾーンへ" } },
	{ "detector",
	  'd',
	  "WORD",
	  { "segmentation, application, name, admin, fail-state, ...",
	    "segmentation、application、name、admin、fail-state など" } },
	{ "host",
	  'H',
	  "HOST",
	  { "address at either end, or name of a host of the policy",
	    "どちらかの端のアドレス、または方針のホスト名" } },
	{ "since",
	  0,
	  "TIME",
	  { "from then on: 2026-11-22, 2026-11-22T09:00, or 10m, 2h, 3d ago",
	    "その時刻以降。2026-11-22、2026-11-22T09:00、または 10m、2h、3d（前）" } },
	{ "until", 0, "TIME", { "before then", "その時刻より前" } },
	{ "last", 'n', "N", { "the last N that match", "一致する最後の N 件" } },
	{ 0 },
};

const struct cli_verb cmd_events = {
	.name = "events",
	.run = run,
	.operands = "[FILE...]",
	.help = { "what was refused, blocked, noticed; the stream of events",
		  "拒否、遮断、検知の記録" },
	.more = { "Reads eve.json of the log directory, or the files named ('-' is standard input: zcat eve.json.2.gz | sekimori events -). "
		  "--json prints the lines as they are. Exit status 1: nothing matches.",
		  "ログディレクトリの eve.json か、指定したファイルを読む（'-' は標準入力: zcat eve.json.2.gz | sekimori events -）。"
		  "--json は元の行のまま表示する。終了コード 1: 該当なし。" },
	.options = options,
	.json = true,
};
