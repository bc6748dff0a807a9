/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/findings.h"

#include <stdlib.h>

static bool room_for_one(struct findings *f)
{
	if (f->count < f->room)
		return true;
	uint32_t room = f->room ? f->room * 2 : 8;
	struct finding *p = realloc(f->at, room * sizeof(*p));

	if (!p) {
		f->failed = true;
		return false;
	}
	f->at = p;
	f->room = room;
	return true;
}

struct finding *findings_add(struct findings *f, enum proof_what what)
{
	if (proof_is_error((uint8_t)what))
		f->errors++;
	else
		f->warnings++;
	if (f->count >= PROOF_FINDINGS_MAX || !room_for_one(f))
		return NULL;
	struct finding *x = &f->at[f->count++];

	*x = (struct finding){
		.what = (uint8_t)what,
		.statement = POLICY_NONE,
		.from = POLICY_NONE,
		.to = POLICY_NONE,
		.object = POLICY_NONE,
	};
	return x;
}

void findings_append(struct findings *f, const struct finding *x)
{
	if (f->count < PROOF_FINDINGS_MAX && room_for_one(f))
		f->at[f->count++] = *x;
}

void findings_clear(struct findings *f)
{
	f->count = f->errors = f->warnings = 0;
	f->failed = false;
}

void findings_done(struct findings *f)
{
	free(f->at);
	*f = (struct findings){ 0 };
}

void finding_other(struct finding *f, uint32_t statement)
{
	if (f->others_count < PROOF_OTHERS_MAX)
		f->others[f->others_count++] = statement;
}
