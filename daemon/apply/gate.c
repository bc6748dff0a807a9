/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate: what one person may not decide alone. A change that loosens anything about mynumber or public-line
 * waits until a second person, another login, says yes to this very image; or the one who asks says in the
 * history why nobody else could be asked.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/apply/history.h"
#include "daemon/apply/run.h"
#include "rules/jst.h"

#define HASH_ASKED 12 /* hex digits that name an image */

static uint32_t person_of(uint32_t uid, uint32_t login)
{
	return login == APPLY_NOBODY ? uid : login;
}

/* --- what it changes -------------------------------------------------------------------------- */

/* Whether a policy was ever confirmed here: the first one has nothing to be looser than. */
static bool is_first(const struct run *r)
{
	char hex[SHA256_HEX];

	return !r->current.apply && history_policy(&r->store, 0, "", hex) == -ENOENT;
}

static int assess(struct run *r)
{
	struct side before = { 0 };
	char why[160];
	bool same = r->current.apply && memcmp(r->current.hash, r->out->hash, SHA256_BYTES) == 0;
	bool known =
		r->current.apply && apply_load_side(&r->store, r->current.hash, &before, why) == 0;
	int e = 0;

	if (known || is_first(r))
		e = apply_assess(known ? &before.policy : NULL, &r->fresh.policy, &r->assessment);
	else
		r->assessment.two = true; /* there was one, and it cannot be read any more */
	if (same)
		r->assessment.two = false;
	if (r->current.closed & CLOSED_PROTECTED)
		r->assessment.two = true;
	r->assessment.two = r->assessment.two && apply_touches_protected(&r->fresh.policy);
	side_done(&before);
	return e;
}

/* --- waiting for the second person ------------------------------------------------------------- */

static int refuse_other(struct run *r, const struct proposal *p)
{
	apply_explain(r->out->why,
		      "another change waits for its second person: %.12s, proposed by %s",
		      "別の変更が承認待ちです: %.12s (提案者 %s)", p->policy, p->who);
	return -EBUSY;
}

static int say_waits(struct run *r, const char *hex)
{
	apply_explain(
		r->out->why,
		"it loosens what touches mynumber or public-line, so a second person has to run "
		"'sekimori approve %.12s' under a login of their own, then apply it again; with "
		"nobody there: --override REASON",
		"マイナンバー利用事務系または公的回線に関わる制限を緩めるため、別の人が自分のログインで "
		"'sekimori approve %.12s' を実行した後、もう一度適用してください。"
		"誰もいないとき: --override 理由",
		hex);
	return APPLY_WAITS;
}

static int propose(struct run *r, const char *hex)
{
	const struct apply_request *q = r->q;
	struct proposal p = {
		.uid = q->person.uid, .login = q->person.login, .within = r->within, .time = q->now
	};
	int e = store_save_image(&r->store, r->out->hash, r->image, r->image_len);

	snprintf(p.policy, sizeof(p.policy), "%s", hex);
	snprintf(p.who, sizeof(p.who), "%s", q->person.name);
	snprintf(p.reason, sizeof(p.reason), "%s", q->reason ? q->reason : "");
	snprintf(p.reference, sizeof(p.reference), "%s", q->reference ? q->reference : "");
	if (e == 0)
		e = proposal_write(&r->store, &p);
	if (e == 0)
		return say_waits(r, hex);
	apply_explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory, strerror(-e));
	return e;
}

static int ask_second(struct run *r)
{
	char hex[SHA256_HEX];
	struct proposal p;
	bool waits = proposal_read(&r->store, &p) == 0;

	sha256_hex(r->out->hash, hex);
	if (waits && strcmp(p.policy, hex) == 0) {
		if (!p.approved_by[0])
			return say_waits(r, hex);
		memcpy(r->approved_by, p.approved_by, sizeof(r->approved_by));
		return 0;
	}
	if (waits && person_of(p.uid, p.login) != person_of(r->q->person.uid, r->q->person.login))
		return refuse_other(r, &p);
	return propose(r, hex);
}

static bool asks_somebody(const struct run *r)
{
	return (r->q->act == APPLY_NEW || r->q->act == APPLY_ROLLBACK) && !r->back;
}

/* An emergency brings back what was confirmed, but opens nothing of mynumber that is shut now. */
static int assess_emergency(struct run *r)
{
	struct assessment a = { 0 };
	bool same = memcmp(r->old.policy.hash, r->out->hash, SHA256_BYTES) == 0;

	if (!r->old.known || same)
		return 0;
	int e = apply_assess(&r->old.policy, &r->fresh.policy, &a);

	if (a.two)
		r->closed |= CLOSED_PROTECTED;
	text_done(&a.json);
	return e;
}

int apply_gate(struct run *r)
{
	int e = 0;

	if (r->nothing)
		return 0;
	if (asks_somebody(r))
		e = assess(r);
	else if (r->q->act == APPLY_LAST_GOOD)
		e = assess_emergency(r);
	if (e == 0 && r->assessment.two && !r->q->override)
		e = ask_second(r);
	if (e == 0 && r->closed)
		e = closed_apply(&r->fresh.policy, r->fresh.live, r->closed, &r->fresh.closed);
	return e;
}

/* --- the second person ------------------------------------------------------------------------- */

static int refuse_approval(struct run *r, const char *en, const char *ja)
{
	apply_explain(r->out->why, "%s", "%s", en);
	snprintf(r->out->why[1], APPLY_WHY, "%s", ja);
	return -EPERM;
}

static int may_approve(struct run *r, const struct proposal *p)
{
	const struct apply_person *a = &r->q->person;

	if (strlen(r->q->hash) < HASH_ASKED || strlen(r->q->hash) >= SHA256_HEX ||
	    strncmp(r->q->hash, p->policy, strlen(r->q->hash)) != 0)
		return refuse_approval(
			r, "that is not the change that waits: sekimori approve shows it",
			"承認待ちの変更と一致しません。sekimori approve で確認してください");
	if (a->uid == 0)
		return refuse_approval(
			r, "root is nobody in particular: approve it under a login of your own",
			"root は個人ではありません。自分のログインで (sudo なしで) 承認してください");
	if (a->uid == p->uid || person_of(a->uid, a->login) == person_of(p->uid, p->login))
		return refuse_approval(r, "who proposed it cannot be the second person",
				       "提案した本人は承認できません。別の人が必要です");
	return 0;
}

int apply_approve(struct run *r)
{
	char until[JST_TEXT];
	struct proposal p;

	if (proposal_read(&r->store, &p) < 0) {
		apply_explain(r->out->why, "no change waits for approval",
			      "承認待ちの変更はありません");
		return -ENOENT;
	}
	store_hash(p.policy, r->out->hash);
	int e = may_approve(r, &p);

	if (e < 0)
		return e;
	snprintf(p.approved_by, sizeof(p.approved_by), "%s", r->q->person.name);
	e = proposal_write(&r->store, &p);
	if (e < 0) {
		apply_explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory,
			      strerror(-e));
		return e;
	}
	jst_time_text(r->q->now + PROPOSAL_HOLDS, until);
	apply_explain(r->out->said, "%.12s is approved until %s; now %s applies it again",
		      "%.12s を %s まで承認しました。%s がもう一度適用してください", p.policy,
		      until, p.who);
	return 0;
}
