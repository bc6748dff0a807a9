/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate_rules: rules 1 (complete, named, bound), 4 (nothing passes unseen) and 6 (guests) for one pair. */
#include "rules/prove/gate_rules.h"

#include <netinet/in.h>

#include "rules/prove/gate.h"

#define PART_WORD_(N, key) key,
#define FAIL_WORD_(field, key) key,
const char *const rule_part_words[RULE_PART_COUNT] = { RULE_PARTS(PART_WORD_) };
const char *const rule_fail_words[RULE_FAIL_COUNT] = { RULE_FAILS(FAIL_WORD_) };
const char *const rule_guest_words[RULE_GUEST_COUNT] = { RULE_GUESTS(PART_WORD_) };

static bool has_box(const struct gate *g)
{
	return gate_touches(g, 1u << ROLE_BOX);
}

/* ---- rule 1: what a permit says ---- */

/* Every port there is, of TCP or of UDP: then no service was named. */
static bool names_all_ports(const struct gate *g, uint32_t item)
{
	struct span s = g->lane.items[item].services;

	for (uint32_t i = s.first; i < s.first + s.count; i++)
		if (g->lane.services[i].lo == 0 && g->lane.services[i].hi == UINT16_MAX)
			return true;
	return false;
}

static uint32_t missing_parts(const struct gate *g, uint32_t item)
{
	const struct statement *s = gate_statement(g, item);
	const bool missing[RULE_PART_COUNT] = {
		[RULE_OWNER] = !s->owner,
		[RULE_REASON] = !s->reason,
		[RULE_REFERENCE] = !s->reference,
		[RULE_APPROVED_BY] = !s->approved_by,
		[RULE_APPROVED_ON] = !s->approved_on,
		[RULE_END] = !s->until && !s->review,
		/* no engine sees what ends at the box */
		[RULE_APPLICATION] = !s->applications.count && !has_box(g),
		[RULE_SERVICE] = names_all_ports(g, item),
	};
	uint32_t bits = 0;

	for (uint32_t i = 0; i < RULE_PART_COUNT; i++)
		bits |= (uint32_t)missing[i] << i;
	return bits;
}

static void check_complete(struct gate *g, uint32_t item)
{
	uint32_t missing = missing_parts(g, item);

	g->out->claims++;
	if (!missing)
		return;
	struct finding *f = gate_show(g, PROOF_INCOMPLETE, item, g->lane.items[item].effective);

	if (f)
		f->bits = missing;
}

/* ---- rule 1: its ends in mynumber and public lines ---- */

static bool has_unnamed_end(const struct policy *p, struct span ends, uint32_t zone)
{
	for (uint32_t i = ends.first; i < ends.first + ends.count; i++)
		if (p->endpoints[i].zone == zone && p->endpoints[i].kind != END_HOST &&
		    p->endpoints[i].kind != END_GROUP)
			return true;
	return false;
}

/* Addresses that the kernel ties to a MAC address, or that stand behind a router. */
static void bound_addresses(const struct policy *p, uint32_t zone, struct ranges *out)
{
	for (uint32_t i = 0; i < p->hosts_count; i++)
		if (p->hosts[i].zone == zone && (p->hosts[i].macs.count || p->hosts[i].routed))
			ranges_add_all(out, SLICE(p->nets, p->hosts[i].nets),
				       p->hosts[i].nets.count);
	ranges_sort(out);
}

static bdd_t bound_set(struct gate *g, uint32_t zone, enum space_field f)
{
	struct ranges r = { 0 };

	bound_addresses(g->p, zone, &r);
	bdd_t set = r.failed ? BDD_NONE : space_set(g->space, f, r.at, r.count, BDD_TRUE);

	ranges_done(&r);
	return set;
}

static void check_end(struct gate *g, uint32_t item, struct span ends, uint32_t zone, bdd_t bound)
{
	bdd_t effective = g->lane.items[item].effective;
	struct finding *f = NULL;

	if (has_unnamed_end(g->p, ends, zone))
		f = gate_show(g, PROOF_END_UNNAMED, item, effective);
	else {
		bdd_t loose = bdd_diff(space_bdd(g->space), effective, bound);

		if (!gate_claim(g, loose))
			f = gate_show(g, PROOF_END_UNBOUND, item, loose);
	}
	if (f)
		f->object = zone;
}

