/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Permits out of force: what the language makes of them, and who is told of them. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rules/build.h"
#include "rules/image.h"
#include "rules/text.h"
#include "tools/cli_disabled.h"

#define HEAD \
	"model lab;\n" \
	"zone net { role internet; interface \"n0\"; network 10.30.0.0/16; }\n" \
	"zone cloud { role cloud; interface \"c0\"; network 10.99.0.0/24; }\n" \
	"host proxy { zone cloud; address 10.99.0.10; }\n" \
	"service https { tcp 443; }\n"
#define REST \
	"kind ordinary; from zone net; to host proxy; service https; profile observe; owner \"o\"; " \
	"reason \"r\"; approved-by \"c\"; approved-on 2026-04-01; until 2027-03-31; "
#define WEB "permit web { " REST "}\n"

static struct build built(const char *text)
{
	struct build b;

	assert_int_equal(build_bytes("t.rules", text, strlen(text), &b), 0);
	return b;
}

static struct tuple to_proxy(uint16_t port)
{
	struct tuple t = { .protocol = IPPROTO_TCP, .dport = port };

	assert_int_equal(ip_parse("10.30.0.7", &t.src), 0);
	assert_int_equal(ip_parse("10.99.0.10", &t.dst), 0);
	return t;
}

static void disabled_permit_is_no_statement_and_opens_nothing(void **state)
{
	(void)state;
	struct build b = built(HEAD "permit web { " REST "disabled \"gone\"; }\n");
	struct tuple t = to_proxy(443);

	assert_true(b.ok);
	assert_int_equal(b.policy.statements_count, 0);
	assert_int_equal(b.policy.disabled_count, 1);
	assert_int_equal(b.policy.boxes_count, 0);
	assert_string_equal(policy_string(&b.policy, b.policy.disabled[0].disabled), "gone");
	assert_ptr_equal(cli_disabled(&b.policy, &t), &b.policy.disabled[0]);
	t = to_proxy(80);
	assert_null(cli_disabled(&b.policy, &t));
	build_done(&b);
}

static void amend_of_a_permit_replaces_its_keys(void **state)
{
	(void)state;
	struct build b = built(HEAD WEB "amend web { until 2028-03-31; label \"l\"; }\n");
	struct build as =
		built(HEAD "permit web { kind ordinary; from zone net; to host proxy; service "
			   "https; profile observe; owner \"o\"; reason \"r\"; approved-by \"c\"; "
			   "approved-on 2026-04-01; until 2028-03-31; label \"l\"; }\n");
	struct text x = { 0 }, y = { 0 };

	assert_true(b.ok && as.ok);
	assert_int_equal(image_write(&b.policy, &x), 0);
	assert_int_equal(image_write(&as.policy, &y), 0);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.bytes, y.bytes, x.len);
	text_done(&x);
	text_done(&y);
	build_done(&b);
	build_done(&as);
}

static void amend_takes_a_key_away_or_disables(void **state)
{
	(void)state;
	struct build b = built(HEAD WEB "amend web { until none; review 2027-01-01; }\n");

	assert_true(b.ok);
	assert_int_equal(b.policy.statements[0].until, 0);
	assert_true(b.policy.statements[0].review > 0);
	build_done(&b);
	b = built(HEAD WEB "amend web { disabled \"gone\"; disabled-on 2026-06-01; }\n");
	assert_true(b.ok);
	assert_int_equal(b.policy.statements_count, 0);
	assert_int_equal(b.policy.disabled_count, 1);
	build_done(&b);
}

static void amend_of_nothing_or_twice_is_an_error(void **state)
{
	(void)state;
	struct build b = built(HEAD WEB "amend wab { until 2028-03-31; }\n");

	assert_false(b.ok);
	build_done(&b);
	b = built(HEAD WEB "amend web { until 2028-03-31; }\namend web { vital yes; }\n");
	assert_false(b.ok);
	build_done(&b);
	b = built(HEAD WEB "permit web { " REST "disabled \"gone\"; }\n");
	assert_false(b.ok);
	build_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disabled_permit_is_no_statement_and_opens_nothing),
		cmocka_unit_test(amend_of_a_permit_replaces_its_keys),
		cmocka_unit_test(amend_takes_a_key_away_or_disables),
		cmocka_unit_test(amend_of_nothing_or_twice_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
