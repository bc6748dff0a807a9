/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify_parts: what the files of verify share.
 */
#ifndef RULES_KERNEL_READBACK_VERIFY_PARTS_H
#define RULES_KERNEL_READBACK_VERIFY_PARTS_H

#include "rules/kernel/live.h"
#include "rules/kernel/readback/devices.h"
#include "rules/kernel/readback/ruleset.h"
#include "rules/kernel/readback/verify.h"

struct verifier {
	struct verify *out;		/* borrowed */
	const void *bytes;		/* borrowed; the record */
	size_t len;
	const struct policy *p;		/* borrowed; may be NULL */
	const struct verify_conf *conf;	/* borrowed */
	struct live_class *live;	/* owned; of each class, numbered */
	struct ruleset rules;		/* owned, as links */
	struct devices links;
	bool no_memory;
};

/* verify_add - one more finding, with room for words and place to be filled in; never NULL (a spare one when full) */
struct verify_finding *verify_add(struct verifier *v, enum verify_what what);
void verify_at_rule(struct verifier *v, struct verify_finding *f, uint32_t rule);
void verify_at_chain(struct verifier *v, struct verify_finding *f, uint32_t chain);
void verify_word(struct verify_finding *f, int i, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* verify_prove - the rules of all hooks against the policy; verify_scan - everything beside; verify_beside - of it
 * what is not of nf_tables */
void verify_prove(struct verifier *v);
void verify_scan(struct verifier *v);
void verify_beside(struct verifier *v);

extern const uint8_t verify_severities[VERIFY_WHAT_COUNT];
const char *verify_family(uint8_t family);	/* "inet" */

#endif
