/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a proof finds, and that it finds nothing else; then what it says against packets drawn at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/json.h"
#include "rules/jst.h"
#include "rules/prove/gate.h"
#include "rules/prove/gate_rules.h"
#include "rules/prove/matrix.h"
#include "rules/prove/prove.h"
#include "rules/prove/report.h"
#include "rules/prove/terms.h"
#include "rules/text.h"
#include "tests/unit/prove_town.h"

/* ---- what the tests share ---- */

static int64_t at(const char *date)
{
	int64_t t = 0;

	assert_int_equal(jst_parse(date, &t, NULL), 0);
	return t;
}

static struct proof prove_at(const struct policy *p, int64_t now)
{
	struct prover *v = prover_new(0);
	struct proof f;

	assert_non_null(v);
	assert_int_equal(prove_policy(v, p, now, 0, &f), 0);
	prover_free(v);
	return f;
}

static struct proof prove(const struct policy *p)
{
	return prove_at(p, 0);
}

static const struct finding *find(const struct proof *f, enum proof_what what)
{
	for (uint32_t i = 0; i < f->findings_count; i++)
		if (f->findings[i].what == what)
			return &f->findings[i];
	return NULL;
}

static const char *statement_name(const struct policy *p, uint32_t i)
{
	return i == POLICY_NONE ? "" : policy_string(p, p->statements[i].name);
}

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

/* ---- the matrix, written down a second time: as the design has it, a cell a line ---- */

struct cell {
	const char *from, *to, *allowed;
};

static const struct cell all_models[] = {
	{ "mynumber", "mynumber", "specific" },
	{ "mynumber", "public-line", "specific" },
	{ "mynumber", "lgwan", "specific update" },
	{ "mynumber", "box", "any:udp 123 any:port 53" },
	{ "public-line", "mynumber", "specific" },
	{ "public-line", "lgwan", "specific" },
	{ "lgwan", "mynumber", "specific update" },
	{ "lgwan", "public-line", "specific" },
	{ "lgwan", "lgwan", "ordinary" },
	{ "lgwan", "internet", "mail-text screen sanitized-files" },
	{ "lgwan", "cloud", "update mail-text" },
	{ "lgwan", "control", "ordinary" },
	{ "lgwan", "box", "any:udp 123 any:port 53" },
	{ "internet", "lgwan", "mail-text screen sanitized-files" },
	{ "internet", "internet", "ordinary" },
	{ "internet", "cloud", "security-cloud" },
	{ "internet", "guest", "ordinary" },
	{ "internet", "school", "ordinary" },
	{ "internet", "iot", "ordinary" },
	{ "internet", "telework", "ordinary" },
	{ "internet", "control", "ordinary" },
	{ "internet", "box", "any:udp 123 any:port 53" },
	{ "cloud", "lgwan", "update mail-text" },
	{ "cloud", "internet", "security-cloud" },
	{ "guest", "outside", "ordinary" },
	{ "school", "outside", "ordinary" },
	{ "school", "school", "mail-text screen sanitized-files ordinary:to host" },
	{ "iot", "outside", "ordinary:to site" },
	{ "telework", "internet", "ordinary:to host" },
	{ "telework", "outside", "ordinary" },
	{ "control", "lgwan", "ordinary:to host" },
	{ "control", "outside", "ordinary:to site" },
	{ "control", "box", "any:udp 123" },
	{ "management", "mynumber", "maintenance" },
	{ "management", "lgwan", "maintenance" },
	{ "management", "internet", "maintenance" },
	{ "management", "guest", "maintenance" },
	{ "management", "school", "maintenance" },
	{ "management", "iot", "maintenance" },
	{ "management", "telework", "maintenance" },
	{ "management", "control", "maintenance" },
	{ "management", "box", "maintenance any:tcp 22 any:echo-request" },
	{ "box", "lgwan", "any:udp 123 any:port 53 any:port 514, tcp 6514 update:to host" },
	{ "box", "internet", "any:udp 123 any:port 53 any:port 514, tcp 6514 update:to host" },
	{ "box", "cloud", "any:udp 123 any:port 53 any:port 514, tcp 6514 update:to host" },
	{ "box", "outside", "any:udp 123 any:port 53" },
	{ "box", "management", "any:udp 123 any:port 53 any:port 514, tcp 6514 maintenance" },
	{ NULL, NULL, NULL },
};

