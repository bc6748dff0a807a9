/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * near: "did you mean": the candidate that a misspelt word most likely stands for.
 *
 *	struct near n = near_to("pemrit", 6);
 *	near_try(&n, "permit"); near_try(&n, "profile");
 *	near_best(&n)	-> "permit"
 */
#ifndef RULES_NEAR_H
#define RULES_NEAR_H

#include <stddef.h>

#define NEAR_WORD_MAX 40	/* longer words get no guess: the table of a comparison stays on the stack */

struct near {
	const char *word;	/* borrowed */
	size_t len;
	const char *best;	/* borrowed; NULL so far none is near enough */
	size_t distance;	/* of best; before: one more than is near enough */
};

/* near_to - start; near enough is one slip in three letters */
struct near near_to(const char *word, size_t len);

/* near_try - offer a candidate; of equally near ones the first offered stays */
void near_try(struct near *n, const char *candidate);

static inline const char *near_best(const struct near *n)
{
	return n->best;
}

/* near_distance - slips between two words: letters added, left out, wrong, or two neighbours swapped */
size_t near_distance(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
