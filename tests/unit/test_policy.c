/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>

#include "rules/jst.h"
#include "rules/policy.h"
#include "tests/unit/policy_fixture.h"

static int make_town(void **state)
{
	*state = fixture_town();
	return 0;
}

static int free_town(void **state)
{
	fixture_free(*state);
	return 0;
}

static ip_t ip(const char *text)
{
	ip_t a = 0;

	assert_int_equal(ip_parse(text, &a), 0);
	return a;
}

static int64_t at(const char *text)
{
	int64_t t = 0;

	assert_int_equal(jst_parse(text, &t, NULL), 0);
	return t;
}

static uint32_t ask(const struct policy *p, const char *from, const char *to, const char *src,
		    const char *dst, uint8_t protocol, uint16_t port)
{
	struct tuple t = { ip(src), ip(dst), 40000, port, protocol };

	return policy_classify(p, policy_zone_named(p, from), policy_zone_named(p, to), &t);
}

/* --- classify --- */

static void classify_tuple_in_a_box_is_its_class(void **state)
{
	const struct policy *p = fixture_policy(*state);

	assert_int_equal(ask(p, "kikan", "lgwan", "10.10.1.10", "10.20.1.20", IPPROTO_TCP, 443), 0);
	assert_int_equal(ask(p, "net", "lgwan", "10.30.1.30", "10.20.1.30", IPPROTO_TCP, 25), 1);
	assert_int_equal(ask(p, "net", "lgwan", "fd00:30::30", "fd00:20::30", IPPROTO_TCP, 25), 1);
	assert_int_equal(ask(p, "lgwan", "net", "10.20.9.9", "10.30.0.9", IPPROTO_TCP, 8005), 2);
	assert_int_equal(ask(p, "kanri", "lgwan", "10.40.0.9", "10.20.9.9", IPPROTO_ICMP, 8), 3);
}

static void classify_tuple_beside_a_box_is_none(void **state)
{
	const struct policy *p = fixture_policy(*state);

	assert_int_equal(ask(p, "kikan", "lgwan", "10.10.1.10", "10.20.1.20", IPPROTO_TCP, 444),
			 POLICY_NONE);
	assert_int_equal(ask(p, "kikan", "lgwan", "10.10.1.10", "10.20.1.20", IPPROTO_UDP, 443),
			 POLICY_NONE);
	assert_int_equal(ask(p, "kikan", "lgwan", "10.10.1.11", "10.20.1.20", IPPROTO_TCP, 443),
			 POLICY_NONE);
	assert_int_equal(ask(p, "lgwan", "kikan", "10.20.1.20", "10.10.1.10", IPPROTO_TCP, 443),
			 POLICY_NONE);
	assert_int_equal(ask(p, "lgwan", "net", "10.20.9.9", "10.30.0.9", IPPROTO_TCP, 8011),
			 POLICY_NONE);
	assert_int_equal(ask(p, "kanri", "lgwan", "10.40.0.9", "10.20.9.9", IPPROTO_ICMP, 13),
			 POLICY_NONE);
}

static void classify_address_outside_its_zone_is_none(void **state)
{
	const struct policy *p = fixture_policy(*state);

	assert_int_equal(ask(p, "kikan", "lgwan", "10.20.1.10", "10.20.1.20", IPPROTO_TCP, 443),
			 POLICY_NONE);
	assert_int_equal(policy_classify(p, POLICY_NONE, 0, &(struct tuple){ 0 }), POLICY_NONE);
}

static void classify_box_itself_has_any_address(void **state)
{
	const struct policy *p = fixture_policy(*state);

	assert_int_equal(ask(p, "kanri", "box", "10.40.0.9", "10.40.0.1", IPPROTO_TCP, 22), 4);
	assert_int_equal(ask(p, "box", "net", "10.30.0.1", "10.30.0.123", IPPROTO_UDP, 123), 5);
}

