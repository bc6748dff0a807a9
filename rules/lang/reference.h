/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reference: the schema as a person reads it: on a terminal, and as the manual page has it.
 */
#ifndef RULES_LANG_REFERENCE_H
#define RULES_LANG_REFERENCE_H

#include "rules/diag.h"
#include "rules/lang/schema.h"

struct text;

void reference_overview(enum diag_language language, struct text *out);	/* the grammar, and the kinds */
void reference_kind(const struct schema *kind, enum diag_language language, struct text *out);

/* reference_mdoc - all kinds as the list that stands in sekimori.rules.5 */
void reference_mdoc(struct text *out);

#endif
