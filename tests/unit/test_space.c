/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "rules/prove/space.h"

static uint64_t seed;

static uint64_t draw64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint32_t draw(uint32_t below)
{
	return (uint32_t)((draw64() >> 20) % below);
}

static const ip_t tops[] = {
	[SPACE_STATE] = 7,    [SPACE_PROTOCOL] = 255,
	[SPACE_PORT] = 65535, [SPACE_DST] = IP_MAX,
	[SPACE_SRC] = IP_MAX, [SPACE_SPORT] = 65535,
	[SPACE_FLAGS] = 255,  [SPACE_MAC] = ((ip_t)1 << 48) - 1,
};

static ip_t draw_value(enum space_field f)
{
	ip_t v = (ip_t)draw64() << 64 | draw64();

	return tops[f] == IP_MAX ? v : v % (tops[f] + 1);
}

static struct ip_range draw_range(enum space_field f)
{
	ip_t a = draw_value(f), b = draw_value(f);

	if (draw(4) == 0)
		return (struct ip_range){ 0, tops[f] };
	if (draw(3) == 0)
		return (struct ip_range){ a, a };
	return (struct ip_range){ a < b ? a : b, a < b ? b : a };
}

/* A product of one range a field. */
struct cube {
	struct ip_range range[SPACE_FIELD_COUNT];
};

static struct cube draw_cube(void)
{
	struct cube c;

	for (int f = 0; f < SPACE_FIELD_COUNT; f++)
		c.range[f] = draw_range((enum space_field)f);
	return c;
}

static void cut_cube(struct space *s, const struct cube *c)
{
	for (int f = 0; f < SPACE_FIELD_COUNT; f++)
		space_cut(s, (enum space_field)f, c->range[f]);
}

static bdd_t set_of(struct space *s, const struct cube *c)
{
	bdd_t set = BDD_TRUE;

	for (int f = SPACE_FIELD_COUNT - 1; f >= 0; f--)
		set = space_range(s, (enum space_field)f, c->range[f], set);
	return set;
}

static bool in_cube(const struct cube *c, const struct space_point *p)
{
	for (int f = 0; f < SPACE_FIELD_COUNT; f++)
		if (!ip_in(c->range[f], p->at[f]))
			return false;
	return true;
}

/* A packet near the edges of a cube: that is where mistakes are. */
static struct space_point draw_point(const struct cube *c)
{
	struct space_point p;

	for (int f = 0; f < SPACE_FIELD_COUNT; f++) {
		struct ip_range r = c->range[f];
		const ip_t near[] = { r.lo, r.hi, r.lo ? r.lo - 1 : 0,
				      r.hi < tops[f] ? r.hi + 1 : r.hi,
				      draw_value((enum space_field)f) };

		p.at[f] = near[draw(draw(8) ? 2 : 5)];
	}
	return p;
}

#define CUBES 12u

static int open_space(void **state)
{
	seed = 42;
	*state = space_new(0);
	return *state ? 0 : -1;
}

static int close_space(void **state)
{
	space_free(*state);
	return 0;
}

/* ---- membership ---- */

static void sets_hold_what_their_ranges_hold(void **state)
{
	struct space *s = *state;
	uint32_t inside = 0;

	for (uint32_t round = 0; round < 60; round++) {
		struct cube cubes[CUBES];
		bdd_t any = BDD_FALSE;

		space_reset(s);
		for (uint32_t i = 0; i < CUBES; i++) {
			cubes[i] = draw_cube();
			cut_cube(s, &cubes[i]);
		}
		space_freeze(s);
		for (uint32_t i = 0; i < CUBES; i++)
			any = bdd_or(space_bdd(s), any, set_of(s, &cubes[i]));
		for (uint32_t i = 0; i < 2000; i++) {
			struct space_point p = draw_point(&cubes[draw(CUBES)]);
			bool expected = false;

			for (uint32_t k = 0; k < CUBES; k++)
				expected |= in_cube(&cubes[k], &p);
			assert_int_equal(space_holds(s, any, p.at), expected);
			assert_int_equal(space_holds(s, bdd_not(any), p.at), !expected);
			inside += expected;
		}
	}
	assert_true(inside > 10000); /* both answers were asked for */
}