static const struct cell alpha_prime_more[] = {
	{ "lgwan", "cloud", "update mail-text breakout" },
	{ "lgwan", "outside", "breakout:to site" },
	{ NULL, NULL, NULL },
};

static const struct cell beta_more[] = {
	{ "internet", "lgwan", "mail-text screen sanitized-files ordinary:to host" },
	{ "internet", "outside", "breakout" },
	{ NULL, NULL, NULL },
};

static const char *look_up(const struct cell *cells, enum role from, enum role to)
{
	for (; cells->from; cells++)
		if (!strcmp(cells->from, policy_role_words[from]) &&
		    !strcmp(cells->to, policy_role_words[to]))
			return cells->allowed;
	return NULL;
}

static void put_allowance(const struct allowance *a, struct text *t)
{
	const uint16_t every = (1u << KIND_COUNT) - 1;
	const char *condition = matrix_condition_words[a->condition];

	for (uint32_t k = 0; k < KIND_COUNT; k++) {
		if (!(a->kinds >> k & 1) || (a->kinds == every && k))
			continue;
		text_printf(t, "%s%s%s%s", t->len ? " " : "",
			    a->kinds == every ? "any" : policy_kind_words[k], *condition ? ":" : "",
			    condition);
	}
}

static void assert_matrix(enum model m, const struct cell *more)
{
	for (uint32_t i = 0; i < ROLE_COUNT * ROLE_COUNT; i++) {
		enum role from = (enum role)(i / ROLE_COUNT), to = (enum role)(i % ROLE_COUNT);
		const char *expected = look_up(more, from, to);
		const struct allowance *a = NULL;
		struct text t = { 0 };

		if (!expected)
			expected = look_up(all_models, from, to);
		while ((a = matrix_next(m, from, to, a)))
			put_allowance(a, &t);
		assert_string_equal(t.bytes ? t.bytes : "", expected ? expected : "");
		text_done(&t);
	}
}

static void matrix_of_each_model_is_as_designed(void **state)
{
	static const struct cell none[] = { { NULL, NULL, NULL } };

	(void)state;
	assert_matrix(MODEL_ALPHA, none);
	assert_matrix(MODEL_ALPHA_PRIME, alpha_prime_more);
	assert_matrix(MODEL_BETA, beta_more);
	assert_matrix(MODEL_BETA_PRIME, beta_more);
	assert_matrix(MODEL_CUSTOM, none);
}

static void matrix_of_custom_keeps_mynumber_and_public_lines(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ROLE_COUNT * ROLE_COUNT; i++) {
		enum role from = (enum role)(i / ROLE_COUNT), to = (enum role)(i % ROLE_COUNT);
		uint32_t kept = 1u << ROLE_MYNUMBER | 1u << ROLE_PUBLIC_LINE | 1u << ROLE_BOX;

		assert_int_equal(matrix_is_free(MODEL_CUSTOM, from, to),
				 !(kept >> from & 1) && !(kept >> to & 1));
		assert_false(matrix_is_free(MODEL_ALPHA, from, to));
		assert_true(matrix_is_free(MODEL_LAB, from, to));
	}
}

/* ---- findings ---- */

