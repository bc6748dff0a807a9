/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate: the proof for one pair of zones, and what is kept of it.
 *
 * A gate looks at nothing but what gate_key() writes down. So when the key of a pair is what it was,
 * the kept result stands, and a small edit of a large policy proves the pairs that it touches only.
 */
#ifndef RULES_PROVE_GATE_H
#define RULES_PROVE_GATE_H

#include "rules/policy.h"
#include "rules/prove/findings.h"
#include "rules/prove/lane.h"
#include "rules/prove/names.h"
#include "rules/prove/ranges.h"
#include "rules/prove/space.h"
#include "rules/text.h"

enum { ITEM_REACHED = 1, ITEM_COVERED = 2, ITEM_SPOKEN = 4 };	/* bits of gate_result.items */

struct gate_result {
	struct findings findings;	/* statements are places in the lane, not indexes of the policy */
	uint8_t *items;			/* owned; for each statement of the lane, of enum above */
	uint32_t (*blamed)[PROOF_OTHERS_MAX];	/* owned; for each: the denies or permits that took it; POLICY_NONE ends */
	uint32_t count;			/* of statements */
	uint32_t claims;
	uint64_t nodes;
	double permitted, spoken;	/* conversations */
	struct ranges src, dst;		/* who may open, who may be reached; kept for pairs that relays concern */
	bool unknown;			/* out of nodes or memory */
};

void gate_result_done(struct gate_result *r);

struct gate {
	const struct policy *p;
	const struct names *names;
	struct space *space;
	struct lane lane;
	uint32_t from, to;		/* zones */
	enum role role_from, role_to;
	int64_t now;
	bool compiled;			/* compare with the boxes */
	struct gate_result *out;
};

/* gate_load - the numbers of the pair; then gate_key may be asked, or gate_prove */
void gate_load(struct gate *g, const struct lane_index *x, uint32_t from, uint32_t to);

/* gate_key - everything that a proof of this pair looks at, as bytes */
void gate_key(struct gate *g, struct text *out);

/* gate_prove - all that can be shown of the pair alone; out->unknown when it could not be finished */
void gate_prove(struct gate *g, struct gate_result *out);

/* ---- the parts; each cuts first, then shows ---- */

void gate_cells_cut(struct gate *g);		/* the matrix (gate_cells.c) */
void gate_cells(struct gate *g);
bool gate_cells_ask_ends(const struct gate *g);	/* whether a cell asks for named hosts or sites */
void gate_rules_cut(struct gate *g);		/* rules 1, 4 and 6 (gate_rules.c) */
void gate_rules(struct gate *g);
void gate_asserts_cut(struct gate *g);		/* the policy's own assertions (gate_asserts.c) */
bdd_t gate_asserts(struct gate *g);		/* Return: what they speak of */
void gate_compiled_cut(struct gate *g);		/* boxes against statements (gate_compiled.c) */
void gate_compiled(struct gate *g);
void gate_cover(struct gate *g);		/* permits without effect (gate_cover.c) */

/* ---- what the parts share ---- */

static inline bool gate_role_is(enum role r, uint32_t roles)
{
	return roles >> r & 1;
}

#define GATE_PROTECTED (1u << ROLE_MYNUMBER | 1u << ROLE_PUBLIC_LINE | 1u << ROLE_LGWAN)
#define GATE_INNER (1u << ROLE_MYNUMBER | 1u << ROLE_PUBLIC_LINE)
#define GATE_OUTER (1u << ROLE_INTERNET | 1u << ROLE_CLOUD | 1u << ROLE_OUTSIDE)

static inline bool gate_touches(const struct gate *g, uint32_t roles)
{
	return gate_role_is(g->role_from, roles) || gate_role_is(g->role_to, roles);
}

static inline const struct statement *gate_statement(const struct gate *g, uint32_t item)
{
	return &g->p->statements[g->lane.items[item].statement];
}

/* gate_find - a finding of this pair; `item` is a place in the lane, or POLICY_NONE */
struct finding *gate_find(struct gate *g, enum proof_what what, uint32_t item);

/* gate_show - the same, with an example packet of the set */
struct finding *gate_show(struct gate *g, enum proof_what what, uint32_t item, bdd_t set);

/* gate_claim - whether a set is empty: one more thing shown. False also when the space failed. */
bool gate_claim(struct gate *g, bdd_t set);

#endif
