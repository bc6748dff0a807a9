/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * boxes: a set of packets as few products "services x destinations x sources (x MAC addresses)", disjoint
 * and together exactly the set. The work is in proportion to what comes out.
 */
#ifndef RULES_PROVE_BOXES_H
#define RULES_PROVE_BOXES_H

#include "rules/policy.h"
#include "rules/prove/ranges.h"
#include "rules/prove/space.h"

struct box_service {
	uint8_t protocol, protocol_hi;
	uint16_t lo, hi;	/* ports or types; 0..0 where the protocols have neither */
};

struct box_set {
	struct span services;	/* of services */
	struct span dst, src;	/* of ranges */
	struct span macs;	/* of ranges; none: any */
};

struct boxes {
	struct box_set *at;		/* owned */
	uint32_t count, room;
	struct box_service *services;	/* owned */
	uint32_t services_count, services_room;
	struct ranges ranges;
	bool more;			/* a limit was reached: boxes are missing */
	bool failed;			/* no memory */
};

void boxes_done(struct boxes *b);
void boxes_clear(struct boxes *b);

/* boxes_add - append the boxes of a set until there are `limit` in all. Return: those that were appended. */
struct span boxes_add(struct boxes *b, struct space *s, bdd_t set, uint32_t limit);

#endif
