/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_daemon: how verbs find the daemon and its files: by its settings, /etc/sekimori/sekimori.conf or the
 * file that the environment variable SEKIMORI_CONF names.
 */
#ifndef TOOLS_CLI_DAEMON_H
#define TOOLS_CLI_DAEMON_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "rules/policy.h"
#include "tools/cli.h"
#include "tools/cli_json.h"

/* cli_conf - the settings; defaults where there is no file. Return: CLI_YES, or CLI_CANNOT after it was printed */
int cli_conf(const struct cli *c, struct conf *conf);

/**
 * cli_ask - a verb whose answer is JSON
 * @text: owned by the caller afterwards (free); NULL unless CLI_YES
 * Return: CLI_YES; CLI_CANNOT after the reason was printed: nobody answers, not allowed, ...
 */
int cli_ask(const struct cli *c, enum ctl_verb verb, char **text);

struct cli_in_force {			/* the policy in force, from the supervisor */
	struct policy policy;
	const void *map;		/* owned; NULL: none */
	size_t map_len;
};

/* cli_in_force - quietly: none is in force, or nobody answers: map stays NULL */
void cli_in_force(const struct cli *c, struct cli_in_force *f);
void cli_in_force_done(struct cli_in_force *f);

#endif
