/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/interfaces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct interfaces table;
static uint32_t told; /* how many were, in order */

static void note(void *ctx, uint32_t number, const char *name)
{
	(void)ctx;
	assert_int_equal(number, ++told);
	assert_string_not_equal(name, "");
}

static int setup(void **state)
{
	(void)state;
	told = 0;
	table = (struct interfaces){ .told = note };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	interfaces_done(&table);
	return 0;
}

static void names_are_numbered_as_they_appear(void **state)
{
	(void)state;
	assert_int_equal(interfaces_number(&table, "k0"), 1);
	assert_int_equal(interfaces_number(&table, "l0"), 2);
	assert_int_equal(interfaces_number(&table, "k0"), 1);
	assert_int_equal(told, 2);
}

static void no_name_has_no_number(void **state)
{
	(void)state;
	assert_int_equal(interfaces_number(&table, ""), 0);
	assert_int_equal(told, 0);
}

static void names_past_the_limit_have_no_number(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < INTERFACES_MAX; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		assert_int_equal(interfaces_number(&table, name), i + 1);
	}
	assert_int_equal(interfaces_number(&table, "one more"), 0);
	assert_int_equal(interfaces_number(&table, "k7"), 8);
	assert_int_equal(told, INTERFACES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_numbered_as_they_appear, setup, teardown),
		cmocka_unit_test_setup_teardown(no_name_has_no_number, setup, teardown),
		cmocka_unit_test_setup_teardown(names_past_the_limit_have_no_number, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
