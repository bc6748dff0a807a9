/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drafting: what the files that write a draft share.
 *
 *	draft.c			the whole: head, profile, permits, remarks, values; JSON
 *	draft_permit.c		one permit with its evidence and its holes
 *	draft_parts.c		the ends and services that a permit names, and the blocks they need
 */
#ifndef TOOLS_SEEN_DRAFTING_H
#define TOOLS_SEEN_DRAFTING_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/text.h"
#include "tools/seen/draft.h"

struct proposal;

#define DRAFT_PROFILE "seen-alert"

struct drafting {
	const struct draft_view *v;
	struct text *out;	/* permits and remarks */
	struct text holes;	/* `hole` blocks */
	struct text values;	/* what is to be filled in, at the end */
	struct text blocks;	/* hosts, sites and services that the permits need, before them */
	unsigned int number;	/* of the permit at hand */
	bool own_profile;	/* some permit uses it */
};

__attribute__((format_arg(2), format_arg(3))) static inline const char *
draft_tr(const struct draft_view *v, const char *en, const char *ja)
{
	return v->language == DIAG_JAPANESE ? ja : en;
}

static inline const char *draft_string(const struct draft_view *v, uint32_t offset)
{
	return policy_string(v->p, offset);
}

/* draft_taken - whether the policy has a block of that name already */
bool draft_taken(const struct policy *p, const char *name);

/* draft_hole - a hole and what is to be written into it */
void draft_hole(struct drafting *d, const char *name, const char *en, const char *ja, const char *example);

/* draft_from, draft_to, draft_service - what stands behind these words, and the blocks that it needs */
void draft_from(struct drafting *d, const struct proposal *p);
void draft_to(struct drafting *d, const struct proposal *p);
void draft_service(struct drafting *d, const struct proposal *p);

/* draft_kind - the model's kind of permit for it */
const char *draft_kind(const struct proposal *p);

/* draft_permit - the permit of d->number */
void draft_permit(struct drafting *d, const struct proposal *p);

#endif
