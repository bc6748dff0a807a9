/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk: all packets at once through the base chains of a hook, and what becomes of them.
 *
 * A state is a set of packets that stand at one place with the same marks; marks are rows of bits over
 * the packet's variables (packet.h), so "class of the conversation, plus a flag" stays one state. Where a
 * rule may do one thing or the other (a limit, a set that packets fill, what is not understood), both
 * happen: an outcome holds every packet that may meet it. Outcomes that do not overlap are therefore
 * what must happen.
 */
#ifndef RULES_KERNEL_READBACK_WALK_H
#define RULES_KERNEL_READBACK_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/kernel/readback/packet.h"
#include "rules/kernel/readback/ruleset.h"

enum outcome_kind { OUTCOME_DROP, OUTCOME_ACCEPT, OUTCOME_QUEUE, OUTCOME_UNKNOWN };

struct outcome {
	bdd_t when;
	uint8_t kind;			/* enum outcome_kind */
	bool bypass;			/* QUEUE: passes on when nobody listens */
	bool offload;			/* ACCEPT: its conversation may have entered a flowtable */
	uint32_t queue;
	uint32_t mark, ctmark;		/* values of the walk; of DROP and UNKNOWN 0 */
	uint32_t rule, chain;		/* that decided it, one of several */
};

struct outcomes {
	struct outcome *at;		/* owned */
	uint32_t count, room;
	bool failed;			/* no memory */
};

/* What there is to say beside outcomes. */
struct walk_calls {
	void *ctx;
	void (*unknown)(void *ctx, uint32_t rule, const char *what);	/* not understood */
};

struct value {
	bdd_t bit[32];			/* the most significant first */
};

struct walk;

enum walk_elements { WALK_TIMED, WALK_ENDED };	/* elements with an end are there, or are gone */

struct walk *walk_new(const struct ruleset *r, struct packet *k, struct walk_calls calls);
void walk_free(struct walk *w);

/* walk_begin - after packet_begin: another family, other elements; forgets every value */
void walk_begin(struct walk *w, enum walk_elements e);

/* walk_value - a row of bits by number, the same for the same bits; walk_bits - the bits of a number */
uint32_t walk_value(struct walk *w, const bdd_t bits[static 32]);
const struct value *walk_bits(const struct walk *w, uint32_t value);
uint32_t walk_field(struct walk *w, enum packet_field mark);	/* PACKET_MARK or PACKET_CTMARK as it came */
uint32_t walk_number(struct walk *w, uint32_t fixed);

#define WALK_HOOK_CHAINS 64u

/* A hook's base chains of one family, as packets meet them. */
struct walk_hook {
	uint32_t chains[WALK_HOOK_CHAINS];
	uint32_t count;
	bool more;			/* than there is room for: nothing is known */
};

void walk_hook(const struct ruleset *r, bool v6, uint32_t hook, struct walk_hook *out);

/**
 * walk_run - from one base chain of a hook on
 * @when: which packets, with which marks (values)
 * @queue_chain: the base chain (index in hook->chains) that queued last; untouched when none did
 * Outcomes are joined by everything but rule and chain. Return: false: no memory, no nodes, or too many
 * steps: nothing is known.
 */
bool walk_run(struct walk *w, const struct walk_hook *hook, uint32_t from, bdd_t when, uint32_t mark, uint32_t ctmark,
	      struct outcomes *out, uint32_t *queue_chain);

/* walk_trace - from now on until walk_begin, outcomes name the very rule */
void walk_trace(struct walk *w);

/* walk_set - packets whose address is in a set of our table, by name; BDD_FALSE when there is none */
bdd_t walk_set(struct walk *w, const char *name, enum packet_field address);

/* outcomes_add, outcomes_join - also for those that are wanted */
void outcomes_add(struct outcomes *o, struct outcome x);
void outcomes_join(struct bdd *b, struct outcomes *o);
void outcomes_done(struct outcomes *o);
int outcome_compare(const struct outcome *a, const struct outcome *b);	/* all but when, rule, chain */

#endif
