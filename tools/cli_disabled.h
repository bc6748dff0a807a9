/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_disabled: the permit that would have allowed a conversation, had nobody disabled it.
 */
#ifndef TOOLS_CLI_DISABLED_H
#define TOOLS_CLI_DISABLED_H

#include "rules/policy.h"

/* cli_disabled - by addresses and service; NULL there is none */
const struct statement *cli_disabled(const struct policy *p, const struct tuple *t);

#endif
