/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/edit/csv.h"
#include "rules/jst.h"
#include "tests/unit/support.h"
#include "tools/ledger/import.h"
#include "tools/ledger/ledger.h"

/* --- tables ------------------------------------------------------------------------------------ */

static struct csv table_of(const char *text)
{
	struct csv c;

	assert_int_equal(csv_read(text, strlen(text), &c), 0);
	return c;
}

static void csv_of_plain_and_quoted_cells_is_read(void **state)
{
	(void)state;
	struct csv c = table_of("\xef\xbb\xbf"
				"a,\"b \"\"c\"\"\",\"d\r\ne\"\r\n,,\r\n\r\nf,g");

	assert_int_equal(c.count, 2);
	assert_int_equal(c.rows[0].count, 3);
	assert_string_equal(c.rows[0].cells[0], "a");
	assert_string_equal(c.rows[0].cells[1], "b \"c\"");
	assert_string_equal(c.rows[0].cells[2], "d\r\ne");
	assert_int_equal(c.rows[1].number, 4);
	assert_string_equal(c.rows[1].cells[1], "g");
	csv_close(&c);
}

static void csv_with_tabs_or_semicolons_is_read(void **state)
{
	(void)state;
	struct csv c = table_of("a\tb,c\td\ne\tf");

	assert_string_equal(c.rows[0].cells[1], "b,c");
	csv_close(&c);
	c = table_of("a;b\nc;d");
	assert_string_equal(c.rows[1].cells[1], "d");
	csv_close(&c);
	c = table_of("\"a;b\nc\",d\n"); /* those in quotes do not count */
	assert_string_equal(c.rows[0].cells[1], "d");
	csv_close(&c);
}

static void csv_of_cp932_and_utf16_is_read(void **state)
{
	(void)state;
	struct csv c = table_of("\x96\xbc\x91\x4f,\x8a\xfa\x8c\xc0\r\n"); /* 名前,期限 */

	assert_string_equal(c.rows[0].cells[0], "名前");
	assert_string_equal(c.rows[0].cells[1], "期限");
	csv_close(&c);
	assert_int_equal(csv_read("\xff\xfe"
				  "a\0,\0b\0",
				  8, &c),
			 0);
	assert_string_equal(c.rows[0].cells[1], "b");
	csv_close(&c);
}

static void csv_that_is_no_text_or_unclosed_is_refused(void **state)
{
	struct csv c;

	(void)state;
	assert_int_equal(csv_read("a\0b", 3, &c), -EILSEQ);
	assert_int_equal(csv_read("\x82", 1, &c), -EILSEQ);
	assert_int_equal(csv_read("a\n\"b", 4, &c), -EBADMSG);
	assert_int_equal(c.line, 2);
	assert_int_equal(csv_read("", 0, &c), 0);
	assert_int_equal(c.count, 0);
	csv_close(&c);
}

static void csv_with_too_many_columns_is_refused(void **state)
{
	char wide[CSV_COLUMNS_MAX + 1];
	struct csv c;

	(void)state;
	memset(wide, ',', sizeof(wide));
	wide[0] = 'a';
	assert_int_equal(csv_read(wide, sizeof(wide), &c), -E2BIG);
}

static void try_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct csv c;

	(void)ctx;
	if (csv_read(data, n, &c) == 0)
		csv_close(&c);
}

static void csv_cut_anywhere_is_read_or_refused(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "名前,\"期 \"\"限\"\r\n\"=1\",'@x\r\n\"a\nb\",c";

	(void)state;
	each_prefix(text, sizeof(text) - 1, try_prefix, NULL);
}

static void csv_that_was_written_reads_as_the_same(void **state)
{
	static const char *const cells[] = { "a", "",   "b,c",  "=1+1", "'x",   "'=x",
					     "-", "@a", "a\"b", "期限", "a\nb", " x " };
	struct text t = { 0 };

	(void)state;
	csv_begin(&t);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		csv_put(&t, cells[i]);
	csv_end_row(&t);
	assert_memory_equal(t.bytes, "\xef\xbb\xbf\"a\",\"\",", 10);
	assert_non_null(strstr(t.bytes, "\"'=1+1\""));
	struct csv c = table_of(t.bytes);

	assert_int_equal(c.rows[0].count, sizeof(cells) / sizeof(cells[0]));
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		assert_string_equal(c.rows[0].cells[i], cells[i]);
	csv_close(&c);
	text_done(&t);
}

/* --- import ------------------------------------------------------------------------------------ */

static const char policy[] =
	"model lab;\n"
	"zone net { role internet; interface \"n0\"; network 10.30.0.0/16; }\n"
	"zone cloud { role cloud; interface \"c0\"; network 10.99.0.0/24; }\n"
	"service https { tcp 443; }\n"
	"permit web { kind ordinary; from zone net; to zone cloud; service https; profile observe;\n"
	"	owner \"総務課\"; reason \"閲覧\"; approved-by \"CISO\"; approved-on 2026-04-01; until 2027-03-31; }\n"
	"permit old { kind ordinary; from zone net; to zone cloud; service https; profile observe;\n"
	"	owner \"総務課\"; reason \"旧\"; approved-by \"CISO\"; approved-on 2026-04-01; until 2027-03-31;\n"
	"	disabled \"廃止\"; }\n";

struct setting {
	struct build build;
	struct ledger ledger;
};

