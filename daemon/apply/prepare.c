/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "daemon/apply/history.h"
#include "daemon/apply/run.h"
#include "daemon/clock.h"
#include "daemon/guard.h"
#include "daemon/kernel/ctnetlink.h"
#include "daemon/kernel/netlink.h"
#include "daemon/kernel/table.h"
#include "rules/image.h"
#include "rules/jst.h"
#include "rules/kernel/fate.h"
#include "rules/kernel/live.h"
#include "rules/kernel/nft.h"
#include "rules/kernel/numbers.h"

/* What an interrupted apply left: the kernel says whether its T2 had happened. */
static void settle_points(struct run *r, struct store_point *next)
{
	if (store_point(&r->store, "next", next) == 0 && next->apply == r->in_force)
		store_rename(&r->store, "next", next->until ? "trial" : "current");
	store_forget(&r->store, "next");
	if (store_point(&r->store, "current", &r->current) < 0)
		r->current = (struct store_point){ 0 };
	if (store_point(&r->store, "trial", &r->trial) < 0) {
		r->trial = (struct store_point){ 0 };
		return;
	}
	bool stands = r->in_force == r->trial.apply && store_is_trial(&r->trial);

	if (stands && r->trial.apply > r->current.apply)
		return;
	/* confirmed or replaced when we were cut off, or the machine was started anew */
	r->lapsed = r->trial.apply > r->current.apply;
	r->trial = (struct store_point){ 0 };
	store_forget(&r->store, "trial");
}

static uint32_t higher(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

int apply_settle(struct run *r)
{
	const char *listing = r->listing.bytes ? r->listing.bytes : "";
	struct store_point next = { 0 };
	struct text said = { 0 };

	r->in_force = nft_in_force(listing);
	settle_points(r, &next);
	r->out->apply = 1 + higher(higher(nft_highest(listing), next.apply),
				   higher(r->current.apply, r->trial.apply));
	if (r->in_force && r->in_force == apply_in_force(r)->apply)
		apply_record_found(r);
	int e = table_sweep(listing, r->in_force, &said);

	if (e < 0)
		apply_fail(r->out->why, e, "sweeping the last apply", "前回の適用の後始末", &said);
	text_done(&said);
	return e;
}

/* What begins something new asks for a disk that takes it; what brings something back does not. */
static bool begins(const struct run *r)
{
	return r->q->act == APPLY_NEW || (r->q->act == APPLY_ROLLBACK && !r->trial.apply);
}

int apply_make_room(struct run *r)
{
	int e = store_has_room(&r->store) ? 0 : -ENOSPC;

	if (e == 0)
		e = store_keep_room(&r->store);
	if (e == 0)
		e = store_reserve(&r->store, HISTORY_FILE, HISTORY_LINE);
	if (e == 0)
		return 0;
	if (begins(r)) {
		apply_explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory,
			      strerror(-e));
		return e;
	}
	store_use_room(&r->store);
	return 0;
}

int apply_load_side(const struct store *s, const uint8_t hash[static SHA256_BYTES],
		    struct side *out, char why[static 160])
{
	int fd = store_image(s, hash), e;

	if (fd < 0) {
		snprintf(why, 160, "%s", strerror(-fd));
		return fd;
	}
	e = image_load(fd, &out->policy, &out->map, &out->map_len, why);
	close(fd);
	return e;
}

static int judge_side(struct side *s, int64_t now, bool dated)
{
	s->live = calloc(s->policy.classes_count + 1, sizeof(*s->live));
	if (!s->live)
		return -ENOMEM;
	live_classes(&s->policy, now, dated, s->live);
	s->known = true;
	return 0;
}

/* The one in force: only to know whose conversations end. Without it they are looked up when they come. */
static void load_old(struct run *r)
{
	const struct store_point *point = apply_in_force(r);
	char why[160];

	if (!r->in_force || r->in_force != point->apply ||
	    apply_load_side(&r->store, point->hash, &r->old, why) < 0 ||
	    judge_side(&r->old, point->now, true) < 0)
		return;
	if (point->closed)
		r->old.known = closed_apply(&r->old.policy, r->old.live, point->closed,
					    &r->old.closed) == 0;
}

/* A clock that is not trusted opens and closes nothing: what was in force at the last time that was right stays so. */
static int64_t judged_at(const struct run *r)
{
	const struct store_point *was = apply_in_force(r);
	const int64_t kept = clock_known(r->conf->state_directory);
	const int64_t last = was->apply && was->now > kept ? was->now : kept;
	const int64_t now = r->q->dated || !last ? r->q->now : last;
	char date[JST_TEXT], en[160], ja[200];

	if (r->q->dated || !r->calls->progress)
		return now;
	jst_time_text(now, date);
	snprintf(en, sizeof(en),
		 "the clock is not trusted: dates are judged as of %s, and nothing ends by itself",
		 date);
	snprintf(ja, sizeof(ja),
		 "時計を信用できません: 期日は %s 時点で判断し、自動では終わりません", date);
	r->calls->progress(r->calls->ctx, en, ja);
	return now;
}

int apply_take_image(struct run *r)
{
	char why[160] = "";
	int e = apply_choose(r);

	if (e < 0)
		return e;
	load_old(r);
	if (r->nothing)
		return 0;
	if (!r->fresh.map) {
		e = image_read(r->image, r->image_len, &r->fresh.policy, why);
		if (e < 0) {
			apply_explain(r->out->why, "policy image: %s", "定義イメージ: %s",
				      why[0] ? why : strerror(-e));
			return -EPERM;
		}
	}
	if (r->fresh.policy.model == MODEL_LAB) {
		apply_explain(r->out->why, "model lab is for replay and tests and is never applied",
			      "model lab は再生と試験用で、適用できません");
		return -EPERM;
	}
	r->now = judged_at(r);
	r->judged = store_clock();
	memcpy(r->out->hash, r->fresh.policy.hash, SHA256_BYTES);
	return judge_side(&r->fresh, r->now, r->q->dated);
}

