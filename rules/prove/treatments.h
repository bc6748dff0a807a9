/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * treatments: where two lanes treat packets alike. Statements whose terms are equal are one treatment,
 * whatever they are called; for each treatment, the packets that it applies to on either side.
 */
#ifndef RULES_PROVE_TREATMENTS_H
#define RULES_PROVE_TREATMENTS_H

#include "rules/prove/lane.h"
#include "rules/prove/space.h"

struct treatments {
	uint32_t *ids[2];	/* owned; of each item of the two lanes */
	bdd_t *sets[2];		/* owned; of each treatment, on each side */
	uint32_t count;
};

/* treatments_init - of two built lanes; 0 or -ENOMEM */
int treatments_init(struct treatments *t, const struct lane lanes[2], struct space *s);
void treatments_done(struct treatments *t);

/* treatments_differ - the packets to which other treatments apply before than after */
bdd_t treatments_differ(const struct treatments *t, struct space *s);

#endif
