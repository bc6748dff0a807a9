/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list: a policy as canonical text that compiles to the same image, whether it came from text or image.
 *
 * Records stand in the order of the image, keys in the order of the schema; what holds anyway is left
 * out, and so is what is built in.
 */
#ifndef RULES_LIST_H
#define RULES_LIST_H

#include <stdbool.h>

#include "rules/policy.h"

struct json;
struct text;

void list_policy(const struct policy *p, struct text *out);
void list_statement(const struct policy *p, uint32_t statement, struct text *out);	/* its block alone */

/* The same blocks as JSON: {"model": ..., "blocks": [{"block", "id", key: value or [values]}, ...]} */
void list_policy_json(const struct policy *p, struct json *j);
void list_statement_json(const struct policy *p, uint32_t statement, struct json *j);

/* list_is_built_in - whether every policy has a block of that name without writing it */
bool list_is_built_in(const char *kind, const char *name);

#endif
