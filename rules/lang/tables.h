/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tables: which block has which name, and which index its record will have.
 *
 * Records are numbered by name, not by where they stand, so moving blocks about gives the same image.
 */
#ifndef RULES_LANG_TABLES_H
#define RULES_LANG_TABLES_H

#include <stdint.h>

#include "rules/lang/unit.h"

/* tables_build - sort the blocks into the unit's tables; bad and repeated names are reported */
void tables_build(struct unit *u);

enum unit_table tables_of(enum block_kind kind);

/* tables_find - the index of a name; POLICY_NONE when there is none */
uint32_t tables_find(const struct unit *u, enum unit_table table, const char *name);

/* tables_near - the name that a misspelt one most likely stands for; NULL when none is near */
const char *tables_near(const struct unit *u, enum unit_table table, const char *name);

#endif
