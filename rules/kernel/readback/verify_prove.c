/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify_prove: every hook of both families, as loaded and as demanded; then the model's promises on what
 * is loaded alone.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>

#include "rules/kernel/readback/compare.h"
#include "rules/kernel/readback/verify_parts.h"
#include "rules/policy.h"
#include "rules/prove/matrix.h"

#define EXAMPLES_MAX 4u /* of one kind at one hook */

static const struct hook {
	const char *name;
	uint32_t number;
	enum packet_has in, out;
} hooks[WANT_HOOKS] = {
	[WANT_PREROUTING] = { "prerouting", NF_INET_PRE_ROUTING, PACKET_SOME, PACKET_NONE },
	[WANT_FORWARD] = { "forward", NF_INET_FORWARD, PACKET_SOME, PACKET_SOME },
	[WANT_INPUT] = { "input", NF_INET_LOCAL_IN, PACKET_SOME, PACKET_NONE },
	[WANT_OUTPUT] = { "output", NF_INET_LOCAL_OUT, PACKET_NONE, PACKET_SOME },
	[WANT_POSTROUTING] = { "postrouting", NF_INET_POST_ROUTING, PACKET_EITHER, PACKET_SOME },
};

/* One hook at work. */
struct trial {
	struct verifier *v;
	struct want *q;
	const char *name;
	struct walk_hook chains;
	uint32_t from;
	bdd_t when;
	uint32_t mark, ctmark;
	struct outcomes kernel, policy;
	bool equal;
};

static void told_unknown(void *ctx, uint32_t rule, const char *what)
{
	struct verifier *v = ctx;
	struct verify *out = v->out;

	for (uint32_t i = 0; i < out->findings_count; i++)
		if (out->findings[i].what == VERIFY_UNKNOWN &&
		    out->findings[i].where.handle == v->rules.rules[rule].handle)
			return;
	struct verify_finding *f = verify_add(v, VERIFY_UNKNOWN);

	verify_word(f, 0, "%s", what);
	verify_at_rule(v, f, rule);
}

static void too_large(struct verifier *v)
{
	for (uint32_t i = 0; i < v->out->findings_count; i++)
		if (v->out->findings[i].what == VERIFY_TOO_LARGE)
			return;
	verify_add(v, VERIFY_TOO_LARGE);
}

/* ---- an example ---- */

static void put_link(const struct trial *t, const struct packet_sample *s, enum packet_field f,
		     char out[static 16])
{
	uint32_t i = (uint32_t)packet_value(t->q->k, s, f);
	const struct devices *l = t->q->k->links;

	snprintf(out, 16, "%.15s", i < l->count ? l->at[i].name : "?");
}

/* The rule that decides: the packet alone goes once more. */
static void put_where(struct trial *t, const struct packet_sample *s, struct verify_finding *f)
{
	struct outcomes o = { 0 };
	uint32_t chain = 0;

	walk_trace(t->q->w);
	walk_run(t->q->w, &t->chains, t->from, packet_alone(t->q->k, s), t->mark, t->ctmark, &o,
		 &chain);
	if (o.count) {
		verify_at_chain(t->v, f, o.at[0].chain);
		verify_at_rule(t->v, f, o.at[0].rule);
	}
	outcomes_done(&o);
}

static void put_packet(struct trial *t, const struct packet_sample *s, struct verify_packet *x)
{
	static const char *const states[] = { "invalid", "new", "established", "related",
					      "untracked" };
	const struct packet *k = t->q->k;
	uint32_t state = (uint32_t)packet_value(k, s, PACKET_STATE);

	x->given = true;
	x->reply = packet_value(k, s, PACKET_DIRECTION);
	x->first = !(packet_value(k, s, PACKET_STATUS) >> 3 & 1);
	snprintf(x->hook, sizeof(x->hook), "%s", t->name);
	snprintf(x->state, sizeof(x->state), "%s",
		 strcmp(t->name, "prerouting") == 0 ? "" : states[state % STATE_COUNT]);
	put_link(t, s, PACKET_IIF, x->in);
	put_link(t, s, PACKET_OIF, x->out);
	x->src = packet_value(k, s, PACKET_SRC);
	x->dst = packet_value(k, s, PACKET_DST);
	x->protocol = (uint8_t)packet_value(k, s, PACKET_PROTOCOL);
	x->sport = (uint16_t)packet_value(k, s, PACKET_SPORT);
	x->dport = (uint16_t)packet_value(k, s, PACKET_DPORT);
	if (x->protocol == IPPROTO_ICMP || x->protocol == IPPROTO_ICMPV6) {
		x->dport = x->sport >> 8;
		x->sport = 0;
	}
	x->ctmark = (uint32_t)packet_value(k, s, PACKET_CTMARK);
	compare_words(t->q, &t->kernel, s, x->kernel, sizeof(x->kernel));
	compare_words(t->q, &t->policy, s, x->policy, sizeof(x->policy));
}

