/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/policy.h"
#include "tests/unit/policy_fixture.h"

#define TLS 1u
#define SMTP 2u
#define OTHER 0u

/* One fixture a test: applications TLS and SMTP are bits 0 and 1. */
struct bench {
	struct fixture *f;
	uint32_t strict, observe;
};

static int set_up(void **state)
{
	static struct bench b;
	uint32_t first;

	b.f = fixture_new();
	fixture_zone(b.f, "a", ROLE_LGWAN, "a0", "10.0.0.0/16");
	b.strict = fixture_profile(b.f, "strict", INSPECT_CONTENT);
	b.observe = fixture_profile(b.f, "observe", INSPECT_METADATA);
	fixture_profile_at(b.f, b.observe)->on_mismatch = ACTION_ALERT;
	first = fixture_deny(b.f, "numbers the applications");
	fixture_apps(b.f, first, "TLS,SMTP");
	*state = &b;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(((struct bench *)*state)->f);
	return 0;
}

static uint32_t permit(struct bench *b, const char *apps, const char *names)
{
	uint32_t s = fixture_permit(b->f, "permit", b->strict);

	fixture_apps(b->f, s, apps);
	fixture_names(b->f, s, names);
	return s;
}

static uint32_t deny(struct bench *b, const char *apps, const char *names)
{
	uint32_t s = fixture_deny(b->f, "deny");

	fixture_apps(b->f, s, apps);
	fixture_names(b->f, s, names);
	return s;
}

static struct facts app(uint64_t apps)
{
	return (struct facts){
		.apps = apps, .app_known = true, .app_final = true, .name_final = true
	};
}

static struct facts named(uint64_t apps, const char *name)
{
	struct facts f = app(apps);

	f.name_known = true;
	f.name = name;
	return f;
}

static const struct facts nothing;

#define expect(d, v, r, s) \
	do { \
		struct decision d_ = (d); \
		assert_int_equal(d_.verdict, v); \
		assert_int_equal(d_.reason, r); \
		assert_int_equal(d_.statement, s); \
	} while (0)

static void no_class_is_not_permitted(void **state)
{
	struct bench *b = *state;
	struct decision d = policy_decide(fixture_policy(b->f), POLICY_NONE, &nothing);

	expect(d, VERDICT_DENY, REASON_NOT_PERMITTED, POLICY_NONE);
	assert_true(d.final);
	assert_false(d.alert_only);
}

static void permit_without_conditions_passes_at_once(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", ""), c = fixture_class(b->f, 1, s);
	struct decision d = policy_decide(fixture_policy(b->f), c, &nothing);

	expect(d, VERDICT_PASS, REASON_NONE, s);
	assert_true(d.final);
}

static void application_unknown_wants_more(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "TLS", ""), c = fixture_class(b->f, 1, s);
	struct facts known = app(OTHER);

	known.app_final = false;
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &nothing), VERDICT_MORE, REASON_NONE, s);
	expect(policy_decide(p, c, &known), VERDICT_MORE, REASON_NONE, s);
}

static void application_decides_when_final(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "TLS", ""), c = fixture_class(b->f, 1, s);
	struct facts tls = app(TLS), smtp = app(SMTP);
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &tls), VERDICT_PASS, REASON_NONE, s);
	assert_true(policy_decide(p, c, &tls).final);
	expect(policy_decide(p, c, &smtp), VERDICT_DENY, REASON_APPLICATION, s);
	assert_true(policy_decide(p, c, &smtp).final);
}

static void name_is_waited_for_then_decides(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "TLS", "*.example"), c = fixture_class(b->f, 1, s);
	struct facts waiting = app(TLS), without = app(TLS);
	struct facts right = named(TLS, "a.example"), wrong = named(TLS, "a.test");

	waiting.name_final = false;
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &waiting), VERDICT_MORE, REASON_NONE, s);
	expect(policy_decide(p, c, &without), VERDICT_DENY, REASON_NAME, s);
	expect(policy_decide(p, c, &right), VERDICT_PASS, REASON_NONE, s);
	expect(policy_decide(p, c, &wrong), VERDICT_DENY, REASON_NAME, s);
}

static void name_that_may_change_is_never_final(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", "a.example"), c = fixture_class(b->f, 1, s);
	struct facts right = named(TLS, "a.example"), wrong = named(TLS, "b.example");

	right.name_final = wrong.name_final = false;
	const struct policy *p = fixture_policy(b->f);

	assert_false(policy_decide(p, c, &right).final);
	assert_false(policy_decide(p, c, &wrong).final);
}

static void deny_wins_over_a_permit(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", ""), x = deny(b, "", "*.evil"), c = fixture_class(b->f, 2, s, x);
	struct facts evil = named(TLS, "a.evil"), good = named(TLS, "a.example");
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &evil), VERDICT_DENY, REASON_DENIED, x);
	expect(policy_decide(p, c, &good), VERDICT_PASS, REASON_NONE, s);
	assert_true(policy_decide(p, c, &good).final);
}

static void deny_undetermined_passes_but_not_finally(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", ""), x = deny(b, "SMTP", ""), c = fixture_class(b->f, 2, s, x);
	struct decision d = policy_decide(fixture_policy(b->f), c, &nothing);

	expect(d, VERDICT_PASS, REASON_NONE, s);
	assert_false(d.final);
}

