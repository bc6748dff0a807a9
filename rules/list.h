/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list: a policy as canonical text that compiles to the same image, and in words for people.
 */
#ifndef RULES_LIST_H
#define RULES_LIST_H

#include "rules/diag.h"
#include "rules/policy.h"

struct json;
struct text;

void list_policy(const struct policy *p, struct text *out);
void list_policy_json(const struct policy *p, struct json *j);
void list_statement(const struct policy *p, uint32_t statement, struct text *out);	/* its block alone */

#endif
