/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * want_parts: what want.c and want_pair.c share.
 */
#ifndef RULES_KERNEL_READBACK_WANT_PARTS_H
#define RULES_KERNEL_READBACK_WANT_PARTS_H

#include "rules/kernel/readback/want.h"

/* want_pair - packets between two zones, one of which may be the box; `mark`: what they carry when accepted */
void want_pair(const struct want *q, uint32_t from, uint32_t to, bdd_t when, uint32_t mark, struct outcomes *out);

void want_add(const struct want *q, bdd_t when, enum outcome_kind kind, uint32_t mark, uint32_t ctmark,
	      struct outcomes *out);

/* want_take - takes out of *left what a set holds. Return: that */
bdd_t want_take(const struct want *q, bdd_t *left, bdd_t set);

/* want_types - ICMP of the family, of one of some types (ended by 0, which no caller wants) */
bdd_t want_types(const struct packet *k, const uint8_t *types);
bdd_t want_errors(const struct packet *k);

#endif
