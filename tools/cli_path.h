/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_path: the way of one packet through the kernel's ruleset: as the policy is compiled to it, and as the running
 * kernel's own maps answer.
 */
#ifndef TOOLS_CLI_PATH_H
#define TOOLS_CLI_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct cli;
struct json;

#define PATH_NAME 96

struct cli_path {			/* names as the ruleset has them, without the number of the apply */
	char entry[PATH_NAME];		/* base chain and the map it asks: "forward, pair" */
	char chain[PATH_NAME];		/* of the pair: "p_kikan_lgwan" */
	char map[PATH_NAME];		/* that names the class: "h4_kikan_lgwan" */
	const char *classes;		/* "class", or "class_box" with the appliance itself */
	char target[PATH_NAME];		/* where class_N leads at first: "q_closed", "accept" */
	char queues[PATH_NAME];		/* "queues 0 and up"; "" none */
};

/* cli_path_of - of a packet of a box */
void cli_path_of(const struct policy *p, uint32_t from, uint32_t to, const struct box *b, struct cli_path *out);

enum cli_kernel_state {
	CLI_KERNEL_FOUND,		/* its maps name a class for the packet */
	CLI_KERNEL_REFUSED,		/* none of its maps has the packet: default deny */
	CLI_KERNEL_EMPTY,		/* the table is there, no policy is in force */
	CLI_KERNEL_NONE,		/* there is no table of ours */
	CLI_KERNEL_UNREADABLE,		/* not allowed, or no nft */
};

struct cli_kernel {
	uint8_t state;			/* enum cli_kernel_state */
	int error;			/* of CLI_KERNEL_UNREADABLE */
	uint32_t apply;			/* number of the apply in force */
	uint32_t class;			/* the kernel's number */
	char map[PATH_NAME];		/* that had it, with its number */
	char classes[PATH_NAME];	/* that says what a class means, with its number */
	char action[PATH_NAME];		/* what class_N says of a first packet: "goto q_closed_7" */
};

/**
 * cli_kernel_ask - the running kernel's maps, through nft; nothing is changed
 * Only our own maps are asked: what comes before them (isolation, other tables, devices) may still stop a packet.
 */
void cli_kernel_ask(const struct policy *p, uint32_t from, uint32_t to, const struct tuple *t, struct cli_kernel *out);

/* cli_kernel_agrees - whether the kernel does with a first packet what the policy says of its class (POLICY_NONE: none) */
bool cli_kernel_agrees(const struct policy *p, uint32_t class, bool live, const struct cli_kernel *k);

#endif
