/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "rules/prove/matrix.h"
#include "tools/seen/drafting.h"
#include "tools/seen/proposal.h"
#include "tools/seen/who.h"

/* ---- names of our own ---- */

#define TAKEN(section) \
	for (uint32_t i = 0; i < p->section##_count; i++) \
		if (!strcmp(policy_string(p, p->section[i].name), name)) \
			return true;

bool draft_taken(const struct policy *p, const char *name)
{
	TAKEN(statements)
	TAKEN(disabled)
	TAKEN(hosts)
	TAKEN(services)
	TAKEN(sites)
	TAKEN(profiles)
	return false;
}

/* "seen-10-30-2-5", of an IPv6 address its 8 last digits and a check of all, within 24 characters */
static void host_name(ip_t a, char out[static 32])
{
	const uint32_t low = (uint32_t)a;

	if (ip_is_v4(a))
		snprintf(out, 32, "seen-%u-%u-%u-%u", low >> 24, low >> 16 & 255, low >> 8 & 255,
			 low & 255);
	else
		snprintf(out, 32, "seen-%08x-%08x", low,
			 (uint32_t)(a >> 96) * 31 ^ (uint32_t)(a >> 64) * 17 ^ (uint32_t)(a >> 32));
}

/* ---- ends ---- */

/* A host the policy has, by a name that can be written; NULL none. */
static const char *host_there(const struct draft_view *v, ip_t a)
{
	const uint32_t h = who_has(v->who, a);
	const char *name = h == POLICY_NONE ? ":" : draft_string(v, v->p->hosts[h].name);

	return strchr(name, ':') ? NULL : name;
}

void draft_hole(struct drafting *d, const char *name, const char *en, const char *ja,
		const char *example)
{
	text_printf(&d->holes, "hole %s { label \"%s\"; example %s; }\n", name,
		    d->v->language == DIAG_JAPANESE ? ja : en, example);
	text_printf(&d->values, "# value %s %s;\n", name, example);
}

static void new_host(struct drafting *d, ip_t a, uint32_t zone, const char *name)
{
	const uint8_t role = d->v->p->zones[zone].role;
	char ip[IP_TEXT], head[96], hole[40];

	snprintf(head, sizeof(head), "host %s {", name);
	if (draft_taken(d->v->p, name) || (d->blocks.len && strstr(d->blocks.bytes, head)))
		return;
	text_printf(&d->blocks, "%s zone %s; address %s;", head,
		    draft_string(d->v, d->v->p->zones[zone].name), ip_text(a, ip));
	if (role == ROLE_MYNUMBER || role == ROLE_PUBLIC_LINE) {
		snprintf(hole, sizeof(hole), "%s-mac", name);
		text_printf(&d->blocks, " mac @%s@;", hole);
		draft_hole(d, hole, "its MAC address, from the ledger of terminals",
			   "端末台帳にある MAC アドレス", "02:00:00:00:00:01");
	}
	text_puts(&d->blocks, " }\n");
}

static void put_end(struct drafting *d, ip_t a, uint32_t zone, bool named)
{
	const char *host = host_there(d->v, a);
	char ip[IP_TEXT], name[32];

	if (zone == policy_box_zone(d->v->p)) {
		text_puts(d->out, "host box");
	} else if (host) {
		text_printf(d->out, "host %s", host);
	} else if (named) {
		host_name(a, name);
		new_host(d, a, zone, name);
		text_printf(d->out, "host %s", name);
	} else {
		text_puts(d->out, ip_text(a, ip));
	}
}

static bool needs_host(const struct draft_view *v, uint32_t zone)
{
	const uint8_t role = v->p->zones[zone].role;

	return role == ROLE_MYNUMBER || role == ROLE_PUBLIC_LINE;
}

static void put_ends(struct drafting *d, const struct proposal_ends *s, uint32_t zone, bool named)
{
	/* several addresses may be one host's */
	const char *last = NULL;

	for (uint32_t i = 0; i < s->count; i++) {
		const char *host = host_there(d->v, s->at[i].address);

		if (i && ((host && host == last) || zone == policy_box_zone(d->v->p)))
			continue;
		text_puts(d->out, i ? ", " : "");
		put_end(d, s->at[i].address, zone, named);
		last = host;
	}
}

void draft_from(struct drafting *d, const struct proposal *p)
{
	const struct policy *pol = d->v->p;

	if (p->how == FROM_ZONE)
		text_printf(d->out, "zone %s", draft_string(d->v, pol->zones[p->from].name));
	else if (p->how == FROM_GROUP)
		text_printf(d->out, "group %s", draft_string(d->v, pol->groups[p->group].name));
	else
		put_ends(d, &p->src, p->from, needs_host(d->v, p->from));
}

static void new_site(struct drafting *d, const struct proposal *p)
{
	char ip[IP_TEXT];

	text_printf(&d->blocks, "site seen-%u { network ", d->number);
	for (uint32_t i = 0; i < p->dst.count; i++)
		text_printf(&d->blocks, "%s%s", i ? ", " : "", ip_text(p->dst.at[i].address, ip));
	text_puts(&d->blocks, "; }\n");
}

void draft_to(struct drafting *d, const struct proposal *p)
{
	const uint8_t condition = p->allowance ? p->allowance->condition : (uint8_t)MATRIX_ALWAYS;

	if (condition == MATRIX_TO_SITE) {
		new_site(d, p);
		text_printf(d->out, "site seen-%u", d->number);
	} else if (p->dst.more) {
		text_printf(d->out, "zone %s", draft_string(d->v, d->v->p->zones[p->to].name));
	} else {
		put_ends(d, &p->dst, p->to, condition == MATRIX_TO_HOST || needs_host(d->v, p->to));
	}
}

/* ---- services ---- */

static bool same_service(const struct policy *pol, const struct service *s,
			 const struct port_range *r, uint32_t count)
{
	if (s->ports.count != count || s->ftp)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct port_range *a = &pol->ports[s->ports.first + i];
		bool found = false;

		for (uint32_t k = 0; k < count; k++)
			found |= !a->any && a->protocol == r[k].protocol && a->lo == r[k].lo &&
				 a->hi == r[k].hi;
		if (!found)
			return false;
	}
	return true;
}

