/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * terms: what a statement asks for beyond addresses and services: application, name, direction, time,
 * and how it is inspected. One table: word, value as text, and which of two values lets more pass.
 */
#ifndef RULES_PROVE_TERMS_H
#define RULES_PROVE_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct text;

struct terms_of {		/* a statement in its policy */
	const struct policy *p;	/* borrowed */
	uint32_t statement;
};

/* How the terms of one permit lie to another's: bits, so that several terms add up. */
enum { TERMS_SAME = 0, TERMS_STRICTER = 1, TERMS_LAXER = 2, TERMS_UNLIKE = 3 };

/* terms_compare - a to b over all terms: TERMS_STRICTER when no term of a is laxer and one is stricter */
unsigned int terms_compare(struct terms_of a, struct terms_of b);

/* terms_cover - of two permits of one policy: whatever the narrow one lets pass, the wide one does too,
 * inspected alike (where both name the same addresses and services) */
bool terms_cover(const struct policy *p, uint32_t wide, uint32_t narrow);

/**
 * terms_put - the terms as bytes: two statements of any two policies ask for the same exactly when the
 * bytes are equal. Names, owners and texts of approval are not terms.
 */
void terms_put(struct terms_of a, struct text *out);

/* terms_key - the same in less time: equal bytes are equal terms, different bytes say nothing */
void terms_key(struct terms_of a, struct text *out);

/* The terms one by one, 0 <= term < terms_count(). */
unsigned int terms_count(void);
const char *terms_word(unsigned int term);
unsigned int terms_order(unsigned int term, struct terms_of a, struct terms_of b);
void terms_value(unsigned int term, struct terms_of a, struct text *out);	/* as the language writes it */

#endif
