/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lane: what one policy says of conversations opened from one zone toward another, as sets of packets.
 *
 * The sets come from the statements' own words: endpoints, services, denies. The boxes that the
 * compiler made are not looked at here; compiled.h compares the two.
 *
 * A lane is loaded (numbers only), cuts its space, and after the space is frozen builds its sets.
 */
#ifndef RULES_PROVE_LANE_H
#define RULES_PROVE_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"
#include "rules/prove/ranges.h"
#include "rules/prove/space.h"

struct text;

/* Which statements have an end in which pair of zones. */
struct lane_index {
	uint32_t *first;	/* owned; zones * zones + 1 offsets into statements */
	uint32_t *statements;	/* owned; ascending for each pair */
};

int lane_index_init(struct lane_index *x, const struct policy *p);	/* 0 or -ENOMEM */
void lane_index_done(struct lane_index *x);
struct span lane_index_of(const struct lane_index *x, const struct policy *p, uint32_t from, uint32_t to);

struct lane_service {
	uint8_t protocol, protocol_hi;
	uint16_t lo, hi;	/* ports or types; 0..0 where neither */
	uint8_t family;		/* 4 or 6: ICMP; 0 both */
	uint8_t pad;
};

/* One statement between the two zones. */
struct lane_item {
	uint32_t statement;	/* index in the policy */
	struct span src, dst;	/* of ranges.at; inside the zone, ascending */
	struct span services;	/* of services; ascending, disjoint */
	bool ended;		/* its last day is past: nothing of it passes any more */
	bdd_t named;		/* what it names */
	bdd_t effective;	/* what of it takes effect: no deny takes it away, and for a crossing no permit
				 * has it already; of a deny all that it names */
};

struct lane {
	const struct policy *p;	/* borrowed */
	uint32_t from, to;
	struct lane_item *items;	/* owned; ascending by statement */
	uint32_t count, room;
	uint32_t *places;		/* owned; of each statement of the policy: its item, if that is it */
	uint32_t places_room;
	struct ranges ranges;
	struct lane_service *services;	/* owned */
	uint32_t services_count, services_room;
	bdd_t denied;		/* what denies without further condition take away */
	bdd_t granted;		/* what permits name and no such deny takes, ended permits too */
	bdd_t permitted;	/* what can pass, by any permit or crossing or inside the zone */
	struct lane_item whole;	/* all of the zone, when it is `inside permit`; its statement is POLICY_NONE */
	bdd_t inside;		/* what passes for that reason only */
	bool ended;		/* any item is */
	bool failed;		/* no memory */
};

void lane_done(struct lane *l);

/**
 * lane_load - the statements of a pair
 * @from, @to: zones; POLICY_NONE: the policy knows no such zone and says nothing
 * @now: seconds since 1970; 0: nothing has ended
 */
void lane_load(struct lane *l, const struct policy *p, const struct lane_index *x, uint32_t from, uint32_t to,
	       int64_t now);
void lane_cut(const struct lane *l, struct space *s);
void lane_build(struct lane *l, struct space *s);

/* lane_key, lane_item_key - the numbers of a lane, or of one item, as bytes; without the terms of statements */
void lane_key(const struct lane *l, struct text *out);
void lane_item_key(const struct lane *l, uint32_t item, struct text *out);

/* lane_place - the item of a statement; POLICY_NONE when it has no end in this pair */
uint32_t lane_place(const struct lane *l, uint32_t statement);

/* lane_is_plain - a deny that takes away whatever the application, the name and the hour */
bool lane_is_plain(const struct statement *s);

/* lane_bounds - the networks of a zone, of the box: all addresses; ascending */
void lane_bounds(const struct policy *p, uint32_t zone, struct ranges *out);

/* lane_ends - append the addresses that endpoints of a span mean in one zone, sorted among themselves */
void lane_ends(const struct policy *p, struct span ends, uint32_t zone, struct ranges *out);

/* lane_services - what services mean; appended to the lane's, disjoint and ascending */
struct span lane_services(struct lane *l, struct span services);

/* lane_size - how many conversations a set of this lane is: addresses, protocol and port; the box itself
 * counts as one address */
struct space_count lane_size(const struct lane *l, struct space *s, bdd_t set);

/* lane_product - conversations from src to dst by these services, each family by itself */
bdd_t lane_product(const struct lane *l, struct space *s, const struct lane_item *i);

#endif
