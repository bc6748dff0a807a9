/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_permit.h"

#include "rules/prove/matrix.h"
#include "rules/text.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

struct ends {
	const struct policy *p;
	const struct cli_wish *w;
	uint32_t from, to; /* zones */
	struct text *out;
};

static const char *zone_name(const struct ends *e, uint32_t zone)
{
	return policy_string(e->p, e->p->zones[zone].name);
}

static const char *host_of(const struct policy *p, ip_t address)
{
	for (uint32_t i = 0; i < p->hosts_count; i++) {
		const struct span nets = p->hosts[i].nets;
		const char *name = policy_string(p, p->hosts[i].name);

		for (uint32_t k = nets.first; k < nets.first + nets.count; k++) {
			if (ip_in(p->nets[k], address) && !strchr(name, ':'))
				return name;
		}
	}
	return NULL;
}

/* A host of the policy, or one to be added. */
static void put_end(const struct ends *e, ip_t address, uint32_t zone, const char *fresh,
		    char out[static 96])
{
	const enum role role = e->p->zones[zone].role;
	const char *host = host_of(e->p, address);
	char ip[IP_TEXT];

	if (host) {
		snprintf(out, 96, "host %s", host);
	} else if (role == ROLE_OUTSIDE || role == ROLE_INTERNET || role == ROLE_GUEST) {
		snprintf(out, 96, "%s", ip_text(address, ip));
	} else {
		text_printf(e->out, "host %s { zone %s; address %s; label \"...\"; }\n", fresh,
			    zone_name(e, zone), ip_text(address, ip));
		snprintf(out, 96, "host %s", fresh);
	}
}

static bool covers(const struct policy *p, const struct service *s, const struct tuple *t)
{
	for (uint32_t i = s->ports.first; i < s->ports.first + s->ports.count; i++) {
		const struct port_range *r = &p->ports[i];

		if (!r->any && r->protocol == t->protocol && r->lo <= t->dport && t->dport <= r->hi)
			return true;
	}
	return false;
}

static uint32_t width(const struct policy *p, const struct service *s)
{
	uint32_t n = 0;

	for (uint32_t i = s->ports.first; i < s->ports.first + s->ports.count; i++)
		n += (uint32_t)(p->ports[i].hi - p->ports[i].lo) + 1;
	return n;
}

static void put_new_service(const struct ends *e)
{
	const struct tuple *t = &e->w->tuple;

	switch (t->protocol) {
	case IPPROTO_TCP: text_printf(e->out, "service new { tcp %u; }\n", t->dport); break;
	case IPPROTO_UDP: text_printf(e->out, "service new { udp %u; }\n", t->dport); break;
	case IPPROTO_ICMP: text_printf(e->out, "service new { icmp %u; }\n", t->dport); break;
	case IPPROTO_ICMPV6: text_printf(e->out, "service new { icmpv6 %u; }\n", t->dport); break;
	default: text_printf(e->out, "service new { protocol %u; }\n", t->protocol);
	}
}

/* The narrowest service that the policy has for it. */
static const char *service_name(const struct ends *e)
{
	const struct policy *p = e->p;
	const struct service *best = NULL;

	for (uint32_t i = 0; i < p->services_count; i++) {
		const struct service *s = &p->services[i];

		if (covers(p, s, &e->w->tuple) && (!best || width(p, s) < width(p, best)))
			best = s;
	}
	if (best)
		return policy_string(p, best->name);
	put_new_service(e);
	return "new";
}

static const char *kind_word(uint16_t kinds)
{
	for (unsigned int k = 0; k < KIND_COUNT; k++) {
		if (kinds & 1u << k)
			return policy_kind_words[k];
	}
	return policy_kind_words[KIND_ORDINARY];
}

/* The kind that the model has for these zones; NULL: there is none. */
static const char *kind_of(const struct ends *e)
{
	const enum role from = e->p->zones[e->from].role, to = e->p->zones[e->to].role;
	const struct allowance *a;

	if (matrix_is_free(e->p->model, from, to))
		return policy_kind_words[KIND_ORDINARY];
	a = matrix_next(e->p->model, from, to, NULL);
	return a ? kind_word(a->kinds) : NULL;
}

static bool strict_zones(const struct ends *e)
{
	const enum role from = e->p->zones[e->from].role, to = e->p->zones[e->to].role;

	return from <= ROLE_LGWAN || to <= ROLE_LGWAN; /* mynumber, public-line, lgwan */
}

static void put_permit(const struct ends *e, const char *kind)
{
	char src[96], dst[96];
	const char *service;

	put_end(e, e->w->tuple.src, e->from, "new-from", src);
	put_end(e, e->w->tuple.dst, e->to, "new-to", dst);
	service = service_name(e);
	text_printf(e->out, "permit new {\n\tkind %s;\n\tfrom %s; to %s; service %s;\n", kind, src,
		    dst, service);
	if (*e->w->application)
		text_printf(e->out, "\tapplication %s;\n", e->w->application);
	else if (strict_zones(e))
		text_puts(e->out, "\tapplication ...;\n");
	text_printf(e->out, "\tprofile %s;\n\towner \"...\"; reason \"...\";\n",
		    strict_zones(e) ? "strict" : "...");
	if (strict_zones(e))
		text_puts(e->out, "\treference \"...\";\n");
	text_puts(e->out, "\tapproved-by \"...\"; approved-on ...; until ...;\n}\n");
}

enum cli_wish_answer cli_permit(const struct policy *p, const struct cli_wish *w, struct text *out)
{
	const struct ends e = { .p = p,
				.w = w,
				.from = policy_zone_of_address(p, w->tuple.src),
				.to = policy_zone_of_address(p, w->tuple.dst),
				.out = out };
	const char *kind;

	if (e.from == POLICY_NONE || e.to == POLICY_NONE)
		return CLI_WISH_NO_ZONE;
	kind = kind_of(&e);
	if (!kind)
		return CLI_WISH_NEVER;
	put_permit(&e, kind);
	return CLI_WISH_TEXT;
}
