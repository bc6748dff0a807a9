/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits, and sessions that prove one policy after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/json.h"
#include "rules/prove/prove.h"
#include "rules/prove/report.h"
#include "rules/text.h"
#include "tests/unit/prove_town.h"

static void prove_out_of_nodes_is_unknown(void **state)
{
	struct build b;
	struct prover *v = prover_new(100);
	struct proof f;

	(void)state;
	town_build("", &b);
	assert_int_equal(prove_policy(v, &b.policy, 0, 0, &f), 0);
	assert_int_equal(f.result, PROOF_UNKNOWN);
	proof_done(&f);
	prover_free(v);
	build_done(&b);
}

static void prove_unknown_is_said(void **state)
{
	struct build b;
	struct prover *v = prover_new(100);
	struct text t = { 0 };
	struct json j = json_to(&t);
	struct proof f;

	(void)state;
	town_build("", &b);
	prove_policy(v, &b.policy, 0, 0, &f);
	assert_int_not_equal(f.unknown_from, POLICY_NONE);
	assert_int_equal(proof_json(&f, &b.policy, &j, NULL), 0);
	assert_non_null(strstr(t.bytes, "\"result\":\"unknown\",\"unknown_from\":\""));
	text_done(&t);
	proof_done(&f);
	prover_free(v);
	build_done(&b);
}

static void assert_same_proof(const struct proof *a, const struct proof *b)
{
	assert_int_equal(a->result, b->result);
	assert_int_equal(a->claims, b->claims);
	assert_int_equal(a->errors, b->errors);
	assert_int_equal(a->warnings, b->warnings);
	assert_int_equal(a->permits_spoken, b->permits_spoken);
	assert_int_equal(a->relays_accepted, b->relays_accepted);
	assert_int_equal(a->findings_count, b->findings_count);
	for (uint32_t i = 0; i < a->findings_count; i++) {
		const struct finding *x = &a->findings[i], *y = &b->findings[i];

		assert_int_equal(x->what, y->what);
		assert_int_equal(x->statement, y->statement);
		assert_int_equal(x->others_count, y->others_count);
		assert_int_equal(x->from, y->from);
		assert_int_equal(x->to, y->to);
		assert_int_equal(x->object, y->object);
		assert_int_equal(x->bits, y->bits);
	}
}

/* A session that has proved other policies says the same as a fresh one. */
static void prove_warm_session_agrees_with_a_fresh_one(void **state)
{
	struct prover *v = prover_new(0);
	uint64_t seed = 4242;

	(void)state;
	for (uint32_t i = 0; i < 60; i++) {
		uint64_t again = seed;
		static const char *const models[] = { "alpha", "custom", "beta" };
		struct build b, edited;
		struct proof warm, fresh;

		town_draw_build(&seed, models[i % 3], 15, &b);
		town_draw_build(&again, models[(i + (i % 5 == 0)) % 3], 15 + i % 2, &edited);
		prove_policy(v, &b.policy, 0, 0, &warm);
		proof_done(&warm);
		prove_policy(v, &edited.policy, 0, 0, &warm);
		fresh = town_prove(&edited.policy);
		assert_same_proof(&warm, &fresh);
		proof_done(&warm);
		proof_done(&fresh);
		build_done(&b);
		build_done(&edited);
	}
	prover_free(v);
}

/* Single texts altered in a large policy: whatever the key of a pair forgot would show here. */
static void prove_warm_session_sees_every_edit(void **state)
{
	static const char *const edits[][2] = {
		{ "service https; application TLS;\n  profile strict",
		  "service web; application TLS;\n  profile strict" },
		{ "mac 02:00:00:10:01:10", "label \"x\"" },
		{ "routed yes", "routed no" },
		{ "role guest", "role iot" },
		{ "profile content; owner \"a\"; reason \"b\"; reference \"c\";",
		  "profile content; owner \"a\"; reason \"b\";" },
		{ "on-overload pass; on-no-inspector pass;\n",
		  "on-overload drop; on-no-inspector drop;\n" },
		{ "kind mail-text", "kind ordinary" },
		{ "to zone world; service web", "to site meter; service web" },
		{ "address 10.99.0.10", "address 10.99.0.11" },
		{ "rule never; from zone guest", "rule never; from zone iot" },
		{ "via host proxy", "via host relay" },
	};
	static const char more[] =
		"assert a1 { rule never; from zone guest; to 198.51.100.0/24; }\n"
		"assert a2 { rule only; from zone net; to zone cloud; via host proxy; }\n";
	struct text t = { 0 };

	(void)state;
	town_text("alpha", &t);
	text_puts(&t, more);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const char *at_ = strstr(t.bytes, edits[i][0]);
		struct prover *v = prover_new(0);
		struct build b, edited;
		struct text e = { 0 };
		struct proof warm, fresh;

		assert_non_null(at_);
		text_add(&e, t.bytes, (size_t)(at_ - t.bytes));
		text_puts(&e, edits[i][1]);
		text_puts(&e, at_ + strlen(edits[i][0]));
		assert_int_equal(build_bytes("town", t.bytes, t.len, &b), 0);
		assert_int_equal(build_bytes("town", e.bytes, e.len, &edited), 0);
		assert_true(b.ok && edited.ok);
		prove_policy(v, &b.policy, 0, 0, &warm);
		proof_done(&warm);
		prove_policy(v, &edited.policy, 0, 0, &warm);
		fresh = town_prove(&edited.policy);
		assert_same_proof(&warm, &fresh);
		proof_done(&warm);
		proof_done(&fresh);
		prover_free(v);
		build_done(&b);
		build_done(&edited);
		text_done(&e);
	}
	text_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prove_out_of_nodes_is_unknown),
		cmocka_unit_test(prove_unknown_is_said),
		cmocka_unit_test(prove_warm_session_agrees_with_a_fresh_one),
		cmocka_unit_test(prove_warm_session_sees_every_edit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
