/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words: what findings are about, in words of the policy and of its language, the same for all readers.
 */
#ifndef RULES_PROVE_WORDS_H
#define RULES_PROVE_WORDS_H

#include "rules/prove/prove.h"

struct text;

/* Names and roles; "" for POLICY_NONE. */
const char *words_statement(const struct policy *p, uint32_t statement);
const char *words_zone(const struct policy *p, uint32_t zone);
const char *words_role(const struct policy *p, uint32_t zone);

/* words_put_detail - what is missing, open, allowed or to blame; an address or a date: $6 of messages.h */
void words_put_detail(const struct policy *p, const struct finding *f, struct text *t);

/* words_put_object - the name of the host, profile, assertion ... that it is about: $7 */
void words_put_object(const struct policy *p, const struct finding *f, struct text *t);

void words_put_address(ip_t a, struct text *t);

#endif
