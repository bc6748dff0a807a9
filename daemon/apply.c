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

struct step {
	int (*run)(struct run *r);
	const char *en, *ja;
};

static const struct step switching[] = {
	{ apply_make_base, "base", "基本" },
	{ apply_settle, "settle", "前回の確認" },
	{ apply_make_room, "room", "空き領域" },
	{ apply_take_image, "image", "イメージの検査" },
	{ apply_gate, "gate", "変更点の判定" },
	{ apply_number, "numbers", "番号" },
	{ apply_fates, "fates", "既存通信の扱い" },
	{ apply_load_engines, "engines", "検査プロセスへの読み込み" },
	{ apply_store, "store", "保存" },
	{ apply_add, "add", "規則の追加" },
	{ apply_switch, "switch", "切り替え" },
	{ 0 },
};

static const struct step switched[] = {
	{ apply_end_classes, "end", "拒否になった通信の終了" },
	{ apply_end_offloaded, "offloaded", "オフロード中の通信" },
	{ apply_tell, "tell", "検査プロセスへの通知" },
	{ apply_promote, "promote", "確定" },
	{ 0 },
};

static const struct step confirming[] = {
	{ apply_list, "base", "基本" },
	{ apply_settle, "settle", "前回の確認" },
	{ apply_take_sides, "image", "イメージの検査" },
	{ apply_recall, "numbers", "番号" },
	{ apply_fates, "fates", "既存通信の扱い" },
	{ apply_confirm, "promote", "確定" },
	{ 0 },
};

static const struct step confirmed[] = {
	{ apply_end_classes, "end", "拒否になった通信の終了" },
	{ 0 },
};

static const struct step approving[] = {
	{ apply_approve, "approve", "承認" },
	{ 0 },
};

static const struct step none[] = { { 0 } };

const char *const apply_act_words[APPLY_ACT_COUNT] = {
#define WORD(N, W) W,
	APPLY_ACTS(WORD)
};

/* Stops at the first failure: nothing has happened yet. */
static int run_before(struct run *r, const struct step *s)
{
	for (; s->run; s++) {
		progress(r, s->en, s->ja);
		int e = s->run(r);

		if (e < 0)
			return e;
	}
	return 0;
}

/* Goes on after a failure: the new policy is in force, and each of these makes it truer. */
static int run_after(struct run *r, const struct step *s)
{
	int first = 0;

	for (; s->run; s++) {
		progress(r, s->en, s->ja);
		int e = s->run(r);

		first = first ? first : e;
	}
	return first;
}

static int run_steps(struct run *r)
{
	const bool switches = r->q->act != APPLY_CONFIRM && r->q->act != APPLY_APPROVE;
	const bool approves = r->q->act == APPLY_APPROVE;
	int e = run_before(r, switches ? switching : approves ? approving : confirming);

	if (e == 0)
		return run_after(r, switches ? switched : approves ? none : confirmed);
	if (switches)
		apply_undo(r);
	return e;
}

void side_done(struct side *s)
{
	free(s->live);
	closed_done(&s->closed);
	if (s->map)
		munmap((void *)(uintptr_t)s->map, s->map_len);
	*s = (struct side){ 0 };
}

static void run_done(struct run *r)
{
	side_done(&r->old);
	side_done(&r->fresh);
	numbers_free(r->numbers);
	free(r->fates);
	text_done(&r->assessment.json);
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
	e = run_steps(&r);
	if (out->in_force && q->dated && r.fresh.known)
		out->next_change = policy_next_change(&r.fresh.policy, r.now);
	if (e < 0 && strlen(*out->why) == 0)
		apply_explain(out->why, "%s", "%s", strerror(-e));
	progress(&r, "record", "記録");
	apply_record(&r, e);
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

/* The point in force: a trial of this boot, else the confirmed one. */
static int point_in_force(const struct store *s, struct store_point *p)
{
	if (store_point(s, "trial", p) == 0 && store_is_trial(p))
		return 0;
	return store_point(s, "current", p);
}

int apply_current(const struct apply_conf *conf)
{
	struct store_point current;
	struct store store;
	int e = store_open(&store, conf->state_directory, false);

	if (e == 0)
		e = point_in_force(&store, &current);
	if (e == 0)
		e = store_image(&store, current.hash);
	store_close(&store);
	return e;
}

int apply_standing(const struct apply_conf *conf, struct apply_standing *out)
{
	struct store_point p = { 0 }, before = { 0 };
	struct store store;
	int e = store_open(&store, conf->state_directory, false);

	*out = (struct apply_standing){ 0 };
	if (e == 0)
		e = point_in_force(&store, &p);
	if (e == 0) {
		out->apply = p.apply;
		out->closed = p.closed;
		out->trial = p.until != 0;
		out->left = p.until - store_clock();
		memcpy(out->hash, p.hash, SHA256_BYTES);
		if (store_point(&store, "current", &before) == 0)
			memcpy(out->before, before.hash, SHA256_BYTES);
	}
	store_close(&store);
	return e == -ENOENT ? 0 : e;
}
