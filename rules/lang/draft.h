/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draft: a policy while it is being made: the arrays of policy.h, growing in the arena.
 */
#ifndef RULES_LANG_DRAFT_H
#define RULES_LANG_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

struct arena;

struct draft {
	struct arena *arena;			/* borrowed */
#define DRAFT_FIELD_(name, type) type *name; uint32_t name##_count, name##_room;
	POLICY_SECTIONS(DRAFT_FIELD_)
#undef DRAFT_FIELD_
	uint32_t *interned;			/* arena; open hash table of offsets in strings; 0 empty */
	uint32_t interned_size, interned_count;	/* size is a power of two */
	bool failed;				/* no memory, or more than an index can name */
};

bool draft_init(struct draft *d, struct arena *arena);

/* draft_string - offset of the text, the same for the same text; 0 when it failed */
uint32_t draft_string(struct draft *d, const char *text, size_t len);

static inline const char *draft_text(const struct draft *d, uint32_t offset)
{
	return d->strings + offset;
}

/* draft_add_SECTION - append a zeroed element; NULL when it failed. Valid until the next of its section. */
#define DRAFT_ADD_(name, type) type *draft_add_##name(struct draft *d);
POLICY_SECTIONS(DRAFT_ADD_)
#undef DRAFT_ADD_

/* draft_finish - the policy so far; borrows the draft's arrays */
void draft_finish(const struct draft *d, struct policy *p);

#endif
