/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "rules/kernel/closed.h"
#include "rules/kernel/live.h"
#include "rules/policy.h"
#include "tests/unit/policy_fixture.h"

enum { TO_KIKAN, TO_NET, TO_BOX, SHARED, CLASSES };

struct rig {
	struct fixture *f;
	struct policy policy;
	struct live_class live[CLASSES];
	struct closed closed;
	uint32_t kikan, lgwan, net, kanri;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct fixture *f = fixture_new();

	r->f = f;
	r->kikan = fixture_zone(f, "kikan", ROLE_MYNUMBER, "eth1", "10.10.0.0/16");
	r->lgwan = fixture_zone(f, "lgwan", ROLE_LGWAN, "eth2", "10.20.0.0/16");
	r->net = fixture_zone(f, "net", ROLE_INTERNET, "eth3", "10.30.0.0/16");
	r->kanri = fixture_zone(f, "kanri", ROLE_MANAGEMENT, "eth4", "10.40.0.0/24");
	fixture_zone_at(f, r->kikan)->inside_permit = true;
	fixture_zone_at(f, r->net)->inside_permit = true;

	uint32_t none = fixture_profile(f, "none", INSPECT_NONE);
	uint32_t a = fixture_permit(f, "a", none), b = fixture_permit(f, "b", none);
	uint32_t c = fixture_permit(f, "c", none), d = fixture_permit(f, "d", none);

	fixture_class(f, 1, a);
	fixture_class(f, 1, b);
	fixture_class(f, 1, c);
	fixture_class(f, 1, d);
	fixture_box(f, r->lgwan, r->kikan, "10.20.0.2", "10.10.0.2", IPPROTO_TCP, 443, 443,
		    TO_KIKAN);
	fixture_box(f, r->lgwan, r->net, "10.20.0.2", "10.30.0.2", IPPROTO_TCP, 443, 443, TO_NET);
	fixture_box(f, r->kanri, FIXTURE_BOX, "10.40.0.2", "", IPPROTO_TCP, 22, 22, TO_BOX);
	fixture_box(f, r->kanri, r->kikan, "10.40.0.2", "10.10.0.2", IPPROTO_TCP, 22, 22, SHARED);
	fixture_box(f, r->kanri, r->lgwan, "10.40.0.2", "10.20.0.2", IPPROTO_TCP, 22, 22, SHARED);
	r->policy = *fixture_policy(f);
	for (int i = 0; i < CLASSES; i++)
		r->live[i].state = LIVE_OPEN;
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	closed_done(&r->closed);
	fixture_free(r->f);
	free(r);
	return 0;
}

static uint32_t boxes(const struct rig *r, uint32_t from, uint32_t to)
{
	return r->policy.pairs[from * r->policy.zones_count + to].boxes.count;
}

static void closed_all_leaves_management_and_the_box(void **state)
{
	struct rig *r = *state;

	assert_int_equal(closed_apply(&r->policy, r->live, CLOSED_ALL, &r->closed), 0);
	assert_int_equal(boxes(r, r->lgwan, r->kikan) + boxes(r, r->lgwan, r->net), 0);
	assert_int_equal(boxes(r, r->kanri, r->kikan) + boxes(r, r->kanri, r->lgwan), 0);
	assert_int_equal(boxes(r, r->kanri, policy_box_zone(&r->policy)), 1);
	assert_int_equal(r->live[TO_BOX].state, LIVE_OPEN);
	assert_int_equal(r->live[TO_NET].state, LIVE_ABSENT);
	assert_int_equal(r->live[SHARED].state, LIVE_ABSENT);
	assert_false(r->policy.zones[r->net].inside_permit);
}

static void closed_protected_leaves_what_does_not_touch_it(void **state)
{
	struct rig *r = *state;

	assert_int_equal(closed_apply(&r->policy, r->live, CLOSED_PROTECTED, &r->closed), 0);
	assert_int_equal(boxes(r, r->lgwan, r->kikan) + boxes(r, r->kanri, r->kikan), 0);
	assert_int_equal(boxes(r, r->lgwan, r->net), 1);
	assert_int_equal(r->live[TO_KIKAN].state, LIVE_ABSENT);
	assert_int_equal(r->live[SHARED].state, LIVE_OPEN); /* it has another pair */
	assert_false(r->policy.zones[r->kikan].inside_permit);
	assert_true(r->policy.zones[r->net].inside_permit);
}

static void closed_nothing_leaves_everything(void **state)
{
	struct rig *r = *state;

	assert_int_equal(closed_apply(&r->policy, r->live, 0, &r->closed), 0);
	assert_int_equal(boxes(r, r->lgwan, r->kikan), 1);
	for (int i = 0; i < CLASSES; i++)
		assert_int_equal(r->live[i].state, LIVE_OPEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(closed_all_leaves_management_and_the_box),
		TEST(closed_protected_leaves_what_does_not_touch_it),
		TEST(closed_nothing_leaves_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
