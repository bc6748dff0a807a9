/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/judge.h"

#include "daemon/record/event.h"
#include "tests/unit/policy_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A class of one permit, and a deny of each sort; what the profile does is set by each case. */
struct bench {
	struct fixture *f;
	const struct policy *p;
	uint32_t profile, class, permit, deny_name, deny_app, deny_all, crossing;
};

static int set_up(void **state)
{
	static struct bench b;
	uint32_t a;

	b.f = fixture_new();
	a = fixture_zone(b.f, "a", ROLE_LGWAN, "a0", "10.0.0.0/16");
	b.profile = fixture_profile(b.f, "p", INSPECT_METADATA);
	b.permit = fixture_permit(b.f, "permit", b.profile);
	b.crossing = fixture_permit(b.f, "crossing", b.profile);
	fixture_statement_at(b.f, b.crossing)->type = STATEMENT_CROSSING;
	b.deny_name = fixture_deny(b.f, "name");
	fixture_names(b.f, b.deny_name, "evil.example");
	b.deny_app = fixture_deny(b.f, "app");
	fixture_apps(b.f, b.deny_app, "TLS");
	b.deny_all = fixture_deny(b.f, "all");
	b.class = fixture_class(b.f, 1, b.permit);
	fixture_box(b.f, a, a, "10.0.0.1", "10.0.0.2", 6, 1, 1, b.class);
	b.p = fixture_policy(b.f);
	*state = &b;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(((struct bench *)*state)->f);
	return 0;
}

struct judge_case {
	const char *what;
	uint8_t verdict, reason;
	bool alert_only, known, named, exhausted, unreadable, midstream, watched;
	uint8_t action; /* of on_unknown_application and on_uninspectable */
	uint8_t judged, detector, event_reason;
	bool alert;
};

#define PASS_ VERDICT_PASS
#define DENY_ VERDICT_DENY
#define MORE_ VERDICT_MORE

static const struct judge_case cases[] = {
	{ "permitted and known", PASS_, .known = true, .judged = JUDGED_LEAVE },
	{ "permitted, more to see", PASS_, .known = true, .watched = true, .judged = JUDGED_WAIT },
	{ "more is needed", MORE_, .judged = JUDGED_WAIT },
	{ "unknown, blocks", MORE_, .exhausted = true, .action = ACTION_BLOCK,
	  .judged = JUDGED_DENY, .detector = DETECTOR_APPLICATION,
	  .event_reason = EVENT_REASON_UNKNOWN_APPLICATION },
	{ "unknown, alarms", MORE_, .exhausted = true, .action = ACTION_ALERT,
	  .judged = JUDGED_LEAVE, .detector = DETECTOR_APPLICATION,
	  .event_reason = EVENT_REASON_UNKNOWN_APPLICATION, .alert = true },
	{ "unknown, passes", MORE_, .exhausted = true, .action = ACTION_PASS,
	  .judged = JUDGED_LEAVE, .detector = DETECTOR_APPLICATION,
	  .event_reason = EVENT_REASON_UNKNOWN_APPLICATION },
	{ "unknown where any is permitted, blocks", PASS_, .exhausted = true,
	  .action = ACTION_BLOCK, .judged = JUDGED_DENY, .detector = DETECTOR_APPLICATION,
	  .event_reason = EVENT_REASON_UNKNOWN_APPLICATION },
	{ "unknown of a midstream flow", MORE_, .exhausted = true, .midstream = true,
	  .action = ACTION_BLOCK, .judged = JUDGED_LEAVE },
	{ "unreadable, blocks", PASS_, .known = true, .unreadable = true, .action = ACTION_BLOCK,
	  .judged = JUDGED_DENY, .detector = DETECTOR_PROTOCOL,
	  .event_reason = EVENT_REASON_NO_NAME },
	{ "unreadable, alarms", PASS_, .known = true, .unreadable = true, .action = ACTION_ALERT,
	  .judged = JUDGED_LEAVE, .detector = DETECTOR_PROTOCOL,
	  .event_reason = EVENT_REASON_NO_NAME, .alert = true },
	{ "another application", DENY_, REASON_APPLICATION, .known = true, .judged = JUDGED_DENY,
	  .detector = DETECTOR_APPLICATION, .event_reason = EVENT_REASON_APPLICATION },
	{ "another application, only alarms", DENY_, REASON_APPLICATION, .known = true,
	  .alert_only = true, .judged = JUDGED_LEAVE, .detector = DETECTOR_APPLICATION,
	  .event_reason = EVENT_REASON_APPLICATION, .alert = true },
	{ "no application known, and the name was missed", DENY_, REASON_APPLICATION,
	  .judged = JUDGED_DENY, .detector = DETECTOR_APPLICATION,
	  .event_reason = EVENT_REASON_UNKNOWN_APPLICATION },
	{ "another name, only alarms, more to see", DENY_, REASON_NAME, .alert_only = true,
	  .named = true, .watched = true, .judged = JUDGED_WAIT, .detector = DETECTOR_NAME,
	  .event_reason = EVENT_REASON_NAME, .alert = true },
	{ "another name", DENY_, REASON_NAME, .named = true, .judged = JUDGED_DENY,
	  .detector = DETECTOR_NAME, .event_reason = EVENT_REASON_NAME },
	{ "no name", DENY_, REASON_NAME, .judged = JUDGED_DENY, .detector = DETECTOR_NAME,
	  .event_reason = EVENT_REASON_NO_NAME },
	{ "against the direction", DENY_, REASON_DIRECTION, .judged = JUDGED_DENY,
	  .detector = DETECTOR_UPLOAD, .event_reason = EVENT_REASON_DIRECTION },
	{ "ended", DENY_, REASON_ENDED, .judged = JUDGED_DENY, .detector = DETECTOR_SEGMENTATION,
	  .event_reason = EVENT_REASON_ENDED },
	{ "not permitted", DENY_, REASON_NOT_PERMITTED, .judged = JUDGED_DENY,
	  .detector = DETECTOR_SEGMENTATION, .event_reason = EVENT_REASON_NOT_PERMITTED },
};

