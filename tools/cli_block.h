/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_block: a new permit from the options of the command line, and from questions where somebody can answer them.
 */
#ifndef TOOLS_CLI_BLOCK_H
#define TOOLS_CLI_BLOCK_H

#include "tools/cli.h"

struct text;

/**
 * cli_block_permit - the text of a permit
 * @name: of the permit
 * Keys that every permit needs, or this kind of permit, are asked for on a terminal. Return: CLI_YES; CLI_NO a value that
 * cannot be one; CLI_CANNOT after a usage error: something is missing and there is nobody to ask.
 */
int cli_block_permit(const struct cli *c, const char *name, struct text *out);

#endif
