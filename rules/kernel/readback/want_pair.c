/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * want_pair: packets between two zones: related errors, old decisions, then the boxes of the policy.
 */
#include <netinet/in.h>
#include <stdlib.h>

#include "rules/kernel/live.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/readback/want_parts.h"
#include "rules/policy.h"

#define CONFIRMED 3u /* bit of IPS_CONFIRMED */

struct want_box {
	uint32_t class;
	bdd_t when;
};

static bool is_in_force(const struct want *q, uint32_t class)
{
	const struct live_class *live = &q->live[class];

	return live->state != LIVE_ABSENT && !(q->ended && live->lasts);
}

static struct span boxes_of(const struct want *q, uint32_t from, uint32_t to)
{
	return q->p->pairs[from * q->p->zones_count + to].boxes;
}

/* Also of classes that have ended by now: their rules stay until the next apply. */
static bool has_boxes(const struct want *q, uint32_t from, uint32_t to)
{
	struct span s = boxes_of(q, from, to);

	for (uint32_t i = s.first; i < s.first + s.count; i++)
		if (q->live[q->p->boxes[i].class].state != LIVE_ABSENT)
			return true;
	return false;
}

static bool is_inside(const struct want *q, uint32_t from, uint32_t to)
{
	return from == to && q->p->zones[from].inside_permit;
}

/* ---- what a decision means ---- */

static struct want_action first_action(const struct want *q, uint32_t class)
{
	const struct class *k = &q->p->classes[class];
	const struct live_class *live = &q->live[class];
	bool direct = k->box_end || !k->queued;
	bool offload =
		q->flowtable && k->joined.offload && !k->box_end && !live->lasts && !live->ftp;

	if (live->state == LIVE_DENIED)
		return (struct want_action){ .kind = OUTCOME_DROP };
	if (direct)
		return (struct want_action){ .kind = OUTCOME_ACCEPT, .offload = offload };
	return (struct want_action){ .kind = OUTCOME_QUEUE, .open = !k->closed, .one = live->ftp };
}

/* Return: false: a verdict that says nothing of the class */
static bool action_of(const struct want *q, uint32_t class, enum mark_verdict v,
		      struct want_action *out)
{
	const struct class *k = &q->p->classes[class];

	*out = first_action(q, class);
	if (v == MARK_UNDECIDED || (v == MARK_ACKS && out->kind == OUTCOME_QUEUE))
		return true;
	if (out->kind != OUTCOME_QUEUE || v > MARK_RESET)
		return false;
	*out = (struct want_action){ .kind = v >= MARK_DROP ? OUTCOME_DROP : OUTCOME_ACCEPT };
	out->offload = v == MARK_OFFLOAD && q->flowtable && k->joined.offload &&
		       !q->live[class].lasts && !q->live[class].ftp;
	return true;
}

/* ---- into a queue ---- */

static bdd_t slot_is(const struct want *q, unsigned int slot)
{
	bdd_t number[32];
	uint8_t v[4] = { 0, 0, 0, (uint8_t)slot };

	packet_hash(q->k, q->queues, 0, number);
	return bits_known(number, 32) ? bits_equal(q->k->b, number, v, 32) : BDD_NONE;
}

/* Facts that are the same for a set of packets, and the queue. */
struct queued {
	bdd_t when;
	uint32_t facts; /* bits of the mark */
	unsigned int slot;
	bool open;
};

static void add_queued(const struct want *q, struct queued x, uint32_t class, uint32_t ctmark,
		       struct outcomes *out)
{
	bdd_t bits[32];
	const struct value *from = walk_bits(q->w, class);
	uint32_t set = x.facts | MARK_MUST | (x.open ? MARK_OPEN : 0);

	if (!q->native_queue)
		set |= x.slot << MARK_SLOT_SHIFT;
	for (uint32_t i = 0; i < 32; i++)
		bits[i] = MARK_CLASS >> (31 - i) & 1 ? from->bit[i]
			  : set >> (31 - i) & 1      ? BDD_TRUE
						     : BDD_FALSE;
	outcomes_add(out, (struct outcome){
				  .when = x.when,
				  .kind = OUTCOME_QUEUE,
				  .bypass = x.open,
				  .queue = x.slot + (x.open ? QUEUE_OPEN_OFFSET : 0),
				  .mark = walk_value(q->w, bits),
				  .ctmark = ctmark,
				  .rule = RULESET_NONE,
				  .chain = RULESET_NONE,
			  });
}