static struct situation situation_of(struct bench *b, const struct judge_case *c)
{
	return (struct situation){
		.policy = b->p,
		.class = b->class,
		.decision = { .verdict = c->verdict,
			      .reason = c->reason,
			      .alert_only = c->alert_only,
			      .statement = b->permit },
		.app_known = c->known,
		.name_known = c->named,
		.exhausted = c->exhausted,
		.unreadable = c->unreadable,
		.midstream = c->midstream,
		.watched = c->watched,
	};
}

static void every_row_of_the_table_holds(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct judge_case *c = &cases[i];
		struct situation s = situation_of(b, c);
		struct profile *joined = &fixture_class_at(b->f, b->class)->joined;

		joined->on_unknown_application = joined->on_uninspectable = c->action;
		struct judgement j = judge(&s);

		if (j.what != c->judged || j.detector != c->detector ||
		    j.reason != c->event_reason || j.alert != c->alert)
			fail_msg("%s: judged %u, detector %u, reason %u, alert %d", c->what, j.what,
				 j.detector, j.reason, j.alert);
		assert_int_equal(j.statement, b->permit);
	}
}

static uint8_t detector_of(struct bench *b, uint32_t statement)
{
	struct situation s = { .policy = b->p, .class = b->class };

	s.decision = (struct decision){ .verdict = VERDICT_DENY,
					.reason = REASON_DENIED,
					.statement = statement };
	assert_int_equal(judge(&s).reason, EVENT_REASON_DENIED);
	return judge(&s).detector;
}

static void deny_is_told_by_what_it_asked_for(void **state)
{
	struct bench *b = *state;

	assert_int_equal(detector_of(b, b->deny_name), DETECTOR_NAME);
	assert_int_equal(detector_of(b, b->deny_app), DETECTOR_APPLICATION);
	assert_int_equal(detector_of(b, b->deny_all), DETECTOR_SEGMENTATION);
	assert_int_equal(detector_of(b, POLICY_NONE), DETECTOR_SEGMENTATION);
}

static void crossing_passes_and_is_told(void **state)
{
	struct bench *b = *state;
	struct situation s = situation_of(b, &cases[0]);

	s.decision.statement = b->crossing;
	struct judgement j = judge(&s);

	assert_int_equal(j.what, JUDGED_LEAVE);
	assert_int_equal(j.reason, EVENT_REASON_OBSERVED);
	assert_true(j.alert);
}

static void fail_conditions_open_or_close(void **state)
{
	static const struct {
		uint8_t action, judged;
		bool alert;
	} rows[] = {
		{ ACTION_PASS, JUDGED_LEAVE, false }, { ACTION_PASS_METADATA, JUDGED_LEAVE, false },
		{ ACTION_ALERT, JUDGED_LEAVE, true }, { ACTION_DROP, JUDGED_DENY, false },
		{ ACTION_RESET, JUDGED_DENY, false }, { ACTION_BLOCK, JUDGED_DENY, false },
	};
	bool alert;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(judge_fail(rows[i].action, &alert), rows[i].judged);
		assert_int_equal(alert, rows[i].alert);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(every_row_of_the_table_holds),
		T(deny_is_told_by_what_it_asked_for),
		T(crossing_passes_and_is_told),
		T(fail_conditions_open_or_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
