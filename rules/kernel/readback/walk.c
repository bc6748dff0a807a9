/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/walk.h"

#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/readback/sets.h"
#include "rules/kernel/readback/walk_parts.h"

#define DEPTH_MAX 32u      /* chains within chains; the kernel allows 16 */
#define STEPS_MAX 4000000u /* states times rules: a hostile ruleset multiplies */
#define STATES_MAX 1000000u

enum memo { MEMO_NEW, MEMO_SEEN, MEMO_MIXED, MEMO_DROPS };

struct walk {
	const struct ruleset *r;
	struct packet *k;
	struct sets *sets;
	struct walk_calls calls;
	struct value *values; /* owned */
	uint32_t *slots;      /* owned; open hash table of values, numbers + 1 */
	uint32_t values_count, values_room, slots_count;
	uint8_t *memo; /* owned; enum memo of each chain */
	struct outcomes *out;
	uint32_t steps, depth;
	bool failed, trace, quiet;
};

struct packet *frame_packet(const struct frame *f)
{
	return f->k->w->k;
}

struct walk *frame_walk(const struct frame *f)
{
	return f->k->w;
}

const struct ruleset *walk_rules(const struct walk *w)
{
	return w->r;
}

struct sets *walk_sets(const struct walk *w)
{
	return w->sets;
}

/* ---- values ---- */

