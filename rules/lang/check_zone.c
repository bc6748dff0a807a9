/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_zone: interfaces belong to one zone each, networks are disjoint, `rest` is what is left. */
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/lang/check.h"
#include "rules/lang/networks.h"
#include "rules/lang/read.h"

static const struct block *block_of(const struct unit *u, uint32_t zone)
{
	return u->tables[TABLE_ZONES].blocks[zone];
}

static uint32_t box_of(const struct unit *u)
{
	return u->draft.zones_count - 1;
}

/* --- interfaces ------------------------------------------------------------------------------------ */

static struct location interface_place(const struct unit *u, uint32_t zone, const char *name)
{
	const struct entry *e = read_entry(block_of(u, zone), "interface");

	for (const struct item *i = e->items; i; i = i->next)
		if (!strcmp(i->terms->text, name))
			return i->at;
	return e->at;
}

struct owned { /* something a zone has: an interface's name or a range */
	struct ip_range range;
	uint32_t word, zone;
};

static int by_word(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;

	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	return (x->zone > y->zone) - (x->zone < y->zone);
}

static void check_interfaces(struct unit *u)
{
	const struct draft *d = &u->draft;
	uint32_t count = 0, n = 0;

	for (uint32_t z = 0; z < d->zones_count; z++)
		count += d->zones[z].interfaces.count;
	if (count > POLICY_INTERFACES_MAX) {
		diag_add(u->diags, MSG_INTERFACES_TOO_MANY, unit_nowhere(),
			 diag_number(u->diags, count),
			 diag_number(u->diags, POLICY_INTERFACES_MAX));
		return;
	}
	struct owned *all = unit_alloc(u, (count + 1) * sizeof(*all));

	for (uint32_t z = 0; all && z < d->zones_count; z++)
		for (uint32_t i = 0; i < d->zones[z].interfaces.count; i++)
			all[n++] =
				(struct owned){ .word = d->words[d->zones[z].interfaces.first + i],
						.zone = z };
	if (n)
		qsort(all, n, sizeof(*all), by_word);
	for (uint32_t i = 1; i < n; i++) {
		const char *name = draft_text(d, all[i].word);

		if (all[i].word != all[i - 1].word)
			continue;
		diag_add(u->diags, MSG_INTERFACE_TWICE, interface_place(u, all[i].zone, name),
			 name);
		diag_add(u->diags, MSG_FIRST_HERE, interface_place(u, all[i - 1].zone, name));
	}
}

/* --- networks -------------------------------------------------------------------------------------- */

static int by_range(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;

	if (x->range.lo != y->range.lo)
		return x->range.lo < y->range.lo ? -1 : 1;
	return (x->zone > y->zone) - (x->zone < y->zone);
}

static struct owned *all_ranges(struct unit *u, uint32_t *count)
{
	const struct draft *d = &u->draft;
	uint32_t n = 0;

	for (uint32_t z = 0; z < d->zones_count; z++)
		n += d->zones[z].nets.count;
	struct owned *all = unit_alloc(u, (n + 1) * sizeof(*all));

	*count = 0;
	for (uint32_t z = 0; all && z < d->zones_count; z++)
		for (uint32_t i = 0; i < d->zones[z].nets.count; i++)
			all[(*count)++] =
				(struct owned){ .range = d->nets[d->zones[z].nets.first + i],
						.zone = z };
	if (*count)
		qsort(all, *count, sizeof(*all), by_range);
	return all;
}

/* Of two zones the one that stands later in the text is at fault, the other is the note. */
static void report_overlap(struct unit *u, struct owned a, struct owned b)
{
	struct ip_range common = b.range;
	char buf[IP_RANGE_TEXT];

	if (a.range.hi < common.hi)
		common.hi = a.range.hi;
	struct location at_a = check_network_place(block_of(u, a.zone), "network", common);
	struct location at_b = check_network_place(block_of(u, b.zone), "network", common);
	bool later = at_a.text->order > at_b.text->order ||
		     (at_a.text == at_b.text && at_a.offset > at_b.offset);
	const char *name_a = block_of(u, a.zone)->name, *name_b = block_of(u, b.zone)->name;

	diag_add(u->diags, MSG_ZONES_OVERLAP, later ? at_a : at_b, later ? name_a : name_b,
		 later ? name_b : name_a, ip_range_text(common, buf));
	diag_add(u->diags, MSG_FIRST_HERE, later ? at_b : at_a);
}

static bool check_disjoint(struct unit *u)
{
	uint32_t count;
	struct owned *all = all_ranges(u, &count);
	bool disjoint = true;

	for (uint32_t i = 1, widest = 0; i < count; i++) {
		if (all[i].range.lo <= all[widest].range.hi && all[i].zone != all[widest].zone) {
			report_overlap(u, all[widest], all[i]);
			disjoint = false;
		}
		if (all[i].range.hi > all[widest].range.hi)
			widest = i;
	}
	return disjoint;
}

/* `rest`: for one zone, and only where "everybody else" is what is meant. */
static void check_rest(struct unit *u)
{
	struct draft *d = &u->draft;
	uint32_t rest = POLICY_NONE;

	for (uint32_t z = 0; z < d->zones_count; z++) {
		if (!d->zones[z].rest)
			continue;
		struct location at = read_place(block_of(u, z), "network");

		if (d->zones[z].role != ROLE_OUTSIDE && d->zones[z].role != ROLE_INTERNET &&
		    d->zones[z].role != ROLE_COUNT)
			diag_add(u->diags, MSG_REST_ROLE, at, block_of(u, z)->name,
				 policy_role_words[d->zones[z].role]);
		if (rest != POLICY_NONE) {
			diag_add(u->diags, MSG_REST_TWICE, at);
			diag_add(u->diags, MSG_FIRST_HERE,
				 read_place(block_of(u, rest), "network"));
			continue;
		}
		rest = z;
	}
	if (rest != POLICY_NONE)
		d->zones[rest].nets = networks_rest(d);
}

void check_zones(struct unit *u)
{
	struct draft *d = &u->draft;

	d->zones[box_of(u)].role = ROLE_BOX;
	if (d->zones_count > POLICY_ZONES_MAX)
		diag_add(u->diags, MSG_ZONES_TOO_MANY, unit_nowhere(),
			 diag_number(u->diags, d->zones_count - 1),
			 diag_number(u->diags, POLICY_ZONES_MAX - 1));
	if (d->zones_count == 1 && u->diags->errors == 0)
		diag_add(u->diags, MSG_ZONES_NONE, unit_nowhere());
	check_interfaces(u);
	if (check_disjoint(u))
		check_rest(u);
}