static void add_slots(const struct want *q, struct queued x, bool one, uint32_t class,
		      uint32_t ctmark, struct outcomes *out)
{
	bdd_t when = x.when;

	for (x.slot = 0; x.slot < (one ? 1 : q->queues); x.slot++) {
		x.when = one || q->queues == 1 ? when : bdd_and(q->k->b, when, slot_is(q, x.slot));
		if (x.when != BDD_FALSE)
			add_queued(q, x, class, ctmark, out);
	}
}

static const struct fact {
	uint32_t bit;
	enum packet_field field;
	uint32_t value;
} facts[] = {
	{ MARK_REPLY, PACKET_DIRECTION, 1 },
	{ MARK_RELATED, PACKET_STATE, STATE_RELATED },
};

static bdd_t confirmed(const struct want *q)
{
	bdd_t bits[32];

	packet_bits(q->k, PACKET_STATUS, 0, 32, bits);
	return bits[31 - CONFIRMED];
}

static bdd_t fact_holds(const struct want *q, unsigned int i)
{
	if (i < 2)
		return packet_is(q->k, facts[i].field, facts[i].value);
	return bdd_not(confirmed(q));
}

static void add_facts(const struct want *q, bdd_t when, const struct want_action *a, uint32_t class,
		      uint32_t ctmark, struct outcomes *out)
{
	for (unsigned int set = 0; set < 8; set++) {
		struct queued x = { .when = when, .open = a->open };

		for (unsigned int i = 0; i < 3 && x.when != BDD_FALSE; i++) {
			bdd_t holds = fact_holds(q, i);
			uint32_t bit = i < 2 ? facts[i].bit : MARK_FIRST;

			x.facts |= set >> i & 1 ? bit : 0;
			x.when = bdd_and(q->k->b, x.when, set >> i & 1 ? holds : bdd_not(holds));
		}
		if (x.when != BDD_FALSE)
			add_slots(q, x, a->one, class, ctmark, out);
	}
}

/* ---- past the queue ---- */

static bdd_t byte_between(const struct want *q, enum packet_extra kind, uint32_t at, uint8_t lo,
			  uint8_t hi)
{
	bdd_t bits[8];

	packet_extra(q->k, kind, at, 0, 8, bits);
	return bits_known(bits, 8) ? bits_range(q->k->b, bits, &lo, &hi, 8) : BDD_NONE;
}

/* TCP whose header is all there is, in one of the lengths that are looked for. */
static bdd_t bare(const struct want *q)
{
	static const uint8_t words[] = { 5, 8 }; /* of the header */
	const uint32_t at = q->k->v6 ? 4 : 2;
	struct bdd *b = q->k->b;
	bdd_t tcp = bdd_and(b, packet_is(q->k, PACKET_PROTOCOL, IPPROTO_TCP),
			    packet_is(q->k, PACKET_PORTLESS, 0));
	bdd_t r = BDD_FALSE;

	for (size_t i = 0; i < sizeof(words); i++) {
		uint8_t n = words[i], bytes = (uint8_t)(4 * n + (q->k->v6 ? 0 : 20));
		bdd_t length = bdd_and(b, byte_between(q, EXTRA_NETWORK, at, 0, 0),
				       byte_between(q, EXTRA_NETWORK, at + 1, bytes, bytes));

		r = bdd_or(b, r,
			   bdd_and(b, length,
				   byte_between(q, EXTRA_TRANSPORT, 12, (uint8_t)(n << 4),
						(uint8_t)(n << 4 | 15))));
	}
	return bdd_and(b, bdd_and(b, tcp, packet_between(q->k, PACKET_LENGTH, 14, 63)), r);
}

