/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unit: one compile, as its steps hand it on: parse -> amend -> holes -> tables -> check -> compile.
 */
#ifndef RULES_LANG_UNIT_H
#define RULES_LANG_UNIT_H

#include "rules/diag.h"
#include "rules/lang/draft.h"
#include "rules/lang/files.h"
#include "rules/lang/parse.h"
#include "rules/lang/schema.h"

/* X(name of the section in policy.h, C name): the records that have names, in the order they are filled. */
#define UNIT_TABLES(X) \
	X(zones, ZONES) X(hosts, HOSTS) X(services, SERVICES) X(windows, WINDOWS) \
	X(profiles, PROFILES) X(feeds, FEEDS) X(groups, GROUPS) X(sites, SITES) \
	X(statements, STATEMENTS) X(disabled, DISABLED) X(accepts, ACCEPTS) X(assertions, ASSERTIONS)

#define UNIT_TABLE_(section, N) TABLE_##N,
enum unit_table { UNIT_TABLES(UNIT_TABLE_) TABLE_COUNT, TABLE_NONE = TABLE_COUNT };

struct table {			/* the blocks of one section by name; the place is the record's index */
	struct block **blocks;	/* arena; zone box is always the last of its table */
	uint32_t count;
};

struct unit {
	struct arena *arena;		/* borrowed */
	struct diags *diags;		/* borrowed */
	struct files files;
	struct parse parse;
	struct table tables[TABLE_COUNT];
	struct draft draft;
	struct ledger *ledgers;		/* arena; read so far */
	struct location app_places[POLICY_APPS_MAX];	/* by the order of reading */
	uint32_t apps_now[POLICY_APPS_MAX];		/* index in the policy of each of them */
	uint32_t model;			/* enum model */
	struct location model_at;
	bool failed;			/* no memory */
};

/* unit_failed - whether memory ran out anywhere */
static inline bool unit_failed(const struct unit *u)
{
	return u->failed || u->parse.failed || u->draft.failed || u->diags->failed;
}

void *unit_alloc(struct unit *u, size_t size);

static inline struct location unit_nowhere(void)
{
	return (struct location){ 0 };
}

#endif
