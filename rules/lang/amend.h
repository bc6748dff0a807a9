/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * amend: `amend NAME { key value; }` changes keys of the permit of that name, wherever the two stand.
 *
 *	permit konbini { ... until @until@; }		in a preset, which is not to be edited
 *	amend konbini { until 2028-03-31; }		in the town's own file
 *
 * It happens before holes are filled: what was replaced asks for nothing any more.
 */
#ifndef RULES_LANG_AMEND_H
#define RULES_LANG_AMEND_H

#include "rules/lang/unit.h"

/* amend_blocks - move the entries of amendments into their permits; what fits none is reported */
void amend_blocks(struct unit *u);

#endif
