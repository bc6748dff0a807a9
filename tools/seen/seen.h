/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seen: what was seen, put together: one entry for all conversations of the same kind, with how many there were,
 * the first and the last.
 *
 *	files -> lines (segment) -> sightings (sighting) -> [judged by whoever asks: `tag`] -> entries
 *
 * Bounded: at most SEEN_ENTRIES entries and SEEN_TEXTS bytes of words and names. A conversation of a new kind
 * beyond that is not kept; it is counted in `left_out`, and whoever reports says so.
 */
#ifndef TOOLS_SEEN_SEEN_H
#define TOOLS_SEEN_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

#define SEEN_ENTRIES 500000u		/* 100 MB */
#define SEEN_TEXTS ((uint32_t)64 << 20)

struct seen;
struct sighting;

struct seen_entry {
	struct tuple tuple;			/* sport 0 */
	uint32_t application, app_proto, inside, permit, names;	/* texts: seen_text() */
	uint32_t tag;				/* of who asks */
	bool refused, from_box, to_box, body, unreadable, midstream, looked_at, payload;
	uint64_t count, bytes_up, bytes_down;	/* sums */
	int64_t first, last;			/* start of the first, end of the last; seconds since 1970 */
};

/**
 * seen_new
 * @entries, @texts: limits; SEEN_ENTRIES, SEEN_TEXTS
 * Return: NULL for no memory.
 */
struct seen *seen_new(uint32_t entries, uint32_t texts);
void seen_free(struct seen *s);

/* seen_add - one more. Return: 0; -ENOSPC beyond a limit, and counted as left out; -ENOMEM */
int seen_add(struct seen *s, const struct sighting *one, uint32_t tag);

const char *seen_text(const struct seen *s, uint32_t text);	/* "" for 0 */

/* seen_entries - all, in an order that depends on nothing but what they are; nothing is added afterwards. Borrowed */
struct seen_entry *seen_entries(struct seen *s, uint32_t *count);

uint64_t seen_left_out(const struct seen *s);			/* conversations */

#endif
