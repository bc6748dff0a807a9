/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * assess: what a new policy changes for packets, and whether one person may decide that alone.
 *
 * It is judged here, by the side that changes the kernel, and not by the client: a client is whatever a
 * member of sekimori-admin runs.
 */
#ifndef DAEMON_APPLY_ASSESS_H
#define DAEMON_APPLY_ASSESS_H

#include <stdbool.h>

#include "rules/text.h"

struct policy;

struct assessment {
	bool two;		/* something opened or loosened touches mynumber or public-line, or it could not be told */
	const char *word;	/* "neutral", "tightening", "loosening", "unknown", "first" */
	struct text json;	/* owned; an object for the history */
};

/* apply_assess - @before NULL: the first policy of this box, which asks for nobody else. Return: 0 or -ENOMEM */
int apply_assess(const struct policy *before, const struct policy *after, struct assessment *out);

/* apply_touches_protected - whether anything of the policy that may pass touches mynumber or public-line */
bool apply_touches_protected(const struct policy *p);

#endif
