/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/compare.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/kernel/mark.h"
#include "rules/policy.h"

#define PAIRS_MAX 250000u /* of outcomes that are compared bit by bit */

/* ---- by name: outcomes that are written alike ---- */

static void subtract(struct bdd *b, struct outcomes *from, const struct outcomes *what)
{
	uint32_t j = 0;

	for (uint32_t i = 0; i < from->count; i++) {
		while (j < what->count && outcome_compare(&what->at[j], &from->at[i]) < 0)
			j++;
		if (j < what->count && outcome_compare(&what->at[j], &from->at[i]) == 0)
			from->at[i].when = bdd_diff(b, from->at[i].when, what->at[j].when);
	}
}

static bool copy(const struct outcomes *from, struct outcomes *to)
{
	*to = (struct outcomes){ 0 };
	for (uint32_t i = 0; i < from->count; i++)
		outcomes_add(to, from->at[i]);
	return !to->failed;
}

static void drop_empty(struct outcomes *o)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < o->count; i++)
		if (o->at[i].when != BDD_FALSE)
			o->at[n++] = o->at[i];
	o->count = n;
}

/* ---- by meaning: marks that are written otherwise and are the same for these packets ---- */

static bdd_t same_bits(struct walk *w, struct bdd *b, bdd_t when, uint32_t x, uint32_t y)
{
	for (uint32_t i = 0; i < 32 && when != BDD_FALSE; i++) {
		bdd_t p = walk_bits(w, x)->bit[i], q = walk_bits(w, y)->bit[i];

		if (p == BIT_UNKNOWN || q == BIT_UNKNOWN)
			when = p == q ? when : BDD_FALSE;
		else if (p != q)
			when = bdd_diff(b, when, bdd_xor(b, p, q));
	}
	return when;
}

static void settle(struct walk *w, struct bdd *b, struct outcome *x, struct outcome *y)
{
	if (x->kind != y->kind || x->queue != y->queue || x->bypass != y->bypass ||
	    x->offload != y->offload)
		return;
	bdd_t both = bdd_and(b, x->when, y->when);

	both = same_bits(w, b, both, x->mark, y->mark);
	both = same_bits(w, b, both, x->ctmark, y->ctmark);
	if (both == BDD_FALSE)
		return;
	x->when = bdd_diff(b, x->when, both);
	y->when = bdd_diff(b, y->when, both);
}

static void compare_meanings(struct walk *w, struct bdd *b, struct outcomes *k, struct outcomes *p)
{
	if ((uint64_t)k->count * p->count > PAIRS_MAX)
		return;
	for (uint32_t i = 0; i < k->count; i++)
		for (uint32_t j = 0; j < p->count && k->at[i].when != BDD_FALSE; j++)
			settle(w, b, &k->at[i], &p->at[j]);
}

/* ---- what is wrong ---- */

static bool is_drop(const struct outcome *x)
{
	return x->kind == OUTCOME_DROP;
}

static bool is_pass(const struct outcome *x)
{
	return x->kind == OUTCOME_ACCEPT || x->kind == OUTCOME_QUEUE;
}

static bool is_unknown(const struct outcome *x)
{
	return x->kind == OUTCOME_UNKNOWN;
}

static bool is_accept(const struct outcome *x)
{
	return x->kind == OUTCOME_ACCEPT;
}

static bool is_queue(const struct outcome *x)
{
	return x->kind == OUTCOME_QUEUE;
}

static bool is_open(const struct outcome *x)
{
	return x->kind == OUTCOME_QUEUE && x->bypass;
}

static bool is_closed(const struct outcome *x)
{
	return x->kind == OUTCOME_QUEUE && !x->bypass;
}

static bool is_any(const struct outcome *x)
{
	(void)x;
	return true;
}

