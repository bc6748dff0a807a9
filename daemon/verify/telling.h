/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * telling: the events of a verifier, in both languages: who changed what, and whether the policy survives it.
 */
#ifndef DAEMON_VERIFY_TELLING_H
#define DAEMON_VERIFY_TELLING_H

#include <stdint.h>

#include "daemon/kernel/dump.h"
#include "daemon/record/event.h"

struct changes;
struct culprits;
struct judgement;

struct telling {
	struct event_sink sink;
	const struct culprits *culprits;	/* borrowed */
	uint32_t generation;		/* of the record at hand */
	const char *policy;		/* borrowed; hash of the one in force, or NULL */
};

/* Severity 1; 2 when it is proved that the policy holds all the same. */
void telling_foreign(const struct telling *t, const struct changes *c, const struct judgement *j);

/* What nobody announced: severity 2; 1 when it is refuted that the policy holds. */
void telling_setting(const struct telling *t, const struct changes *c, const struct judgement *j);

/* The kernel held against the policy, without a change at hand: 1 refuted, 2 not known, 3 all is well again. */
void telling_judgement(const struct telling *t, const struct judgement *j);

void telling_unread(const struct telling *t, const char why[2][DUMP_WHY]);

#endif
