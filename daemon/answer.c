/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/answer.h"

#include <netinet/in.h>

#include "daemon/engine_state.h"
#include "daemon/mangle.h"
#include "daemon/reply.h"
#include "daemon/sink.h"
#include "rules/kernel/mark.h"

static void settle(struct step *s, enum mark_verdict v)
{
	s->f->verdict = (uint8_t)v;
	s->out.verdict = (uint8_t)v;
	s->out.opinion = true;
	s->out.class_number = s->f->class_number;
}

/* Nothing is left to find out: what inspection needed is given back, and live the facts are told. */
static void leave(struct engine *e, struct step *s)
{
	struct flow *f = s->f;

	read_end(e, f, s->p->time);
	work_free(f->work, &e->works);
	f->work = NULL;
	if (s->p->live && !(f->told && s->fresh)) {
		tell_flow(e, f, FLOW_END_NONE);
		f->told = true;
	}
}

/*
 * What is kept until it is acknowledged grows, or waits for what is missing, or an answer will be due that must not look
 * older than the server's last word: acknowledgements have to come.
 */
static void ask_for_acks(struct step *s)
{
	const struct work *w = s->f->work;

	if (!s->p->live ||
	    !(w->sinking || stream_wants_acks(&w->stream[0]) || stream_wants_acks(&w->stream[1])))
		return;
	s->out.verdict = MARK_ACKS;
	s->out.opinion = true;
}

void answer_wait(struct engine *e, struct step *s)
{
	s->out.class_number = s->f->class_number;
	if (s->f->work) {
		s->f->work->passed[s->reply] += s->length;
		ask_for_acks(s);
	}
	mangle_offer(e, s);
	sink_note(s);
	e->count.accepted++;
}

void answer_judged(struct engine *e, struct step *s)
{
	struct flow *f = s->f;

	f->statement = s->judgement.statement;
	answer_wait(e, s);
	if (s->judgement.what == JUDGED_WAIT)
		return;
	bool offload = e->now->traits[f->class].offload;

	f->inspection = offload ? (uint8_t)INSPECTION_OFFLOADED : flow_inspection(f);
	settle(s, offload ? MARK_OFFLOAD : MARK_PASS);
	e->count.passed_flows++;
	leave(e, s);
}

void answer_drop(struct engine *e, struct step *s)
{
	s->out.class_number = s->f->class_number;
	s->out.drop_packet = true;
	e->count.blocked++;
}

/* ---- RST ---- */

/* The receiver takes a RST only with the number it waits for; a GSO packet cannot become one. */
static bool into_reset(struct engine *e, struct step *s)
{
	const struct known *k = s->f->known;
	uint32_t seq = k && k->expect[s->reply] ? k->expect[s->reply] : s->h.seq;

	if (s->p->gso || s->h.protocol != IPPROTO_TCP || (s->h.tcp_flags & TCP_RST))
		return false;
	s->out.rewrite_len = reset_make(&s->h, seq, e->reset);
	s->out.rewrite = e->reset;
	s->out.verdict = MARK_IS_RESET;
	s->out.opinion = true;
	s->out.class_number = s->f->class_number;
	s->f->reset_sent = true;
	e->count.replaced++;
	return true;
}

/* The packet at hand has been read but does not pass: its receiver still waits for what was next before it. */
static void note_expected(struct step *s)
{
	struct flow *f = s->f;

	if (!f->work || !known_of(f))
		return;
	for (int i = 0; i < 2; i++)
		if (f->work->stream[i].started)
			f->known->expect[i] = f->work->stream[i].next;
	if (s->passed_known)
		f->known->expect[s->reply] = s->passed_to;
}

