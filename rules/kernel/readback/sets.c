/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/sets.h"

#include <stdlib.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/readback/packet.h"

#define KEY_MAX 64u   /* bytes, the kernel's limit */
#define CACHED_MAX 8u /* keys remembered for each set */

struct cached {
	bdd_t bits[KEY_MAX * 8];
	struct answers answers;
};

struct index {
	uint32_t *order;        /* owned; elements by key, then ends before starts */
	struct cached **cached; /* owned, as what it points to */
	uint32_t cached_count;
};

struct sets {
	const struct ruleset *r;
	struct bdd *b;
	struct index *of;       /* owned; by set */
	struct answers answers; /* of the last key that is not kept */
	struct answer room;     /* of a fixed key */
	bool ended;
};

static void cached_done(struct index *x)
{
	for (uint32_t i = 0; i < x->cached_count; i++) {
		free(x->cached[i]->answers.at);
		free(x->cached[i]);
	}
	free(x->cached);
	x->cached = NULL;
	x->cached_count = 0;
}

struct sets *sets_new(const struct ruleset *r, struct bdd *b)
{
	struct sets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->r = r;
	s->b = b;
	s->of = calloc(r->sets_count + 1u, sizeof(*s->of));
	if (s->of)
		return s;
	sets_free(s);
	return NULL;
}

void sets_begin(struct sets *s, bool ended)
{
	s->ended = ended;
	for (uint32_t i = 0; i < s->r->sets_count; i++)
		cached_done(&s->of[i]);
}

void sets_free(struct sets *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; s->of && i < s->r->sets_count; i++) {
		cached_done(&s->of[i]);
		free(s->of[i].order);
	}
	free(s->of);
	free(s);
}

/* ---- elements in order ---- */

static int by_key(const void *a, const void *b, void *ctx)
{
	const struct set *s = ctx;
	const struct element *x = &s->elements[*(const uint32_t *)a];
	const struct element *y = &s->elements[*(const uint32_t *)b];

	if (x->catchall != y->catchall)
		return x->catchall ? 1 : -1;
	int r = x->catchall ? 0 : memcmp(x->key.at, y->key.at, s->key_len);

	return r ? r : y->interval_end - x->interval_end;
}

static uint32_t *order_of(struct sets *s, uint32_t set)
{
	struct set *t = &s->r->sets[set];
	struct index *x = &s->of[set];

	if (x->order)
		return x->order;
	x->order = malloc((t->count + 1u) * sizeof(*x->order));
	if (!x->order)
		return NULL;
	for (uint32_t i = 0; i < t->count; i++)
		x->order[i] = i;
	qsort_r(x->order, t->count, sizeof(*x->order), by_key, t);
	return x->order;
}

/* ---- one element ---- */

static bool is_gone(const struct sets *s, const struct element *e)
{
	return s->ended && e->timed;
}

/* Starts and ends on one axis: what begins at a key goes on until the next one. */
static bool is_axis(const struct set *t)
{
	return t->flags & NFT_SET_INTERVAL && t->fields_count < 2;
}

static bool minus_one(uint8_t *key, uint32_t n)
{
	for (uint32_t i = n; i-- > 0;)
		if (key[i]--)
			return true;
	return false;
}

static bdd_t on_axis(struct sets *s, const struct set *t, const uint32_t *order, uint32_t i,
		     const bdd_t *bits)
{
	const struct element *e = &t->elements[order[i]], *next = NULL;
	uint8_t hi[KEY_MAX];

	if (e->interval_end)
		return BDD_FALSE;
	if (e->key_end.at)
		return bits_range(s->b, bits, e->key.at, e->key_end.at, t->key_len * 8);
	if (i + 1 < t->count)
		next = &t->elements[order[i + 1]];
	memset(hi, 0xff, sizeof(hi));
	if (next && !next->catchall) {
		memcpy(hi, next->key.at, t->key_len);
		if (memcmp(hi, e->key.at, t->key_len) == 0 || !minus_one(hi, t->key_len))
			return BDD_FALSE;
	}
	return bits_range(s->b, bits, e->key.at, hi, t->key_len * 8);
}

