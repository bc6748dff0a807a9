/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/kernel/command.h"
#include "daemon/apply/store.h"
#include "rules/text.h"

static int make_directory(void **state)
{
	char *path = strdup("/tmp/sekimori-store.XXXXXX");

	if (!path || !mkdtemp(path))
		return -1;
	*state = path;
	return 0;
}

static int remove_directory(void **state)
{
	static const char *const names[] = {
		"images/0202020202020202020202020202020202020202020202020"
		"202020202020202.img",
		"images",
		"current",
		"next",
		"numbers",
		"history.jsonl",
		"lock",
		""
	};
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, names[i]);
		remove(path);
	}
	free(*state);
	return 0;
}

static void lock_is_held_by_one(void **state)
{
	struct store a, b;

	assert_int_equal(store_open(&a, *state, true), 0);
	assert_int_equal(store_open(&b, *state, true), -EBUSY);
	assert_int_equal(store_open(&b, *state, false), 0);
	store_close(&b);
	store_close(&a);
	assert_int_equal(store_open(&b, *state, true), 0);
	store_close(&b);
}

static void point_is_read_as_written(void **state)
{
	struct store_point p = { .apply = 7, .now = 1795366659 }, q;
	struct store s;

	memset(p.hash, 2, sizeof(p.hash));
	assert_int_equal(store_open(&s, *state, true), 0);
	assert_int_equal(store_point(&s, "next", &q), -ENOENT);
	assert_int_equal(store_set_point(&s, "next", &p), 0);
	assert_int_equal(store_rename(&s, "next", "current"), 0);
	assert_int_equal(store_point(&s, "next", &q), -ENOENT);
	assert_int_equal(store_point(&s, "current", &q), 0);
	assert_int_equal(q.apply, 7);
	assert_int_equal(q.now, p.now);
	assert_memory_equal(q.hash, p.hash, sizeof(q.hash));
	store_close(&s);
}

static void point_damaged_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"7\n",
		"7 0202 5\n",
		"7 02020202020202020202020202020202020202020202020202020202020202GG 5\n",
		"7 0202020202020202020202020202020202020202020202020202020202020202 5",
	};
	struct store_point q;
	struct store s;

	assert_int_equal(store_open(&s, *state, true), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(store_write(&s, "current", bad[i], strlen(bad[i])), 0);
		assert_int_equal(store_point(&s, "current", &q), -EBADMSG);
	}
	store_close(&s);
}

static void image_is_found_by_its_hash(void **state)
{
	uint8_t hash[SHA256_BYTES];
	struct store s;
	int fd;

	memset(hash, 2, sizeof(hash));
	assert_int_equal(store_open(&s, *state, true), 0);
	assert_int_equal(store_image(&s, hash), -ENOENT);
	assert_int_equal(store_save_image(&s, hash, "image", 5), 0);
	fd = store_image(&s, hash);
	assert_true(fd >= 0);
	close(fd);
	store_close(&s);
}

static void append_only_adds(void **state)
{
	struct store s;
	struct text t = { 0 };

	assert_int_equal(store_open(&s, *state, true), 0);
	assert_int_equal(store_append(&s, "history.jsonl", "a\n", 2), 0);
	assert_int_equal(store_append(&s, "history.jsonl", "b\n", 2), 0);
	assert_int_equal(store_read(&s, "history.jsonl", &t), 0);
	assert_string_equal(t.bytes, "a\nb\n");
	text_done(&t);
	store_close(&s);
}

/* --- running other programs --- */

static void command_passes_text_through(void **state)
{
	static const char *const cat[] = { "cat", NULL };
	struct text out = { 0 }, big = { 0 };

	(void)state;
	for (int i = 0; i < 40000; i++)
		text_puts(&big, "more than a pipe holds at once\n");
	assert_int_equal(command_run(cat, big.bytes, big.len, &out, NULL, 30), 0);
	assert_int_equal(out.len, big.len);
	assert_memory_equal(out.bytes, big.bytes, big.len);
	text_done(&out);
	text_done(&big);
}

static void command_status_and_errors_are_told(void **state)
{
	static const char *const ls[] = { "ls", "/no/such/place", NULL };
	struct text err = { 0 };

	(void)state;
	assert_int_equal(command_run(ls, NULL, 0, NULL, &err, 30), 2);
	assert_non_null(strstr(err.bytes, "/no/such/place"));
	text_done(&err);
}

static void command_missing_is_named(void **state)
{
	static const char *const none[] = { "no-such-program-here", NULL };

	(void)state;
	assert_int_equal(command_run(none, "x", 1, NULL, NULL, 30), -ENOENT);
}

static void command_too_slow_is_killed(void **state)
{
	static const char *const slow[] = { "sleep", "60", NULL };

	(void)state;
	assert_int_equal(command_run(slow, NULL, 0, NULL, NULL, 1), -ETIMEDOUT);
}

static void command_that_reads_nothing_is_no_error(void **state)
{
	static const char *const none[] = { "true", NULL };
	struct text big = { 0 };

	(void)state;
	for (int i = 0; i < 40000; i++)
		text_puts(&big, "more than a pipe holds at once\n");
	assert_int_equal(command_run(none, big.bytes, big.len, NULL, NULL, 30), 0);
	text_done(&big);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lock_is_held_by_one),
		TEST(point_is_read_as_written),
		TEST(point_damaged_is_refused),
		TEST(image_is_found_by_its_hash),
		TEST(append_only_adds),
		cmocka_unit_test(command_passes_text_through),
		cmocka_unit_test(command_status_and_errors_are_told),
		cmocka_unit_test(command_missing_is_named),
		cmocka_unit_test(command_too_slow_is_killed),
		cmocka_unit_test(command_that_reads_nothing_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
