/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "rules/kernel/live.h"
#include "rules/kernel/nft.h"
#include "rules/text.h"
#include "tests/unit/policy_fixture.h"

#define CLASSES 16

struct lab {
	struct fixture *f;
	struct live_class live[CLASSES];
	struct nft_plan plan;
	struct text text;
};

static void set_up(struct lab *l, struct fixture *f)
{
	struct policy *p = fixture_policy(f);

	*l = (struct lab){ .f = f,
			   .plan = { .apply = 7, .policy = p, .classes = l->live, .queues = 2 } };
	assert_true(p->classes_count <= CLASSES);
	live_classes(p, 1000000, true, l->live);
	for (uint32_t i = 0; i < p->classes_count; i++)
		l->live[i].number = (uint16_t)(i + 1);
}

static void tear_down(struct lab *l)
{
	text_done(&l->text);
	fixture_free(l->f);
}

static bool says(const struct lab *l, const char *line)
{
	return strstr(l->text.bytes, line) != NULL;
}

static void add_exact_box_is_hashed_and_range_is_not(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "map h4_kikan_lgwan_7"));
	assert_true(says(&l, "10.10.1.10 . 10.20.1.20 . tcp . 443 : 0x00000001,"));
	assert_true(says(&l, "map p4_lgwan_net_7"));
	assert_true(says(&l, "10.20.0.0/16 . 10.30.0.0/24 . tcp . 8000-8010 : 0x00000003,"));
	assert_false(says(&l, "h4_lgwan_kikan_7 {"));
	tear_down(&l);
}

static void add_queue_group_follows_the_class(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "0x00000001 : goto q_closed_7,"));
	assert_true(says(&l, "0x00000002 : goto q_open_7,"));
	assert_true(says(&l, "0x00000003 : accept,"));
	assert_true(says(&l, "0x00040001 : goto rst,"));
	tear_down(&l);
}

static void add_offload_needs_a_flowtable_and_no_end(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "0x00020002 : accept,"));
	text_clear(&l.text);
	l.plan.flowtable = true;
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "0x00020002 : goto offl_7,"));
	assert_true(says(&l, "flowtable ft {"));
	text_clear(&l.text);
	l.live[1].lasts = 60;
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "0x00020002 timeout 60s : accept,"));
	tear_down(&l);
}

static void add_long_timeout_is_in_days(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	l.live[0].lasts = (int64_t)30000 * 86400 + 5;
	l.live[2].lasts = 86400;
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "10.20.1.20 . tcp . 443 timeout 30000d5s : 0x00000001,"));
	assert_true(says(&l, "0x00000003 timeout 1d : accept,"));
	tear_down(&l);
}

static void add_native_queue_is_spread_by_flow(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	l.plan.native_queue = true;
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "queue to symhash mod 2\n"));
	assert_true(says(&l, "queue flags bypass to symhash mod 2 offset 16\n"));
	assert_true(says(&l, "queue flags bypass to 16\n"));
	tear_down(&l);
}

static void add_ftp_meets_one_engine(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	l.live[0].ftp = true;
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "0x00000001 : goto q_closed_one_7,"));
	tear_down(&l);
}

static void add_known_card_is_checked_at_home(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	nft_add(&l.plan, &l.text);
	assert_true(says(&l, "ip saddr @carded4_kikan_7 ether saddr . ip saddr != @card4_kikan_7 "
			     "goto wrong_card\n"));
	assert_true(says(&l, "02:00:00:10:01:10 . 10.10.1.10,"));
	assert_false(says(&l, "carded4_lgwan_7"));
	tear_down(&l);
}

static void add_absent_class_has_no_elements(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	l.live[0].state = LIVE_ABSENT;
	nft_add(&l.plan, &l.text);
	assert_false(says(&l, "0x00000001"));
	assert_false(says(&l, "p_kikan_lgwan_7"));
	tear_down(&l);
}

/* A set in braces in a rule that T2 replaces loses packets: see nft_shared.c. */
static void switch_holds_no_set_in_braces(void **state)
{
	struct lab l;
	unsigned int depth = 0, deepest = 0;

	(void)state;
	set_up(&l, fixture_town());
	nft_switch(&l.plan, &l.text);
	for (const char *p = l.text.bytes; *p; p++) {
		depth += *p == '{';
		depth -= *p == '}';
		deepest = depth > deepest ? depth : deepest;
	}
	assert_int_equal(deepest, 2); /* table { chain { */
	tear_down(&l);
}

