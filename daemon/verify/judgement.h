/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judgement: what the proof says of a record, in the few words that an event has room for.
 */
#ifndef DAEMON_VERIFY_JUDGEMENT_H
#define DAEMON_VERIFY_JUDGEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/kernel/readback/verify.h"

struct attest_conf;

#define JUDGEMENT_WORDS 400u

struct judgement {
	bool made;			/* else the kernel was not judged: no policy to hold it against, or an apply runs */
	enum verify_result result;
	bool cut;			/* the proof ran out of the room it was given: with more it may say more */
	char en[JUDGEMENT_WORDS], ja[JUDGEMENT_WORDS];	/* "refuted: the first finding (and 2 more)" */
};

/* judgement_make - a proof that could not be made at all is VERIFY_NOT_PROVED, with the reason */
void judgement_make(struct judgement *j, const struct attest_conf *conf, const void *record, size_t len);

/* judgement_same - whether two say the same */
bool judgement_same(const struct judgement *a, const struct judgement *b);

#endif
