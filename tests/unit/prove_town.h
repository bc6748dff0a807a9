/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prove_town: policies for the tests of proofs and differences: a town with a zone of every role that keeps
 * model alpha, and policies drawn at random that build.
 */
#ifndef TESTS_UNIT_PROVE_TOWN_H
#define TESTS_UNIT_PROVE_TOWN_H

#include <stdint.h>

#include "rules/build.h"
#include "rules/policy.h"
#include "rules/prove/prove.h"

struct text;

/* All that a permit in a protected pair has to say beside its ends, kind, service, application and profile. */
#define TOWN_COMPLETE "owner \"a\"; reason \"b\"; reference \"c\"; approved-by \"d\"; approved-on 2026-04-01; until 2027-03-31;"

/* town_build - the town, with more blocks after it. Asserts that it builds; build_done() frees it. */
void town_build(const char *more, struct build *b);

/* town_build_as - the same under another model */
void town_build_as(const char *model, const char *more, struct build *b);

/* town_text - the text of the town alone */
void town_text(const char *model, struct text *out);

/* town_at - seconds since 1970 of a date in Japan */
int64_t town_at(const char *date);

/* town_prove, town_prove_at - in a fresh session; proof_done() frees it */
struct proof town_prove(const struct policy *p);
struct proof town_prove_at(const struct policy *p, int64_t now);

/* town_find - the first finding of that sort; NULL when there is none */
const struct finding *town_find(const struct proof *f, enum proof_what what);

/* town_statement - its name; "" for POLICY_NONE */
const char *town_statement(const struct policy *p, uint32_t statement);

/* Random numbers with a seed of the test's own. */
uint32_t town_draw(uint64_t *seed, uint32_t below);

/**
 * town_draw_text - a policy of a few zones with overlapping permits, denies with and without conditions,
 * crossings, both families, every sort of service
 * @model: "custom": every zone is of role internet, so that it may be applied; permits of the box itself and
 *	machines tied to their cards are among it then
 * @statements: how many
 */
void town_draw_text(uint64_t *seed, const char *model, uint32_t statements, struct text *out);
void town_draw_build(uint64_t *seed, const char *model, uint32_t statements, struct build *b);

/* town_draw_tuple - a conversation from one zone to another, near the edges of what the policy names */
struct tuple town_draw_tuple(uint64_t *seed, const struct policy *p, uint32_t from, uint32_t to);

#endif