/* Boxes drawn at random and made disjoint by refusing overlaps; the search against looking at each. */
static void classify_random_boxes_agrees_with_linear_search(void **state)
{
	struct fixture *f = fixture_new();
	uint32_t a = fixture_zone(f, "a", ROLE_LGWAN, "a0", "10.0.0.0/16");
	uint32_t b = fixture_zone(f, "b", ROLE_INTERNET, "b0", "10.1.0.0/16");
	uint32_t permit = fixture_permit(f, "p", fixture_profile(f, "q", INSPECT_NONE));
	uint32_t seed = 7;
	char src[64], dst[64];

	(void)state;
	for (uint32_t port = 0; port < 8; port++)
		for (uint32_t d = 0; d < 5; d++)
			for (uint32_t s = 0; s < 5; s++) {
				seed = seed * 1103515245 + 12345;
				if (seed >> 16 & 1)
					continue;
				uint32_t span = 4 + (seed >> 18) % 6;

				snprintf(src, sizeof(src), "10.0.0.%u-10.0.0.%u", s * 10,
					 s * 10 + span);
				snprintf(dst, sizeof(dst), "10.1.0.%u-10.1.0.%u", d * 10,
					 d * 10 + 6);
				fixture_box(f, a, b, src, dst, port & 1 ? 6 : 17,
					    (uint16_t)(port * 20), (uint16_t)(port * 20 + 12),
					    fixture_class(f, 1, permit));
			}
	const struct policy *p = fixture_policy(f);

	for (int i = 0; i < 20000; i++) {
		struct tuple t = { .protocol = (uint8_t)(i & 1 ? 6 : 17) };
		uint32_t want = POLICY_NONE;

		seed = seed * 1103515245 + 12345;
		t.src = ip("10.0.0.0") + (seed >> 8) % 60;
		t.dst = ip("10.1.0.0") + (seed >> 14) % 60;
		t.dport = (uint16_t)((seed >> 20) % 180);
		for (uint32_t k = 0; k < p->boxes_count; k++) {
			const struct box *x = &p->boxes[k];

			if (ip_in(x->src, t.src) && ip_in(x->dst, t.dst) &&
			    x->protocol == t.protocol && x->lo <= t.dport && t.dport <= x->hi)
				want = x->class;
		}
		assert_int_equal(policy_classify(p, a, b, &t), want);
	}
	fixture_free(f);
}

/* --- zones --- */

static void zone_of_address_and_interface_are_found(void **state)
{
	const struct policy *p = fixture_policy(*state);

	assert_int_equal(policy_zone_of_address(p, ip("10.20.0.0")), 1);
	assert_int_equal(policy_zone_of_address(p, ip("10.20.255.255")), 1);
	assert_int_equal(policy_zone_of_address(p, ip("fd00:20::ffff")), 1);
	assert_int_equal(policy_zone_of_address(p, ip("10.21.0.0")), POLICY_NONE);
	assert_int_equal(policy_zone_of_interface(p, "eth5"), 1);
	assert_int_equal(policy_zone_of_interface(p, "eth9"), POLICY_NONE);
	assert_int_equal(policy_zone_named(p, "box"), policy_box_zone(p));
}

/* --- names --- */

static void name_star_matches_below_and_not_itself(void **state)
{
	(void)state;
	assert_true(policy_name_matches("a.example", "a.example"));
	assert_false(policy_name_matches("a.example", "b.a.example"));
	assert_true(policy_name_matches("*.example", "a.example"));
	assert_true(policy_name_matches("*.example", "a.b.example"));
	assert_false(policy_name_matches("*.example", "example"));
	assert_false(policy_name_matches("*.example", "badexample"));
	assert_false(policy_name_matches("*.example", ".example"));
	assert_false(policy_name_matches("*.example", ""));
}

/* --- time --- */

static void live_since_and_until_bound_the_time(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);
	const struct policy *p = fixture_policy(f);

	s->since = at("2026-04-01");
	s->until = at("2027-04-01");
	assert_false(policy_live(p, s, s->since - 1));
	assert_true(policy_live(p, s, s->since));
	assert_true(policy_live(p, s, s->until - 1));
	assert_false(policy_live(p, s, s->until));
	assert_int_equal(policy_ends(p, s, s->since), s->until);
	assert_int_equal(policy_next_change(p, s->since - 5), s->since);
	assert_int_equal(policy_next_change(p, s->since), s->until);
	assert_int_equal(policy_next_change(p, s->until), INT64_MAX);
}

static void live_alarm_at_the_end_does_not_close(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);
	const struct policy *p = fixture_policy(f);

	s->until = at("2027-04-01");
	s->at_end_alarm = true;
	assert_true(policy_live(p, s, s->until + 86400));
	assert_int_equal(policy_ends(p, s, s->until - 1), INT64_MAX);
}

#define WEEKDAYS 0x3e