static void range_of_everything_takes_no_node(void **state)
{
	struct space *s = *state;
	struct cube all;

	space_cut(s, SPACE_PORT, (struct ip_range){ 80, 443 });
	for (int f = 0; f < SPACE_FIELD_COUNT; f++) {
		all.range[f] = (struct ip_range){ 0, tops[f] };
		space_cut(s, (enum space_field)f, all.range[f]);
	}
	space_freeze(s);
	assert_int_equal(set_of(s, &all), BDD_TRUE);
}

static void axis_nobody_cuts_takes_no_variable(void **state)
{
	struct space *s = *state;

	space_freeze(s);
	assert_int_equal(space_bits(s), 0);
	space_reset(s);
	space_cut(s, SPACE_SRC, (struct ip_range){ 5, 5 });
	space_freeze(s);
	assert_int_equal(space_bits(s), 2); /* below, at, above */
}

static void set_of_no_range_is_empty(void **state)
{
	struct space *s = *state;

	space_cut(s, SPACE_PORT, (struct ip_range){ 1, 2 });
	space_freeze(s);
	assert_int_equal(space_set(s, SPACE_PORT, NULL, 0, BDD_TRUE), BDD_FALSE);
}

static void set_of_ranges_is_the_union(void **state)
{
	struct space *s = *state;
	const struct ip_range r[] = { { 1, 3 }, { 5, 5 }, { 7, 65535 } };
	bdd_t one_by_one = BDD_FALSE;

	for (int i = 0; i < 3; i++)
		space_cut(s, SPACE_PORT, r[i]);
	space_freeze(s);
	for (int i = 0; i < 3; i++)
		one_by_one = bdd_or(space_bdd(s), one_by_one,
				    space_range(s, SPACE_PORT, r[i], BDD_TRUE));
	assert_int_equal(space_set(s, SPACE_PORT, r, 3, BDD_TRUE), one_by_one);
}

static void switch_gives_each_range_its_own(void **state)
{
	struct space *s = *state;
	const struct ip_range tcp = { 6, 6 }, udp = { 17, 17 }, web = { 443, 443 };

	space_cut(s, SPACE_PROTOCOL, tcp);
	space_cut(s, SPACE_PROTOCOL, udp);
	space_cut(s, SPACE_PORT, web);
	space_freeze(s);
	const struct space_case cases[] = {
		{ tcp, space_range(s, SPACE_PORT, web, BDD_TRUE) },
		{ udp, BDD_TRUE },
	};
	bdd_t set = space_switch(s, SPACE_PROTOCOL, cases, 2);
	struct space_point p = { .at = { [SPACE_PROTOCOL] = 6, [SPACE_PORT] = 443 } };

	assert_true(space_holds(s, set, p.at));
	p.at[SPACE_PORT] = 80;
	assert_false(space_holds(s, set, p.at));
	p.at[SPACE_PROTOCOL] = 17;
	assert_true(space_holds(s, set, p.at));
	p.at[SPACE_PROTOCOL] = 1;
	assert_false(space_holds(s, set, p.at));
}

static void forget_leaves_no_trace_of_the_field(void **state)
{
	struct space *s = *state;

	for (uint32_t round = 0; round < 50; round++) {
		struct cube a = draw_cube(), b = draw_cube();
		enum space_field f = (enum space_field)draw(SPACE_FIELD_COUNT);

		space_reset(s);
		cut_cube(s, &a);
		cut_cube(s, &b);
		space_freeze(s);
		bdd_t set = bdd_or(space_bdd(s), set_of(s, &a), set_of(s, &b));

		a.range[f] = b.range[f] = (struct ip_range){ 0, tops[f] };
		assert_int_equal(space_forget(s, set, f),
				 bdd_or(space_bdd(s), set_of(s, &a), set_of(s, &b)));
	}
}