/* No payload, and no engine has asked for such packets. */
static bdd_t need_not_be_seen(const struct want *q, uint32_t ctmark)
{
	const struct value *v = walk_bits(q->w, ctmark);
	struct bdd *b = q->k->b;
	bdd_t flags[8], r = bdd_and(b, bare(q), confirmed(q));

	packet_bits(q->k, PACKET_FLAGS, 0, 8, flags);
	r = bdd_diff(b, r, flags[6]); /* SYN */

	for (uint32_t i = 0; i < 32; i++)
		if (MARK_VERDICT >> (31 - i) & 1)
			r = bdd_diff(b, r, v->bit[i]);
	return r;
}

static void act(const struct want *q, bdd_t when, struct want_action a, uint32_t mark,
		uint32_t ctmark, struct outcomes *out)
{
	if (when == BDD_FALSE)
		return;
	if (a.kind == OUTCOME_QUEUE) {
		bdd_t past = bdd_and(q->k->b, when, need_not_be_seen(q, ctmark));

		if (past != BDD_FALSE)
			want_add(q, past, OUTCOME_ACCEPT, mark, ctmark, out);
		add_facts(q, bdd_diff(q->k->b, when, past), &a, ctmark, ctmark, out);
		return;
	}
	want_add(q, when, a.kind, mark, ctmark, out);
	if (a.kind == OUTCOME_ACCEPT &&
	    a.offload) { /* or not: no route yet, a packet that ends it */
		bdd_t ports = bdd_or(q->k->b, packet_is(q->k, PACKET_PROTOCOL, IPPROTO_TCP),
				     packet_is(q->k, PACKET_PROTOCOL, IPPROTO_UDP));

		outcomes_add(out, (struct outcome){ .when = bdd_and(q->k->b, when, ports),
						    .kind = OUTCOME_ACCEPT,
						    .offload = true,
						    .mark = mark,
						    .ctmark = ctmark,
						    .rule = RULESET_NONE,
						    .chain = RULESET_NONE });
	}
}

/* ---- old decisions ---- */

static bdd_t ctmark_is(const struct want *q, uint32_t mask, uint32_t v)
{
	bdd_t bits[32], r = BDD_TRUE;

	packet_bits(q->k, PACKET_CTMARK, 0, 32, bits);
	for (uint32_t i = 32; i-- > 0;)
		if (mask >> (31 - i) & 1)
			r = bdd_and(q->k->b, v >> (31 - i) & 1 ? bits[i] : bdd_not(bits[i]), r);
	return r;
}

static bool same_action(struct want_action a, struct want_action b)
{
	return a.kind == b.kind && a.open == b.open && a.one == b.one && a.offload == b.offload;
}

static void decide(const struct want *q, struct want_decisions *d, struct want_action a,
		   bdd_t marks)
{
	uint32_t i = 0;

	while (i < d->count && !same_action(d->at[i].action, a))
		i++;
	if (i == WANT_ACTIONS)
		return; /* there are seven */
	if (i == d->count)
		d->at[d->count++] = (struct want_decided){ a, BDD_FALSE };
	d->at[i].when = bdd_or(q->k->b, d->at[i].when, marks);
}

void want_begin(struct want *q)
{
	q->decided[false].count = q->decided[true].count = 0;
	for (uint32_t c = 0; q->p && c < q->p->classes_count; c++)
		for (uint32_t v = 0; is_in_force(q, c) && v <= MARK_ACKS; v++) {
			struct want_action a;

			if (action_of(q, c, (enum mark_verdict)v, &a))
				decide(q, &q->decided[q->p->classes[c].box_end], a,
				       ctmark_is(q, UINT32_MAX, v << 16 | q->live[c].number));
		}
}

/* What was decided of a forwarded conversation says nothing of one with the box itself, nor the other way round. */
static void act_as_decided(const struct want *q, bool box_end, bdd_t *when, uint32_t mark,
			   struct outcomes *out)
{
	const struct want_decisions *d = &q->decided[box_end];
	uint32_t ctmark = walk_field(q->w, PACKET_CTMARK);

	for (uint32_t i = 0; i < d->count; i++)
		act(q, want_take(q, when, d->at[i].when), d->at[i].action, mark, ctmark, out);
}

static bool has_box(const struct want *q, uint32_t from, uint32_t to)
{
	return from == policy_box_zone(q->p) || to == policy_box_zone(q->p);
}

