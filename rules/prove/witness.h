/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * witness: a packet of a set that a person can picture: named machines, a well-known port.
 */
#ifndef RULES_PROVE_WITNESS_H
#define RULES_PROVE_WITNESS_H

#include "rules/prove/names.h"
#include "rules/prove/prove.h"
#include "rules/prove/space.h"

/* witness_of - a packet of the set between the two zones. Return: false when there is none. */
bool witness_of(const struct names *n, struct space *s, bdd_t set, uint32_t from, uint32_t to, struct witness *w);

/* witness_put_end - "gyomu 10.10.1.10 (kikan)"; the appliance is "box" */
void witness_put_end(const struct names *n, uint32_t zone, ip_t address, struct text *out);

#endif
