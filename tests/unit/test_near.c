/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/near.h"

static size_t distance(const char *a, const char *b)
{
	return near_distance(a, strlen(a), b, strlen(b));
}

static const char *guess(const char *word)
{
	static const char *const words[] = { "permit", "profile", "deny", "zone", "model" };
	struct near n = near_to(word, strlen(word));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		near_try(&n, words[i]);
	return near_best(&n);
}

static void distance_of_one_slip_is_one(void **state)
{
	(void)state;
	assert_int_equal(distance("zone", "zone"), 0);
	assert_int_equal(distance("zone", "zon"), 1);
	assert_int_equal(distance("zone", "zonee"), 1);
	assert_int_equal(distance("zone", "zome"), 1);
	assert_int_equal(distance("zone", "znoe"), 1);
	assert_int_equal(distance("", "ab"), 2);
}

static void guess_of_a_slip_is_the_word(void **state)
{
	(void)state;
	assert_string_equal(guess("pemrit"), "permit");
	assert_string_equal(guess("modle"), "model");
	assert_string_equal(guess("zones"), "zone");
}

static void guess_of_something_else_is_none(void **state)
{
	(void)state;
	assert_null(guess("frobnicate"));
	assert_null(guess(""));
	assert_null(guess("x"));
}

static void guess_of_a_hostile_word_is_none(void **state)
{
	char word[100000];

	(void)state;
	memset(word, 'p', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(guess(word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_of_one_slip_is_one),
		cmocka_unit_test(guess_of_a_slip_is_the_word),
		cmocka_unit_test(guess_of_something_else_is_none),
		cmocka_unit_test(guess_of_a_hostile_word_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
