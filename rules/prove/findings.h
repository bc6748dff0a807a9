/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * findings: what a proof found, growing up to PROOF_FINDINGS_MAX; counted beyond.
 */
#ifndef RULES_PROVE_FINDINGS_H
#define RULES_PROVE_FINDINGS_H

#include "rules/prove/prove.h"

struct findings {
	struct finding *at;	/* owned */
	uint32_t count, room;
	uint32_t errors, warnings;
	bool failed;		/* no memory */
};

/* findings_add - a new one of that sort with no statement, zone or witness yet; NULL when it is only counted */
struct finding *findings_add(struct findings *f, enum proof_what what);

/* findings_append - keep one as it is, without counting it */
void findings_append(struct findings *f, const struct finding *x);
void findings_clear(struct findings *f);
void findings_done(struct findings *f);

/* finding_other - name a further statement, as long as there is room */
void finding_other(struct finding *f, uint32_t statement);

#endif
