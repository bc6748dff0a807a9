/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/join.h"

#include "daemon/kernel/conntrack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The engine's clock stamps a packet before conntrack confirms its entry; restarts make it later. */
#define BEFORE_START INT64_C(5000000000)

struct entry {
	struct tuple tuple;
	struct entry *chain; /* borrowed: of the bucket, or of the free list */
	struct entry *newer,
		*older; /* borrowed: by last touch; entries that wait have a list of their own */
	uint8_t *facts; /* owned; NULL: this is an end that waits */
	struct conntrack_end *end; /* owned; NULL: facts that wait for their end */
	size_t facts_len;
	uint64_t flow_id;
	int64_t start;    /* facts: of the flow */
	int64_t deadline; /* end: until when it waits */
};

struct list {
	struct entry *newest, *oldest;
};

struct join {
	struct entry **buckets;  /* owned */
	struct entry *entries;   /* owned: capacity of them */
	struct entry *free;      /* borrowed: chain of entries given back */
	size_t fresh;            /* entries from here on were never used, and cost no memory yet */
	struct list facts, ends; /* by last touch */
	size_t mask, used, capacity;
	uint64_t key[2], evicted;
	void (*tell)(void *ctx, const struct join_told *t);
	void *ctx;
};

/* ---- table ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

static uint64_t hash(const struct join *j, const struct tuple *t)
{
	uint64_t h = j->key[0];

	h = mix(h, (uint64_t)t->src);
	h = mix(h, (uint64_t)(t->src >> 64) ^ j->key[1]);
	h = mix(h, (uint64_t)t->dst);
	h = mix(h, (uint64_t)(t->dst >> 64));
	return mix(h, (uint64_t)t->sport << 32 | (uint64_t)t->dport << 8 | t->protocol);
}

static bool same(const struct tuple *a, const struct tuple *b)
{
	return a->src == b->src && a->dst == b->dst && a->sport == b->sport &&
	       a->dport == b->dport && a->protocol == b->protocol;
}

static struct entry *find(const struct join *j, const struct tuple *t)
{
	struct entry *e = j->buckets[hash(j, t) & j->mask];

	while (e && !same(&e->tuple, t))
		e = e->chain;
	return e;
}

static struct list *list_of(struct join *j, const struct entry *e)
{
	return e->facts ? &j->facts : &j->ends;
}

static void link_newest(struct list *l, struct entry *e)
{
	e->newer = NULL;
	e->older = l->newest;
	if (l->newest)
		l->newest->newer = e;
	else
		l->oldest = e;
	l->newest = e;
}

static void unlink_entry(struct list *l, struct entry *e)
{
	if (e->newer)
		e->newer->older = e->older;
	else
		l->newest = e->older;
	if (e->older)
		e->older->newer = e->newer;
	else
		l->oldest = e->newer;
}

static void release(struct join *j, struct entry *e)
{
	struct entry **at = &j->buckets[hash(j, &e->tuple) & j->mask];

	unlink_entry(list_of(j, e), e);
	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	free(e->facts);
	free(e->end);
	*e = (struct entry){ .chain = j->free };
	j->free = e;
	j->used--;
}

static void tell_entry(struct join *j, struct entry *e, const struct conntrack_end *end)
{
	j->tell(j->ctx, &(struct join_told){ e->facts, e->facts_len, end ? end : e->end });
	release(j, e);
}

/* A free entry; when there is none, ends that wait give way first: they lose little. */
static struct entry *take(struct join *j)
{
	struct entry *e;

	j->used++;
	if (!j->free && j->fresh < j->capacity)
		return &j->entries[j->fresh++];
	if (!j->free) {
		j->evicted++;
		tell_entry(j, j->ends.oldest ? j->ends.oldest : j->facts.oldest, NULL);
	}
	e = j->free;
	j->free = e->chain;
	return e;
}

static void insert(struct join *j, struct entry *e)
{
	struct entry **bucket = &j->buckets[hash(j, &e->tuple) & j->mask];

	e->chain = *bucket;
	*bucket = e;
	link_newest(list_of(j, e), e);
}