/* The next example is one between other interfaces. */
static bdd_t without(const struct trial *t, bdd_t set, const struct packet_sample *s)
{
	const struct packet *k = t->q->k;
	bdd_t same =
		bdd_and(k->b, packet_is(k, PACKET_IIF, (uint64_t)packet_value(k, s, PACKET_IIF)),
			packet_is(k, PACKET_OIF, (uint64_t)packet_value(k, s, PACKET_OIF)));

	return bdd_diff(k->b, set, same);
}

static void tell(struct trial *t, enum verify_what what, bdd_t set, const char *one,
		 const char *other)
{
	for (uint32_t i = 0; i < EXAMPLES_MAX && set != BDD_FALSE; i++) {
		struct packet_sample s;

		if (set == BDD_NONE || bdd_failed(t->q->k->b)) {
			too_large(t->v);
			return;
		}
		packet_sample(t->q->k, compare_taste(t->q, set), &s);
		struct verify_finding *f = verify_add(t->v, what);

		put_packet(t, &s, &f->packet);
		put_where(t, &s, f);
		verify_word(f, 0, "%s", one ? one : t->name);
		verify_word(f, 1, "%s", other ? other : t->q->k->v6 ? "IPv6" : "IPv4");
		set = without(t, set, &s);
	}
}

/* ---- one hook ---- */

static void judge(struct trial *t)
{
	struct difference d;

	t->v->out->claims++;
	if (!compare_outcomes(t->q->w, t->q->k->b, &t->kernel, &t->policy, &d)) {
		t->v->no_memory = true;
		return;
	}
	t->equal = difference_is_none(&d);
	tell(t, VERIFY_PASSES_MORE, d.more, NULL, NULL);
	tell(t, VERIFY_PASSES_UNSEEN, d.unseen, NULL, NULL);
	tell(t, VERIFY_PASSES_LESS, d.less, NULL, NULL);
	tell(t, VERIFY_TREATS_OTHERWISE, d.other, NULL, NULL);
}

static bdd_t loaded(struct trial *t, bdd_t from, bdd_t to, bdd_t what)
{
	struct bdd *b = t->q->k->b;

	return bdd_and(b, bdd_and(b, from, to), what);
}

/* ---- the model's promises, on what is loaded alone ---- */

static bool may_connect(const struct policy *p, uint32_t from, uint32_t to)
{
	enum model m = (enum model)p->model;
	enum role a = (enum role)p->zones[from].role, z = (enum role)p->zones[to].role;

	return matrix_is_free(m, a, z) || matrix_next(m, a, z, NULL);
}

static void promise(struct trial *t, uint32_t from, uint32_t to, bdd_t passing)
{
	const struct policy *p = t->q->p;

	if (from == to || may_connect(p, from, to) || may_connect(p, to, from))
		return;
	t->v->out->claims++;
	tell(t, VERIFY_ISOLATION,
	     loaded(t, want_zone(t->q, from, PACKET_IIF), want_zone(t->q, to, PACKET_OIF), passing),
	     policy_string(p, p->zones[from].name), policy_string(p, p->zones[to].name));
}

static void promises(struct trial *t)
{
	struct bdd *b = t->q->k->b;
	const struct policy *p = t->q->p;
	bdd_t passing = t->equal ? outcomes_not_dropped(b, &t->kernel, t->when)
				 : outcomes_passing(b, &t->kernel);

	for (uint32_t z = 0; p && z < policy_box_zone(p); z++) {
		bdd_t stranger = bdd_not(want_home(t->q, z, PACKET_SRC));

		t->v->out->claims++;
		tell(t, VERIFY_NOT_AT_HOME,
		     loaded(t, want_zone(t->q, z, PACKET_IIF), stranger, passing),
		     policy_string(p, p->zones[z].name), "");
		for (uint32_t to = 0; to < policy_box_zone(p); to++)
			promise(t, z, to, passing);
	}
}

static void trial_done(struct trial *t)
{
	outcomes_done(&t->kernel);
	outcomes_done(&t->policy);
}

