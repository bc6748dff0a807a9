/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * choose: which image an act puts in force, as a trial or not, and what stays closed.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/apply/history.h"
#include "daemon/apply/run.h"

static bool isolated(const struct run *r)
{
	return apply_in_force(r)->closed & CLOSED_ALL;
}

static int refuse_trial(struct run *r)
{
	int64_t left = (r->trial.until - store_clock()) / 1000000000;

	apply_explain(r->out->why,
		      "a change waits to be confirmed (%" PRId64
		      " s left): sekimori confirm, or sekimori rollback",
		      "確認待ちの変更があります (残り %" PRId64
		      " 秒)。sekimori confirm または sekimori rollback を実行してください",
		      left > 0 ? left : 0);
	return -EBUSY;
}

static int refuse_isolated(struct run *r)
{
	apply_explain(r->out->why, "everything is isolated by an emergency: sekimori emergency end",
		      "緊急遮断中です。解除: sekimori emergency end");
	return -EBUSY;
}

/* An image of the state directory. */
static int take(struct run *r, const uint8_t hash[static SHA256_BYTES])
{
	char why[160] = "", hex[SHA256_HEX];
	int e = apply_load_side(&r->store, hash, &r->fresh, why);

	r->image = r->fresh.map;
	r->image_len = r->fresh.map_len;
	if (e < 0)
		apply_explain(r->out->why, "policy image %.12s: %s", "定義イメージ %.12s: %s",
			      sha256_hex(hash, hex), why);
	return e;
}

/* The confirmed policy; before the first one there is nothing to go back to, and everything is denied. */
static int take_confirmed(struct run *r)
{
	r->back = true;
	r->closed = r->current.closed;
	if (r->current.apply)
		return take(r, r->current.hash);
	r->nothing = true;
	return 0;
}

static int choose_new(struct run *r)
{
	if (r->trial.apply)
		return refuse_trial(r);
	if (isolated(r))
		return refuse_isolated(r);
	r->image = r->q->image;
	r->image_len = r->q->len;
	r->within = r->q->within;
	return 0;
}

static int choose_again(struct run *r)
{
	if (r->trial.apply && store_clock() < r->trial.until) {
		r->until = r->trial.until;
		r->closed = r->trial.closed;
		return take(r, r->trial.hash);
	}
	if (!r->trial.apply && !r->current.apply) {
		apply_explain(r->out->why, "no policy has been applied yet",
			      "適用済みの方針がありません");
		return -ENOENT;
	}
	return take_confirmed(r);
}

static int choose_expire(struct run *r)
{
	if (r->trial.apply && store_clock() >= r->trial.until)
		return take_confirmed(r);
	apply_explain(r->out->why, "no change has run out of time",
		      "期限の切れた確認待ちの変更はありません");
	return -ENOENT;
}

static int choose_rollback(struct run *r)
{
	char now[SHA256_HEX], hex[SHA256_HEX] = "";
	uint8_t hash[SHA256_BYTES];

	if (r->trial.apply && !r->q->back)
		return take_confirmed(r);
	if (r->trial.apply)
		return refuse_trial(r);
	if (isolated(r))
		return refuse_isolated(r);
	int e = history_policy(&r->store, r->q->back, sha256_hex(r->current.hash, now), hex);

	if (e < 0 || !store_hash(hex, hash)) {
		apply_explain(r->out->why, "the history has no such policy: sekimori history",
			      "履歴にそのような方針がありません: sekimori history");
		return -ENOENT;
	}
	r->within = r->q->within;
	return take(r, hash);
}

/* When the confirmed image is damaged, an older one; what that one opens is nobody's decision of today. */
static int choose_last_good(struct run *r)
{
	char now[SHA256_HEX], hex[SHA256_HEX];
	uint8_t hash[SHA256_BYTES];
	int e = take_confirmed(r);

	r->closed &= (uint8_t)~CLOSED_ALL;
	if (e == 0)
		return 0;
	if (history_policy(&r->store, 0, sha256_hex(r->current.hash, now), hex) < 0 ||
	    !store_hash(hex, hash))
		return e;
	r->closed |= CLOSED_PROTECTED;
	return take(r, hash);
}

static int choose_isolate(struct run *r)
{
	if (take_confirmed(r) < 0) { /* then not even management is known */
		side_done(&r->fresh);
		r->nothing = true;
	}
	r->closed |= CLOSED_ALL;
	return 0;
}

static int choose_end(struct run *r)
{
	if (!isolated(r)) {
		apply_explain(r->out->why, "nothing is isolated", "緊急遮断中ではありません");
		return -ENOENT;
	}
	int e = take_confirmed(r);

	r->closed &= (uint8_t)~CLOSED_ALL;
	return e;
}

int apply_choose(struct run *r)
{
	static int (*const choices[APPLY_ACT_COUNT])(struct run *) = {
		[APPLY_NEW] = choose_new,
		[APPLY_AGAIN] = choose_again,
		[APPLY_ROLLBACK] = choose_rollback,
		[APPLY_EXPIRE] = choose_expire,
		[APPLY_LAST_GOOD] = choose_last_good,
		[APPLY_ISOLATE] = choose_isolate,
		[APPLY_END] = choose_end,
	};

	return choices[r->q->act](r);
}
