/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate_key: everything that the proof of one pair looks at, as bytes; indexes that other blocks shift are
 * replaced by what they stand for. */
#include "rules/prove/gate.h"

#include "rules/prove/terms.h"

#define ADD(out, x) text_add((out), (const char *)&(x), sizeof(x))

/* How the ends in one zone are written. */
static uint32_t end_kinds(const struct policy *p, struct span ends, uint32_t zone)
{
	uint32_t kinds = 0;

	for (uint32_t i = ends.first; i < ends.first + ends.count; i++)
		if (p->endpoints[i].zone == zone)
			kinds |= 1u << p->endpoints[i].kind;
	return kinds;
}

/* What is asked of the permit itself: whether a text is there, not which. */
static void add_statement(struct gate *g, uint32_t item, struct text *out)
{
	const struct policy *p = g->p;
	const struct statement *s = gate_statement(g, item);
	const uint32_t facts[] = {
		end_kinds(p, s->from, g->from),
		end_kinds(p, s->to, g->to),
		s->kind,
		s->review > 0,
		s->approved_on > 0,
		s->owner > 0,
		s->reason > 0,
		s->reference > 0,
		s->approved_by > 0,
	};

	ADD(out, facts);
	terms_key((struct terms_of){ p, g->lane.items[item].statement }, out);
}

static void add_nets(const struct policy *p, struct span nets, struct text *out)
{
	ADD(out, nets.count);
	text_add(out, (const char *)SLICE(p->nets, nets), nets.count * sizeof(*p->nets));
}

/* Hosts and sites of a zone. */
static void add_ends(const struct policy *p, uint32_t zone, struct text *out)
{
	for (uint32_t i = 0; i < p->hosts_count; i++) {
		bool bound = p->hosts[i].macs.count || p->hosts[i].routed;

		if (p->hosts[i].zone != zone)
			continue;
		ADD(out, bound);
		add_nets(p, p->hosts[i].nets, out);
	}
	for (uint32_t i = 0; i < p->sites_count; i++)
		if (p->sites[i].zone == zone)
			add_nets(p, p->sites[i].nets, out);
}

static void add_span(const struct policy *p, struct span ends, struct text *out)
{
	for (uint32_t i = ends.first; i < ends.first + ends.count; i++) {
		ADD(out, p->endpoints[i].kind);
		ADD(out, p->endpoints[i].zone);
	}
}

static void add_addresses(struct gate *g, struct span ends, uint32_t zone, struct ranges *r,
			  struct text *out)
{
	ranges_clear(r);
	lane_ends(g->p, ends, zone, r);
	ADD(out, r->count);
	text_add(out, (const char *)r->at, r->count * sizeof(*r->at));
}

static void add_asserts(struct gate *g, struct text *out)
{
	struct ranges r = { 0 };

	for (uint32_t i = 0; i < g->p->assertions_count; i++) {
		const struct assertion *a = &g->p->assertions[i];
		struct span services = lane_services(&g->lane, a->services);

		ADD(out, a->only);
		add_span(g->p, a->from, out);
		add_span(g->p, a->to, out);
		add_addresses(g, a->from, g->from, &r, out);
		add_addresses(g, a->to, g->to, &r, out);
		add_addresses(g, a->via, g->from, &r, out);
		add_addresses(g, a->via, g->to, &r, out);
		ADD(out, services.count);
		text_add(out, (const char *)SLICE(g->lane.services, services),
			 services.count * sizeof(*g->lane.services));
		g->lane.services_count = services.first;
	}
	ranges_done(&r);
}

static void add_boxes(const struct gate *g, struct text *out)
{
	struct span boxes = g->p->pairs[g->from * g->p->zones_count + g->to].boxes;

	for (uint32_t i = boxes.first; i < boxes.first + boxes.count; i++) {
		struct box b = g->p->boxes[i];
		const struct class *k = &g->p->classes[b.class];

		b.class = k->members.count;
		ADD(out, b);
		ADD(out, k->denied);
		for (uint32_t m = k->members.first; m < k->members.first + k->members.count; m++) {
			uint32_t place = lane_place(&g->lane, g->p->refs[m]);

			ADD(out, place);
		}
	}
}

void gate_key(struct gate *g, struct text *out)
{
	ADD(out, g->p->model);
	ADD(out, g->from);
	ADD(out, g->to);
	ADD(out, g->role_from);
	ADD(out, g->role_to);
	ADD(out, g->compiled);
	lane_key(&g->lane, out);
	for (uint32_t i = 0; i < g->lane.count; i++)
		add_statement(g, i, out);
	add_nets(g->p, g->p->zones[g->from].nets, out);
	add_nets(g->p, g->p->zones[g->to].nets, out);
	if (gate_touches(g, GATE_INNER) || gate_cells_ask_ends(g)) {
		add_ends(g->p, g->from, out);
		add_ends(g->p, g->to, out);
	}
	add_asserts(g, out);
	if (g->compiled)
		add_boxes(g, out);
}
