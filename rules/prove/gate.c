/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/gate.h"

#include <stdlib.h>
#include <string.h>

#include "rules/prove/matrix.h"
#include "rules/prove/parts.h"
#include "rules/prove/witness.h"

void gate_result_done(struct gate_result *r)
{
	findings_done(&r->findings);
	free(r->items);
	free(r->blamed);
	ranges_done(&r->src);
	ranges_done(&r->dst);
	*r = (struct gate_result){ 0 };
}

/* ---- what the parts share ---- */

struct finding *gate_find(struct gate *g, enum proof_what what, uint32_t item)
{
	struct finding *f = findings_add(&g->out->findings, what);

	if (!f)
		return NULL;
	f->statement = item;
	f->from = g->from;
	f->to = g->to;
	return f;
}

struct finding *gate_show(struct gate *g, enum proof_what what, uint32_t item, bdd_t set)
{
	struct finding *f = gate_find(g, what, item);

	if (f)
		f->has_witness = witness_of(g->names, g->space, set, g->from, g->to, &f->witness);
	return f;
}

bool gate_claim(struct gate *g, bdd_t set)
{
	g->out->claims++;
	return set == BDD_FALSE && !space_failed(g->space);
}

/* ---- one pair ---- */

void gate_load(struct gate *g, const struct lane_index *x, uint32_t from, uint32_t to)
{
	g->from = from;
	g->to = to;
	g->role_from = (enum role)g->p->zones[from].role;
	g->role_to = (enum role)g->p->zones[to].role;
	lane_load(&g->lane, g->p, x, from, to, g->now);
}

static bool prepare(struct gate *g)
{
	struct gate_result *r = g->out;

	r->count = g->lane.count;
	r->items = calloc(r->count + 1, sizeof(*r->items));
	r->blamed = malloc((r->count + 1) * sizeof(*r->blamed));
	if (!r->items || !r->blamed)
		return false;
	memset(r->blamed, 0xff, (r->count + 1) * sizeof(*r->blamed)); /* POLICY_NONE */
	return true;
}

static void cut(struct gate *g)
{
	space_reset(g->space);
	lane_cut(&g->lane, g->space);
	gate_cells_cut(g);
	gate_rules_cut(g);
	gate_asserts_cut(g);
	relays_cut(g->space);
	if (g->compiled)
		gate_compiled_cut(g);
	space_freeze(g->space);
}

/* Who can be joined by what may pass: rule 3 looks at all pairs together. */
static void keep_ends(struct gate *g)
{
	const struct space_part *parts;
	bdd_t set = g->lane.permitted;

	if (!gate_touches(g, 1u << ROLE_MYNUMBER | GATE_OUTER))
		return;
	set = bdd_diff(space_bdd(g->space), set, relays_ignore(&g->lane, g->space));
	set = space_forget(g->space, space_forget(g->space, set, SPACE_PROTOCOL), SPACE_PORT);
	uint32_t n =
		space_parts(g->space, space_forget(g->space, set, SPACE_DST), SPACE_SRC, &parts);

	for (uint32_t i = 0; i < n; i++)
		ranges_add(&g->out->src, parts[i].range);
	n = space_parts(g->space, space_forget(g->space, set, SPACE_SRC), SPACE_DST, &parts);
	for (uint32_t i = 0; i < n; i++)
		ranges_add(&g->out->dst, parts[i].range);
	g->lane.failed |= g->out->src.failed || g->out->dst.failed;
}

/* What the invariants speak of: cells that restrict, protected zones, and assertions. */
static void measure(struct gate *g, bdd_t asserted)
{
	bool all = gate_touches(g, GATE_PROTECTED) ||
		   !matrix_is_open((enum model)g->p->model, g->role_from, g->role_to);

	if (g->p->model == MODEL_LAB)
		all = false;
	g->out->permitted = (double)lane_size(&g->lane, g->space, g->lane.permitted).about;
	g->out->spoken =
		all ? g->out->permitted : (double)lane_size(&g->lane, g->space, asserted).about;
	for (uint32_t i = 0; i < g->lane.count; i++)
		if (gate_statement(g, i)->type == STATEMENT_PERMIT &&
		    (all || bdd_implies(space_bdd(g->space), g->lane.items[i].effective, asserted)))
			g->out->items[i] |= ITEM_SPOKEN;
}

void gate_prove(struct gate *g, struct gate_result *out)
{
	g->out = out;
	out->unknown = true;
	if (!prepare(g))
		return;
	cut(g);
	lane_build(&g->lane, g->space);
	gate_cells(g);
	gate_rules(g);
	bdd_t asserted = gate_asserts(g);

	if (g->compiled)
		gate_compiled(g);
	gate_cover(g);
	keep_ends(g);
	measure(g, asserted);
	out->nodes = bdd_nodes(space_bdd(g->space));
	out->unknown = space_failed(g->space) || g->lane.failed || out->findings.failed;
}
