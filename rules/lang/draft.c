/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/draft.h"

#include <string.h>

#include "rules/arena.h"

#define INTERNED_START 1024u

/* Room for `more` further elements of an array; the old copy is left to the arena. */
static void *grow(struct draft *d, void *items, uint32_t count, uint32_t *room, uint32_t more,
		  size_t size)
{
	if (*room - count >= more)
		return items;
	uint64_t want = (uint64_t)*room * 2 > count + (uint64_t)more ? (uint64_t)*room * 2
								     : count + (uint64_t)more;

	if (want < 16)
		want = 16;
	void *p = want > UINT32_MAX / 2 || d->failed ? NULL : arena_alloc(d->arena, want * size);

	if (!p) {
		d->failed = true;
		return NULL;
	}
	if (count)
		memcpy(p, items, count * size);
	*room = (uint32_t)want;
	return p;
}

#define DRAFT_ADD_(name, type) \
	type *draft_add_##name(struct draft *d) \
	{ \
		type *p = grow(d, d->name, d->name##_count, &d->name##_room, 1, sizeof(type)); \
\
		if (!p) \
			return NULL; \
		d->name = p; \
		return &d->name[d->name##_count++]; \
	}
POLICY_SECTIONS(DRAFT_ADD_)

static uint32_t hash(const char *text, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)text[i]) * 16777619u;
	return h;
}

static uint32_t *slot_of(const struct draft *d, const char *text, size_t len)
{
	uint32_t i = hash(text, len) & (d->interned_size - 1);

	for (;; i = (i + 1) & (d->interned_size - 1)) {
		uint32_t at = d->interned[i];

		if (!at || (!strncmp(d->strings + at, text, len) && !d->strings[at + len]))
			return &d->interned[i];
	}
}

static void rehash(struct draft *d)
{
	uint32_t *old = d->interned, old_size = d->interned_size;
	uint32_t *p = arena_alloc(d->arena, (size_t)old_size * 2 * sizeof(*p));

	if (!p) {
		d->failed = true;
		return;
	}
	d->interned = p;
	d->interned_size = old_size * 2;
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i])
			*slot_of(d, d->strings + old[i], strlen(d->strings + old[i])) = old[i];
}

uint32_t draft_string(struct draft *d, const char *text, size_t len)
{
	if (len == 0 || d->failed)
		return 0;
	uint32_t *slot = slot_of(d, text, len);

	uint32_t at = *slot;

	if (at)
		return at;
	char *p = len > UINT32_MAX / 4 ? NULL
				       : grow(d, d->strings, d->strings_count, &d->strings_room,
					      (uint32_t)len + 1, 1);

	if (!p) {
		d->failed = true;
		return 0;
	}
	at = d->strings_count;
	d->strings = p;
	memcpy(p + at, text, len);
	p[at + len] = '\0';
	d->strings_count += (uint32_t)len + 1;
	*slot = at;
	if (++d->interned_count > d->interned_size / 2)
		rehash(d);
	return at;
}

/* Every section has some room from the start, so that none is ever a null pointer. */
bool draft_init(struct draft *d, struct arena *arena)
{
	*d = (struct draft){ .arena = arena, .interned_size = INTERNED_START };
	d->interned = arena_alloc(arena, INTERNED_START * sizeof(*d->interned));
	d->failed = !d->interned;
#define START_(name, type) d->name = grow(d, NULL, 0, &d->name##_room, 1, sizeof(type));
	POLICY_SECTIONS(START_)
#undef START_
	return !d->failed && draft_add_strings(d) != NULL; /* offset 0 is the empty text */
}

void draft_finish(const struct draft *d, struct policy *p)
{
#define FINISH_(name_, type) \
	p->name_ = d->name_; \
	p->name_##_count = d->name_##_count;
	POLICY_SECTIONS(FINISH_)
#undef FINISH_
}
