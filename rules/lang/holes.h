/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * holes: @name@ in a preset is replaced by what `value name ...;` says, wherever that stands.
 */
#ifndef RULES_LANG_HOLES_H
#define RULES_LANG_HOLES_H

#include "rules/lang/unit.h"

struct text;

#define HOLES_ITEMS_MAX 1000000u	/* items that all replacements may make */

/* holes_fill - in all blocks; what is not filled, not used or given twice is reported */
void holes_fill(struct unit *u);

/* holes_write_items - a list of items as it is written */
void holes_write_items(const struct item *items, struct text *out);

#endif