/*
 * An error comes from anywhere on the way: the conversation it speaks of has to be one between these two
 * zones. Its near end is where the error goes to; the far end is told by conntrack.
 */
static void related(const struct want *q, uint32_t from, uint32_t to, bdd_t when, uint32_t mark,
		    struct outcomes *out)
{
	struct bdd *b = q->k->b;
	bdd_t far = bdd_ite(b, packet_is(q->k, PACKET_DIRECTION, 1),
			    want_home(q, from, PACKET_PEER), want_home(q, from, PACKET_OPENER));
	bdd_t errors = bdd_and(b, want_errors(q->k), far), ours = want_take(q, &when, errors);

	if (is_inside(q, from, to))
		want_add(q, want_take(q, &ours, ctmark_is(q, UINT32_MAX, 0)), OUTCOME_ACCEPT, mark,
			 walk_field(q->w, PACKET_CTMARK), out);
	act_as_decided(q, has_box(q, from, to), &ours, mark, out);
	want_add(q, bdd_or(b, when, ours), OUTCOME_DROP, 0, 0, out);
}

/* ---- boxes ---- */

static const struct {
	uint8_t protocol, request, answer; /* RFC 792, 950; RFC 4443, 4620 */
} answers[] = {
	{ IPPROTO_ICMP, 8, 0 },   { IPPROTO_ICMP, 13, 14 },     { IPPROTO_ICMP, 15, 16 },
	{ IPPROTO_ICMP, 17, 18 }, { IPPROTO_ICMPV6, 128, 129 }, { IPPROTO_ICMPV6, 139, 140 },
};

static bdd_t type_between(const struct want *q, uint32_t lo, uint32_t hi)
{
	return packet_between(q->k, PACKET_SPORT, lo << 8, hi << 8 | 255);
}

static bdd_t icmp_of(const struct want *q, const struct box *x, bool answer)
{
	bdd_t r = BDD_FALSE;

	if (!answer)
		return type_between(q, x->lo, x->hi);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].protocol == x->protocol && x->lo <= answers[i].request &&
		    answers[i].request <= x->hi)
			r = bdd_or(q->k->b, r,
				   type_between(q, answers[i].answer, answers[i].answer));
	return r;
}

/* Packets of the conversations in a box: the opener's, or the answers. */
static bdd_t in_box(const struct want *q, const struct box *x, bool answer)
{
	struct bdd *b = q->k->b;
	bdd_t service = BDD_TRUE;

	if (x->kind == BOX_PORTS)
		service = packet_between(q->k, answer ? PACKET_SPORT : PACKET_DPORT, x->lo, x->hi);
	else if (x->kind == BOX_ICMP)
		service = icmp_of(q, x, answer);
	bdd_t protocol = packet_between(q->k, PACKET_PROTOCOL, x->protocol, x->protocol_hi);
	bdd_t src = packet_in(q->k, answer ? PACKET_DST : PACKET_SRC, x->src);
	bdd_t dst = packet_in(q->k, answer ? PACKET_SRC : PACKET_DST, x->dst);

	return bdd_and(b, bdd_and(b, protocol, service), bdd_and(b, dst, src));
}

static int by_class(const void *a, const void *b)
{
	const struct want_box *x = a, *y = b;

	return x->class < y->class ? -1 : x->class > y->class;
}

/* A class and its packets, one after the other. */
static uint32_t boxes_by_class(const struct want *q, uint32_t from, uint32_t to, bool answer,
			       struct want_box *list)
{
	struct span s = boxes_of(q, from, to);
	uint32_t n = 0, classes = 0;

	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		const struct box *x = &q->p->boxes[i];
		bdd_t when = is_in_force(q, x->class) ? in_box(q, x, answer) : BDD_FALSE;

		if (when != BDD_FALSE)
			list[n++] = (struct want_box){ x->class, when };
	}
	qsort(list, n, sizeof(*list), by_class);
	for (uint32_t i = 0; i < n; i++) {
		if (classes && list[classes - 1].class == list[i].class)
			list[classes - 1].when =
				bdd_or(q->k->b, list[classes - 1].when, list[i].when);
		else
			list[classes++] = list[i];
	}
	return classes;
}

