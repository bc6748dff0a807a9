/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate_rules: the words for the bits of findings of rules 1, 4 and 6: keys of the language.
 */
#ifndef RULES_PROVE_GATE_RULES_H
#define RULES_PROVE_GATE_RULES_H

/* X(NAME, key): what a permit in a protected pair must not lack (PROOF_INCOMPLETE) */
#define RULE_PARTS(X) \
	X(OWNER, "owner") X(REASON, "reason") X(REFERENCE, "reference") X(APPROVED_BY, "approved-by") \
	X(APPROVED_ON, "approved-on") X(END, "until") X(APPLICATION, "application") X(SERVICE, "service")

/* X(field of struct profile, key): what must not pass in a protected pair (PROOF_FAILS_OPEN) */
#define RULE_FAILS(X) \
	X(on_overload, "on-overload") X(on_no_inspector, "on-no-inspector") X(on_memory, "on-memory") \
	X(on_midstream, "on-midstream") X(on_undecodable, "on-undecodable")

/* X(NAME, words): what is done to guests without terms of use (PROOF_GUEST_WATCHED) */
#define RULE_GUESTS(X) X(CONTENT, "inspect content") X(NAMES, "log all") X(PAGE, "answer page")

#define RULE_PART_(N, key) RULE_##N,
#define RULE_FAIL_(field, key) RULE_##field,
#define RULE_GUEST_(N, words) RULE_GUEST_##N,
enum rule_part { RULE_PARTS(RULE_PART_) RULE_PART_COUNT };
enum rule_fail { RULE_FAILS(RULE_FAIL_) RULE_FAIL_COUNT };
enum rule_guest { RULE_GUESTS(RULE_GUEST_) RULE_GUEST_COUNT };

extern const char *const rule_part_words[RULE_PART_COUNT];
extern const char *const rule_fail_words[RULE_FAIL_COUNT];
extern const char *const rule_guest_words[RULE_GUEST_COUNT];

#endif
