/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * build: a rule's way in one call: lex -> parse -> check -> compile -> policy.
 *
 * The only entry that tools and tests use. Reads the named file and what it names, nothing else.
 */
#ifndef RULES_BUILD_H
#define RULES_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/diag.h"
#include "rules/policy.h"

struct arena;
struct file_swap;

#define BUILD_MEMORY_MAX ((size_t)2 << 30)	/* one compile; beyond, -ENOMEM */

struct build {
	struct arena *arena;		/* owned: everything below lives in it */
	struct diags diags;
	struct policy policy;		/* complete only when ok */
	/* Where each statement, zone, host, application name, assertion and accepted risk stands; text NULL
	 * for what is built in or comes from a ledger. Arena. */
	const struct location *statements_at, *zones_at, *hosts_at, *apps_at, *asserts_at, *accepts_at;
	const struct location *disabled_at;
	struct location model_at;	/* the word after `model` */
	bool ok;			/* no error */
	bool unreadable;		/* the file itself could not be read, as the one error says */
};

/**
 * build_file - compile the policy in a file
 * @path: "-" reads standard input
 * Return: 0 (see b->ok and b->diags); -ENOMEM. An unreadable file is a diagnostic.
 */
int build_file(const char *path, struct build *b);

/**
 * build_file_with - the same, as if some files held other bytes: a change is seen before it is written
 * @swaps: files by number, whether they are read or not (rules/lang/files.h)
 */
int build_file_with(const char *path, const struct file_swap *swaps, uint32_t count, struct build *b);

/* build_bytes - the same from memory (tests, fuzzing); `include`, ledgers and lists in files are refused */
int build_bytes(const char *name, const void *bytes, size_t len, struct build *b);

/* build_bytes_within - the same with less memory, so that a test can take it away anywhere */
int build_bytes_within(const char *name, const void *bytes, size_t len, size_t memory, struct build *b);

void build_done(struct build *b);

#endif
