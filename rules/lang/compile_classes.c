/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile_classes: which of the statements that cover a box count, and what they answer together. */
#include <stdlib.h>
#include <string.h>

#include "rules/lang/compile.h"

static const struct statement *statement_at(const struct compile *c, uint32_t i)
{
	return &c->u->draft.statements[i];
}

static const struct profile *profile_of(const struct compile *c, uint32_t statement)
{
	return &c->u->draft.profiles[statement_at(c, statement)->profile];
}

/* A deny that the kernel can decide alone, and for ever. */
static bool is_plain_deny(const struct statement *s)
{
	return s->type == STATEMENT_DENY && s->applications.count == 0 && s->names.count == 0 &&
	       s->feed == POLICY_NONE && !s->since && !s->until;
}

/* Keeps the statements of some types, in order. Return: how many. */
static uint32_t keep(const struct compile *c, uint32_t *members, uint32_t count, uint32_t types)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++)
		if (types >> statement_at(c, members[i])->type & 1)
			members[kept++] = members[i];
	return kept;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Denies win; a crossing is for what no permit covers. Return: how many are left. */
static uint32_t reduce(const struct compile *c, uint32_t *members, uint32_t count)
{
	bool plain = false, permit = false;

	if (count > 1)
		qsort(members, count, sizeof(*members), by_number);
	for (uint32_t i = 0; i < count; i++) {
		plain |= is_plain_deny(statement_at(c, members[i]));
		permit |= statement_at(c, members[i])->type == STATEMENT_PERMIT;
	}
	if (plain)
		return keep(c, members, count, 1u << STATEMENT_DENY);
	if (permit)
		return keep(c, members, count, 1u << STATEMENT_DENY | 1u << STATEMENT_PERMIT);
	return count;
}

/* --- what the members answer together ----------------------------------------------------------- */

/* The stricter of two actions; pass-metadata still looks, so it is stricter than pass. */
static uint8_t stricter(uint8_t a, uint8_t b)
{
	static const uint8_t rank[ACTION_COUNT] = {
		[ACTION_DROP] = 0,  [ACTION_RESET] = 1,         [ACTION_BLOCK] = 2,
		[ACTION_ALERT] = 3, [ACTION_PASS_METADATA] = 4, [ACTION_PASS] = 5,
	};

	return rank[a] <= rank[b] ? a : b;
}

static void join_profile(struct profile *j, const struct profile *p)
{
	static const size_t actions[] = {
		offsetof(struct profile, on_overload),
		offsetof(struct profile, on_no_inspector),
		offsetof(struct profile, on_memory),
		offsetof(struct profile, on_midstream),
		offsetof(struct profile, on_restart),
		offsetof(struct profile, on_undecodable),
		offsetof(struct profile, on_uninspectable),
		offsetof(struct profile, on_unknown_application),
		offsetof(struct profile, on_mismatch),
	};
	uint8_t *to = (uint8_t *)j;
	const uint8_t *from = (const uint8_t *)p;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		to[actions[i]] = stricter(to[actions[i]], from[actions[i]]);
	j->inspect = p->inspect > j->inspect ? p->inspect : j->inspect;
	j->offload &= p->offload;
	j->starttls_pass &= p->starttls_pass;
	j->undecided = p->undecided < j->undecided ? p->undecided : j->undecided;
	j->answer = p->answer < j->answer ? p->answer : j->answer;
	j->log = p->log > j->log ? p->log : j->log;
}

/* The limits of every profile among the members, each profile once. */
static struct span join_limits(struct compile *c, const uint32_t *members, uint32_t count)
{
	struct draft *d = &c->u->draft;
	uint32_t first = d->limits_count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t profile = statement_at(c, members[i])->profile;
		bool seen = profile == POLICY_NONE;

		for (uint32_t k = 0; k < i; k++)
			seen |= statement_at(c, members[k])->profile == profile;
		struct span own = seen ? (struct span){ 0, 0 } : d->profiles[profile].limits;

		for (uint32_t n = 0; n < own.count; n++) {
			struct limit l = d->limits[own.first + n], *slot = draft_add_limits(d);

			if (slot)
				*slot = l;
		}
	}
	return (struct span){ first, d->limits_count - first };
}

/* Offloaded flows pass the kernel unseen until their entry dies: only what neither ends nor is measured. */
static bool may_offload(const struct compile *c, uint32_t statement)
{
	const struct statement *s = statement_at(c, statement);
	const struct draft *d = &c->u->draft;
	const struct span ends[] = { s->from, s->to };

	if (s->type != STATEMENT_PERMIT || s->since || s->until || s->window != POLICY_NONE ||
	    s->direction != DIRECTION_BOTH)
		return false;
	for (uint32_t i = s->services.first; i < s->services.first + s->services.count; i++)
		if (d->services[d->refs[i]].ftp)
			return false;
	for (size_t k = 0; k < 2; k++)
		for (uint32_t i = ends[k].first; i < ends[k].first + ends[k].count; i++)
			if ((1u << ROLE_MYNUMBER | 1u << ROLE_PUBLIC_LINE | 1u << ROLE_LGWAN) >>
				    d->zones[d->endpoints[i].zone].role &
			    1)
				return false;
	return true;
}

static bool opens(uint8_t action)
{
	return action == ACTION_PASS || action == ACTION_ALERT;
}

