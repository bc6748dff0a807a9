/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_change: a change of a policy's files, from the wish to the disk: compiled and proved before anything is written,
 * shown as what it opens and closes, asked about, written.
 */
#ifndef TOOLS_CLI_CHANGE_H
#define TOOLS_CLI_CHANGE_H

#include "rules/build.h"
#include "rules/edit/edit.h"
#include "rules/prove/diff.h"
#include "rules/prove/prove.h"
#include "tools/cli.h"

/* The options of every verb that changes a policy. */
#define CLI_CHANGE_OPTIONS \
	{ "yes", 'y', NULL, { "write without asking", "確認せずに書き込む" } }, \
	{ "at", 0, "DATE", { "as if it were that day", "その日に行ったものとする" } }, \
	{ "apply", 0, "REASON", { "then put it in force, as 'sekimori apply' does; why, for the history", \
				  "続けて 'sekimori apply' と同じく適用する。理由は履歴に残る" } }, \
	{ "confirm-within", 0, "TIME", { "with --apply: as in 'sekimori apply'", "--apply と共に。'sekimori apply' と同じ" } }

struct cli_change {
	const char *path;		/* borrowed; the policy */
	const struct edit_text *texts;	/* borrowed; what is to be written */
	uint32_t count;
	int64_t now;			/* seconds since 1970, for the proof */
	struct text wishes;		/* owned; what was asked for, a line each, for people */
	/* of cli_change_try() */
	struct build before, after;
	struct proof proof;
	struct diff diff;
	bool compared;			/* diff is filled: the policy built before, too */
	bool written;
};

/* cli_change_now - the time of the change: --at, or the clock. Return: false after a usage error was printed, also one of
 * the other options. */
bool cli_change_now(const struct cli *c, int64_t *now);

/**
 * cli_change_try - compile and prove what is to be written, as if it were
 * Return: CLI_YES it may be written; CLI_NO refused, with messages as check has them; CLI_CANNOT
 */
int cli_change_try(struct cli *c, struct cli_change *w);

/* cli_change_write - show what changes for packets, ask, write, and apply when that is asked for. Return: CLI_YES; CLI_NO not
 * wanted, or changed by somebody else meanwhile, or written and not applied; CLI_CANNOT */
int cli_change_write(struct cli *c, struct cli_change *w);

/* cli_change_end - the JSON document of a run that ended in `r`, and everything freed. Return: r */
int cli_change_end(struct cli *c, struct cli_change *w, int r);

/* cli_confirm - a question on the terminal. Return: 1 yes, 0 no, -1 nobody is there to be asked */
int cli_confirm(const struct cli *c, const char *en, const char *ja);

/* cli_who - the login name of whoever runs this, also behind sudo */
const char *cli_who(void);

#endif