static void prove_town_holds(void **state)
{
	struct build b;

	(void)state;
	town_build("", &b);
	struct proof f = prove(&b.policy);

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
		struct proof f = prove(&b.policy);
		const struct finding *found = find(&f, (enum proof_what)x->what);

		assert_int_equal(f.result, proof_is_error(x->what) ? PROOF_FAILS : PROOF_HOLDS);
		assert_non_null(found);
		assert_int_equal(found->bits, x->bits);
		assert_string_equal(statement_name(&b.policy, found->statement), x->statement);
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
		struct proof f = prove(&b.policy);

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
	struct proof f = prove_at(&b.policy, at("2026-06-01"));
	const struct finding *x = find(&f, PROOF_RELAY);

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
	struct proof before = prove_at(&b.policy, at("2026-12-31T23:59:59"));
	struct proof after = prove_at(&b.policy, at("2027-01-01"));

	assert_null(find(&before, PROOF_RELAY_EXPIRED));
	assert_non_null(find(&after, PROOF_RELAY_EXPIRED));
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
	struct proof before = prove_at(&b.policy, at("2027-03-31T23:59:59"));
	struct proof after = prove_at(&b.policy, at("2027-04-01"));

	assert_non_null(find(&before, PROOF_CELL_NONE));
	assert_null(find(&after, PROOF_CELL_NONE));
	assert_non_null(find(&after, PROOF_PERMIT_ENDED));
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
	struct proof f = prove(&b.policy);
	const struct finding *never = find(&f, PROOF_PERMIT_NEVER),
			     *covered = find(&f, PROOF_PERMIT_COVERED);

	assert_string_equal(statement_name(&b.policy, never->others[0]),
			    "d2"); /* the larger takes it all */
	assert_int_equal(never->others_count, 1);
	assert_string_equal(statement_name(&b.policy, covered->statement), "narrow");
	assert_string_equal(statement_name(&b.policy, covered->others[0]), "wifi");
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
		struct proof f = prove(&b.policy);

		assert_null(find(&f, PROOF_PERMIT_COVERED));
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
	struct proof f = prove(&b.policy);

	assert_int_equal(f.permits, 7);
	assert_int_equal(f.permits_spoken, 6);
	assert_int_equal(f.unspoken_count, 1);
	assert_string_equal(statement_name(&b.policy, f.unspoken[0]), "wifi");
	assert_true(f.share_spoken > 0 && f.share_spoken < 1);
	proof_done(&f);
	build_done(&b);
	town_build("assert x { rule only; from zone guest; to zone world; via zone world; }", &b);
	f = prove(&b.policy);
	assert_int_equal(f.unspoken_count, 0);
	assert_true(f.share_spoken == 1);
	proof_done(&f);
	build_done(&b);
}

/* ---- a policy that no compiler would make ---- */

/* The arrays of a policy that a test may change. */
struct altered {
	struct build b;
	struct policy p;
	struct box *boxes;
	struct class *classes;
	struct zone *zones;
	struct host *hosts;
	struct pair *pairs;
	uint32_t *refs;
	struct ip_range *nets;
};

#define COPY(a, section) \
	do { \
		size_t n_ = ((a)->b.policy.section##_count + 1) * sizeof(*(a)->section); \
		(a)->section = calloc(1, n_); \
		assert_non_null((a)->section); \
		memcpy((a)->section, (a)->b.policy.section, n_ - sizeof(*(a)->section)); \
		(a)->p.section = (a)->section; \
	} while (0)

static void copy(struct altered *a)
{
	a->p = a->b.policy;
	COPY(a, boxes);
	COPY(a, classes);
	COPY(a, zones);
	COPY(a, hosts);
	COPY(a, pairs);
	COPY(a, refs);
	COPY(a, nets);
}

static void free_copies(struct altered *a)
{
	free(a->boxes);
	free(a->classes);
	free(a->zones);
	free(a->hosts);
	free(a->pairs);
	free(a->refs);
	free(a->nets);
}

/* Zones from -> to; the pair's only box. */
static struct box *box_of(struct altered *a, const char *from, const char *to)
{
	uint32_t f = policy_zone_named(&a->p, from), t = policy_zone_named(&a->p, to);
	struct span s = a->p.pairs[f * a->p.zones_count + t].boxes;

	assert_true(s.count > 0);
	return &a->boxes[s.first];
}

static void widen_source(struct altered *a)
{
	box_of(a, "kikan", "lgwan")->src.hi++;
}

static void widen_port(struct altered *a)
{
	box_of(a, "net", "lgwan")->hi++;
}

static void narrow_destination(struct altered *a)
{
	box_of(a, "net", "cloud")->src.hi--;
}

static void swap_class(struct altered *a)
{
	box_of(a, "net", "lgwan")->class = box_of(a, "kikan", "lgwan")->class;
}

static void drop_boxes(struct altered *a)
{
	uint32_t f = policy_zone_named(&a->p, "net"), t = policy_zone_named(&a->p, "lgwan");

	a->pairs[f * a->p.zones_count + t].boxes.count = 0;
}

static void leave_home(struct altered *a)
{
	box_of(a, "net", "cloud")->dst = ip_all_v4();
}

static void deny_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].denied = true;
}

