/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prove: whether a policy keeps what its model promises, for every packet, both families, and the box's
 * own input and output; with an example packet for each promise that it breaks.
 *
 * What may pass is derived twice: from the statements' words (lane.h) and from the boxes and classes
 * that the compiler made (compiled.h), and the two must be equal; so neither a wrong policy nor a
 * wrong compiler can hide. What ran out of nodes or memory is "unknown", never "holds".
 */
#ifndef RULES_PROVE_PROVE_H
#define RULES_PROVE_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

/*
 * X(NAME): what can be wrong, in the order of the invariants (contract C3). Errors first; from
 * PERMIT_NEVER on they are warnings. messages.h has the words for each.
 */
#define PROOF_FINDINGS(X) \
	X(CELL_NONE)		/* the matrix lets nothing pass between these roles */ \
	X(CELL_KIND)		/* it does, but not this kind of permit */ \
	X(CELL_CONDITION)	/* this kind, but not to everybody or not by every service */ \
	X(CROSSING_NONE)	/* a crossing where the matrix says none */ \
	X(INCOMPLETE)		/* rule 1: a permit that touches a protected zone lacks something */ \
	X(END_UNNAMED)		/* rule 1: an end in mynumber or public-line that is no named machine */ \
	X(END_UNBOUND)		/* rule 1: a named machine with neither MAC address nor router */ \
	X(NOT_AT_HOME)		/* rule 2: an address outside its zone */ \
	X(ZONES_SHARE)		/* rule 2: two zones hold one address */ \
	X(RELAY)		/* rule 3: a host joins mynumber to the outside in two hops */ \
	X(RELAY_UNNAMED)	/* rule 3: addresses without a name do */ \
	X(RELAY_EXPIRED)	/* rule 3: a relay that was accepted until a day that is past */ \
	X(FAILS_OPEN)		/* rule 4: a protected pair passes what could not be inspected */ \
	X(UNINSPECTED)		/* rule 4: accepted without a permit that says so */ \
	X(OUTLIVES)		/* rule 5: flows may go on after the permit's end */ \
	X(GUEST_WATCHED)	/* rule 6: guests inspected or answered without terms of use */ \
	X(ASSERT_NEVER)		/* the policy's own assertion */ \
	X(ASSERT_ONLY) \
	X(COMPILED_MORE)	/* the boxes hold packets that the statements do not name */ \
	X(COMPILED_LESS)	/* ... or lack some */ \
	X(CLASS_LAXER)		/* a class is laxer than a permit of it */ \
	X(PERMIT_NEVER)		/* no packet reaches the permit */ \
	X(PERMIT_COVERED)	/* other permits already allow all that it does */ \
	X(PERMIT_ENDED)		/* its last day is past */ \
	X(KIND_SANITIZER)	/* say which of the three it is */ \
	X(HOST_EMPTY)		/* no address */ \
	X(GROUP_EMPTY)		/* no member */ \
	X(SITE_EMPTY)		/* neither network nor name */ \
	X(PLACEHOLDER)		/* a template that was not filled in */ \
	X(EXAMPLE_ADDRESS)	/* an address that exists in documents only */ \
	X(ACCEPT_UNUSED)	/* an accepted risk that does not exist (any more) */

#define PROOF_FINDING_(N) PROOF_##N,
enum proof_what { PROOF_FINDINGS(PROOF_FINDING_) PROOF_FINDING_COUNT };

#define PROOF_FINDINGS_MAX 2000u	/* kept; beyond, only counted */
#define PROOF_OTHERS_MAX 3u

/* A packet that shows it. */
struct witness {
	uint32_t from, to;		/* zones */
	struct tuple tuple;
};

struct finding {
	uint8_t what;			/* enum proof_what */
	bool has_witness, has_second;
	uint8_t others_count;
	uint32_t statement;		/* index, or POLICY_NONE */
	uint32_t others[PROOF_OTHERS_MAX];	/* statements: the second hop, the denies, the wider permits */
	uint32_t from, to;		/* zones, or POLICY_NONE */
	uint32_t object;		/* host, group, site, zone, accept, assertion or class, as `what` implies */
	uint32_t bits;			/* which of several things are missing or open; gate_rules.h, by `what` */
	struct witness witness;
	struct witness second;		/* of a relay: the further hop */
};

enum proof_result { PROOF_HOLDS, PROOF_FAILS, PROOF_UNKNOWN };

struct proof {
	enum proof_result result;
	uint32_t unknown_from, unknown_to;	/* of UNKNOWN: zones between which there was no room, or POLICY_NONE */
	struct finding *findings;	/* owned */
	uint32_t findings_count;
	uint32_t errors, warnings;	/* all, also those not kept */
	uint32_t claims;		/* things shown for all packets */
	uint32_t pairs;			/* of zones with anything to prove */
	bool compiled;			/* boxes were compared with the statements */
	/* what the invariants speak of, of all that may pass */
	uint32_t permits, permits_spoken;
	uint32_t *unspoken;		/* owned; the permits of which something may pass that none speaks of */
	uint32_t unspoken_count;
	double share_spoken;		/* of conversations; 1 when nothing may pass */
	uint32_t relays_accepted;
	uint64_t nodes;			/* most decision nodes at a time */
};

enum proof_flags {
	PROOF_STATEMENTS_ONLY = 1,	/* do not compare with boxes: the policy has none (tests, benchmarks) */
};

struct prover;

/* prover_new - a session; node_max 0: BDD_NODES_MAX. Keeps what it proved of each pair of zones, so that
 * proving a policy that differs little from the last one costs little. NULL for no memory. */
struct prover *prover_new(uint32_t node_max);
void prover_free(struct prover *v);

/**
 * prove_policy - everything
 * @now: seconds since 1970: what ended before may not pass any more, and risks are accepted until their
 *	day; 0: as if nothing ever ended
 * @flags: of enum proof_flags
 * Return: 0 and *out filled (proof_done frees it); -ENOMEM.
 */
int prove_policy(struct prover *v, const struct policy *p, int64_t now, unsigned int flags, struct proof *out);
void proof_done(struct proof *f);

static inline bool proof_is_error(uint8_t what)
{
	return what < PROOF_PERMIT_NEVER;
}

#endif