static bdd_t by_fields(struct sets *s, const struct set *t, const struct element *e,
		       const bdd_t *bits)
{
	bdd_t parts[SET_FIELDS_MAX], r = BDD_TRUE;
	uint32_t at = 0, count = 0;

	for (uint32_t f = 0; f < t->fields_count && at < t->key_len; f++) {
		uint32_t n = t->fields[f], i = count++;

		if (n > t->key_len - at)
			n = t->key_len - at;
		bdd_t x =
			bits_range(s->b, bits + at * 8, e->key.at + at, e->key_end.at + at, n * 8);

		for (; i > 0 && bdd_var(s->b, parts[i - 1]) < bdd_var(s->b, x); i--)
			parts[i] = parts[i - 1];
		parts[i] = x;
		at += (n + 3) / 4 * 4;
	}
	for (uint32_t i = 0; i < count; i++) /* the lowest of the diagram first */
		r = bdd_and(s->b, parts[i], r);
	return r;
}

static bdd_t match_of(struct sets *s, const struct set *t, const uint32_t *order, uint32_t i,
		      const bdd_t *bits)
{
	const struct element *e = &t->elements[order[i]];

	if (is_gone(s, e) || e->catchall)
		return BDD_FALSE;
	if (is_axis(t))
		return on_axis(s, t, order, i, bits);
	if (e->key_end.at && t->fields_count > 1)
		return by_fields(s, t, e, bits);
	return bits_equal(s->b, bits, e->key.at, t->key_len * 8);
}

/* ---- answers ---- */

