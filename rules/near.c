/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/near.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: the rows before the last two are never needed. */
size_t near_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NEAR_WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	if (a_len > NEAR_WORD_MAX || b_len > NEAR_WORD_MAX)
		return a_len > b_len ? a_len : b_len;
	for (size_t j = 0; j <= b_len; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);

			row[j] = smaller(change, smaller(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		size_t *free_row = before;

		before = above;
		above = row;
		row = free_row;
	}
	return above[b_len];
}

struct near near_to(const char *word, size_t len)
{
	size_t enough = len < 3 ? 1 : (len + 2) / 3;

	if (len == 0 || len > NEAR_WORD_MAX)
		enough = 0;
	return (struct near){ .word = word, .len = len, .distance = enough + 1 };
}

void near_try(struct near *n, const char *candidate)
{
	size_t len = strlen(candidate);

	if (n->distance <= 1 || len > NEAR_WORD_MAX)
		return;
	size_t d = near_distance(n->word, n->len, candidate, len);

	if (d < n->distance && d < len) {
		n->best = candidate;
		n->distance = d;
	}
}