/* ---- a conversation that is looked up ---- */

static bool is_loose(const struct want *q, uint32_t class)
{
	return q->live[class].state == LIVE_OPEN &&
	       q->p->classes[class].joined.on_midstream >= ACTION_ALERT;
}

/* TCP that begins in the middle. */
static bdd_t midstream(const struct want *q)
{
	static const uint8_t syn = 0x02;
	struct bdd *b = q->k->b;
	bdd_t flags[8];

	packet_bits(q->k, PACKET_FLAGS, 0, 8, flags);
	flags[0] = flags[1] = flags[2] = flags[4] = BDD_FALSE; /* of ACK, RST, SYN, FIN only SYN */
	bdd_t begins = bits_equal(b, flags, &syn, 8);
	bdd_t new = bdd_and(b, packet_is(q->k, PACKET_STATE, STATE_NEW),
			    packet_is(q->k, PACKET_PROTOCOL, IPPROTO_TCP));

	return bdd_diff(b, new, begins);
}

static void found(const struct want *q, uint32_t class, bdd_t when, bdd_t middle, uint32_t mark,
		  struct outcomes *out)
{
	uint32_t ctmark = walk_number(q->w, q->live[class].number);

	if (!is_loose(q, class))
		want_add(q, want_take(q, &when, middle), OUTCOME_DROP, 0, 0, out);
	act(q, when, first_action(q, class), mark, ctmark, out);
}

struct lookup {
	uint32_t from, to;
	bool answer;
	bdd_t direction; /* of the packets that look there */
};

/* Boxes are disjoint, so each class is taken from the whole, and all of them from it at once. */
static void look_up(const struct want *q, const struct lookup *l, bdd_t *when, bdd_t middle,
		    uint32_t mark, struct outcomes *out)
{
	struct span s = boxes_of(q, l->from, l->to);
	struct want_box *list = malloc((s.count + 1u) * sizeof(*list));
	bdd_t *all = malloc((s.count + 1u) * sizeof(*all));
	uint32_t n = list && all ? boxes_by_class(q, l->from, l->to, l->answer, list) : 0;
	bdd_t here = bdd_and(q->k->b, *when, l->direction);

	out->failed |= !list || !all;
	for (uint32_t i = 0; i < n; i++) {
		found(q, list[i].class, bdd_and(q->k->b, here, list[i].when), middle, mark, out);
		all[i] = list[i].when;
	}
	if (n > 0)
		want_take(q, when, bdd_and(q->k->b, l->direction, bdd_or_all(q->k->b, all, n)));
	free(list);
	free(all);
}

static void new_packets(const struct want *q, uint32_t from, uint32_t to, bdd_t when, uint32_t mark,
			struct outcomes *out)
{
	bdd_t middle = midstream(q), reply = packet_is(q->k, PACKET_DIRECTION, 1);
	const struct lookup ways[] = {
		{ from, to, false, bdd_not(reply) },
		{ to, from, true, reply },
		{ to, from, true, middle }, /* it may be the server that speaks first */
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		look_up(q, &ways[i], &when, middle, mark, out);
	want_add(q, when, is_inside(q, from, to) ? OUTCOME_ACCEPT : OUTCOME_DROP, mark,
		 walk_number(q->w, 0), out);
}

void want_pair(const struct want *q, uint32_t from, uint32_t to, bdd_t when, uint32_t mark,
	       struct outcomes *out)
{
	struct bdd *b = q->k->b;
	bdd_t home = bdd_and(b, want_home(q, from, PACKET_SRC), want_home(q, to, PACKET_DST));
	bool closed = !has_boxes(q, from, to) && !has_boxes(q, to, from) && !is_inside(q, from, to);

	if (when == BDD_FALSE)
		return;
	bdd_t here = want_take(q, &when, closed ? BDD_FALSE : home);

	want_add(q, when, OUTCOME_DROP, 0, 0, out);
	related(q, from, to, want_take(q, &here, packet_is(q->k, PACKET_STATE, STATE_RELATED)),
		mark, out);
	act_as_decided(q, has_box(q, from, to), &here, mark, out);
	new_packets(q, from, to, here, mark, out);
}
