/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arena: memory that lives as long as one compile and is given back at once.
 */
#ifndef RULES_ARENA_H
#define RULES_ARENA_H

#include <stddef.h>

struct arena;

/* arena_new - at most `limit` bytes in all; NULL for no memory */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *a);

/* arena_alloc - zeroed, aligned for any type; NULL when the limit or the memory is used up */
void *arena_alloc(struct arena *a, size_t bytes);

/* arena_text - a NUL-terminated copy of n bytes; NULL as arena_alloc */
char *arena_text(struct arena *a, const char *bytes, size_t n);

/**
 * arena_grow - room for one more element of an array that lives in the arena
 * @items: the array so far (NULL at first); the old copy is abandoned to the arena when it moves
 * @count: elements in use; capacity is the next power of two, so pass the same array each time
 * Return: the array, perhaps moved, with room for count + 1; NULL as arena_alloc.
 */
void *arena_grow(struct arena *a, void *items, size_t count, size_t size);

#endif
