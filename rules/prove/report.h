/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: a proof in words: each finding as a diagnostic with both places and an example packet, or as JSON.
 */
#ifndef RULES_PROVE_REPORT_H
#define RULES_PROVE_REPORT_H

#include "rules/diag.h"
#include "rules/prove/prove.h"

struct json;

/* Where things stand in the text; each may be NULL (an image has no text). Indexed as the policy's arrays. */
struct proof_places {
	const struct location *statements, *zones, *hosts, *assertions, *accepts;
};

/* proof_report - add every finding to the diagnostics; 0 or -ENOMEM */
int proof_report(const struct proof *f, const struct policy *p, const struct proof_places *at, struct diags *d);

/* proof_json - an object of result, figures and findings, each with its witness in numbers and names */
int proof_json(const struct proof *f, const struct policy *p, struct json *j, const char *key);

/* proof_result_word - "proved", "refuted" or "unknown"; proof_what_word - "cell-none" */
const char *proof_result_word(enum proof_result r);
const char *proof_what_word(enum proof_what what, char buf[static 32]);

#endif
