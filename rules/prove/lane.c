/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/lane.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "rules/text.h"

#define ADD(out, x) text_add((out), (const char *)&(x), sizeof(x))

/* ---- addresses ---- */

void lane_bounds(const struct policy *p, uint32_t zone, struct ranges *out)
{
	struct ip_range v6[2];
	struct span s = p->zones[zone].nets;

	if (zone != policy_box_zone(p)) {
		ranges_add_all(out, SLICE(p->nets, s), s.count);
		return;
	}
	ip_all_v6(v6);
	ranges_add(out, v6[0]);
	ranges_add(out, ip_all_v4());
	ranges_add(out, v6[1]);
}

static void add_nets(const struct policy *p, struct span nets, uint32_t zone, struct ranges *out)
{
	struct span bounds = p->zones[zone].nets;

	for (uint32_t i = nets.first; i < nets.first + nets.count; i++)
		ranges_add_within(out, p->nets[i], SLICE(p->nets, bounds), bounds.count);
}

static void add_end(const struct policy *p, struct endpoint e, struct ranges *out)
{
	if (e.kind == END_ZONE || e.zone == policy_box_zone(p))
		lane_bounds(p, e.zone, out);
	else if (e.kind == END_HOST)
		add_nets(p, p->hosts[e.index].nets, e.zone, out);
	else if (e.kind == END_SITE)
		add_nets(p, p->sites[e.index].nets, e.zone, out);
	else if (e.kind == END_PREFIX)
		add_nets(p, (struct span){ e.index, 1 }, e.zone, out);
	else
		for (uint32_t i = 0; i < p->groups[e.index].hosts.count; i++)
			add_nets(p, p->hosts[p->refs[p->groups[e.index].hosts.first + i]].nets,
				 e.zone, out);
}

void lane_ends(const struct policy *p, struct span ends, uint32_t zone, struct ranges *out)
{
	uint32_t first = out->count;

	for (uint32_t i = ends.first; i < ends.first + ends.count; i++)
		if (p->endpoints[i].zone == zone)
			add_end(p, p->endpoints[i], out);
	ranges_sort_from(out, first);
}

/* ---- services ---- */

static void add_service(struct lane *l, struct lane_service s)
{
	if (l->services_count == l->services_room) {
		uint32_t room = l->services_room ? l->services_room * 2 : 64;
		struct lane_service *p = realloc(l->services, room * sizeof(*p));

		if (!p) {
			l->failed = true;
			return;
		}
		l->services = p;
		l->services_room = room;
	}
	l->services[l->services_count++] = s;
}

static uint8_t family_of(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP ? 4 : protocol == IPPROTO_ICMPV6 ? 6 : 0;
}

static void add_ports(struct lane *l, uint8_t protocol, uint16_t lo, uint16_t hi)
{
	bool ports = protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
	uint8_t family = family_of(protocol);

	if (family && lo > 255)
		return; /* no such type */
	if (family && hi > 255)
		hi = 255;
	if (!ports && !family)
		lo = hi = 0;
	add_service(l, (struct lane_service){ protocol, protocol, lo, hi, family, 0 });
}

/* Every protocol: those with ports or types by themselves, the rest in the gaps between. */
static void add_any(struct lane *l)
{
	static const uint8_t special[] = { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6 };
	uint32_t next = 0;

	for (size_t i = 0; i < sizeof(special); i++) {
		if (next < special[i])
			add_service(l,
				    (struct lane_service){ (uint8_t)next, (uint8_t)(special[i] - 1),
							   0, 0, 0, 0 });
		add_ports(l, special[i], 0, UINT16_MAX);
		next = special[i] + 1u;
	}
	add_service(l, (struct lane_service){ (uint8_t)next, 255, 0, 0, 0, 0 });
}

static int by_protocol(const void *a, const void *b)
{
	const struct lane_service *x = a, *y = b;

	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return (x->lo > y->lo) - (x->lo < y->lo);
}

static struct span join_services(struct lane *l, uint32_t first)
{
	uint32_t n = first;

	if (l->services_count - first > 1)
		qsort(l->services + first, l->services_count - first, sizeof(*l->services),
		      by_protocol);
	for (uint32_t i = first; i < l->services_count; i++) {
		struct lane_service *last = n > first ? &l->services[n - 1] : NULL;
		struct lane_service s = l->services[i];

		if (last && last->protocol == s.protocol && s.lo <= last->hi + 1)
			last->hi = s.hi > last->hi ? s.hi : last->hi;
		else
			l->services[n++] = s;
	}
	l->services_count = n;
	return (struct span){ first, n - first };
}

struct span lane_services(struct lane *l, struct span services)
{
	const struct policy *p = l->p;
	uint32_t first = l->services_count;
	bool any = services.count == 0;

	for (uint32_t i = services.first; i < services.first + services.count; i++) {
		struct span ports = p->services[p->refs[i]].ports;

		for (uint32_t k = ports.first; k < ports.first + ports.count; k++) {
			any |= p->ports[k].any;
			add_ports(l, p->ports[k].protocol, p->ports[k].lo, p->ports[k].hi);
		}
	}
	if (any) {
		l->services_count = first;
		add_any(l);
	}
	return join_services(l, first);
}

