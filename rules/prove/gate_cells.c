/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate_cells: every conversation that may be opened is of a kind, and to an end, that the matrix names. */
#include "rules/prove/gate.h"

#include <netinet/in.h>

#include "rules/prove/matrix.h"

/* Ports and types of the conditions that are services. */
static const struct {
	uint8_t condition, protocol;
	uint16_t port;
} services[] = {
	{ MATRIX_TIME, IPPROTO_UDP, 123 },  { MATRIX_NAMES, IPPROTO_UDP, 53 },
	{ MATRIX_NAMES, IPPROTO_TCP, 53 },  { MATRIX_SSH, IPPROTO_TCP, 22 },
	{ MATRIX_PING, IPPROTO_ICMP, 8 },   { MATRIX_PING, IPPROTO_ICMPV6, 128 },
	{ MATRIX_LOGS, IPPROTO_UDP, 514 },  { MATRIX_LOGS, IPPROTO_TCP, 514 },
	{ MATRIX_LOGS, IPPROTO_TCP, 6514 },
};

static const struct allowance *next(const struct gate *g, const struct allowance *a)
{
	return matrix_next((enum model)g->p->model, g->role_from, g->role_to, a);
}

static bool is_free(const struct gate *g)
{
	return matrix_is_free((enum model)g->p->model, g->role_from, g->role_to);
}

/* Addresses of everything that has a name of that sort in the destination zone. */
static void named_ends(const struct gate *g, uint8_t condition, struct ranges *out)
{
	const struct policy *p = g->p;
	struct ranges bounds = { 0 };

	if (condition == MATRIX_TO_HOST)
		for (uint32_t i = 0; i < p->hosts_count; i++)
			if (p->hosts[i].zone == g->to)
				ranges_add_all(out, SLICE(p->nets, p->hosts[i].nets),
					       p->hosts[i].nets.count);
	if (condition == MATRIX_TO_SITE)
		for (uint32_t i = 0; i < p->sites_count; i++)
			if (p->sites[i].zone == g->to)
				ranges_add_all(out, SLICE(p->nets, p->sites[i].nets),
					       p->sites[i].nets.count);
	ranges_sort(out);
	lane_bounds(p, g->to, &bounds);
	ranges_keep(out, &bounds);
	ranges_done(&bounds);
}

static bdd_t service_set(struct gate *g, uint8_t condition)
{
	bdd_t set = BDD_FALSE;

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		struct ip_range protocol = { services[i].protocol, services[i].protocol };
		struct ip_range port = { services[i].port, services[i].port };

		if (services[i].condition != condition)
			continue;
		bdd_t here = space_range(g->space, SPACE_PORT, port, BDD_TRUE);

		here = space_range(g->space, SPACE_PROTOCOL, protocol, here);
		set = bdd_or(space_bdd(g->space), set, here);
	}
	return set;
}

static bdd_t condition_set(struct gate *g, uint8_t condition)
{
	struct ranges ends = { 0 };

	if (condition == MATRIX_ALWAYS)
		return BDD_TRUE;
	if (condition != MATRIX_TO_HOST && condition != MATRIX_TO_SITE)
		return service_set(g, condition);
	named_ends(g, condition, &ends);
	bdd_t set = ends.failed ? BDD_NONE
				: space_set(g->space, SPACE_DST, ends.at, ends.count, BDD_TRUE);

	ranges_done(&ends);
	return set;
}

static void cut_condition(struct gate *g, uint8_t condition)
{
	struct ranges ends = { 0 };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (services[i].condition != condition)
			continue;
		space_cut(g->space, SPACE_PROTOCOL,
			  (struct ip_range){ services[i].protocol, services[i].protocol });
		space_cut(g->space, SPACE_PORT,
			  (struct ip_range){ services[i].port, services[i].port });
	}
	named_ends(g, condition, &ends);
	for (uint32_t i = 0; i < ends.count; i++)
		space_cut(g->space, SPACE_DST, ends.at[i]);
	ranges_done(&ends);
}

void gate_cells_cut(struct gate *g)
{
	if (is_free(g))
		return;
	for (const struct allowance *a = next(g, NULL); a; a = next(g, a))
		cut_condition(g, a->condition);
}

bool gate_cells_ask_ends(const struct gate *g)
{
	for (const struct allowance *a = next(g, NULL); a; a = next(g, a))
		if (a->condition == MATRIX_TO_HOST || a->condition == MATRIX_TO_SITE)
			return true;
	return false;
}

static void check_permit(struct gate *g, uint32_t item)
{
	uint16_t kinds = matrix_kind((enum kind)gate_statement(g, item)->kind);
	bdd_t allowed = BDD_FALSE;
	bool any = false, kind = false;

	for (const struct allowance *a = next(g, NULL); a && allowed != BDD_TRUE; a = next(g, a)) {
		any = true;
		if (!(a->kinds & kinds))
			continue;
		kind = true;
		allowed = bdd_or(space_bdd(g->space), allowed, condition_set(g, a->condition));
	}
	bdd_t bad = bdd_diff(space_bdd(g->space), g->lane.items[item].effective, allowed);

	if (!gate_claim(g, bad))
		gate_show(g,
			  !any    ? PROOF_CELL_NONE
			  : !kind ? PROOF_CELL_KIND
				  : PROOF_CELL_CONDITION,
			  item, bad);
}

void gate_cells(struct gate *g)
{
	if (is_free(g))
		return;
	for (uint32_t i = 0; i < g->lane.count; i++) {
		uint8_t type = gate_statement(g, i)->type;

		if (type == STATEMENT_PERMIT)
			check_permit(g, i);
		else if (type == STATEMENT_CROSSING && !next(g, NULL) &&
			 !gate_claim(g, g->lane.items[i].effective))
			gate_show(g, PROOF_CROSSING_NONE, i, g->lane.items[i].effective);
	}
}
