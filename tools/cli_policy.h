/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_policy: a policy for a verb, from a policy text or from an image, whichever the file holds.
 */
#ifndef TOOLS_CLI_POLICY_H
#define TOOLS_CLI_POLICY_H

#include "rules/build.h"
#include "rules/policy.h"
#include "tools/cli.h"

struct file_swap;

struct cli_policy {
	const struct policy *policy;	/* borrowed from below; its hash is filled */
	struct build build;		/* of a text; its arena is NULL for an image */
	struct policy loaded;		/* of an image */
	const void *map;		/* owned; of an image */
	size_t map_len;
	void *image;			/* owned; a text's image bytes */
	size_t image_len;
};

/**
 * cli_policy_open - read, compile or validate; prints what is wrong, in either language, on standard error
 * @path: "-" is a policy text on standard input
 * Return: CLI_YES; CLI_NO the text has errors; CLI_CANNOT unreadable, no image, no memory. On anything but
 * CLI_YES there is nothing to close.
 */
int cli_policy_open(const struct cli *c, const char *path, struct cli_policy *p);

/* cli_policy_open_proved - the same for what is to be in force: also CLI_NO when it breaks a promise of its model, with an
 * example each, and CLI_CANNOT when the proof ran out of room */
int cli_policy_open_proved(const struct cli *c, const char *path, struct cli_policy *p);
void cli_policy_close(struct cli_policy *p);

/* cli_policy_build - the text only, with its diagnostics still to be printed. Return: CLI_YES or CLI_CANNOT */
int cli_policy_build(const struct cli *c, const char *path, struct build *b);

/* cli_policy_build_with - the same as if some files held other bytes (rules/build.h) */
int cli_policy_build_with(const struct cli *c, const char *path, const struct file_swap *swaps, uint32_t count,
			  struct build *b);

#endif
