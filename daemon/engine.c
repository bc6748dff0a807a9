/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine: the way of every packet. Setting up is engine_setup.c, what becomes of a packet answer.c.
 */
#include "daemon/engine.h"

#include <netinet/in.h>

#include "daemon/answer.h"
#include "daemon/content/scan/register.h"
#include "daemon/engine_state.h"
#include "daemon/source.h"
#include "rules/kernel/mark.h"

#define EXPIRE_PER_PACKET 2
#define RELATED_MAX_V4 576u /* RFC 1812, 4.3.2.3; RFC 4443, 2.4 (c): the minimum MTU */
#define RELATED_MAX_V6 1280u

/* ---- before the flow is known ---- */

static void count_headers(struct engine *e, const struct headers *h)
{
	e->count.v4 += ip_is_v4(h->src);
	e->count.v6 += !ip_is_v4(h->src);
	e->count.tcp += h->protocol == IPPROTO_TCP;
	e->count.udp += h->protocol == IPPROTO_UDP;
	e->count.icmp += h->protocol == IPPROTO_ICMP;
	e->count.icmp6 += h->protocol == IPPROTO_ICMPV6;
}

/* Dates and windows: when a statement opens or closes, every flow is judged again as it comes. */
static void time_goes_on(struct engine *e, int64_t now)
{
	if (e->conf.numbers && now / 1000000000 > e->time / 1000000000)
		register_second(e->conf.numbers);
	if (now > e->time)
		e->time = now;
	if (e->time / 1000000000 < e->change_at)
		return;
	e->epoch++;
	engine_next_change(e);
}

static bool icmp_error(const struct headers *h)
{
	if (h->protocol == IPPROTO_ICMP)
		return h->icmp_type == 3 || h->icmp_type == 11 || h->icmp_type == 12;
	return h->protocol == IPPROTO_ICMPV6 && h->icmp_type >= 1 && h->icmp_type <= 4;
}

/* An error quotes what it speaks of; its size is all the room there is to hide something in. */
static bool related_plausible(const struct headers *h, struct headers *embedded)
{
	uint32_t most = ip_is_v4(h->src) ? RELATED_MAX_V4 : RELATED_MAX_V6;

	return h->total <= most && decode_embedded(h->payload, embedded) == DECODE_OK &&
	       embedded->src == h->dst;
}

/* Judged alone, never by a verdict that is saved (dataplane.md 1.4); for a capture, by its flow as well. */
static struct outcome related(struct engine *e, struct step *s)
{
	struct headers embedded;
	struct flow *f;

	e->count.related++;
	if (!related_plausible(&s->h, &embedded)) {
		answer_boundary(e, s, EVENT_REASON_RELATED);
		return s->out;
	}
	if (s->p->live) {
		e->count.accepted++;
		return s->out;
	}
	f = flow_related(e->flows, &embedded, s->p->vlan);
	if (!f || f->verdict == MARK_DROP || f->verdict == MARK_RESET)
		answer_boundary(e, s, EVENT_REASON_RELATED);
	else
		e->count.accepted++;
	return s->out;
}

/* ---- what the kernel saw and we did not ---- */

/* Live, TCP without payload does not come here, but for packets with SYN (rules/kernel/nft_shared.c, chain empty). */
static bool is_live_syn(const struct packet *p, const struct headers *h, uint8_t with)
{
	return p->live && h->protocol == IPPROTO_TCP &&
	       (h->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | with);
}

static void before_lookup(struct engine *e, const struct packet *p, const struct headers *h)
{
	if ((p->mark & MARK_FIRST) && is_live_syn(p, h, 0))
		flow_begins(e->flows, h, 0);
}

static void after_count(struct engine *e, const struct step *s)
{
	if (s->reply && is_live_syn(s->p, &s->h, TCP_ACK))
		flow_answered(e->flows, s->f, s->p->time);
}

/* ---- the first packet ---- */

