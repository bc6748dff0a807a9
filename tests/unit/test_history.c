/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/apply.h"
#include "daemon/apply/history.h"
#include "daemon/apply/proposal.h"
#include "daemon/apply/store.h"
#include "rules/text.h"

#define HASH_A "0101010101010101010101010101010101010101010101010101010101010101"
#define HASH_B "0202020202020202020202020202020202020202020202020202020202020202"

struct rig {
	char path[64];
	struct store store;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	strcpy(r->path, "/tmp/sekimori-history.XXXXXX");
	assert_non_null(mkdtemp(r->path));
	assert_int_equal(store_open(&r->store, r->path, true), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {
		"images", "lock", "room", HISTORY_FILE, "waiting", ""
	};
	struct rig *r = *state;
	char path[128];

	store_close(&r->store);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", r->path, names[i]);
		remove(path);
	}
	free(r);
	return 0;
}

static void append(struct rig *r, const char *act, const char *result, uint32_t apply,
		   const char *policy, uint32_t within)
{
	const struct history_entry e = {
		.now = 1795366659,
		.act = act,
		.result = result,
		.apply = apply,
		.who = "alice",
		.uid = 2001,
		.login = APPLY_NOBODY,
		.reason = "年度末 \"quoted\" \\ back",
		.policy = policy,
		.within = within,
		.diff = "{\"result\":\"loosening\",\"entries\":[{\"seq\":99}]}"
	};

	assert_int_equal(history_append(&r->store, &e), 0);
}

static int open_file(const struct rig *r)
{
	int fd = openat(r->store.dir, HISTORY_FILE, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int faults(const struct rig *r)
{
	int fd = open_file(r), n = history_each(fd, NULL, NULL);

	close(fd);
	return n;
}

static void keep_last(void *ctx, const char *line, enum history_fault fault)
{
	(void)fault;
	snprintf(ctx, HISTORY_LINE, "%s", line);
}

static void line_is_read_as_written(void **state)
{
	struct rig *r = *state;
	char line[HISTORY_LINE], text[80];
	int fd;

	append(r, "apply", "in-force", 7, HASH_A, 600);
	fd = open_file(r);
	assert_int_equal(history_each(fd, keep_last, line), 0);
	close(fd);
	assert_string_equal(history_text(line, "reason", text, sizeof(text)),
			    "年度末 \"quoted\" \\ back");
	assert_string_equal(history_text(line, "policy", text, sizeof(text)), HASH_A);
	assert_int_equal(history_number(line, "seq"), 1);
	assert_int_equal(history_number(line, "apply"), 7);
	assert_int_equal(history_number(line, "confirm_within"), 600);
	assert_string_equal(history_text(line, "entries", text, sizeof(text)), "");
	assert_string_equal(history_text(line, "login", text, sizeof(text)), "");
}

static void chain_of_many_lines_is_whole(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 1; i <= 20; i++)
		append(r, "apply", "in-force", i, i % 2 ? HASH_A : HASH_B, 0);
	assert_int_equal(faults(r), 0);
}

/* Every byte of the middle line: whatever is changed shows. */
static void chain_with_a_changed_byte_shows(void **state)
{
	struct rig *r = *state;
	struct text t = { 0 };

	for (uint32_t i = 1; i <= 3; i++)
		append(r, "apply", "in-force", i, HASH_A, 0);
	assert_int_equal(store_read(&r->store, HISTORY_FILE, &t), 0);
	size_t begin = (size_t)(strchr(t.bytes, '\n') - t.bytes) + 1;
	size_t end = (size_t)(strchr(t.bytes + begin, '\n') - t.bytes);

	for (size_t at = begin; at <= end; at++) {
		t.bytes[at] ^= 1;
		assert_int_equal(store_write(&r->store, HISTORY_FILE, t.bytes, t.len), 0);
		assert_true(faults(r) > 0);
		t.bytes[at] ^= 1;
	}
	text_done(&t);
}

static void chain_with_a_line_less_shows(void **state)
{
	struct rig *r = *state;
	struct text t = { 0 };

	for (uint32_t i = 1; i <= 3; i++)
		append(r, "apply", "in-force", i, HASH_A, 0);
	assert_int_equal(store_read(&r->store, HISTORY_FILE, &t), 0);
	char *second = strchr(t.bytes, '\n') + 1;

	assert_int_equal(store_write(&r->store, HISTORY_FILE, second, strlen(second)), 0);
	assert_true(faults(r) > 0);
	text_done(&t);
}

static void line_after_a_torn_one_goes_on(void **state)
{
	struct rig *r = *state;

	append(r, "apply", "in-force", 1, HASH_A, 0);
	assert_int_equal(store_append(&r->store, HISTORY_FILE, "{\"seq\":2,\"act", 13), 0);
	append(r, "apply", "in-force", 2, HASH_B, 0);
	assert_int_equal(faults(r), 1);
	append(r, "apply", "in-force", 3, HASH_B, 0);
	assert_int_equal(faults(r), 1);
}

static void policy_before_is_the_last_confirmed_other_one(void **state)
{
	struct rig *r = *state;
	char hex[65];

	assert_int_equal(history_policy(&r->store, 0, HASH_A, hex), -ENOENT);
	append(r, "apply", "in-force", 1, HASH_A, 0);
	assert_int_equal(history_policy(&r->store, 0, HASH_A, hex), -ENOENT);
	append(r, "apply", "refused", 0, HASH_B, 0);
	append(r, "apply", "in-force", 2, HASH_B, 600);
	assert_int_equal(history_policy(&r->store, 0, HASH_A, hex), -ENOENT);
	append(r, "confirm", "in-force", 2, HASH_B, 0);
	assert_int_equal(history_policy(&r->store, 0, HASH_A, hex), 0);
	assert_string_equal(hex, HASH_B);
	assert_int_equal(history_policy(&r->store, 0, HASH_B, hex), 0);
	assert_string_equal(hex, HASH_A);
	assert_int_equal(history_policy(&r->store, 2, HASH_A, hex), 0);
	assert_string_equal(hex, HASH_B);
	assert_int_equal(history_policy(&r->store, 9, HASH_A, hex), -ENOENT);
}

static void value_of_damaged_lines_is_nothing(void **state)
{
	static const char *const bad[] = { "",
					   "{",
					   "x",
					   "{\"a",
					   "{\"a\"",
					   "{\"a\"}",
					   "{\"b\":",
					   "{\"b\":{\"a\":1",
					   "{\"b\":\"\\",
					   "[1,2",
					   "{a:1}",
					   "{\"b\":1;\"a\":2}" };
	char text[8];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(history_text(bad[i], "a", text, sizeof(text)), "");
		assert_int_equal(history_number(bad[i], "a"), 0);
	}
}

