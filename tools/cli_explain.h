/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_explain: what a policy says of the traffic between two ends: the question, and its answers in words
 * and as JSON. cmd_explain.c finds them.
 */
#ifndef TOOLS_CLI_EXPLAIN_H
#define TOOLS_CLI_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/cli.h"
#include "tools/cli_end.h"

struct json;

#define FINDINGS_MAX 50u

struct explain_finding {		/* one class that the question touches */
	uint32_t class;
	const struct box *box;		/* borrowed; the first of its boxes */
	struct tuple example;		/* a conversation of the box and the question */
};

struct explain {
	struct cli *c;			/* borrowed */
	const struct policy *p;		/* borrowed */
	struct cli_end from, to;
	struct cli_service service;
	int64_t at;			/* seconds since 1970 */
	struct explain_finding findings[FINDINGS_MAX];
	uint32_t count;
	bool more;			/* there are more than are kept */
};

void explain_say(const struct explain *q);
void explain_json(const struct explain *q, struct json *j);

#endif