/* The kernel saw the connection begin; a tuple we meet from its far end is turned round. */
static void turn_to_kernel(struct step *s)
{
	struct tuple t = s->f->tuple;
	bool reply = s->p->mark & MARK_REPLY;

	if (reply == s->reply || (t.protocol != IPPROTO_TCP && t.protocol != IPPROTO_UDP))
		return;
	s->f->tuple = (struct tuple){ t.dst, t.src, t.dport, t.sport, t.protocol };
	s->reply = reply;
}

static void live_zones(struct engine *e, struct step *s)
{
	uint32_t in = interface_zone(e, s->p->ifin), out = interface_zone(e, s->p->ifout);

	s->f->zone_from = s->reply ? out : in;
	s->f->zone_to = s->reply ? in : out;
}

static void turn(struct step *s)
{
	struct flow *f = s->f;
	struct tuple t = f->tuple;
	uint32_t from = f->zone_from;

	f->tuple = (struct tuple){ t.dst, t.src, t.dport, t.sport, t.protocol };
	f->zone_from = f->zone_to;
	f->zone_to = from;
	s->reply = !s->reply;
}

static uint32_t our_class(const struct engine *e, const struct flow *f)
{
	if (f->zone_from == POLICY_NONE || f->zone_to == POLICY_NONE)
		return POLICY_NONE;
	return policy_classify(e->now->policy, f->zone_from, f->zone_to, &f->tuple);
}

/*
 * The class the kernel's maps gave, checked against the policy's own answer. A connection that the kernel met
 * under way may have its class from its far end. A number of the policy before is a packet that waited while
 * the policy changed: the new one decides about it.
 */
static bool live_class(struct engine *e, struct step *s)
{
	struct flow *f = s->f;
	uint16_t number = (uint16_t)(s->p->mark & MARK_CLASS);
	uint32_t kernels = e->now->by_number[number];
	bool late = kernels == POLICY_NONE && e->before && number &&
		    e->before->by_number[number] != POLICY_NONE;

	live_zones(e, s);
	f->class = our_class(e, f);
	if (f->class != kernels && s->fresh && f->midstream && f->tuple.protocol == IPPROTO_TCP &&
	    (s->p->mark & MARK_FIRST)) {
		turn(s);
		f->class = our_class(e, f);
	}
	f->class_number = number;
	if (f->class != POLICY_NONE && (f->class == kernels || late))
		return true;
	answer_refuse(e, s, late ? EVENT_REASON_POLICY_CHANGE : EVENT_REASON_KERNEL_DIFFERS);
	return false;
}

static bool forgotten(const struct step *s)
{
	return s->p->live && !(s->p->mark & MARK_FIRST) && s->h.protocol == IPPROTO_TCP;
}

/* What the profile says of connections whose beginning nobody, or nobody any more, knows. */
static bool admit_beginning(struct engine *e, struct step *s)
{
	const struct profile *joined = &e->now->policy->classes[s->f->class].joined;
	bool unseen = s->f->midstream && s->h.protocol == IPPROTO_TCP, alert;

	s->f->midstream = false;
	if (forgotten(s)) {
		e->count.orphans++;
		answer_fail(e, s, joined->on_restart, EVENT_REASON_RESTART);
		return false;
	}
	if (!unseen)
		return true;
	e->count.midstream++;
	s->f->midstream = true;
	if (judge_fail(joined->on_midstream, &alert) == JUDGED_LEAVE && !alert && !s->p->live)
		return true; /* a capture may be looked into all the same */
	answer_fail(e, s, joined->on_midstream, EVENT_REASON_MIDSTREAM);
	return false;
}

/* A data connection that no control connection announced is none (dataplane.md 1.4). */
static bool admit_ftp_data(struct engine *e, struct step *s)
{
	const struct flow *f = s->f;
	const struct tuple *t = &f->tuple;
	struct known *k;

	if (!e->now->traits[f->class].ftp || t->protocol != IPPROTO_TCP ||
	    !loaded_ftp_data(e->now, f->class, t->dport))
		return true;
	if (announced_take(&e->announced, t->src, t->dst, t->dport, s->p->time)) {
		k = known_of(s->f);
		if (k)
			k->own = KNOWN_FTP_DATA;
		return true;
	}
	if (!e->now->traits[f->class].ftp_only)
		return true;
	s->judgement = (struct judgement){
		.detector = DETECTOR_PROTOCOL,
		.reason = EVENT_REASON_NOT_PERMITTED,
		.statement = POLICY_NONE,
	};
	answer_deny(e, s);
	return false;
}

