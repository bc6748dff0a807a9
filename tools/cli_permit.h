/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_permit: the permit text that would allow one refused conversation, in the names of the policy in force.
 */
#ifndef TOOLS_CLI_PERMIT_H
#define TOOLS_CLI_PERMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct text;

struct cli_wish {
	struct tuple tuple;
	const char *application;	/* as it was seen; "" unknown */
	const char *name;		/* as it was asked for; "" none */
};

enum cli_wish_answer {
	CLI_WISH_TEXT,			/* *out has the blocks to be added */
	CLI_WISH_NO_ZONE,		/* an end lies in no zone, or the policy does not know it */
	CLI_WISH_NEVER,			/* the model has no permit between these zones, whatever it says */
};

/* cli_permit - holes are written as ... for the administrator to fill */
enum cli_wish_answer cli_permit(const struct policy *p, const struct cli_wish *w, struct text *out);

#endif
