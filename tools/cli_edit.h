/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_edit: a policy held by one person while its permits are changed: lock, read, wishes, change (cli_change.h).
 */
#ifndef TOOLS_CLI_EDIT_H
#define TOOLS_CLI_EDIT_H

#include "rules/edit/edit.h"
#include "rules/edit/save.h"
#include "tools/cli.h"
#include "tools/cli_change.h"

struct cli_edit {
	struct cli *c;			/* borrowed */
	struct save_lock lock;
	struct edit edit;
	struct cli_change change;
};

/* cli_edit_lock - become the one who edits; prints who else does. Return: CLI_YES, CLI_NO or CLI_CANNOT */
int cli_edit_lock(struct cli *c, const char *path, struct save_lock *l);

/* cli_edit_begin - lock and read. Return: CLI_YES; otherwise a message was printed and there is nothing to end */
int cli_edit_begin(struct cli *c, const char *path, struct cli_edit *s);

/* cli_edit_permit - CLI_YES there is such a permit; CLI_NO after a message */
int cli_edit_permit(const struct cli_edit *s, const char *permit);

/**
 * cli_edit_set - give a key of a permit what somebody typed, or take it away
 * @typed: NULL takes it away
 * Return: CLI_YES; CLI_NO after a message, as for a value that cannot be one; CLI_CANNOT
 */
int cli_edit_set(struct cli_edit *s, const char *permit, const char *key, const char *typed);

/* cli_edit_finish - what the wishes come to, to the disk. Return: exit code; everything is given back */
int cli_edit_finish(struct cli_edit *s);

/* cli_edit_stop - everything is given back unchanged. Return: r */
int cli_edit_stop(struct cli_edit *s, int r);

/* cli_edit_value - what was typed for a key as it is written (rules/edit/value.h); message and CLI_NO when it cannot be */
int cli_edit_value(const struct cli *c, const struct key *key, const char *typed, struct text *out);

#endif