struct join *join_new(size_t capacity, const uint8_t key[static 16],
		      void (*tell)(void *ctx, const struct join_told *t), void *ctx)
{
	struct join *j = calloc(1, sizeof *j);
	size_t buckets = 1;

	if (!j)
		return NULL;
	while (buckets < capacity)
		buckets *= 2;
	*j = (struct join){ .mask = buckets - 1, .capacity = capacity, .tell = tell, .ctx = ctx };
	memcpy(j->key, key, sizeof j->key);
	j->buckets = calloc(buckets, sizeof(struct entry *));
	j->entries = calloc(capacity, sizeof *j->entries);
	if (!j->buckets || !j->entries) {
		join_free(j);
		return NULL;
	}
	return j;
}

void join_free(struct join *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->fresh; i++) {
		free(j->entries[i].facts);
		free(j->entries[i].end);
	}
	free(j->entries);
	free(j->buckets);
	free(j);
}

/* ---- joining ---- */

/* Whether facts of a flow that began at start can be of the conversation that the kernel saw end. */
static bool belongs(int64_t start, const struct conntrack_end *e)
{
	return (!e->end || start <= e->end) && (!e->start || start >= e->start - BEFORE_START);
}

static void store_facts(struct join *j, const struct event *ev, uint8_t *copy, size_t len)
{
	struct entry *e = take(j);

	*e = (struct entry){ .tuple = ev->tuple,
			     .facts = copy,
			     .facts_len = len,
			     .flow_id = ev->flow_id,
			     .start = ev->flow.start };
	insert(j, e);
}

/* What the table holds for the tuple makes way for new facts. Return: whether these are told with it. */
static bool meet(struct join *j, const struct event *ev, const uint8_t *wire, size_t len)
{
	struct entry *e = find(j, &ev->tuple);

	if (!e)
		return false;
	if (e->end && belongs(ev->flow.start, e->end)) {
		j->tell(j->ctx, &(struct join_told){ wire, len, e->end });
		release(j, e);
		return true;
	}
	if (e->facts && e->flow_id == ev->flow_id)
		release(j, e); /* the later facts count */
	else
		tell_entry(j, e, NULL);
	return false;
}

int join_facts(struct join *j, const struct event *ev, const uint8_t *wire, size_t len)
{
	uint8_t *copy;

	if (meet(j, ev, wire, len))
		return 0;
	copy = malloc(len);
	if (!copy) {
		j->tell(j->ctx, &(struct join_told){ wire, len, NULL });
		return -ENOMEM;
	}
	memcpy(copy, wire, len);
	store_facts(j, ev, copy, len);
	return 0;
}

static void store_end(struct join *j, const struct conntrack_end *end, int64_t now)
{
	struct conntrack_end *copy = malloc(sizeof *copy);
	struct entry *e;

	if (!copy) {
		j->tell(j->ctx, &(struct join_told){ NULL, 0, end });
		return;
	}
	*copy = *end;
	e = take(j);
	*e = (struct entry){ .tuple = end->tuple, .end = copy, .deadline = now + JOIN_WAIT };
	insert(j, e);
}

void join_end(struct join *j, const struct conntrack_end *end, bool wait, int64_t now)
{
	struct entry *e = find(j, &end->tuple);
	const bool facts = e && e->facts;

	if (facts && belongs(e->start, end)) {
		tell_entry(j, e, end);
		return;
	}
	if (e && e->end)
		tell_entry(j, e, NULL); /* an earlier conversation of the same tuple */
	if (wait && !facts)
		store_end(j, end, now);
	else
		j->tell(j->ctx, &(struct join_told){ NULL, 0, end });
}

void join_tick(struct join *j, int64_t now)
{
	while (j->ends.oldest && j->ends.oldest->deadline <= now)
		tell_entry(j, j->ends.oldest, NULL);
}

void join_finish(struct join *j)
{
	while (j->ends.oldest)
		tell_entry(j, j->ends.oldest, NULL);
}

size_t join_used(const struct join *j)
{
	return j->used;
}

uint64_t join_evicted(const struct join *j)
{
	return j->evicted;
}