/* Only denies: the strictest answer and the fullest log of them. */
static void describe_denied(const struct compile *c, struct class *k, const struct class_set *set)
{
	k->denied = k->closed = true;
	k->joined.answer = ANSWER_COUNT;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct statement *s = statement_at(c, set->members[i]);

		if (s->answer < k->joined.answer)
			k->joined.answer = s->answer;
		if (s->log > k->joined.log)
			k->joined.log = s->log;
	}
}

/* Permits or a crossing, and perhaps denies that only the engine can decide. */
static void describe_open(struct compile *c, struct class *k, const struct class_set *set)
{
	bool first = true, denies = false, offload = true;

	for (uint32_t i = 0; i < set->count; i++) {
		offload &= may_offload(c, set->members[i]);
		if (statement_at(c, set->members[i])->type == STATEMENT_DENY) {
			denies = true;
		} else if (first) {
			k->joined = *profile_of(c, set->members[i]);
			first = false;
		} else {
			join_profile(&k->joined, profile_of(c, set->members[i]));
		}
	}
	k->joined.name = k->joined.label = 0;
	k->joined.offload &= offload;
	if (denies && k->joined.inspect == INSPECT_NONE)
		k->joined.inspect = INSPECT_METADATA;
	k->closed = !opens(k->joined.on_overload);
	k->queued = !set->box_end && k->joined.inspect != INSPECT_NONE;
	k->joined.limits = join_limits(c, set->members, set->count);
}

static bool only_denies(const struct compile *c, const struct class_set *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (statement_at(c, set->members[i])->type != STATEMENT_DENY)
			return false;
	return true;
}

static void add_class(struct compile *c, const struct class_set *set)
{
	struct draft *d = &c->u->draft;
	struct class *k = draft_add_classes(d);
	uint32_t first = d->refs_count;

	if (!k)
		return;
	for (uint32_t i = 0; i < set->count; i++) {
		uint32_t *ref = draft_add_refs(d);

		if (ref)
			*ref = set->members[i];
	}
	k->members = (struct span){ first, set->count };
	k->box_end = set->box_end;
	if (only_denies(c, set))
		describe_denied(c, k, set);
	else
		describe_open(c, k, set);
}

/* --- sets of statements, each once ------------------------------------------------------------- */

static uint32_t hash(const uint32_t *members, uint32_t count, bool box_end)
{
	uint32_t h = 2166136261u ^ box_end;

	for (uint32_t i = 0; i < count; i++)
		h = (h ^ members[i]) * 16777619u;
	return h ^ h >> 15;
}

static uint32_t *slot_of(const struct compile *c, const uint32_t *members, uint32_t count,
			 bool box_end)
{
	uint32_t mask = c->sets_size - 1;

	for (uint32_t i = hash(members, count, box_end) & mask;; i = (i + 1) & mask) {
		uint32_t n = c->sets_table[i];
		const struct class_set *s = n ? &c->sets[n - 1] : NULL;

		if (!s || (s->count == count && s->box_end == box_end &&
			   !memcmp(s->members, members, count * sizeof(*members))))
			return &c->sets_table[i];
	}
}

static bool grow_sets(struct compile *c)
{
	uint32_t size = c->sets_size ? c->sets_size * 2 : 256;
	uint32_t *table = unit_alloc(c->u, size * sizeof(*table));
	struct class_set *sets = unit_alloc(c->u, size / 2 * sizeof(*sets));

	if (!table || !sets)
		return false;
	if (c->sets_count)
		memcpy(sets, c->sets, c->sets_count * sizeof(*sets));
	c->sets = sets;
	c->sets_table = table;
	c->sets_size = size;
	for (uint32_t i = 0; i < c->sets_count; i++)
		*slot_of(c, sets[i].members, sets[i].count, sets[i].box_end) = i + 1;
	return true;
}

static void refuse_classes(struct compile *c)
{
	if (!c->refused)
		diag_add(c->u->diags, MSG_CLASSES_TOO_MANY, unit_nowhere(),
			 diag_number(c->u->diags, POLICY_CLASSES_MAX));
	c->refused = true;
}

static uint32_t new_class(struct compile *c, const uint32_t *members, uint32_t count,
			  const struct box *box, bool box_end)
{
	if (c->sets_count == POLICY_CLASSES_MAX) {
		refuse_classes(c);
		return POLICY_NONE;
	}
	uint32_t *own = unit_alloc(c->u, count * sizeof(*own));

	if (!own)
		return POLICY_NONE;
	memcpy(own, members, count * sizeof(*own));
	*slot_of(c, members, count, box_end) = c->sets_count + 1;
	c->sets[c->sets_count] = (struct class_set){ own, count, box_end };
	compile_overlap(c, own, count, box);
	add_class(c, &c->sets[c->sets_count]);
	return c->sets_count++;
}

uint32_t compile_class(struct compile *c, uint32_t *active, uint32_t count, const struct box *box,
		       bool box_end)
{
	count = reduce(c, active, count);
	if (count == 0)
		return POLICY_NONE;
	if (c->sets_count >= c->sets_size / 2 && !grow_sets(c))
		return POLICY_NONE;
	uint32_t found = *slot_of(c, active, count, box_end);

	return found ? found - 1 : new_class(c, active, count, box, box_end);
}
