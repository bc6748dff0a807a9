/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "rules/kernel/fate.h"
#include "rules/kernel/live.h"
#include "rules/kernel/numbers.h"
#include "rules/text.h"
#include "tests/unit/policy_fixture.h"

#define NOW 1000000

/* Two zones, a profile; classes are made by each test. */
static struct fixture *lab(void)
{
	struct fixture *f = fixture_new();

	fixture_zone(f, "a", ROLE_INTERNET, "a0", "10.0.0.0/16");
	fixture_zone(f, "b", ROLE_INTERNET, "b0", "10.1.0.0/16");
	fixture_profile(f, "p", INSPECT_METADATA);
	return f;
}

static uint32_t permit(struct fixture *f, const char *name, int64_t until)
{
	uint32_t s = fixture_permit(f, name, 0);

	fixture_statement_at(f, s)->until = until;
	return s;
}

static struct live_class judge(struct fixture *f, uint32_t class, int64_t now)
{
	struct policy *p = fixture_policy(f);
	struct live_class *all = calloc(p->classes_count, sizeof(*all)), one;

	assert_non_null(all);
	live_classes(p, now, true, all);
	one = all[class];
	free(all);
	return one;
}

static void live_permit_without_end_lasts(void **state)
{
	struct fixture *f = lab();
	struct live_class l = judge(f, fixture_class(f, 1, permit(f, "x", 0)), NOW);

	(void)state;
	assert_int_equal(l.state, LIVE_OPEN);
	assert_int_equal(l.lasts, 0);
	fixture_free(f);
}

static void live_permit_with_an_end_ends_at_it(void **state)
{
	struct fixture *f = lab();
	struct live_class l = judge(f, fixture_class(f, 1, permit(f, "x", NOW + 60)), NOW);

	(void)state;
	assert_int_equal(l.lasts, 60);
	fixture_free(f);
}

static void live_permit_that_is_over_is_absent(void **state)
{
	struct fixture *f = lab();

	(void)state;
	assert_int_equal(judge(f, fixture_class(f, 1, permit(f, "x", NOW)), NOW).state,
			 LIVE_ABSENT);
	fixture_free(f);
}

static void live_shared_class_outlives_its_first_permit_by_two_seconds(void **state)
{
	struct fixture *f = lab();
	uint32_t x = permit(f, "x", NOW + 60), y = permit(f, "y", NOW + 900);

	(void)state;
	assert_int_equal(judge(f, fixture_class(f, 2, x, y), NOW).lasts, 62);
	fixture_free(f);
}

static void live_class_ends_when_a_deny_begins(void **state)
{
	struct fixture *f = lab();
	uint32_t x = permit(f, "x", NOW + 60), d = fixture_deny(f, "d");

	(void)state;
	fixture_statement_at(f, d)->since = NOW + 30;
	assert_int_equal(judge(f, fixture_class(f, 2, x, d), NOW).lasts, 30);
	fixture_free(f);
}

static void live_deny_of_an_application_leaves_the_permit(void **state)
{
	struct fixture *f = lab();
	uint32_t x = permit(f, "x", 0), d = fixture_deny(f, "d");

	(void)state;
	fixture_apps(f, d, "BitTorrent");
	assert_int_equal(judge(f, fixture_class(f, 2, x, d), NOW).state, LIVE_OPEN);
	fixture_free(f);
}

static void live_plain_deny_is_told_as_it_says(void **state)
{
	struct fixture *f = lab();
	uint32_t d = fixture_deny(f, "d");
	struct live_class l;

	(void)state;
	fixture_statement_at(f, d)->answer = ANSWER_RESET;
	fixture_statement_at(f, d)->log = LOG_NONE;
	l = judge(f, fixture_class(f, 1, d), NOW);
	assert_int_equal(l.state, LIVE_DENIED);
	assert_true(l.refuse);
	assert_true(l.silent);
	fixture_free(f);
}

static void live_class_in_part_has_another_key(void **state)
{
	struct fixture *f = lab();
	uint32_t x = permit(f, "x", NOW + 60), y = permit(f, "y", 0);
	uint32_t class = fixture_class(f, 2, x, y);
	struct policy *p = fixture_policy(f);
	struct live_class before, after, later;

	(void)state;
	live_classes(p, NOW, true, &before);
	live_classes(p, NOW + 60, true, &after);
	live_classes(p, NOW + 90, true, &later);
	assert_int_equal(class, 0);
	assert_memory_equal(before.key, p->classes[0].meaning, SHA256_BYTES);
	assert_memory_not_equal(before.key, after.key, SHA256_BYTES);
	assert_memory_equal(after.key, later.key, SHA256_BYTES);
	fixture_free(f);
}

