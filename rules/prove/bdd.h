/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bdd: sets of bit vectors as reduced ordered decision diagrams, one session's worth.
 *
 * Nodes are hash-consed and edges may be complemented (Brace, Rudell, Bryant 1990), so a set has one
 * name: two sets are equal exactly when their names are, and the complement costs nothing. Nothing is
 * global; nodes live until the session is reset. The number of nodes has a hard limit. Beyond it, or
 * without memory, every answer is BDD_NONE for the rest of the session: a set that is neither empty
 * nor full, so a proof that ran out of room can fail but never succeed.
 */
#ifndef RULES_PROVE_BDD_H
#define RULES_PROVE_BDD_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t bdd_t;		/* index of a node, times two, plus one when complemented */

#define BDD_FALSE ((bdd_t)0)
#define BDD_TRUE ((bdd_t)1)
#define BDD_NONE UINT32_MAX	/* not known: the session failed */
#define BDD_VARIABLES_MAX 1024u
#define BDD_NODES_MAX (UINT32_C(8) << 20)	/* there are never more: 176 MB with tables and cache */

struct bdd;

/* bdd_new - an empty session of at most node_max nodes (0, or beyond it: BDD_NODES_MAX); NULL for no memory */
struct bdd *bdd_new(uint32_t node_max);
void bdd_free(struct bdd *b);

/* bdd_reset - forget every node and failure, keep the memory */
void bdd_reset(struct bdd *b);

bool bdd_failed(const struct bdd *b);
uint32_t bdd_nodes(const struct bdd *b);	/* in use */
uint32_t bdd_peak(const struct bdd *b);		/* the most ever in use, over all resets */

static inline bdd_t bdd_not(bdd_t a)
{
	return a == BDD_NONE ? BDD_NONE : a ^ 1;
}

static inline bool bdd_is_leaf(bdd_t a)
{
	return a <= BDD_TRUE;
}

/* bdd_node - the vectors of hi where variable var is 1, of lo where it is 0; both begin below var */
bdd_t bdd_node(struct bdd *b, uint32_t var, bdd_t lo, bdd_t hi);

bdd_t bdd_and(struct bdd *b, bdd_t x, bdd_t y);
bdd_t bdd_xor(struct bdd *b, bdd_t x, bdd_t y);
bdd_t bdd_ite(struct bdd *b, bdd_t test, bdd_t then, bdd_t otherwise);

static inline bdd_t bdd_or(struct bdd *b, bdd_t x, bdd_t y)
{
	return bdd_not(bdd_and(b, bdd_not(x), bdd_not(y)));
}

static inline bdd_t bdd_diff(struct bdd *b, bdd_t x, bdd_t y)
{
	return bdd_and(b, x, bdd_not(y));
}

/* bdd_or_all - the union of n sets, pairwise like a tournament; the array is used up */
bdd_t bdd_or_all(struct bdd *b, bdd_t *sets, uint32_t n);

/* bdd_implies - whether x lies in y, without building the difference; false when the session failed */
bool bdd_implies(struct bdd *b, bdd_t x, bdd_t y);

/* bdd_exists - x with the variables [first, end) forgotten */
bdd_t bdd_exists(struct bdd *b, bdd_t x, uint32_t first, uint32_t end);

/* The top of a set that is no leaf: its variable, and what is left of it where that is 0 and 1. */
uint32_t bdd_var(const struct bdd *b, bdd_t x);		/* a leaf: UINT32_MAX */
bdd_t bdd_lo(const struct bdd *b, bdd_t x);
bdd_t bdd_hi(const struct bdd *b, bdd_t x);

#endif