static bdd_t union_of(struct bdd *b, const struct outcomes *o, bool (*is)(const struct outcome *x))
{
	bdd_t *list = malloc((o->count + 1u) * sizeof(*list)), r = BDD_NONE;
	uint32_t n = 0;

	for (uint32_t i = 0; list && i < o->count; i++)
		if (is(&o->at[i]))
			list[n++] = o->at[i].when;
	if (list)
		r = n ? bdd_or_all(b, list, n) : BDD_FALSE;
	free(list);
	return r;
}

bdd_t outcomes_passing(struct bdd *b, const struct outcomes *o)
{
	return union_of(b, o, is_pass);
}

bdd_t outcomes_not_dropped(struct bdd *b, const struct outcomes *o, bdd_t when)
{
	return bdd_diff(b, when, union_of(b, o, is_drop));
}

bool difference_is_none(const struct difference *d)
{
	return d->more == BDD_FALSE && d->less == BDD_FALSE && d->unseen == BDD_FALSE &&
	       d->other == BDD_FALSE && d->unknown == BDD_FALSE;
}

static bdd_t both(struct bdd *b, const struct outcomes *k, bool (*is)(const struct outcome *),
		  const struct outcomes *p, bool (*should)(const struct outcome *))
{
	return bdd_and(b, union_of(b, k, is), union_of(b, p, should));
}

/* @k, @p: what is left of each; the whole ones tell the other side of it. */
static void sort_out(struct bdd *b, const struct outcomes *k, const struct outcomes *p,
		     const struct outcomes *kernel, const struct outcomes *policy,
		     struct difference *d)
{
	bdd_t sure;

	d->unknown = union_of(b, kernel, is_unknown);
	d->more = both(b, k, is_pass, policy, is_drop);
	d->less = bdd_diff(b, both(b, k, is_drop, policy, is_pass), d->unknown);
	d->unseen = bdd_or(b, both(b, k, is_accept, policy, is_queue),
			   both(b, k, is_open, policy, is_closed));
	d->other = bdd_or(b, union_of(b, k, is_any), union_of(b, p, is_any));
	sure = bdd_or(b, bdd_or(b, d->more, d->less), bdd_or(b, d->unseen, d->unknown));
	d->other = bdd_diff(b, d->other, sure);
}

bool compare_outcomes(struct walk *w, struct bdd *b, const struct outcomes *kernel,
		      const struct outcomes *policy, struct difference *out)
{
	struct outcomes k, p;
	bool ok = copy(kernel, &k) & copy(policy, &p);

	if (ok) {
		subtract(b, &k, policy);
		subtract(b, &p, kernel);
		drop_empty(&k);
		drop_empty(&p);
		compare_meanings(w, b, &k, &p);
		drop_empty(&k);
		drop_empty(&p);
		*out = (struct difference){ BDD_FALSE, BDD_FALSE, BDD_FALSE, BDD_FALSE, BDD_FALSE };
		if (k.count || p.count)
			sort_out(b, &k, &p, kernel, policy, out);
	}
	outcomes_done(&k);
	outcomes_done(&p);
	return ok;
}

/* ---- what is easy to read ---- */

static bdd_t prefer(const struct want *q, bdd_t set, bdd_t taste)
{
	bdd_t r = bdd_and(q->k->b, set, taste);

	return r == BDD_FALSE || r == BDD_NONE ? set : r;
}

static bdd_t hosts(const struct want *q, enum packet_field f)
{
	bdd_t r = BDD_FALSE;

	for (uint32_t i = 0; q->p && i < q->p->hosts_count && i < 1000; i++) {
		struct span s = q->p->hosts[i].nets;

		for (uint32_t n = s.first; n < s.first + s.count; n++)
			r = bdd_or(q->k->b, r, packet_in(q->k, f, q->p->nets[n]));
	}
	return r;
}

static bdd_t zones(const struct want *q, enum packet_field f)
{
	bdd_t r = BDD_FALSE;

	for (uint32_t z = 0; q->p && z < policy_box_zone(q->p); z++)
		if (!q->p->zones[z].rest)
			r = bdd_or(q->k->b, r, want_home(q, z, f));
	return r;
}

