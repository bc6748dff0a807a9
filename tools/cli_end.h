/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_end: an end of a conversation and a service as a person names them on the command line.
 */
#ifndef TOOLS_CLI_END_H
#define TOOLS_CLI_END_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct cli;

#define CLI_END_RANGES_MAX 4096u

struct cli_end {
	uint32_t zone;
	struct ip_range ranges[CLI_END_RANGES_MAX];
	uint32_t count;
};

struct cli_service {
	struct port_range ranges[64];
	uint32_t count;
};

/* cli_end_of - the value of --option: an address, a network, or a name. Return: false after a message */
bool cli_end_of(const struct cli *c, const struct policy *p, const char *option, struct cli_end *end);

/* cli_end_is_point - whether it is one address */
bool cli_end_is_point(const struct cli_end *end);

/* cli_service_of - the value of --option, everything when it is left out. Return: as cli_end_of */
bool cli_service_of(const struct cli *c, const struct policy *p, const char *option, struct cli_service *s);

/* cli_service_touches - whether a box has any of it; the first port or type of both goes into t */
bool cli_service_touches(const struct cli_service *s, const struct box *b, struct tuple *t);

/* cli_service_text - "tcp 443", "icmp 8", "protocol 50" */
const char *cli_service_text(const struct tuple *t, uint8_t box_kind, char buf[static 64]);

#endif
