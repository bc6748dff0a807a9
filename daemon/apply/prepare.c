/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "daemon/apply/run.h"
#include "daemon/clock.h"
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
int apply_settle(struct run *r)
{
	const char *listing = r->listing.bytes ? r->listing.bytes : "";
	struct store_point next = { 0 };
	struct text said = { 0 };

	r->in_force = nft_in_force(listing);
	if (store_point(&r->store, "next", &next) == 0 && next.apply == r->in_force)
		store_promote(&r->store);
	store_forget_next(&r->store);
	if (store_point(&r->store, "current", &r->current) < 0)
		r->current = (struct store_point){ 0 };
	uint32_t highest = nft_highest(listing);

	if (next.apply > highest)
		highest = next.apply;
	if (r->current.apply > highest)
		highest = r->current.apply;
	r->out->apply = highest + 1;
	int e = table_sweep(listing, r->in_force, &said);

	if (e < 0)
		apply_fail(r->out->why, e, "sweeping the last apply", "前回の適用の後始末", &said);
	text_done(&said);
	return e;
}

static int load_side(struct side *s, int fd, char why[static 160])
{
	int e = image_load(fd, &s->policy, &s->map, &s->map_len, why);

	close(fd);
	return e;
}

static bool judge_side(struct side *s, int64_t now, bool dated)
{
	s->live = calloc(s->policy.classes_count + 1, sizeof(*s->live));
	if (!s->live)
		return false;
	live_classes(&s->policy, now, dated, s->live);
	s->known = true;
	return true;
}

/* The one in force: only to know whose conversations end. Without it they are looked up when they come. */
static void load_old(struct run *r)
{
	char why[160];
	int fd = r->in_force && r->in_force == r->current.apply
			 ? store_image(&r->store, r->current.hash)
			 : -1;

	if (fd >= 0 && load_side(&r->old, fd, why) == 0)
		judge_side(&r->old, r->current.now, true);
}

static int load_again(struct run *r, char why[static 160])
{
	int fd = r->current.apply ? store_image(&r->store, r->current.hash) : -ENOENT;

	if (fd < 0) {
		snprintf(why, 160, "%s", "no policy has been applied yet");
		return fd;
	}
	int e = load_side(&r->fresh, fd, why);

	r->image = r->fresh.map;
	r->image_len = r->fresh.map_len;
	return e;
}

/* A clock that is not trusted opens and closes nothing: what was in force at the last time that was right stays so. */
static int64_t judged_at(const struct run *r)
{
	const int64_t kept = clock_known(r->conf->state_directory);
	const int64_t last = r->current.apply && r->current.now > kept ? r->current.now : kept;
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
	int e;

	if (r->q->image) {
		e = image_read(r->q->image, r->q->len, &r->fresh.policy, why);
		r->image = r->q->image;
		r->image_len = r->q->len;
	} else {
		e = load_again(r, why);
	}
	if (e < 0) {
		apply_explain(r->out->why, "policy image: %s", "定義イメージ: %s",
			      why[0] ? why : strerror(-e));
		return r->q->image ? -EPERM : e;
	}
	if (r->fresh.policy.model == MODEL_LAB) {
		apply_explain(r->out->why, "model lab is for replay and tests and is never applied",
			      "model lab は再生と試験用で、適用できません");
		return -EPERM;
	}
	r->now = judged_at(r);
	memcpy(r->out->hash, r->fresh.policy.hash, SHA256_BYTES);
	load_old(r);
	return judge_side(&r->fresh, r->now, r->q->dated) ? 0 : -ENOMEM;
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

int apply_number(struct run *r)
{
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

int apply_fates(struct run *r)
{
	if (!r->old.known)
		return 0;
	r->fates = calloc(r->old.policy.classes_count + 1, 1);
	if (!r->fates)
		return -ENOMEM;
	fate_of_classes(&r->old.policy, r->old.live, &r->fresh.policy, r->fresh.live, r->fates);
	return 0;
}

int apply_load_engines(struct run *r)
{
	uint32_t n = r->fresh.policy.classes_count;
	uint16_t *numbers;
	int e;

	if (!r->calls->load)
		return 0;
	numbers = calloc(n + 1, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		numbers[i] = r->fresh.live[i].number;
	e = r->calls->load(r->calls->ctx, r->out->apply, &r->fresh.policy, numbers, r->image,
			   r->image_len, r->out->why);
	free(numbers);
	return e;
}

int apply_store(struct run *r)
{
	struct store_point next = { .apply = r->out->apply, .now = r->now };
	int e;

	memcpy(next.hash, r->out->hash, SHA256_BYTES);
	e = store_save_image(&r->store, next.hash, r->image, r->image_len);
	if (e == 0)
		e = store_set_point(&r->store, "next", &next);
	if (e < 0)
		apply_explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory,
			      strerror(-e));
	return e;
}
