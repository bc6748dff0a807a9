/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/cover.h"

#include <stdlib.h>
#include <string.h>

#include "rules/text.h"

struct covering {
	const struct names *n;
	struct text *out;
	struct ranges left; /* not named yet */
	uint32_t items;     /* written so far */
};

static void put_item(struct covering *c, const char *kind, const char *name)
{
	if (c->items++ < COVER_ITEMS_MAX)
		text_printf(c->out, "%s%s %s", c->items > 1 ? ", " : "", kind, name);
}

static bool all_left(const struct covering *c, const struct ranges *r)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (!ranges_hold(c->left.at, c->left.count, r->at[i]))
			return false;
	return r->count > 0;
}

static double volume(const struct ranges *r)
{
	double v = 0;

	for (uint32_t i = 0; i < r->count; i++)
		v += (double)(r->at[i].hi - r->at[i].lo) + 1;
	return v;
}

/* ---- hosts, groups, sites of a zone ---- */

static void add_nets(const struct policy *p, struct span nets, struct ranges *r)
{
	ranges_add_all(r, SLICE(p->nets, nets), nets.count);
}

/* Names the thing and takes its addresses away, when all of them are left. */
static void try_thing(struct covering *c, struct ranges *r, const char *kind, const char *name)
{
	ranges_sort(r);
	if (all_left(c, r)) {
		put_item(c, kind, name);
		ranges_remove(&c->left, r);
	}
	ranges_clear(r);
}

static void name_groups(struct covering *c, uint32_t zone, struct ranges *r)
{
	const struct policy *p = c->n->p;

	for (uint32_t i = 0; i < p->groups_count && c->left.count; i++) {
		struct span hosts = p->groups[i].hosts;

		if (p->groups[i].zone != zone)
			continue;
		for (uint32_t h = hosts.first; h < hosts.first + hosts.count; h++)
			add_nets(p, p->hosts[p->refs[h]].nets, r);
		try_thing(c, r, "group", policy_string(p, p->groups[i].name));
	}
}

static void name_sites(struct covering *c, uint32_t zone, struct ranges *r)
{
	const struct policy *p = c->n->p;

	for (uint32_t i = 0; i < p->sites_count && c->left.count; i++) {
		if (p->sites[i].zone != zone)
			continue;
		add_nets(p, p->sites[i].nets, r);
		try_thing(c, r, "site", policy_string(p, p->sites[i].name));
	}
}

static void name_hosts(struct covering *c, uint32_t zone, struct ranges *r)
{
	const struct policy *p = c->n->p;

	for (uint32_t i = 0; i < p->hosts_count && c->left.count && c->items < COVER_ITEMS_MAX;
	     i++) {
		struct text name = { 0 };

		if (p->hosts[i].zone != zone)
			continue;
		names_put_host(p, i, &name);
		add_nets(p, p->hosts[i].nets, r);
		try_thing(c, r, "host", name.bytes ? name.bytes : "");
		text_done(&name);
	}
}

static void put_ranges(struct covering *c)
{
	char buf[IP_RANGE_TEXT];
	uint32_t i = 0;

	for (; i < c->left.count && c->items < COVER_ITEMS_MAX; i++, c->items++)
		text_printf(c->out, "%s%s", c->items ? ", " : "",
			    ip_range_text(c->left.at[i], buf));
	if (i < c->left.count)
		text_printf(c->out, ", +%u", c->left.count - i);
}

static void put_things(struct covering *c, uint32_t zone)
{
	struct ranges r = { 0 };

	name_groups(c, zone, &r);
	name_sites(c, zone, &r);
	name_hosts(c, zone, &r);
	put_ranges(c);
	ranges_done(&r);
}

/* ---- the zone as a whole ---- */

/* The networks of a zone, of the families that the set has any address of: the peer may have one only. */
static void add_families(const struct covering *c, uint32_t zone, struct ranges *all)
{
	struct span nets = c->n->p->zones[zone].nets;
	bool has[2] = { false, false };

	for (uint32_t i = 0; i < c->left.count; i++)
		has[ip_is_v4(c->left.at[i].lo)] = true;
	for (uint32_t i = nets.first; i < nets.first + nets.count; i++)
		if (has[ip_is_v4(c->n->p->nets[i].lo)])
			ranges_add(all, c->n->p->nets[i]);
	ranges_sort(all);
}

/* What is missing of the whole zone, when that is said more shortly. */
static bool put_zone(struct covering *c, uint32_t zone)
{
	const struct policy *p = c->n->p;
	struct ranges all = { 0 }, missing = { 0 };

	add_families(c, zone, &all);
	ranges_add_all(&missing, all.at, all.count);
	ranges_remove(&missing, &c->left);
	bool whole = missing.count == 0;
	bool most = missing.count <= 4 && volume(&missing) * 2 < volume(&all);

	if (whole || most)
		put_item(c, "zone", policy_string(p, p->zones[zone].name));
	if (!whole && most) {
		struct covering rest = { .n = c->n, .out = c->out, .left = missing };

		text_puts(c->out, " except ");
		put_things(&rest, zone);
		missing = rest.left;
	}
	ranges_done(&all);
	ranges_done(&missing);
	return whole || most;
}

static void add_by_family(struct ranges *out, const struct ip_range *r, uint32_t count)
{
	struct ip_range v6[2];

	ip_all_v6(v6);
	const struct ip_range bounds[] = { v6[0], ip_all_v4(), v6[1] };

	for (uint32_t i = 0; i < count; i++)
		ranges_add_within(out, r[i], bounds, 3);
}

