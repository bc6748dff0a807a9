/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sets against truth tables (every vector of ten variables) and, where tables end, against BuDDy. Its
 * functions are called as ours are, so it is opened at run time and never linked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rules/prove/bdd.h"

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 20) % below);
}

/* ---- truth tables ---- */

#define VARIABLES 10u
#define ROWS (1u << VARIABLES)

struct table {
	uint64_t bits[ROWS / 64];
};

static bool row(const struct table *t, uint32_t i)
{
	return t->bits[i / 64] >> i % 64 & 1;
}

static void set_row(struct table *t, uint32_t i, bool one)
{
	if (one)
		t->bits[i / 64] |= UINT64_C(1) << i % 64;
}

/* Variable 0 is the most significant bit of a row's number. */
static bool is_one(uint32_t row_number, uint32_t var)
{
	return row_number >> (VARIABLES - 1 - var) & 1;
}

static struct table table_of_variable(uint32_t var)
{
	struct table t = { { 0 } };

	for (uint32_t i = 0; i < ROWS; i++)
		set_row(&t, i, is_one(i, var));
	return t;
}

static bool member(const struct bdd *b, bdd_t set, uint32_t row_number)
{
	while (!bdd_is_leaf(set))
		set = is_one(row_number, bdd_var(b, set)) ? bdd_hi(b, set) : bdd_lo(b, set);
	return set == BDD_TRUE;
}

static void assert_is_table(const struct bdd *b, bdd_t set, const struct table *t)
{
	for (uint32_t i = 0; i < ROWS; i++)
		assert_int_equal(member(b, set, i), row(t, i));
}

/* A pool of sets and their tables that operations are drawn from. */
#define POOL 64u

struct pool {
	struct bdd *b;
	bdd_t sets[POOL];
	struct table tables[POOL];
};

static void fill(struct pool *p)
{
	for (uint32_t i = 0; i < POOL; i++) {
		p->sets[i] = bdd_node(p->b, i % VARIABLES, BDD_FALSE, BDD_TRUE);
		p->tables[i] = table_of_variable(i % VARIABLES);
		if (i & 16)
			p->sets[i] = bdd_not(p->sets[i]);
		for (uint32_t w = 0; (i & 16) && w < ROWS / 64; w++)
			p->tables[i].bits[w] = ~p->tables[i].bits[w];
	}
}

enum operation { AND, OR, XOR, DIFF, ITE, OPERATIONS };

static void operate(struct pool *p, enum operation op, uint32_t to, uint32_t x, uint32_t y,
		    uint32_t z)
{
	const struct table a = p->tables[x], c = p->tables[y], d = p->tables[z];
	const bdd_t f = p->sets[x], g = p->sets[y], h = p->sets[z];
	const bdd_t results[OPERATIONS] = {
		[AND] = bdd_and(p->b, f, g),    [OR] = bdd_or(p->b, f, g),
		[XOR] = bdd_xor(p->b, f, g),    [DIFF] = bdd_diff(p->b, f, g),
		[ITE] = bdd_ite(p->b, f, g, h),
	};

	p->sets[to] = results[op];
	for (uint32_t w = 0; w < ROWS / 64; w++) {
		uint64_t m = a.bits[w], n = c.bits[w], o = d.bits[w];
		const uint64_t words[OPERATIONS] = {
			[AND] = m & n,
			[OR] = m | n,
			[XOR] = m ^ n,
			[DIFF] = m & ~n,
			[ITE] = (m & n) | (~m & o),
		};

		p->tables[to].bits[w] = words[op];
	}
}

