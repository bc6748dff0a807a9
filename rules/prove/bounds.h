/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bounds: the outer bounds of what a statement names in a lane. Where they do not overlap the statements
 * do not; where they do, the sets tell.
 */
#ifndef RULES_PROVE_BOUNDS_H
#define RULES_PROVE_BOUNDS_H

#include "rules/prove/lane.h"

struct bounds {
	struct ip_range dst, src;
	uint32_t item;
	uint8_t protocol, protocol_hi;
	uint16_t port, port_hi;
	double volume;
};

bool bounds_empty(const struct lane_item *i);	/* it names nothing: there are no bounds */
struct bounds bounds_of(const struct lane *l, uint32_t item);
bool bounds_overlap(const struct bounds *a, const struct bounds *b);

#endif
