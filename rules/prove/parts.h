/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parts: the parts of a proof that look at all pairs of zones together, or at no packets at all.
 */
#ifndef RULES_PROVE_PARTS_H
#define RULES_PROVE_PARTS_H

#include "rules/prove/findings.h"
#include "rules/prove/gate.h"
#include "rules/prove/names.h"

/* What they share; filled by prove_policy() after the pairs. */
struct parts {
	const struct policy *p;
	const struct names *names;
	const struct lane_index *index;
	struct gate_result **results;		/* of each pair; NULL: nothing may pass there */
	struct space *space;			/* for another look at a pair */
	int64_t now;
	struct findings *findings;
	uint32_t claims;
	uint32_t relays_accepted;
	bool unknown;				/* out of nodes or memory */
};

void parts_relays(struct parts *x);		/* rule 3 (relays.c) */

/* relays_cut, relays_ignore - what joins nobody: time that the box itself asks for or answers (UDP 123) */
void relays_cut(struct space *s);
bdd_t relays_ignore(const struct lane *l, struct space *s);

void parts_classes(struct parts *x);		/* classes against their members, rule 5 (classes.c) */
void parts_zones(struct parts *x);		/* rule 2: no address in two zones (objects.c) */
void parts_objects(struct parts *x);		/* hosts, groups, sites, texts (objects.c) */

/* parts_acceptance - how the relay by this host was accepted, the longest when several say so; NULL: it was not */
const struct accept_risk *parts_acceptance(const struct policy *p, uint32_t host);

#endif
