/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compact: lays texts and lists of a draft out anew, in the order of the records that own them.
 *
 * Reading leaves behind what was replaced (a site's networks before its file was read) and depends on the
 * order in which the text says things. Afterwards the same meaning gives the same bytes.
 */
#ifndef RULES_LANG_COMPACT_H
#define RULES_LANG_COMPACT_H

#include <stdint.h>

#include "rules/policy.h"

struct draft;

/* compact_draft - apps_now: for each application, by the index it had, the index it has now */
void compact_draft(struct draft *d, uint32_t apps_now[static POLICY_APPS_MAX]);

#endif
