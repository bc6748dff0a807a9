/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile_boxes: the boxes of one pair of zones, by a sweep inside a sweep inside a sweep. */
#include <stdlib.h>
#include <string.h>

#include "rules/lang/compile.h"
#include "rules/lang/sweep.h"

struct cutting { /* one pair, one kind of box */
	struct compile *c;
	const struct part *parts; /* borrowed */
	uint32_t parts_count;
	uint32_t pair;
	enum box_kind kind;
	bool box_end;
	struct sweep services, dsts, srcs;
	uint32_t *active;    /* arena; statements of the cut, handed to compile_class */
	uint32_t kind_start; /* boxes of this kind begin here */
	uint32_t group,
		run; /* where the boxes of this service cut begin, and of this destination cut */
	uint32_t last_group; /* ... of the cut before; POLICY_NONE: none to join */
	uint32_t last_run;
};

/* --- limits ------------------------------------------------------------------------------------ */

/* The statement that took part in most boxes, but for those already taken. */
static uint32_t most(const struct cutting *k, const uint32_t *taken, uint32_t count)
{
	uint32_t best = POLICY_NONE;

	for (uint32_t i = 0; i < k->parts_count; i++) {
		uint32_t s = k->parts[i].statement;
		bool out = false;

		for (uint32_t t = 0; t < count; t++)
			out |= taken[t] == s;
		if (!out && (best == POLICY_NONE || k->c->cells[s] > k->c->cells[best]))
			best = s;
	}
	return best;
}

static void refuse(struct cutting *k)
{
	struct unit *u = k->c->u;
	uint32_t zones = u->draft.zones_count, top[3];
	struct block *const *zone = u->tables[TABLE_ZONES].blocks;

	if (k->c->refused)
		return;
	k->c->refused = true;
	for (uint32_t i = 0; i < 3; i++)
		top[i] = most(k, top, i);
	diag_add(u->diags, MSG_BOXES_TOO_MANY, u->tables[TABLE_STATEMENTS].blocks[top[0]]->at,
		 zone[k->pair / zones]->name, zone[k->pair % zones]->name,
		 diag_number(u->diags, POLICY_BOXES_PER_MAP));
	for (uint32_t i = 0; i < 3 && top[i] != POLICY_NONE; i++) {
		const struct block *b = u->tables[TABLE_STATEMENTS].blocks[top[i]];

		diag_add(u->diags, MSG_BOXES_MOST, b->at, b->name,
			 diag_number(u->diags, k->c->cells[top[i]]));
	}
}

/* Boxes of this kind so far, by family; what the kernel holds in one map each. */
static void check_room(struct cutting *k)
{
	const struct draft *d = &k->c->u->draft;
	uint32_t of_family[2] = { 0, 0 };

	for (uint32_t i = k->kind_start; i < d->boxes_count; i++)
		of_family[ip_is_v4(d->boxes[i].src.lo)]++;
	if (of_family[0] > POLICY_BOXES_PER_MAP || of_family[1] > POLICY_BOXES_PER_MAP)
		refuse(k);
}

/* --- joining neighbours ------------------------------------------------------------------------ */

static bool same_range(struct ip_range a, struct ip_range b)
{
	return a.lo == b.lo && a.hi == b.hi;
}

/* Whether the boxes from `run` on say the same as those of the destination cut just before. */
static bool runs_alike(const struct cutting *k, uint32_t count)
{
	const struct box *a = k->c->u->draft.boxes + k->last_run,
			 *b = k->c->u->draft.boxes + k->run;

	if (k->run - k->last_run != count || a->dst.hi + 1 != b->dst.lo ||
	    ip_is_v4(a->dst.hi) != ip_is_v4(b->dst.lo))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!same_range(a[i].src, b[i].src) || a[i].class != b[i].class)
			return false;
	return true;
}