static void window_weekdays_close_at_night_and_on_holidays(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);

	s->window = fixture_window(f, WEEKDAYS, 8 * 60 + 30, 17 * 60 + 15, "2026-11-23");
	const struct policy *p = fixture_policy(f);

	assert_false(policy_live(p, s, at("2026-11-20T08:29:59")));
	assert_true(policy_live(p, s, at("2026-11-20T08:30:00")));
	assert_false(policy_live(p, s, at("2026-11-20T17:15:00")));
	assert_false(policy_live(p, s, at("2026-11-21T12:00:00"))); /* Saturday */
	assert_false(policy_live(p, s, at("2026-11-23T12:00:00"))); /* Monday, holiday */
	assert_true(policy_live(p, s, at("2026-11-24T12:00:00")));
	assert_int_equal(policy_ends(p, s, at("2026-11-20T09:00")), at("2026-11-20T17:15"));
	assert_int_equal(policy_next_change(p, at("2026-11-20T17:15")), at("2026-11-24T08:30"));
}

static void window_over_midnight_belongs_to_the_day_it_began(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);

	s->window = fixture_window(f, WEEKDAYS, 22 * 60, 5 * 60, "2026-11-23");
	const struct policy *p = fixture_policy(f);

	assert_true(policy_live(p, s, at("2026-11-21T04:59:59"))); /* Saturday: of Friday's night */
	assert_false(policy_live(p, s, at("2026-11-21T23:00:00")));
	assert_false(policy_live(p, s, at("2026-11-23T23:00:00")));
	assert_false(policy_live(p, s, at("2026-11-24T01:00:00")));
	assert_true(policy_live(p, s, at("2026-11-24T22:00:00")));
	assert_int_equal(policy_ends(p, s, at("2026-11-20T22:00")), at("2026-11-21T05:00"));
}

static void window_whole_days_joins_over_midnight(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);

	s->window = fixture_window(f, WEEKDAYS, 0, 1440, "");
	const struct policy *p = fixture_policy(f);

	assert_int_equal(policy_ends(p, s, at("2026-11-16T00:00")), at("2026-11-21"));
}

static void window_never_closed_has_no_change(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);

	s->window = fixture_window(f, 0x7f, 0, 1440, "");
	const struct policy *p = fixture_policy(f);

	assert_int_equal(policy_ends(p, s, at("2026-11-16")), INT64_MAX);
	assert_int_equal(policy_next_change(p, at("2026-11-16")), INT64_MAX);
}

static void window_inside_since_and_until_is_cut_by_them(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);

	s->window = fixture_window(f, WEEKDAYS, 8 * 60, 17 * 60, "");
	s->since = at("2026-11-21"); /* a Saturday */
	s->until = at("2026-11-24T12:00");
	const struct policy *p = fixture_policy(f);

	assert_int_equal(policy_next_change(p, at("2026-01-01")), at("2026-11-23T08:00"));
	assert_int_equal(policy_ends(p, s, at("2026-11-24T09:00")), at("2026-11-24T12:00"));
	assert_int_equal(policy_next_change(p, at("2026-11-24T12:00")), INT64_MAX);
}

/* The next change is exact: nothing changes before it, something does at it. */
static void next_change_agrees_with_looking_at_every_minute(void **state)
{
	struct fixture *f = *state;
	struct statement *s = fixture_statement_at(f, 0);

	s->window = fixture_window(f, 0x2a, 23 * 60 + 30, 60, "2026-11-25,2026-11-27");
	const struct policy *p = fixture_policy(f);
	int64_t now = at("2026-11-20");

	while (now < at("2026-12-10")) {
		int64_t next = policy_next_change(p, now);
		bool live = policy_live(p, s, now);

		for (int64_t t = now; t < next; t += 60)
			assert_int_equal(policy_live(p, s, t), live);
		assert_int_not_equal(policy_live(p, s, next), live);
		now = next;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_town, free_town)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(classify_tuple_in_a_box_is_its_class),
		TEST(classify_tuple_beside_a_box_is_none),
		TEST(classify_address_outside_its_zone_is_none),
		TEST(classify_box_itself_has_any_address),
		cmocka_unit_test(classify_random_boxes_agrees_with_linear_search),
		TEST(zone_of_address_and_interface_are_found),
		cmocka_unit_test(name_star_matches_below_and_not_itself),
		TEST(live_since_and_until_bound_the_time),
		TEST(live_alarm_at_the_end_does_not_close),
		TEST(window_weekdays_close_at_night_and_on_holidays),
		TEST(window_over_midnight_belongs_to_the_day_it_began),
		TEST(window_whole_days_joins_over_midnight),
		TEST(window_never_closed_has_no_change),
		TEST(window_inside_since_and_until_is_cut_by_them),
		TEST(next_change_agrees_with_looking_at_every_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
