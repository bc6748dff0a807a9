/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * homes: which host has an address, while terminals of a ledger are being added to the hosts.
 */
#ifndef RULES_LANG_HOMES_H
#define RULES_LANG_HOMES_H

#include <stdint.h>

#include "rules/lang/unit.h"

struct homes {
	uint32_t *slots;		/* arena; open hash table of hosts of one address: host + 1; 0 empty */
	uint32_t size, count;
	uint32_t *wide;			/* arena; hosts of several addresses */
	uint32_t wide_count;
};

/* homes_add - a host of the draft; no two of one address have the same */
void homes_add(struct unit *u, struct homes *h, uint32_t host);

/* homes_point - the host that has this address and no other; homes_wide - one that has it among others.
 * POLICY_NONE when there is none. */
uint32_t homes_point(const struct unit *u, const struct homes *h, ip_t a);
uint32_t homes_wide(const struct unit *u, const struct homes *h, ip_t a);

#endif