/* ---- taken apart ---- */

static void parts_make_up_the_set(void **state)
{
	struct space *s = *state;

	for (uint32_t round = 0; round < 50; round++) {
		struct cube cubes[CUBES];
		const struct space_part *parts;
		bdd_t any = BDD_FALSE, again = BDD_FALSE;

		space_reset(s);
		for (uint32_t i = 0; i < CUBES; i++) {
			cubes[i] = draw_cube();
			cubes[i].range[SPACE_STATE] = (struct ip_range){ 0, 7 };
			cut_cube(s, &cubes[i]);
		}
		space_freeze(s);
		for (uint32_t i = 0; i < CUBES; i++)
			any = bdd_or(space_bdd(s), any, set_of(s, &cubes[i]));
		uint32_t n = space_parts(s, any, SPACE_PROTOCOL, &parts);

		for (uint32_t i = 0; i < n; i++) {
			assert_int_not_equal(parts[i].then, BDD_FALSE);
			if (i)
				assert_true(parts[i].range.lo > parts[i - 1].range.hi);
			again = bdd_or(space_bdd(s), again,
				       space_range(s, SPACE_PROTOCOL, parts[i].range,
						   parts[i].then));
		}
		assert_int_equal(any, again);
	}
}

static void parts_of_neighbours_alike_are_joined(void **state)
{
	struct space *s = *state;
	const struct ip_range a = { 1, 10 }, b = { 11, 20 };
	const struct space_part *parts;

	space_cut(s, SPACE_PORT, a);
	space_cut(s, SPACE_PORT, b);
	space_freeze(s);
	bdd_t set = bdd_or(space_bdd(s), space_range(s, SPACE_PORT, a, BDD_TRUE),
			   space_range(s, SPACE_PORT, b, BDD_TRUE));

	assert_int_equal(space_parts(s, set, SPACE_PORT, &parts), 1);
	assert_true(parts[0].range.lo == 1 && parts[0].range.hi == 20);
	assert_int_equal(parts[0].then, BDD_TRUE);
}

/* ---- counting ---- */

static void size_agrees_with_counting_one_by_one(void **state)
{
	struct space *s = *state;

	for (uint32_t round = 0; round < 10; round++) {
		struct cube cubes[CUBES];
		bdd_t any = BDD_FALSE;
		uint32_t n = 0;

		space_reset(s);
		for (uint32_t i = 0; i < CUBES; i++) {
			cubes[i] = draw_cube();
			for (int f = 0; f < SPACE_FIELD_COUNT; f++)
				if (f != SPACE_STATE && f != SPACE_PROTOCOL && f != SPACE_FLAGS)
					cubes[i].range[f] = (struct ip_range){ 0, tops[f] };
			cut_cube(s, &cubes[i]);
		}
		space_freeze(s);
		for (uint32_t i = 0; i < CUBES; i++)
			any = bdd_or(space_bdd(s), any, set_of(s, &cubes[i]));
		for (uint32_t v = 0; v < 8u * 256 * 256; v++) {
			struct space_point p = { .at = { [SPACE_STATE] = v >> 16,
							 [SPACE_PROTOCOL] = v >> 8 & 255,
							 [SPACE_FLAGS] = v & 255 } };
			n += space_holds(s, any, p.at);
		}
		struct space_count size =
			space_size(s, any,
				   1u << SPACE_STATE | 1u << SPACE_PROTOCOL | 1u << SPACE_FLAGS);

		assert_false(size.more);
		assert_true(size.exact == n && fabsl(size.about - n) < 0.5L);
	}
}

