/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * networks: lists of address ranges in a draft: sorted, joined, searched, subtracted.
 */
#ifndef RULES_LANG_NETWORKS_H
#define RULES_LANG_NETWORKS_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/ip.h"
#include "rules/policy.h"

struct draft;

/* networks_next_prefix - cut the largest prefix off the start of a range. Return: false when it was the last. */
bool networks_next_prefix(struct ip_range *rest, struct ip_range *prefix);

/* networks_join - ascending, those that touch in one family joined. Return: how many are left */
uint32_t networks_join(struct ip_range *nets, uint32_t count);

/* networks_sort - the same of the nets from `first` to the end of the section */
struct span networks_sort(struct draft *d, uint32_t first);

/* networks_sort_ends - the nets of END_PREFIX endpoints from `first` on, ascending; their indexes follow */
void networks_sort_ends(struct draft *d, uint32_t first, uint32_t first_net);

/* networks_cover - whether a sorted and joined list holds all of a range; networks_overlap - any of it */
bool networks_cover(const struct draft *d, struct span nets, struct ip_range r);
bool networks_overlap(const struct draft *d, struct span nets, struct ip_range r);

/* networks_rest - append all addresses that no zone has; sorted and joined */
struct span networks_rest(struct draft *d);

/* networks_mac - "02:00:00:10:01:10" or with '-'; false when it is none of one terminal */
bool networks_mac(const char *text, uint8_t mac[static 6]);

#endif
