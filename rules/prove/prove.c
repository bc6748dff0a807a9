/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/prove.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/prove/gate.h"
#include "rules/prove/parts.h"

struct kept {                      /* the last proof of a pair */
	struct text key;           /* owned; empty: none */
	struct gate_result result; /* owned */
	bool concerned;            /* the pair has something to prove in this policy */
};

struct prover {
	struct space *space; /* owned */
	struct kept *kept;   /* owned; zones * zones */
	uint32_t zones;
	struct text key; /* of the pair at hand */
};

struct prover *prover_new(uint32_t node_max)
{
	struct prover *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->space = space_new(node_max);
	if (v->space)
		return v;
	prover_free(v);
	return NULL;
}

static void forget_all(struct prover *v)
{
	for (uint32_t i = 0; i < v->zones * v->zones; i++) {
		text_done(&v->kept[i].key);
		gate_result_done(&v->kept[i].result);
	}
	free(v->kept);
	v->kept = NULL;
	v->zones = 0;
}

void prover_free(struct prover *v)
{
	if (!v)
		return;
	forget_all(v);
	text_done(&v->key);
	space_free(v->space);
	free(v);
}

static bool room_for(struct prover *v, uint32_t zones)
{
	if (v->zones == zones)
		return true;
	forget_all(v);
	v->kept = calloc((size_t)zones * zones, sizeof(*v->kept));
	if (v->kept)
		v->zones = zones;
	return v->kept != NULL;
}

/* ---- pairs ---- */

static bool is_concerned(const struct policy *p, const struct lane_index *x, uint32_t from,
			 uint32_t to)
{
	return lane_index_of(x, p, from, to).count > 0 ||
	       p->pairs[from * p->zones_count + to].boxes.count > 0 ||
	       (from == to && p->zones[from].inside_permit);
}

static bool is_known(const struct prover *v, const struct kept *k)
{
	return k->key.len > 0 && k->key.len == v->key.len && !v->key.failed &&
	       !memcmp(k->key.bytes, v->key.bytes, k->key.len);
}

static void prove_pair(struct prover *v, struct gate *g, struct kept *k)
{
	text_clear(&v->key);
	gate_key(g, &v->key);
	if (is_known(v, k))
		return;
	gate_result_done(&k->result);
	gate_prove(g, &k->result);
	struct text old = k->key;

	k->key = v->key;
	v->key = old;
	if (k->result.unknown || k->key.failed)
		text_clear(&k->key);
}

static void prove_pairs(struct prover *v, struct gate *g, const struct lane_index *x)
{
	uint32_t n = g->p->zones_count;

	for (uint32_t i = 0; i < n * n; i++) {
		struct kept *k = &v->kept[i];

		k->concerned = is_concerned(g->p, x, i / n, i % n);
		if (!k->concerned)
			continue;
		gate_load(g, x, i / n, i % n);
		prove_pair(v, g, k);
	}
}

/* ---- what the pairs say together ---- */

struct tally { /* of one permit, over all its pairs */
	bool reached, uncovered, unspoken;
	uint32_t blamed[PROOF_OTHERS_MAX]; /* statements; POLICY_NONE ends */
};

struct sum {
	struct parts parts;
	struct findings findings;
	struct tally *tallies;        /* owned; of each statement */
	struct gate_result **results; /* owned; of each pair */
	double permitted, spoken;
	uint64_t nodes;
	uint32_t pairs;
	uint32_t unknown_from, unknown_to; /* zones; POLICY_NONE */
};

static uint32_t statement_at(const struct sum *s, struct span list, uint32_t place)
{
	return place == POLICY_NONE ? POLICY_NONE : s->parts.index->statements[list.first + place];
}

static void add_findings(struct sum *s, const struct gate_result *r, struct span list)
{
	for (uint32_t i = 0; i < r->findings.count; i++) {
		struct finding f = r->findings.at[i];

		f.statement = statement_at(s, list, f.statement);
		findings_append(&s->findings, &f);
	}
	s->findings.errors += r->findings.errors;
	s->findings.warnings += r->findings.warnings;
}

/* Blames where a permit has no effect, as long as no pair has contradicted it. */
static void add_item(struct sum *s, const struct gate_result *r, struct span list, uint32_t item)
{
	struct tally *t = &s->tallies[statement_at(s, list, item)];
	uint8_t bits = r->items[item];

	if (!(bits & ITEM_REACHED) && t->reached)
		return;
	if (t->blamed[0] == POLICY_NONE || (!t->reached && (bits & ITEM_REACHED)))
		for (int i = 0; i < (int)PROOF_OTHERS_MAX; i++)
			t->blamed[i] = statement_at(s, list, r->blamed[item][i]);
	if (!(bits & ITEM_REACHED))
		return;
	t->reached = true;
	t->uncovered |= !(bits & ITEM_COVERED);
	t->unspoken |= !(bits & ITEM_SPOKEN);
}

static void add_pair(struct sum *s, const struct gate_result *r, uint32_t from, uint32_t to)
{
	struct span list = lane_index_of(s->parts.index, s->parts.p, from, to);

	add_findings(s, r, list);
	for (uint32_t i = 0; i < r->count; i++)
		add_item(s, r, list, i);
	s->permitted += r->permitted;
	s->spoken += r->spoken;
	s->parts.claims += r->claims;
	if (r->unknown && s->unknown_from == POLICY_NONE) {
		s->unknown_from = from;
		s->unknown_to = to;
	}
	s->parts.unknown |= r->unknown;
	s->nodes = r->nodes > s->nodes ? r->nodes : s->nodes;
	s->pairs++;
}

