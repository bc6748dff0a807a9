/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile_parts: which addresses and services each statement speaks of, for each pair of zones. */
#include <netinet/in.h>
#include <stdlib.h>

#include "rules/arena.h"
#include "rules/lang/compile.h"
#include "rules/lang/networks.h"

static void add_net(struct compile *c, struct ip_range r)
{
	struct ip_range *p = arena_grow(c->u->arena, c->nets, c->nets_count, sizeof(*p));

	if (!p) {
		c->u->failed = true;
		return;
	}
	c->nets = p;
	p[c->nets_count++] = r;
}

static void add_nets(struct compile *c, struct span nets)
{
	for (uint32_t i = nets.first; i < nets.first + nets.count; i++)
		add_net(c, c->u->draft.nets[i]);
}

/* The appliance answers to addresses that the policy does not know: every one there is. */
static void add_everything(struct compile *c)
{
	struct ip_range v6[2];

	ip_all_v6(v6);
	add_net(c, v6[0]);
	add_net(c, ip_all_v4());
	add_net(c, v6[1]);
}

static void add_end(struct compile *c, const struct endpoint *e)
{
	const struct draft *d = &c->u->draft;

	if (e->zone == d->zones_count - 1) {
		add_everything(c);
		return;
	}
	switch (e->kind) {
	case END_ZONE: add_nets(c, d->zones[e->index].nets); break;
	case END_HOST: add_nets(c, d->hosts[e->index].nets); break;
	case END_SITE: add_nets(c, d->sites[e->index].nets); break;
	case END_PREFIX: add_net(c, d->nets[e->index]); break;
	case END_GROUP: {
		struct span hosts = d->groups[e->index].hosts;

		for (uint32_t i = hosts.first; i < hosts.first + hosts.count; i++)
			add_nets(c, d->hosts[d->refs[i]].nets);
	}
	}
}

struct side { /* the networks of one end of a statement in one zone */
	uint32_t zone;
	struct span nets; /* of compile nets */
};

/* The zones of a list of ends, each with all its networks. Return: how many, at most `zones`. */
static uint32_t sides_of(struct compile *c, struct span ends, struct side *out)
{
	const struct endpoint *e = c->u->draft.endpoints + ends.first;
	uint32_t count = 0;

	for (uint32_t i = 0; i < ends.count; i++) {
		bool known = false;

		for (uint32_t k = 0; k < count; k++)
			known |= out[k].zone == e[i].zone;
		if (known)
			continue;
		uint32_t first = c->nets_count;

		for (uint32_t k = i; k < ends.count; k++)
			if (e[k].zone == e[i].zone)
				add_end(c, &e[k]);
		if (c->u->failed)
			return 0;
		uint32_t kept = networks_join(c->nets + first, c->nets_count - first);

		c->nets_count = first + kept;
		out[count++] = (struct side){ e[i].zone, { first, kept } };
	}
	return count;
}

/* --- services ---------------------------------------------------------------------------------- */

static void add_service(struct compile *c, enum box_kind kind, uint32_t lo, uint32_t hi)
{
	struct service_range *p =
		arena_grow(c->u->arena, c->services, c->services_count, sizeof(*p));

	if (!p) {
		c->u->failed = true;
		return;
	}
	c->services = p;
	p[c->services_count++] = (struct service_range){ lo, hi, kind };
}

static void add_every_service(struct compile *c)
{
	static const uint8_t gaps[][2] = { { 0, 0 }, { 2, 5 }, { 7, 16 }, { 18, 57 }, { 59, 255 } };

	add_service(c, BOX_PORTS, IPPROTO_TCP << 16, IPPROTO_TCP << 16 | UINT16_MAX);
	add_service(c, BOX_PORTS, IPPROTO_UDP << 16, IPPROTO_UDP << 16 | UINT16_MAX);
	add_service(c, BOX_ICMP, IPPROTO_ICMP << 16, IPPROTO_ICMP << 16 | 255);
	add_service(c, BOX_ICMP, IPPROTO_ICMPV6 << 16, IPPROTO_ICMPV6 << 16 | 255);
	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++)
		add_service(c, BOX_PROTOCOL, (uint32_t)gaps[i][0] << 16,
			    (uint32_t)gaps[i][1] << 16);
}

