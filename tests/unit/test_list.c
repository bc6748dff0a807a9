/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/build.h"
#include "rules/json.h"
#include "rules/list.h"
#include "rules/text.h"

static const char town[] =
	"model lab;\n"
	"zone b { role cloud; interface \"e2\"; network 10.2.0.0/17, 10.2.128.0/17; inside deny; }\n"
	"zone a { role internet; interface \"e1\"; network 10.1.0.0/16; refuse reset; label \"a \\\"b\\\" \\\\\"; }\n"
	"host h { zone b; address 10.2.0.5-10.2.0.7; }\n"
	"service s { tcp 0-65535; icmp any; }\n"
	"window w { days mon-fri; }\n"
	"profile p { inspect metadata; undecided 4096B; upload alert 1024KB per hour; }\n"
	"deny d { from zone a; to host h; application \"Amazon AWS\"; until 2026-12-31T12:00; reason \"r\"; }\n";

struct run {
	struct build build;
	struct text out;
};

static int start(void **state)
{
	static struct run r;

	r = (struct run){ 0 };
	assert_int_equal(build_bytes("t", town, strlen(town), &r.build), 0);
	assert_true(r.build.ok);
	*state = &r;
	return 0;
}

static int stop(void **state)
{
	struct run *r = *state;

	build_done(&r->build);
	text_done(&r->out);
	return 0;
}

static void list_says_nothing_that_holds_anyway(void **state)
{
	struct run *r = *state;

	list_policy(&r->build.policy, &r->out);
	assert_string_equal(
		r->out.bytes,
		"model lab;\n"
		"zone a { label \"a \\\"b\\\" \\\\\"; role internet; interface \"e1\"; network 10.1.0.0/16; refuse reset; }\n"
		"zone b { role cloud; interface \"e2\"; network 10.2.0.0/16; }\n"
		"host h { zone b; address 10.2.0.5, 10.2.0.6/31; }\n"
		"service s { tcp any; icmp any; }\n"
		"window w { days mon, tue, wed, thu, fri; }\n"
		"profile p { on-uninspectable alert; on-unknown-application alert; upload alert 1MB per hour; }\n"
		"deny d {\n"
		"\tfrom zone a;\n"
		"\tto host h;\n"
		"\tapplication \"Amazon AWS\";\n"
		"\tanswer reset;\n"
		"\treason \"r\";\n"
		"\tuntil 2026-12-31T12:00:00;\n"
		"}\n");
}

static void statement_alone_is_its_block(void **state)
{
	struct run *r = *state;

	list_statement(&r->build.policy, 0, &r->out);
	assert_int_equal(strncmp(r->out.bytes, "deny d {\n", 9), 0);
}

static void json_has_lists_for_keys_that_take_several(void **state)
{
	struct run *r = *state;
	struct json j = json_to(&r->out);

	list_statement_json(&r->build.policy, 0, &j);
	assert_string_equal(
		r->out.bytes,
		"{\"block\":\"deny\",\"id\":\"d\",\"from\":[\"zone a\"],\"to\":[\"host h\"],"
		"\"application\":[\"Amazon AWS\"],\"answer\":\"reset\",\"reason\":\"r\","
		"\"until\":\"2026-12-31T12:00:00\"}");
}

static void built_in_blocks_are_known_by_kind_and_name(void **state)
{
	(void)state;
	assert_true(list_is_built_in("service", "any"));
	assert_true(list_is_built_in("host", "box"));
	assert_false(list_is_built_in("host", "any"));
	assert_false(list_is_built_in("permit", "strict"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(list_says_nothing_that_holds_anyway, start, stop),
		cmocka_unit_test_setup_teardown(statement_alone_is_its_block, start, stop),
		cmocka_unit_test_setup_teardown(json_has_lists_for_keys_that_take_several, start,
						stop),
		cmocka_unit_test(built_in_blocks_are_known_by_kind_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
