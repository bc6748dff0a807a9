/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/flow.h"

#include "daemon/decode.h"
#include "daemon/flow_key.h"

#include <netinet/in.h>
#include <stdlib.h>

#define SECOND 1000000000ll
#define DAY (86400 * SECOND)

/* nf_conntrack_proto_{tcp,udp,icmp,generic}.c */
const struct flow_timeouts flow_timeouts_default = {
	.tcp_new = 120 * SECOND,
	.tcp_established = 5 * DAY,
	.tcp_unanswered = 300 * SECOND,
	.tcp_closing = 120 * SECOND,
	.tcp_reset = 10 * SECOND,
	.udp = 30 * SECOND,
	.udp_stream = 120 * SECOND,
	.icmp = 30 * SECOND,
	.other = 600 * SECOND,
};

/* Flows that wait equally long stand in one list, oldest first, so idle ones are found at its end. */
enum wait {
	WAIT_TCP_NEW,
	WAIT_TCP_ESTABLISHED,
	WAIT_TCP_UNANSWERED,
	WAIT_TCP_CLOSING,
	WAIT_TCP_RESET,
	WAIT_UDP,
	WAIT_UDP_STREAM,
	WAIT_ICMP,
	WAIT_OTHER,
	WAITS,
};

struct queue {
	struct flow *oldest, *newest; /* borrowed from slots */
	int64_t timeout;
};

struct flow_table {
	struct flow *slots;             /* owned; capacity of them */
	struct flow **buckets;          /* owned; mask + 1 of them, chains by hash_next */
	struct flow *free;              /* borrowed: chain of slots given back, by hash_next */
	size_t capacity, used, touched; /* touched: slots ever in use; those above are still zero */
	uint64_t mask;
	uint64_t key[FLOW_KEY_WORDS];
	struct queue queues[WAITS];
	uint64_t evicted;
	void (*ended)(void *ctx, struct flow *f, enum flow_end why);
	void *ctx;
};

static struct flow **bucket_of(struct flow_table *t, const struct flow_key *k)
{
	return &t->buckets[flow_key_hash(t->key, k) & t->mask];
}

static struct flow *find(struct flow_table *t, const struct flow_key *k, bool *reply)
{
	for (struct flow *f = *bucket_of(t, k); f; f = f->hash_next) {
		enum flow_match m =
			f->vlan == k->vlan ? flow_key_match(k, &f->tuple) : FLOW_MATCH_NONE;

		if (m == FLOW_MATCH_NONE)
			continue;
		*reply = m == FLOW_MATCH_REPLY;
		return f;
	}
	return NULL;
}

/* ---- lists by waiting time ---- */

static void unlink_wait(struct flow_table *t, struct flow *f)
{
	struct queue *q = &t->queues[f->wait];

	*(f->older ? &f->older->newer : &q->oldest) = f->newer;
	*(f->newer ? &f->newer->older : &q->newest) = f->older;
}

static void link_wait(struct flow_table *t, struct flow *f, enum wait wait)
{
	struct queue *q = &t->queues[wait];

	f->wait = (uint8_t)wait;
	f->newer = NULL;
	f->older = q->newest;
	*(q->newest ? &q->newest->newer : &q->oldest) = f;
	q->newest = f;
}

static enum wait wait_tcp(const struct flow *f)
{
	if (f->state == FLOW_CLOSED && !(f->up.flags & f->down.flags & TCP_FIN))
		return WAIT_TCP_RESET;
	if (f->state == FLOW_CLOSED || f->state == FLOW_CLOSING)
		return WAIT_TCP_CLOSING;
	if (f->state == FLOW_NEW)
		return WAIT_TCP_NEW;
	return f->reply_seen ? WAIT_TCP_ESTABLISHED : WAIT_TCP_UNANSWERED;
}

static enum wait wait_of(const struct flow *f, int64_t now)
{
	switch (f->tuple.protocol) {
	case IPPROTO_TCP: return wait_tcp(f);
	case IPPROTO_UDP:
		return f->reply_seen && now - f->start >= 2 * SECOND ? WAIT_UDP_STREAM : WAIT_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6: return WAIT_ICMP;
	default: return WAIT_OTHER;
	}
}

/* A flow moves to the young end once a second, not with every packet: that costs cache misses. */
static void touch(struct flow_table *t, struct flow *f, int64_t now)
{
	enum wait wait = wait_of(f, now);
	int64_t before = f->last;

	if (now > f->last)
		f->last = now;
	if (wait == f->wait && f->last / SECOND == before / SECOND)
		return;
	unlink_wait(t, f);
	link_wait(t, f, wait);
}

static bool idle(const struct flow_table *t, const struct flow *f, int64_t now)
{
	return now - f->last >= t->queues[f->wait].timeout;
}

static struct flow *oldest(const struct flow_table *t)
{
	struct flow *found = NULL;

	for (int i = 0; i < WAITS; i++) {
		struct flow *f = t->queues[i].oldest;

		if (f && (!found || f->last < found->last))
			found = f;
	}
	return found;
}