static void add_range(struct compile *c, const struct port_range *p)
{
	uint32_t base = (uint32_t)p->protocol << 16;

	if (p->any)
		add_every_service(c);
	else if (p->protocol == IPPROTO_TCP || p->protocol == IPPROTO_UDP)
		add_service(c, BOX_PORTS, base | p->lo, base | p->hi);
	else if (p->protocol == IPPROTO_ICMP || p->protocol == IPPROTO_ICMPV6)
		add_service(c, BOX_ICMP, base | p->lo, base | p->hi);
	else
		add_service(c, BOX_PROTOCOL, base, base);
}

static int by_service(const void *a, const void *b)
{
	const struct service_range *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* One step on the axis: a port, a type, or a whole protocol. */
static uint32_t step(uint32_t kind)
{
	return kind == BOX_PROTOCOL ? 1u << 16 : 1;
}

static struct span services_of(struct compile *c, struct span refs)
{
	const struct draft *d = &c->u->draft;
	uint32_t first = c->services_count, kept = first;

	for (uint32_t i = refs.first; i < refs.first + refs.count; i++) {
		struct span ports = d->services[d->refs[i]].ports;

		for (uint32_t k = ports.first; k < ports.first + ports.count; k++)
			add_range(c, &d->ports[k]);
	}
	if (c->services_count > first && !c->u->failed)
		qsort(c->services + first, c->services_count - first, sizeof(*c->services),
		      by_service);
	for (uint32_t i = first; i < c->services_count && !c->u->failed; i++) {
		struct service_range *last = &c->services[kept - (kept > first)];
		struct service_range s = c->services[i];

		if (kept > first && last->kind == s.kind && s.lo <= last->hi + step(s.kind)) {
			if (s.hi > last->hi)
				last->hi = s.hi;
		} else {
			c->services[kept++] = s;
		}
	}
	c->services_count = kept;
	return (struct span){ first, kept - first };
}

/* --- parts ------------------------------------------------------------------------------------- */

static void add_part(struct compile *c, uint32_t statement, const struct side *from,
		     const struct side *to, struct span services)
{
	struct part *p = arena_grow(c->u->arena, c->parts, c->parts_count, sizeof(*p));

	if (!p) {
		c->u->failed = true;
		return;
	}
	c->parts = p;
	p[c->parts_count++] = (struct part){
		.statement = statement,
		.pair = from->zone * c->u->draft.zones_count + to->zone,
		.src = from->nets,
		.dst = to->nets,
		.services = services,
	};
}

static void add_statement(struct compile *c, uint32_t i)
{
	const struct statement *s = &c->u->draft.statements[i];
	struct side from[POLICY_ZONES_MAX], to[POLICY_ZONES_MAX];
	uint32_t froms = sides_of(c, s->from, from), tos = sides_of(c, s->to, to);
	struct span services = services_of(c, s->services);

	for (uint32_t f = 0; f < froms; f++)
		for (uint32_t t = 0; t < tos; t++) {
			add_part(c, i, &from[f], &to[t], services);
			if (s->type == STATEMENT_CROSSING && from[f].zone != to[t].zone)
				add_part(c, i, &to[t], &from[f], services);
		}
}

static int by_pair(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->pair != y->pair)
		return x->pair < y->pair ? -1 : 1;
	return (x->statement > y->statement) - (x->statement < y->statement);
}

void compile_parts(struct compile *c)
{
	for (uint32_t i = 0; i < c->u->draft.statements_count && !unit_failed(c->u); i++)
		add_statement(c, i);
	if (c->parts_count && !unit_failed(c->u))
		qsort(c->parts, c->parts_count, sizeof(*c->parts), by_pair);
}
