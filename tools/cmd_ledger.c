/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rules/edit/csv.h"
#include "rules/edit/save.h"
#include "rules/json.h"
#include "tools/cli.h"
#include "tools/cli_edit.h"
#include "tools/cli_policy.h"
#include "tools/cli_proof.h"
#include "tools/cli_review.h"
#include "tools/cli_since.h"
#include "tools/ledger/import.h"
#include "tools/ledger/ledger.h"
#include "tools/seen/archive.h"
#include "tools/seen/sighting.h"

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

/* --- the ledger of a policy -------------------------------------------------------------------- */

static void count_hit(void *ctx, const struct sighting *one)
{
	struct ledger_row *row = one->refused ? NULL : ledger_find(ctx, one->permit);

	if (!row)
		return;
	row->hits += one->count;
	if (one->end > row->last)
		row->last = one->end;
}

static int read_hits(struct cli *c, struct ledger *l)
{
	struct archive a = { .take = count_hit, .ctx = l };
	char which[PATH_MAX] = "";
	int r;

	if (!cli_given(c, "events"))
		return CLI_YES;
	if (!cli_since(c, "since", l->now, &a.since))
		return CLI_CANNOT;
	r = archive_read(&a, cli_value(c, "events"), which);
	if (r < 0)
		return cli_error(c, "%s: %s", "%s: %s", which, strerror(-r));
	l->counted = true;
	return CLI_YES;
}

/* The policy, its findings, and the ledger of both; build_done and ledger_done free them on CLI_YES. */
static int make_ledger(struct cli *c, const char *path, int64_t now, struct build *b,
		       struct ledger *l)
{
	struct proof f = { 0 };
	int r = cli_policy_build(c, path, b);

	if (r != CLI_YES)
		return r;
	if (b->ok) {
		cli_review(b, now);
		r = cli_prove(c, b, now, &f);
		proof_done(&f);
	} else {
		diag_print(&b->diags, c->style, stderr);
		r = b->unreadable ? CLI_CANNOT : CLI_NO;
	}
	if (r == CLI_YES && !ledger_make(b, now, c->style.language, l))
		r = no_memory(c);
	if (r != CLI_YES)
		build_done(b);
	return r;
}

/* --- out --------------------------------------------------------------------------------------- */

static int write_out(struct cli *c, const char *path, struct text *t)
{
	int r;

	if (!path || !strcmp(path, "-"))
		return cli_put(c, t);
	r = t->failed ? -ENOMEM : save_whole(path, t->bytes, t->len);
	text_done(t);
	if (r < 0)
		return cli_error(c, "%s: %s", "%s: %s", path, strerror(-r));
	if (!c->json)
		cli_say(c, "%s: written\n", "%s: 書き込みました\n", path);
	return CLI_YES;
}

static int ledger_out(struct cli *c, int64_t now)
{
	struct text t = { 0 };
	struct json j = json_to(&t);
	struct ledger l;
	struct build b;
	int r = make_ledger(c, c->operands[0], now, &b, &l);

	if (r != CLI_YES)
		return r;
	r = read_hits(c, &l);
	if (c->json)
		ledger_json(&l, &j);
	else
		ledger_csv(&l, &t);
	if (r == CLI_YES)
		r = write_out(c, cli_value(c, "out"), &t);
	text_done(&t);
	ledger_done(&l);
	build_done(&b);
	return r;
}

/* --- in ---------------------------------------------------------------------------------------- */

static int read_bytes(struct cli *c, const char *path, struct text *out)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	char chunk[16384];
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && out->len <= CSV_BYTES_MAX) {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			text_add(out, chunk, (size_t)n);
	}
	int why = errno;

	if (fd > STDIN_FILENO)
		close(fd);
	if (n < 0)
		return cli_error(c, "%s: %s", "%s: %s", path, strerror(why));
	return out->failed ? no_memory(c) : CLI_YES;
}