void cover_put_addresses(const struct names *n, uint32_t zone, const struct ip_range *r,
			 uint32_t count, struct text *out)
{
	struct covering c = { .n = n, .out = out };

	if (zone == policy_box_zone(n->p)) {
		text_puts(out, "host box");
		return;
	}
	add_by_family(&c.left, r, count);
	ranges_sort(&c.left);
	if (!put_zone(&c, zone))
		put_things(&c, zone);
	out->failed |= c.left.failed;
	ranges_done(&c.left);
}

/* ---- services ---- */

/* Protocol and port on one axis, as ranges of numbers: protocol * 65536 + port. */
static struct ip_range on_axis(uint8_t protocol, uint16_t lo, uint16_t hi)
{
	return (struct ip_range){ (ip_t)protocol << 16 | lo, (ip_t)protocol << 16 | hi };
}

static void add_port_range(const struct port_range *r, struct ranges *out)
{
	bool ports = r->protocol == 6 || r->protocol == 17;
	bool types = r->protocol == 1 || r->protocol == 58;

	if (types && r->lo <= 255)
		ranges_add(out, on_axis(r->protocol, r->lo, r->hi > 255 ? 255 : r->hi));
	else if (!types)
		ranges_add(out, on_axis(r->protocol, ports ? r->lo : 0, ports ? r->hi : 0));
}

static void try_service(struct covering *c, const struct service *s, struct ranges *r)
{
	const struct policy *p = c->n->p;

	for (uint32_t i = s->ports.first; i < s->ports.first + s->ports.count; i++) {
		if (p->ports[i].any)
			return;
		add_port_range(&p->ports[i], r);
	}
	try_thing(c, r, "service", policy_string(p, s->name));
}

static void put_port_range(struct covering *c, struct ip_range r)
{
	uint8_t protocol = (uint8_t)(r.lo >> 16), last = (uint8_t)(r.hi >> 16);
	uint16_t lo = (uint16_t)r.lo, hi = (uint16_t)r.hi;

	text_puts(c->out, c->items++ ? ", " : "");
	if (last != protocol)
		text_printf(c->out, "protocol %u-%u", protocol, last);
	else if (lo == hi)
		names_put_service(c->n, protocol, lo, c->out);
	else {
		names_put_protocol(protocol, c->out);
		if (lo != 0 || hi != (protocol == 1 || protocol == 58 ? 255 : UINT16_MAX))
			text_printf(c->out, " %u-%u", lo, hi);
		else
			text_puts(c->out, " any");
	}
}

/* "tcp any" says more than all services that lie in it. */
static void try_all_ports(struct covering *c, uint8_t protocol, struct ranges *r)
{
	ranges_add(r, on_axis(protocol, 0, UINT16_MAX));
	try_thing(c, r, protocol == 6 ? "tcp" : "udp", "any");
}

static bool is_any(const struct box_service *s, uint32_t count)
{
	uint32_t protocols = 0;
	bool tcp = false, udp = false;

	for (uint32_t i = 0; i < count; i++) {
		bool ports = s[i].lo == 0 && s[i].hi == UINT16_MAX;

		protocols += s[i].protocol_hi - s[i].protocol + 1u;
		tcp |= s[i].protocol == 6 && ports;
		udp |= s[i].protocol == 17 && ports;
	}
	return tcp && udp && protocols >= 255; /* one family has no use for the other's ICMP */
}

void cover_put_services(const struct names *n, const struct box_service *s, uint32_t count,
			struct text *out)
{
	struct covering c = { .n = n, .out = out };
	struct ranges r = { 0 };

	if (is_any(s, count)) {
		text_puts(out, "service any");
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		ranges_add(&c.left, (struct ip_range){ (ip_t)s[i].protocol << 16 | s[i].lo,
						       (ip_t)s[i].protocol_hi << 16 | s[i].hi });
	ranges_sort(&c.left);
	try_all_ports(&c, 6, &r);
	try_all_ports(&c, 17, &r);
	for (uint32_t i = 0; i < n->p->services_count && c.left.count; i++)
		try_service(&c, &n->p->services[i], &r);
	for (uint32_t i = 0; i < c.left.count && c.items < COVER_ITEMS_MAX; i++)
		put_port_range(&c, c.left.at[i]);
	out->failed |= c.left.failed || r.failed;
	ranges_done(&c.left);
	ranges_done(&r);
}

/* ---- the rest ---- */

static void put_mac(ip_t number, struct text *out)
{
	uint8_t mac[6];
	char buf[18];

	for (int i = 5; i >= 0; i--, number >>= 8)
		mac[i] = (uint8_t)number;
	text_puts(out, mac_text(mac, buf));
}

void cover_put_macs(const struct ip_range *r, uint32_t count, struct text *out)
{
	const ip_t last = ((ip_t)1 << 48) - 1;
	bool few = true;

	for (uint32_t i = 0; i < count; i++)
		few &= r[i].lo == r[i].hi;
	text_puts(out, few ? "mac " : "any mac but ");
	for (uint32_t i = 0, said = 0; i < count; i++) {
		ip_t between = few ? r[i].lo : r[i].hi + 1;

		if (!few && r[i].hi == last)
			continue;
		text_puts(out, said++ ? ", " : "");
		put_mac(between, out);
	}
}

static unsigned int power_of_two(long double v)
{
	unsigned int n = 0;

	for (; v >= 1.5L; v /= 2)
		n++;
	return n;
}

void cover_put_count(struct space_count n, struct text *out)
{
	char digits[48];
	int len = 0;

	if (n.more || n.exact >= (unsigned __int128)1000000000000000) {
		text_printf(out, "about 2^%u", power_of_two(n.about));
		return;
	}
	for (uint64_t v = (uint64_t)n.exact; v || len == 0; v /= 10) {
		if (len % 4 == 3)
			digits[len++] = ',';
		digits[len++] = (char)('0' + v % 10);
	}
	while (len > 0)
		text_putc(out, digits[--len]);
}
