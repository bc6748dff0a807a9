/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_names: what the files that write nft text share: who is named how, and which maps a pair has.
 */
#ifndef RULES_KERNEL_NFT_NAMES_H
#define RULES_KERNEL_NFT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct nft_plan;
struct text;

/* Families of maps. Each pair of zones has those that its boxes need. */
enum nft_map { MAP_H, MAP_P, MAP_I, MAP_J, MAP_X, MAP_KINDS };

static inline unsigned int nft_map_bit(enum nft_map kind, bool v6)
{
	return 1u << (2 * (unsigned int)kind + v6);
}

/* nft_maps_of - bits of the maps that a pair of zones has */
unsigned int nft_maps_of(const struct nft_plan *plan, uint32_t from, uint32_t to);

/* nft_map_name - "h4_kikan_lgwan_7" */
void nft_map_name(const struct nft_plan *plan, enum nft_map kind, bool v6, uint32_t from, uint32_t to,
		  struct text *out);

/*
 * nft_class_map - "class_7", or "class_box_7" for pairs with the box itself. Two maps: a conversation whose address
 * becomes the box's, or ceases to be, was judged for the other way and means nothing on this one.
 */
void nft_class_map(const struct nft_plan *plan, bool box_end, struct text *out);

/* nft_put_queues - q_closed_N and its like, and offl_N, to which classes lead; for nft_add */
void nft_put_queues(const struct nft_plan *plan, struct text *out);

/* nft_put_maps, nft_put_classes - the definitions, for nft_add */
void nft_put_maps(const struct nft_plan *plan, struct text *out);
void nft_put_classes(const struct nft_plan *plan, struct text *out);

/* nft_put_homes - z4/z6 sets of zones, from_ZONE chains with MAC sets, and from_N, for nft_add */
void nft_put_homes(const struct nft_plan *plan, struct text *out);

/* nft_put_pairs - the chains of pairs of zones, and pair_N, in_N, out_N and refuse_N that lead to them, for nft_add */
void nft_put_pairs(const struct nft_plan *plan, struct text *out);

/* nft_zone - the name of a zone in the policy of the plan */
const char *nft_zone(const struct nft_plan *plan, uint32_t zone);

/* nft_put_home - a zone's addresses of one family as a rule names them, "10.0.0.0/8" or "@z4_kikan_7"; false:
 * it has none. nft_has_home says the same and writes nothing. */
bool nft_put_home(const struct nft_plan *plan, uint32_t zone, bool v6, struct text *out);
bool nft_has_home(const struct nft_plan *plan, uint32_t zone, bool v6);

/* A list of elements that may stay empty: open before each, close at the end (of the set's block, too). */
void nft_put_open(bool *any, struct text *out);
void nft_put_close(bool any, struct text *out);

#endif
