/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrix of roles, written down a second time: as the design has it, a cell a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rules/prove/matrix.h"
#include "rules/text.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix_of_each_model_is_as_designed),
		cmocka_unit_test(matrix_of_custom_keeps_mynumber_and_public_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