static void random_operations_agree_with_truth_tables(void **state)
{
	struct pool p = { .b = bdd_new(0) };

	(void)state;
	assert_non_null(p.b);
	seed = 20260401;
	for (uint32_t round = 0; round < 20; round++) {
		bdd_reset(p.b);
		fill(&p);
		for (uint32_t i = 0; i < 500; i++) {
			uint32_t to = draw(POOL);

			operate(&p, (enum operation)draw(OPERATIONS), to, draw(POOL), draw(POOL),
				draw(POOL));
			if (i % 10 == 0)
				assert_is_table(p.b, p.sets[to], &p.tables[to]);
		}
		for (uint32_t i = 0; i < POOL; i++)
			assert_is_table(p.b, p.sets[i], &p.tables[i]);
	}
	bdd_free(p.b);
}

static void equal_sets_have_one_name(void **state)
{
	struct pool p = { .b = bdd_new(0) };

	(void)state;
	seed = 7;
	fill(&p);
	for (uint32_t i = 0; i < 5000; i++)
		operate(&p, (enum operation)draw(OPERATIONS), draw(POOL), draw(POOL), draw(POOL),
			draw(POOL));
	for (uint32_t i = 0; i < POOL; i++)
		for (uint32_t k = 0; k < POOL; k++)
			assert_int_equal(p.sets[i] == p.sets[k],
					 !memcmp(&p.tables[i], &p.tables[k], sizeof(p.tables[0])));
	bdd_free(p.b);
}

static void implies_agrees_with_truth_tables(void **state)
{
	struct pool p = { .b = bdd_new(0) };

	(void)state;
	seed = 11;
	fill(&p);
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t x = draw(POOL), y = draw(POOL);
		bool inside = true;

		operate(&p, (enum operation)draw(OPERATIONS), draw(POOL), draw(POOL), draw(POOL),
			draw(POOL));
		for (uint32_t w = 0; w < ROWS / 64; w++)
			inside &= !(p.tables[x].bits[w] & ~p.tables[y].bits[w]);
		assert_int_equal(bdd_implies(p.b, p.sets[x], p.sets[y]), inside);
	}
	bdd_free(p.b);
}

static struct table forget(const struct table *t, uint32_t first, uint32_t end)
{
	struct table r = *t;

	for (uint32_t var = first; var < end; var++) {
		struct table before = r;

		for (uint32_t i = 0; i < ROWS; i++)
			set_row(&r, i, row(&before, i ^ 1u << (VARIABLES - 1 - var)));
	}
	return r;
}

static void exists_agrees_with_truth_tables(void **state)
{
	struct pool p = { .b = bdd_new(0) };

	(void)state;
	seed = 13;
	fill(&p);
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t x = draw(POOL), first = draw(VARIABLES);
		uint32_t end = first + draw(VARIABLES - first + 1);
		struct table t = forget(&p.tables[x], first, end);

		assert_is_table(p.b, bdd_exists(p.b, p.sets[x], first, end), &t);
		operate(&p, (enum operation)draw(OPERATIONS), draw(POOL), draw(POOL), draw(POOL),
			draw(POOL));
	}
	bdd_free(p.b);
}

static void or_all_of_any_number_is_the_union(void **state)
{
	struct pool p = { .b = bdd_new(0) };
	bdd_t sets[VARIABLES];

	(void)state;
	fill(&p);
	for (uint32_t n = 0; n <= VARIABLES; n++) {
		bdd_t one_by_one = BDD_FALSE;

		for (uint32_t i = 0; i < n; i++) {
			sets[i] = bdd_and(p.b, p.sets[i], p.sets[(i + 3) % VARIABLES]);
			one_by_one = bdd_or(p.b, one_by_one, sets[i]);
		}
		assert_int_equal(bdd_or_all(p.b, sets, n), one_by_one);
	}
	bdd_free(p.b);
}

static void node_of_one_child_is_the_child(void **state)
{
	struct bdd *b = bdd_new(0);
	bdd_t x = bdd_node(b, 3, BDD_FALSE, BDD_TRUE);

	(void)state;
	assert_int_equal(bdd_node(b, 1, x, x), x);
	assert_int_equal(bdd_node(b, 3, BDD_TRUE, BDD_FALSE), bdd_not(x));
	assert_int_equal(bdd_nodes(b), 2);
	bdd_free(b);
}

