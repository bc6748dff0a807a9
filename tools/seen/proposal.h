/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proposal: permits that would cover what passed by a crossing alone.
 *
 *	entries (seen) that no permit covers -> one proposal for a server and service -> wider sources where many
 *	terminals do the same -> one proposal where servers, or services, share all else
 *
 * What no permit may cover, and what already alarms, becomes a remark. Nothing is proposed for what was refused.
 */
#ifndef TOOLS_SEEN_PROPOSAL_H
#define TOOLS_SEEN_PROPOSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct allowance;
struct inspect;
struct seen;
struct who;

#define PROPOSAL_NAMES 12u	/* more different names than that are no list any more */
#define PROPOSAL_SHOWN 5u	/* of terminals and names, as evidence */

struct proposal_end {
	ip_t address;
	uint64_t count;			/* conversations */
};

struct proposal_ends {			/* by address */
	struct proposal_end *at;	/* owned */
	uint32_t count, room;
	bool more;			/* not all are kept */
};

struct proposal_words {			/* texts of `seen`, or of nDPI; in order of first use */
	struct {
		const char *word;	/* borrowed */
		uint64_t count;
	} at[PROPOSAL_NAMES];
	uint32_t count, more;		/* more: different ones beyond */
	uint64_t without;		/* conversations that have none */
};

enum proposal_from { FROM_LIST, FROM_GROUP, FROM_ZONE };

enum proposal_why {			/* a remark's: why no permit is proposed */
	WHY_NONE,
	WHY_NO_ZONE,			/* an address lies in no zone */
	WHY_MODEL,			/* the model has no permit between these zones */
	WHY_DENIED,			/* an explicit deny covers it */
	WHY_ENDED,			/* a permit that has ended, or has not begun, covers it */
	WHY_DIRECTION,			/* it runs against the direction of a permit */
	WHY_NAMES,			/* a permit covers it but for its name, and there is none to name */
	WHY_ALARM,			/* a permit lets it pass with an alarm */
	WHY_UNCLEAR,			/* whether a permit covers it cannot be told from what was recorded */
};

struct proposal {
	uint8_t why;				/* enum proposal_why; WHY_NONE: a permit */
	uint32_t statement;			/* of a remark; POLICY_NONE */
	uint32_t from, to;			/* zones */
	const struct allowance *allowance;	/* of the model; NULL: any kind */
	uint8_t how;				/* enum proposal_from */
	uint32_t group;				/* FROM_GROUP */
	uint32_t profile;			/* of the policy; POLICY_NONE: the draft's own */
	bool ftp;
	struct proposal_ends src, dst;
	struct port_range ports[64];		/* ascending */
	uint32_t port_count;
	struct proposal_words applications, names;
	uint64_t count, bytes_up, bytes_down;
	int64_t first, last;
};

struct proposals {
	struct proposal *at;	/* owned */
	uint32_t count, room;
	bool no_memory;
};

/**
 * proposals_make
 * @p: without its crossings, as of its day (rehearsal_policy)
 * @seen: finished; each entry's tag as proposals_tag made it
 */
void proposals_make(const struct policy *p, struct seen *seen, struct inspect *in, const struct who *who,
		    struct proposals *out);
void proposals_done(struct proposals *s);

struct rehearsed_as;
uint32_t proposals_tag(const struct rehearsed_as *as);	/* 0: nothing to propose or remark */

/* proposal_names_told - whether every conversation had one of a few names, so that a permit can name them */
bool proposal_names_told(const struct proposal *p);

#endif