static void unqueue_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].queued = false;
}

static void open_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].closed = false;
}

static void loosen_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].joined.on_overload = ACTION_PASS;
}

static void forget_limits(struct altered *a)
{
	a->classes[box_of(a, "kikan", "lgwan")->class].joined.limits.count = 0;
}

static void offload_class(struct altered *a)
{
	a->classes[box_of(a, "net", "cloud")->class].joined.offload = true;
}

static void share_zones(struct altered *a)
{
	a->zones[policy_zone_named(&a->p, "iot")].nets =
		a->zones[policy_zone_named(&a->p, "school")].nets;
}

static void empty_host(struct altered *a)
{
	a->hosts[0].nets.count = 0;
}

static const struct {
	void (*alter)(struct altered *a);
	uint8_t what;
} alterations[] = {
	{ widen_source, PROOF_COMPILED_MORE },       { widen_port, PROOF_COMPILED_MORE },
	{ narrow_destination, PROOF_COMPILED_LESS }, { swap_class, PROOF_COMPILED_MORE },
	{ drop_boxes, PROOF_COMPILED_LESS },         { leave_home, PROOF_NOT_AT_HOME },
	{ deny_class, PROOF_COMPILED_LESS },         { unqueue_class, PROOF_CLASS_LAXER },
	{ open_class, PROOF_CLASS_LAXER },           { loosen_class, PROOF_CLASS_LAXER },
	{ forget_limits, PROOF_CLASS_LAXER },        { offload_class, PROOF_OUTLIVES },
	{ share_zones, PROOF_ZONES_SHARE },          { empty_host, PROOF_HOST_EMPTY },
};

static void prove_altered_image_is_refuted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(alterations) / sizeof(alterations[0]); i++) {
		struct altered a = { .boxes = NULL };

		town_build("", &a.b);
		copy(&a);
		alterations[i].alter(&a);
		struct proof f = prove(&a.p);

		assert_non_null(find(&f, (enum proof_what)alterations[i].what));
		if (proof_is_error(alterations[i].what))
			assert_int_equal(f.result, PROOF_FAILS);
		proof_done(&f);
		free_copies(&a);
		build_done(&a.b);
	}
}

static void prove_objects_without_content_are_named(void **state)
{
	struct build b;

	(void)state;
	town_build("", &b);
	struct site site = { .zone = 0 };
	struct group group = { .zone = 0 };
	struct policy p = b.policy;

	p.sites = &site;
	p.groups = &group;
	p.sites_count = p.groups_count = 1;
	struct proof f = prove(&p);

	assert_non_null(find(&f, PROOF_SITE_EMPTY));
	assert_non_null(find(&f, PROOF_GROUP_EMPTY));
	proof_done(&f);
	build_done(&b);
}

/* Every field of every box, every class, moved by a little: found, or the same packets go the same way. */
static void mutate(struct altered *a, uint64_t *seed)
{
	struct box *x = &a->boxes[town_draw(seed, a->p.boxes_count)];
	struct class *k = &a->classes[x->class];

	switch (town_draw(seed, 10)) {
	case 0: x->src.lo--; break;
	case 1: x->src.hi++; break;
	case 2: x->dst.lo++; break;
	case 3: x->dst.hi--; break;
	case 4: x->lo = (uint16_t)(x->lo ? x->lo - 1 : 1); break;
	case 5: x->hi++; break;
	case 6: x->class = town_draw(seed, a->p.classes_count); break;
	case 7: k->denied = !k->denied; break;
	case 8: k->members.count--; break;
	default: a->refs[k->members.first] = town_draw(seed, a->p.statements_count);
	}
	if (x->src.lo > x->src.hi || x->dst.lo > x->dst.hi ||
	    x->lo > x->hi) /* no image has such a box */
		*x = a->b.policy.boxes[x - a->boxes];
}

