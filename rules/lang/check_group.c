/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_group: groups, named or drawn from a ledger of terminals. */
#include <stdio.h>
#include <string.h>

#include "rules/lang/check.h"
#include "rules/lang/homes.h"
#include "rules/lang/ledger.h"
#include "rules/lang/networks.h"
#include "rules/lang/read.h"
#include "rules/lang/tables.h"

struct drawing { /* hosts of one group being drawn from a ledger */
	struct unit *u;
	struct homes *homes;
	const struct ledger *ledger;
	struct group *group;
	const struct block *block;
	struct span zone_nets;
	uint32_t named; /* hosts that have blocks come first */
	uint32_t without_mac;
	unsigned int errors; /* of the run when the drawing began */
};

static bool has_mac(const struct draft *d, uint32_t host, const uint8_t mac[6])
{
	struct span macs = d->hosts[host].macs;

	for (uint32_t i = macs.first; i < macs.first + macs.count; i++)
		if (!memcmp(d->macs[i].bytes, mac, 6))
			return true;
	return macs.count == 0;
}

/* A row whose address is that of a host we have: the same machine, if the MAC address agrees. */
static bool same_machine(struct drawing *g, const struct ledger_row *row, uint32_t host)
{
	struct unit *u = g->u;
	uint8_t mac[6];

	if (!row->mac[0] || !networks_mac(row->mac, mac) || has_mac(&u->draft, host, mac))
		return true;
	diag_add(u->diags, MSG_LEDGER_MAC_DIFFERS, row->mac_at, row->address, row->mac);
	if (host < g->named)
		diag_add(u->diags, MSG_FIRST_HERE, u->tables[TABLE_HOSTS].blocks[host]->at);
	return false;
}

/* Only the MAC address tells whether such a host is this terminal; else a group would get all of it. */
static uint32_t same_wide_host(struct drawing *g, const struct ledger_row *row, uint32_t host)
{
	struct unit *u = g->u;
	const struct block *b = u->tables[TABLE_HOSTS].blocks[host];
	uint8_t mac[6];

	if (networks_mac(row->mac, mac) && u->draft.hosts[host].macs.count &&
	    has_mac(&u->draft, host, mac))
		return host;
	diag_add(u->diags, MSG_LEDGER_SHARED, row->address_at, row->address, b->name);
	diag_add(u->diags, MSG_FIRST_HERE, b->at);
	return POLICY_NONE;
}

static void set_mac(struct drawing *g, struct host *host, const struct ledger_row *row)
{
	struct draft *d = &g->u->draft;
	uint8_t mac[6];

	if (!row->mac[0]) {
		g->without_mac++;
		return;
	}
	if (!networks_mac(row->mac, mac)) {
		diag_add(g->u->diags, MSG_MAC, row->mac_at, row->mac);
		return;
	}
	struct mac *slot = draft_add_macs(d);

	if (!slot)
		return;
	memcpy(slot->bytes, mac, sizeof(mac));
	host->macs = (struct span){ d->macs_count - 1, 1 };
}

static void add_terminal(struct drawing *g, const struct ledger_row *row, ip_t a)
{
	struct draft *d = &g->u->draft;
	struct ip_range *net = draft_add_nets(d);
	struct host *host = draft_add_hosts(d);
	char name[600];

	if (!net || !host)
		return;
	*net = (struct ip_range){ a, a };
	int n = snprintf(name, sizeof(name), "%.500s:%u", g->ledger->path, row->line);

	host->name = draft_string(d, name, (size_t)n);
	host->label = draft_string(d, row->name, strlen(row->name));
	host->section = draft_string(d, row->section, strlen(row->section));
	host->zone = g->group->zone;
	host->nets = (struct span){ d->nets_count - 1, 1 };
	set_mac(g, host, row);
	homes_add(g->u, g->homes, d->hosts_count - 1);
}

/* The host of a row; POLICY_NONE when it has none in this zone, or after a message. */
static uint32_t host_of(struct drawing *g, const struct ledger_row *row)
{
	struct unit *u = g->u;
	ip_t a;

	if (ip_parse(row->address, &a) < 0) {
		diag_add(u->diags, MSG_LEDGER_ADDRESS, row->address_at, row->address);
		return POLICY_NONE;
	}
	if (!networks_cover(&u->draft, g->zone_nets, (struct ip_range){ a, a }))
		return POLICY_NONE;
	uint32_t known = homes_point(u, g->homes, a), wide = homes_wide(u, g->homes, a);

	if (known != POLICY_NONE)
		return same_machine(g, row, known) ? known : POLICY_NONE;
	if (wide != POLICY_NONE)
		return same_wide_host(g, row, wide);
	add_terminal(g, row, a);
	return unit_failed(u) ? POLICY_NONE : u->draft.hosts_count - 1;
}