static int read_table(struct cli *c, const char *path, struct csv *table)
{
	struct text bytes = { 0 };
	int r = read_bytes(c, path, &bytes), e = 0;

	if (r == CLI_YES)
		e = csv_read(bytes.bytes ? bytes.bytes : "", bytes.len, table);
	text_done(&bytes);
	if (e == -EILSEQ)
		return cli_error(c, "%s: neither UTF-8 nor CP932 (Shift_JIS)",
				 "%s: UTF-8 でも CP932 (Shift_JIS) でもありません", path);
	if (e == -EBADMSG)
		return cli_error(c, "%s: line %u: a quoted cell is not closed",
				 "%s: %u 行目: 引用符が閉じていません", path, table->line);
	if (e == -E2BIG)
		return cli_error(c, "%s: line %u: more bytes, rows or columns than a ledger has",
				 "%s: %u 行目: 台帳として大きすぎます", path, table->line);
	return e < 0 ? no_memory(c) : r;
}

/* Nothing of it when one cell cannot be. */
static int take_wishes(struct cli_edit *s, const struct import *im)
{
	struct cli *c = s->c;
	int r = im->failed ? no_memory(c) : CLI_YES;

	if (r == CLI_YES && im->refused) {
		fputs(im->complaints.bytes, stderr);
		cli_error(c, "refused cells: %u; nothing was changed",
			  "受け付けられない欄: %u 件。何も変更していません", im->refused);
		return CLI_NO;
	}
	for (uint32_t i = 0; r == CLI_YES && i < im->count; i++)
		r = cli_edit_set(s, im->wishes[i].permit, im->wishes[i].key, im->wishes[i].value);
	return r;
}

static int import(struct cli_edit *s, const struct csv *table)
{
	struct import im;
	struct ledger l;
	struct build b;
	int r = make_ledger(s->c, s->change.path, s->change.now, &b, &l);

	if (r != CLI_YES)
		return r;
	import_cells(&l, table, &im);
	r = take_wishes(s, &im);
	import_done(&im);
	ledger_done(&l);
	build_done(&b);
	return r;
}

static int ledger_in(struct cli *c)
{
	struct csv table = { 0 };
	struct cli_edit s;
	int r = read_table(c, cli_value(c, "in"), &table);

	if (r != CLI_YES)
		return r;
	r = cli_edit_begin(c, c->operands[0], &s);
	if (r == CLI_YES) {
		r = import(&s, &table);
		r = r == CLI_YES ? cli_edit_finish(&s) : cli_edit_stop(&s, r);
	}
	csv_close(&table);
	return r;
}

static int run(struct cli *c)
{
	int64_t now;

	if (cli_given(c, "in") && (cli_given(c, "out") || cli_given(c, "events")))
		return cli_usage(c, "--in goes with neither --out nor --events",
				 "--in は --out・--events と同時に使えません");
	if (!cli_change_now(c, &now))
		return CLI_CANNOT;
	return cli_given(c, "in") ? ledger_in(c) : ledger_out(c, now);
}

static const struct cli_option options[] = {
	{ "out", 'o', "CSV", { "where it is written", "書き込み先" } },
	{ "events",
	  0,
	  "DIR|FILE",
	  { "count the conversations of each permit in these event files",
	    "イベントの記録から許可ごとの通信件数を数える" } },
	{ "since", 0, "TIME", { "count from then on: a date, or 90d", "数え始め。日付か 90d" } },
	{ "in", 0, "CSV", { "take over what was changed in a ledger", "台帳の変更を取り込む" } },
	CLI_CHANGE_OPTIONS,
	{ 0 },
};

const struct cli_verb cmd_ledger = {
	.name = "ledger",
	.run = run,
	.operands = "FILE",
	.help = { "the register of permits for a spreadsheet, and changes made there back into the policy",
		  "通信許可台帳を表計算用に出力し、そこでの変更を取り込む" },
	.more = { "Each permit is a row, disabled ones too, with days left, what check finds and, with --events, how often "
		  "it was used. It opens in Excel as it is. With --in changed cells of owner, reason, reference, "
		  "approved-by, approved-on, until and review go into FILE, all or none; a refused cell is named by row "
		  "and column. UTF-8, CP932 and UTF-16 are read. Exit status 1: refused, or not wanted.",
		  "許可ごとに一行 (無効のものも)。残り日数、check の指摘、--events があれば通信件数が付く。Excel でそのまま開ける。"
		  "--in は責任課・理由・承認文書・承認者・承認日・期限・見直し日の変更を FILE に取り込む。受け付けられない欄が"
		  "一つでもあれば何も変えず、行と列で示す。UTF-8・CP932・UTF-16 を読む。終了コード 1: 拒否したか、取りやめた。" },
	.options = options,
	.json = true,
};
