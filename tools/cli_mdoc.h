/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_mdoc: the table of verbs as it stands in sekimori.1.
 */
#ifndef TOOLS_CLI_MDOC_H
#define TOOLS_CLI_MDOC_H

struct text;

void cli_mdoc(struct text *out);

#endif
