/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/apply/store.h"
#include "daemon/clock.h"
#include "daemon/conf.h"

#define NOW 1795305600ll

static int make_directory(void **state)
{
	char *path = strdup("/tmp/sekimori-clock.XXXXXX");

	if (!path || !mkdtemp(path))
		return -1;
	*state = path;
	return 0;
}

static int remove_directory(void **state)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/clock", (char *)*state);
	remove(path);
	remove(*state);
	free(*state);
	return 0;
}

static void write_file(const char *directory, const char *bytes)
{
	struct store s;

	assert_int_equal(store_open(&s, directory, false), 0);
	assert_int_equal(store_write(&s, "clock", bytes, strlen(bytes)), 0);
	store_close(&s);
}

static void verdict_kernel_says_unsynchronised_is_not_right(void **state)
{
	(void)state;
	assert_int_equal(clock_verdict(false, false, NOW, 0), CLOCK_UNSYNCHRONISED);
	assert_int_equal(clock_verdict(false, false, NOW, NOW), CLOCK_UNSYNCHRONISED);
	assert_int_equal(clock_verdict(false, true, NOW, NOW), CLOCK_RIGHT);
}

static void verdict_settings_trust_it_is_right(void **state)
{
	(void)state;
	assert_int_equal(clock_verdict(true, false, NOW, 0), CLOCK_RIGHT);
	assert_int_equal(clock_verdict(true, false, NOW, NOW - 1), CLOCK_RIGHT);
}

static void verdict_before_what_has_been_is_never_right(void **state)
{
	(void)state;
	assert_int_equal(clock_verdict(true, false, 0, NOW), CLOCK_BEHIND);
	assert_int_equal(clock_verdict(true, true, NOW - CLOCK_NOTE_SECONDS - 1, NOW),
			 CLOCK_BEHIND);
	assert_int_equal(clock_verdict(true, true, NOW - CLOCK_NOTE_SECONDS, NOW), CLOCK_RIGHT);
}

static void known_is_the_last_one_noted(void **state)
{
	assert_int_equal(clock_known(*state), 0);
	assert_int_equal(clock_note(*state, NOW), 0);
	assert_int_equal(clock_note(*state, NOW + 60), 0);
	assert_int_equal(clock_known(*state), NOW + 60);
}

static void known_damaged_file_is_none(void **state)
{
	static const char *const files[] = { "",
					     "\n",
					     "yesterday\n",
					     "-5\n",
					     "1795305600",
					     "1795305600 \n",
					     "99999999999999999999999999999999999999\n" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		write_file(*state, files[i]);
		assert_int_equal(clock_known(*state), 0);
	}
}

static void known_without_a_directory_is_none(void **state)
{
	(void)state;
	assert_int_equal(clock_known("/nonexistent/sekimori"), 0);
	assert_true(clock_note("/nonexistent/sekimori", NOW) < 0);
}

static struct conf trusting(const char *directory)
{
	struct conf conf = { .clock = CLOCK_TRUSTED };

	snprintf(conf.state_directory, sizeof(conf.state_directory), "%s", directory);
	return conf;
}

static void judge_trusted_clock_before_the_noted_time_is_behind(void **state)
{
	const struct conf conf = trusting(*state);

	assert_int_equal(clock_judge(&conf, NOW), CLOCK_RIGHT);
	clock_note(*state, NOW);
	assert_int_equal(clock_judge(&conf, NOW - 86400), CLOCK_BEHIND);
}

static void keep_nothing_known_is_kept(void **state)
{
	const struct conf conf = trusting(*state);

	assert_int_equal(clock_keep(&conf, NOW), CLOCK_NOTE_SECONDS);
	assert_int_equal(clock_known(*state), NOW);
}

static void keep_while_somebody_notes_each_minute_waits(void **state)
{
	const struct conf conf = trusting(*state);

	clock_note(*state, NOW);
	assert_int_equal(clock_keep(&conf, NOW + CLOCK_NOTE_SECONDS), CLOCK_LATE_SECONDS);
	assert_int_equal(clock_known(*state), NOW);
}

static void keep_when_nobody_noted_is_kept(void **state)
{
	const struct conf conf = trusting(*state);
	const int64_t late = NOW + CLOCK_NOTE_SECONDS + CLOCK_LATE_SECONDS;

	clock_note(*state, NOW);
	assert_int_equal(clock_keep(&conf, late), CLOCK_NOTE_SECONDS);
	assert_int_equal(clock_known(*state), late);
}

static void keep_before_what_has_been_never_goes_back(void **state)
{
	const struct conf conf = trusting(*state);

	clock_note(*state, NOW);
	assert_true(clock_keep(&conf, NOW - 1) > 0);
	assert_true(clock_keep(&conf, NOW - 365 * 86400) > 0);
	assert_int_equal(clock_known(*state), NOW);
}

#define IN_DIRECTORY(T) cmocka_unit_test_setup_teardown(T, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_kernel_says_unsynchronised_is_not_right),
		cmocka_unit_test(verdict_settings_trust_it_is_right),
		cmocka_unit_test(verdict_before_what_has_been_is_never_right),
		IN_DIRECTORY(known_is_the_last_one_noted),
		IN_DIRECTORY(known_damaged_file_is_none),
		cmocka_unit_test(known_without_a_directory_is_none),
		IN_DIRECTORY(judge_trusted_clock_before_the_noted_time_is_behind),
		IN_DIRECTORY(keep_nothing_known_is_kept),
		IN_DIRECTORY(keep_while_somebody_notes_each_minute_waits),
		IN_DIRECTORY(keep_when_nobody_noted_is_kept),
		IN_DIRECTORY(keep_before_what_has_been_never_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
