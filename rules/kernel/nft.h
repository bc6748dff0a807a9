/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft: the kernel's ruleset as text for the nft program (contract C1), one table `inet sekimori`.
 *
 *	nft_base()	loaded once, before the network: every shared object, and rules that deny all
 *	nft_add()	T1 of apply N: the policy's own objects, all named ..._N, not yet referred to
 *	nft_switch()	T2: the rules of four base chains anew; the commit point
 *	nft_sweep()	T3: removal of what carries another number than N
 *
 * A packet's way: prerouting (is the source at home?) -> forward, input or output: the pair of zones
 * (related errors: odd_N -> r_FROM_TO_N)
 * -> p_FROM_TO_N: both addresses, an old decision of the class (whatever has a mark has it from here), else the
 * lookup by the original tuple -> class_N: what a class (and its verdict, if any) means (of conversations with
 * the box itself: class_box_N) -> accept, queue or drop -> passed: what the engine said. Names end in
 * _N; the part before holds zone names.
 *
 *	h4 h6	one source, one destination, one port: hash		p4 p6	the other ports
 *	i4 i6	ICMP by type	j4 j6	the same by the type of the answers	x4 x6	other protocols
 */
#ifndef RULES_KERNEL_NFT_H
#define RULES_KERNEL_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_class;
struct policy;
struct text;

#define NFT_TABLE "inet sekimori"

struct nft_plan {
	uint32_t apply;			/* N */
	const struct policy *policy;	/* borrowed; NULL: nothing is permitted */
	const struct live_class *classes;	/* borrowed; numbered, one for each of the policy's */
	unsigned int queues;		/* engines, 1 to QUEUES_MAX */
	bool native_queue;		/* nft knows `queue`; else iptables-nft queues by slot mark */
	bool flowtable;			/* nft knows it and every interface of the policy exists */
};

/* A chain of this name says which version of the shared objects the kernel has. */
#define NFT_BASE_VERSION "base_v3"

void nft_base(struct text *out);
void nft_shared(struct text *out);	/* nft_base without touching what is in force: after an upgrade */
void nft_add(const struct nft_plan *plan, struct text *out);
void nft_switch(const struct nft_plan *plan, struct text *out);

/**
 * nft_sweep - what deletes every numbered object but those of one apply
 * @listing: of `nft -t list table inet sekimori`
 * @keep: the apply in force
 * Return: objects to be deleted; 0: @out stays as it is.
 */
size_t nft_sweep(const char *listing, uint32_t keep, struct text *out);

/**
 * nft_in_force - the apply whose maps the forward chain refers to
 * Return: its number; 0: none (only the base). The truth after a crash.
 */
uint32_t nft_in_force(const char *listing);

/* nft_highest - the highest number that any object carries, in force or left over; 0 none */
uint32_t nft_highest(const char *listing);

/* nft_slots - iptables-restore text for one family that queues by slot mark; the fallback without nft `queue` */
void nft_slots(unsigned int queues, struct text *out);

#endif