static void finish_run(struct cutting *k)
{
	struct draft *d = &k->c->u->draft;
	uint32_t count = d->boxes_count - k->run;

	if (count == 0)
		return;
	if (k->last_run == POLICY_NONE || !runs_alike(k, count)) {
		k->last_run = k->run;
		if (d->boxes_count - k->group > 2 * POLICY_BOXES_PER_MAP)
			refuse(k);
		return;
	}
	for (uint32_t i = k->last_run; i < k->run; i++)
		d->boxes[i].dst.hi = d->boxes[k->run].dst.hi;
	memset(d->boxes + k->run, 0, count * sizeof(struct box));
	d->boxes_count = k->run;
}

/* The service cuts of two groups are neighbours on the axis. */
static bool services_touch(const struct box *a, const struct box *b)
{
	if (a->kind == BOX_PROTOCOL)
		return a->protocol_hi + 1 == b->protocol;
	return a->protocol == b->protocol && (uint32_t)a->hi + 1 == b->lo;
}

static bool groups_alike(const struct cutting *k, uint32_t count)
{
	const struct box *a = k->c->u->draft.boxes + k->last_group;
	const struct box *b = k->c->u->draft.boxes + k->group;

	if (k->group - k->last_group != count || !services_touch(a, b))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!same_range(a[i].src, b[i].src) || !same_range(a[i].dst, b[i].dst) ||
		    a[i].class != b[i].class)
			return false;
	return true;
}

static void finish_group(struct cutting *k)
{
	struct draft *d = &k->c->u->draft;
	uint32_t count = d->boxes_count - k->group;

	if (count == 0)
		return;
	if (k->last_group == POLICY_NONE || !groups_alike(k, count)) {
		k->last_group = k->group;
		check_room(k);
		return;
	}
	for (uint32_t i = k->last_group; i < k->group; i++) {
		d->boxes[i].hi = d->boxes[k->group].hi;
		d->boxes[i].protocol_hi = d->boxes[k->group].protocol_hi;
	}
	memset(d->boxes + k->group, 0, count * sizeof(struct box));
	d->boxes_count = k->group;
}

/* --- the sweeps -------------------------------------------------------------------------------- */

static struct box box_at(const struct cutting *k)
{
	uint32_t lo = (uint32_t)k->services.cut.lo, hi = (uint32_t)k->services.cut.hi;
	bool protocol = k->kind == BOX_PROTOCOL;
	struct box b;

	memset(&b, 0, sizeof(b));
	b.src = k->srcs.cut;
	b.dst = k->dsts.cut;
	b.lo = protocol ? 0 : (uint16_t)lo;
	b.hi = protocol ? UINT16_MAX : (uint16_t)hi;
	b.protocol = (uint8_t)(lo >> 16);
	b.protocol_hi = (uint8_t)(hi >> 16);
	b.kind = (uint8_t)k->kind;
	return b;
}

static void add_box(struct cutting *k, const struct box *b)
{
	struct draft *d = &k->c->u->draft;
	struct box *last = d->boxes_count > k->run ? &d->boxes[d->boxes_count - 1] : NULL;

	if (last && last->class == b->class && last->src.hi + 1 == b->src.lo &&
	    ip_is_v4(last->src.hi) == ip_is_v4(b->src.lo)) {
		last->src.hi = b->src.hi;
		return;
	}
	struct box *slot = draft_add_boxes(d);

	if (slot)
		*slot = *b;
}

/* All three cuts are made: who is left decides the class. */
static void cut_box(struct cutting *k)
{
	struct box b = box_at(k);
	uint32_t count = k->srcs.active_count;

	for (uint32_t i = 0; i < count; i++) {
		k->active[i] = k->parts[k->srcs.active[i]].statement;
		k->c->cells[k->active[i]]++;
	}
	k->c->work += count;
	b.class = compile_class(k->c, k->active, count, &b, k->box_end);
	if (b.class != POLICY_NONE)
		add_box(k, &b);
	if (k->c->work > COMPILE_WORK_MAX)
		refuse(k);
}

