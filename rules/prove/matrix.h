/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matrix: what each model lets connect which roles. Data; everything it does not name is "none",
 * whatever the permits say.
 *
 * The initiator's role is the row, as in the design's table. Between two zones of one role the diagonal
 * holds. `custom` keeps the rows and columns of mynumber, public-line and the box, and is free elsewhere;
 * `lab` (replay and tests) is free everywhere.
 */
#ifndef RULES_PROVE_MATRIX_H
#define RULES_PROVE_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

/* X(NAME, in words of the language): what a conversation has to be, beside of the right kind. */
#define MATRIX_CONDITIONS(X) \
	X(ALWAYS, "") X(TO_HOST, "to host") X(TO_SITE, "to site") X(TIME, "udp 123") X(NAMES, "port 53") \
	X(SSH, "tcp 22") X(PING, "echo-request") X(LOGS, "port 514, tcp 6514")

#define MATRIX_CONDITION_(N, words) MATRIX_##N,
enum matrix_condition { MATRIX_CONDITIONS(MATRIX_CONDITION_) MATRIX_CONDITION_COUNT };

extern const char *const matrix_condition_words[MATRIX_CONDITION_COUNT];

/* One thing that is allowed. Roles, models and kinds are sets: bit i stands for the enum's value i. */
struct allowance {
	uint16_t from, to;
	uint8_t models;
	uint16_t kinds;
	uint8_t condition;	/* enum matrix_condition */
};

/**
 * matrix_next - the allowances of one cell, one after the other
 * @after: NULL for the first
 * Return: the next allowance for the model and the two roles; NULL when there is none (any more).
 */
const struct allowance *matrix_next(enum model m, enum role from, enum role to, const struct allowance *after);

/* matrix_is_free - the model asks nothing of this cell: whatever a permit says may pass, of any kind */
bool matrix_is_free(enum model m, enum role from, enum role to);

/* matrix_is_open - permits of kind `ordinary` need nothing further here: the matrix claims nothing of them */
bool matrix_is_open(enum model m, enum role from, enum role to);

/* matrix_kind - the bit of a kind; `sanitizer` counts as each of the three that it stands for */
uint16_t matrix_kind(enum kind k);

#endif
