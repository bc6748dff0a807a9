/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_end.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/near.h"
#include "tools/cli.h"

/* --- ends -------------------------------------------------------------------------------------- */

static void add_ranges(const struct policy *p, struct span nets, struct cli_end *end)
{
	for (uint32_t i = 0; i < nets.count && end->count < CLI_END_RANGES_MAX; i++)
		end->ranges[end->count++] = p->nets[nets.first + i];
}

static void add_everything(struct cli_end *end)
{
	struct ip_range v6[2];

	ip_all_v6(v6);
	end->ranges[0] = ip_all_v4();
	end->ranges[1] = v6[0];
	end->ranges[2] = v6[1];
	end->count = 3;
}

/* The kinds of thing that have names, in the order a name is looked up. */
static bool find_host(const struct policy *p, const char *name, struct cli_end *end)
{
	for (uint32_t i = 0; i < p->hosts_count; i++)
		if (!strcmp(policy_string(p, p->hosts[i].name), name)) {
			end->zone = p->hosts[i].zone;
			add_ranges(p, p->hosts[i].nets, end);
			return true;
		}
	return false;
}

static bool find_zone(const struct policy *p, const char *name, struct cli_end *end)
{
	end->zone = policy_zone_named(p, name);
	if (end->zone == POLICY_NONE)
		return false;
	add_ranges(p, p->zones[end->zone].nets, end);
	return true;
}

static bool find_group(const struct policy *p, const char *name, struct cli_end *end)
{
	for (uint32_t i = 0; i < p->groups_count; i++) {
		struct span hosts = p->groups[i].hosts;

		if (strcmp(policy_string(p, p->groups[i].name), name) != 0)
			continue;
		end->zone = p->groups[i].zone;
		for (uint32_t h = 0; h < hosts.count; h++)
			add_ranges(p, p->hosts[p->refs[hosts.first + h]].nets, end);
		return true;
	}
	return false;
}

static bool find_site(const struct policy *p, const char *name, struct cli_end *end)
{
	for (uint32_t i = 0; i < p->sites_count; i++)
		if (!strcmp(policy_string(p, p->sites[i].name), name)) {
			end->zone = p->sites[i].zone;
			add_ranges(p, p->sites[i].nets, end);
			return true;
		}
	return false;
}

static bool find_named(const struct policy *p, const char *name, struct cli_end *end)
{
	end->count = 0;
	if (!find_host(p, name, end) && !find_zone(p, name, end) && !find_group(p, name, end) &&
	    !find_site(p, name, end))
		return false;
	if (end->zone == policy_box_zone(p))
		add_everything(end);
	return true;
}

static bool unknown_end(const struct cli *c, const struct policy *p, const char *s)
{
	struct near n = near_to(s, strlen(s));

	for (uint32_t i = 0; i < p->hosts_count; i++)
		near_try(&n, policy_string(p, p->hosts[i].name));
	for (uint32_t i = 0; i < p->zones_count; i++)
		near_try(&n, policy_string(p, p->zones[i].name));
	if (near_best(&n))
		cli_error(
			c, "'%s' is no address, host, zone, group or site; did you mean '%s'?",
			"「%s」はアドレスでも host・zone・group・site でもありません。「%s」のことですか?",
			s, near_best(&n));
	else
		cli_error(c, "'%s' is no address, host, zone, group or site",
			  "「%s」はアドレスでも host・zone・group・site でもありません", s);
	return false;
}

bool cli_end_of(const struct cli *c, const struct policy *p, const char *option,
		struct cli_end *end)
{
	const char *s = cli_value(c, option);
	struct ip_range r;
	int why;

