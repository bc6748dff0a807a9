/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draft: proposals as a policy text: it includes the policy that was in force, adds permits with their evidence as
 * comments, and leaves holes for what no record can know: who answers for it, why, who approved it.
 *
 * A permit of a draft only alarms about another application than was seen (stage `alert`), so that nothing that was
 * observed is cut by it; 'sekimori rehearse --promote' says when it may block.
 */
#ifndef TOOLS_SEEN_DRAFT_H
#define TOOLS_SEEN_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/diag.h"
#include "rules/policy.h"

struct archive;
struct json;
struct proposals;
struct text;
struct who;

struct draft_view {
	const struct policy *p;			/* borrowed, as all here */
	const struct proposals *proposals;
	const struct archive *archive;
	const struct who *who;
	enum diag_language language;
	const char *name;			/* the policy, as it is to be included */
	uint64_t left_out;			/* conversations beyond the limits: the draft is incomplete */
};

/* draft_write_text, draft_write_json - Return: number of permits proposed */
uint32_t draft_write_text(const struct draft_view *v, struct text *out);
uint32_t draft_write_json(const struct draft_view *v, struct json *j);

#endif
