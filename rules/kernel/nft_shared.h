/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_shared: the objects that stay from apply to apply: base chains, counters, live sets, refusals.
 */
#ifndef RULES_KERNEL_NFT_SHARED_H
#define RULES_KERNEL_NFT_SHARED_H

struct nft_plan;
struct text;

/* nft_put_shared - declare them all; changes nothing where they exist */
void nft_put_shared(const struct nft_plan *plan, struct text *out);

#endif
