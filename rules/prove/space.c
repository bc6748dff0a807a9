/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/space.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct axis {
	ip_t *starts;             /* owned; first value of each class, ascending once frozen */
	struct space_part *parts; /* owned; the answer of space_parts */
	uint32_t classes, room;
	uint32_t parts_count, parts_room;
	uint32_t first, bits; /* variables first .. first + bits - 1, the most significant on top */
	ip_t max;
	bool whole; /* a class is a value; starts is not used */
};

struct numbered {        /* a case of a switch, by class */
	uint32_t lo, hi; /* both inside */
	bdd_t then;
};

struct space {
	struct bdd *bdd;          /* owned */
	struct numbered *numbers; /* owned; the cases of the set being built */
	struct axis *axes;        /* owned */
	uint32_t axes_count, axes_room;
	uint32_t numbers_room, variables;
	uint16_t field_of[BDD_VARIABLES_MAX];
	bool failed; /* no memory for cuts or parts, or more variables than there can be */
};

#define MAX_(N, max) [SPACE_##N] = max,
static const ip_t axis_max[SPACE_FIELD_COUNT] = { SPACE_FIELDS(MAX_) };

struct space *space_new_bare(uint32_t node_max)
{
	struct space *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->bdd = bdd_new(node_max);
	if (s->bdd)
		return s;
	space_free(s);
	return NULL;
}

struct space *space_new(uint32_t node_max)
{
	struct space *s = space_new_bare(node_max);

	for (int f = 0; s && f < SPACE_FIELD_COUNT; f++)
		space_add(s, axis_max[f], false);
	if (s && !s->failed)
		return s;
	space_free(s);
	return NULL;
}

void space_free(struct space *s)
{
	if (!s)
		return;
	for (uint32_t f = 0; f < s->axes_count; f++) {
		free(s->axes[f].starts);
		free(s->axes[f].parts);
	}
	free(s->axes);
	free(s->numbers);
	bdd_free(s->bdd);
	free(s);
}

bool space_failed(const struct space *s)
{
	return s->failed || bdd_failed(s->bdd);
}

struct bdd *space_bdd(struct space *s)
{
	return s->bdd;
}

/* ---- axes ---- */

static void *room_for(struct space *s, void *items, uint32_t count, uint32_t *room, size_t size)
{
	if (count < *room)
		return items;
	uint32_t more = *room ? *room * 2 : 64;
	void *p = realloc(items, more * size);

	if (p)
		*room = more;
	else
		s->failed = true;
	return p;
}

static void add_start(struct space *s, struct axis *a, ip_t value)
{
	ip_t *p = room_for(s, a->starts, a->classes, &a->room, sizeof(*a->starts));

	if (!p)
		return;
	a->starts = p;
	a->starts[a->classes++] = value;
}

static void uncut(struct space *s, struct axis *a)
{
	a->classes = a->bits = a->first = 0;
	add_start(s, a, 0);
}

void space_reset(struct space *s)
{
	s->failed = false;
	s->variables = 0;
	bdd_reset(s->bdd);
	for (uint32_t f = 0; f < s->axes_count; f++)
		uncut(s, &s->axes[f]);
}

uint32_t space_add(struct space *s, ip_t max, bool whole)
{
	struct axis *p = room_for(s, s->axes, s->axes_count, &s->axes_room, sizeof(*p));

	assert(!whole || (max <= UINT32_MAX && (max & (max + 1)) == 0));
	if (!p)
		return UINT32_MAX;
	s->axes = p;
	p[s->axes_count] = (struct axis){ .max = max, .whole = whole };
	uncut(s, &p[s->axes_count]);
	return s->axes_count++;
}

void space_cut(struct space *s, uint32_t f, struct ip_range r)
{
	struct axis *a = &s->axes[f];

	assert(r.lo <= r.hi && r.hi <= a->max && s->variables == 0);
	if (a->whole)
		return;
	if (r.lo)
		add_start(s, a, r.lo);
	if (r.hi < a->max)
		add_start(s, a, r.hi + 1);
}