static bool stopped(const struct cutting *k)
{
	return k->c->refused || unit_failed(k->c->u);
}

static void cut_sources(struct cutting *k)
{
	bool v4 = ip_is_v4(k->dsts.cut.lo);

	sweep_start(&k->srcs);
	for (uint32_t i = 0; i < k->dsts.active_count; i++) {
		uint32_t owner = k->dsts.active[i];
		struct span src = k->parts[owner].src;

		for (uint32_t n = src.first; n < src.first + src.count; n++)
			if (ip_is_v4(k->c->nets[n].lo) == v4)
				sweep_add(&k->srcs, k->c->nets[n].lo, k->c->nets[n].hi, owner);
	}
	k->c->work += k->srcs.count;
	while (!stopped(k) && sweep_next(&k->srcs))
		cut_box(k);
}

/* ICMP is IPv4's, ICMPv6 is IPv6's. */
static bool fits_family(const struct cutting *k, ip_t a)
{
	uint32_t protocol = (uint32_t)k->services.cut.lo >> 16;

	return k->kind != BOX_ICMP || ip_is_v4(a) == (protocol == 1);
}

static void cut_destinations(struct cutting *k)
{
	sweep_start(&k->dsts);
	for (uint32_t i = 0; i < k->services.active_count; i++) {
		uint32_t owner = k->services.active[i];
		struct span dst = k->parts[owner].dst;

		for (uint32_t n = dst.first; n < dst.first + dst.count; n++)
			if (fits_family(k, k->c->nets[n].lo))
				sweep_add(&k->dsts, k->c->nets[n].lo, k->c->nets[n].hi, owner);
	}
	k->c->work += k->dsts.count;
	k->last_run = POLICY_NONE;
	while (!stopped(k) && sweep_next(&k->dsts)) {
		k->run = k->c->u->draft.boxes_count;
		cut_sources(k);
		finish_run(k);
	}
}

/* A protocol's place on the axis is its number shifted; its cut covers up to just before the next. */
static void cut_services(struct cutting *k)
{
	uint32_t wide = k->kind == BOX_PROTOCOL ? 0xffff : 0;

	sweep_start(&k->services);
	for (uint32_t i = 0; i < k->parts_count; i++) {
		struct span s = k->parts[i].services;

		for (uint32_t n = s.first; n < s.first + s.count; n++)
			if (k->c->services[n].kind == k->kind)
				sweep_add(&k->services, k->c->services[n].lo,
					  k->c->services[n].hi | wide, i);
	}
	k->last_group = POLICY_NONE;
	while (!stopped(k) && sweep_next(&k->services)) {
		k->group = k->c->u->draft.boxes_count;
		cut_destinations(k);
		finish_group(k);
	}
}

static bool prepare(struct cutting *k)
{
	struct unit *u = k->c->u;

	k->active = unit_alloc(u, ((size_t)k->parts_count + 1) * sizeof(*k->active));
	if (k->active && sweep_init(&k->services, u->arena, k->parts_count) &&
	    sweep_init(&k->dsts, u->arena, k->parts_count) &&
	    sweep_init(&k->srcs, u->arena, k->parts_count))
		return true;
	u->failed = true;
	return false;
}

void compile_pair(struct compile *c, uint32_t pair, const struct part *parts, uint32_t count)
{
	static const enum box_kind kinds[] = { BOX_PORTS, BOX_ICMP, BOX_PROTOCOL };
	uint32_t zones = c->u->draft.zones_count;
	struct cutting k = { .c = c, .parts = parts, .parts_count = count, .pair = pair };

	k.box_end = pair / zones == zones - 1 || pair % zones == zones - 1;
	if (!prepare(&k))
		return;
	for (size_t i = 0; i < 3 && !stopped(&k); i++) {
		k.kind = kinds[i];
		k.kind_start = c->u->draft.boxes_count;
		cut_services(&k);
	}
	c->u->failed |= k.services.failed || k.dsts.failed || k.srcs.failed;
}
