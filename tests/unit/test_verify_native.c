/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debian's own kernel as it was read back: nft's `queue` and a flowtable, as the daemon applied them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/readback/record.h"
#include "rules/kernel/readback/ruleset.h"
#include "tests/unit/kernel_records.h"

static int open_native(void **state)
{
	struct loaded *l = malloc(sizeof(*l));

	loaded_open_native(l);
	*state = l;
	return 0;
}

static int close_native(void **state)
{
	loaded_close(*state);
	free(*state);
	return 0;
}

static void expect(const struct loaded *l, enum verify_result result, enum verify_what what)
{
	struct verify v;
	bool found = false;

	assert_int_equal(loaded_verify(l, &v), 0);
	for (uint32_t i = 0; i < v.findings_count; i++)
		found |= v.findings[i].what == what;
	assert_true(found);
	assert_int_equal(v.result, result);
	verify_done(&v);
}

/* An attribute of an expression in a chain whose name begins so and does not go on with a letter, to be changed in place. */
static uint8_t *attribute(const struct loaded *l, const char *chain, uint8_t kind,
			  unsigned int attr)
{
	const size_t n = strlen(chain);
	uint8_t *found = NULL;
	struct ruleset r;

	assert_int_equal(ruleset_parse(&r, l->bytes, l->len), 0);
	for (uint32_t i = 0; i < r.rules_count; i++) {
		const char *name = r.chains[r.rules[i].chain].name;

		if (strncmp(name, chain, n) != 0 || name[n] > '9')
			continue;
		for (uint32_t k = r.rules[i].first; k < r.rules[i].first + r.rules[i].count; k++)
			if (r.exprs[k].kind == kind && expr_has(&r.exprs[k], attr))
				found = l->bytes + (r.exprs[k].attrs[attr].at - l->bytes);
	}
	ruleset_done(&r);
	assert_non_null(found);
	return found;
}

static void native_record_is_proved(void **state)
{
	expect(*state, VERIFY_PROVED, VERIFY_OFFLOADS);
}

static void native_record_is_no_fallback(void **state)
{
	struct loaded *l = *state;

	l->conf.native_queue = false;
	expect(l, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void native_record_without_a_flowtable_told_treats_otherwise(void **state)
{
	struct loaded *l = *state;

	l->conf.flowtable = false;
	expect(l, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void native_record_of_other_engines_treats_otherwise(void **state)
{
	struct loaded *l = *state;

	l->conf.queues = 1;
	expect(l, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void queue_of_another_number_treats_otherwise(void **state)
{
	attribute(*state, "q_open_", EXPR_HASH, NFTA_HASH_OFFSET)[3] ^= 1;
	expect(*state, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void queue_over_more_engines_treats_otherwise(void **state)
{
	attribute(*state, "q_closed_", EXPR_HASH, NFTA_HASH_MODULUS)[3] ^= 1;
	expect(*state, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void queue_that_may_be_passed_by_is_passes_unseen(void **state)
{
	attribute(*state, "q_closed_", EXPR_QUEUE, NFTA_QUEUE_FLAGS)[1] |= NFT_QUEUE_FLAG_BYPASS;
	expect(*state, VERIFY_REFUTED, VERIFY_PASSES_UNSEEN);
}

static void flowtable_with_a_foreign_device_is_a_fault(void **state)
{
	struct loaded *l = *state;
	struct ruleset r;

	assert_int_equal(ruleset_parse(&r, l->bytes, l->len), 0);
	assert_int_equal(r.flowtables_count, 1);
	assert_int_equal(r.flowtables[0].devices_count, 4);
	((char *)l->bytes)[r.flowtables[0].devices[2] - (const char *)l->bytes] = 'w';
	ruleset_done(&r);
	expect(l, VERIFY_REFUTED, VERIFY_FLOWTABLE_DEVICE);
}

#define NATIVE(test) cmocka_unit_test_setup_teardown(test, open_native, close_native)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NATIVE(native_record_is_proved),
		NATIVE(native_record_is_no_fallback),
		NATIVE(native_record_without_a_flowtable_told_treats_otherwise),
		NATIVE(native_record_of_other_engines_treats_otherwise),
		NATIVE(queue_of_another_number_treats_otherwise),
		NATIVE(queue_over_more_engines_treats_otherwise),
		NATIVE(queue_that_may_be_passed_by_is_passes_unseen),
		NATIVE(flowtable_with_a_foreign_device_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
