/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * macs: packets that carry a host's address but another machine's MAC address. The kernel drops them, so
 * they are no part of what may pass.
 */
#ifndef RULES_PROVE_MACS_H
#define RULES_PROVE_MACS_H

#include "rules/policy.h"
#include "rules/prove/space.h"

struct text;

/* macs_key - which addresses of a zone belong to which MAC addresses, as bytes; a zone may be POLICY_NONE */
void macs_key(const struct policy *p, uint32_t zone, struct text *out);

void macs_cut(const struct policy *p, uint32_t zone, struct space *s);

/* macs_forged - the packets from that zone that are not from whom they say */
bdd_t macs_forged(const struct policy *p, uint32_t zone, struct space *s);

#endif