/* dataplane.md 4: a GSO packet is dropped now, and its repetition is what becomes the RST. */
static void reset(struct engine *e, struct step *s)
{
	s->f->verdict = MARK_RESET;
	e->count.rejected++;
	if ((s->h.tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		s->f->reset_sent = true; /* its receiver knows of nothing yet */
		settle(s, MARK_RESET);
	} else if (!into_reset(e, s)) {
		s->out.drop_packet = true;
	}
}

static void refuse_by(struct engine *e, struct step *s, uint8_t answer)
{
	e->count.blocked++;
	e->count.denied_flows++;
	s->f->told |= s->fresh; /* nothing of it passed: the kernel keeps no entry either */
	if (sink_begin(e, s, answer)) {
		ask_for_acks(s);
		return;
	}
	note_expected(s);
	if (reply_instead(e, s, answer))
		settle(s, MARK_DROP);
	else if (answer != ANSWER_SILENT && s->h.protocol == IPPROTO_TCP)
		reset(e, s);
	else
		settle(s, MARK_DROP);
	leave(e, s);
}

static uint8_t answer_of(const struct engine *e, const struct step *s)
{
	const struct policy *p = e->now->policy;
	uint32_t i = s->judgement.statement;

	if (i != POLICY_NONE && p->statements[i].type == STATEMENT_DENY)
		return p->statements[i].answer;
	return p->classes[s->f->class].joined.answer;
}

/* A forbidden question is not answered; the next question on the same socket may be a good one. */
static bool one_datagram(const struct step *s)
{
	return s->h.protocol == IPPROTO_UDP && s->judgement.detector == DETECTOR_NAME &&
	       s->f->known && s->f->known->own == KNOWN_DNS;
}

void answer_deny(struct engine *e, struct step *s)
{
	struct flow *f = s->f;

	if (one_datagram(s)) {
		f->reason = s->judgement.reason;
		tell_once(e, s, s->judgement.detector, s->judgement.reason, true);
		answer_drop(e, s);
		return;
	}
	f->inspection = flow_inspection(f);
	f->statement = s->judgement.statement;
	f->reason = s->judgement.reason;
	tell_alert(e, s, &s->judgement, true);
	refuse_by(e, s, answer_of(e, s));
}

void answer_refuse(struct engine *e, struct step *s, uint8_t reason)
{
	struct judgement j = {
		.detector = DETECTOR_SEGMENTATION,
		.reason = reason,
		.statement = POLICY_NONE,
	};

	s->f->reason = reason;
	s->f->statement = POLICY_NONE;
	tell_alert(e, s, &j, true);
	refuse_by(e, s, ANSWER_SILENT);
}

void answer_sinking(struct engine *e, struct step *s)
{
	s->out.class_number = s->f->class_number;
	e->count.accepted++;
	if (sink_packet(e, s)) {
		ask_for_acks(s);
		return;
	}
	note_expected(s);
	if (reply_instead(e, s, ANSWER_SMTP_REJECT))
		settle(s, MARK_DROP);
	else
		reset(e, s);
	leave(e, s);
}

/* ---- fail conditions ---- */

void answer_fail(struct engine *e, struct step *s, uint8_t action, uint8_t reason)
{
	bool alert, memory = reason == EVENT_REASON_MEMORY;
	struct judgement j = {
		.what = (uint8_t)judge_fail(action, &alert),
		.detector = memory ? DETECTOR_PROTOCOL : DETECTOR_SEGMENTATION,
		.reason = reason,
		.statement = POLICY_NONE,
	};

	if (reason == EVENT_REASON_RESTART || reason == EVENT_REASON_MIDSTREAM)
		s->f->inspection = INSPECTION_MIDSTREAM;
	s->f->reason = reason;
	if (j.what == JUDGED_DENY) {
		tell_alert(e, s, &j, true);
		refuse_by(e, s, action == ACTION_DROP ? ANSWER_SILENT : ANSWER_RESET);
		return;
	}
	if (alert || reason == EVENT_REASON_RESTART)
		tell_alert(e, s, &j, false);
	settle(s, MARK_PASS);
	e->count.accepted++;
	e->count.passed_flows++;
	leave(e, s);
}

/* ---- decided flows ---- */

static bool passes(const struct flow *f)
{
	return f->verdict == MARK_PASS || f->verdict == MARK_OFFLOAD;
}

void answer_settled(struct engine *e, struct step *s)
{
	struct flow *f = s->f;

	if (passes(f)) {
		e->count.accepted++;
		settle(s, f->verdict);
		return;
	}
	e->count.blocked++;
	if (f->verdict == MARK_RESET && !f->reset_sent && into_reset(e, s))
		return;
	settle(s, f->verdict);
}

void answer_forget(struct engine *e, struct step *s)
{
	s->f->class = POLICY_NONE;
	e->count.flows--;
	flow_forget(e->flows, s->f, FLOW_END_NONE);
	s->f = NULL;
}

/* ---- packets without a flow ---- */

void answer_boundary(struct engine *e, struct step *s, uint8_t reason)
{
	ruleset_refuse(e, s, reason, POLICY_NONE);
	e->count.blocked++;
	s->out.drop_packet = true;
}

static bool undecodable_passes(const struct engine *e, const struct packet *p)
{
	uint32_t class = e->now->by_number[p->mark & MARK_CLASS];
	bool alert;

	return p->live && class != POLICY_NONE &&
	       judge_fail(e->now->policy->classes[class].joined.on_undecodable, &alert) ==
		       JUDGED_LEAVE;
}

struct outcome answer_undecodable(struct engine *e, struct step *s, enum decode_error error)
{
	e->count.invalid++;
	tell_anomaly(e, s, "decode", "decoder",
		     error == DECODE_OK ? "fragment" : decode_error_words[error]);
	if (undecodable_passes(e, s->p)) {
		e->count.accepted++;
		return s->out;
	}
	e->count.blocked++;
	s->out.drop_packet = true;
	return s->out;
}