static int make_setting(void **state)
{
	struct setting *s = calloc(1, sizeof(*s));
	int64_t now = jst_days(2026, 6, 1) * 86400;

	assert_int_equal(build_bytes("town.rules", policy, strlen(policy), &s->build), 0);
	assert_true(s->build.ok);
	assert_true(ledger_make(&s->build, now, DIAG_ENGLISH, &s->ledger));
	*state = s;
	return 0;
}

static int free_setting(void **state)
{
	struct setting *s = *state;

	ledger_done(&s->ledger);
	build_done(&s->build);
	free(s);
	return 0;
}

static struct import imported(const struct setting *s, const char *table)
{
	struct csv c = table_of(table);
	struct import im;

	import_cells(&s->ledger, &c, &im);
	csv_close(&c);
	assert_false(im.failed);
	return im;
}

static void expect_complaint(const struct setting *s, const char *table, const char *complaint)
{
	struct import im = imported(s, table);

	assert_int_equal(im.refused, 1);
	assert_string_equal(im.complaints.bytes, complaint);
	import_done(&im);
}

static void ledger_has_permits_in_force_and_disabled(void **state)
{
	const struct setting *s = *state;
	struct text t = { 0 };

	assert_int_equal(s->ledger.count, 2);
	ledger_cell(&s->ledger, ledger_find(&s->ledger, "web"), LEDGER_LEFT, &t);
	assert_string_equal(t.bytes, "303");
	text_clear(&t);
	ledger_cell(&s->ledger, ledger_find(&s->ledger, "old"), LEDGER_STATE, &t);
	assert_string_equal(t.bytes, "disabled");
	assert_null(ledger_find(&s->ledger, "wab"));
	text_done(&t);
}

static void import_of_the_ledger_itself_wishes_nothing(void **state)
{
	const struct setting *s = *state;
	struct text t = { 0 };

	ledger_csv(&s->ledger, &t);
	struct import im = imported(s, t.bytes);

	assert_int_equal(im.count, 0);
	assert_int_equal(im.refused, 0);
	import_done(&im);
	text_done(&t);
}

static void import_of_changed_cells_wishes_them(void **state)
{
	struct import im =
		imported(*state, "許可名,期限,責任課,見直し日,備考\nweb,2028/3/31,住民課,,ours\n");

	assert_int_equal(im.refused, 0);
	assert_int_equal(im.count, 2);
	assert_string_equal(im.wishes[0].key, "until");
	assert_string_equal(im.wishes[0].value, "2028-03-31");
	assert_string_equal(im.wishes[1].value, "住民課");
	import_done(&im);
	im = imported(*state, "name,until,review\nweb,,2028-01-01\n");
	assert_int_equal(im.count, 2);
	assert_null(im.wishes[0].value);
	import_done(&im);
}

static void import_of_what_cannot_be_names_row_and_column(void **state)
{
	const struct setting *s = *state;

	expect_complaint(s, "name,until\nweb,2027-13-01\n",
			 "row 2, until (web): no date as 2027-03-31\n");
	expect_complaint(s, "name,owner\nweb,\n", "row 2, owner (web): this cannot be empty\n");
	expect_complaint(s, "name,from\nweb,zone cloud\n",
			 "row 2, from (web): this cannot be changed in the ledger\n");
	expect_complaint(s, "name,owner\n\nwab,x\n",
			 "row 3, name (wab): there is no such permit\n");
	expect_complaint(s, "name,owner\n,x\n", "row 2, name: no permit is named\n");
	expect_complaint(s, "name\nweb\nweb\n",
			 "row 3, name (web): the permit has a row already\n");
	expect_complaint(s, "name,owner\nweb,\"a\nb\"\n",
			 "row 2, owner (web): a text that cannot stand in a policy\n");
	expect_complaint(s, "owner\nx\n", "row 1: the first row has no column 'name'\n");
}

static void import_counts_what_it_does_not_show(void **state)
{
	struct text t = { 0 };

	text_puts(&t, "name,owner\n");
	for (int i = 0; i < 80; i++)
		text_puts(&t, "nobody,x\n");
	struct import im = imported(*state, t.bytes);
	unsigned int lines = 0;

	for (const char *p = im.complaints.bytes; *p; p++)
		lines += *p == '\n';
	assert_int_equal(im.refused, 80);
	assert_int_equal(lines, 50);
	import_done(&im);
	text_done(&t);
}

#define WITH_POLICY(test) cmocka_unit_test_setup_teardown(test, make_setting, free_setting)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_of_plain_and_quoted_cells_is_read),
		cmocka_unit_test(csv_with_tabs_or_semicolons_is_read),
		cmocka_unit_test(csv_of_cp932_and_utf16_is_read),
		cmocka_unit_test(csv_that_is_no_text_or_unclosed_is_refused),
		cmocka_unit_test(csv_with_too_many_columns_is_refused),
		cmocka_unit_test(csv_cut_anywhere_is_read_or_refused),
		cmocka_unit_test(csv_that_was_written_reads_as_the_same),
		WITH_POLICY(ledger_has_permits_in_force_and_disabled),
		WITH_POLICY(import_of_the_ledger_itself_wishes_nothing),
		WITH_POLICY(import_of_changed_cells_wishes_them),
		WITH_POLICY(import_of_what_cannot_be_names_row_and_column),
		WITH_POLICY(import_counts_what_it_does_not_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
