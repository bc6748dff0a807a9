/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/slow.h"

/* log(p1 / p0) with p1 = .98, p0 = 1/11, for a last digit of 0 2/11; and of the complements. */
#define RIGHT 2.38f
#define RIGHT_ROUND 1.68f
#define WRONG -3.82f
#define WRONG_ROUND -3.71f

static float weight(bool right, bool round)
{
	if (right)
		return round ? RIGHT_ROUND : RIGHT;
	return round ? WRONG_ROUND : WRONG;
}

bool slow_token(struct slow *s, uint64_t hash, bool right, bool round)
{
	uint32_t count;

	if (!sketch_add(right ? &s->seen : &s->wrong, hash))
		return false;
	s->nats += weight(right, round);
	if (s->nats < 0)
		s->nats = 0;
	if (s->nats < SLOW_NATS || !right)
		return false;
	count = sketch_count(&s->seen);
	if (s->told && count / 10 < s->told)
		return false;
	s->told = count;
	return true;
}