int apply_take_sides(struct run *r)
{
	char why[160] = "";

	if (!r->trial.apply || store_clock() >= r->trial.until) {
		apply_explain(r->out->why, "no change waits to be confirmed",
			      "確認待ちの変更はありません");
		return -ENOENT;
	}
	memcpy(r->out->hash, r->trial.hash, SHA256_BYTES);
	r->now = r->trial.now;
	/* only to end what is denied now: without the images each packet is refused all the same */
	if (r->current.apply && apply_load_side(&r->store, r->current.hash, &r->old, why) == 0 &&
	    apply_load_side(&r->store, r->trial.hash, &r->fresh, why) == 0 &&
	    judge_side(&r->fresh, r->now, true) == 0)
		judge_side(&r->old, r->current.now, true);
	return 0;
}

static void read_numbers(struct run *r)
{
	struct text t = { 0 };

	/* lost or damaged: numbers start above what conntrack bears */
	if (store_read(&r->store, "numbers", &t) == 0 && t.bytes)
		numbers_parse(r->numbers, t.bytes, t.len);
	text_done(&t);
}

static int save_numbers(struct run *r)
{
	struct text t = { 0 };

	numbers_print(r->numbers, &t);
	int e = t.failed ? -ENOMEM : store_write(&r->store, "numbers", t.bytes, t.len);

	text_done(&t);
	return e;
}

int apply_recall(struct run *r)
{
	r->numbers = numbers_new();
	r->netlink = netlink_open(NETLINK_NETFILTER);
	if (!r->numbers || r->netlink < 0)
		return r->netlink < 0 ? r->netlink : -ENOMEM;
	read_numbers(r);
	if (r->old.known)
		numbers_recall(r->numbers, r->old.live, r->old.policy.classes_count);
	if (r->fresh.known)
		numbers_recall(r->numbers, r->fresh.live, r->fresh.policy.classes_count);
	return 0;
}

int apply_number(struct run *r)
{
	if (r->nothing)
		return apply_recall(r);
	struct numbers_borne *borne = calloc(1, sizeof(*borne));
	int e = -ENOMEM;

	r->numbers = numbers_new();
	r->netlink = netlink_open(NETLINK_NETFILTER);
	if (r->netlink < 0)
		e = r->netlink;
	else if (r->numbers && borne)
		e = ctnetlink_borne(r->netlink, borne);
	if (e == 0) {
		read_numbers(r);
		if (r->old.known)
			numbers_recall(r->numbers, r->old.live, r->old.policy.classes_count);
		e = numbers_assign(r->numbers, r->out->apply, r->in_force, borne, r->fresh.live,
				   r->fresh.policy.classes_count);
	}
	free(borne);
	if (e == 0)
		e = save_numbers(r);
	if (e < 0)
		apply_explain(r->out->why, "class numbers: %s", "クラス番号: %s", strerror(-e));
	return e;
}

/* Of a trial nothing ends: were the policy before to come back, its conversations would have to begin anew. */
int apply_fates(struct run *r)
{
	if (!r->old.known || r->within || r->until)
		return 0;
	r->fates = calloc(r->old.policy.classes_count + 1, 1);
	if (!r->fates)
		return -ENOMEM;
	if (r->nothing) {
		memset(r->fates, FATE_ENDED, r->old.policy.classes_count);
		return 0;
	}
	fate_of_classes(&r->old.policy, r->old.live, &r->fresh.policy, r->fresh.live, r->fates);
	return 0;
}

int apply_load_engines(struct run *r)
{
	uint32_t n = r->fresh.policy.classes_count;
	uint16_t *numbers;
	int e;

	if (!r->calls->load || r->nothing)
		return 0;
	numbers = calloc(n + 1, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		numbers[i] = r->fresh.live[i].number;
	e = r->calls->load(r->calls->ctx, r->out->apply, &r->fresh.policy, numbers,
			   r->q->dated ? 0 : r->now, r->image, r->image_len, r->out->why);
	free(numbers);
	return e;
}

/* Whoever is to bring the policy before back is there before the switch. */
static int stand_guard(struct run *r)
{
	int e = guard_ensure(r->conf);

	if (e < 0)
		apply_explain(
			r->out->why,
			"no guard process can be started, so nobody would bring the policy back: %s",
			"戻す役のプロセスを起動できません: %s", strerror(-e));
	return e;
}

int apply_store(struct run *r)
{
	struct store_point next = {
		.apply = r->out->apply, .now = r->now, .closed = r->closed, .until = r->until
	};
	int e = 0;

	if (r->within)
		next.until = store_clock() + r->within * INT64_C(1000000000);
	if (next.until || next.closed)
		store_boot(next.boot);
	memcpy(next.hash, r->out->hash, SHA256_BYTES);
	if (e == 0 && !r->nothing)
		e = store_save_image(&r->store, next.hash, r->image, r->image_len);
	if (e == 0 && !r->nothing)
		e = store_set_point(&r->store, "next", &next);
	if (e < 0)
		apply_explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory,
			      strerror(-e));
	return e == 0 && next.until ? stand_guard(r) : e;
}
