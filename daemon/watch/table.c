/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watch/table.h"

#include <stdlib.h>
#include <string.h>

struct slot {
	uint64_t key;
	uint32_t chain;        /* next of the bucket */
	uint32_t newer, older; /* by last touch */
};

#define NONE UINT32_MAX

struct watch_table {
	struct slot *slots; /* owned; used of capacity */
	uint8_t *things;    /* owned; size bytes each */
	uint32_t *buckets;  /* owned; mask + 1 of them */
	size_t size;
	uint32_t capacity, used, mask;
	uint32_t newest, oldest;
	uint64_t evicted;
	void (*forget)(void *thing);
};

struct watch_table *watch_table_new(size_t capacity, size_t size, void (*forget)(void *thing))
{
	struct watch_table *t = calloc(1, sizeof(*t));
	uint32_t buckets = 16;

	if (!t)
		return NULL;
	while (buckets < capacity)
		buckets *= 2;
	t->slots = calloc(capacity, sizeof(*t->slots));
	t->things = calloc(capacity, size);
	t->buckets = malloc(buckets * sizeof(*t->buckets));
	t->size = size;
	t->capacity = (uint32_t)capacity;
	t->mask = buckets - 1;
	t->newest = t->oldest = NONE;
	t->forget = forget;
	if (!t->slots || !t->things || !t->buckets) {
		watch_table_free(t);
		return NULL;
	}
	memset(t->buckets, 0xff, buckets * sizeof(*t->buckets));
	return t;
}

void watch_table_free(struct watch_table *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; t->forget && i < t->used; i++)
		t->forget(t->things + i * t->size);
	free(t->slots);
	free(t->things);
	free(t->buckets);
	free(t);
}

static void unlink_age(struct watch_table *t, uint32_t i)
{
	struct slot *s = &t->slots[i];

	*(s->newer == NONE ? &t->newest : &t->slots[s->newer].older) = s->older;
	*(s->older == NONE ? &t->oldest : &t->slots[s->older].newer) = s->newer;
}

static void link_newest(struct watch_table *t, uint32_t i)
{
	struct slot *s = &t->slots[i];

	s->newer = NONE;
	s->older = t->newest;
	*(t->newest == NONE ? &t->oldest : &t->slots[t->newest].newer) = i;
	t->newest = i;
}

static void unchain(struct watch_table *t, uint32_t i)
{
	uint32_t *at = &t->buckets[t->slots[i].key & t->mask];

	while (*at != i)
		at = &t->slots[*at].chain;
	*at = t->slots[i].chain;
}

static uint32_t room(struct watch_table *t)
{
	uint32_t i = t->oldest;

	if (t->used < t->capacity)
		return t->used++;
	unlink_age(t, i);
	unchain(t, i);
	if (t->forget)
		t->forget(t->things + i * t->size);
	memset(t->things + i * t->size, 0, t->size);
	t->evicted++;
	return i;
}

static uint32_t place_of(const struct watch_table *t, uint64_t key)
{
	uint32_t i = t->buckets[key & t->mask];

	while (i != NONE && t->slots[i].key != key)
		i = t->slots[i].chain;
	return i;
}

void *watch_table_find(const struct watch_table *t, uint64_t key)
{
	uint32_t i = place_of(t, key);

	return i == NONE ? NULL : t->things + i * t->size;
}

void *watch_table_get(struct watch_table *t, uint64_t key, bool *fresh)
{
	uint32_t i = place_of(t, key);

	*fresh = i == NONE;
	if (*fresh) {
		i = room(t);
		t->slots[i].key = key;
		t->slots[i].chain = t->buckets[key & t->mask];
		t->buckets[key & t->mask] = i;
	} else {
		unlink_age(t, i);
	}
	link_newest(t, i);
	return t->things + i * t->size;
}

void watch_table_each(struct watch_table *t, void (*call)(void *ctx, void *thing), void *ctx)
{
	for (uint32_t i = 0; i < t->used; i++)
		call(ctx, t->things + i * t->size);
}

size_t watch_table_used(const struct watch_table *t)
{
	return t->used;
}

uint64_t watch_table_evicted(const struct watch_table *t)
{
	return t->evicted;
}

uint64_t watch_hash(uint64_t seed, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t h = seed ^ (n * 0x9e3779b97f4a7c15u);

	for (size_t i = 0; i < n; i++) {
		h ^= p[i];
		h *= 0x100000001b3u;
		h ^= h >> 29;
	}
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}
