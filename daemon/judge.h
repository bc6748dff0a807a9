/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judge: step 5 of 7, from what the policy says of a conversation so far to what is done about it.
 *
 * Pure. policy_decide() answers in the policy's own words (pass, deny, more); here the profile's answers to
 * what stayed unknown or unreadable come in, and whether anything is left to look at.
 */
#ifndef DAEMON_JUDGE_H
#define DAEMON_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct situation {
	const struct policy *policy;
	uint32_t class;			/* index, not POLICY_NONE */
	struct decision decision;
	bool app_known, name_known;
	bool exhausted;			/* nothing more will be found out, or no more bytes may pass */
	bool unreadable;		/* a reader met what it cannot read */
	bool midstream;			/* nobody saw it begin, and the profile lets that pass */
	bool watched;			/* something is left to look at, though it may pass */
	bool content;			/* its content is inspected as long as it lasts, whatever it is */
};

enum judged {
	JUDGED_WAIT,			/* this packet may pass, the next one comes again */
	JUDGED_LEAVE,			/* PASS: the conversation leaves the queue */
	JUDGED_DENY,
};

struct judgement {
	uint8_t what;			/* enum judged */
	uint8_t detector, reason;	/* enum event_detector, event_reason: of the denial or the alert */
	bool alert;			/* it passes, but tell */
	uint32_t statement;		/* concerned, or POLICY_NONE */
};

struct judgement judge(const struct situation *s);

/* judge_fail - what a fail condition's action (enum action) does: *alert says whether it is told */
enum judged judge_fail(uint8_t action, bool *alert);

#endif
