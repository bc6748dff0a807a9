/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_service: ports, ICMP types and protocols of a service. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "rules/lang/read.h"
#include "rules/lang/services.h"
#include "rules/near.h"

/* A number of at most `max` up to `end` (NULL: the text's end); -1 when it is none. */
static long number_until(const char *s, const char *end, long max)
{
	long v = 0;

	if (!end)
		end = s + strlen(s);
	if (s == end)
		return -1;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		v = v * 10 + (*s - '0');
		if (v > max)
			return -1;
	}
	return v;
}

static void add_range(const struct reading *r, uint8_t protocol, long lo, long hi, bool any)
{
	struct port_range *p = draft_add_ports(&r->u->draft);

	if (p)
		*p = (struct port_range){
			.lo = (uint16_t)lo, .hi = (uint16_t)hi, .protocol = protocol, .any = any
		};
}

static int by_range(const void *a, const void *b)
{
	const struct port_range *x = a, *y = b;

	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return (x->hi > y->hi) - (x->hi < y->hi);
}

/* Joins what this key added to what the keys before it did: all of a service is one sorted span. */
static void finish(const struct reading *r, uint32_t first)
{
	struct span *all = r->field;
	struct draft *d = &r->u->draft;
	uint32_t kept = first;

	if (d->ports_count > first)
		qsort(d->ports + first, d->ports_count - first, sizeof(struct port_range),
		      by_range);
	for (uint32_t i = first; i < d->ports_count; i++) {
		struct port_range *last = kept > first ? &d->ports[kept - 1] : NULL,
				  p = d->ports[i];

		if (last && last->protocol == p.protocol && last->any == p.any &&
		    p.lo <= (uint32_t)last->hi + 1)
			last->hi = p.hi > last->hi ? p.hi : last->hi;
		else
			d->ports[kept++] = p;
	}
	d->ports_count = kept;
	if (all->count == 0)
		all->first = first;
	all->count = kept - all->first;
}

static void read_port(const struct reading *r, const struct term *t)
{
	const char *dash = strchr(t->text, '-');
	long lo = number_until(t->text, dash, UINT16_MAX);
	long hi = dash ? number_until(dash + 1, NULL, UINT16_MAX) : lo;

	if (!strcmp(t->text, "any"))
		add_range(r, r->key->of, 0, UINT16_MAX, false);
	else if (lo < 0 || hi < 0)
		diag_add(r->u->diags, MSG_PORT, t->at, t->text);
	else if (lo > hi)
		diag_add(r->u->diags, MSG_PORT_ENDS, t->at, t->text);
	else
		add_range(r, r->key->of, lo, hi, false);
}

void read_ports(const struct reading *r)
{
	uint32_t first = r->u->draft.ports_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);

		if (t)
			read_port(r, t);
	}
	finish(r, first);
}

/* A name of the table or a number up to 255; -1 after a message. */
static long named_number(const struct reading *r, const struct term *t, uint8_t table)
{
	struct near n = near_to(t->text, strlen(t->text));
	long v = number_until(t->text, NULL, 255);

	if (v >= 0)
		return v;
	for (const struct number_name *name = services_names(table); name->name; name++) {
		if (!strcmp(name->name, t->text))
			return name->number;
		near_try(&n, name->name);
	}
	if (near_best(&n))
		diag_add(r->u->diags, MSG_NUMBER_NEAR, t->at, t->text, r->key->name, near_best(&n));
	else
		diag_add(r->u->diags, MSG_NUMBER, t->at, t->text, r->key->name);
	return -1;
}

void read_icmp_types(const struct reading *r)
{
	uint32_t first = r->u->draft.ports_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);
		long type;

		if (!t)
			continue;
		if (!strcmp(t->text, "any"))
			add_range(r, r->key->of, 0, 255, false);
		else if ((type = named_number(r, t, r->key->of)) >= 0)
			add_range(r, r->key->of, type, type, false);
	}
	finish(r, first);
}

/* Those that have a key of their own. */
static const struct number_name own_keys[] = {
	{ "icmp", IPPROTO_ICMP },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmpv6", IPPROTO_ICMPV6 },
};

static bool has_own_key(const struct reading *r, const struct term *t)
{
	long number = number_until(t->text, NULL, 255);

	for (size_t i = 0; i < sizeof(own_keys) / sizeof(own_keys[0]); i++) {
		if (number != own_keys[i].number && strcmp(t->text, own_keys[i].name) != 0)
			continue;
		diag_add(r->u->diags, MSG_PROTOCOL_KEY, t->at, t->text, own_keys[i].name);
		return true;
	}
	return false;
}

void read_protocols(const struct reading *r)
{
	uint32_t first = r->u->draft.ports_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);
		long number;

		if (!t)
			continue;
		if (!strcmp(t->text, "any"))
			add_range(r, 0, 0, UINT16_MAX, true);
		else if (!has_own_key(r, t) && (number = named_number(r, t, 0)) >= 0)
			add_range(r, (uint8_t)number, 0, UINT16_MAX, false);
	}
	finish(r, first);
}