static bool admit(struct engine *e, struct step *s)
{
	s->f->id = e->conf.flow_id_seed | ++e->serial;
	s->f->epoch = e->epoch;
	e->count.flows++;
	if (s->p->live) {
		turn_to_kernel(s);
		return live_class(e, s) && admit_beginning(e, s) && admit_ftp_data(e, s);
	}
	switch (ruleset_admit(e, s)) {
	case ADMITTED: break;
	case REFUSED:
		answer_forget(e, s);
		e->count.blocked++;
		s->out.drop_packet = true;
		return false;
	default:
		answer_forget(e, s);
		e->count.not_forwarded++;
		return false;
	}
	if (!e->now->policy->classes[s->f->class].queued) {
		s->f->verdict = MARK_PASS;
		return true;
	}
	return admit_beginning(e, s) && admit_ftp_data(e, s);
}

/* ---- a flow that is known ---- */

/* A live packet under another class than its flow's: the policy changed, and the kernel asks again. */
static bool judged_before_change(struct engine *e, const struct step *s)
{
	if (s->f->epoch != e->epoch)
		return true;
	return s->p->live && (s->p->mark & MARK_CLASS) != s->f->class_number;
}

static bool classify_again(struct engine *e, struct step *s)
{
	struct flow *f = s->f;

	if (policy_of(e, f) != e->now->policy) {
		f->zone_from = policy_zone_of_address(e->now->policy, f->tuple.src);
		f->zone_to = policy_zone_of_address(e->now->policy, f->tuple.dst);
	}
	f->epoch = e->epoch;
	f->statement = POLICY_NONE;
	if (s->p->live)
		return live_class(e, s);
	if (e->conf.client_zone == POLICY_NONE)
		f->class = policy_classify(e->now->policy, f->zone_from, f->zone_to, &f->tuple);
	if (f->class == POLICY_NONE) {
		answer_refuse(e, s, EVENT_REASON_POLICY_CHANGE);
		return false;
	}
	f->class_number = e->now->numbers[f->class];
	return true;
}

/* A decided flow needs no packets to be judged again: what was found out is known. */
static void judge_again(struct engine *e, struct step *s)
{
	if (!e->now->policy->classes[s->f->class].queued) {
		s->f->verdict = MARK_PASS;
		answer_settled(e, s);
		return;
	}
	s->f->verdict = MARK_UNDECIDED;
	if (engine_judge(e, s))
		answer_deny(e, s);
	else
		answer_judged(e, s);
}

static bool passed(const struct flow *f)
{
	return f->verdict == MARK_PASS || f->verdict == MARK_OFFLOAD;
}

/* The flow belongs to another time or policy. Return: whether the packet has been answered. */
static bool catch_up(struct engine *e, struct step *s)
{
	bool undecided = s->f->verdict == MARK_UNDECIDED, pass = passed(s->f);

	if (!judged_before_change(e, s))
		return false;
	if (!undecided && !pass && !s->p->live)
		return false; /* what a capture had refused stays so */
	if (!classify_again(e, s))
		return true;
	if (undecided)
		return false;
	judge_again(e, s);
	return true;
}

/* No memory, or inspection holds all it may: the profile says what becomes of such flows. */
static void no_room(struct engine *e, struct step *s)
{
	e->count.no_memory++;
	answer_fail(e, s, e->now->policy->classes[s->f->class].joined.on_memory,
		    EVENT_REASON_MEMORY);
}

static bool begin_work(struct engine *e, const struct step *s)
{
	struct flow *f = s->f;

	if (f->work)
		return known_of(f);
	f->work = work_new(s, &e->works);
	return f->work && known_of(f) && read_begin(e, f);
}