static int by_value(const void *a, const void *b)
{
	ip_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static uint32_t bits_for(uint32_t classes)
{
	return classes > 1 ? 32u - (uint32_t)__builtin_clz(classes - 1) : 0;
}

static void number_classes(struct axis *a)
{
	uint32_t n = 1;

	qsort(a->starts, a->classes, sizeof(*a->starts), by_value);
	for (uint32_t i = 1; i < a->classes; i++)
		if (a->starts[i] != a->starts[n - 1])
			a->starts[n++] = a->starts[i];
	a->classes = n;
	a->bits = bits_for(n);
}

static void freeze_axis(struct space *s, uint32_t f)
{
	struct axis *a = &s->axes[f];

	if (a->whole)
		a->bits = (uint32_t)__builtin_popcountll((uint64_t)a->max);
	else
		number_classes(a);
	if (s->variables + a->bits > BDD_VARIABLES_MAX) {
		s->failed = true;
		return;
	}
	a->first = s->variables;
	for (uint32_t i = 0; i < a->bits; i++)
		s->field_of[a->first + i] = (uint16_t)f;
	s->variables += a->bits;
}

void space_freeze(struct space *s)
{
	for (uint32_t f = 0; f < s->axes_count && !s->failed; f++)
		freeze_axis(s, f);
}

uint32_t space_bits(const struct space *s)
{
	return s->variables;
}

/* The class that holds a value. */
static uint32_t class_of(const struct axis *a, ip_t value)
{
	uint32_t lo = 0, hi = a->classes;

	if (a->whole)
		return (uint32_t)value;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (a->starts[mid] <= value)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static ip_t class_start(const struct axis *a, uint32_t class)
{
	return a->whole ? class : a->starts[class];
}

static ip_t class_end(const struct axis *a, uint32_t class)
{
	if (a->whole)
		return class;
	return class + 1 < a->classes ? a->starts[class + 1] - 1 : a->max;
}

static uint32_t last_class(const struct axis *a)
{
	return a->whole ? (uint32_t)a->max : a->classes - 1;
}

/*
 * Numbers at and beyond the last class all mean the last one, so that "from here on" and "everything"
 * have no upper end to test.
 */
static uint32_t last_number(const struct axis *a)
{
	return (uint32_t)((UINT64_C(1) << a->bits) - 1);
}

/* ---- sets ---- */

static struct numbered number(const struct space *s, uint32_t f, struct space_case c)
{
	const struct axis *a = &s->axes[f];
	struct numbered n = { class_of(a, c.range.lo), class_of(a, c.range.hi), c.then };

	assert(class_start(a, n.lo) == c.range.lo && class_end(a, n.hi) == c.range.hi);
	if (n.hi == last_class(a))
		n.hi = last_number(a);
	return n;
}

/* The numbers [base, base + 2^bits) of an axis, of which the cases [*c, end) may hold some. */
static bdd_t build(struct space *s, const struct axis *a, const struct numbered *c,
		   const struct numbered *end, uint32_t base, uint32_t bits)
{
	uint32_t top = base + (uint32_t)((UINT64_C(1) << bits) - 1), half = top - (top - base) / 2;

	while (c < end && c->hi < base)
		c++;
	if (c == end || c->lo > top)
		return BDD_FALSE;
	if (c->lo <= base && c->hi >= top)
		return c->then;
	bdd_t lo = build(s, a, c, end, base, bits - 1);
	bdd_t hi = build(s, a, c, end, half, bits - 1);

	return bdd_node(s->bdd, a->first + a->bits - bits, lo, hi);
}

bdd_t space_bit(struct space *s, uint32_t f, uint32_t bit)
{
	const struct axis *a = &s->axes[f];

	assert(a->whole && bit < a->bits);
	if (space_failed(s))
		return BDD_NONE;
	return bdd_node(s->bdd, a->first + a->bits - 1 - bit, BDD_FALSE, BDD_TRUE);
}

bdd_t space_range(struct space *s, uint32_t f, struct ip_range r, bdd_t in)
{
	const struct axis *a = &s->axes[f];

	if (space_failed(s) || in == BDD_NONE)
		return BDD_NONE;
	struct numbered n = number(s, f, (struct space_case){ r, in });

	return build(s, a, &n, &n + 1, 0, a->bits);
}

/* Room for n cases by number; NULL when there is none. */
static struct numbered *numbers_for(struct space *s, uint32_t n)
{
	if (n <= s->numbers_room)
		return s->numbers;
	struct numbered *p = realloc(s->numbers, n * sizeof(*p));

	if (!p) {
		s->failed = true;
		return NULL;
	}
	s->numbers = p;
	s->numbers_room = n;
	return p;
}

bdd_t space_set(struct space *s, uint32_t f, const struct ip_range *r, uint32_t n, bdd_t in)
{
	const struct axis *a = &s->axes[f];
	struct numbered *c = numbers_for(s, n);

	if (space_failed(s) || in == BDD_NONE)
		return BDD_NONE;
	for (uint32_t i = 0; i < n; i++)
		c[i] = number(s, f, (struct space_case){ r[i], in });
	return build(s, a, c, c + n, 0, a->bits);
}

bdd_t space_switch(struct space *s, uint32_t f, const struct space_case *cases, uint32_t n)
{
	const struct axis *a = &s->axes[f];
	struct numbered *c = numbers_for(s, n);

	if (space_failed(s))
		return BDD_NONE;
	for (uint32_t i = 0; i < n; i++)
		c[i] = number(s, f, cases[i]);
	return build(s, a, c, c + n, 0, a->bits);
}

bdd_t space_forget(struct space *s, bdd_t set, uint32_t f)
{
	const struct axis *a = &s->axes[f];

	return bdd_exists(s->bdd, set, a->first, a->first + a->bits);
}

/* ---- a set taken apart ---- */

static void add_part(struct space *s, uint32_t f, uint32_t lo, uint32_t hi, bdd_t then)
{
	struct axis *a = &s->axes[f];

	if (lo > last_class(a) || then == BDD_FALSE)
		return;
	if (hi > last_class(a))
		hi = last_class(a);
	struct ip_range r = { class_start(a, lo), class_end(a, hi) };
	struct space_part *last = a->parts_count ? &a->parts[a->parts_count - 1] : NULL;

	if (last && last->then == then && last->range.hi + 1 == r.lo) {
		last->range.hi = r.hi;
		return;
	}
	struct space_part *p =
		room_for(s, a->parts, a->parts_count, &a->parts_room, sizeof(*a->parts));

	if (!p)
		return;
	a->parts = p;
	a->parts[a->parts_count++] = (struct space_part){ r, then };
}

static void take_apart(struct space *s, uint32_t f, bdd_t set, uint32_t base, uint32_t bits)
{
	const struct axis *a = &s->axes[f];
	uint32_t var = bdd_var(s->bdd, set), size = 1u << (bits ? bits - 1 : 0);

	if (var >= a->first + a->bits) {
		add_part(s, f, base, base + (uint32_t)((UINT64_C(1) << bits) - 1), set);
		return;
	}
	bool here = var == a->first + a->bits - bits;

	take_apart(s, f, here ? bdd_lo(s->bdd, set) : set, base, bits - 1);
	take_apart(s, f, here ? bdd_hi(s->bdd, set) : set, base + size, bits - 1);
}

uint32_t space_parts(struct space *s, bdd_t set, uint32_t f, const struct space_part **parts)
{
	struct axis *a = &s->axes[f];

	a->parts_count = 0;
	if (!space_failed(s) && set != BDD_NONE)
		take_apart(s, f, set, 0, a->bits);
	*parts = a->parts;
	return space_failed(s) ? 0 : a->parts_count;
}

/* ---- counting ---- */

struct counted {
	bdd_t set; /* 0: empty */
	struct space_count count;
};

struct counter {
	struct space *s;
	struct counted *seen; /* owned; open hash table by set */
	uint32_t mask, used;
	uint32_t fields; /* that count */
	bool failed;
};

static struct space_count add(struct space_count x, struct space_count y)
{
	struct space_count r = { x.exact + y.exact, x.more || y.more, x.about + y.about };

	r.more |= r.exact < x.exact;
	return r;
}

static struct space_count times(struct space_count x, struct space_count y)
{
	struct space_count r = { .more = x.more || y.more, .about = x.about * y.about };

	r.more |= __builtin_mul_overflow(x.exact, y.exact, &r.exact);
	if ((!x.more && x.exact == 0) || (!y.more && y.exact == 0))
		r = (struct space_count){ 0 };
	return r;
}

static struct space_count width(struct ip_range r)
{
	ip_t n = r.hi - r.lo + 1; /* 0: all 2^128 */

	if (n == 0)
		return (struct space_count){ 0, true, 0x1p128L };
	return (struct space_count){ n, false, (long double)n };
}

static struct counted *slot_of(struct counter *c, bdd_t set)
{
	uint32_t at = (uint32_t)((set * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & c->mask;

	while (c->seen[at].set && c->seen[at].set != set)
		at = (at + 1) & c->mask;
	return &c->seen[at];
}

static bool widen(struct counter *c)
{
	struct counted *old = c->seen;
	uint32_t n = c->mask + 1;

	c->seen = calloc(2 * (size_t)n, sizeof(*c->seen));
	if (!c->seen) {
		c->seen = old;
		c->failed = true;
		return false;
	}
	c->mask = 2 * n - 1;
	for (uint32_t i = 0; i < n; i++)
		if (old[i].set)
			*slot_of(c, old[i].set) = old[i];
	free(old);
	return true;
}

static void remember(struct counter *c, bdd_t set, struct space_count count)
{
	if (2 * c->used > c->mask && !widen(c))
		return;
	*slot_of(c, set) = (struct counted){ set, count };
	c->used++;
}

static bool counts(const struct counter *c, uint32_t f)
{
	return c->fields >> f & 1;
}

static struct space_count count_from(struct counter *c, bdd_t set, uint32_t f);

/* The set begins inside field f. */
static struct space_count count_at(struct counter *c, bdd_t set, uint32_t f)
{
	struct counted *have = slot_of(c, set);
	struct space_count n = { 0 };
	const struct space_part *parts;

	if (have->set)
		return have->count;
	uint32_t k = space_parts(c->s, set, f, &parts);

	for (uint32_t i = 0; i < k; i++)
		n = add(n, times(width(parts[i].range), count_from(c, parts[i].then, f + 1)));
	remember(c, set, n);
	return n;
}

/* Counted over the fields from f on; fields that the set skips take part in full. */
static struct space_count count_from(struct counter *c, bdd_t set, uint32_t f)
{
	struct space_count n = { 1, false, 1 };
	uint32_t var = bdd_var(c->s->bdd, set), end = c->s->axes_count;

	if (set == BDD_FALSE || set == BDD_NONE)
		return (struct space_count){ 0 };
	uint32_t field = bdd_is_leaf(set) ? end : c->s->field_of[var];

	for (; f < field; f++)
		if (counts(c, f))
			n = times(n, width((struct ip_range){ 0, c->s->axes[f].max }));
	return field == end ? n : times(n, count_at(c, set, field));
}

struct space_count space_size(struct space *s, bdd_t set, uint32_t fields)
{
	struct counter c = { .s = s, .mask = 255, .fields = fields };
	struct space_count n = { 0 };

	c.seen = calloc(c.mask + 1, sizeof(*c.seen));
	if (c.seen)
		n = count_from(&c, set, 0);
	if (!c.seen || c.failed)
		s->failed = true;
	free(c.seen);
	return n;
}

/* ---- single packets ---- */

bool space_holds(const struct space *s, bdd_t set, const ip_t *at)
{
	while (set != BDD_NONE && !bdd_is_leaf(set)) {
		uint32_t var = bdd_var(s->bdd, set);
		uint32_t f = s->field_of[var];
		const struct axis *a = &s->axes[f];
		uint32_t bit = a->bits - 1 - (var - a->first);

		set = class_of(a, at[f]) >> bit & 1 ? bdd_hi(s->bdd, set) : bdd_lo(s->bdd, set);
	}
	return set == BDD_TRUE;
}

/* The most readable class of a field and what is left of the set there. */
static bdd_t choose(struct space *s, bdd_t set, uint32_t f, struct space_taste taste, ip_t *at)
{
	const struct axis *a = &s->axes[f];
	const struct space_part *parts;
	uint32_t n = space_parts(s, set, f, &parts);
	unsigned int best = 0;
	bdd_t then = BDD_NONE;

	for (uint32_t i = 0; i < n && best < taste.best; i++) {
		uint32_t last = class_of(a, parts[i].range.hi);

		for (uint32_t k = class_of(a, parts[i].range.lo); k <= last && best < taste.best;
		     k++) {
			struct ip_range r = { a->starts[k], class_end(a, k) };
			ip_t value = r.lo;
			unsigned int score = taste.pick(taste.ctx, f, r, &value);

			if (then != BDD_NONE && score <= best)
				continue;
			best = score;
			then = parts[i].then;
			*at = value;
		}
	}
	return then;
}

/* The least value of a whole field: its bits are 0 as far as the set allows. */
static bdd_t choose_least(struct space *s, bdd_t set, uint32_t f, ip_t *at)
{
	const struct axis *a = &s->axes[f];
	uint32_t var;

	*at = 0;
	while ((var = bdd_var(s->bdd, set)) < a->first + a->bits) {
		bool one = bdd_lo(s->bdd, set) == BDD_FALSE;

		if (one)
			*at |= (ip_t)1 << (a->first + a->bits - 1 - var);
		set = one ? bdd_hi(s->bdd, set) : bdd_lo(s->bdd, set);
	}
	return set;
}

bool space_witness(struct space *s, bdd_t set, struct space_taste taste, ip_t *at)
{
	if (space_failed(s) || set == BDD_NONE || set == BDD_FALSE)
		return false;
	for (uint32_t f = 0; f < s->axes_count && set != BDD_NONE; f++)
		set = s->axes[f].whole ? choose_least(s, set, f, &at[f])
				       : choose(s, set, f, taste, &at[f]);
	return set == BDD_TRUE;
}