static void blame(struct sum *s, enum proof_what what, uint32_t statement)
{
	struct finding *f = findings_add(&s->findings, what);
	const struct tally *t = &s->tallies[statement];

	if (!f)
		return;
	f->statement = statement;
	for (int i = 0; i < (int)PROOF_OTHERS_MAX && t->blamed[i] != POLICY_NONE; i++)
		finding_other(f, t->blamed[i]);
}

static void judge_permit(struct sum *s, uint32_t i, struct proof *out)
{
	const struct statement *st = &s->parts.p->statements[i];
	const struct tally *t = &s->tallies[i];

	out->permits++;
	if (t->reached && t->unspoken)
		out->unspoken[out->unspoken_count++] = i;
	else
		out->permits_spoken += t->reached;
	if (st->until && s->parts.now >= st->until && !st->at_end_alarm) {
		struct finding *f = findings_add(&s->findings, PROOF_PERMIT_ENDED);

		if (f)
			f->statement = i;
	} else if (!t->reached) {
		blame(s, PROOF_PERMIT_NEVER, i);
	} else if (!t->uncovered) {
		blame(s, PROOF_PERMIT_COVERED, i);
	}
}

static bool sum_init(struct sum *s, const struct prover *v)
{
	const struct policy *p = s->parts.p;
	uint32_t pairs = p->zones_count * p->zones_count;

	s->tallies = calloc(p->statements_count + 1, sizeof(*s->tallies));
	s->results = calloc(pairs + 1, sizeof(struct gate_result *));
	if (!s->tallies || !s->results)
		return false;
	for (uint32_t i = 0; i < p->statements_count; i++)
		memset(s->tallies[i].blamed, 0xff, sizeof(s->tallies[i].blamed));
	for (uint32_t i = 0; i < pairs; i++)
		if (v->kept[i].concerned)
			s->results[i] = &v->kept[i].result;
	s->parts.results = s->results;
	s->parts.findings = &s->findings;
	return true;
}

static void sum_up(struct sum *s, struct proof *out)
{
	const struct policy *p = s->parts.p;

	for (uint32_t i = 0; i < p->zones_count * p->zones_count; i++)
		if (s->results[i])
			add_pair(s, s->results[i], i / p->zones_count, i % p->zones_count);
	parts_zones(&s->parts);
	if (p->model != MODEL_LAB)
		parts_relays(&s->parts);
	parts_classes(&s->parts);
	for (uint32_t i = 0; i < p->statements_count; i++)
		if (p->statements[i].type == STATEMENT_PERMIT)
			judge_permit(s, i, out);
	parts_objects(&s->parts);
}

static void conclude(struct sum *s, struct proof *out)
{
	out->findings = s->findings.at;
	out->findings_count = s->findings.count;
	out->errors = s->findings.errors;
	out->warnings = s->findings.warnings;
	out->claims = s->parts.claims;
	out->pairs = s->pairs;
	out->relays_accepted = s->parts.relays_accepted;
	out->share_spoken = s->permitted > 0 ? s->spoken / s->permitted : 1;
	out->nodes = s->nodes;
	out->unknown_from = s->unknown_from;
	out->unknown_to = s->unknown_to;
	if (s->parts.unknown || s->findings.failed)
		out->result = PROOF_UNKNOWN;
	else
		out->result = out->errors ? PROOF_FAILS : PROOF_HOLDS;
	s->findings = (struct findings){ 0 };
}

static int prove_with(struct prover *v, struct gate *g, struct lane_index *x, struct proof *out)
{
	struct sum s = { .parts = { .p = g->p,
				    .names = g->names,
				    .index = x,
				    .space = v->space,
				    .now = g->now },
			 .unknown_from = POLICY_NONE,
			 .unknown_to = POLICY_NONE };
	bool ok = room_for(v, g->p->zones_count);

	if (ok) {
		prove_pairs(v, g, x);
		out->unspoken = malloc((g->p->statements_count + 1) * sizeof(*out->unspoken));
		ok = sum_init(&s, v) && out->unspoken;
	}
	if (ok) {
		sum_up(&s, out);
		conclude(&s, out);
	}
	findings_done(&s.findings);
	free(s.tallies);
	free(s.results);
	return ok ? 0 : -ENOMEM;
}

int prove_policy(struct prover *v, const struct policy *p, int64_t now, unsigned int flags,
		 struct proof *out)
{
	struct gate g = { .p = p, .space = v->space, .now = now };
	struct names names;
	struct lane_index index;
	struct proof proof = { 0 };
	int r = names_init(&names, p);

	if (r < 0)
		return r;
	r = lane_index_init(&index, p);
	if (r == 0) {
		g.names = &names;
		g.compiled = proof.compiled = !(flags & PROOF_STATEMENTS_ONLY);
		r = prove_with(v, &g, &index, &proof);
		lane_done(&g.lane);
	}
	lane_index_done(&index);
	names_done(&names);
	if (r == 0)
		*out = proof;
	else
		proof_done(&proof);
	return r;
}

void proof_done(struct proof *f)
{
	free(f->findings);
	free(f->unspoken);
	*f = (struct proof){ 0 };
}
