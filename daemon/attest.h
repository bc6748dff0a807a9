/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attest: a record of the kernel held against a policy that was applied here: what the proof has to know beside the two
 * comes from the state directory and from the record itself.
 */
#ifndef DAEMON_ATTEST_H
#define DAEMON_ATTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/kernel/readback/verify.h"

struct policy;

struct attest_conf {
	const struct policy *policy;	/* borrowed; NULL: none is in force, nothing may pass */
	const char *state_directory;	/* class numbers, and the time the apply was judged by; NULL: numbered by place */
	unsigned int queues;
	int64_t now;			/* seconds since 1970; 0: when the record was taken */
	bool dated;			/* the clock was right at the apply; else the apply's own time counts */
	uint32_t node_max;		/* of the proof; 0: as much as it needs (rules/prove/bdd.h) */
};

/**
 * attest - prove it, or not
 * Return: 0 and *out filled (verify_done); -EBADMSG the record is none; -EINVAL the numbers cannot be read; -errno
 */
int attest(const struct attest_conf *c, const void *record, size_t len, struct verify *out);

#endif
