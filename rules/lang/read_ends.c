/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_ends: the ends of a permit: zones, hosts, groups, sites and networks. */
#include <stdlib.h>
#include <string.h>

#include "rules/lang/networks.h"
#include "rules/lang/read.h"
#include "rules/lang/tables.h"

static const struct {
	const char *word;
	enum block_kind block;
	enum endpoint_kind kind;
} end_words[] = {
	{ "zone", BLOCK_ZONE, END_ZONE },
	{ "host", BLOCK_HOST, END_HOST },
	{ "group", BLOCK_GROUP, END_GROUP },
	{ "site", BLOCK_SITE, END_SITE },
};

#define END_WORDS (sizeof(end_words) / sizeof(end_words[0]))

static uint32_t zone_of(const struct draft *d, enum endpoint_kind kind, uint32_t index)
{
	switch (kind) {
	case END_HOST: return d->hosts[index].zone;
	case END_GROUP: return d->groups[index].zone;
	case END_SITE: return d->sites[index].zone;
	default: return index;
	}
}

static void add_endpoint(const struct reading *r, enum endpoint_kind kind, uint32_t index,
			 uint32_t zone)
{
	struct endpoint *e = zone == POLICY_NONE ? NULL : draft_add_endpoints(&r->u->draft);

	if (e)
		*e = (struct endpoint){ .kind = kind, .index = index, .zone = zone };
}

/* A network as an end lies in exactly one zone. */
static void read_prefix(const struct reading *r, const struct term *t)
{
	struct draft *d = &r->u->draft;
	struct ip_range net;
	uint32_t zone = POLICY_NONE, touched = 0;

	if (!read_network(r->u, t, &net))
		return;
	for (uint32_t z = 0; z < d->zones_count; z++) {
		touched += networks_overlap(d, d->zones[z].nets, net);
		if (networks_cover(d, d->zones[z].nets, net))
			zone = z;
	}
	if (zone == POLICY_NONE) {
		diag_add(r->u->diags, touched ? MSG_PREFIX_ZONES : MSG_PREFIX_NO_ZONE, t->at,
			 t->text);
		return;
	}
	struct ip_range *slot = draft_add_nets(d);

	if (!slot)
		return;
	*slot = net;
	add_endpoint(r, END_PREFIX, d->nets_count - 1, zone);
}

/* One word that is no network: perhaps the name of something whose kind was left out. */
static void report_bare(const struct reading *r, const struct term *t)
{
	for (size_t i = 0; i < END_WORDS; i++) {
		if (!strcmp(t->text, end_words[i].word)) {
			diag_add(r->u->diags, MSG_END_NAME_MISSING, t->at, t->text);
			return;
		}
		if (tables_find(r->u, tables_of(end_words[i].block), t->text) != POLICY_NONE) {
			diag_add(r->u->diags, MSG_END_KIND_MISSING, t->at, t->text,
				 end_words[i].word);
			return;
		}
	}
	diag_add(r->u->diags, MSG_END, t->at, t->text);
}

static bool looks_like_network(const char *s)
{
	return (*s >= '0' && *s <= '9') || strchr(s, ':') || strchr(s, '/');
}

static void read_endpoint(const struct reading *r, const struct item *item)
{
	const struct term *t = item->terms, *name = t->next;

	if (t->bad || (name && name->bad))
		return;
	if (!name) {
		if (looks_like_network(t->text))
			read_prefix(r, t);
		else
			report_bare(r, t);
		return;
	}
	if (name->next) {
		diag_add(r->u->diags, MSG_COMMA_MISSING, name->next->at, r->key->name);
		return;
	}
	for (size_t i = 0; i < END_WORDS; i++) {
		if (strcmp(t->text, end_words[i].word) != 0)
			continue;
		uint32_t index = read_reference(r, end_words[i].block, name);

		if (index != POLICY_NONE)
			add_endpoint(r, end_words[i].kind, index,
				     zone_of(&r->u->draft, end_words[i].kind, index));
		return;
	}
	diag_add(r->u->diags, looks_like_network(t->text) ? MSG_COMMA_MISSING : MSG_END_KIND, t->at,
		 looks_like_network(t->text) ? r->key->name : t->text);
}

static int by_end(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Ascending, each once. Networks were added in the order of the text, so they are put in order first. */
static struct span sort_endpoints(struct draft *d, uint32_t first, uint32_t first_net)
{
	uint32_t kept = first;

	networks_sort_ends(d, first, first_net);
	if (d->endpoints_count > first)
		qsort(d->endpoints + first, d->endpoints_count - first, sizeof(struct endpoint),
		      by_end);
	for (uint32_t i = first; i < d->endpoints_count; i++)
		if (kept == first || by_end(&d->endpoints[kept - 1], &d->endpoints[i]) != 0)
			d->endpoints[kept++] = d->endpoints[i];
	d->endpoints_count = kept;
	return (struct span){ first, kept - first };
}

void read_endpoints(const struct reading *r)
{
	struct draft *d = &r->u->draft;
	uint32_t first = d->endpoints_count, first_net = d->nets_count;

	for (const struct item *i = r->items; i; i = i->next)
		read_endpoint(r, i);
	*(struct span *)r->field = sort_endpoints(d, first, first_net);
}

/* between zone A, zone B: `from` is the one, `to` the other. The order has no meaning. */
void read_between(const struct reading *r)
{
	struct statement *s =
		(struct statement *)((char *)r->field - offsetof(struct statement, from));
	struct span both;

	read_endpoints(r);
	both = s->from;
	const struct endpoint *e = r->u->draft.endpoints + both.first;

	if (both.count != 2 || e[0].kind != END_ZONE || e[1].kind != END_ZONE) {
		diag_add(r->u->diags, MSG_BETWEEN, r->at);
		s->from.count = 0;
		return;
	}
	s->from = (struct span){ both.first, 1 };
	s->to = (struct span){ both.first + 1, 1 };
}

void read_risk(const struct reading *r)
{
	const struct item *i = r->items;
	const struct term *t = i->terms, *name = t->next;

	if (t->bad || (name && name->bad))
		return;
	if (i->next || !name || name->next || strcmp(t->text, "host") != 0) {
		diag_add(r->u->diags, MSG_RISK, t->at);
		return;
	}
	uint32_t host = read_reference(r, BLOCK_HOST, name);

	if (host != POLICY_NONE)
		*(uint32_t *)r->field = host;
}
