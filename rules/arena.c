/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 << 10)

struct chunk {
	struct chunk *next; /* owned */
	size_t used, size;  /* bytes of data */
	alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct chunk *head; /* owned; the chunk being filled */
	size_t left;        /* bytes until the limit */
};

struct arena *arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a)
		a->left = limit;
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	while (a->head) {
		struct chunk *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	free(a);
}

static struct chunk *chunk_for(struct arena *a, size_t bytes)
{
	size_t size = bytes > CHUNK ? bytes : CHUNK;

	if (size > a->left)
		size = bytes;
	if (size > a->left)
		return NULL;
	struct chunk *c = calloc(1, sizeof(*c) + size);

	if (!c)
		return NULL;
	a->left -= size;
	c->size = size;
	if (bytes > CHUNK && a->head) { /* a big one of its own: keep filling the old */
		c->next = a->head->next;
		a->head->next = c;
	} else {
		c->next = a->head;
		a->head = c;
	}
	return c;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	size_t align = alignof(max_align_t);

	if (bytes > SIZE_MAX - align)
		return NULL;
	bytes = (bytes + align - 1) & ~(align - 1);
	struct chunk *c = a->head;

	if (!c || c->size - c->used < bytes)
		c = chunk_for(a, bytes);
	if (!c)
		return NULL;
	void *p = c->data + c->used;

	c->used += bytes;
	return p;
}

char *arena_text(struct arena *a, const char *bytes, size_t n)
{
	char *p = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;

	if (p)
		memcpy(p, bytes, n);
	return p;
}

void *arena_grow(struct arena *a, void *items, size_t count, size_t size)
{
	if (items && (count & (count - 1))) /* between two powers: there is room */
		return items;
	size_t capacity = count ? count * 2 : 1;

	if (capacity > SIZE_MAX / size)
		return NULL;
	void *p = arena_alloc(a, capacity * size);

	if (p && count)
		memcpy(p, items, count * size);
	return p;
}
