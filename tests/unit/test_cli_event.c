/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reading our own JSON back; the two files of the CLI are part of this program, they are in no library */
#include "tools/cli_event.c"
#include "tools/cli_json.c"

#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char alert[] =
	"{\"timestamp\":\"2026-11-23T01:52:50.729451+0900\",\"in_iface\":\"b0\",\"event_type\":\"alert\","
	"\"src_ip\":\"10.1.0.2\",\"src_port\":38060,\"dest_ip\":\"fd00::2\",\"dest_port\":81,\"proto\":\"TCP\","
	"\"alert\":{\"action\":\"blocked\",\"signature\":\"SEKIMORI Refused, no permit\",\"severity\":2},"
	"\"sekimori\":{\"seq\":4,\"zone_from\":\"net\",\"zone_to\":\"kikan\",\"detector\":\"segmentation\","
	"\"name\":\"a\\u0007b\\u3042\\ud83d\\ude00\",\"asset\":{\"name\":\"pc7\"},\"count\":12,"
	"\"message_ja\":\"許可のない通信を拒否\"}}";

static void parse_of_good_and_bad_documents(void **state)
{
	static const struct {
		const char *text;
		int want;
	} table[] = {
		{ "{}", 0 },
		{ " [1, -2.5e3, true, false, null, \"x\"] ", 0 },
		{ "{\"a\":{\"b\":[{}]}}", 0 },
		{ "", -EBADMSG },
		{ "{", -EBADMSG },
		{ "{\"a\"}", -EBADMSG },
		{ "{\"a\":}", -EBADMSG },
		{ "{\"a\":1,}", -EBADMSG },
		{ "{} {}", -EBADMSG },
		{ "[1 2]", -EBADMSG },
		{ "\"a", -EBADMSG },
		{ "\"\\x\"", -EBADMSG },
		{ "\"\\u12g4\"", -EBADMSG },
		{ "\"\n\"", -EBADMSG },
		{ "nul", -EBADMSG },
		{ "{1:2}", -EBADMSG },
	};
	struct cli_json j = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(cli_json_parse(&j, table[i].text, strlen(table[i].text)),
				 table[i].want);
	cli_json_done(&j);
}

static void parse_too_deep_is_refused(void **state)
{
	char deep[200];
	struct cli_json j = { 0 };

	(void)state;
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	assert_int_equal(cli_json_parse(&j, deep, 200), -EBADMSG);
	assert_int_equal(cli_json_parse(&j, deep + 100 - CLI_JSON_DEPTH, 2 * CLI_JSON_DEPTH), 0);
	cli_json_done(&j);
}

static void parse_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct cli_json *j = ctx;

	assert_int_equal(cli_json_parse(j, (const char *)data, n),
			 n == sizeof alert - 1 ? 0 : -EBADMSG);
}

static void parse_each_prefix_of_an_event_is_refused(void **state)
{
	struct cli_json j = { 0 };

	(void)state;
	each_prefix(alert, sizeof alert - 1, parse_prefix, &j);
	cli_json_done(&j);
}

static void text_resolves_escapes_and_disarms_control_characters(void **state)
{
	struct cli_json j = { 0 };
	char buf[FIELD], small[8];

	(void)state;
	assert_int_equal(cli_json_parse(&j, alert, sizeof alert - 1), 0);
	assert_string_equal(get(&j, "sekimori.name", buf), "a?bあ😀");
	assert_string_equal(get(&j, "sekimori.nothing", buf), "");
	assert_string_equal(get(&j, "alert", buf), "");
	assert_true(strlen(cli_json_text(&j, at(&j, "alert.signature"), small, sizeof small)) <
		    sizeof small);
	assert_int_equal(cli_json_uint(&j, at(&j, "sekimori.count")), 12);
	assert_int_equal(cli_json_uint(&j, at(&j, "proto")), 0);
	cli_json_done(&j);
}

static void filter_matches_what_it_names(void **state)
{
	static const struct {
		struct cli_event_filter filter;
		bool want;
	} table[] = {
		{ { .type = NULL }, true },
		{ { .type = "flow" }, false },
		{ { .type = "all" }, true },
		{ { .zone = "net" }, true },
		{ { .zone = "kikan" }, true },
		{ { .zone = "lgwan" }, false },
		{ { .host = "10.1.0.2" }, true },
		{ { .host = "fd00::2" }, true },
		{ { .host = "pc7" }, true },
		{ { .host = "10.1.0.3" }, false },
		{ { .detector = "segmentation" }, true },
		{ { .detector = "name" }, false },
		{ { .severity = 1 }, false },
		{ { .severity = 2 }, true },
		{ { .severity = 3 }, true },
		{ { .since = 1795366370 }, true },
		{ { .since = 1795366371 }, false },
		{ { .until = 1795366370 }, false },
		{ { .until = 1795366371 }, true },
		{ { .zone = "net", .host = "10.9.9.9" }, false },
	};
	struct cli_json j = { 0 };

	(void)state;
	assert_int_equal(cli_json_parse(&j, alert, sizeof alert - 1), 0);
	assert_int_equal(cli_event_time(&j), 1795366370);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(cli_event_matches(&j, &table[i].filter), table[i].want);
	cli_json_done(&j);
}

static void line_reads_in_both_languages(void **state)
{
	struct cli_json j = { 0 };
	struct text t = { 0 };

	(void)state;
	assert_int_equal(cli_json_parse(&j, alert, sizeof alert - 1), 0);
	cli_event_line(&j, (struct diag_style){ .language = DIAG_ENGLISH }, &t);
	assert_string_equal(
		t.bytes,
		"2026-11-23 01:52:50 [look] net>kikan 10.1.0.2:38060(pc7) -> [fd00::2]:81 TCP "
		"Refused, no permit name=a?bあ😀 x12");
	text_clear(&t);
	cli_event_line(&j, (struct diag_style){ .language = DIAG_JAPANESE }, &t);
	assert_non_null(strstr(t.bytes, "[注意]"));
	assert_non_null(strstr(t.bytes, "許可のない通信を拒否"));
	text_done(&t);
	cli_json_done(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_of_good_and_bad_documents),
		cmocka_unit_test(parse_too_deep_is_refused),
		cmocka_unit_test(parse_each_prefix_of_an_event_is_refused),
		cmocka_unit_test(text_resolves_escapes_and_disarms_control_characters),
		cmocka_unit_test(filter_matches_what_it_names),
		cmocka_unit_test(line_reads_in_both_languages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
