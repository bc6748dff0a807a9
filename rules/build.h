/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * build: a rule's way in one call: lex -> parse -> check -> compile -> policy.
 *
 * The only entry that tools and tests use. Reads the named file and what it includes, nothing else.
 */
#ifndef RULES_BUILD_H
#define RULES_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/diag.h"
#include "rules/policy.h"

struct arena;

struct build {
	struct arena *arena;		/* owned: everything below lives in it */
	struct diags diags;
	struct policy policy;		/* complete only when ok */
	const struct location *statements_at;	/* arena; where each statement, zone, host stands in the text */
	const struct location *zones_at, *hosts_at;
	bool ok;			/* no error */
};

/**
 * build_file - compile the policy in a file
 * @path: "-" reads standard input
 * Return: 0 (see b->ok and b->diags); -ENOMEM. An unreadable file is a diagnostic.
 */
int build_file(const char *path, struct build *b);

/* build_bytes - the same from memory (tests, fuzzing); `include` and ledger files are refused */
int build_bytes(const char *name, const void *bytes, size_t len, struct build *b);

void build_done(struct build *b);

#endif