static uint32_t hash_of(const bdd_t *bits)
{
	uint64_t h = 0;

	for (int i = 0; i < 32; i++)
		h = (h ^ bits[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

static void enter(struct walk *w, uint32_t i)
{
	uint32_t at = hash_of(w->values[i].bit) & (w->slots_count - 1);

	while (w->slots[at])
		at = (at + 1) & (w->slots_count - 1);
	w->slots[at] = i + 1;
}

static bool grow_values(struct walk *w)
{
	uint32_t room = w->values_room ? w->values_room * 2 : 1024;
	struct value *values = realloc(w->values, room * sizeof(*values));
	uint32_t *slots = calloc(room * 2, sizeof(*slots));

	if (values)
		w->values = values;
	if (!values || !slots) {
		free(slots);
		return false;
	}
	free(w->slots);
	w->slots = slots;
	w->values_room = room;
	w->slots_count = room * 2;
	for (uint32_t i = 0; i < w->values_count; i++)
		enter(w, i);
	return true;
}

uint32_t walk_value(struct walk *w, const bdd_t bits[static 32])
{
	if (w->values_count == w->values_room && !grow_values(w)) {
		w->failed = true;
		return 0;
	}
	uint32_t at = hash_of(bits) & (w->slots_count - 1);

	for (; w->slots[at]; at = (at + 1) & (w->slots_count - 1))
		if (memcmp(w->values[w->slots[at] - 1].bit, bits, sizeof(w->values->bit)) == 0)
			return w->slots[at] - 1;
	memcpy(w->values[w->values_count].bit, bits, sizeof(w->values->bit));
	w->slots[at] = ++w->values_count;
	return w->values_count - 1;
}

const struct value *walk_bits(const struct walk *w, uint32_t value)
{
	return &w->values[value];
}

uint32_t walk_field(struct walk *w, enum packet_field mark)
{
	bdd_t bits[32];

	packet_bits(w->k, mark, 0, 32, bits);
	return walk_value(w, bits);
}

uint32_t walk_number(struct walk *w, uint32_t fixed)
{
	bdd_t bits[32];

	bits_number(fixed, 32, bits);
	return walk_value(w, bits);
}

/* ---- a walk ---- */

struct walk *walk_new(const struct ruleset *r, struct packet *k, struct walk_calls calls)
{
	struct walk *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->r = r;
	w->k = k;
	w->calls = calls;
	w->sets = sets_new(r, k->b);
	w->memo = calloc(r->chains_count + 1u, 1);
	if (w->sets && w->memo)
		return w;
	walk_free(w);
	return NULL;
}

void walk_free(struct walk *w)
{
	if (!w)
		return;
	sets_free(w->sets);
	free(w->values);
	free(w->slots);
	free(w->memo);
	free(w);
}

void walk_begin(struct walk *w, enum walk_elements e)
{
	sets_begin(w->sets, e == WALK_ENDED);
	w->values_count = 0;
	if (w->slots)
		memset(w->slots, 0, w->slots_count * sizeof(*w->slots));
	memset(w->memo, MEMO_NEW, w->r->chains_count);
	w->steps = w->depth = 0;
	w->failed = w->trace = false;
}

void walk_trace(struct walk *w)
{
	w->trace = true;
}

static bool has_failed(struct walk *w)
{
	w->failed |= bdd_failed(w->k->b) || w->out->failed || w->steps > STEPS_MAX;
	return w->failed;
}

/* ---- states ---- */

static void add_state(struct walk *w, struct states *l, struct state s)
{
	if (s.when == BDD_FALSE)
		return;
	if (l->count == l->room) {
		uint32_t room = l->room ? l->room * 2 : 8;
		struct state *p = l->count < STATES_MAX ? realloc(l->at, room * sizeof(*p)) : NULL;

		if (!p) {
			w->failed = true;
			return;
		}
		l->at = p;
		l->room = room;
	}
	l->at[l->count++] = s;
}

static int by_marks(const void *a, const void *b)
{
	const struct state *x = a, *y = b;

	if (x->ctmark != y->ctmark)
		return x->ctmark < y->ctmark ? -1 : 1;
	if (x->mark != y->mark)
		return x->mark < y->mark ? -1 : 1;
	return x->offload - y->offload;
}

/* States with the same marks become one. */
static void join_states(struct walk *w, struct states *l)
{
	uint32_t n = 0;

	if (l->count > 1)
		qsort(l->at, l->count, sizeof(*l->at), by_marks);
	for (uint32_t i = 0; i < l->count; i++) {
		if (n && by_marks(&l->at[n - 1], &l->at[i]) == 0)
			l->at[n - 1].when = bdd_or(w->k->b, l->at[n - 1].when, l->at[i].when);
		else
			l->at[n++] = l->at[i];
	}
	l->count = n;
}

/* ---- what becomes of packets ---- */

void outcomes_done(struct outcomes *o)
{
	free(o->at);
	*o = (struct outcomes){ 0 };
}

void outcomes_add(struct outcomes *o, struct outcome x)
{
	if (x.when == BDD_FALSE)
		return;
	if (o->count == o->room) {
		uint32_t room = o->room ? o->room * 2 : 64;
		struct outcome *p = realloc(o->at, room * sizeof(*p));

		if (!p) {
			o->failed = true;
			return;
		}
		o->at = p;
		o->room = room;
	}
	o->at[o->count++] = x;
}

static int compare(uint32_t x, uint32_t y)
{
	return x < y ? -1 : x > y;
}

int outcome_compare(const struct outcome *a, const struct outcome *b)
{
	int c[] = { compare(a->kind, b->kind),     compare(a->queue, b->queue),
		    compare(a->bypass, b->bypass), compare(a->offload, b->offload),
		    compare(a->ctmark, b->ctmark), compare(a->mark, b->mark) };

	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		if (c[i])
			return c[i];
	return 0;
}

static int by_outcome(const void *a, const void *b)
{
	return outcome_compare(a, b);
}

void outcomes_join(struct bdd *b, struct outcomes *o)
{
	bdd_t *when = malloc((o->count + 1u) * sizeof(*when));
	uint32_t n = 0;

	o->failed |= !when;
	if (o->count)
		qsort(o->at, o->count, sizeof(*o->at), by_outcome);
	for (uint32_t i = 0, end; when && i < o->count; i = end) {
		for (end = i; end < o->count && outcome_compare(&o->at[i], &o->at[end]) == 0; end++)
			when[end - i] = o->at[end].when;
		o->at[n] = o->at[i];
		o->at[n++].when = bdd_or_all(b, when, end - i);
	}
	o->count = n;
	free(when);
}

static void settle(struct work *k, struct state s, enum outcome_kind kind, uint32_t queue,
		   bool bypass)
{
	bool marks = kind == OUTCOME_ACCEPT || kind == OUTCOME_QUEUE;
	bool known = kind == OUTCOME_ACCEPT && s.rule != RULESET_NONE;

	outcomes_add(k->w->out, (struct outcome){
					.when = s.when,
					.kind = (uint8_t)kind,
					.bypass = bypass,
					.queue = queue,
					.offload = marks && s.offload,
					.mark = marks ? s.mark : 0,
					.ctmark = marks ? s.ctmark : 0,
					.rule = known ? s.rule : k->rule,
					.chain = known ? s.chain : k->chain,
				});
}

/* ---- a rule ---- */

bool frame_test(struct frame *f, bdd_t passes)
{
	struct bdd *b = f->k->w->k->b;
	struct state ends = f->s;

	ends.when = bdd_diff(b, f->s.when, passes);
	add_state(f->k->w, f->k->next, ends);
	f->s.when = bdd_and(b, f->s.when, passes);
	return f->s.when != BDD_FALSE;
}

void frame_chance(struct frame *f)
{
	add_state(f->k->w, f->k->next, f->s);
}

bool frame_unknown(struct frame *f, const char *what)
{
	struct walk *w = f->k->w;

	if (!w->quiet)
		w->calls.unknown(w->calls.ctx, f->k->rule, what);
	settle(f->k, f->s, OUTCOME_UNKNOWN, 0, false);
	return false;
}

static void add_call(struct work *k, uint32_t chain, bool go, struct state s)
{
	if (k->calls_count == k->calls_room) {
		uint32_t room = k->calls_room ? k->calls_room * 2 : 16;
		struct call *p = realloc(k->calls, room * sizeof(*p));

		if (!p) {
			k->w->failed = true;
			return;
		}
		k->calls = p;
		k->calls_room = room;
	}
	k->calls[k->calls_count++] = (struct call){ chain, go, s };
}

bool frame_queue(struct frame *f, uint32_t queue, bool bypass)
{
	settle(f->k, f->s, OUTCOME_QUEUE, queue, bypass);
	return false;
}

bool frame_verdict(struct frame *f, int32_t verdict, uint32_t chain)
{
	struct work *k = f->k;
	uint32_t code = (uint32_t)verdict & NF_VERDICT_MASK;

	if (verdict == NFT_CONTINUE)
		return true;
	if (verdict == NFT_BREAK)
		add_state(k->w, k->next, f->s);
	else if (verdict == NFT_RETURN)
		add_state(k->w, k->back, f->s);
	else if ((verdict == NFT_JUMP || verdict == NFT_GOTO) && chain != RULESET_NONE)
		add_call(k, chain, verdict == NFT_GOTO, f->s);
	else if (verdict == NF_DROP || verdict == NF_ACCEPT)
		settle(k, f->s, verdict == NF_DROP ? OUTCOME_DROP : OUTCOME_ACCEPT, 0, false);
	else if (verdict >= 0 && code == NF_QUEUE)
		return frame_queue(f, (uint32_t)verdict >> NF_VERDICT_QBITS,
				   verdict & NF_VERDICT_FLAG_QUEUE_BYPASS);
	else
		return frame_unknown(f, "a verdict");
	return false;
}

static void rest_of(struct frame *f)
{
	const struct ruleset *r = f->k->w->r;
	const struct rule *rule = &r->rules[f->k->rule];

	for (; f->expr < rule->first + rule->count; f->expr++) {
		if (f->s.when == BDD_FALSE || !walk_expr(f, &r->exprs[f->expr]))
			return;
	}
	add_state(f->k->w, f->k->next, f->s);
}

void frame_part(const struct frame *f, bdd_t when)
{
	struct frame part = *f;

	part.s.when = when;
	part.expr++;
	rest_of(&part);
}

void frame_from(const struct frame *f, bdd_t when, uint32_t word, const uint8_t *answer, uint32_t n)
{
	struct frame part = *f;
	bdd_t bits[REGISTER_BITS];

	part.s.when = when;
	if (!frame_reg(&part, word, n))
		return;
	if (answer)
		bits_of(answer, n * 8, bits);
	for (uint32_t i = 0; i < n * 8 && !answer; i++)
		bits[i] = BIT_UNKNOWN;
	frame_load(&part, word, bits, n * 8);
	part.expr++;
	rest_of(&part);
}

/* ---- chains ---- */

static void run_chain(struct walk *w, uint32_t chain, const struct states *in, struct states *back);

static int by_target(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	return x->go != y->go ? x->go - y->go : compare(x->chain, y->chain);
}

/* All states of a rule that go to one chain go together. */
static void run_calls(struct work *k)
{
	if (k->calls_count > 1)
		qsort(k->calls, k->calls_count, sizeof(*k->calls), by_target);
	for (uint32_t i = 0, end; i < k->calls_count && !has_failed(k->w); i = end) {
		struct states in = { 0 };

		for (end = i; end < k->calls_count && by_target(&k->calls[i], &k->calls[end]) == 0;
		     end++)
			add_state(k->w, &in, k->calls[end].state);
		join_states(k->w, &in);
		run_chain(k->w, k->calls[i].chain, &in, k->calls[i].go ? k->back : k->next);
		free(in.at);
	}
	k->calls_count = 0;
}

static void run_rules(struct walk *w, uint32_t chain, struct states *cur, struct states *back)
{
	const struct chain *c = &w->r->chains[chain];
	struct states next = { 0 };
	struct work k = { .w = w, .next = &next, .back = back, .chain = chain };

	for (uint32_t i = c->first; i < c->first + c->count && cur->count; i++) {
		k.rule = i;
		for (uint32_t s = 0; s < cur->count && !has_failed(w); s++, w->steps++) {
			struct frame f = { .k = &k, .s = cur->at[s] };

			f.expr = w->r->rules[i].first;
			rest_of(&f);
		}
		run_calls(&k);
		join_states(w, &next);
		struct states old = *cur;

		*cur = next;
		next = (struct states){ .at = old.at, .room = old.room };
	}
	free(next.at);
	free(k.calls);
}

/* A chain that drops whatever comes need not be run for each who goes there. */
static bool drops_all(struct walk *w, uint32_t chain)
{
	struct outcomes found = { 0 }, *outer = w->out;
	struct states in = { 0 }, back = { 0 };
	bool drops = true;

	add_state(w, &in,
		  (struct state){ BDD_TRUE, walk_field(w, PACKET_MARK),
				  walk_field(w, PACKET_CTMARK), false, RULESET_NONE,
				  RULESET_NONE });
	w->out = &found;
	w->quiet = true;
	w->memo[chain] = MEMO_MIXED;
	run_rules(w, chain, &in, &back);
	w->out = outer;
	w->quiet = false;
	for (uint32_t i = 0; i < found.count; i++)
		drops &= found.at[i].kind == OUTCOME_DROP;
	drops &= in.count == 0 && back.count == 0 && !found.failed;
	outcomes_done(&found);
	free(in.at);
	free(back.at);
	return drops;
}

static bool is_known_to_drop(struct walk *w, uint32_t chain)
{
	if (w->trace)
		return false;
	if (w->memo[chain] == MEMO_NEW) {
		w->memo[chain] = MEMO_SEEN;
		return false;
	}
	if (w->memo[chain] == MEMO_SEEN && w->r->chains[chain].count <= 16)
		w->memo[chain] = drops_all(w, chain) ? MEMO_DROPS : MEMO_MIXED;
	return w->memo[chain] == MEMO_DROPS;
}

static void run_chain(struct walk *w, uint32_t chain, const struct states *in, struct states *back)
{
	struct states cur = { 0 };
	struct work k = { .w = w, .chain = chain, .rule = RULESET_NONE };

	if (in->count == 0 || has_failed(w))
		return;
	if (w->depth >= DEPTH_MAX) {
		w->failed = true;
		return;
	}
	w->depth++;
	bool drops = is_known_to_drop(w, chain);

	for (uint32_t i = 0; i < in->count; i++) {
		if (drops)
			settle(&k, in->at[i], OUTCOME_DROP, 0, false);
		else
			add_state(w, &cur, in->at[i]);
	}
	run_rules(w, chain, &cur, back);
	for (uint32_t i = 0; i < cur.count; i++)
		add_state(w, back, cur.at[i]);
	free(cur.at);
	w->depth--;
}

/* ---- hooks ---- */

static bool meets(const struct ruleset *r, const struct chain *c, bool v6, uint32_t hook)
{
	const struct table *t = &r->tables[c->table];
	uint8_t own = v6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	return c->base && !t->dormant && c->hook == hook &&
	       (t->family == NFPROTO_INET || t->family == own);
}

/* By priority; of equal ones nobody knows who comes first, so they keep the order of the dump. */
void walk_hook(const struct ruleset *r, bool v6, uint32_t hook, struct walk_hook *out)
{
	*out = (struct walk_hook){ 0 };
	for (uint32_t i = 0; i < r->chains_count; i++) {
		uint32_t at = out->count;

		if (!meets(r, &r->chains[i], v6, hook))
			continue;
		if (at == WALK_HOOK_CHAINS) {
			out->more = true;
			return;
		}
		for (; at > 0 && r->chains[out->chains[at - 1]].priority > r->chains[i].priority;
		     at--)
			out->chains[at] = out->chains[at - 1];
		out->chains[at] = i;
		out->count++;
	}
}

/* Chains of type nat see the first packet of a conversation only: the others pass by. */
static bool may_pass_by(const struct chain *c)
{
	return strcmp(c->type, "filter") != 0;
}

static void run_base(struct walk *w, uint32_t chain, struct states *in)
{
	const struct chain *c = &w->r->chains[chain];
	struct states back = { 0 };
	struct work k = { .w = w, .chain = chain, .rule = RULESET_NONE };

	run_chain(w, chain, in, &back);
	join_states(w, &back);
	for (uint32_t i = 0; i < back.count; i++)
		settle(&k, back.at[i], c->policy_drop ? OUTCOME_DROP : OUTCOME_ACCEPT, 0, false);
	free(back.at);
}

/* What the chain let pass stands before the next one. */
static void take_accepted(struct walk *w, struct states *to, bool keep)
{
	struct outcomes *o = w->out;
	uint32_t n = 0;

	if (!keep)
		to->count = 0;
	for (uint32_t i = 0; i < o->count; i++) {
		const struct outcome *x = &o->at[i];

		if (x->kind == OUTCOME_ACCEPT)
			add_state(w, to,
				  (struct state){ x->when, x->mark, x->ctmark, x->offload, x->chain,
						  x->rule });
		else
			o->at[n++] = *x;
	}
	o->count = n;
	join_states(w, to);
}

static bool has_queued(const struct outcomes *o, uint32_t from)
{
	for (uint32_t i = from; i < o->count; i++)
		if (o->at[i].kind == OUTCOME_QUEUE)
			return true;
	return false;
}

bool walk_run(struct walk *w, const struct walk_hook *hook, uint32_t from, bdd_t when,
	      uint32_t mark, uint32_t ctmark, struct outcomes *out, uint32_t *queue_chain)
{
	struct states cur = { 0 };

	w->out = out;
	add_state(w, &cur, (struct state){ when, mark, ctmark, false, RULESET_NONE, RULESET_NONE });
	for (uint32_t i = from; i < hook->count && !has_failed(w); i++) {
		uint32_t before = out->count;

		run_base(w, hook->chains[i], &cur);
		if (has_queued(out, before))
			*queue_chain = i;
		take_accepted(w, &cur, may_pass_by(&w->r->chains[hook->chains[i]]));
	}
	for (uint32_t i = 0; i < cur.count; i++)
		outcomes_add(out, (struct outcome){ .when = cur.at[i].when,
						    .kind = OUTCOME_ACCEPT,
						    .mark = cur.at[i].mark,
						    .ctmark = cur.at[i].ctmark,
						    .offload = cur.at[i].offload,
						    .rule = cur.at[i].rule,
						    .chain = cur.at[i].chain });
	free(cur.at);
	outcomes_join(w->k->b, out);
	return !has_failed(w) && !hook->more;
}

bdd_t walk_set(struct walk *w, const char *name, enum packet_field address)
{
	const struct ruleset *r = w->r;
	bdd_t bits[128];
	uint32_t n = packet_address(w->k, address, bits);

	for (uint32_t i = 0; i < r->sets_count; i++) {
		const struct set *t = &r->sets[i];

		if (!ruleset_is_ours(r, t->table) || strcmp(t->name, name) != 0 ||
		    t->key_len * 8 != n)
			continue;
		const struct answers *a = sets_ask(w->sets, i, bits);

		return a ? a->any : BDD_FALSE;
	}
	return BDD_FALSE;
}
