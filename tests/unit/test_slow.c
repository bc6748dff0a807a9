/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/slow.h"
#include "daemon/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR (3600 * (int64_t)1000000000)

static uint64_t mixed(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdu;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53u;
	return x ^ x >> 33;
}

static void sketch_count_is_within_four_standard_errors(void **state)
{
	static const uint32_t sizes[] = { 1, 10, 100, 1000, 20000, 300000 };

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		struct sketch s = { 0 };

		for (uint32_t i = 0; i < sizes[k]; i++)
			sketch_add(&s, mixed(i + 1));
		uint32_t off = sizes[k] * 4 * SKETCH_ERROR_PERCENT / 100 + 1;

		assert_in_range(sketch_count(&s), sizes[k] > off ? sizes[k] - off : 0,
				sizes[k] + off);
	}
}

static void sketch_add_the_same_again_is_not_new(void **state)
{
	struct sketch s = { 0 };

	(void)state;
	assert_true(sketch_add(&s, mixed(5)));
	assert_false(sketch_add(&s, mixed(5)));
	assert_int_equal(sketch_count(&s), 1);
}

static void slow_token_right_ones_in_a_row_are_told_once_and_tenfold(void **state)
{
	struct slow s = { 0 };
	unsigned int told = 0;

	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		assert_false(slow_token(&s, mixed(i + 1), true, false));
	for (uint32_t i = 8; i < 60; i++)
		told += slow_token(&s, mixed(i + 1), true, false);
	assert_int_equal(told, 1);
	for (uint32_t i = 60; i < 300; i++)
		told += slow_token(&s, mixed(i + 1), true, false);
	assert_int_equal(told, 2);
}

static void slow_token_one_number_repeated_is_one(void **state)
{
	struct slow s = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_false(slow_token(&s, mixed(7), true, false));
}

static void slow_token_other_digits_are_not_told(void **state)
{
	(void)state;
	for (uint64_t terminal = 1; terminal <= 200; terminal++) {
		struct slow s = { 0 };

		for (uint64_t i = 0; i < 1000; i++) {
			uint64_t h = mixed(terminal << 32 | i);
			bool round = h % 10 == 0;

			assert_false(slow_token(&s, h, mixed(h) % 11 < (round ? 2u : 1u), round));
		}
	}
}

static void tallies_add_sums_end_with_their_hour_and_day(void **state)
{
	struct tallies *t = tallies_new();
	int64_t midnight = 15 * HOUR; /* in Japan */
	ip_t a = 1;

	(void)state;
	assert_int_equal(tallies_add(t, a, DETECT_MY_NUMBER, 2, midnight).hour, 2);
	assert_int_equal(tallies_add(t, a, DETECT_MY_NUMBER, 3, midnight + 1).hour, 5);
	assert_int_equal(tallies_add(t, a, DETECT_FILES, 1, midnight + 1).hour, 1);
	struct tally_sum s = tallies_add(t, a, DETECT_MY_NUMBER, 1, midnight + HOUR);

	assert_int_equal(s.hour, 1);
	assert_int_equal(s.day, 6);
	assert_int_equal(tallies_add(t, a, DETECT_MY_NUMBER, 1, midnight + 24 * HOUR).day, 1);
	tallies_free(t);
}

static void tallies_add_a_full_table_forgets_who_was_heard_of_longest_ago(void **state)
{
	struct tallies *t = tallies_new();

	(void)state;
	for (uint32_t i = 0; i < TALLY_TERMINALS; i++)
		tallies_add(t, i + 1, DETECT_FILES, 1, i);
	assert_int_equal(tallies_evicted(t), 0);
	tallies_add(t, TALLY_TERMINALS + 1, DETECT_FILES, 1, TALLY_TERMINALS);
	assert_int_equal(tallies_evicted(t), 1);
	assert_int_equal(tallies_add(t, 2, DETECT_FILES, 1, TALLY_TERMINALS).day, 2);
	assert_int_equal(tallies_add(t, 1, DETECT_FILES, 1, TALLY_TERMINALS).day, 1);
	tallies_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sketch_count_is_within_four_standard_errors),
		cmocka_unit_test(sketch_add_the_same_again_is_not_new),
		cmocka_unit_test(slow_token_right_ones_in_a_row_are_told_once_and_tenfold),
		cmocka_unit_test(slow_token_one_number_repeated_is_one),
		cmocka_unit_test(slow_token_other_digits_are_not_told),
		cmocka_unit_test(tallies_add_sums_end_with_their_hour_and_day),
		cmocka_unit_test(tallies_add_a_full_table_forgets_who_was_heard_of_longest_ago),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
