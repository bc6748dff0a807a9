/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_site: sites lie in the zone of role outside; their networks may come from a file. */
#include "rules/lang/check.h"
#include "rules/lang/line_file.h"
#include "rules/lang/networks.h"
#include "rules/lang/read.h"
#include "rules/sha256.h"

static void read_line(struct unit *u, const struct term *t, void *unused)
{
	struct ip_range net;

	(void)unused;
	if (!read_network(u, t, &net))
		return;
	struct ip_range *slot = draft_add_nets(&u->draft);

	if (slot)
		*slot = net;
}

/* Networks of the block and of the file together. */
static void add_file(struct unit *u, struct site *s, const struct block *b)
{
	struct draft *d = &u->draft;
	uint32_t first = d->nets_count;
	struct source_file *file =
		line_file_read(u, read_entry(b, "file")->items->terms, read_line, NULL);

	for (uint32_t i = 0; i < s->nets.count; i++) {
		struct ip_range own = d->nets[s->nets.first + i];
		struct ip_range *slot = draft_add_nets(d);

		if (slot)
			*slot = own;
	}
	if (file)
		sha256_of(file->text.bytes, file->text.len, s->file_hash);
	s->nets = networks_sort(d, first);
}

static bool holds_all(const struct draft *d, uint32_t zone, const struct site *s)
{
	for (uint32_t i = s->nets.first; i < s->nets.first + s->nets.count; i++)
		if (!networks_cover(d, d->zones[zone].nets, d->nets[i]))
			return false;
	return true;
}

/* The zone of role outside that holds all of it; of several, that is what tells them apart. */
static void find_zone(struct unit *u, struct site *s, const struct block *b)
{
	const struct draft *d = &u->draft;
	uint32_t outside = POLICY_NONE, holding = POLICY_NONE, count = 0;

	for (uint32_t z = 0; z < d->zones_count; z++) {
		if (d->zones[z].role != ROLE_OUTSIDE)
			continue;
		outside = z;
		if (holds_all(d, z, s)) {
			holding = z;
			count++;
		}
	}
	if (outside == POLICY_NONE)
		diag_add(u->diags, MSG_SITE_NO_OUTSIDE, b->at, b->name);
	else if (count != 1)
		diag_add(u->diags, count ? MSG_SITE_AMBIGUOUS : MSG_SITE_NOT_OUTSIDE,
			 read_place(b, "network"), b->name);
	if (count == 1)
		s->zone = holding;
	else if (outside != POLICY_NONE)
		s->zone = outside;
}

void check_sites(struct unit *u)
{
	struct draft *d = &u->draft;

	for (uint32_t i = 0; i < d->sites_count && !unit_failed(u); i++) {
		const struct block *b = u->tables[TABLE_SITES].blocks[i];
		struct site *s = &d->sites[i];

		if (s->file)
			add_file(u, s, b);
		if (s->learn_dns)
			diag_add(u->diags, MSG_LEARN_LATER, read_place(b, "learn"), b->name);
		else if (s->nets.count == 0 && !b->broken && !read_entry(b, "file") &&
			 !read_entry(b, "network"))
			diag_add(u->diags, MSG_SITE_EMPTY, b->at, b->name);
		find_zone(u, s, b);
	}
}
