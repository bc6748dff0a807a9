/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sketch: how many different things have been seen, estimated in 256 bytes (HyperLogLog, Flajolet et al. 2007, with
 * linear counting below 640). The things are hashes under a key that lives in memory only; none is kept.
 */
#ifndef DAEMON_SKETCH_H
#define DAEMON_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

#define SKETCH_REGISTERS 256u
#define SKETCH_ERROR_PERCENT 7u		/* standard error: 1.04 / sqrt(256) */

struct sketch {
	uint8_t rank[SKETCH_REGISTERS];
};

/* sketch_add - Return: whether it is new for certain. A new one that says false was lost among those before it. */
bool sketch_add(struct sketch *s, uint64_t hash);
uint32_t sketch_count(const struct sketch *s);

#endif