static bool says_the_same(const struct policy *p, const struct policy *q, uint64_t *seed)
{
	for (uint32_t i = 0; i < 4000; i++) {
		uint32_t from = town_draw(seed, p->zones_count - 1),
			 to = town_draw(seed, p->zones_count - 1);
		struct tuple t = town_draw_tuple(seed, p, from, to);
		uint32_t k = policy_classify(p, from, to, &t), m = policy_classify(q, from, to, &t);
		bool passes = k != POLICY_NONE && !p->classes[k].denied;

		if (passes != (m != POLICY_NONE && !q->classes[m].denied))
			return false;
		if (passes && k != m)
			return false;
	}
	return true;
}

static void prove_random_mutations_are_found_or_harmless(void **state)
{
	uint64_t seed = 99;
	uint32_t found = 0;

	(void)state;
	for (uint32_t i = 0; i < 600; i++) {
		struct altered a = { .boxes = NULL };

		town_draw_build(&seed, "lab", 12, &a.b);
		copy(&a);
		if (a.p.boxes_count) {
			mutate(&a, &seed);
			struct proof f = prove(&a.p);

			found += f.result == PROOF_FAILS;
			if (f.result != PROOF_FAILS)
				assert_true(says_the_same(&a.b.policy, &a.p, &seed));
			proof_done(&f);
		}
		free_copies(&a);
		build_done(&a.b);
	}
	assert_true(found > 300);
}

/* ---- limits and sessions ---- */

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
	struct proof_places nowhere = { 0 };
	struct proof f;

	(void)state;
	town_build("", &b);
	prove_policy(v, &b.policy, 0, 0, &f);
	unsigned int errors = b.diags.errors;

	assert_int_equal(proof_report(&f, &b.policy, &nowhere, &b.diags), 0);
	assert_true(b.diags.errors > errors);
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
		fresh = prove(&edited.policy);
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
		fresh = prove(&edited.policy);
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

/* ---- diagrams and decisions, packet by packet ---- */

struct watching { /* the sets of one pair */
	struct lane lane;
	struct space *space;
	struct lane_index index;
};

static struct space_point point_of(const struct tuple *t)
{
	return (struct space_point){ .at = { [SPACE_PROTOCOL] = t->protocol,
					     [SPACE_PORT] = t->dport,
					     [SPACE_SRC] = t->src,
					     [SPACE_DST] = t->dst,
					     [SPACE_SPORT] = t->sport } };
}

static bool is_member(const struct policy *p, uint32_t class, uint32_t statement)
{
	if (class == POLICY_NONE || p->classes[class].denied)
		return false;
	for (uint32_t i = 0; i < p->classes[class].members.count; i++)
		if (p->refs[p->classes[class].members.first + i] == statement)
			return true;
	return false;
}

/* Facts that satisfy everything a permit asks of them. */
static struct facts facts_for(const struct policy *p, const struct statement *s)
{
	struct facts f = { .app_known = true, .app_final = true, .name_final = true };

	for (uint32_t i = 0; i < s->applications.count && i < 1; i++)
		f.apps |= UINT64_C(1) << p->refs[s->applications.first + i];
	f.now = s->until ? s->until - 1 : at("2026-06-01");
	return f;
}

static void assert_item_agrees(struct watching *w, const struct policy *p, uint32_t item,
			       const struct tuple *t, uint32_t class)
{
	const struct lane_item *it = &w->lane.items[item];
	const struct statement *s = &p->statements[it->statement];
	struct space_point point = point_of(t);
	bool effective = space_holds(w->space, it->effective, &point);

	if (s->type == STATEMENT_DENY)
		return;
	assert_int_equal(effective, is_member(p, class, it->statement));
	if (!effective)
		return;
	struct facts f = facts_for(p, s);
	struct decision d = policy_decide(p, class, &f);

	/* it passes, or by another permit, unless a deny of the same application takes it */
	if (d.verdict != VERDICT_PASS)
		assert_int_equal(d.reason, REASON_DENIED);
}

