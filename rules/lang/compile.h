/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compile: step 4 of a rule's way: statements -> boxes and classes.
 *
 * For each pair of zones the statements that speak of it cut the space (service, destination, source)
 * into boxes; in each box one set of statements can apply, and that set is a class. A sweep over services,
 * inside it over destinations, inside it over sources meets only what is active, and joins neighbours
 * that came out the same.
 */
#ifndef RULES_LANG_COMPILE_H
#define RULES_LANG_COMPILE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/lang/unit.h"
#include "rules/policy.h"
#include "rules/sha256.h"

#define COMPILE_WORK_MAX ((uint64_t)100000000)	/* statements looked at in boxes; beyond, the policy is refused */

struct service_range {		/* on the axis of its kind of box: protocol << 16 | port or type */
	uint32_t lo, hi;
	uint32_t kind;		/* enum box_kind */
};

struct part {			/* what one statement says of one pair of zones */
	uint32_t statement;
	uint32_t pair;
	struct span src, dst;	/* of struct compile nets; sorted, joined */
	struct span services;	/* of struct compile services; sorted by kind and lo, joined */
};

struct class_set {		/* the members of a class while classes are made */
	uint32_t *members;	/* arena; ascending */
	uint32_t count;
	bool box_end;
};

struct compile {
	struct unit *u;
	struct part *parts;			/* arena; by pair, then statement */
	uint32_t parts_count;
	struct ip_range *nets;			/* arena */
	uint32_t nets_count;
	struct service_range *services;		/* arena */
	uint32_t services_count;
	struct class_set *sets;			/* arena; of each class of the draft */
	uint32_t sets_count;
	uint32_t *sets_table;			/* arena; open hash table: class + 1; 0 empty */
	uint32_t sets_size;
	uint64_t *cells;			/* arena; per statement: boxes it took part in */
	bool *disagreed, *undistinguished;	/* arena; per statement: said already */
	uint64_t work;
	bool refused;				/* a limit was passed and reported */
};

/* compile_unit - fill classes, boxes and pairs of the draft; only after a check without errors */
void compile_unit(struct unit *u);

/* compile_parts - what each statement says of each pair (compile_parts.c) */
void compile_parts(struct compile *c);

/* compile_pair - the boxes of one pair (compile_boxes.c) */
void compile_pair(struct compile *c, uint32_t pair, const struct part *parts, uint32_t count);

/**
 * compile_class - the class of a set of statements (compile_classes.c)
 * @active: the statements that cover the box, in any order; reordered
 * @box: where, for messages
 * Return: its index, or POLICY_NONE when nothing applies
 */
uint32_t compile_class(struct compile *c, uint32_t *active, uint32_t count, const struct box *box, bool box_end);

/* compile_overlap - report what permits of one box may not differ in (compile_overlap.c) */
void compile_overlap(struct compile *c, const uint32_t *members, uint32_t count, const struct box *box);

/* compile_meanings - hash of everything that decides, for each class (compile_meaning.c) */
void compile_meanings(struct compile *c);

#endif
