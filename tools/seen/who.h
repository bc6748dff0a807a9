/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * who: the host of a policy that has an address, for many addresses.
 */
#ifndef TOOLS_SEEN_WHO_H
#define TOOLS_SEEN_WHO_H

#include "rules/policy.h"

struct who;

struct who *who_new(const struct policy *p);	/* p: borrowed. NULL: no memory */
void who_free(struct who *w);			/* takes NULL */

/* who_has - index of the host, POLICY_NONE: none of the policy's */
uint32_t who_has(const struct who *w, ip_t a);

/* who_name - what people call it: its name, or the terminal's own where a ledger has it; NULL: nothing */
const char *who_name(const struct who *w, ip_t a);
const char *who_section(const struct who *w, ip_t a);	/* "" unknown */

#endif
