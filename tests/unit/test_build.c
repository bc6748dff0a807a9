/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits, lack of memory, and what a policy text may not reach: the parts no golden file can hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/build.h"
#include "rules/diag_text.h"
#include "rules/lang/files.h"
#include "rules/lang/holes.h"
#include "rules/lang/parse.h"
#include "rules/text.h"
#include "tests/unit/support.h"

static const char town[] =
	"model alpha;\n"
	"hole mac { label \"m\"; example 02:00:00:00:00:09; }\n"
	"value mac 02:00:00:10:01:10, 02:00:00:10:01:11;\n"
	"zone kikan { label \"基幹\"; role mynumber; interface \"eth1\"; network 10.10.0.0/16; }\n"
	"zone net { role internet; interface \"eth3\"; network rest; refuse reset; }\n"
	"host gyomu { zone kikan; address 10.10.1.10, fd00::1; mac @mac@; }\n"
	"group g { zone kikan; member gyomu; }\n"
	"service s { tcp 443, 8000-8010; udp 53; icmp echo-request; protocol esp; }\n"
	"window w { days mon-fri; hours 08:30-17:15; }\n"
	"profile p { inspect content; on-uninspectable alert; on-unknown-application block;\n"
	"	my-number block 1 per flow; upload alert 5MB per hour, block 9MB per day; }\n"
	"permit x { kind specific; from host gyomu, group g; to 192.0.2.0/24; service s; application TLS;\n"
	"	name *.example, a.example; profile p; window w; owner \"o\"; reason \"r\"; reference \"f\";\n"
	"	approved-by \"c\"; approved-on 2026-04-01; until 2027-03-31; }\n"
	"deny d { from zone net; to zone kikan; reason \"r\"; }\n"
	"assert a { rule never; from zone kikan; to zone net; }\n";

/* Whether a message of that sort was given. */
static bool said(const struct diags *d, enum diag_id id)
{
	for (const struct diag *m = d->first; m; m = m->next)
		if (m->id == id)
			return true;
	return false;
}

static void expect_message(const char *text, size_t len, enum diag_id id)
{
	struct build b;

	assert_int_equal(build_bytes("t", text, len, &b), 0);
	assert_false(b.ok);
	assert_true(said(&b.diags, id));
	build_done(&b);
}

static void expect_text_message(struct text *t, enum diag_id id)
{
	assert_false(t->failed);
	expect_message(t->bytes, t->len, id);
	text_done(t);
}

/* gyomu's IPv6 address is not in its zone: one message, and everything else is sound. */
static void text_with_one_mistake_gives_one_message(void **state)
{
	struct build b;

	(void)state;
	assert_int_equal(build_bytes("t", town, strlen(town), &b), 0);
	assert_int_equal(b.diags.errors, 1);
	assert_true(said(&b.diags, MSG_HOST_NOT_IN_ZONE));
	build_done(&b);
}

static void build_a_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct build b;

	(void)ctx;
	assert_int_equal(build_bytes("t", data, n, &b), 0);
	assert_true(b.ok == (b.diags.errors == 0));
	build_done(&b);
}

static void every_prefix_of_a_policy_is_answered(void **state)
{
	(void)state;
	each_prefix(town, strlen(town), build_a_prefix, NULL);
}

/* Memory taken away at every size between nothing and enough: out of memory, or the same answer. */
static void less_memory_than_needed_is_reported_as_such(void **state)
{
	bool short_of = false, enough = false;
	struct build b;

	(void)state;
	for (size_t memory = 0; memory < ((size_t)4 << 20); memory += 1009 * 7) {
		int r = build_bytes_within("t", town, strlen(town), memory, &b);

		assert_true(r == 0 || r == -ENOMEM);
		short_of |= r != 0;
		enough |= r == 0;
		if (r)
			continue;
		assert_int_equal(b.diags.errors, 1);
		build_done(&b);
	}
	assert_true(short_of && enough);
}

static void include_from_memory_is_refused(void **state)
{
	static const char text[] = "include \"/etc/passwd\";\n";

	(void)state;
	expect_message(text, strlen(text), MSG_FILE_IN_MEMORY);
}

static void text_over_64_mb_is_refused(void **state)
{
	size_t len = (size_t)FILES_BYTES_MAX + 1;
	char *text = malloc(len);

	(void)state;
	memset(text, ' ', len);
	expect_message(text, len, MSG_FILES_TOO_LONG);
	free(text);
}

static void blocks_beyond_the_limit_are_refused(void **state)
{
	struct text t = { 0 };

	(void)state;
	for (unsigned int i = 0; i <= PARSE_BLOCKS_MAX; i++)
		text_printf(&t, "service s%u { tcp 1; }\n", i);
	expect_text_message(&t, MSG_BLOCKS_TOO_MANY);
}

static void blocks_up_to_the_limit_are_compiled(void **state)
{
	struct text t = { 0 };
	struct build b;

	(void)state;
	text_puts(&t,
		  "model lab; zone a { role internet; interface \"e\"; network 10.0.0.0/8; }\n");
	for (unsigned int i = 0; i < 100000; i++)
		text_printf(&t, "host h%u { zone a; address 10.%u.%u.%u; }\n", i, i >> 16 & 255,
			    i >> 8 & 255, i & 255);
	assert_int_equal(build_bytes("t", t.bytes, t.len, &b), 0);
	assert_true(b.ok);
	assert_int_equal(b.policy.hosts_count, 100001);
	build_done(&b);
	text_done(&t);
}