static int compare_answers(const struct set *t, const struct element *x, const struct element *y)
{
	if (t->verdicts && x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (t->verdicts)
		return x->chain < y->chain ? -1 : x->chain > y->chain;
	if (!(t->flags & NFT_SET_MAP) || !x->data.at || !y->data.at)
		return 0;
	return memcmp(x->data.at, y->data.at, t->data_len);
}

static int by_answer(const void *a, const void *b, void *ctx)
{
	const struct answer *x = a, *y = b;
	const struct set *t = ctx;

	return compare_answers(t, &t->elements[x->element], &t->elements[y->element]);
}

/* Equal answers become one. */
static void join(struct sets *s, const struct set *t, struct answers *a, uint32_t n)
{
	bdd_t *when = malloc((n + 1u) * sizeof(*when));

	qsort_r(a->at, n, sizeof(*a->at), by_answer, (void *)(uintptr_t)t);
	for (uint32_t i = 0, end; when && i < n; i = end) {
		for (end = i;
		     end < n && by_answer(&a->at[i], &a->at[end], (void *)(uintptr_t)t) == 0; end++)
			when[end - i] = a->at[end].when;
		a->at[a->count++] = (struct answer){
			.when = bdd_or_all(s->b, when, end - i),
			.element = a->at[i].element,
		};
	}
	a->vague |= !when;
	free(when);
}

/* A packet that matches an element that may refuse, or may be there or not, may also find nothing. */
static void sum_up(const struct set *t, struct answers *a, bdd_t any, bdd_t sure)
{
	bool grows = t->flags & NFT_SET_EVAL;

	a->any = any;
	a->none = bdd_not(sure);
	if (grows || a->vague) {
		a->any = a->none = BDD_TRUE;
		a->vague = true;
	}
}

static bool compute(struct sets *s, uint32_t set, const bdd_t *bits, struct answers *a)
{
	const struct set *t = &s->r->sets[set];
	bdd_t sure = BDD_FALSE, *matches = malloc((t->count + 1u) * sizeof(*matches));
	const uint32_t *order = order_of(s, set);
	uint32_t n = 0, certain = 0;

	a->at = malloc((t->count + 1u) * sizeof(*a->at));
	if (!matches || !order || !a->at) {
		free(matches);
		return false;
	}
	for (uint32_t i = 0; i < t->count; i++) {
		const struct element *e = &t->elements[order[i]];
		bdd_t m = match_of(s, t, order, i, bits);

		if (m == BDD_FALSE)
			continue;
		a->at[n++] = (struct answer){ m, order[i] };
		if (!e->conditional)
			matches[certain++] = m;
	}
	sure = bdd_or_all(s->b, matches, certain); /* neighbours by key are neighbours here */
	for (uint32_t i = 0; certain < n && i < n; i++)
		matches[i] = a->at[i].when;
	bdd_t any = certain < n ? bdd_or_all(s->b, matches, n) : sure;

	for (uint32_t i = 0; i < t->count; i++) { /* for whatever finds nothing else */
		const struct element *e = &t->elements[i];

		if (!e->catchall || is_gone(s, e))
			continue;
		a->at[n++] = (struct answer){ bdd_not(sure), i };
		any = bdd_or(s->b, any, bdd_not(sure));
		if (!e->conditional)
			sure = BDD_TRUE;
		break;
	}
	join(s, t, a, n);
	sum_up(t, a, any, sure);
	free(matches);
	return true;
}

/* ---- a key that is fixed: found, not computed ---- */

static bool find_exact(struct sets *s, uint32_t set, const uint8_t *key, uint32_t *element)
{
	const struct set *t = &s->r->sets[set];
	const uint32_t *order = order_of(s, set);
	uint32_t lo = 0, hi = order ? t->count : 0;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct element *e = &t->elements[order[mid]];
		int r = e->catchall ? 1 : memcmp(e->key.at, key, t->key_len);

		if (r == 0 && !is_gone(s, e)) {
			*element = order[mid];
			return true;
		}
		if (r < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* Only of plain exact sets, the big ones: classes by mark. */
static bool is_plain(const struct set *t)
{
	return !t->catchall && !(t->flags & (NFT_SET_EVAL | NFT_SET_INTERVAL));
}

static const struct answers *ask_fixed(struct sets *s, uint32_t set, const bdd_t *bits)
{
	const struct set *t = &s->r->sets[set];
	uint8_t key[KEY_MAX] = { 0 };
	uint32_t element;

	for (uint32_t i = 0; i < t->key_len * 8; i++)
		key[i / 8] |= (uint8_t)((bits[i] == BDD_TRUE) << (7 - i % 8));
	s->answers = (struct answers){ .any = BDD_FALSE, .none = BDD_TRUE };
	if (!find_exact(s, set, key, &element))
		return &s->answers;
	s->room = (struct answer){ BDD_TRUE, element };
	s->answers = (struct answers){ .at = &s->room, .count = 1, .any = BDD_TRUE };
	s->answers.none = t->elements[element].conditional ? BDD_TRUE : BDD_FALSE;
	return &s->answers;
}

static const struct answers *remember(struct sets *s, uint32_t set, const bdd_t *bits)
{
	struct index *x = &s->of[set];
	uint32_t n = s->r->sets[set].key_len * 8;
	struct cached *c = calloc(1, sizeof(*c));

	if (x->cached_count == CACHED_MAX)
		cached_done(x);
	if (!x->cached)
		x->cached = calloc(CACHED_MAX, sizeof(struct cached *));
	if (!c || !x->cached || !compute(s, set, bits, &c->answers)) {
		free(c ? c->answers.at : NULL);
		free(c);
		return NULL;
	}
	memcpy(c->bits, bits, n * sizeof(*bits));
	x->cached[x->cached_count++] = c;
	return &c->answers;
}

const struct answers *sets_ask(struct sets *s, uint32_t set, const bdd_t *bits)
{
	const struct set *t = &s->r->sets[set];
	const struct index *x = &s->of[set];
	uint32_t n = t->key_len * 8;

	if (t->strange || t->key_len > KEY_MAX || !bits_known(bits, n)) {
		s->answers = (struct answers){ .any = BDD_TRUE, .none = BDD_TRUE, .vague = true };
		return &s->answers;
	}
	if (is_plain(t) && bits_fixed(bits, n))
		return ask_fixed(s, set, bits);
	for (uint32_t i = 0; i < x->cached_count; i++)
		if (memcmp(x->cached[i]->bits, bits, n * sizeof(*bits)) == 0)
			return &x->cached[i]->answers;
	return remember(s, set, bits);
}
