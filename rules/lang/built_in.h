/* SPDX-License-Identifier: GPL-3.0-or-later */
/* built_in: what every policy has without writing it; parsed like any other text. */
#ifndef RULES_LANG_BUILT_IN_H
#define RULES_LANG_BUILT_IN_H

extern const char built_in_text[];

#endif
