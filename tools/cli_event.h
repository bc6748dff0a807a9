/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_event: one line of eve.json: does it match, and how does it read for a person.
 */
#ifndef TOOLS_CLI_EVENT_H
#define TOOLS_CLI_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/diag.h"
#include "tools/cli_json.h"

struct text;

struct cli_event_filter {	/* NULL or 0: any */
	const char *type;	/* event_type; NULL: alert, "all": any */
	const char *zone;	/* from or to */
	const char *detector;
	const char *host;	/* address at either end, or name of the terminal */
	unsigned int severity;	/* alerts of this severity and more severe ones */
	int64_t since, until;	/* seconds since 1970; until 0: open */
};

/* cli_event_time - of a parsed line, seconds since 1970; 0 unknown */
int64_t cli_event_time(const struct cli_json *j);
bool cli_event_matches(const struct cli_json *j, const struct cli_event_filter *f);

/* cli_event_line - append the event as one line without newline */
void cli_event_line(const struct cli_json *j, struct diag_style style, struct text *out);

#endif
