/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/sketch.h"

#include <math.h>

#define BITS 8u
#define ALPHA 0.718273 /* 0.7213 / (1 + 1.079 / 256) */

bool sketch_add(struct sketch *s, uint64_t hash)
{
	uint8_t *at = &s->rank[hash & (SKETCH_REGISTERS - 1)];
	uint64_t rest = hash >> BITS | (uint64_t)1 << (64 - BITS);
	uint8_t rank = (uint8_t)(__builtin_ctzll(rest) + 1);

	if (rank <= *at)
		return false;
	*at = rank;
	return true;
}

uint32_t sketch_count(const struct sketch *s)
{
	double sum = 0, m = SKETCH_REGISTERS;
	unsigned int empty = 0;

	for (unsigned int i = 0; i < SKETCH_REGISTERS; i++) {
		sum += ldexp(1, -s->rank[i]);
		empty += !s->rank[i];
	}
	double estimate = ALPHA * m * m / sum;

	if (estimate < 2.5 * m && empty)
		estimate = m * log(m / empty);
	return (uint32_t)(estimate + 0.5);
}