static void assert_tuple_agrees(struct watching *w, const struct policy *p, const struct tuple *t,
				uint64_t *seed)
{
	uint32_t class = policy_classify(p, w->lane.from, w->lane.to, t);
	struct space_point point = point_of(t);
	bool permitted = space_holds(w->space, w->lane.permitted, &point);
	struct facts f = { .apps = town_draw(seed, 16),
			   .app_known = town_draw(seed, 2),
			   .app_final = true,
			   .name_final = true,
			   .now = at("2026-06-01") };
	struct decision d = policy_decide(p, class, &f);

	if (!permitted)
		assert_int_equal(d.verdict, VERDICT_DENY);
	for (uint32_t i = 0; i < w->lane.count; i++)
		assert_item_agrees(w, p, i, t, class);
}

static uint32_t compare_pair(struct watching *w, const struct policy *p, uint32_t from, uint32_t to,
			     uint64_t *seed)
{
	lane_load(&w->lane, p, &w->index, from, to, 0);
	if (w->lane.count == 0)
		return 0;
	space_reset(w->space);
	lane_cut(&w->lane, w->space);
	space_freeze(w->space);
	lane_build(&w->lane, w->space);
	for (uint32_t i = 0; i < 400; i++) {
		struct tuple t = town_draw_tuple(seed, p, from, to);

		assert_tuple_agrees(w, p, &t, seed);
	}
	return 400;
}

static void diagrams_agree_with_decisions_on_random_packets(void **state)
{
	struct watching w = { .space = space_new(0) };
	uint64_t seed = 20261122;
	uint32_t packets = 0;

	(void)state;
	while (packets < 120000) {
		struct build b;

		town_draw_build(&seed, "lab", 25, &b);
		const struct policy *p = &b.policy;

		assert_int_equal(lane_index_init(&w.index, p), 0);
		for (uint32_t i = 0; i < (p->zones_count - 1) * (p->zones_count - 1); i++)
			packets += compare_pair(&w, p, i / (p->zones_count - 1),
						i % (p->zones_count - 1), &seed);
		lane_index_done(&w.index);
		build_done(&b);
	}
	lane_done(&w.lane);
	space_free(w.space);
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
		struct proof f = prove(&b.policy);
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
		cmocka_unit_test(matrix_of_each_model_is_as_designed),
		cmocka_unit_test(matrix_of_custom_keeps_mynumber_and_public_lines),
		cmocka_unit_test(prove_town_holds),
		cmocka_unit_test(prove_each_breaking_brings_its_finding),
		cmocka_unit_test(prove_right_openings_hold),
		cmocka_unit_test(accept_acknowledges_one_relay_and_no_other),
		cmocka_unit_test(accept_ends_with_its_day),
		cmocka_unit_test(prove_ended_permit_passes_nothing),
		cmocka_unit_test(prove_finding_names_denies_and_wider_permits),
		cmocka_unit_test(prove_permit_with_other_terms_is_not_covered),
		cmocka_unit_test(prove_coverage_names_what_no_invariant_speaks_of),
		cmocka_unit_test(prove_altered_image_is_refuted),
		cmocka_unit_test(prove_objects_without_content_are_named),
		cmocka_unit_test(prove_random_mutations_are_found_or_harmless),
		cmocka_unit_test(prove_out_of_nodes_is_unknown),
		cmocka_unit_test(prove_unknown_is_said),
		cmocka_unit_test(prove_warm_session_agrees_with_a_fresh_one),
		cmocka_unit_test(prove_warm_session_sees_every_edit),
		cmocka_unit_test(diagrams_agree_with_decisions_on_random_packets),
		cmocka_unit_test(report_has_words_for_every_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