/* ---- rule 4: nothing passes unseen ---- */

static uint32_t open_fails(const struct profile *p)
{
	uint32_t bits = 0;

#define OPEN_(field, key) \
	if (p->field != ACTION_DROP && p->field != ACTION_RESET && p->field != ACTION_BLOCK) \
		bits |= 1u << RULE_##field;
	RULE_FAILS(OPEN_)
#undef OPEN_
	return bits;
}

static void check_closed(struct gate *g, uint32_t item)
{
	const struct statement *s = gate_statement(g, item);
	uint32_t open = open_fails(&g->p->profiles[s->profile]);

	if (g->p->profiles[s->profile].inspect == INSPECT_NONE)
		return; /* its permit says so */
	g->out->claims++;
	if (!open)
		return;
	struct finding *f = gate_show(g, PROOF_FAILS_OPEN, item, g->lane.items[item].effective);

	if (f) {
		f->bits = open;
		f->object = s->profile;
	}
}

/* ---- rule 6: guests ---- */

static void check_guest(struct gate *g, uint32_t item)
{
	const struct statement *s = gate_statement(g, item);
	const struct profile *p = &g->p->profiles[s->profile];
	uint32_t bits = 0;

	g->out->claims++;
	if (s->reference)
		return;
	bits |= (uint32_t)(p->inspect == INSPECT_CONTENT) << RULE_GUEST_CONTENT;
	bits |= (uint32_t)(s->log == LOG_ALL) << RULE_GUEST_NAMES;
	bits |= (uint32_t)(p->answer == ANSWER_PAGE) << RULE_GUEST_PAGE;
	if (!bits)
		return;
	struct finding *f = gate_show(g, PROOF_GUEST_WATCHED, item, g->lane.items[item].effective);

	if (f)
		f->bits = bits;
}

/* ---- all of them ---- */

static void cut_bound(struct gate *g, uint32_t zone, enum space_field f)
{
	struct ranges r = { 0 };

	bound_addresses(g->p, zone, &r);
	for (uint32_t i = 0; i < r.count; i++)
		space_cut(g->space, f, r.at[i]);
	ranges_done(&r);
}

void gate_rules_cut(struct gate *g)
{
	if (gate_role_is(g->role_from, GATE_INNER))
		cut_bound(g, g->from, SPACE_SRC);
	if (gate_role_is(g->role_to, GATE_INNER))
		cut_bound(g, g->to, SPACE_DST);
}

static void check_permit(struct gate *g, uint32_t item, bdd_t bound_src, bdd_t bound_dst)
{
	const struct statement *s = gate_statement(g, item);

	if (gate_touches(g, GATE_PROTECTED)) {
		check_complete(g, item);
		if (!has_box(g))
			check_closed(g, item);
	}
	if (gate_role_is(g->role_from, GATE_INNER))
		check_end(g, item, s->from, g->from, bound_src);
	if (gate_role_is(g->role_to, GATE_INNER))
		check_end(g, item, s->to, g->to, bound_dst);
	if (gate_touches(g, 1u << ROLE_GUEST))
		check_guest(g, item);
}

void gate_rules(struct gate *g)
{
	bdd_t src = BDD_TRUE, dst = BDD_TRUE;

	if (g->p->model == MODEL_LAB)
		return;
	if (gate_role_is(g->role_from, GATE_INNER))
		src = bound_set(g, g->from, SPACE_SRC);
	if (gate_role_is(g->role_to, GATE_INNER))
		dst = bound_set(g, g->to, SPACE_DST);
	for (uint32_t i = 0; i < g->lane.count; i++)
		if (gate_statement(g, i)->type == STATEMENT_PERMIT &&
		    g->lane.items[i].effective != BDD_FALSE)
			check_permit(g, i, src, dst);
	if (gate_touches(g, GATE_PROTECTED) && !gate_claim(g, g->lane.inside))
		gate_show(g, PROOF_UNINSPECTED, POLICY_NONE, g->lane.inside);
}