static void look_into(struct engine *e, struct step *s)
{
	struct flow *f = s->f;

	if (f->work && f->work->sinking) {
		answer_sinking(e, s);
		return;
	}
	if (!f->work && !s->length) { /* a handshake tells nothing */
		answer_wait(e, s);
		return;
	}
	if (!begin_work(e, s)) {
		no_room(e, s);
		return;
	}
	enum reading r = read_packet(e, s);

	if (r == READ_DROP)
		answer_drop(e, s);
	else if (r == READ_FULL)
		no_room(e, s);
	else if (r == READ_DENIED || engine_judge(e, s))
		answer_deny(e, s);
	else if (s->judgement.what == JUDGED_WAIT && !work_charge(f->work, &e->works))
		no_room(e, s);
	else
		answer_judged(e, s);
}

/* ---- the way ---- */

/* A class that only the policy in waiting knows: the kernel has switched, and so do we. False: no policy yet. */
static bool follow_kernel(struct engine *e, const struct packet *p)
{
	uint32_t number = p->mark & MARK_CLASS;

	if (e->next && p->live && number && e->next->by_number[number] != POLICY_NONE &&
	    (!e->now || e->now->by_number[number] == POLICY_NONE))
		engine_switch(e);
	return e->now;
}

/* Uploads and ages are watched while they grow: each further megabyte, each further hour. */
static void tell_progress(struct engine *e, struct flow *f)
{
	uint64_t uploads = f->up.payload / FLOW_UPLOAD_STEP;
	int64_t hours = (f->last - f->start) / (3600 * (int64_t)1000000000);

	if (uploads <= f->told_uploads && hours <= f->told_hours)
		return;
	f->told_uploads = uploads < UINT16_MAX ? (uint16_t)uploads : UINT16_MAX;
	f->told_hours = hours < UINT8_MAX ? (uint8_t)hours : UINT8_MAX;
	tell_flow(e, f, FLOW_GOES_ON);
}

struct outcome engine_packet(struct engine *e, const struct packet *p)
{
	struct step s = { .p = p, .out = { .class_number = (uint16_t)(p->mark & MARK_CLASS) } };
	struct flow_side *side;
	enum decode_error error;

	e->count.packets++;
	e->count.bytes += p->wire_len;
	if (!follow_kernel(e, p)) {
		s.out.drop_packet = true;
		return s.out;
	}
	time_goes_on(e, p->time);
	flow_expire(e->flows, p->time, EXPIRE_PER_PACKET);

	error = decode_packet(p, &s.h);
	if (error != DECODE_OK || s.h.fragment)
		return answer_undecodable(e, &s, error);
	count_headers(e, &s.h);
	if (icmp_error(&s.h))
		return related(e, &s);

	before_lookup(e, p, &s.h);
	s.f = flow_lookup(e->flows, &s.h, p->live ? 0 : p->vlan, p->time, &s.reply, &s.fresh);
	if (s.fresh && !admit(e, &s))
		return s.out;
	s.judgement.statement = s.f->statement;
	s.length = s.h.cut ? s.h.total - s.h.ip_len - s.h.l4_len : (uint32_t)s.h.payload.left;
	side = s.reply ? &s.f->down : &s.f->up;
	s.next_seq = side->next_seq;
	s.seq_known = side->seq_known;
	flow_count(e->flows, s.f, &s.h, s.reply, p->time);
	after_count(e, &s);
	tell_progress(e, s.f);

	if (!s.fresh && catch_up(e, &s))
		return s.out;
	if (s.f->verdict != MARK_UNDECIDED)
		answer_settled(e, &s);
	else
		look_into(e, &s);
	return s.out;
}

int engine_drain(struct engine *e, struct source *s, unsigned int budget)
{
	struct packet p;
	int r = 1;

	while (budget-- && (r = s->ops->next(s, &p)) > 0) {
		struct outcome o = engine_packet(e, &p);
		int sent = s->ops->verdict(s, p.id, &o);

		if (sent < 0)
			return sent;
	}
	return r;
}
