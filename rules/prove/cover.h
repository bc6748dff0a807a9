/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cover: sets of addresses and services in as few named things as a greedy choice finds, the rest as
 * ranges: "group juki, host relay, 10.30.1.0/24", "zone net except host relay", "https, tcp 8080-8090".
 */
#ifndef RULES_PROVE_COVER_H
#define RULES_PROVE_COVER_H

#include "rules/prove/boxes.h"
#include "rules/prove/names.h"

#define COVER_ITEMS_MAX 12u	/* things named; then how many ranges more */

struct text;

/* cover_put_addresses - addresses of one zone; ascending, disjoint */
void cover_put_addresses(const struct names *n, uint32_t zone, const struct ip_range *r, uint32_t count, struct text *out);

void cover_put_services(const struct names *n, const struct box_service *s, uint32_t count, struct text *out);

/* cover_put_macs - "mac 02:00:00:10:01:10", "any mac but ..." */
void cover_put_macs(const struct ip_range *r, uint32_t count, struct text *out);

/* cover_put_count - "65,536", or "about 2^75" */
void cover_put_count(struct space_count n, struct text *out);

#endif