/* ---- the table ---- */

static void set_timeouts(struct flow_table *t, const struct flow_timeouts *timeouts)
{
	t->queues[WAIT_TCP_NEW].timeout = timeouts->tcp_new;
	t->queues[WAIT_TCP_ESTABLISHED].timeout = timeouts->tcp_established;
	t->queues[WAIT_TCP_UNANSWERED].timeout = timeouts->tcp_unanswered;
	t->queues[WAIT_TCP_CLOSING].timeout = timeouts->tcp_closing;
	t->queues[WAIT_TCP_RESET].timeout = timeouts->tcp_reset;
	t->queues[WAIT_UDP].timeout = timeouts->udp;
	t->queues[WAIT_UDP_STREAM].timeout = timeouts->udp_stream;
	t->queues[WAIT_ICMP].timeout = timeouts->icmp;
	t->queues[WAIT_OTHER].timeout = timeouts->other;
}

struct flow_table *flow_table_new(size_t capacity, const struct flow_timeouts *timeouts,
				  const uint8_t key[static 16],
				  void (*ended)(void *ctx, struct flow *f, enum flow_end why),
				  void *ctx)
{
	struct flow_table *t = calloc(1, sizeof(*t));
	size_t buckets = 1;

	if (!t)
		return NULL;
	t->capacity = capacity ? capacity : 1;
	while (buckets < t->capacity)
		buckets *= 2;
	t->mask = buckets - 1;
	t->slots = calloc(t->capacity, sizeof(*t->slots));
	t->buckets = calloc(buckets, sizeof(struct flow *));
	t->ended = ended;
	t->ctx = ctx;
	set_timeouts(t, timeouts);
	flow_key_words(key, t->key);
	if (t->slots && t->buckets)
		return t;
	flow_table_free(t);
	return NULL;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	if (t->slots && t->buckets)
		flow_end_all(t);
	free(t->slots);
	free(t->buckets);
	free(t);
}

void flow_forget(struct flow_table *t, struct flow *f, enum flow_end why)
{
	struct flow_key k = flow_key_of_tuple(f->tuple, f->vlan);
	struct flow **at = bucket_of(t, &k);

	t->ended(t->ctx, f, why);
	while (*at != f)
		at = &(*at)->hash_next;
	*at = f->hash_next;
	unlink_wait(t, f);
	f->hash_next = t->free;
	t->free = f;
	t->used--;
}

static struct flow *take_slot(struct flow_table *t)
{
	struct flow *f;

	if (t->used == t->capacity) {
		t->evicted++;
		flow_forget(t, oldest(t), FLOW_END_EVICTED);
	}
	f = t->free;
	if (f)
		t->free = f->hash_next;
	else
		f = &t->slots[t->touched++];
	t->used++;
	return f;
}

static bool is_syn_ack(const struct headers *h)
{
	return h->protocol == IPPROTO_TCP && (h->tcp_flags & TCP_SYN) && (h->tcp_flags & TCP_ACK);
}

static struct tuple turned(const struct tuple *t)
{
	return (struct tuple){ t->dst, t->src, t->dport, t->sport, t->protocol };
}

static struct flow *start(struct flow_table *t, const struct headers *h, const struct flow_key *k,
			  int64_t now, bool *reply)
{
	struct flow *f = take_slot(t), **bucket;

	*f = (struct flow){ .tuple = k->tuple, .start = now, .last = now, .vlan = k->vlan };
	f->class = f->statement = f->zone_from = f->zone_to = POLICY_NONE;
	*reply = k->answer || is_syn_ack(h);
	if (is_syn_ack(h))
		f->tuple = turned(&k->tuple);
	f->midstream = *reply || (h->protocol == IPPROTO_TCP && !(h->tcp_flags & TCP_SYN));
	if (f->midstream && !is_syn_ack(h))
		f->state = FLOW_ESTABLISHED;
	bucket = bucket_of(t, k);
	f->hash_next = *bucket;
	*bucket = f;
	link_wait(t, f, wait_of(f, now));
	return f;
}