static void live_untrusted_clock_ends_nothing(void **state)
{
	struct fixture *f = lab();
	struct live_class l;

	(void)state;
	fixture_class(f, 1, permit(f, "x", NOW + 60));
	live_classes(fixture_policy(f), NOW, false, &l);
	assert_int_equal(l.state, LIVE_OPEN);
	assert_int_equal(l.lasts, 0);
	fixture_free(f);
}

/* --- numbers --- */

static struct live_class meaning(uint8_t what)
{
	struct live_class l = { .state = LIVE_OPEN };

	memset(l.key, what, sizeof(l.key));
	return l;
}

static void numbers_are_kept_from_apply_to_apply(void **state)
{
	struct numbers *n = numbers_new();
	struct numbers_borne none = { 0 };
	struct live_class first[] = { meaning(1), meaning(2) },
			  second[] = { meaning(2), meaning(3) };
	struct live_class third[] = { meaning(1) };

	(void)state;
	assert_int_equal(numbers_assign(n, 1, 0, &none, first, 2), 0);
	assert_int_equal(numbers_assign(n, 2, 1, &none, second, 2), 0);
	assert_int_equal(numbers_assign(n, 3, 2, &none, third, 1), 0);
	assert_int_equal(first[0].number, 1);
	assert_int_equal(second[0].number, first[1].number);
	assert_int_equal(second[1].number, 3);
	assert_int_equal(third[0].number, first[0].number);
	numbers_free(n);
}

static void numbers_absent_class_has_none(void **state)
{
	struct numbers *n = numbers_new();
	struct numbers_borne none = { 0 };
	struct live_class l = { .state = LIVE_ABSENT };

	(void)state;
	assert_int_equal(numbers_assign(n, 1, 0, &none, &l, 1), 0);
	assert_int_equal(l.number, 0);
	numbers_free(n);
}

static void numbers_without_a_table_start_above_the_highest_borne(void **state)
{
	struct numbers *n = numbers_new();
	struct numbers_borne borne = { 0 };
	struct live_class l = meaning(1);

	(void)state;
	numbers_bear(&borne, 0x00010007);
	numbers_bear(&borne, 0x00020123);
	assert_int_equal(numbers_assign(n, 1, 0, &borne, &l, 1), 0);
	assert_int_equal(l.number, 0x124);
	numbers_free(n);
}

/* Fills the table, then asks for more: only what is neither in force nor borne is given away. */
static void numbers_are_reused_only_when_nothing_bears_them(void **state)
{
	struct numbers *n = numbers_new();
	struct numbers_borne borne = { 0 };
	struct live_class *all = calloc(NUMBERS_MAX, sizeof(*all)),
			  two[] = { meaning(1), meaning(2) };
	struct live_class fresh[] = { meaning(3), meaning(4) };

	(void)state;
	assert_non_null(all);
	for (uint32_t i = 0; i < NUMBERS_MAX; i++) {
		all[i] = meaning(9);
		memcpy(all[i].key, &i, sizeof(i));
	}
	assert_int_equal(numbers_assign(n, 1, 0, &borne, all, NUMBERS_MAX), 0);
	assert_int_equal(numbers_assign(n, 2, 1, &borne, two, 2), -ENOSPC);
	for (uint32_t i = 1; i <= NUMBERS_MAX; i++)
		if (i != 500 && i != 600)
			numbers_bear(&borne, i);
	assert_int_equal(numbers_assign(n, 3, 2, &borne, two, 2), 0);
	assert_int_equal(two[0].number, 500);
	assert_int_equal(two[1].number, 600);
	assert_int_equal(numbers_assign(n, 4, 3, &borne, fresh, 2), -ENOSPC);
	assert_int_equal(fresh[0].number, 0);
	free(all);
	numbers_free(n);
}

static void numbers_print_then_parse_is_the_same(void **state)
{
	struct numbers *n = numbers_new(), *again = numbers_new();
	struct numbers_borne none = { 0 };
	struct live_class l[] = { meaning(1), meaning(0xab), meaning(3) };
	struct text a = { 0 }, b = { 0 };

	(void)state;
	numbers_assign(n, 42, 41, &none, l, 3);
	numbers_print(n, &a);
	assert_int_equal(numbers_parse(again, a.bytes, a.len), 0);
	numbers_print(again, &b);
	assert_string_equal(a.bytes, b.bytes);
	assert_memory_equal(numbers_key(again, 2), l[1].key, SHA256_BYTES);
	assert_null(numbers_key(again, 4));
	text_done(&a);
	text_done(&b);
	numbers_free(n);
	numbers_free(again);
}

