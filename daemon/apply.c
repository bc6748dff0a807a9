/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/apply/run.h"
#include "daemon/kernel/table.h"
#include "rules/json.h"
#include "rules/jst.h"
#include "rules/kernel/nft.h"
#include "rules/kernel/numbers.h"

/* --- saying what went wrong ------------------------------------------------------------------- */

void apply_explain(char why[2][APPLY_WHY], const char *en, const char *ja, ...)
{
	const char *const texts[2] = { en, ja };
	va_list ap;

	for (int i = 0; i < 2; i++) {
		va_start(ap, ja);
		vsnprintf(why[i], APPLY_WHY, texts[i], ap);
		va_end(ap);
	}
}

/* The first line a program complained in is the one that says what is wrong. */
static const char *first_line(struct text *err)
{
	if (!err->bytes)
		return "";
	err->bytes[strcspn(err->bytes, "\n")] = '\0';
	return err->bytes;
}

int apply_fail(char why[2][APPLY_WHY], int error, const char *en, const char *ja, struct text *err)
{
	const char *said = first_line(err);

	if (error == -ENOENT)
		apply_explain(why,
			      "%s: the program is not installed (apt install nftables iptables)",
			      "%s: プログラムがありません (apt install nftables iptables)", en);
	else if (error == -EIO)
		apply_explain(why, "%s: %s", "%s: %s", en, said);
	else
		apply_explain(why, "%s: %s", "%s: %s", en, strerror(-error));
	if (error != -ENOENT)
		snprintf(why[1], APPLY_WHY, "%s: %s", ja, error == -EIO ? said : strerror(-error));
	text_clear(err);
	return error;
}

/* --- the sequence ----------------------------------------------------------------------------- */

static void progress(const struct run *r, const char *en, const char *ja)
{
	if (r->calls->progress)
		r->calls->progress(r->calls->ctx, en, ja);
}

static const struct step {
	int (*run)(struct run *r);
	const char *en, *ja;
} before[] = {
	{ apply_make_base, "base", "基本" },
	{ apply_settle, "settle", "前回の確認" },
	{ apply_take_image, "image", "イメージの検査" },
	{ apply_number, "numbers", "番号" },
	{ apply_fates, "fates", "既存通信の扱い" },
	{ apply_load_engines, "engines", "検査プロセスへの読み込み" },
	{ apply_store, "store", "保存" },
	{ apply_add, "add", "規則の追加" },
	{ apply_switch, "switch", "切り替え" },
}, after[] = {
	{ apply_end_classes, "end", "拒否になった通信の終了" },
	{ apply_end_offloaded, "offloaded", "オフロード中の通信" },
	{ apply_tell, "tell", "検査プロセスへの通知" },
	{ apply_promote, "promote", "確定" },
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Stops at the first failure: nothing has happened yet. */
static int run_before(struct run *r)
{
	for (size_t i = 0; i < COUNT(before); i++) {
		progress(r, before[i].en, before[i].ja);
		int e = before[i].run(r);

		if (e < 0)
			return e;
	}
	return 0;
}

/* Goes on after a failure: the new policy is in force, and each of these makes it truer. */
static int run_after(struct run *r)
{
	int first = 0;

	for (size_t i = 0; i < COUNT(after); i++) {
		progress(r, after[i].en, after[i].ja);
		int e = after[i].run(r);

		first = first ? first : e;
	}
	return first;
}

static void write_history(struct run *r, int error)
{
	char hex[SHA256_HEX], when[JST_TEXT];
	struct text t = { 0 };
	struct json j = json_to(&t);

	json_open(&j, NULL, '{');
	json_string(&j, "time", jst_iso_text(r->q->now * 1000000000, when));
	json_uint(&j, "apply", r->out->apply);
	json_string(&j, "who", r->q->who);
	json_string(&j, "reason", r->q->reason);
	json_string(&j, "policy", sha256_hex(r->out->hash, hex));
	json_string(&j, "result", r->out->in_force ? "in-force" : "refused");
	if (error)
		json_string(&j, "error", r->out->why[0]);
	json_close(&j, '}');
	text_putc(&t, '\n');
	if (!t.failed)
		store_append(&r->store, "history.jsonl", t.bytes, t.len);
	text_done(&t);
}

static void side_done(struct side *s)
{
	free(s->live);
	if (s->map)
		munmap((void *)(uintptr_t)s->map, s->map_len);
}

static void run_done(struct run *r)
{
	side_done(&r->old);
	side_done(&r->fresh);
	numbers_free(r->numbers);
	free(r->fates);
	text_done(&r->listing);
	if (r->netlink >= 0)
		close(r->netlink);
	store_close(&r->store);
}

int apply_run(const struct apply_conf *conf, const struct apply_request *q,
	      const struct apply_calls *calls, struct apply_result *out)
{
	static const struct apply_calls nobody;
	struct run r = { .conf = conf,
			 .q = q,
			 .calls = calls ? calls : &nobody,
			 .out = out,
			 .store = { -1, -1 },
			 .netlink = -1 };

	*out = (struct apply_result){ .next_change = INT64_MAX };
	int e = store_open(&r.store, conf->state_directory, true);

	if (e < 0) {
		apply_explain(out->why, "%s: %s", "%s: %s", conf->state_directory,
			      e == -EBUSY ? "another apply is running" : strerror(-e));
		return e;
	}
	e = run_before(&r);
	if (e == 0)
		e = run_after(&r);
	else
		apply_undo(&r);
	if (out->in_force && q->dated)
		out->next_change = policy_next_change(&r.fresh.policy, r.now);
	if (e < 0 && strlen(*out->why) == 0)
		apply_explain(out->why, "%s", "%s", strerror(-e));
	write_history(&r, e);
	run_done(&r);
	return e;
}

int apply_base(const struct apply_conf *conf,
	       void (*told)(void *ctx, const char *en, const char *ja), void *ctx,
	       char why[2][APPLY_WHY])
{
	const struct apply_calls calls = { .ctx = ctx, .progress = told };
	struct apply_result out = { 0 };
	struct run r = { .conf = conf, .calls = &calls, .out = &out };
	int e = apply_make_base(&r);

	text_done(&r.listing);
	memcpy(why, out.why, sizeof(out.why));
	return e;
}

int apply_sweep(const struct apply_conf *conf, char why[2][APPLY_WHY])
{
	struct text listing = { 0 }, err = { 0 };
	struct store store;
	int e = store_open(&store, conf->state_directory, true);

	why[0][0] = why[1][0] = '\0';
	if (e == 0)
		e = table_list(&listing);
	if (e == 0)
		e = table_sweep(listing.bytes, nft_in_force(listing.bytes), &err);
	if (e < 0)
		apply_fail(why, e, "sweeping the last apply", "前回の適用の後始末", &err);
	store_close(&store);
	text_done(&listing);
	text_done(&err);
	return e;
}

int apply_current(const struct apply_conf *conf)
{
	struct store_point current;
	struct store store;
	int e = store_open(&store, conf->state_directory, false);

	if (e == 0)
		e = store_point(&store, "current", &current);
	if (e == 0)
		e = store_image(&store, current.hash);
	store_close(&store);
	return e;
}