	/* "zone net" is what a policy says; a person may type that too */
	for (const char *space = strchr(s, ' '); space; space = strchr(s, ' '))
		s = space + 1;
	if (find_named(p, s, end))
		return true;
	why = ip_parse_range(s, &r);
	if (why != 0)
		return unknown_end(c, p, s);
	end->zone = policy_zone_of_address(p, r.lo);
	end->ranges[0] = r;
	end->count = 1;
	if (end->zone != POLICY_NONE)
		return true;
	cli_error(c, "%s lies in no zone of this policy", "%s を含むゾーンがこの方針にありません",
		  s);
	return false;
}

bool cli_end_is_point(const struct cli_end *end)
{
	return end->count == 1 && end->ranges[0].lo == end->ranges[0].hi;
}

/* --- services ---------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint8_t protocol;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
};

#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

static bool number_of(const char *s, unsigned long max, uint16_t *out)
{
	char *end;
	unsigned long v = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || v > max)
		return false;
	*out = (uint16_t)v;
	return true;
}

/* "tcp/443" or a protocol's number. */
static bool parse_service(const char *s, struct cli_service *out)
{
	const char *slash = strchr(s, '/');
	struct port_range r = { .lo = 0, .hi = UINT16_MAX };
	uint16_t n;

	out->count = 1;
	for (size_t i = 0; slash && i < PROTOCOLS; i++)
		if (strlen(protocols[i].word) == (size_t)(slash - s) &&
		    !strncmp(s, protocols[i].word, (size_t)(slash - s))) {
			r.protocol = protocols[i].protocol;
			if (!number_of(slash + 1, UINT16_MAX, &n))
				return false;
			r.lo = r.hi = n;
			out->ranges[0] = r;
			return true;
		}
	if (slash || !number_of(s, 255, &n))
		return false;
	r.protocol = (uint8_t)n;
	out->ranges[0] = r;
	return true;
}

bool cli_service_of(const struct cli *c, const struct policy *p, const char *option,
		    struct cli_service *s)
{
	const char *word = cli_value(c, option);

	if (!word)
		word = "any";
	for (uint32_t i = 0; i < p->services_count; i++) {
		struct span ports = p->services[i].ports;

		if (strcmp(policy_string(p, p->services[i].name), word) != 0)
			continue;
		s->count = ports.count < 64 ? ports.count : 64;
		memcpy(s->ranges, p->ports + ports.first, s->count * sizeof(s->ranges[0]));
		return true;
	}
	if (parse_service(word, s))
		return true;
	struct near n = near_to(word, strlen(word));

	for (uint32_t i = 0; i < p->services_count; i++)
		near_try(&n, policy_string(p, p->services[i].name));
	if (near_best(&n))
		cli_error(c, "'%s' is no service and not like tcp/443; did you mean '%s'?",
			  "「%s」は service でも tcp/443 の形でもありません。「%s」のことですか?",
			  word, near_best(&n));
	else
		cli_error(c, "'%s' is no service and not like tcp/443",
			  "「%s」は service でも tcp/443 の形でもありません", word);
	return false;
}

bool cli_service_touches(const struct cli_service *s, const struct box *b, struct tuple *t)
{
	for (uint32_t i = 0; i < s->count; i++) {
		const struct port_range *r = &s->ranges[i];

		if (!r->any && (r->protocol < b->protocol || r->protocol > b->protocol_hi))
			continue;
		if (!r->any && b->kind != BOX_PROTOCOL && (r->lo > b->hi || r->hi < b->lo))
			continue;
		t->protocol = r->any ? b->protocol : r->protocol;
		t->dport = r->any || r->lo < b->lo ? b->lo : r->lo;
		return true;
	}
	return false;
}

const char *cli_service_text(const struct tuple *t, uint8_t box_kind, char buf[static 64])
{
	for (size_t i = 0; i < PROTOCOLS && box_kind != BOX_PROTOCOL; i++)
		if (protocols[i].protocol == t->protocol)
			snprintf(buf, 64, "%s %u", protocols[i].word, t->dport);
	if (box_kind == BOX_PROTOCOL)
		snprintf(buf, 64, "protocol %u", t->protocol);
	return buf;
}
