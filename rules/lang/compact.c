/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/compact.h"

#include <stdlib.h>
#include <string.h>

#include "rules/lang/draft.h"

#define MOVER(section, type) \
	static void move_##section(const struct draft *from, struct draft *to, struct span *s) \
	{ \
		uint32_t first = to->section##_count; \
\
		for (uint32_t i = 0; i < s->count; i++) { \
			type *slot = draft_add_##section(to); \
\
			if (!slot) \
				return; \
			*slot = from->section[s->first + i]; \
		} \
		*s = s->count ? (struct span){ first, s->count } : (struct span){ 0, 0 }; \
	}
MOVER(refs, uint32_t)
MOVER(nets, struct ip_range)
MOVER(macs, struct mac)
MOVER(dates, uint32_t)
MOVER(ports, struct port_range)
MOVER(limits, struct limit)
MOVER(endpoints, struct endpoint)

/* An end that is a network owns it. */
static void move_ends(const struct draft *from, struct draft *to, struct span *s)
{
	move_endpoints(from, to, s);
	for (uint32_t i = 0; i < s->count && !to->failed; i++) {
		struct endpoint *e = &to->endpoints[s->first + i];
		struct span net = { e->index, 1 };

		if (e->kind != END_PREFIX)
			continue;
		move_nets(from, to, &net);
		e->index = net.first;
	}
}

static void move_text(const struct draft *from, struct draft *to, uint32_t *text)
{
	const char *s = draft_text(from, *text);

	*text = draft_string(to, s, strlen(s));
}

static void move_words(const struct draft *from, struct draft *to, struct span *s)
{
	uint32_t first = to->words_count;

	for (uint32_t i = 0; i < s->count; i++) {
		uint32_t word = from->words[s->first + i], *slot = draft_add_words(to);

		if (!slot)
			return;
		move_text(from, to, &word);
		*slot = word;
	}
	*s = s->count ? (struct span){ first, s->count } : (struct span){ 0, 0 };
}

/* --- applications: by name ---------------------------------------------------------------------- */

struct app {
	const char *name; /* borrowed */
	uint32_t was;     /* its index so far */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct app *)a)->name, ((const struct app *)b)->name);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Sorts the applications and says where each went. */
static void sort_apps(struct draft *d, uint32_t now[POLICY_APPS_MAX])
{
	struct app apps[POLICY_APPS_MAX] = { 0 };

	for (uint32_t i = 0; i < d->apps_count; i++)
		apps[i] = (struct app){ draft_text(d, d->apps[i]), i };
	qsort(apps, d->apps_count, sizeof(apps[0]), by_name);
	for (uint32_t i = 0; i < d->apps_count; i++) {
		now[apps[i].was] = i;
		d->apps[i] = (uint32_t)(apps[i].name - d->strings);
	}
}

static void renumber_refs(struct draft *d, struct span s, const uint32_t now[POLICY_APPS_MAX])
{
	for (uint32_t k = 0; k < s.count; k++)
		d->refs[s.first + k] = now[d->refs[s.first + k]];
	qsort(d->refs + s.first, s.count, sizeof(uint32_t), by_number);
}

static void renumber_apps(struct draft *d, uint32_t now[POLICY_APPS_MAX])
{
	sort_apps(d, now);
	for (uint32_t i = 0; i < d->statements_count; i++)
		renumber_refs(d, d->statements[i].applications, now);
	for (uint32_t i = 0; i < d->disabled_count; i++)
		renumber_refs(d, d->disabled[i].applications, now);
}

/* --- all of it ------------------------------------------------------------------------------------ */

#define EACH(section, field, move) \
	for (uint32_t i = 0; i < d->section##_count; i++) \
	move(d, to, &d->section[i].field)

#define STATEMENT_TEXTS(section) \
	EACH(section, name, move_text); \
	EACH(section, label, move_text); \
	EACH(section, owner, move_text); \
	EACH(section, reason, move_text); \
	EACH(section, article, move_text); \
	EACH(section, reference, move_text); \
	EACH(section, approved_by, move_text)

#define STATEMENT_LISTS(section) \
	EACH(section, from, move_ends); \
	EACH(section, to, move_ends); \
	EACH(section, services, move_refs); \
	EACH(section, applications, move_refs); \
	EACH(section, names, move_words)

static void move_texts(struct draft *d, struct draft *to)
{
	EACH(zones, name, move_text);
	EACH(zones, label, move_text);
	EACH(hosts, name, move_text);
	EACH(hosts, label, move_text);
	EACH(hosts, section, move_text);
	EACH(groups, name, move_text);
	EACH(groups, label, move_text);
	EACH(groups, file, move_text);
	EACH(groups, section, move_text);
	EACH(sites, name, move_text);
	EACH(sites, label, move_text);
	EACH(sites, file, move_text);
	EACH(services, name, move_text);
	EACH(services, label, move_text);
	EACH(windows, name, move_text);
	EACH(windows, label, move_text);
	EACH(windows, file, move_text);
	EACH(profiles, name, move_text);
	EACH(profiles, label, move_text);
	STATEMENT_TEXTS(statements);
	STATEMENT_TEXTS(disabled);
	EACH(disabled, disabled, move_text);
	EACH(accepts, name, move_text);
	EACH(accepts, label, move_text);
	EACH(accepts, word, move_text);
	EACH(accepts, owner, move_text);
	EACH(accepts, reason, move_text);
	EACH(accepts, approved_by, move_text);
	EACH(accepts, reference, move_text);
	EACH(feeds, name, move_text);
	EACH(feeds, label, move_text);
	EACH(feeds, file, move_text);
	EACH(feeds, format, move_text);
	EACH(assertions, name, move_text);
	EACH(assertions, label, move_text);
	for (uint32_t i = 0; i < d->apps_count; i++)
		move_text(d, to, &d->apps[i]);
}

static void move_lists(struct draft *d, struct draft *to)
{
	EACH(zones, interfaces, move_words);
	EACH(zones, nets, move_nets);
	EACH(hosts, nets, move_nets);
	EACH(hosts, macs, move_macs);
	EACH(groups, members, move_words);
	EACH(groups, hosts, move_refs);
	EACH(sites, nets, move_nets);
	EACH(sites, names, move_words);
	EACH(services, ports, move_ports);
	EACH(windows, holidays, move_dates);
	EACH(profiles, limits, move_limits);
	STATEMENT_LISTS(statements);
	STATEMENT_LISTS(disabled);
	EACH(assertions, from, move_ends);
	EACH(assertions, to, move_ends);
	EACH(assertions, services, move_refs);
	EACH(assertions, via, move_ends);
	EACH(classes, members, move_refs);
	EACH(classes, joined.limits, move_limits);
}

void compact_draft(struct draft *d, uint32_t apps_now[static POLICY_APPS_MAX])
{
	struct draft to;

	if (!draft_init(&to, d->arena)) {
		d->failed = true;
		return;
	}
	renumber_apps(d, apps_now);
	move_texts(d, &to);
	move_lists(d, &to);
	d->failed |= to.failed;
#define TAKE(section) (d->section = to.section, d->section##_count = to.section##_count)
	TAKE(strings), TAKE(words), TAKE(refs), TAKE(nets), TAKE(macs);
	TAKE(dates), TAKE(ports), TAKE(limits), TAKE(endpoints);
#undef TAKE
}
