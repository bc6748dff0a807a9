/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy_decide: which of the statements of a class a conversation satisfies.
 *
 * Every condition answers no, maybe or yes; a statement is as good as its worst condition. Answers of
 * all live members are collected first, and one short function reads the decision off them, so that
 * the order of statements never matters.
 */
#include "rules/policy.h"

/* A download permit whose profile sets no `upload` may still send its requests: bytes a conversation. */
#define DIRECTION_BYTES ((uint64_t)64 << 10)

enum match { NO, MAYBE, YES };

static uint64_t app_bits(const struct policy *p, const struct statement *s)
{
	struct span span = s->applications;
	uint64_t bits = 0;

	for (uint32_t i = span.first; i < span.first + span.count; i++)
		bits |= (uint64_t)1 << p->refs[i];
	return bits;
}

/* Applications only ever add up (TLS, then TLS.Google), so a yes stays a yes. */
static enum match match_application(const struct policy *p, const struct statement *s,
				    const struct facts *f)
{
	if (s->applications.count == 0)
		return YES;
	if (!f->app_known)
		return MAYBE;
	if (app_bits(p, s) & f->apps)
		return YES;
	return f->app_final ? NO : MAYBE;
}

static bool any_name_matches(const struct policy *p, const struct statement *s, const char *name)
{
	for (uint32_t i = s->names.first; i < s->names.first + s->names.count; i++)
		if (policy_name_matches(policy_string(p, p->words[i]), name))
			return true;
	return false;
}

/* A known name is the one being asked for now: it decides now, whatever is asked for later. */
static enum match match_name(const struct policy *p, const struct statement *s,
			     const struct facts *f)
{
	if (s->names.count == 0)
		return YES;
	if (f->name_known)
		return f->name && any_name_matches(p, s, f->name) ? YES : NO;
	return f->name_final ? NO : MAYBE;
}

/* What a profile lets the client send on a connection that only fetches: its strictest `upload`. */
static uint64_t direction_bytes(const struct policy *p, const struct profile *profile)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < profile->limits.count; i++) {
		const struct limit *l = &p->limits[profile->limits.first + i];

		if (l->detector == DETECT_UPLOAD && l->bytes && l->action >= LIMIT_ALERT &&
		    l->amount < least)
			least = l->amount;
	}
	return least == UINT64_MAX ? DIRECTION_BYTES : least;
}

static bool direction_kept(const struct policy *p, const struct statement *s, const struct facts *f)
{
	if (s->type != STATEMENT_PERMIT || s->direction == DIRECTION_BOTH)
		return true;
	uint64_t against = s->direction == DIRECTION_DOWNLOAD ? f->up : f->down;

	return against <= direction_bytes(p, &p->profiles[s->profile]);
}

/* What the members of a class say together. Statements are the first of their sort, or POLICY_NONE. */
struct tally {
	uint32_t denied;      /* a deny that matches */
	uint32_t satisfied;   /* a permit that matches and keeps its direction */
	uint32_t crossing;    /* a crossing, which lets pass what nothing else permits */
	uint32_t misdirected; /* a permit that matches but for its direction */
	uint32_t other_name;  /* a permit missed by its name alone */
	uint32_t other_app;   /* a permit missed by its application */
	uint32_t ended;       /* a permit not in force */
	uint32_t open;        /* a permit that may still match */
	unsigned int opens;   /* permits that may still match */
	unsigned int doubts;  /* denies that may still match */
	unsigned int strict;  /* permits missed whose profile does more than alarm */
	bool fixed;           /* no answer hangs on a name that may change */
};

static void first(uint32_t *slot, uint32_t statement)
{
	if (*slot == POLICY_NONE)
		*slot = statement;
}

static void tally_deny(struct tally *t, uint32_t i, enum match m)
{
	if (m == YES)
		first(&t->denied, i);
	t->doubts += m == MAYBE;
}

static void tally_permit(const struct policy *p, struct tally *t, uint32_t i, enum match app,
			 enum match name, bool direction)
{
	const struct statement *s = &p->statements[i];

	if (app != NO && name != NO && (app == MAYBE || name == MAYBE)) {
		first(&t->open, i);
		t->opens++;
		return;
	}
	if (app == YES && name == YES && direction) {
		first(s->type == STATEMENT_CROSSING ? &t->crossing : &t->satisfied, i);
		return;
	}
	if (app == YES && name == YES)
		first(&t->misdirected, i);
	else
		first(app == YES ? &t->other_name : &t->other_app, i);
	t->strict += p->profiles[s->profile].on_mismatch != ACTION_ALERT;
}

static void tally_member(const struct policy *p, struct tally *t, uint32_t i, const struct facts *f)
{
	const struct statement *s = &p->statements[i];

	if (!policy_live(p, s, f->now)) {
		if (s->type != STATEMENT_DENY)
			first(&t->ended, i);
		return;
	}
	enum match app = match_application(p, s, f), name = match_name(p, s, f);

	if (app != NO && s->names.count && !f->name_final)
		t->fixed = false;
	if (s->type == STATEMENT_DENY)
		tally_deny(t, i, app < name ? app : name);
	else
		tally_permit(p, t, i, app, name, direction_kept(p, s, f));
}

static struct decision deny(enum policy_reason reason, uint32_t statement, bool final)
{
	return (struct decision){
		.verdict = VERDICT_DENY,
		.reason = (uint8_t)reason,
		.final = final,
		.statement = statement,
	};
}

/* No permit can match any more: the miss that says most, nearest to a match first. */
static struct decision missed(const struct tally *t)
{
	struct decision d;

	if (t->misdirected != POLICY_NONE)
		d = deny(REASON_DIRECTION, t->misdirected, t->fixed);
	else if (t->other_name != POLICY_NONE)
		d = deny(REASON_NAME, t->other_name, t->fixed);
	else if (t->other_app != POLICY_NONE)
		d = deny(REASON_APPLICATION, t->other_app, t->fixed);
	else if (t->ended != POLICY_NONE)
		return deny(REASON_ENDED, t->ended, true);
	else
		return deny(REASON_NOT_PERMITTED, POLICY_NONE, true);
	d.alert_only = t->strict == 0;
	return d;
}

static struct decision read_off(const struct tally *t)
{
	struct decision d = { .verdict = VERDICT_MORE, .statement = POLICY_NONE };

	if (t->denied != POLICY_NONE)
		return deny(REASON_DENIED, t->denied, t->fixed);
	uint32_t passing = t->satisfied != POLICY_NONE ? t->satisfied : t->crossing;

	if (passing != POLICY_NONE) {
		d.verdict = VERDICT_PASS;
		d.statement = passing;
		d.final = t->opens == 0 && t->doubts == 0 && t->fixed;
		return d;
	}
	if (t->opens == 0)
		return missed(t);
	if (t->opens == 1)
		d.statement = t->open;
	return d;
}

struct decision policy_decide(const struct policy *p, uint32_t class, const struct facts *f)
{
	struct tally t = {
		.denied = POLICY_NONE,
		.satisfied = POLICY_NONE,
		.crossing = POLICY_NONE,
		.misdirected = POLICY_NONE,
		.other_name = POLICY_NONE,
		.other_app = POLICY_NONE,
		.ended = POLICY_NONE,
		.open = POLICY_NONE,
		.fixed = true,
	};

	if (class == POLICY_NONE)
		return deny(REASON_NOT_PERMITTED, POLICY_NONE, true);
	struct span members = p->classes[class].members;

	for (uint32_t i = members.first; i < members.first + members.count; i++)
		tally_member(p, &t, p->refs[i], f);
	return read_off(&t);
}