static void deny_of_application_and_name_needs_both(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", ""), x = deny(b, "TLS", "a.evil"),
		 c = fixture_class(b->f, 2, s, x);
	struct facts both = named(TLS, "a.evil"), one = named(SMTP, "a.evil");
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &both), VERDICT_DENY, REASON_DENIED, x);
	expect(policy_decide(p, c, &one), VERDICT_PASS, REASON_NONE, s);
}

static void two_permits_are_told_apart_by_application(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "TLS", ""), t = permit(b, "SMTP", ""),
		 c = fixture_class(b->f, 2, s, t);
	struct facts smtp = app(SMTP), other = app(OTHER);
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &nothing), VERDICT_MORE, REASON_NONE, POLICY_NONE);
	expect(policy_decide(p, c, &smtp), VERDICT_PASS, REASON_NONE, t);
	expect(policy_decide(p, c, &other), VERDICT_DENY, REASON_APPLICATION, s);
}

static void miss_by_name_says_more_than_miss_by_application(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "SMTP", ""), t = permit(b, "TLS", "a.example"),
		 c = fixture_class(b->f, 2, s, t);
	struct facts f = named(TLS, "b.example");

	expect(policy_decide(fixture_policy(b->f), c, &f), VERDICT_DENY, REASON_NAME, t);
}

static void direction_download_bounds_what_goes_up(void **state)
{
	struct bench *b = *state;
	struct limit upload = {
		.detector = DETECT_UPLOAD, .action = LIMIT_BLOCK, .amount = 1000, .bytes = true
	};
	uint32_t s, c;
	struct facts f = { .up = 1000, .down = 1 << 30 };

	fixture_limit(b->f, b->strict, upload);
	s = permit(b, "", "");
	fixture_statement_at(b->f, s)->direction = DIRECTION_DOWNLOAD;
	c = fixture_class(b->f, 1, s);
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &f), VERDICT_PASS, REASON_NONE, s);
	f.up++;
	expect(policy_decide(p, c, &f), VERDICT_DENY, REASON_DIRECTION, s);
}

static void direction_upload_without_a_limit_lets_64_kb_come_down(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", ""), c;
	struct facts f = { .up = 1 << 30, .down = 64 << 10 };

	fixture_statement_at(b->f, s)->direction = DIRECTION_UPLOAD;
	c = fixture_class(b->f, 1, s);
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &f), VERDICT_PASS, REASON_NONE, s);
	f.down++;
	expect(policy_decide(p, c, &f), VERDICT_DENY, REASON_DIRECTION, s);
}

static void members_not_in_force_do_not_count(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", ""), x = deny(b, "", ""), c = fixture_class(b->f, 2, s, x);
	struct facts f = { .now = 1000 };

	fixture_statement_at(b->f, s)->until = 2000;
	fixture_statement_at(b->f, x)->since = 1500;
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &f), VERDICT_PASS, REASON_NONE, s);
	f.now = 1500;
	expect(policy_decide(p, c, &f), VERDICT_DENY, REASON_DENIED, x);
	f.now = 2000;
	expect(policy_decide(p, c, &f), VERDICT_DENY, REASON_DENIED, x);
}

static void permit_over_is_ended(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "", ""), c = fixture_class(b->f, 1, s);
	struct facts f = { .now = 2000 };

	fixture_statement_at(b->f, s)->until = 2000;
	expect(policy_decide(fixture_policy(b->f), c, &f), VERDICT_DENY, REASON_ENDED, s);
}

static void mismatch_only_alarms_when_every_profile_says_so(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "TLS", ""), t = permit(b, "SMTP", "");
	uint32_t lenient, mixed;
	struct facts f = app(OTHER);

	fixture_statement_at(b->f, s)->profile = b->observe;
	lenient = fixture_class(b->f, 1, s);
	mixed = fixture_class(b->f, 2, s, t);
	const struct policy *p = fixture_policy(b->f);

	assert_true(policy_decide(p, lenient, &f).alert_only);
	assert_false(policy_decide(p, mixed, &f).alert_only);
}

static void crossing_passes_what_no_permit_does(void **state)
{
	struct bench *b = *state;
	uint32_t s = permit(b, "TLS", ""), x = permit(b, "", ""), c = fixture_class(b->f, 2, s, x);
	struct facts tls = app(TLS), other = app(OTHER);

	fixture_statement_at(b->f, x)->type = STATEMENT_CROSSING;
	const struct policy *p = fixture_policy(b->f);

	expect(policy_decide(p, c, &tls), VERDICT_PASS, REASON_NONE, s);
	expect(policy_decide(p, c, &other), VERDICT_PASS, REASON_NONE, x);
	assert_false(policy_decide(p, c, &nothing).final);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_class_is_not_permitted),
		TEST(permit_without_conditions_passes_at_once),
		TEST(application_unknown_wants_more),
		TEST(application_decides_when_final),
		TEST(name_is_waited_for_then_decides),
		TEST(name_that_may_change_is_never_final),
		TEST(deny_wins_over_a_permit),
		TEST(deny_undetermined_passes_but_not_finally),
		TEST(deny_of_application_and_name_needs_both),
		TEST(two_permits_are_told_apart_by_application),
		TEST(miss_by_name_says_more_than_miss_by_application),
		TEST(direction_download_bounds_what_goes_up),
		TEST(direction_upload_without_a_limit_lets_64_kb_come_down),
		TEST(members_not_in_force_do_not_count),
		TEST(permit_over_is_ended),
		TEST(mismatch_only_alarms_when_every_profile_says_so),
		TEST(crossing_passes_what_no_permit_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
