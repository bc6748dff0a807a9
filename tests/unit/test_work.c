/* SPDX-License-Identifier: GPL-3.0-or-later */
/* the names that a conversation asked for */
#include "daemon/work.h"

#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct known *fresh(void)
{
	struct known *k = calloc(1, sizeof *k);

	assert_non_null(k);
	return k;
}

static void names_before_the_last_are_kept_once(void **state)
{
	static const char *const asked[] = { "a.example", "b.example", "a.example",
					     "b.example", "",          "c.example" };
	struct known *k = fresh();

	(void)state;
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		known_name(k, asked[i]);
	assert_string_equal(k->name, "c.example");
	assert_string_equal(k->earlier, "a.example\nb.example");
	known_free(k);
}

static void names_that_begin_alike_are_two(void **state)
{
	struct known *k = fresh();

	(void)state;
	known_name(k, "a.example");
	known_name(k, "a.exampl");
	known_name(k, "a");
	assert_string_equal(k->earlier, "a.example\na.exampl");
	known_free(k);
}

static void names_beyond_the_limits_are_not_kept(void **state)
{
	char name[300];
	struct known *k = fresh();
	unsigned int lines = 1;

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "n%d.example", i);
		known_name(k, name);
	}
	for (const char *p = k->earlier; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, KNOWN_EARLIER_MAX);
	known_free(k);
	k = fresh();
	for (int i = 0; i < 26; i++) {
		memset(name, 'a' + i, 250);
		name[250] = '\0';
		known_name(k, name);
	}
	assert_true(strlen(k->earlier) < KNOWN_EARLIER_BYTES);
	known_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_before_the_last_are_kept_once),
		cmocka_unit_test(names_that_begin_alike_are_two),
		cmocka_unit_test(names_beyond_the_limits_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