static void size_beyond_128_bits_says_so(void **state)
{
	struct space *s = *state;

	space_cut(s, SPACE_DST, (struct ip_range){ 1, 1 });
	space_freeze(s);
	struct space_count n = space_size(s, BDD_TRUE, 1u << SPACE_DST);

	assert_true(n.more && n.about == 0x1p128L);
	n = space_size(s, bdd_not(space_range(s, SPACE_DST, (struct ip_range){ 1, 1 }, BDD_TRUE)),
		       1u << SPACE_DST);
	assert_true(!n.more && n.exact == IP_MAX);
}

static void size_counts_the_fields_asked_for(void **state)
{
	struct space *s = *state;

	space_cut(s, SPACE_DST, (struct ip_range){ 1, 1 });
	space_cut(s, SPACE_PORT, (struct ip_range){ 80, 81 });
	space_freeze(s);
	bdd_t set = space_range(s, SPACE_PORT, (struct ip_range){ 80, 81 }, BDD_TRUE);

	assert_true(space_size(s, set, 1u << SPACE_PORT).exact == 2);
	assert_true(space_size(s, set, 1u << SPACE_PORT | 1u << SPACE_STATE).exact == 16);
	assert_true(space_size(s, set, 1u << SPACE_PORT | 1u << SPACE_DST).more);
}

static void size_of_nothing_is_zero(void **state)
{
	struct space *s = *state;

	space_cut(s, SPACE_DST, (struct ip_range){ 1, 1 });
	space_cut(s, SPACE_SRC, (struct ip_range){ 1, 1 });
	space_freeze(s);
	struct space_count n = space_size(s, BDD_FALSE, UINT32_MAX);

	assert_true(!n.more && n.exact == 0 && n.about == 0);
}

/* ---- witnesses ---- */

static unsigned int prefer_443(const void *ctx, enum space_field f, struct ip_range r, ip_t *at)
{
	(void)ctx;
	if (f != SPACE_PORT || !ip_in(r, 443))
		return 1;
	*at = 443;
	return 5;
}

static const struct space_taste taste = { .pick = prefer_443, .best = 5 };

static void witness_is_in_the_set(void **state)
{
	struct space *s = *state;

	for (uint32_t round = 0; round < 100; round++) {
		struct cube cubes[CUBES];
		bdd_t set = BDD_FALSE;
		struct space_point p;

		space_reset(s);
		for (uint32_t i = 0; i < CUBES; i++) {
			cubes[i] = draw_cube();
			cut_cube(s, &cubes[i]);
		}
		space_freeze(s);
		for (uint32_t i = 0; i < CUBES; i++)
			set = bdd_xor(space_bdd(s), set, set_of(s, &cubes[i]));
		assert_int_equal(space_witness(s, set, taste, p.at), set != BDD_FALSE);
		if (set != BDD_FALSE)
			assert_true(space_holds(s, set, p.at));
	}
}

static void witness_is_the_most_readable(void **state)
{
	struct space *s = *state;
	const struct ip_range ranges[] = { { 1, 100 }, { 400, 500 }, { 600, 700 } };
	struct space_point p;

	for (int i = 0; i < 3; i++)
		space_cut(s, SPACE_PORT, ranges[i]);
	space_freeze(s);
	bdd_t set = space_set(s, SPACE_PORT, ranges, 3, BDD_TRUE);

	assert_true(space_witness(s, set, taste, p.at));
	assert_true(p.at[SPACE_PORT] == 443);
	set = bdd_diff(space_bdd(s), set, space_range(s, SPACE_PORT, ranges[1], BDD_TRUE));
	assert_true(space_witness(s, set, taste, p.at));
	assert_true(p.at[SPACE_PORT] == 1);
}

static void witness_of_nothing_is_none(void **state)
{
	struct space *s = *state;
	struct space_point p;

	space_freeze(s);
	assert_false(space_witness(s, BDD_FALSE, taste, p.at));
	assert_false(space_witness(s, BDD_NONE, taste, p.at));
}

/* ---- limits ---- */

