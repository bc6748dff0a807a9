/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/record/event.h"
#include "daemon/supervise/remind.h"
#include "rules/jst.h"
#include "rules/review.h"
#include "rules/text.h"
#include "tests/unit/policy_fixture.h"

#define DAY 86400

/* Noon in Japan of a day in 2027. */
static int64_t noon(int month, int day)
{
	return jst_days(2027, month, day) * DAY - JST_OFFSET + DAY / 2;
}

static int64_t day_after(int month, int day)
{
	return jst_days(2027, month, day) * DAY - JST_OFFSET + DAY;
}

/* Permit `ending` ends on 31 March, `standing` is to be reviewed on 1 April. */
static int make_policy(void **state)
{
	struct fixture *f = fixture_new();

	fixture_zone(f, "net", ROLE_INTERNET, "eth3", "10.30.0.0/16");
	uint32_t strict = fixture_profile(f, "strict", INSPECT_CONTENT);
	uint32_t ending = fixture_permit(f, "ending", strict);
	uint32_t standing = fixture_permit(f, "standing", strict);

	fixture_statement_at(f, ending)->until = day_after(3, 31);
	fixture_statement_at(f, ending)->owner = fixture_string(f, "住民課");
	fixture_statement_at(f, standing)->review = day_after(3, 31);
	fixture_statement_at(f, standing)->vital = true;
	*state = f;
	return 0;
}

static int free_policy(void **state)
{
	fixture_free(*state);
	return 0;
}

static void expect_left(const struct policy *p, int64_t now, int32_t ending, int32_t standing)
{
	struct review_item item;
	uint64_t at = 0;

	assert_true(review_next(p, now, &at, &item));
	assert_true(item.closes);
	assert_int_equal(item.left, ending);
	assert_true(review_next(p, now, &at, &item));
	assert_false(item.closes);
	assert_int_equal(item.left, standing);
	assert_false(review_next(p, now, &at, &item));
}

static void review_counts_days_in_japan(void **state)
{
	const struct policy *p = fixture_policy(*state);

	expect_left(p, noon(3, 1), 30, 31);
	expect_left(p, day_after(3, 31) - 1, 0, 1);
	expect_left(p, day_after(3, 31), -1, 0);
}

static void stage_of_an_end_is_over_after_its_last_day_and_of_a_review_on_its_day(void **state)
{
	static const struct {
		int32_t left;
		enum review_stage end, review;
	} table[] = {
		{ 31, REVIEW_FAR, REVIEW_FAR },    { 30, REVIEW_MONTH, REVIEW_MONTH },
		{ 8, REVIEW_MONTH, REVIEW_MONTH }, { 7, REVIEW_WEEK, REVIEW_WEEK },
		{ 2, REVIEW_WEEK, REVIEW_WEEK },   { 1, REVIEW_DAY, REVIEW_DAY },
		{ 0, REVIEW_DAY, REVIEW_OVER },    { -1, REVIEW_OVER, REVIEW_OVER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct review_item item = { .left = table[i].left, .closes = true };

		assert_int_equal(review_stage(&item), table[i].end);
		item.closes = false;
		assert_int_equal(review_stage(&item), table[i].review);
	}
}

/* --- reminders --------------------------------------------------------------------------------- */

struct told {
	unsigned int ending, review, ended, severe;
	char last[200], last_ja[200];
};

static void take(void *ctx, const struct event *ev)
{
	struct told *t = ctx;

	assert_int_equal(ev->detector, DETECTOR_ADMIN);
	t->ending += ev->reason == EVENT_REASON_ENDING;
	t->review += ev->reason == EVENT_REASON_REVIEW;
	t->ended += ev->reason == EVENT_REASON_ENDED;
	t->severe += ev->severity == 2;
	strncpy(t->last, ev->detail, sizeof(t->last) - 1);
	strncpy(t->last_ja, ev->detail_ja, sizeof(t->last_ja) - 1);
}

static struct told reminded(const struct policy *p, int64_t before, int64_t now)
{
	const struct event begin = { .time = now * 1000000000 };
	struct told t = { 0 };
	const struct event_sink sink = { .emit = take, .ctx = &t };

	remind(p, before, now, &begin, &sink);
	return t;
}

static void remind_over_a_year_tells_each_stage_once(void **state)
{
	const struct policy *p = fixture_policy(*state);
	unsigned int ending = 0, review = 0, ended = 0;

	for (int day = 1; day < 119; day++) { /* from 2 January to 29 April */
		int64_t now = noon(1, 1) + day * (int64_t)DAY;
		struct told t = reminded(p, now - DAY, now);

		ending += t.ending;
		review += t.review;
		ended += t.ended;
	}
	assert_int_equal(ending, 3);
	assert_int_equal(review, 4);
	assert_int_equal(ended, 1);
}

static void remind_of_what_is_long_over_comes_every_thirty_days(void **state)
{
	const struct policy *p = fixture_policy(*state);
	unsigned int ended = 0;

	for (int day = 0; day < 95; day++) {
		int64_t now = noon(4, 2) + day * (int64_t)DAY;

		ended += reminded(p, now - DAY, now).ended;
	}
	assert_int_equal(ended, 3);
}

static void remind_after_a_pause_tells_what_came_due_meanwhile(void **state)
{
	const struct policy *p = fixture_policy(*state);
	struct told t = reminded(p, noon(2, 1), noon(3, 28));

	assert_int_equal(t.ending, 1);
	assert_int_equal(t.review, 1);
	t = reminded(p, 0, noon(3, 28));
	assert_int_equal(t.ending + t.review, 2);
	t = reminded(p, noon(3, 28), noon(3, 28) + 60);
	assert_int_equal(t.ending + t.review, 0);
}

static void remind_of_vital_and_overdue_is_louder_and_in_words(void **state)
{
	const struct policy *p = fixture_policy(*state);
	struct told t = reminded(p, noon(3, 31), noon(4, 1));

	assert_int_equal(t.ended, 1);
	assert_int_equal(t.severe, 1);
	assert_string_equal(t.last, "permit standing: to be reviewed today, on 2027-04-01, vital");
	t = reminded(p, noon(2, 28), noon(3, 1));
	assert_string_equal(t.last, "permit ending (住民課): ends in 30 days, on 2027-03-31");
	assert_string_equal(t.last_ja, "permit ending（住民課）: 期限 あと 30 日（2027-03-31）");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, make_policy, free_policy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(review_counts_days_in_japan),
		cmocka_unit_test(
			stage_of_an_end_is_over_after_its_last_day_and_of_a_review_on_its_day),
		TEST(remind_over_a_year_tells_each_stage_once),
		TEST(remind_of_what_is_long_over_comes_every_thirty_days),
		TEST(remind_after_a_pause_tells_what_came_due_meanwhile),
		TEST(remind_of_vital_and_overdue_is_louder_and_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
