/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/flow.h"

#include "daemon/decode.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

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

enum { HASH_WORDS = 6 };

struct flow_table {
	struct flow *slots;             /* owned; capacity of them */
	struct flow **buckets;          /* owned; mask + 1 of them, chains by hash_next */
	struct flow *free;              /* borrowed: chain of slots given back, by hash_next */
	size_t capacity, used, touched; /* touched: slots ever in use; those above are still zero */
	uint64_t mask;
	uint64_t key[HASH_WORDS];
	struct queue queues[WAITS];
	uint64_t evicted;
	void (*ended)(void *ctx, struct flow *f, enum flow_end why);
	void *ctx;
};

/* ---- the key of a flow and its hash ---- */

/*
 * What identifies the flow of a packet. TCP, UDP: a port belongs to an address, and both directions are
 * one flow. ICMP: identifier and type belong to neither; `oneway` when the type says who asked.
 */
struct flow_key {
	struct tuple tuple;
	uint16_t vlan;
	bool icmp;
	bool oneway;
	bool answer; /* the packet runs against the tuple */
};

/* ICMP answers and the queries they belong to: RFC 792, 950, 4443. */
static const struct {
	uint8_t protocol, query, answer;
} icmp_pairs[] = {
	{ IPPROTO_ICMP, 8, 0 },   { IPPROTO_ICMP, 13, 14 },     { IPPROTO_ICMP, 15, 16 },
	{ IPPROTO_ICMP, 17, 18 }, { IPPROTO_ICMPV6, 128, 129 },
};

static struct tuple turned(const struct tuple *t)
{
	return (struct tuple){ t->dst, t->src, t->dport, t->sport, t->protocol };
}

static void icmp_key(struct flow_key *k)
{
	k->icmp = true;
	for (size_t i = 0; i < sizeof(icmp_pairs) / sizeof(icmp_pairs[0]); i++) {
		if (icmp_pairs[i].protocol != k->tuple.protocol)
			continue;
		if (k->tuple.dport == icmp_pairs[i].query)
			k->oneway = true;
		if (k->tuple.dport != icmp_pairs[i].answer)
			continue;
		k->tuple = (struct tuple){ k->tuple.dst, k->tuple.src, k->tuple.sport,
					   icmp_pairs[i].query, k->tuple.protocol };
		k->oneway = k->answer = true;
		return;
	}
}

static struct flow_key key_of_tuple(struct tuple t, uint16_t vlan)
{
	struct flow_key k = { .tuple = t, .vlan = vlan };

	if (t.protocol == IPPROTO_ICMP || t.protocol == IPPROTO_ICMPV6)
		icmp_key(&k);
	return k;
}

static struct flow_key key_of(const struct headers *h, uint16_t vlan)
{
	return key_of_tuple((struct tuple){ h->src, h->dst, h->sport, h->dport, h->protocol },
			    vlan);
}

static uint64_t mix(uint64_t x) /* the finaliser of SplitMix64 */
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/*
 * NH of UMAC (RFC 4418, 5.2.2) on 64-bit words: the sum of (word + key) * (word + key). Whatever two
 * flows a peer picks, their sums agree for one secret in 2^64, so without the secret nobody aims at a
 * bucket. Three multiplications a packet, and no table.
 */
static uint64_t hash(const struct flow_table *t, const struct flow_key *k)
{
	const uint64_t *key = t->key;
	const struct tuple *p = &k->tuple;
	bool turn = p->src > p->dst || (!k->icmp && p->src == p->dst && p->sport > p->dport);
	ip_t a = turn ? p->dst : p->src, b = turn ? p->src : p->dst;
	uint16_t x = turn && !k->icmp ? p->dport : p->sport;
	uint16_t y = turn && !k->icmp ? p->sport : p->dport;
	uint64_t ports = (uint64_t)x << 16 | y, rest = (uint64_t)k->vlan << 8 | p->protocol;
	unsigned __int128 sum;

	sum = (unsigned __int128)((uint64_t)(a >> 64) + key[0]) * ((uint64_t)a + key[1]);
	sum += (unsigned __int128)((uint64_t)(b >> 64) + key[2]) * ((uint64_t)b + key[3]);
	sum += (unsigned __int128)(ports + key[4]) * (rest + key[5]);
	return mix((uint64_t)sum ^ (uint64_t)(sum >> 64)) & t->mask;
}

static bool same(const struct tuple *a, const struct tuple *b)
{
	return a->src == b->src && a->dst == b->dst && a->sport == b->sport &&
	       a->dport == b->dport && a->protocol == b->protocol;
}

static bool same_turned(const struct tuple *a, const struct tuple *b, bool icmp)
{
	uint16_t sport = icmp ? b->sport : b->dport, dport = icmp ? b->dport : b->sport;

	return a->src == b->dst && a->dst == b->src && a->sport == sport && a->dport == dport &&
	       a->protocol == b->protocol;
}

static struct flow *find(struct flow *f, const struct flow_key *k, bool *reply)
{
	for (; f; f = f->hash_next) {
		if (f->vlan != k->vlan)
			continue;
		if (same(&f->tuple, &k->tuple)) {
			*reply = k->answer;
			return f;
		}
		if (!k->oneway && same_turned(&f->tuple, &k->tuple, k->icmp)) {
			*reply = true;
			return f;
		}
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

/* Six words from the 16 bytes of the secret; each half runs its own SplitMix64 sequence. */
static void set_key(struct flow_table *t, const uint8_t secret[static 16])
{
	uint64_t half[2];

	memcpy(half, secret, sizeof(half));
	for (uint64_t i = 0; i < HASH_WORDS; i++)
		t->key[i] = mix(half[0] + (i + 1) * 0x9e3779b97f4a7c15u) ^
			    mix(half[1] + (i + 1) * 0xd1b54a32d192ed03u);
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
	set_key(t, key);
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
	struct flow_key k = key_of_tuple(f->tuple, f->vlan);
	struct flow **at = &t->buckets[hash(t, &k)];

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
	bucket = &t->buckets[hash(t, k)];
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
	struct flow_key k = key_of(h, vlan);
	struct flow *f = find(t->buckets[hash(t, &k)], &k, reply);

	if (f && (idle(t, f, now) || used_again(f, h))) {
		flow_forget(t, f, end_of(f));
		f = NULL;
	}
	*fresh = !f;
	return f ? f : start(t, h, &k, now, reply);
}

struct flow *flow_find(struct flow_table *t, const struct headers *h, uint16_t vlan, bool *reply)
{
	struct flow_key k = key_of(h, vlan);

	return find(t->buckets[hash(t, &k)], &k, reply);
}

struct flow *flow_of_tuple(struct flow_table *t, const struct tuple *tuple, uint16_t vlan)
{
	struct flow_key k = key_of_tuple(*tuple, vlan);
	bool reply;
	struct flow *f = find(t->buckets[hash(t, &k)], &k, &reply);

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
		if (!(h->tcp_flags & TCP_RST))
			advance(from, h, length);
	} else if (reply && f->state == FLOW_NEW) {
		f->state = FLOW_ESTABLISHED;
	}
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

size_t flow_table_used(const struct flow_table *t)
{
	return t->used;
}

uint64_t flow_table_evicted(const struct flow_table *t)
{
	return t->evicted;
}