/* ---- limits ---- */

/* x0 & x1 | x2 & x3 | ... with the pairs far apart: exponential in this order. */
static bdd_t large_set(struct bdd *b, uint32_t pairs)
{
	bdd_t set = BDD_FALSE;

	for (uint32_t i = 0; i < pairs; i++) {
		bdd_t x = bdd_node(b, i, BDD_FALSE, BDD_TRUE);
		bdd_t y = bdd_node(b, pairs + i, BDD_FALSE, BDD_TRUE);

		set = bdd_or(b, set, bdd_and(b, x, y));
	}
	return set;
}

static void nodes_beyond_the_limit_are_unknown(void **state)
{
	struct bdd *b = bdd_new(1000);
	bdd_t set = large_set(b, 16);

	(void)state;
	assert_int_equal(set, BDD_NONE);
	assert_true(bdd_failed(b));
	assert_true(bdd_nodes(b) <= 1000);
	bdd_free(b);
}

static void unknown_set_makes_every_answer_unknown(void **state)
{
	struct bdd *b = bdd_new(1000);
	bdd_t x = bdd_node(b, 0, BDD_FALSE, BDD_TRUE);

	(void)state;
	large_set(b, 16);
	assert_int_equal(bdd_and(b, x, BDD_NONE), BDD_NONE);
	assert_int_equal(bdd_and(b, BDD_FALSE, BDD_NONE), BDD_NONE);
	assert_int_equal(bdd_or(b, BDD_TRUE, BDD_NONE), BDD_NONE);
	assert_int_equal(bdd_xor(b, BDD_NONE, x), BDD_NONE);
	assert_int_equal(bdd_diff(b, BDD_FALSE, BDD_NONE), BDD_NONE);
	assert_int_equal(bdd_ite(b, x, BDD_NONE, BDD_FALSE), BDD_NONE);
	assert_int_equal(bdd_exists(b, BDD_NONE, 0, 1), BDD_NONE);
	assert_int_equal(bdd_not(BDD_NONE), BDD_NONE);
	assert_int_equal(bdd_node(b, 0, BDD_NONE, BDD_TRUE), BDD_NONE);
	assert_false(bdd_implies(b, BDD_NONE, BDD_TRUE));
	assert_false(bdd_implies(b, BDD_FALSE, BDD_NONE));
	bdd_free(b);
}

static void failed_session_implies_nothing(void **state)
{
	struct bdd *b = bdd_new(1000);

	(void)state;
	large_set(b, 16);
	assert_false(bdd_implies(b, BDD_FALSE, BDD_TRUE));
	bdd_free(b);
}

static void reset_forgets_nodes_and_failure(void **state)
{
	struct bdd *b = bdd_new(1000);

	(void)state;
	large_set(b, 16);
	uint32_t peak = bdd_peak(b);

	bdd_reset(b);
	assert_false(bdd_failed(b));
	assert_int_equal(bdd_nodes(b), 1);
	assert_int_equal(bdd_peak(b), peak);
	assert_int_not_equal(large_set(b, 4), BDD_NONE);
	bdd_free(b);
}

/* ---- BuDDy ---- */

#define BUDDY_VARIABLES 22

enum { BUDDY_AND = 0, BUDDY_XOR = 1, BUDDY_OR = 2, BUDDY_DIFF = 7 }; /* bddop_* of its header */

struct buddy {
	void *library;
	int (*init)(int, int);
	int (*setvarnum)(int);
	void *(*gbc_hook)(void *);
	int (*ithvar)(int);
	int (*addref)(int);
	int (*apply)(int, int, int);
	int (*ite)(int, int, int);
	double (*satcount)(int);
	void (*done)(void);
};

