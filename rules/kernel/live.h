/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live: what of each class is in force at one second, and so what the kernel is told about it.
 *
 * Members of a class that are not in force count for nothing. A class of which only some members are
 * in force means something else than the whole one, so it has another key and gets another number:
 * when a permit inside it ends, the flows of the old number are looked up again.
 */
#ifndef RULES_KERNEL_LIVE_H
#define RULES_KERNEL_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/sha256.h"

struct policy;

enum live_state {
	LIVE_ABSENT,		/* no permit of it is in force: it has no elements, default deny does the rest */
	LIVE_DENIED,		/* a deny without conditions is in force: named in the kernel so that its refusal is told */
	LIVE_OPEN,		/* something of it may pass */
};

struct live_class {
	uint8_t state;		/* enum live_state */
	bool refuse;		/* LIVE_DENIED: answered with a reset */
	bool silent;		/* LIVE_DENIED: not logged */
	bool ftp;		/* its flows belong together: one engine sees all of them */
	uint16_t number;	/* the kernel's; 0 while not numbered or LIVE_ABSENT */
	int64_t lasts;		/* seconds until it closes by itself; 0 no end known */
	uint8_t key[SHA256_BYTES];	/* same key, same number */
};

/**
 * live_classes - judge every class
 * @now: seconds since 1970
 * @dated: false: the clock is not to be trusted; what is in force at @now stays so (no `lasts`)
 * @out: p->classes_count of them; numbers are left 0
 *
 * A class of which another permit goes on closes 2 s later than its first permit ends, so that the
 * apply at that very second loses nothing of the other.
 */
void live_classes(const struct policy *p, int64_t now, bool dated, struct live_class *out);

#endif
