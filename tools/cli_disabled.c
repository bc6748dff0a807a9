/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_disabled.h"

static bool nets_hold(const struct policy *p, struct span nets, ip_t a)
{
	for (uint32_t i = nets.first; i < nets.first + nets.count; i++)
		if (ip_in(p->nets[i], a))
			return true;
	return false;
}

static bool group_holds(const struct policy *p, const struct group *g, ip_t a)
{
	for (uint32_t i = g->hosts.first; i < g->hosts.first + g->hosts.count; i++)
		if (nets_hold(p, p->hosts[p->refs[i]].nets, a))
			return true;
	return false;
}

static bool end_holds(const struct policy *p, const struct endpoint *e, ip_t a)
{
	switch (e->kind) {
	case END_ZONE: return policy_zone_holds(p, e->index, a);
	case END_HOST: return nets_hold(p, p->hosts[e->index].nets, a);
	case END_GROUP: return group_holds(p, &p->groups[e->index], a);
	case END_SITE: return nets_hold(p, p->sites[e->index].nets, a);
	case END_PREFIX: return ip_in(p->nets[e->index], a);
	default: return false;
	}
}

static bool ends_hold(const struct policy *p, struct span ends, ip_t a)
{
	for (uint32_t i = ends.first; i < ends.first + ends.count; i++)
		if (end_holds(p, &p->endpoints[i], a))
			return true;
	return false;
}

static bool service_holds(const struct policy *p, const struct service *s, const struct tuple *t)
{
	for (uint32_t i = s->ports.first; i < s->ports.first + s->ports.count; i++) {
		const struct port_range *r = &p->ports[i];

		if (r->any ||
		    (r->protocol == t->protocol && r->lo <= t->dport && t->dport <= r->hi))
			return true;
	}
	return false;
}

static bool services_hold(const struct policy *p, struct span services, const struct tuple *t)
{
	for (uint32_t i = services.first; i < services.first + services.count; i++)
		if (service_holds(p, &p->services[p->refs[i]], t))
			return true;
	return false;
}

const struct statement *cli_disabled(const struct policy *p, const struct tuple *t)
{
	for (uint32_t i = 0; i < p->disabled_count; i++) {
		const struct statement *s = &p->disabled[i];

		if (ends_hold(p, s->from, t->src) && ends_hold(p, s->to, t->dst) &&
		    services_hold(p, s->services, t))
			return s;
	}
	return NULL;
}
