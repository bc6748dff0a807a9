/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* How many bytes it takes until the end has come; 0: it has not. */
static size_t end_of(const char *text, size_t piece)
{
	struct sink_end s = sink_line_start();
	const size_t n = strlen(text);

	for (size_t at = 0; at < n; at += piece)
		if (sink_end_feed(&s, (const uint8_t *)text + at, n - at < piece ? n - at : piece))
			return at + piece < n ? at + piece : n;
	return 0;
}

static void end_is_a_line_of_one_dot(void **state)
{
	static const struct {
		const char *text;
		bool ends;
	} rows[] = {
		{ "a\r\n.\r\n", true },
		{ ".\r\n", true },
		{ "a\r\n\r\n.\r\n", true },
		{ "a\r\r\n.\r\n", true },
		{ "a\r\n.\r\r\n.\r\n", true },
		{ "a\r\n..\r\n", false },
		{ "a\r\n.a\r\n", false },
		{ "a.\r\n", false },
		{ "a\n.\n", false },
		{ "a\r\n.\r", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t piece = 1; piece < 12; piece++)
			assert_int_equal(end_of(rows[i].text, piece) != 0, rows[i].ends);
}

static void end_is_found_at_the_byte_that_makes_it(void **state)
{
	(void)state;
	assert_int_equal(end_of("one\r\n.\r\nQUIT\r\n", 1), 8);
}

static void blank_leaves_line_ends_and_nothing_else(void **state)
{
	char text[] = "a b\r\n.\r\n\x81\xff\n\r.";

	(void)state;
	sink_blank((uint8_t *)text, sizeof(text) - 1);
	assert_string_equal(text, "XXX\r\nX\r\nXX\n\rX");
}

/* Whatever is overwritten holds no end: the server waits for one. */
static void blank_of_an_end_is_none(void **state)
{
	char text[] = "a\r\n.\r\n";

	(void)state;
	sink_blank((uint8_t *)text, sizeof(text) - 1);
	assert_int_equal(end_of(text, 3), 0);
}

static void asked_by_the_last_reply_of_a_packet(void **state)
{
	static const struct {
		const char *text;
		bool asks;
	} rows[] = {
		{ "354 go on\r\n", true },
		{ "250 ok\r\n250 ok\r\n354 go on\r\n", true },
		{ "354 go on\r\n250 ok\r\n", false },
		{ "250 354\r\n", false },
		{ "354", false },
		{ "\n", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(sink_asks((const uint8_t *)rows[i].text, strlen(rows[i].text)),
				 rows[i].asks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(end_is_a_line_of_one_dot),
		cmocka_unit_test(end_is_found_at_the_byte_that_makes_it),
		cmocka_unit_test(blank_leaves_line_ends_and_nothing_else),
		cmocka_unit_test(blank_of_an_end_is_none),
		cmocka_unit_test(asked_by_the_last_reply_of_a_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