static void space_out_of_nodes_concludes_nothing(void **state)
{
	struct space *s = space_new(200);
	struct cube cubes[CUBES];
	bdd_t any = BDD_FALSE;
	const struct space_part *parts;
	struct space_point p;

	(void)state;
	for (uint32_t i = 0; i < CUBES; i++) {
		cubes[i] = draw_cube();
		cut_cube(s, &cubes[i]);
	}
	space_freeze(s);
	for (uint32_t i = 0; i < CUBES; i++)
		any = bdd_or(space_bdd(s), any, set_of(s, &cubes[i]));
	assert_true(space_failed(s));
	assert_int_equal(any, BDD_NONE);
	assert_int_equal(space_parts(s, any, SPACE_PORT, &parts), 0);
	assert_false(space_witness(s, any, taste, p.at));
	assert_false(space_holds(s, any, p.at));
	assert_int_equal(set_of(s, &cubes[0]), BDD_NONE);
	space_reset(s);
	assert_false(space_failed(s));
	space_free(s);
}

/* ---- fields of one's own ---- */

static void whole_field_range_is_what_its_bits_say(void **state)
{
	struct space *s = space_new_bare(0);
	uint32_t other = space_add(s, 100, false), f = space_add(s, 0xffffffff, true);
	const struct ip_range r = { 0x00040001, 0x8000ffff };

	(void)state;
	assert_int_equal(space_bits(s), 0);
	space_cut(s, other, (struct ip_range){ 10, 20 });
	space_freeze(s);
	assert_int_equal(space_bits(s), 34);
	bdd_t range = space_range(s, f, r, BDD_TRUE);

	for (int i = 0; i < 2000; i++) {
		ip_t at[2] = { [0] = draw(101), [1] = (uint32_t)draw64() };

		assert_int_equal(space_holds(s, range, at), ip_in(r, at[1]));
		for (uint32_t bit = 0; bit < 32; bit++)
			assert_int_equal(space_holds(s, space_bit(s, f, bit), at),
					 at[1] >> bit & 1);
	}
	space_free(s);
}

static void whole_field_witness_is_the_least_value(void **state)
{
	struct space *s = space_new_bare(0);
	uint32_t f = space_add(s, 0xffffffff, true);
	ip_t at[1];

	(void)state;
	space_freeze(s);
	bdd_t set = bdd_and(space_bdd(s), space_bit(s, f, 30), space_bit(s, f, 3));

	assert_true(space_witness(s, set, taste, at));
	assert_true(at[0] == 0x40000008);
	space_free(s);
}

static void space_with_too_many_bits_concludes_nothing(void **state)
{
	struct space *s = space_new_bare(0);
	uint32_t f = 0;

	(void)state;
	for (uint32_t i = 0; i < BDD_VARIABLES_MAX / 32 + 1; i++)
		f = space_add(s, 0xffffffff, true);
	space_freeze(s);
	assert_true(space_failed(s));
	assert_int_equal(space_bit(s, f, 0), BDD_NONE);
	space_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_space, close_space)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sets_hold_what_their_ranges_hold),
		TEST(range_of_everything_takes_no_node),
		TEST(axis_nobody_cuts_takes_no_variable),
		TEST(set_of_no_range_is_empty),
		TEST(set_of_ranges_is_the_union),
		TEST(switch_gives_each_range_its_own),
		TEST(forget_leaves_no_trace_of_the_field),
		TEST(parts_make_up_the_set),
		TEST(parts_of_neighbours_alike_are_joined),
		TEST(size_agrees_with_counting_one_by_one),
		TEST(size_beyond_128_bits_says_so),
		TEST(size_counts_the_fields_asked_for),
		TEST(size_of_nothing_is_zero),
		TEST(witness_is_in_the_set),
		TEST(witness_is_the_most_readable),
		TEST(witness_of_nothing_is_none),
		TEST(space_out_of_nodes_concludes_nothing),
		cmocka_unit_test(whole_field_range_is_what_its_bits_say),
		cmocka_unit_test(whole_field_witness_is_the_least_value),
		cmocka_unit_test(space_with_too_many_bits_concludes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
