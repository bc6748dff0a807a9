/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table: things that are watched, each under a key, in a table of fixed size: when it is full, what was touched
 * longest ago makes way and is counted. So millions of spoofed sources cost what the table costs, and no more.
 */
#ifndef DAEMON_WATCH_TABLE_H
#define DAEMON_WATCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch_table;

/**
 * watch_table_new - for at most @capacity things of @size bytes
 * @forget: called before a thing is overwritten or the table freed; may be NULL
 * Return: NULL for no memory.
 */
struct watch_table *watch_table_new(size_t capacity, size_t size, void (*forget)(void *thing));
void watch_table_free(struct watch_table *t);		/* takes NULL */

/* watch_table_get - the thing of a key, touched; @fresh: it was made now, all zero. Borrowed until the next get. */
void *watch_table_get(struct watch_table *t, uint64_t key, bool *fresh);
void *watch_table_find(const struct watch_table *t, uint64_t key);	/* NULL: none; not touched */
void watch_table_each(struct watch_table *t, void (*call)(void *ctx, void *thing), void *ctx);

size_t watch_table_used(const struct watch_table *t);
uint64_t watch_table_evicted(const struct watch_table *t);

/* watch_hash - a key of bytes, seeded so that peers cannot aim at one place; chain calls through @seed */
uint64_t watch_hash(uint64_t seed, const void *bytes, size_t n);

#endif