/* An FTP service that has all the ports. */
static bool ftp_service(const struct policy *pol, const struct service *s, const struct proposal *p)
{
	for (uint32_t i = 0; s->ftp && i < p->port_count; i++) {
		bool found = false;

		for (uint32_t k = s->ports.first; k < s->ports.first + s->ports.count; k++)
			found |= pol->ports[k].protocol == p->ports[i].protocol &&
				 pol->ports[k].lo <= p->ports[i].lo &&
				 p->ports[i].hi <= pol->ports[k].hi;
		if (!found)
			return false;
	}
	return s->ftp;
}

static const char *protocol_word(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP: return "tcp";
	case IPPROTO_UDP: return "udp";
	case IPPROTO_ICMP: return "icmp";
	case IPPROTO_ICMPV6: return "icmpv6";
	default: return NULL;
	}
}

static void put_ports(const struct proposal *p, uint8_t protocol, struct text *out)
{
	const char *word = protocol_word(protocol);
	bool any = false;

	for (uint32_t i = 0; i < p->port_count; i++) {
		const struct port_range *r = &p->ports[i];

		if (r->protocol != protocol)
			continue;
		text_printf(out, any ? ", " : "%s ", word ? word : "protocol");
		if (!word)
			text_printf(out, "%u", protocol);
		else if (r->lo == r->hi)
			text_printf(out, "%u", r->lo);
		else
			text_printf(out, "%u-%u", r->lo, r->hi);
		any = true;
	}
	text_puts(out, any ? "; " : "");
}

/* Control port and what was seen of the passive range; nothing seen of it: what servers use by default. */
static void put_ftp_ports(const struct proposal *p, struct text *out)
{
	uint16_t lo = UINT16_MAX, hi = 0, control = 21;

	for (uint32_t i = 0; i < p->port_count; i++) {
		if (p->ports[i].protocol != IPPROTO_TCP || p->ports[i].lo == 21)
			continue;
		if (p->ports[i].lo < 1024) {
			control = p->ports[i].lo;
			continue;
		}
		lo = p->ports[i].lo < lo ? p->ports[i].lo : lo;
		hi = p->ports[i].hi > hi ? p->ports[i].hi : hi;
	}
	if (hi == 0)
		lo = 49152, hi = 65535;
	text_printf(out, "tcp %u, %u-%u; ", control, lo, hi);
}

static void new_service(struct drafting *d, const struct proposal *p)
{
	text_printf(&d->blocks, "service seen-%u { ", d->number);
	if (p->ftp)
		put_ftp_ports(p, &d->blocks);
	else
		for (unsigned int protocol = 0; protocol <= UINT8_MAX; protocol++)
			put_ports(p, (uint8_t)protocol, &d->blocks);
	text_puts(&d->blocks, "}\n");
}

/* A service that is exactly this, or one that the policy has for each of the ports, or a new one. */
void draft_service(struct drafting *d, const struct proposal *p)
{
	const struct policy *pol = d->v->p;
	uint32_t found = 0;
	struct text list = { 0 };

	for (uint32_t i = 0; i < pol->services_count; i++)
		if (p->ftp ? ftp_service(pol, &pol->services[i], p)
			   : same_service(pol, &pol->services[i], p->ports, p->port_count)) {
			text_puts(d->out, draft_string(d->v, pol->services[i].name));
			return;
		}
	for (uint32_t k = 0; k < p->port_count && !p->ftp; k++)
		for (uint32_t i = 0; i < pol->services_count; i++)
			if (same_service(pol, &pol->services[i], &p->ports[k], 1)) {
				text_printf(&list, "%s%s", found ? ", " : "",
					    draft_string(d->v, pol->services[i].name));
				found++;
				break;
			}
	if (found && found == p->port_count) {
		text_add(d->out, list.bytes, list.len);
	} else {
		new_service(d, p);
		text_printf(d->out, "seen-%u", d->number);
	}
	text_done(&list);
}
