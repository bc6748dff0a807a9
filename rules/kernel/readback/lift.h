/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lift: rules without registers. What an expression reads from a register is followed back to the field
 * of the packet, the mark or the answer of a map that was loaded there; so each rule becomes a list of
 * steps that speak of fields. What is not understood stays visible as STEP_UNKNOWN.
 *
 * Traps that this file knows (each has a test): fewer bytes than a name has are a beginning; two fields
 * that stand beside each other are loaded and compared as one; a byte swapped as two is not swapped; a
 * queue may be an immediate verdict; the targets of iptables-nft are decoded from their own structs.
 */
#ifndef RULES_KERNEL_READBACK_LIFT_H
#define RULES_KERNEL_READBACK_LIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/kernel/readback/field.h"
#include "rules/kernel/readback/ruleset.h"

struct links;

#define OPERAND_BYTES 16u

enum operand_kind {
	OPERAND_CONST,
	OPERAND_FIELD,
	OPERAND_MARK,		/* of the packet, as it is by then */
	OPERAND_CTMARK,		/* of the conversation, as it is by then */
	OPERAND_ANSWER,		/* what the map of an earlier step of the rule answered */
};

/* How the values of NAMED fields stand in a register. */
enum view { VIEW_NAME, VIEW_INDEX, VIEW_TYPE, VIEW_NFPROTO, VIEW_ETHERTYPE, VIEW_STATE, VIEW_NUMBER };

/* Bytes of a register: byte i = (byte first + i of the value & mask[i]) ^ xor[i]. */
struct operand {
	uint8_t kind;		/* enum operand_kind */
	uint8_t view;		/* enum view */
	uint8_t first, len;
	bool little;		/* the value's least significant byte comes first */
	bool v4;		/* of an address field: the four bytes of IPv4 */
	uint32_t field;		/* OPERAND_ANSWER: the step */
	uint8_t mask[OPERAND_BYTES], xor[OPERAND_BYTES];	/* OPERAND_CONST: mask is 0 */
};

struct part {			/* the register's bytes, compared as memcmp does, are from lo to hi */
	struct operand operand;
	uint8_t lo[OPERAND_BYTES], hi[OPERAND_BYTES];
};

/* What a ruleset may do beside letting packets pass or not. */
#define ACTS(X) X(NOTRACK) X(NAT) X(HELPER) X(EXPECT) X(ZONE) X(REWRITE) X(DIVERT)
#define ACT_(N) ACT_##N,
enum act { ACTS(ACT_) ACT_COUNT };

enum step_kind {
	STEP_TEST,		/* goes on when all parts hold; negated: when not all do */
	STEP_LOOKUP,		/* goes on when the set has the key; negated: when not. A data map also answers */
	STEP_VERDICTS,		/* a verdict map decides */
	STEP_CHANCE,		/* goes on or not */
	STEP_ONCE,		/* what follows is drawn anew each time: nothing is known when it is met twice */
	STEP_TRACKED,		/* goes on when the packet belongs to a conversation */
	STEP_MARK,		/* the packet's mark becomes the operand */
	STEP_CTMARK,
	STEP_VERDICT,
	STEP_QUEUE,
	STEP_REJECT,
	STEP_OFFLOAD,
	STEP_COUNT,		/* a named counter */
	STEP_ACT,		/* does it, and goes on */
	STEP_UNKNOWN,
};

struct step {
	uint8_t kind;		/* enum step_kind */
	bool negate, bypass;
	uint8_t act;		/* enum act */
	uint32_t first, count;	/* STEP_TEST: of parts; others: of operands */
	uint32_t set;		/* of the ruleset */
	uint32_t field;		/* STEP_CHANCE */
	int32_t verdict;	/* NF_*, NFT_* */
	uint32_t chain;		/* of jump and goto */
	uint32_t number, total;	/* STEP_QUEUE without operand: the queues; STEP_REJECT: type, code */
	const char *name;	/* STEP_COUNT */
	uint32_t expr;		/* where it comes from */
};

struct lifted_rule {
	uint32_t first, count;	/* of steps */
};

struct lift {
	const struct ruleset *r;	/* borrowed */
	struct fields *fields;	/* borrowed */
	struct links *links;	/* borrowed */
	struct lifted_rule *rules;	/* owned; as the ruleset's */
	struct step *steps;	/* owned, as all below */
	struct part *parts;
	struct operand *operands;
	uint32_t steps_count, steps_room, parts_count, parts_room, operands_count, operands_room;
	bool failed;		/* no memory */
};

/* lift_ruleset - every rule of the families inet, ip and ip6; asks for the fields and links they need.
 * Return: 0 or -ENOMEM; lift_done in any case */
int lift_ruleset(struct lift *l, const struct ruleset *r, struct fields *fields, struct links *links);
void lift_done(struct lift *l);

/* lift_is_read - whether chains of a table are lifted */
bool lift_is_read(const struct ruleset *r, uint32_t table);

/* lift_part_fits - whether a field as it is known can tell if an operand lies in lo..hi; a NUMBER field may
 * become a BITS field for it */
bool lift_part_fits(struct fields *f, const struct operand *o, bool point);

#endif
