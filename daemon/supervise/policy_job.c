/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The policy in force, and how another one comes into force: one applier at a time, and one order that waits.
 * The applier asks for the two moments that concern the other children: load, and in force.
 */
#include "daemon/apply.h"
#include "daemon/ctl_server.h"
#include "daemon/log.h"
#include "daemon/supervise/child.h"
#include "daemon/supervise/state.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STEP_SECONDS 30 /* until everybody must have loaded or switched */
#define HASH_SHOWN 12

void job_init(struct supervisor *s)
{
	s->now_image = s->now_numbers = s->job.image = s->job.numbers = -1;
	s->job.order.image = s->job.next.image = -1;
	s->on_boundary.fd = s->on_sweep.fd = -1;
	s->next_change = INT64_MAX;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- beginning ---- */

/* To whoever waits for it; of our own applies the end is told. */
static void say(struct supervisor *s, enum ctl_kind kind, const char *en, const char *ja)
{
	if (s->job.order.client)
		ctl_server_say(s->ctl, s->job.order.client, kind, en, ja);
}

static void start(struct supervisor *s)
{
	struct job *j = &s->job;
	struct applier_conf conf = { .conf = s->conf,
				     .order = j->order,
				     .claims = s->claims[1],
				     .dated = clock_is_right(s) };
	const int keep[] = { conf.claims, j->order.image };
	struct child_conf c = { .name = "sekimori-apply",
				.runs_programs = true,
				.keep = keep,
				.keep_count = j->order.image >= 0 ? 2 : 1,
				.run = applier_run,
				.ctx = &conf };
	struct member *m = crew_add(s, CREW_APPLIER);

	drift_applying(s, true);
	const int r = m ? crew_fork(s, m, &c) : -ENOSPC;

	j->dated = conf.dated;
	j->step = JOB_RUNNING;
	j->step_began = now_monotonic();
	j->done = false;
	j->why[0] = '\0';
	if (r < 0) {
		say(s, CTL_CANNOT, strerror(-r), strerror(-r));
		job_applier_ended(s);
	}
}

bool job_begin(struct supervisor *s, const struct job_order *o)
{
	struct job *j = &s->job;

	if (s->stopping || (j->step != JOB_NONE && j->next.set))
		return false;
	loop_cancel(s->loop, &s->on_sweep); /* the new one sweeps what the last one left */
	if (j->step != JOB_NONE) {
		j->next = *o;
		j->next.set = true;
		return true;
	}
	j->order = *o;
	start(s);
	return true;
}

static struct job_order own_order(enum apply_act act, const char *reason)
{
	struct job_order o = { .act = act,
			       .image = -1,
			       .person = { APPLY_NOBODY, APPLY_NOBODY, "sekimorid" } };

	snprintf(o.args.text[CTL_ARG_REASON], CTL_ARG_BYTES, "%s", reason);
	return o;
}

void job_again(struct supervisor *s, const char *reason)
{
	const struct job_order o = own_order(APPLY_AGAIN, reason);

	job_begin(s, &o);
}

void job_restore(struct supervisor *s, const char *reason)
{
	struct job_order o = own_order(APPLY_AGAIN, reason);

	o.renew = true;
	job_begin(s, &o);
}

void job_expire(struct supervisor *s)
{
	const struct job_order o = own_order(APPLY_EXPIRE, "not confirmed in time");

	job_begin(s, &o);
}

struct apply_conf job_conf(const struct conf *c, char socket[static 108])
{
	snprintf(socket, 108, "%s/ctl.sock", c->run_directory);
	return (struct apply_conf){ .state_directory = c->state_directory,
				    .queues = c->engines,
				    .socket = socket,
				    .settings = c };
}

static void sweep(void *ctx, uint32_t expiries)
{
	const struct job_order o = { .image = -1, .sweep = true };
	struct supervisor *s = ctx;

	(void)expiries;
	loop_cancel(s->loop, &s->on_sweep);
	job_begin(s, &o);
}

/* ---- load, in force ---- */

static void answer(struct supervisor *s, enum ipc_type type, int result, const char *en,
		   const char *ja)
{
	struct ipc_message m = { .type = type, .number = s->job.number, .result = result };
	const struct member *applier = crew_of(s, CREW_APPLIER);

	ipc_put_both(&m, en, ja);
	s->job.step = JOB_RUNNING;
	if (applier)
		ipc_send(applier->ipc, &m, NULL, 0);
}

static void send_message(struct supervisor *s, struct member *only, const struct ipc_message *m,
			 const int *fds, unsigned int count)
{
	if (only)
		ipc_send(only->ipc, m, fds, count);
	else
		crew_send(s, m, fds, count);
}

static void send_image(struct supervisor *s, struct member *only, const struct image_slot *slot,
		       int image, int numbers)
{
	const struct ipc_message m = { .type = IPC_LOAD,
				       .number = slot->apply,
				       .value = slot->as_of };
	const int fds[2] = { image, numbers };

	send_message(s, only, &m, fds, 2);
}

static void send_switch(struct supervisor *s, struct member *only, uint32_t number)
{
	const struct ipc_message m = { .type = IPC_SWITCH, .number = number };

	send_message(s, only, &m, NULL, 0);
}

void job_dates(struct supervisor *s, int64_t as_of)
{
	const struct ipc_message m = { .type = IPC_DATES, .value = as_of };

	if (s->now.as_of == as_of)
		return;
	s->now.as_of = as_of;
	crew_send(s, &m, NULL, 0);
}

void job_equip(struct supervisor *s, struct member *m)
{
	if (s->now.map) {
		send_image(s, m, &s->now, s->now_image, s->now_numbers);
		send_switch(s, m, s->now.apply);
	}
	if (s->job.slot.map)
		send_image(s, m, &s->job.slot, s->job.image, s->job.numbers);
}

static void drop_loaded(struct supervisor *s)
{
	image_slot_done(&s->job.slot);
	close_fd(&s->job.image);
	close_fd(&s->job.numbers);
}

static void want_load(struct supervisor *s, const struct ipc_message *m, int fds[static IPC_FDS])
{
	struct job *j = &s->job;
	char why[160] = "";

	drop_loaded(s);
	j->number = m->number;
	if (image_slot_load(&j->slot, m->number, fds[0], fds[1], why) < 0) {
		ipc_close_all(fds);
		answer(s, IPC_WANT_LOAD, -EBADMSG, why, why);
		return;
	}
	j->slot.as_of = m->value;
	j->image = fds[0];
	j->numbers = fds[1];
	j->step = JOB_LOADING;
	j->step_began = now_monotonic();
	send_image(s, NULL, &j->slot, j->image, j->numbers);
	job_progress(s);
}

static void want_switch(struct supervisor *s, const struct ipc_message *m)
{
	struct job *j = &s->job;

	if (!j->slot.map || m->number != j->number) {
		answer(s, IPC_WANT_SWITCH, -ENOENT, "that image was not loaded",
		       "そのイメージは読み込まれていません");
		return;
	}
	send_switch(s, NULL, j->number);
	image_slot_done(&s->now);
	close_fd(&s->now_image);
	close_fd(&s->now_numbers);
	s->now = j->slot;
	s->now_image = j->image;
	s->now_numbers = j->numbers;
	j->slot = (struct image_slot){ 0 };
	j->image = j->numbers = -1;
	j->step = JOB_SWITCHING;
	j->step_began = now_monotonic();
	s->applied = now_real();
	s->dated = j->dated;
	job_progress(s);
}

static bool has_loaded(const struct member *m, uint32_t n)
{
	return m->loaded == n;
}

static bool has_switched(const struct member *m, uint32_t n)
{
	return m->in_force == n;
}

static void loading(struct supervisor *s, bool late)
{
	struct job *j = &s->job;
	char ja[IPC_TEXT / 2];

	if (j->why[0] || late) {
		snprintf(ja, sizeof ja, "検査プロセスが受け取れません: %.400s",
			 late ? "時間切れ" : j->why);
		answer(s, IPC_WANT_LOAD, -EPERM,
		       late ? "an engine did not load it in time" : j->why, ja);
	} else if (crew_all(s, has_loaded, j->number)) {
		answer(s, IPC_WANT_LOAD, 0, "", "");
	}
}

void job_progress(struct supervisor *s)
{
	struct job *j = &s->job;
	const bool late = now_monotonic() - j->step_began > STEP_SECONDS * SECOND;

	if (j->step == JOB_LOADING)
		loading(s, late);
	else if (j->step == JOB_SWITCHING && (late || crew_all(s, has_switched, j->number)))
		answer(s, IPC_WANT_SWITCH, 0, "", "");
}

/* ---- the end ---- */

static void boundary(void *ctx, uint32_t expiries)
{
	struct supervisor *s = ctx;

	(void)expiries;
	loop_cancel(s->loop, &s->on_boundary);
	if (clock_is_right(s))
		job_again(s, "a date or window of the policy");
}

static void watch_boundary(struct supervisor *s, int64_t second)
{
	loop_cancel(s->loop, &s->on_boundary);
	s->next_change = second;
	if (second != INT64_MAX)
		loop_at(s->loop, &s->on_boundary, second, boundary, s);
}

/* Which event tells of an act. */
static enum event_reason told_as(const struct job *j, const struct ipc_message *m)
{
	static const enum event_reason reasons[APPLY_ACT_COUNT] = {
		[APPLY_NEW] = EVENT_REASON_APPLY,
		[APPLY_AGAIN] = EVENT_REASON_APPLY,
		[APPLY_CONFIRM] = EVENT_REASON_CONFIRM,
		[APPLY_ROLLBACK] = EVENT_REASON_ROLLBACK,
		[APPLY_EXPIRE] = EVENT_REASON_UNCONFIRMED,
		[APPLY_APPROVE] = EVENT_REASON_APPROVE,
		[APPLY_LAST_GOOD] = EVENT_REASON_EMERGENCY,
		[APPLY_ISOLATE] = EVENT_REASON_EMERGENCY,
		[APPLY_END] = EVENT_REASON_EMERGENCY,
	};

	if (m->result == APPLY_WAITS)
		return EVENT_REASON_WAITING;
	return m->overridden ? EVENT_REASON_OVERRIDE : reasons[j->order.act];
}

/* What we do of our own accord has no sentence of the applier's. */
static void tell_act(struct supervisor *s, const struct ipc_message *m)
{
	const struct job_order *o = &s->job.order;
	const char *reason = o->args.text[CTL_ARG_REASON];
	char en[IPC_TEXT + CTL_ARG_BYTES], ja[IPC_TEXT + CTL_ARG_BYTES];

	if (o->act == APPLY_AGAIN) {
		snprintf(en, sizeof en, "policy %.*s is in force (apply %u): %s", HASH_SHOWN,
			 s->now.hash, m->number, reason);
		snprintf(ja, sizeof ja, "方針 %.*s を施行しました（適用 %u）: %s", HASH_SHOWN,
			 s->now.hash, m->number, reason);
	} else {
		snprintf(en, sizeof en, "%s (%s)", m->text, o->person.name);
		snprintf(ja, sizeof ja, "%s（%s）", ipc_ja(m), o->person.name);
	}
	if (m->result == -EPERM)
		tell_refused(s, told_as(&s->job, m), en, ja);
	else
		tell_admin(s, told_as(&s->job, m), en, ja);
}

/* Done, waiting, or an approval that was refused: each is somebody's act. */
static bool is_told(const struct supervisor *s, const struct ipc_message *m)
{
	if (s->job.order.act == APPLY_AGAIN)
		return m->number != 0;
	if (m->result == -EPERM)
		return s->job.order.act == APPLY_APPROVE;
	return m->number || m->result == 0 || m->result == APPLY_WAITS;
}

static void in_force(struct supervisor *s, const struct ipc_message *m)
{
	if (s->job.order.act != APPLY_CONFIRM)
		watch_boundary(s, m->value);
	loop_cancel(s->loop, &s->on_sweep);
	loop_every(s->loop, &s->on_sweep, SECOND, 0, sweep, s);
}

static enum ctl_kind kind_of(int result)
{
	if (result == 0)
		return CTL_YES;
	if (result == APPLY_WAITS)
		return CTL_WAITS;
	return result == -EPERM || result == -EBUSY || result == -ENOENT ? CTL_NO : CTL_CANNOT;
}

/* Better to say so than to half work: the policy in force cannot be judged by, or there is no ruleset to stand on. */
static void refused_at_start(struct supervisor *s, const struct ipc_message *m)
{
	if (m->result == APPLIER_NO_BASE)
		log_say(LOG_LINE_ERROR, "this machine cannot have the ruleset: %s",
			"この環境では規則を読み込めません: %s", log_word(m->text, ipc_ja(m)));
	else
		log_say(LOG_LINE_ERROR,
			"the policy in force cannot be used: %s. Correct it, and sekimori apply FILE --offline",
			"施行中の方針を使えません: %s。修正し sekimori apply FILE --offline で適用してください",
			log_word(m->text, ipc_ja(m)));
	s->status = 2;
}

static void done(struct supervisor *s, const struct ipc_message *m)
{
	struct job *j = &s->job;
	const bool refused = j->why[0];

	j->done = true;
	drop_loaded(s);
	if (j->order.sweep) {
		if (m->result < 0)
			log_say(LOG_LINE_WARN, "old rules could not be removed: %s",
				"古い規則を削除できません: %s", log_word(m->text, ipc_ja(m)));
		return;
	}
	if (m->number)
		in_force(s, m);
	if (is_told(s, m))
		tell_act(s, m);
	standing_read(s);
	if (m->result == 0 && !s->standing.apply)
		standing_forget_policy(s);
	if (!s->ready && m->result < 0 && (refused || m->result == APPLIER_NO_BASE))
		refused_at_start(s, m);
	else if (m->result < 0 && m->result != -ENOENT && !j->order.client)
		log_say(LOG_LINE_ERROR, "apply: %s", "適用: %s", log_word(m->text, ipc_ja(m)));
	if (j->order.act != APPLY_APPROVE && j->order.act != APPLY_CONFIRM)
		s->apply_failed = m->result < 0 && m->result != -ENOENT && m->result != -EBUSY &&
				  m->result != APPLY_WAITS;
	say(s, kind_of(m->result), m->text, ipc_ja(m));
	s->job.order.client = 0;
	round_judge(s);
}

void job_message(struct supervisor *s, const struct ipc_message *m, int fds[static IPC_FDS])
{
	if (m->type == IPC_WANT_LOAD && fds[0] >= 0 && fds[1] >= 0) {
		want_load(s, m, fds);
		return;
	}
	ipc_close_all(fds);
	if (m->type == IPC_WANT_SWITCH)
		want_switch(s, m);
	else if (m->type == IPC_TOLD)
		say(s, CTL_PROGRESS, m->text, ipc_ja(m));
	else if (m->type == IPC_DONE)
		done(s, m);
}

void job_applier_ended(struct supervisor *s)
{
	struct job *j = &s->job;

	if (!j->done && !j->order.sweep) {
		log_error("the applier ended without a word; what is in force is %s",
			  s->now.map ? s->now.hash : "nothing");
		say(s, CTL_CANNOT, "the apply was cut off; sekimori status shows what is in force",
		    "適用が途中で終わりました。sekimori status で施行中の方針を確認してください");
		drop_loaded(s);
	}
	close_fd(&j->order.image);
	j->order.client = 0;
	j->step = JOB_NONE;
	drift_applying(s, false);
	supervisor_advance(s);
	if (!j->next.set)
		return;
	j->order = j->next;
	j->next = (struct job_order){ .image = -1 };
	if (s->stopping)
		close_fd(&j->order.image);
	else
		start(s);
}
