/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rehearsal: what a policy would have made of a recorded conversation, decided as kernel and engine decide:
 * policy_classify(), policy_decide() and judge(), from the facts that the record has.
 *
 * Dates count as of one day, so that a policy that begins tomorrow can be rehearsed on last month; windows count
 * as of the beginning of the conversation. What was not recorded (network cards, how many bytes it took to
 * recognise the application) is taken to be as it should be. Where a missing fact decides, the answer is UNCLEAR.
 */
#ifndef TOOLS_SEEN_REHEARSAL_H
#define TOOLS_SEEN_REHEARSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct inspect;
struct rehearsal;
struct sighting;

enum rehearsed {
	REHEARSED_PASS,
	REHEARSED_ALARM,	/* it passes, with an alarm of another kind than that of a crossing */
	REHEARSED_CUT,
	REHEARSED_UNCLEAR,
	REHEARSED_FTP_DATA,	/* passes when its control connection does: ask rehearsal_ftp */
};

struct rehearsed_as {
	uint8_t what;		/* enum rehearsed */
	uint8_t reason;		/* enum event_reason, of a cut or an alarm */
	uint32_t statement;	/* concerned; POLICY_NONE none, or several could be */
	uint32_t class;		/* POLICY_NONE: no box covers it */
	uint32_t from, to;	/* zones; POLICY_NONE: the address is in none */
};

/**
 * rehearsal_new
 * @p: borrowed, with its hash
 * @in: borrowed; nDPI, for the names of applications
 * @day: seconds since 1970: dates as of then
 * @crossings: true: as written; false: as if no crossing were in force
 * Return: 0; -ENOMEM; -ENOENT and @why: an application that nDPI does not know.
 */
int rehearsal_new(const struct policy *p, struct inspect *in, int64_t day, bool crossings, struct rehearsal **out,
		  char why[static 160]);
void rehearsal_free(struct rehearsal *r);

/* rehearsal_policy - the policy with its dates settled; statements as in the one given */
const struct policy *rehearsal_policy(const struct rehearsal *r);

/* rehearsal_judge - one conversation. Control connections of FTP that pass are remembered for rehearsal_ftp. */
struct rehearsed_as rehearsal_judge(struct rehearsal *r, const struct sighting *s);

/* rehearsal_ftp - after all have been judged: whether a data connection of these two was announced */
bool rehearsal_ftp(const struct rehearsal *r, const struct tuple *t);

/* rehearsal_alike - whether two classes of two policies are inspected, and fail, in the same way */
bool rehearsal_alike(const struct policy *a, uint32_t class_a, const struct policy *b, uint32_t class_b);

#endif
