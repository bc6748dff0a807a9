/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a proof finds, and that it finds nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/json.h"
#include "rules/prove/gate_rules.h"
#include "rules/prove/prove.h"
#include "rules/prove/report.h"
#include "rules/text.h"
#include "tests/unit/prove_town.h"

/* The packet is one that the compiled policy really lets through by that statement. */
static void assert_passes(const struct policy *p, const struct witness *w, uint32_t statement)
{
	uint32_t class = policy_classify(p, w->from, w->to, &w->tuple);
	bool member = false;

	assert_int_not_equal(class, POLICY_NONE);
	assert_false(p->classes[class].denied);
	for (uint32_t i = 0; i < p->classes[class].members.count; i++)
		member |= p->refs[p->classes[class].members.first + i] == statement;
	assert_true(member);
}

/* ---- findings ---- */

static void prove_town_holds(void **state)
{
	struct build b;

	(void)state;
	town_build("", &b);
	struct proof f = town_prove(&b.policy);

	assert_int_equal(f.result, PROOF_HOLDS);
	assert_int_equal(f.findings_count, 0);
	assert_true(f.compiled && f.claims > 100);
	proof_done(&f);
	build_done(&b);
}

/* One block more, and the one finding that it brings; bits as in gate_rules.h, or 0. */
static const struct breaking {
	const char *more;
	uint8_t what;
	const char *statement;
	const char *from, *to; /* zones of the finding */
	uint32_t bits;
} breakings[] = {
	{ "permit x { kind ordinary; from host gyomu; to zone world; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_NONE, "x", "kikan", "world", 0 },
	{ "permit x { kind specific; from host relay; to host gyomu; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_NONE, "x", "net", "kikan", 0 },
	{ "permit x { kind ordinary; from zone guest; to host box; service dns; profile bare; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_NONE, "x", "guest", "box", 0 },
	{ "permit x { kind ordinary; from host box; to host gyomu; service ntp; profile bare; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_NONE, "x", "box", "kikan", 0 },
	{ "permit x { kind ordinary; from host mailtext; to host relay; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_KIND, "x", "lgwan", "net", 0 },
	{ "permit x { kind breakout; from host mailtext; to zone cloud; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_KIND, "x", "lgwan", "cloud", 0 },
	{ "permit x { kind ordinary; from zone iot; to zone world; service web; profile soft; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_CONDITION, "x", "iot", "world", 0 },
	{ "permit x { kind ordinary; from zone home; to zone net; service web; profile soft; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_CONDITION, "x", "home", "net", 0 },
	{ "permit x { kind ordinary; from host gyomu; to host box; service ssh; profile bare; " TOWN_COMPLETE
	  " }",
	  PROOF_CELL_CONDITION, "x", "kikan", "box", 0 },
	{ "crossing x { between zone guest, zone iot; mode observe; owner \"a\"; until 2027-03-31; }",
	  PROOF_CROSSING_NONE, "x", "guest", "iot", 0 },
	{ "permit x { kind ordinary; from host shomei; to host mailtext; service web; application TLS; profile strict;"
	  " owner \"a\"; reason \"b\"; approved-by \"d\"; approved-on 2026-04-01; until 2027-03-31; }",
	  PROOF_INCOMPLETE, "x", "lgwan", "lgwan", 1u << RULE_REFERENCE },
	{ "permit x { kind ordinary; from host shomei; to host mailtext; service any; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_INCOMPLETE, "x", "lgwan", "lgwan", 1u << RULE_SERVICE },
	{ "permit x { kind specific; from zone kikan; to host shomei; service https; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_END_UNNAMED, "x", "kikan", "lgwan", 0 },
	{ "permit x { kind specific; from host shomei; to 10.10.1.10; service https; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_END_UNNAMED, "x", "lgwan", "kikan", 0 },
	{ "permit x { kind specific; from host loose; to host shomei; service https; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_END_UNBOUND, "x", "kikan", "lgwan", 0 },
	{ "permit x { kind screen; from host shomei; to host relay; service https; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_RELAY, "renkei", "kikan", "net", 0 },
	{ "permit x { kind specific; from host gyomu; to 10.20.9.0/24; service https; application TLS; profile strict; " TOWN_COMPLETE
	  " }"
	  "permit y { kind screen; from host relay; to 10.20.9.128/25; service https; application TLS; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_RELAY_UNNAMED, "x", "kikan", "net", 0 },
	{ "permit x { kind maintenance; from host admin; to host gyomu; service ssh; application SSH; profile strict; " TOWN_COMPLETE
	  " }"
	  "permit y { kind maintenance; from host admin; to host relay; service ssh; profile strict; " TOWN_COMPLETE
	  " }",
	  PROOF_RELAY, "x", "kikan", "net", 0 },
	{ "permit x { kind ordinary; from host gyomu; to host box; service dns; profile bare; " TOWN_COMPLETE
	  " }"
	  "permit y { kind ordinary; from host box; to zone cloud; service dns; profile bare; " TOWN_COMPLETE
	  " }",
	  PROOF_RELAY, "x", "kikan", "cloud", 0 },
	{ "permit x { kind ordinary; from host shomei; to host mailtext; service web; application TLS; profile soft; " TOWN_COMPLETE
	  " }",
	  PROOF_FAILS_OPEN, "x", "lgwan", "lgwan",
	  1u << RULE_on_overload | 1u << RULE_on_no_inspector },
	{ "zone two { role lgwan; interface \"x0\", \"x1\"; network 10.60.0.0/16; inside permit; }",
	  PROOF_UNINSPECTED, "", "two", "two", 0 },
	{ "permit x { kind ordinary; from zone guest; to zone world; service ssh; profile content;"
	  " owner \"a\"; reason \"b\"; approved-by \"d\"; approved-on 2026-04-01; until 2027-03-31; }",
	  PROOF_GUEST_WATCHED, "x", "guest", "world", 1u << RULE_GUEST_CONTENT },
	{ "assert x { rule never; from zone guest; to 198.51.100.0/24; service https; }",
	  PROOF_ASSERT_NEVER, "wifi", "guest", "world", 0 },
	{ "host only { zone cloud; address 10.99.0.11; } assert x { rule only; from zone net; to zone cloud; via host only; }",
	  PROOF_ASSERT_ONLY, "browse", "net", "cloud", 0 },
	{ "permit x { kind sanitizer; from host relay; to host mailtext; service ssh; application SSH; profile content; " TOWN_COMPLETE
	  " }",
	  PROOF_KIND_SANITIZER, "x", NULL, NULL, 0 },
	{ "deny x { from zone net; to zone cloud; service web; reason \"b\"; }", PROOF_PERMIT_NEVER,
	  "browse", NULL, NULL, 0 },
	{ "permit x { kind security-cloud; from host relay; to host proxy; service web; profile soft; " TOWN_COMPLETE
	  " }",
	  PROOF_PERMIT_COVERED, "x", NULL, NULL, 0 },
	{ "permit x { kind ordinary; from zone school; to site meter; service web; profile soft; owner \"TODO\"; reason \"b\";"
	  " approved-by \"d\"; approved-on 2026-04-01; until 2027-03-31; }",
	  PROOF_PLACEHOLDER, "x", NULL, NULL, 0 },
	{ "permit x { kind ordinary; from zone school; to site meter; service web; profile soft; owner \"〇〇課\"; reason \"b\";"
	  " approved-by \"d\"; approved-on 2026-04-01; until 2027-03-31; }",
	  PROOF_PLACEHOLDER, "x", NULL, NULL, 0 },
	{ "host doc { zone world; address 198.51.100.7; }", PROOF_EXAMPLE_ADDRESS, "", NULL, NULL,
	  0 },
	{ "accept x { relay host mailtext; owner \"a\"; reason \"b\"; approved-by \"c\"; until 2027-03-31; }",
	  PROOF_ACCEPT_UNUSED, "", NULL, NULL, 0 },
};

static void assert_zone(const struct policy *p, uint32_t zone, const char *name)
{
	if (!name)
		return;
	assert_int_not_equal(zone, POLICY_NONE);
	assert_string_equal(policy_string(p, p->zones[zone].name), name);
}

static void prove_each_breaking_brings_its_finding(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(breakings) / sizeof(breakings[0]); i++) {
		const struct breaking *x = &breakings[i];
		struct build b;

		town_build(x->more, &b);
		struct proof f = town_prove(&b.policy);
		const struct finding *found = town_find(&f, (enum proof_what)x->what);

		assert_int_equal(f.result, proof_is_error(x->what) ? PROOF_FAILS : PROOF_HOLDS);
		assert_non_null(found);
		assert_int_equal(found->bits, x->bits);
		assert_string_equal(town_statement(&b.policy, found->statement), x->statement);
		assert_zone(&b.policy, found->from, x->from);
		assert_zone(&b.policy, found->to, x->to);
		for (uint32_t k = 0; k < f.findings_count; k++)
			if (proof_is_error(f.findings[k].what))
				assert_int_equal(f.findings[k].what, x->what);
		if (found->has_witness && found->statement != POLICY_NONE)
			assert_passes(&b.policy, &found->witness, found->statement);
		proof_done(&f);
		build_done(&b);
	}
}

/* The same openings where a model, an acceptance, or a narrower text makes them right. */
static const struct keeping {
	const char *model, *more;
} keepings[] = {
	{ "alpha",
	  "permit x { kind ordinary; from zone iot; to site meter; service web; profile soft; " TOWN_COMPLETE
	  " }" },
	{ "alpha",
	  "permit x { kind ordinary; from zone home; to host relay; service web; profile soft; " TOWN_COMPLETE
	  " }" },
	{ "alpha",
	  "permit x { kind ordinary; from host pump; to host mailtext; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }" },
	{ "alpha-prime",
	  "permit x { kind breakout; from host mailtext; to zone cloud; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }" },
	{ "alpha-prime",
	  "permit x { kind breakout; from host mailtext; to site meter; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }" },
	{ "beta",
	  "permit x { kind ordinary; from host relay; to host mailtext; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }" },
	{ "beta-prime",
	  "permit x { kind breakout; from zone net; to zone world; service web; profile soft; " TOWN_COMPLETE
	  " }" },
	{ "custom",
	  "permit x { kind breakout; from zone iot; to zone school; service any; profile soft; " TOWN_COMPLETE
	  " }" },
	{ "lab",
	  "permit x { kind ordinary; from zone kikan; to zone world; service any; application TLS; profile strict; " TOWN_COMPLETE
	  " }" },
	{ "alpha",
	  "permit x { kind screen; from host shomei; to host relay; service https; application TLS; profile strict; " TOWN_COMPLETE
	  " }"
	  "accept y { relay host shomei; owner \"a\"; reason \"b\"; approved-by \"c\"; until 2027-03-31; }" },
	{ "alpha",
	  "permit x { kind ordinary; from host gyomu; to zone world; service web; application TLS; profile strict; " TOWN_COMPLETE
	  " }"
	  "deny y { from zone kikan; to zone world; reason \"b\"; }" },
	{ "alpha",
	  "zone two { role guest; interface \"x0\", \"x1\"; network 10.60.0.0/16; inside permit; }" },
	{ "alpha",
	  "assert x { rule never; from zone kikan; to zone net, zone cloud, zone world; }" },
	{ "alpha", "assert x { rule only; from zone net; to zone cloud; via host proxy; }" },
	{ "alpha",
	  "permit x { kind maintenance; from zone kanri; to host box; service ssh; profile bare; " TOWN_COMPLETE
	  " }" },
};

static void prove_right_openings_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(keepings) / sizeof(keepings[0]); i++) {
		struct build b;

		town_build_as(keepings[i].model, keepings[i].more, &b);
		struct proof f = town_prove(&b.policy);

		assert_int_equal(f.result, PROOF_HOLDS);
		proof_done(&f);
		build_done(&b);
	}
}

#define RELAYED \
	"permit x { kind screen; from host shomei; to host relay; service https; application TLS; profile strict; " TOWN_COMPLETE \
	" }" \
	"permit y { kind screen; from host other; to host relay; service https; application TLS; profile strict; " TOWN_COMPLETE \
	" }" \
	"permit z { kind specific; from host gyomu; to host other; service https; application TLS; profile strict; " TOWN_COMPLETE \
	" }" \
	"host other { zone lgwan; address 10.20.1.77; }" \
	"accept one { relay host shomei; owner \"a\"; reason \"b\"; approved-by \"c\"; until 2026-12-31; }"

static void accept_acknowledges_one_relay_and_no_other(void **state)
{
	struct build b;

	(void)state;
	town_build(RELAYED, &b);
	struct proof f = town_prove_at(&b.policy, town_at("2026-06-01"));
	const struct finding *x = town_find(&f, PROOF_RELAY);

	assert_int_equal(f.errors, 1);
	assert_int_equal(f.relays_accepted, 1);
	assert_string_equal(policy_string(&b.policy, b.policy.hosts[x->object].name), "other");
	assert_passes(&b.policy, &x->witness, x->statement);
	assert_passes(&b.policy, &x->second, x->others[0]);
	proof_done(&f);
	build_done(&b);
}

static void accept_ends_with_its_day(void **state)
{
	struct build b;

	(void)state;
	town_build(RELAYED, &b);
	struct proof before = town_prove_at(&b.policy, town_at("2026-12-31T23:59:59"));
	struct proof after = town_prove_at(&b.policy, town_at("2027-01-01"));

	assert_null(town_find(&before, PROOF_RELAY_EXPIRED));
	assert_non_null(town_find(&after, PROOF_RELAY_EXPIRED));
	assert_int_equal(after.relays_accepted, 0);
	proof_done(&before);
	proof_done(&after);
	build_done(&b);
}

static void prove_ended_permit_passes_nothing(void **state)
{
	struct build b;

	(void)state;
	town_build(
		"permit x { kind ordinary; from host gyomu; to zone world; service web; application TLS; profile strict; " TOWN_COMPLETE
		" }",
		&b);
	struct proof before = town_prove_at(&b.policy, town_at("2027-03-31T23:59:59"));
	struct proof after = town_prove_at(&b.policy, town_at("2027-04-01"));

	assert_non_null(town_find(&before, PROOF_CELL_NONE));
	assert_null(town_find(&after, PROOF_CELL_NONE));
	assert_non_null(town_find(&after, PROOF_PERMIT_ENDED));
	assert_int_equal(after.result, PROOF_HOLDS);
	proof_done(&before);
	proof_done(&after);
	build_done(&b);
}

static void prove_finding_names_denies_and_wider_permits(void **state)
{
	struct build b;

	(void)state;
	town_build(
		"deny d1 { from zone net; to zone cloud; service https; reason \"b\"; }"
		"deny d2 { from zone net; to host proxy; service web; reason \"b\"; }"
		"permit narrow { kind ordinary; from zone guest; to site meter; service https; profile soft; " TOWN_COMPLETE
		" }",
		&b);
	struct proof f = town_prove(&b.policy);
	const struct finding *never = town_find(&f, PROOF_PERMIT_NEVER),
			     *covered = town_find(&f, PROOF_PERMIT_COVERED);

	assert_string_equal(town_statement(&b.policy, never->others[0]),
			    "d2"); /* the larger takes it all */
	assert_int_equal(never->others_count, 1);
	assert_string_equal(town_statement(&b.policy, covered->statement), "narrow");
	assert_string_equal(town_statement(&b.policy, covered->others[0]), "wifi");
	proof_done(&f);
	build_done(&b);
}

static void prove_permit_with_other_terms_is_not_covered(void **state)
{
	static const char *const others[] = { "application TLS;", "name a.example;",
					      "direction download;" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct text t = { 0 };
		struct build b;

		/* wide asks for more than narrow does: it does not let all of it pass */
		text_printf(
			&t,
			"permit wide { kind ordinary; from zone school; to zone world; service ssh; profile soft; %s " TOWN_COMPLETE
			" }"
			"permit narrow { kind ordinary; from zone school; to site meter; service ssh; profile soft; " TOWN_COMPLETE
			" }",
			others[i]);
		town_build(t.bytes, &b);
		struct proof f = town_prove(&b.policy);

		assert_null(town_find(&f, PROOF_PERMIT_COVERED));
		proof_done(&f);
		build_done(&b);
		text_done(&t);
	}
}

static void prove_coverage_names_what_no_invariant_speaks_of(void **state)
{
	struct build b;

	(void)state;
	town_build("", &b);
	struct proof f = town_prove(&b.policy);

	assert_int_equal(f.permits, 7);
	assert_int_equal(f.permits_spoken, 6);
	assert_int_equal(f.unspoken_count, 1);
	assert_string_equal(town_statement(&b.policy, f.unspoken[0]), "wifi");
	assert_true(f.share_spoken > 0 && f.share_spoken < 1);
	proof_done(&f);
	build_done(&b);
	town_build("assert x { rule only; from zone guest; to zone world; via zone world; }", &b);
	f = town_prove(&b.policy);
	assert_int_equal(f.unspoken_count, 0);
	assert_true(f.share_spoken == 1);
	proof_done(&f);
	build_done(&b);
}

/* ---- words ---- */

static void report_has_words_for_every_finding(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(breakings) / sizeof(breakings[0]); i++) {
		struct build b;
		struct text t = { 0 };
		struct json j = json_to(&t);

		town_build(breakings[i].more, &b);
		struct proof f = town_prove(&b.policy);
		struct proof_places places = { b.statements_at, b.zones_at, b.hosts_at,
					       b.asserts_at, b.accepts_at };
		unsigned int before = b.diags.errors + b.diags.warnings;

		assert_int_equal(proof_report(&f, &b.policy, &places, &b.diags), 0);
		assert_int_equal(b.diags.errors + b.diags.warnings - before, f.errors + f.warnings);
		assert_int_equal(proof_json(&f, &b.policy, &j, NULL), 0);
		assert_false(t.failed);
		assert_non_null(strstr(t.bytes, "\"findings\":[{"));
		text_done(&t);
		proof_done(&f);
		build_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prove_town_holds),
		cmocka_unit_test(prove_each_breaking_brings_its_finding),
		cmocka_unit_test(prove_right_openings_hold),
		cmocka_unit_test(accept_acknowledges_one_relay_and_no_other),
		cmocka_unit_test(accept_ends_with_its_day),
		cmocka_unit_test(prove_ended_permit_passes_nothing),
		cmocka_unit_test(prove_finding_names_denies_and_wider_permits),
		cmocka_unit_test(prove_permit_with_other_terms_is_not_covered),
		cmocka_unit_test(prove_coverage_names_what_no_invariant_speaks_of),
		cmocka_unit_test(report_has_words_for_every_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
