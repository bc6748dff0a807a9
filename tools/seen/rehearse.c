/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/rehearse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/event.h"
#include "tools/seen/sighting.h"

#define LATE_MAX \
	4096u /* data connections that wait for the end of the reading; of more it is unclear */
#define NO_STATEMENT 0x3fffffu

#define WORD_(N, W) W,
const char *const outcome_words[OUTCOME_COUNT] = { OUTCOMES(WORD_) };

struct rehearse_late {
	struct sighting one;
	struct rehearsed_as as;
};

int rehearse_new(const struct policy *p, const struct policy *old, struct inspect *in, int64_t day,
		 bool promote, struct rehearse **out, char why[static 160])
{
	struct rehearse *r = calloc(1, sizeof(*r));
	int e = -ENOMEM;

	if (r)
		r->seen = seen_new(SEEN_ENTRIES, SEEN_TEXTS);
	if (r && promote)
		r->promotions = calloc(p->statements_count + 1u, sizeof(*r->promotions));
	if (r && r->seen && (!promote || r->promotions))
		e = rehearsal_new(p, in, day, true, &r->now, why);
	if (e == 0 && promote)
		e = rehearsal_new(p, in, day, false, &r->closed, why);
	if (e == 0 && old)
		e = rehearsal_new(old, in, day, true, &r->before, why);
	if (e < 0)
		rehearse_free(r);
	else
		*out = r;
	return e;
}

void rehearse_free(struct rehearse *r)
{
	if (!r)
		return;
	rehearsal_free(r->now);
	rehearsal_free(r->before);
	rehearsal_free(r->closed);
	seen_free(r->seen);
	free(r->promotions);
	free(r->late);
	free(r);
}

/* ---- tags ---- */

static uint32_t tag_of(uint8_t outcome, const struct rehearsed_as *as)
{
	const uint32_t st = as->statement < NO_STATEMENT ? as->statement : NO_STATEMENT;

	return (uint32_t)outcome << 28 | (as->reason & 0x3fu) << 22 | st;
}

struct rehearse_tag rehearse_tag_of(uint32_t tag)
{
	const uint32_t st = tag & NO_STATEMENT;

	return (struct rehearse_tag){ .outcome = (uint8_t)(tag >> 28),
				      .reason = (uint8_t)(tag >> 22 & 0x3f),
				      .statement = st == NO_STATEMENT ? POLICY_NONE : st };
}

/* ---- one conversation ---- */

/* What was let pass then: was it looked into as it would be now? */
static bool inspected_alike(struct rehearse *r, const struct sighting *one,
			    const struct rehearsed_as *as)
{
	struct rehearsed_as before;

	if (!r->before)
		return true;
	before = rehearsal_judge(r->before, one);
	return before.class == POLICY_NONE || as->class == POLICY_NONE ||
	       rehearsal_alike(rehearsal_policy(r->before), before.class, rehearsal_policy(r->now),
			       as->class);
}

static uint8_t outcome_for(struct rehearse *r, const struct sighting *one,
			   const struct rehearsed_as *as)
{
	switch (as->what) {
	case REHEARSED_CUT: return one->refused ? OUTCOME_REFUSED : OUTCOME_CUT;
	case REHEARSED_UNCLEAR:
	case REHEARSED_FTP_DATA: return OUTCOME_UNCLEAR;
	default: break;
	}
	if (one->refused)
		return OUTCOME_PERMITTED;
	return inspected_alike(r, one, as) ? OUTCOME_SAME : OUTCOME_INSPECTED;
}

/* Whether it would not pass at the next stage, or nobody can tell. */
static bool hangs(struct rehearse *r, const struct sighting *one, const struct rehearsed_as *as)
{
	struct rehearsed_as closed;

	if (as->what != REHEARSED_PASS)
		return true;
	closed = rehearsal_judge(r->closed, one);
	return closed.what == REHEARSED_CUT || closed.what == REHEARSED_UNCLEAR;
}

static void add_promotion(struct promotion *p, const struct sighting *one, bool hanging)
{
	p->passed += one->count;
	if (!hanging)
		return;
	p->count += one->count;
	p->last = one->end > p->last ? one->end : p->last;
}

/* Where several permits could be the one, each of them has it. Return: whether it hangs on a statement. */
static bool note_promotion(struct rehearse *r, const struct sighting *one, struct rehearsed_as *as)
{
	const struct policy *p = rehearsal_policy(r->now);
	struct span m = { 0 };
	bool hanging;

	if (one->refused || as->what == REHEARSED_CUT || as->class == POLICY_NONE)
		return false;
	hanging = hangs(r, one, as);
	if (as->statement != POLICY_NONE)
		add_promotion(&r->promotions[as->statement], one, hanging);
	else
		m = p->classes[as->class].members;
	for (uint32_t i = m.first; i < m.first + m.count; i++) {
		if (p->statements[p->refs[i]].type == STATEMENT_DENY)
			continue;
		as->statement = p->refs[i];
		add_promotion(&r->promotions[as->statement], one, hanging);
	}
	return hanging;
}

static void count(struct rehearse *r, const struct sighting *one, const struct rehearsed_as *given)
{
	struct rehearsed_as as = *given;
	const uint8_t outcome = outcome_for(r, one, &as);

	r->totals[outcome] += one->count;
	if (r->promotions && !note_promotion(r, one, &as))
		return;
	if (!r->promotions && !r->all && (outcome == OUTCOME_SAME || outcome == OUTCOME_REFUSED))
		return;
	if (seen_add(r->seen, one, tag_of(outcome, &as)) == -ENOMEM)
		r->no_memory = true;
}

static bool keep_late(struct rehearse *r, const struct sighting *one, const struct rehearsed_as *as)
{
	if (r->late_count == r->late_room) {
		const uint32_t room = r->late_room ? r->late_room * 2 : 16;
		void *grown = room > LATE_MAX ? NULL : realloc(r->late, room * sizeof(*r->late));

		if (!grown)
			return false;
		r->late = grown;
		r->late_room = room;
	}
	r->late[r->late_count++] = (struct rehearse_late){ *one, *as };
	return true;
}

void rehearse_take(void *rehearse, const struct sighting *one)
{
	struct rehearse *r = rehearse;
	const struct rehearsed_as as = rehearsal_judge(r->now, one);

	if (as.what != REHEARSED_FTP_DATA || !keep_late(r, one, &as))
		count(r, one, &as);
}

/* A control connection is recorded at its end, after the data connections that it announced. */
void rehearse_finish(struct rehearse *r)
{
	for (uint32_t i = 0; i < r->late_count; i++) {
		struct rehearse_late *l = &r->late[i];

		if (rehearsal_ftp(r->now, &l->one.tuple)) {
			/* a refused one may have been announced or not */
			l->as.what = l->one.refused ? REHEARSED_UNCLEAR : REHEARSED_PASS;
		} else {
			l->as.what = REHEARSED_CUT;
			l->as.reason = EVENT_REASON_NOT_PERMITTED;
		}
		count(r, &l->one, &l->as);
	}
	r->late_count = 0;
}