static void switch_refers_to_its_own_number_only(void **state)
{
	struct lab l;

	(void)state;
	set_up(&l, fixture_town());
	nft_switch(&l.plan, &l.text);
	assert_true(says(&l, "iifname . oifname vmap @pair_7\n"));
	assert_int_equal(nft_in_force(l.text.bytes), 7);
	tear_down(&l);
}

static void base_refers_to_no_policy(void **state)
{
	struct text t = { 0 };

	(void)state;
	nft_base(&t);
	assert_int_equal(nft_in_force(t.bytes), 0);
	assert_null(strstr(t.bytes, "@pair_"));
	assert_null(strstr(t.bytes, "@from_"));
	text_done(&t);
}

static const char listing[] = "table inet sekimori {\n"
			      "\tcounter n_denied {\n\t\tpackets 1 bytes 2\n\t}\n"
			      "\tcounter spoof_7 {\n\t}\n"
			      "\tset told4 {\n\t\ttype ipv4_addr\n\t}\n"
			      "\tmap class_7 {\n\t}\n"
			      "\tmap class_8 {\n\t}\n"
			      "\tmap class_box_7 {\n\t}\n"
			      "\tmap class_box_8 {\n\t}\n"
			      "\tset loose_7 {\n\t}\n"
			      "\tchain denied_class {\n\t}\n"
			      "\tchain base_v3 {\n\t}\n"
			      "\tchain p_a_b_7 {\n\t\tgoto denied\n\t}\n"
			      "\tchain p_a_b_8 {\n\t\tgoto denied\n\t}\n"
			      "\tchain forward {\n"
			      "\t\tiifname . oifname vmap @pair_7\n\t}\n}\n";

static void sweep_deletes_other_numbers_and_nothing_shared(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_int_equal(nft_sweep(listing, 7, &t), 3);
	assert_string_equal(t.bytes, "flush chain inet sekimori p_a_b_8\n"
				     "delete map inet sekimori class_8\n"
				     "delete map inet sekimori class_box_8\n"
				     "delete chain inet sekimori p_a_b_8\n");
	text_done(&t);
}

static void sweep_of_what_is_in_force_alone_writes_nothing(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_int_equal(nft_sweep("table inet sekimori {\n\tmap class_7 {\n\t}\n}\n", 7, &t), 0);
	assert_null(t.bytes);
	text_done(&t);
}

static void sweep_reads_the_truth_off_the_listing(void **state)
{
	(void)state;
	assert_int_equal(nft_in_force(listing), 7);
	assert_int_equal(nft_highest(listing), 8);
	assert_int_equal(nft_highest(""), 0);
}

static void sweep_broken_listing_is_harmless(void **state)
{
	struct text t = { 0 };
	char cut[sizeof(listing)];

	(void)state;
	for (size_t n = 0; n < sizeof(listing); n++) {
		memcpy(cut, listing, n);
		cut[n] = '\0';
		text_clear(&t);
		nft_sweep(cut, 7, &t);
		nft_highest(cut);
	}
	text_done(&t);
}

static void slots_are_one_rule_a_queue_and_group(void **state)
{
	struct text t = { 0 };

	(void)state;
	nft_slots(2, &t);
	assert_non_null(strstr(t.bytes, "--mark 0x40000000/0x4f400000 -j NFQUEUE --queue-num 0\n"));
	assert_non_null(strstr(t.bytes, "--mark 0x41400000/0x4f400000 -j NFQUEUE --queue-num 17 "
					"--queue-bypass\n"));
	text_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(add_exact_box_is_hashed_and_range_is_not),
		cmocka_unit_test(add_queue_group_follows_the_class),
		cmocka_unit_test(add_offload_needs_a_flowtable_and_no_end),
		cmocka_unit_test(add_long_timeout_is_in_days),
		cmocka_unit_test(add_native_queue_is_spread_by_flow),
		cmocka_unit_test(add_ftp_meets_one_engine),
		cmocka_unit_test(add_known_card_is_checked_at_home),
		cmocka_unit_test(add_absent_class_has_no_elements),
		cmocka_unit_test(switch_holds_no_set_in_braces),
		cmocka_unit_test(switch_refers_to_its_own_number_only),
		cmocka_unit_test(base_refers_to_no_policy),
		cmocka_unit_test(sweep_deletes_other_numbers_and_nothing_shared),
		cmocka_unit_test(sweep_of_what_is_in_force_alone_writes_nothing),
		cmocka_unit_test(sweep_reads_the_truth_off_the_listing),
		cmocka_unit_test(sweep_broken_listing_is_harmless),
		cmocka_unit_test(slots_are_one_rule_a_queue_and_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
