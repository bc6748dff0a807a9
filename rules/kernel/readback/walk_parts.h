/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk_parts: what the files of walk share: a rule at work on one state.
 */
#ifndef RULES_KERNEL_READBACK_WALK_PARTS_H
#define RULES_KERNEL_READBACK_WALK_PARTS_H

#include "rules/kernel/readback/walk.h"

#define WORD_BITS 32u
#define REGISTER_BITS (EXPR_REGISTERS * WORD_BITS)

struct state {
	bdd_t when;
	uint32_t mark, ctmark;	/* values */
	bool offload;
	uint32_t chain, rule;	/* that accepted it first; RULESET_NONE */
};

struct states {
	struct state *at;	/* owned */
	uint32_t count, room;
};

struct call {			/* jump or goto that states make together */
	uint32_t chain;
	bool go;
	struct state state;
};

/* A rule at work. Where it ends for some of the packets, they go to one of the lists. */
struct work {
	struct walk *w;
	struct states *next;	/* on to the next rule */
	struct states *back;	/* back to the caller */
	struct call *calls;	/* owned */
	uint32_t calls_count, calls_room;
	uint32_t chain, rule;
};

/* ... on one state. */
struct frame {
	struct work *k;
	struct state s;
	uint32_t expr;		/* at hand */
	bdd_t reg[REGISTER_BITS];
};

/* Packets in `when` end the rule here, without effect; the others go on. Return: whether there are others. */
bool frame_test(struct frame *f, bdd_t passes);

/* It may end here, or go on. */
void frame_chance(struct frame *f);

/* Nobody knows what it does: anything may become of the packets. Return: false */
bool frame_unknown(struct frame *f, const char *what);

/* frame_verdict - NF_* or NFT_*; Return: false */
bool frame_verdict(struct frame *f, int32_t verdict, uint32_t chain);
bool frame_queue(struct frame *f, uint32_t queue, bool bypass);

/* frame_from - the rest of the rule on a state that parted from this one (a map gave it an answer) */
void frame_from(const struct frame *f, bdd_t when, uint32_t word, const uint8_t *answer, uint32_t n);

/* frame_part - the same of those that this expression does nothing to */
void frame_part(const struct frame *f, bdd_t when);

/* Registers: bits of memory, byte by byte as the kernel compares them. */
bdd_t *frame_reg(struct frame *f, uint32_t word, uint32_t bytes);	/* NULL: beyond the last one */
void frame_load(struct frame *f, uint32_t word, const bdd_t *bits, uint32_t n);	/* the last word is filled with zeros */
void frame_load_host(struct frame *f, uint32_t word, const bdd_t *bits, uint32_t n);	/* a number in host order */

/* bits of a number as it stands in memory: host order <-> most significant first */
void host_order(const bdd_t *in, uint32_t n, bdd_t *out);

struct packet *frame_packet(const struct frame *f);
struct walk *frame_walk(const struct frame *f);
const struct ruleset *walk_rules(const struct walk *w);
struct sets *walk_sets(const struct walk *w);

/* walk_expr - one expression. Return: whether the rule goes on with frame f */
bool walk_expr(struct frame *f, const struct expr *e);
bool walk_load(struct frame *f, const struct expr *e);		/* meta, ct, payload, hash: into a register */
bool walk_target(struct frame *f, const struct expr *e);	/* of iptables-nft */

#endif