/* ---- loading ---- */

void lane_done(struct lane *l)
{
	free(l->items);
	free(l->places);
	free(l->services);
	ranges_done(&l->ranges);
	*l = (struct lane){ 0 };
}

static void clear(struct lane *l, const struct policy *p, uint32_t from, uint32_t to)
{
	l->p = p;
	l->from = from;
	l->to = to;
	l->count = l->services_count = 0;
	l->denied = l->granted = l->permitted = l->inside = BDD_FALSE;
	l->whole = (struct lane_item){ .statement = POLICY_NONE };
	l->ended = l->failed = false;
	ranges_clear(&l->ranges);
}

static struct span load_ends(struct lane *l, struct span ends, uint32_t zone)
{
	uint32_t first = l->ranges.count;

	lane_ends(l->p, ends, zone, &l->ranges);
	return (struct span){ first, l->ranges.count - first };
}

static bool has_zone(const struct policy *p, struct span ends, uint32_t zone)
{
	for (uint32_t i = ends.first; i < ends.first + ends.count; i++)
		if (p->endpoints[i].zone == zone)
			return true;
	return false;
}

/* The ends of a crossing stand for both directions. */
static struct span ends_toward(const struct policy *p, const struct statement *s, struct span mine,
			       struct span other, uint32_t zone)
{
	return s->type == STATEMENT_CROSSING && !has_zone(p, mine, zone) ? other : mine;
}

static bool has_ended(const struct statement *s, int64_t now)
{
	return s->until && s->until <= now && !s->at_end_alarm;
}

static void load_item(struct lane *l, uint32_t statement, int64_t now)
{
	const struct statement *s = &l->p->statements[statement];
	struct lane_item i = { .statement = statement, .ended = has_ended(s, now) };

	i.src = load_ends(l, ends_toward(l->p, s, s->from, s->to, l->from), l->from);
	i.dst = load_ends(l, ends_toward(l->p, s, s->to, s->from, l->to), l->to);
	i.services = lane_services(l, s->services);
	l->ended |= i.ended;
	l->places[statement] = l->count;
	l->items[l->count++] = i;
}

/* All that the interfaces of a zone that is `inside permit` say to each other. */
static void load_whole(struct lane *l)
{
	uint32_t first = l->ranges.count;

	lane_bounds(l->p, l->from, &l->ranges);
	l->whole.src = l->whole.dst = (struct span){ first, l->ranges.count - first };
	l->whole.services = lane_services(l, (struct span){ 0, 0 });
}

/* What stands in places from lanes before is harmless: lane_place() looks whether it is so. */
static bool room_for(struct lane *l, uint32_t n)
{
	if (n > l->room) {
		free(l->items);
		l->items = malloc(n * sizeof(*l->items));
		l->room = l->items ? n : 0;
	}
	if (l->p->statements_count > l->places_room) {
		free(l->places);
		l->places = calloc(l->p->statements_count, sizeof(*l->places));
		l->places_room = l->places ? l->p->statements_count : 0;
	}
	return n <= l->room && l->p->statements_count <= l->places_room;
}

void lane_load(struct lane *l, const struct policy *p, const struct lane_index *x, uint32_t from,
	       uint32_t to, int64_t now)
{
	clear(l, p, from, to);
	if (from == POLICY_NONE || to == POLICY_NONE)
		return;
	struct span list = lane_index_of(x, p, from, to);

	l->failed = !room_for(l, list.count);
	if (from == to && p->zones[from].inside_permit)
		load_whole(l);
	for (uint32_t i = 0; i < list.count && !l->failed; i++)
		load_item(l, x->statements[list.first + i], now);
	l->failed |= l->ranges.failed;
}

uint32_t lane_place(const struct lane *l, uint32_t statement)
{
	uint32_t i = statement < l->places_room ? l->places[statement] : POLICY_NONE;

	return i < l->count && l->items[i].statement == statement ? i : POLICY_NONE;
}

void lane_key(const struct lane *l, struct text *out)
{
	const uint32_t counts[] = { l->count, l->ranges.count, l->services_count };

	ADD(out, counts);
	text_add(out, (const char *)l->ranges.at, l->ranges.count * sizeof(*l->ranges.at));
	text_add(out, (const char *)l->services, l->services_count * sizeof(*l->services));
	for (uint32_t i = 0; i < l->count; i++) {
		ADD(out, l->items[i].src);
		ADD(out, l->items[i].dst);
		ADD(out, l->items[i].services);
		ADD(out, l->items[i].ended);
	}
	ADD(out, l->whole.src);
}

void lane_item_key(const struct lane *l, uint32_t item, struct text *out)
{
	const struct lane_item *i = &l->items[item];
	const uint32_t counts[] = { i->src.count, i->dst.count, i->services.count, i->ended };

	ADD(out, counts);
	text_add(out, (const char *)SLICE(l->ranges.at, i->src),
		 i->src.count * sizeof(*l->ranges.at));
	text_add(out, (const char *)SLICE(l->ranges.at, i->dst),
		 i->dst.count * sizeof(*l->ranges.at));
	text_add(out, (const char *)SLICE(l->services, i->services),
		 i->services.count * sizeof(*l->services));
}
