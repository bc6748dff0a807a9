/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * space: sets of packets between one pair of zones, exactly, over compressed coordinates.
 *
 * Each field is an axis of numbers. Whoever speaks of a range of it cuts the axis at its two ends; then
 * the pieces between cuts ("classes") are numbered, and sets are decision diagrams over the numbers.
 * Two packets in the same classes are told apart by nobody, so what holds for all vectors of classes
 * holds for all packets, and the reverse. An axis that nobody cuts takes no variable at all: fields may
 * be added to the table freely, and an IPv6 address costs no more than an IPv4 one.
 *
 * Zones and hook are not among the fields: a pair of zones (one may be the box: input, output) is a
 * space of its own, smaller and faster than a slice of a common one. The family is not either: an
 * address says it by its place on the axis. What has no port has port 0, ICMP has its type there.
 *
 * What reads a kernel's ruleset back has other fields, as many as the rules test: it begins with none
 * and adds its own. Some of those are tested bit by bit (marks, flags): such a field is "whole", each of
 * its bits is a variable and nothing is cut.
 *
 * Use: space_reset, space_cut as often as needed, space_freeze, then sets.
 */
#ifndef RULES_PROVE_SPACE_H
#define RULES_PROVE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/ip.h"
#include "rules/prove/bdd.h"

/* X(NAME, largest value) in the order of the variables, which matters: measured, addresses before
 * protocol and port cost 3.7 times the nodes. */
#define SPACE_FIELDS(X) \
	X(STATE, 7)		/* of conntrack: new, established each way, related each way, invalid, untracked */ \
	X(PROTOCOL, 255) \
	X(PORT, 65535)		/* the answering side's; ICMP: the type */ \
	X(DST, IP_MAX) \
	X(SRC, IP_MAX) \
	X(SPORT, 65535) \
	X(FLAGS, 255)		/* of TCP */ \
	X(MAC, ((ip_t)1 << 48) - 1)

#define SPACE_FIELD_(N, max) SPACE_##N,
enum space_field { SPACE_FIELDS(SPACE_FIELD_) SPACE_FIELD_COUNT };

struct space;

struct space *space_new(uint32_t node_max);	/* with the fields above; NULL for no memory */
struct space *space_new_bare(uint32_t node_max);	/* with none */
void space_free(struct space *s);
void space_reset(struct space *s);	/* the fields stay, uncut */

/**
 * space_add - one more field, after those there are
 * @max: largest value; of a whole field 2^n - 1, n <= 32
 * Return: its number, which stands for an enum space_field; UINT32_MAX: no memory, and the space failed.
 */
uint32_t space_add(struct space *s, ip_t max, bool whole);

/* space_bit - packets in which a bit of a whole field (0 the least significant) is 1; after space_freeze */
bdd_t space_bit(struct space *s, uint32_t f, uint32_t bit);

/* space_failed - out of nodes or memory: nothing may be concluded from any set of this space */
bool space_failed(const struct space *s);
struct bdd *space_bdd(struct space *s);

void space_cut(struct space *s, uint32_t f, struct ip_range r);
void space_freeze(struct space *s);
uint32_t space_bits(const struct space *s);	/* variables of all axes */

/**
 * space_range, space_set - packets whose field lies in a range, or in one of n ascending disjoint ranges
 * @in: what is asked of the fields after this one; BDD_TRUE: nothing
 * Every end must have been cut.
 */
bdd_t space_range(struct space *s, uint32_t f, struct ip_range r, bdd_t in);
bdd_t space_set(struct space *s, uint32_t f, const struct ip_range *r, uint32_t n, bdd_t in);

struct space_case {
	struct ip_range range;
	bdd_t then;		/* over the fields after this one */
};

/* space_switch - each range with a set of its own; ascending, disjoint; what no case names is empty */
bdd_t space_switch(struct space *s, uint32_t f, const struct space_case *cases, uint32_t n);

/* space_forget - the set with one field forgotten */
bdd_t space_forget(struct space *s, bdd_t set, uint32_t f);

/* One piece of a field and what is left of the set there. */
struct space_part {
	struct ip_range range;
	bdd_t then;		/* never BDD_FALSE */
};

/**
 * space_parts - a set taken apart at a field, which is no whole one
 * @set: over this field and those after it
 * @parts: borrowed until the next call with this field; ascending, neighbours differ in `then`
 * Return: their number; 0 also when the space failed.
 */
uint32_t space_parts(struct space *s, bdd_t set, uint32_t f, const struct space_part **parts);

/* How many packets, counted over some of the fields. */
struct space_count {
	unsigned __int128 exact;	/* of no use when more */
	bool more;			/* 2^128 and beyond */
	long double about;
};

/* space_size - @fields: bit per field that counts; the set must not depend on any other */
struct space_count space_size(struct space *s, bdd_t set, uint32_t fields);

struct space_point {
	ip_t at[SPACE_FIELD_COUNT];
};

/* space_holds - @at: a value of each field of the space */
bool space_holds(const struct space *s, bdd_t set, const ip_t *at);

/* How readable a packet with this class of a field would be: the higher, the better. pick() chooses *at in it. */
struct space_taste {
	unsigned int (*pick)(const void *ctx, uint32_t f, struct ip_range r, ip_t *at);	/* never asked of whole fields */
	const void *ctx;
	unsigned int best;	/* nothing is better: the search may stop */
};

/* space_witness - a packet of the set, the most readable field by field. Return: false when it is empty. */
bool space_witness(struct space *s, bdd_t set, struct space_taste taste, ip_t *at);

#endif
