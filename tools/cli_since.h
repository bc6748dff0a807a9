/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_since: "from then on": a date or time in Japan, or how long ago: 10m, 2h, 14d.
 */
#ifndef TOOLS_CLI_SINCE_H
#define TOOLS_CLI_SINCE_H

#include <stdbool.h>
#include <stdint.h>

struct cli;

/**
 * cli_since - --name as seconds since 1970
 * @now: what "ago" counts from
 * @out: untouched where the option was not given
 * Return: false after a usage error was printed.
 */
bool cli_since(const struct cli *c, const char *name, int64_t now, int64_t *out);

#endif