/* --- groups ---------------------------------------------------------------------------------------- */

static void add_host(struct unit *u, uint32_t host)
{
	uint32_t *ref = draft_add_refs(&u->draft);

	if (ref)
		*ref = host;
}

static void draw(struct drawing *g)
{
	struct unit *u = g->u;
	const char *section = draft_text(&u->draft, g->group->section);
	uint32_t before = u->draft.refs_count;
	bool all = !section[0];

	if (!all && !g->ledger->has_section) {
		diag_add(u->diags, MSG_LEDGER_NO_SECTION, read_place(g->block, "section"),
			 g->ledger->path);
		return;
	}
	for (uint32_t i = 0; i < g->ledger->count && !unit_failed(u); i++) {
		const struct ledger_row *row = &g->ledger->rows[i];

		/* the strings may move while hosts are added */
		section = draft_text(&u->draft, g->group->section);
		if (!row->address[0] || (!all && strcmp(row->section, section) != 0))
			continue;
		uint32_t host = host_of(g, row);

		if (host != POLICY_NONE)
			add_host(u, host);
	}
	if (u->draft.refs_count != before || unit_failed(u) || u->diags->errors != g->errors)
		return;
	if (all)
		diag_add(u->diags, MSG_LEDGER_NO_TERMINAL, read_place(g->block, "file"),
			 g->ledger->path, u->tables[TABLE_ZONES].blocks[g->group->zone]->name);
	else
		diag_add(u->diags, MSG_LEDGER_NOTHING, read_place(g->block, "section"),
			 g->ledger->path, draft_text(&u->draft, g->group->section),
			 u->tables[TABLE_ZONES].blocks[g->group->zone]->name);
}

static void draw_from_file(struct unit *u, struct homes *homes, uint32_t i, const struct block *b)
{
	const struct entry *file = read_entry(b, "file");
	struct drawing g = { .u = u,
			     .homes = homes,
			     .group = &u->draft.groups[i],
			     .block = b,
			     .zone_nets = u->draft.zones[u->draft.groups[i].zone].nets,
			     .named = u->tables[TABLE_HOSTS].count,
			     .errors = u->diags->errors };

	g.ledger = ledger_read(u, file->items->terms);
	if (!g.ledger)
		return;
	memcpy(g.group->file_hash, g.ledger->hash, sizeof(g.group->file_hash));
	draw(&g);
	uint8_t role = u->draft.zones[g.group->zone].role;

	if (g.without_mac && (role == ROLE_MYNUMBER || role == ROLE_PUBLIC_LINE))
		diag_add(u->diags, MSG_LEDGER_WITHOUT_MAC, file->at, g.ledger->path,
			 diag_number(u->diags, g.without_mac));
}

static void add_members(struct unit *u, const struct group *g, const struct block *b)
{
	const struct entry *e = read_entry(b, "member");

	for (const struct item *i = e ? e->items : NULL; i; i = i->next) {
		uint32_t host = tables_find(u, TABLE_HOSTS, i->terms->text);

		if (host == POLICY_NONE)
			continue;
		if (u->draft.hosts[host].zone != g->zone) {
			diag_add(u->diags, MSG_GROUP_ZONE, i->at, i->terms->text,
				 u->tables[TABLE_ZONES].blocks[g->zone]->name);
			diag_add(u->diags, MSG_OTHER_HERE, u->tables[TABLE_HOSTS].blocks[host]->at);
		}
		add_host(u, host);
	}
}

static void check_group(struct unit *u, struct homes *homes, uint32_t i)
{
	const struct block *b = u->tables[TABLE_GROUPS].blocks[i];
	uint32_t first = u->draft.refs_count;

	if (!read_entry(b, "member") && !read_entry(b, "file") && !b->broken)
		diag_add(u->diags, MSG_GROUP_EMPTY, b->at, b->name);
	if (read_entry(b, "section") && !read_entry(b, "file"))
		diag_add(u->diags, MSG_GROUP_SECTION, read_place(b, "section"), b->name);
	if (u->draft.groups[i].zone == POLICY_NONE)
		return;
	add_members(u, &u->draft.groups[i], b);
	if (u->draft.groups[i].file)
		draw_from_file(u, homes, i, b);
	u->draft.groups[i].hosts = read_sorted_refs(u, first);
}

void check_groups(struct unit *u)
{
	struct homes homes = { 0 };

	for (uint32_t h = 0; h < u->draft.hosts_count && !unit_failed(u); h++)
		homes_add(u, &homes, h);
	for (uint32_t i = 0; i < u->draft.groups_count && !unit_failed(u); i++)
		check_group(u, &homes, i);
}