static void load(struct buddy *y, const char *name, void *function)
{
	void *found = dlsym(y->library, name);

	assert_non_null(found);
	memcpy(function, &found, sizeof(found));
}

static int open_buddy(void **state)
{
	static struct buddy y;

	y.library = dlopen("libbdd.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!y.library)
		return -1;
	load(&y, "bdd_init", &y.init);
	load(&y, "bdd_setvarnum", &y.setvarnum);
	load(&y, "bdd_gbc_hook", &y.gbc_hook);
	load(&y, "bdd_ithvar", &y.ithvar);
	load(&y, "bdd_addref", &y.addref);
	load(&y, "bdd_apply", &y.apply);
	load(&y, "bdd_ite", &y.ite);
	load(&y, "bdd_satcount", &y.satcount);
	load(&y, "bdd_done", &y.done);
	y.init(1000000, 100000);
	y.setvarnum(BUDDY_VARIABLES);
	y.gbc_hook(NULL); /* which would print */
	*state = &y;
	return 0;
}

static int close_buddy(void **state)
{
	struct buddy *y = *state;

	y->done();
	dlclose(y->library);
	return 0;
}

/* The share of all vectors that a set holds, over however many variables. */
static double share(const struct bdd *b, bdd_t set)
{
	if (bdd_is_leaf(set))
		return set;
	return (share(b, bdd_lo(b, set)) + share(b, bdd_hi(b, set))) / 2;
}

static void random_operations_agree_with_buddy(void **state)
{
	static const int codes[] = { BUDDY_AND, BUDDY_OR, BUDDY_XOR, BUDDY_DIFF };
	struct buddy *y = *state;
	struct bdd *b = bdd_new(0);
	bdd_t ours[BUDDY_VARIABLES];
	int theirs[BUDDY_VARIABLES];

	seed = 3;
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t to = i, m = draw(BUDDY_VARIABLES), n = draw(BUDDY_VARIABLES);
		uint32_t o = draw(BUDDY_VARIABLES), op = draw(5);

		if (i < BUDDY_VARIABLES || draw(3) == 0) { /* keeps them from growing without end */
			to = i < BUDDY_VARIABLES ? i : draw(BUDDY_VARIABLES);
			ours[to] = bdd_node(b, to, BDD_FALSE, BDD_TRUE);
			theirs[to] = y->ithvar((int)to);
			continue;
		}
		to = draw(BUDDY_VARIABLES);
		const bdd_t made[] = { bdd_and(b, ours[m], ours[n]), bdd_or(b, ours[m], ours[n]),
				       bdd_xor(b, ours[m], ours[n]), bdd_diff(b, ours[m], ours[n]),
				       bdd_ite(b, ours[m], ours[n], ours[o]) };

		ours[to] = made[op];
		theirs[to] = y->addref(op < 4 ? y->apply(theirs[m], theirs[n], codes[op])
					      : y->ite(theirs[m], theirs[n], theirs[o]));
		assert_true(fabs(share(b, ours[to]) -
				 ldexp(y->satcount(theirs[to]), -BUDDY_VARIABLES)) < 1e-9);
	}
	assert_false(bdd_failed(b));
	bdd_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_agree_with_truth_tables),
		cmocka_unit_test(equal_sets_have_one_name),
		cmocka_unit_test(implies_agrees_with_truth_tables),
		cmocka_unit_test(exists_agrees_with_truth_tables),
		cmocka_unit_test(or_all_of_any_number_is_the_union),
		cmocka_unit_test(node_of_one_child_is_the_child),
		cmocka_unit_test(nodes_beyond_the_limit_are_unknown),
		cmocka_unit_test(unknown_set_makes_every_answer_unknown),
		cmocka_unit_test(failed_session_implies_nothing),
		cmocka_unit_test(reset_forgets_nodes_and_failure),
		cmocka_unit_test_setup_teardown(random_operations_agree_with_buddy, open_buddy,
						close_buddy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
