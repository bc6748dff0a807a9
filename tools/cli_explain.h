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
#include "tools/cli_path.h"

struct json;

#define FINDINGS_MAX 50u

struct explain_finding {		/* one class that the question touches */
	uint32_t class;
	const struct box *box;		/* borrowed; the first of its boxes */
	struct tuple example;		/* a conversation of the box and the question */
	struct cli_path path;
	struct cli_kernel kernel;	/* of the example; where the kernel was asked */
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
	bool ask_kernel;		/* also the running kernel */
	bool refused_asked;		/* nothing permits the one packet that was asked for: `refused` is the kernel's answer */
	struct tuple refused_tuple;
	struct cli_kernel refused;
};

/* explain_agrees - whether the running kernel agrees with every answer; true where it was not asked */
bool explain_agrees(const struct explain *q);

void explain_say(const struct explain *q);
void explain_json(const struct explain *q, struct json *j);

#endif