static void numbers_parse_damaged_file_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"sekimori numbers 2\n",
		"sekimori numbers 1\n0 1 "
		"0101010101010101010101010101010101010101010101010101010101010101\n",
		"sekimori numbers 1\n65535 1 "
		"0101010101010101010101010101010101010101010101010101010101010101\n",
		"sekimori numbers 1\n1 1 "
		"010101010101010101010101010101010101010101010101010101010101010\n",
		"sekimori numbers 1\n1 1 "
		"0101010101010101010101010101010101010101010101010101010101010101",
		"sekimori numbers 1\n1 1 "
		"0101010101010101010101010101010101010101010101010101010101010101\n2 1 "
		"0101010101010101010101010101010101010101010101010101010101010101\n",
		"sekimori numbers 1\n1 99999999999 "
		"0101010101010101010101010101010101010101010101010101010101010101\n",
	};
	struct numbers *n = numbers_new();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(numbers_parse(n, bad[i], strlen(bad[i])), -EBADMSG);
	assert_null(numbers_key(n, 1));
	numbers_free(n);
}

/* --- fates --- */

static void fates_follow_what_is_still_permitted(void **state)
{
	struct fixture *f = lab(), *g = lab();
	uint32_t a = permit(f, "kept", 0), b = permit(f, "gone", 0), c = permit(f, "changed", 0);
	uint32_t d = permit(g, "kept", 0), e = permit(g, "other", 0);
	struct live_class old_live[3], live[2];
	uint8_t fates[3];

	(void)state;
	fixture_box(f, 0, 1, "10.0.0.1", "10.1.0.1", IPPROTO_TCP, 80, 80, fixture_class(f, 1, a));
	fixture_box(f, 0, 1, "10.0.0.1", "10.1.0.1", IPPROTO_TCP, 81, 81, fixture_class(f, 1, b));
	fixture_box(f, 0, 1, "10.0.0.1", "10.1.0.1", IPPROTO_TCP, 90, 99, fixture_class(f, 1, c));
	fixture_box(g, 0, 1, "10.0.0.1", "10.1.0.1", IPPROTO_TCP, 80, 80, fixture_class(g, 1, d));
	fixture_box(g, 0, 1, "10.0.0.0/16", "10.1.0.0/16", IPPROTO_TCP, 99, 99,
		    fixture_class(g, 1, e));
	struct policy *old = fixture_policy(f), *p = fixture_policy(g);
	struct numbers_borne none = { 0 };
	struct numbers *n = numbers_new();

	live_classes(old, NOW, true, old_live);
	live_classes(p, NOW, true, live);
	numbers_assign(n, 1, 0, &none, old_live, 3);
	numbers_assign(n, 2, 1, &none, live, 2);
	fate_of_classes(old, old_live, p, live, fates);
	assert_int_equal(fates[0], FATE_KEPT);
	assert_int_equal(fates[1], FATE_ENDED);
	assert_int_equal(fates[2], FATE_JUDGED);
	numbers_free(n);
	fixture_free(f);
	fixture_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_permit_without_end_lasts),
		cmocka_unit_test(live_permit_with_an_end_ends_at_it),
		cmocka_unit_test(live_permit_that_is_over_is_absent),
		cmocka_unit_test(live_shared_class_outlives_its_first_permit_by_two_seconds),
		cmocka_unit_test(live_class_ends_when_a_deny_begins),
		cmocka_unit_test(live_deny_of_an_application_leaves_the_permit),
		cmocka_unit_test(live_plain_deny_is_told_as_it_says),
		cmocka_unit_test(live_class_in_part_has_another_key),
		cmocka_unit_test(live_untrusted_clock_ends_nothing),
		cmocka_unit_test(numbers_are_kept_from_apply_to_apply),
		cmocka_unit_test(numbers_absent_class_has_none),
		cmocka_unit_test(numbers_without_a_table_start_above_the_highest_borne),
		cmocka_unit_test(numbers_are_reused_only_when_nothing_bears_them),
		cmocka_unit_test(numbers_print_then_parse_is_the_same),
		cmocka_unit_test(numbers_parse_damaged_file_is_refused),
		cmocka_unit_test(fates_follow_what_is_still_permitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