/* --- a change that waits --- */

static struct proposal some_proposal(void)
{
	struct proposal p = { .policy = HASH_A,
			      .who = "alice",
			      .uid = 2001,
			      .login = APPLY_NOBODY,
			      .reason = "連携 \"renkei\"",
			      .within = 600 };

	return p;
}

static void proposal_is_read_as_written(void **state)
{
	struct proposal p = some_proposal(), q;
	struct rig *r = *state;

	assert_int_equal(proposal_read(&r->store, &q), -ENOENT);
	assert_int_equal(proposal_write(&r->store, &p), 0);
	assert_int_equal(proposal_read(&r->store, &q), 0);
	assert_string_equal(q.policy, p.policy);
	assert_string_equal(q.reason, p.reason);
	assert_int_equal(q.uid, 2001);
	assert_int_equal(q.login, APPLY_NOBODY);
	assert_int_equal(q.within, 600);
	assert_string_equal(q.approved_by, "");
	assert_int_equal(proposal_forget(&r->store), 0);
	assert_int_equal(proposal_read(&r->store, &q), -ENOENT);
}

static void rewrite(struct rig *r, const char *from, const char *to)
{
	struct text t = { 0 };
	char *at;

	assert_int_equal(store_read(&r->store, "waiting", &t), 0);
	at = strstr(t.bytes, from);
	assert_non_null(at);
	memcpy(at, to, strlen(to));
	assert_int_equal(store_write(&r->store, "waiting", t.bytes, t.len), 0);
	text_done(&t);
}

static void proposal_of_another_boot_is_void(void **state)
{
	struct proposal p = some_proposal(), q;
	struct rig *r = *state;

	assert_int_equal(proposal_write(&r->store, &p), 0);
	rewrite(r, p.boot, "00000000-0000-0000-0000-000000000000");
	assert_int_equal(proposal_read(&r->store, &q), -ENOENT);
}

static void proposal_that_has_ended_is_void(void **state)
{
	struct proposal p = some_proposal(), q;
	struct rig *r = *state;

	assert_int_equal(proposal_write(&r->store, &p), 0);
	rewrite(r, "\"until\":", "\"until\":0,\"x\":");
	assert_int_equal(proposal_read(&r->store, &q), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(line_is_read_as_written),
		TEST(chain_of_many_lines_is_whole),
		TEST(chain_with_a_changed_byte_shows),
		TEST(chain_with_a_line_less_shows),
		TEST(line_after_a_torn_one_goes_on),
		TEST(policy_before_is_the_last_confirmed_other_one),
		cmocka_unit_test(value_of_damaged_lines_is_nothing),
		TEST(proposal_is_read_as_written),
		TEST(proposal_of_another_boot_is_void),
		TEST(proposal_that_has_ended_is_void),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