/* What comes back from a queue, with whatever mark, or passed it because nobody listened. */
static void after_queue(struct verifier *v, struct want *q, const struct walk_hook *chains,
			uint32_t from)
{
	struct trial t = { .v = v, .q = q, .name = "forward", .chains = *chains, .from = from };
	uint32_t queued = UINT32_MAX;

	t.when = packet_tracked(q->k);
	t.mark = walk_field(q->w, PACKET_MARK);
	t.ctmark = walk_field(q->w, PACKET_CTMARK);
	if (!walk_run(q->w, chains, from, t.when, t.mark, t.ctmark, &t.kernel, &queued)) {
		too_large(v);
	} else {
		want_queued(q, &t.policy);
		judge(&t);
	}
	trial_done(&t);
}

static void run_hook(struct verifier *v, struct want *q, enum want_hook h)
{
	struct trial t = { .v = v, .q = q, .name = hooks[h].name };
	uint32_t queued = UINT32_MAX;

	walk_hook(&v->rules, q->k->v6, hooks[h].number, &t.chains);
	t.when = packet_exists(q->k, hooks[h].in, hooks[h].out);
	t.mark = walk_field(q->w, PACKET_MARK);
	t.ctmark = walk_field(q->w, PACKET_CTMARK);
	if (!walk_run(q->w, &t.chains, 0, t.when, t.mark, t.ctmark, &t.kernel, &queued)) {
		too_large(v);
	} else {
		want_hook(q, h, t.when, &t.policy);
		judge(&t);
		if (h == WANT_FORWARD)
			promises(&t);
	}
	if (queued != UINT32_MAX)
		after_queue(v, q, &t.chains, queued + 1);
	trial_done(&t);
}

/* With every element gone that has an end: nothing may pass that has one. */
static void run_ended(struct verifier *v, struct want *q, enum want_hook h)
{
	struct trial t = { .v = v, .q = q, .name = hooks[h].name };
	uint32_t queued = UINT32_MAX;
	struct bdd *b = q->k->b;

	walk_hook(&v->rules, q->k->v6, hooks[h].number, &t.chains);
	t.when = packet_exists(q->k, hooks[h].in, hooks[h].out);
	t.mark = walk_field(q->w, PACKET_MARK);
	t.ctmark = walk_field(q->w, PACKET_CTMARK);
	if (!walk_run(q->w, &t.chains, 0, t.when, t.mark, t.ctmark, &t.kernel, &queued)) {
		too_large(v);
	} else {
		want_hook(q, h, t.when, &t.policy);
		v->out->claims++;
		tell(&t, VERIFY_OUTLIVES,
		     bdd_diff(b, outcomes_passing(b, &t.kernel), outcomes_passing(b, &t.policy)),
		     NULL, NULL);
	}
	trial_done(&t);
}

static bool has_timed(const struct verifier *v)
{
	for (uint32_t i = 0; i < v->rules.sets_count; i++)
		if (v->rules.sets[i].timed)
			return true;
	return false;
}

static void run_family(struct verifier *v, struct want *q, bool v6, bool ended)
{
	packet_begin(q->k, v6);
	walk_begin(q->w, ended ? WALK_ENDED : WALK_TIMED);
	q->ended = ended;
	want_begin(q);
	for (int h = 0; h < WANT_HOOKS; h++) {
		if (!ended)
			run_hook(v, q, (enum want_hook)h);
		else if (h == WANT_FORWARD || h == WANT_INPUT || h == WANT_OUTPUT)
			run_ended(v, q, (enum want_hook)h);
	}
	if (bdd_peak(q->k->b) > v->out->nodes)
		v->out->nodes = bdd_peak(q->k->b);
}

void verify_prove(struct verifier *v)
{
	struct walk_calls calls = { .ctx = v, .unknown = told_unknown };
	struct packet k;
	struct want q = {
		.k = &k,
		.p = v->p,
		.live = v->live,
		.queues = v->conf->queues,
		.native_queue = v->conf->native_queue,
		.flowtable = v->conf->flowtable,
	};

	if (packet_init(&k, &v->links, v->conf->node_max) < 0) {
		v->no_memory = true;
		return;
	}
	q.w = walk_new(&v->rules, &k, calls);
	v->no_memory |= !q.w;
	for (int v6 = 0; q.w && v6 < 2; v6++) {
		uint32_t faults = v->out->faults;

		run_family(v, &q, v6, false);
		if (v->conf->dated && has_timed(v) && v->out->faults == faults)
			run_family(v, &q, v6, true);
	}
	walk_free(q.w);
	packet_done(&k);
}
