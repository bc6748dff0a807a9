/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record: what was done, in one line of the history and in one sentence for people.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/apply/history.h"
#include "daemon/apply/run.h"
#include "rules/jst.h"

/* An act that only did what its time had come for is told as that. */
static enum apply_act act_of(const struct run *r)
{
	bool over = r->q->act == APPLY_AGAIN && r->back && (r->lapsed || r->trial.apply);

	return over ? APPLY_EXPIRE : r->q->act;
}

/* Nothing was done and nobody asked: no line. */
static bool worth_a_line(const struct run *r, int error)
{
	enum apply_act act = act_of(r);

	return act != APPLY_AGAIN && !(act == APPLY_EXPIRE && error == -ENOENT);
}

static const char *result_of(const struct run *r, int error)
{
	if (error == APPLY_WAITS)
		return "waiting";
	if (r->out->in_force)
		return "in-force";
	return error == 0 ? "recorded" : "refused";
}

/* --- for the history -------------------------------------------------------------------------- */

static const char *closed_word(uint8_t closed)
{
	return closed & CLOSED_ALL ? "all" : closed ? "protected" : NULL;
}

static const char *non_empty(const char *s)
{
	return s && s[0] ? s : NULL;
}

static int write_line(struct run *r, int error)
{
	static const uint8_t none[SHA256_BYTES];
	const struct store_point *was = r->old.known ? apply_in_force(r) : &r->current;
	char hash[SHA256_HEX], before[SHA256_HEX];
	const struct apply_request *q = r->q;
	struct history_entry e = {
		.now = q->now,
		.act = apply_act_words[act_of(r)],
		.result = result_of(r, error),
		.apply = r->out->in_force && !r->nothing ? r->out->apply : 0,
		.who = q->person.name,
		.uid = q->person.uid,
		.login = q->person.login,
		.reason = non_empty(q->reason),
		.reference = non_empty(q->reference),
		.override = r->assessment.two ? non_empty(q->override) : NULL,
		.approved_by = non_empty(r->approved_by),
		.within = r->within,
		.closed = closed_word(r->closed),
		.diff = r->assessment.json.bytes,
		.error = error ? r->out->why[0] : NULL,
	};

	if (memcmp(r->out->hash, none, sizeof(none)) != 0)
		e.policy = sha256_hex(r->out->hash, hash);
	if (was->apply)
		e.before = sha256_hex(was->hash, before);
	return history_append(&r->store, &e);
}

void apply_record_found(struct run *r)
{
	const struct store_point *p = apply_in_force(r);
	char hash[SHA256_HEX], told[SHA256_HEX];
	const struct history_entry e = { .now = r->q->now,
					 .act = "found",
					 .result = "in-force",
					 .apply = p->apply,
					 .who = r->q->person.name,
					 .uid = APPLY_NOBODY,
					 .login = APPLY_NOBODY,
					 .reason =
						 "its apply was cut off before it was written down",
					 .policy = sha256_hex(p->hash, hash),
					 .within = r->trial.apply ? 1 : 0 };

	history_in_force(&r->store, told);
	if (strcmp(told, hash) != 0)
		history_append(&r->store, &e);
}

/* --- for people ------------------------------------------------------------------------------- */

static void say_trial(struct run *r, const char *hex)
{
	char until[JST_TEXT], back[SHA256_HEX] = "-";

	jst_time_text(r->q->now + r->within, until);
	if (r->current.apply)
		sha256_hex(r->current.hash, back);
	apply_explain(
		r->out->said,
		"policy %.12s is in force (apply %u) until %s; unless somebody runs 'sekimori "
		"confirm' by then, over a NEW connection, %.12s comes back by itself",
		"方針 %.12s を施行しました (適用 %u)。%s までに、新しい接続から 'sekimori confirm' "
		"を実行しなければ、%.12s に自動で戻ります",
		hex, r->out->apply, until + 11, back);
}

/* Louder than the sentence it stands behind. */
static void add_override(struct run *r)
{
	size_t en = strlen(r->out->said[0]), ja = strlen(r->out->said[1]);

	r->out->overridden = true;
	snprintf(r->out->said[0] + en, APPLY_WHY - en, "; without a second person: %.150s",
		 r->q->override);
	snprintf(r->out->said[1] + ja, APPLY_WHY - ja, "。別の人の承認なし: %.150s",
		 r->q->override);
}

static void say_in_force(struct run *r, const char *hex)
{
	const char *reason = r->q->reason ? r->q->reason : "";

	apply_explain(r->out->said, "policy %.12s is in force (apply %u): %.200s",
		      "方針 %.12s を施行しました (適用 %u): %.200s", hex, r->out->apply, reason);
}

static void say_back(struct run *r, const char *hex)
{
	char was[SHA256_HEX] = "-";
	bool expired = act_of(r) == APPLY_EXPIRE;

	if (r->trial.apply)
		sha256_hex(r->trial.hash, was);
	if (r->nothing)
		hex = "-";
	apply_explain(r->out->said,
		      expired ? "policy %.12s was not confirmed in time: %.12s is in force again"
			      : "policy %.12s was taken back: %.12s is in force again",
		      expired ? "方針 %.12s は時間内に確認されなかったため、%.12s に戻しました"
			      : "方針 %.12s を取り消し、%.12s に戻しました",
		      was, hex);
}

static void say_emergency(struct run *r, const char *hex)
{
	const bool shut = r->closed & CLOSED_PROTECTED;

	if (r->q->act == APPLY_ISOLATE)
		apply_explain(
			r->out->said,
			"emergency: everything is isolated but management and the appliance itself; "
			"sekimori emergency end lifts it",
			"緊急: 管理用と装置自身を除き全て遮断しました。解除: sekimori emergency end");
	else
		apply_explain(r->out->said,
			      "emergency: the confirmed policy %.12s is in force (apply %u)%s",
			      "緊急: 確認済みの方針 %.12s を施行しました (適用 %u)%s", hex,
			      r->out->apply, "");
	if (!shut || r->q->act == APPLY_ISOLATE)
		return;
	size_t en = strlen(r->out->said[0]), ja = strlen(r->out->said[1]);

	snprintf(r->out->said[0] + en, APPLY_WHY - en, "%s",
		 "; what touches mynumber and public-line stays closed until an ordinary apply");
	snprintf(r->out->said[1] + ja, APPLY_WHY - ja, "%s",
		 "。マイナンバー利用事務系と公的回線は、通常の適用まで閉じたままです");
}

static void say(struct run *r)
{
	char hex[SHA256_HEX];
	enum apply_act act = act_of(r);

	sha256_hex(r->out->hash, hex);
	if (act == APPLY_APPROVE || act == APPLY_AGAIN)
		return;
	if (act == APPLY_CONFIRM)
		apply_explain(r->out->said, "policy %.12s is confirmed",
			      "方針 %.12s を確認しました", hex);
	else if (act >= APPLY_LAST_GOOD)
		say_emergency(r, hex);
	else if (r->back)
		say_back(r, hex);
	else if (r->within)
		say_trial(r, hex);
	else
		say_in_force(r, hex);
	if (r->assessment.two && r->q->override)
		add_override(r);
}

void apply_record(struct run *r, int error)
{
	int e = worth_a_line(r, error) ? write_line(r, error) : 0;

	if (e == -ENOSPC) {
		store_use_room(&r->store);
		e = write_line(r, error);
	}
	if (r->out->in_force || error == 0)
		say(r);
	if (e < 0 && !r->out->why[0][0])
		apply_explain(r->out->why, "the history could not be written: %s",
			      "履歴を書けません: %s", strerror(-e));
}