/* Addresses that are at home where the packet comes from or goes to. */
static bdd_t at_home(const struct want *q, enum packet_field link, enum packet_field address)
{
	bdd_t r = BDD_FALSE;

	for (uint32_t z = 0; q->p && z < policy_box_zone(q->p); z++)
		if (!q->p->zones[z].rest)
			r = bdd_or(q->k->b, r,
				   bdd_and(q->k->b, want_zone(q, z, link),
					   want_home(q, z, address)));
	return r;
}

bdd_t compare_taste(const struct want *q, bdd_t set)
{
	static const uint16_t ports[] = { 443, 80, 53, 22, 445, 25 };
	struct packet *k = q->k;

	for (uint32_t z = 0; q->p && z < policy_box_zone(q->p); z++)
		set = prefer(q, set, want_zone(q, z, PACKET_IIF));
	set = prefer(q, set, packet_is(k, PACKET_STATE, STATE_NEW));
	set = prefer(q, set, packet_is(k, PACKET_DIRECTION, 0));
	set = prefer(q, set, packet_is(k, PACKET_STATUS, 0));
	set = prefer(q, set, packet_is(k, PACKET_CTMARK, 0));
	set = prefer(q, set, packet_is(k, PACKET_PORTLESS, 0));
	set = prefer(q, set, packet_is(k, PACKET_PROTOCOL, IPPROTO_TCP));
	set = prefer(q, set, packet_between(k, PACKET_LENGTH, 20, 63));
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		set = prefer(q, set, packet_is(k, PACKET_DPORT, ports[i]));
	set = prefer(q, set, packet_between(k, PACKET_SPORT, 49152, 65535));
	set = prefer(q, set, at_home(q, PACKET_IIF, PACKET_SRC));
	set = prefer(q, set, at_home(q, PACKET_OIF, PACKET_DST));
	set = prefer(q, set, zones(q, PACKET_SRC));
	set = prefer(q, set, zones(q, PACKET_DST));
	set = prefer(q, set, hosts(q, PACKET_SRC));
	return prefer(q, set, hosts(q, PACKET_DST));
}

/* ---- in words ---- */

static uint32_t mark_in(const struct want *q, uint32_t value, const struct packet_sample *s)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < 32; i++) {
		bdd_t bit = walk_bits(q->w, value)->bit[i];

		v = v << 1 | (bit != BIT_UNKNOWN && packet_holds(q->k, bit, s));
	}
	return v;
}

static size_t put_outcome(const struct want *q, const struct outcome *x,
			  const struct packet_sample *s, char *out, size_t size)
{
	static const char *const words[] = { "drop", "accept", "queue", "unknown" };
	uint32_t mark = mark_in(q, x->mark, s), ct = mark_in(q, x->ctmark, s);
	int n = snprintf(out, size, "%s", words[x->kind]);

	if (x->kind == OUTCOME_QUEUE)
		n = snprintf(out, size, "queue %u%s as class %u (mark 0x%08x)", x->queue,
			     x->bypass ? " bypass" : "", mark & MARK_CLASS, mark);
	else if (x->kind == OUTCOME_ACCEPT)
		n = snprintf(out, size, "accept%s, ct mark 0x%08x, mark 0x%08x",
			     x->offload ? " into the flowtable" : "", ct, mark);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

bool compare_words(const struct want *q, const struct outcomes *o, const struct packet_sample *s,
		   char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < o->count && n + 1 < size; i++) {
		if (!packet_holds(q->k, o->at[i].when, s))
			continue;
		if (n > 0 && n + 5 < size)
			n += (size_t)snprintf(out + n, size - n, " or ");
		n += put_outcome(q, &o->at[i], s, out + n, size - n);
	}
	return n > 0;
}