static void holes_that_multiply_are_refused(void **state)
{
	struct text t = { 0 };

	(void)state;
	text_puts(&t, "model lab;\nvalue many a");
	for (unsigned int i = 0; i < 2000; i++)
		text_puts(&t, ", a");
	text_puts(&t, ";\n");
	for (unsigned int i = 0; i < HOLES_ITEMS_MAX / 2000 + 1; i++)
		text_printf(&t, "group g%u { member @many@; }\n", i);
	expect_text_message(&t, MSG_HOLES_TOO_MANY);
}

static void classes_beyond_the_limit_are_refused(void **state)
{
	struct text t = { 0 };

	(void)state;
	text_puts(&t, "model lab;\nprofile p { inspect none; }\n");
	for (unsigned int z = 0; z < 3; z++)
		text_printf(
			&t,
			"zone z%u { role internet; interface \"e%u\"; network 10.%u.0.0/16; }\n", z,
			z, z);
	for (unsigned int i = 0; i < 16; i++)
		text_printf(&t, "service v%u { tcp %u; }\n", i, i + 1);
	/* nine pairs of zones, each with 7,400 permits of one address and port: each a class of its own */
	for (unsigned int i = 0; i < 9 * 7400; i++)
		text_printf(
			&t,
			"permit p%u { kind ordinary; from 10.%u.%u.%u; to zone z%u; service v%u; profile p; "
			"owner \"o\"; reason \"r\"; approved-by \"c\"; approved-on 2026-04-01; review 2027-01-01; }\n",
			i, i % 3, i / 9 / 16 / 256, i / 9 / 16 % 256, i / 3 % 3, i / 9 % 16);
	expect_text_message(&t, MSG_CLASSES_TOO_MANY);
}

static void files_beyond_the_limit_are_refused(void **state)
{
	char dir[] = "/tmp/sekimori-test-......", path[64], other[64];
	struct text t = { 0 };
	struct build b;
	FILE *f;

	(void)state;
	memset(dir + strlen(dir) - 6, 'X', 6);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/policy", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	for (unsigned int i = 0; i <= FILES_MAX; i++)
		text_puts(&t, "include \"other\";\n");
	f = fopen(path, "w");
	fputs(t.bytes, f);
	fclose(f);
	f = fopen(other, "w");
	fputs("# nothing\n", f);
	fclose(f);
	assert_int_equal(build_file(path, &b), 0);
	assert_true(said(&b.diags, MSG_FILES_TOO_MANY));
	build_done(&b);
	text_done(&t);
	unlink(path);
	unlink(other);
	rmdir(dir);
}

static void file_that_is_not_there_is_unreadable(void **state)
{
	struct build b;

	(void)state;
	assert_int_equal(build_file("/nonexistent/policy", &b), 0);
	assert_true(b.unreadable);
	assert_true(said(&b.diags, MSG_FILE_UNREADABLE));
	build_done(&b);
}

static void folder_is_unreadable(void **state)
{
	struct build b;

	(void)state;
	assert_int_equal(build_file("/", &b), 0);
	assert_true(b.unreadable);
	build_done(&b);
}

/* The longest things a line can hold end in messages, not in time or memory. */
static void hostile_lines_are_answered(void **state)
{
	static const char *const pieces[] = { "\"",   "{",         "}", ";",        ",",
					      "@a@ ", "zone a { ", "x", "include ", "\\\"",
					      "/*",   "　",        "基" };

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct text t = { 0 };
		struct build b;

		while (t.len < 1 << 20)
			text_puts(&t, pieces[i]);
		assert_int_equal(build_bytes("t", t.bytes, t.len, &b), 0);
		assert_false(b.ok);
		build_done(&b);
		text_done(&t);
	}
}

static void places_of_statements_are_where_they_stand(void **state)
{
	static const char text[] =
		"model lab;\nzone a { role internet; interface \"e\"; network 10.0.0.0/8; }\n"
		"deny d { from zone a; to zone a; reason \"r\"; }\n";
	uint32_t line, column;
	struct build b;

	(void)state;
	assert_int_equal(build_bytes("t", text, strlen(text), &b), 0);
	assert_true(b.ok);
	diag_position(b.statements_at[0], &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 6);
	assert_null(b.zones_at[1].text); /* the box has no place */
	build_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_with_one_mistake_gives_one_message),
		cmocka_unit_test(every_prefix_of_a_policy_is_answered),
		cmocka_unit_test(less_memory_than_needed_is_reported_as_such),
		cmocka_unit_test(include_from_memory_is_refused),
		cmocka_unit_test(text_over_64_mb_is_refused),
		cmocka_unit_test(blocks_beyond_the_limit_are_refused),
		cmocka_unit_test(blocks_up_to_the_limit_are_compiled),
		cmocka_unit_test(holes_that_multiply_are_refused),
		cmocka_unit_test(classes_beyond_the_limit_are_refused),
		cmocka_unit_test(files_beyond_the_limit_are_refused),
		cmocka_unit_test(file_that_is_not_there_is_unreadable),
		cmocka_unit_test(folder_is_unreadable),
		cmocka_unit_test(hostile_lines_are_answered),
		cmocka_unit_test(places_of_statements_are_where_they_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
