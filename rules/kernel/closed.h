/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * closed: a policy of which an emergency keeps some pairs of zones shut, whatever its permits say.
 */
#ifndef RULES_KERNEL_CLOSED_H
#define RULES_KERNEL_CLOSED_H

#include <stdint.h>

struct live_class;
struct pair;
struct policy;
struct zone;

/* Bits; with none the policy is as it was written. */
#define CLOSED_PROTECTED 1u	/* what touches mynumber or public-line */
#define CLOSED_ALL 2u		/* everything but management and the appliance itself */

struct closed {			/* what the narrowed policy points at */
	struct pair *pairs;	/* owned */
	struct zone *zones;	/* owned */
};

/**
 * closed_apply - narrow a policy in place: pairs that are closed lose their boxes, zones their inside
 * @live: of its classes; those that are left without a box become LIVE_ABSENT
 * @out: empty before; what @p points at afterwards (closed_done, after the policy's last use)
 * Return: 0 or -ENOMEM (nothing was changed).
 */
int closed_apply(struct policy *p, struct live_class *live, unsigned int closed, struct closed *out);
void closed_done(struct closed *c);

#endif