/* RFC 9293, 3.6.1: a port pair is used again with a SYN once its connection is over. */
static bool used_again(const struct flow *f, const struct headers *h)
{
	return f->state == FLOW_CLOSED && h->protocol == IPPROTO_TCP &&
	       (h->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

static enum flow_end end_of(const struct flow *f)
{
	return f->state == FLOW_CLOSED ? FLOW_END_CLOSED : FLOW_END_TIMEOUT;
}

struct flow *flow_lookup(struct flow_table *t, const struct headers *h, uint16_t vlan, int64_t now,
			 bool *reply, bool *fresh)
{
	struct flow_key k = flow_key_of(h, vlan);
	struct flow *f = find(t, &k, reply);

	if (f && (idle(t, f, now) || used_again(f, h))) {
		flow_forget(t, f, end_of(f));
		f = NULL;
	}
	*fresh = !f;
	return f ? f : start(t, h, &k, now, reply);
}

void flow_begins(struct flow_table *t, const struct headers *syn, uint16_t vlan)
{
	bool reply;
	struct flow *f = flow_find(t, syn, vlan, &reply);

	if (f && (reply || !f->up.syn_known || f->up.syn != syn->seq))
		flow_forget(t, f, FLOW_END_CLOSED);
}

struct flow *flow_find(struct flow_table *t, const struct headers *h, uint16_t vlan, bool *reply)
{
	struct flow_key k = flow_key_of(h, vlan);

	return find(t, &k, reply);
}

struct flow *flow_of_tuple(struct flow_table *t, const struct tuple *tuple, uint16_t vlan)
{
	struct flow_key k = flow_key_of_tuple(*tuple, vlan);
	bool reply;
	struct flow *f = find(t, &k, &reply);

	return f && !reply ? f : NULL;
}

struct flow *flow_related(struct flow_table *t, const struct headers *embedded, uint16_t vlan)
{
	bool reply;

	return flow_find(t, embedded, vlan, &reply);
}

/* ---- counting ---- */

static uint32_t payload_length(const struct headers *h)
{
	return h->cut ? h->total - h->ip_len - h->l4_len : (uint32_t)h->payload.left;
}

static void note_syn(struct flow_side *side, uint32_t seq)
{
	if (side->syn_known)
		return;
	side->syn = seq;
	side->syn_known = true;
}

static void advance(struct flow_side *side, const struct headers *h, uint32_t length)
{
	uint32_t end = h->seq + length;

	end += (h->tcp_flags & TCP_SYN) != 0;
	end += (h->tcp_flags & TCP_FIN) != 0;
	if (!side->seq_known || (int32_t)(end - side->next_seq) > 0)
		side->next_seq = end;
	side->seq_known = true;
}

/*
 * A reset ends the flow only when it comes where its sender stands or its peer waits (RFC 5961, 3.2, as
 * conntrack judges it), so that one out of the blue does not.
 */
static bool reset_is_plausible(const struct flow_side *from, const struct flow_side *to,
			       const struct headers *h)
{
	if (h->tcp_flags & TCP_ACK)
		return !to->seq_known || h->ack == to->next_seq ||
		       (from->seq_known && h->seq == from->next_seq);
	return !from->seq_known || h->seq == from->next_seq;
}

static void tcp_state(struct flow *f, const struct flow_side *from, const struct flow_side *to,
		      const struct headers *h, bool reply)
{
	if (h->tcp_flags & TCP_RST) {
		if (reset_is_plausible(from, to, h))
			f->state = FLOW_CLOSED;
	} else if ((f->up.flags & f->down.flags & TCP_FIN) && f->state != FLOW_CLOSED) {
		f->state = FLOW_CLOSED;
	} else if (h->tcp_flags & TCP_FIN) {
		if (f->state < FLOW_CLOSING)
			f->state = FLOW_CLOSING;
	} else if (f->state == FLOW_NEW && !reply && (f->down.flags & TCP_SYN) &&
		   (h->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_ACK) {
		f->state = FLOW_ESTABLISHED;
	}
}

void flow_count(struct flow_table *t, struct flow *f, const struct headers *h, bool reply,
		int64_t now)
{
	struct flow_side *from = reply ? &f->down : &f->up, *to = reply ? &f->up : &f->down;
	uint32_t length = payload_length(h);

	from->bytes += h->total;
	from->packets++;
	from->payload += length;
	from->flags |= h->tcp_flags;
	f->reply_seen |= reply;
	if (h->protocol == IPPROTO_TCP) {
		tcp_state(f, from, to, h, reply);
		if (h->tcp_flags & TCP_SYN)
			note_syn(from, h->seq);
		if (!(h->tcp_flags & TCP_RST))
			advance(from, h, length);
	} else if (reply && f->state == FLOW_NEW) {
		f->state = FLOW_ESTABLISHED;
	}
	touch(t, f, now);
}

void flow_answered(struct flow_table *t, struct flow *f, int64_t now)
{
	if (f->state != FLOW_NEW)
		return;
	f->state = FLOW_ESTABLISHED;
	touch(t, f, now);
}

void flow_expire(struct flow_table *t, int64_t now, unsigned int budget)
{
	for (int i = 0; i < WAITS; i++) {
		struct flow *f;

		while (budget && (f = t->queues[i].oldest) && idle(t, f, now)) {
			flow_forget(t, f, end_of(f));
			budget--;
		}
	}
}

void flow_end_all(struct flow_table *t)
{
	struct flow *f;

	while ((f = oldest(t)))
		flow_forget(t, f, FLOW_END_FINISH);
}

void flow_each(struct flow_table *t, void (*visit)(void *ctx, struct flow *f), void *ctx)
{
	for (int i = 0; i < WAITS; i++)
		for (struct flow *f = t->queues[i].oldest; f; f = f->newer)
			visit(ctx, f);
}

size_t flow_table_used(const struct flow_table *t)
{
	return t->used;
}

uint64_t flow_table_evicted(const struct flow_table *t)
{
	return t->evicted;
}
