/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kernel that was read back, against its policy. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include "rules/json.h"
#include "rules/kernel/readback/record.h"
#include "rules/text.h"
#include "tests/unit/kernel_records.h"
#include "tests/unit/support.h"

static int open_town(void **state)
{
	struct loaded *l = malloc(sizeof(*l));

	loaded_open(l);
	*state = l;
	return 0;
}

static int close_town(void **state)
{
	loaded_close(*state);
	free(*state);
	return 0;
}

/* The result, and whether there is a finding of a kind (VERIFY_WHAT_COUNT: none is asked for). */
static void expect(const struct loaded *l, enum verify_result result, enum verify_what what)
{
	struct verify v;
	bool found = what == VERIFY_WHAT_COUNT;

	assert_int_equal(loaded_verify(l, &v), 0);
	for (uint32_t i = 0; i < v.findings_count; i++)
		found |= v.findings[i].what == what;
	assert_true(found);
	assert_int_equal(v.result, result);
	verify_done(&v);
}

static void verify_record_of_the_loaded_town_is_proved(void **state)
{
	expect(*state, VERIFY_PROVED, VERIFY_WHAT_COUNT);
}

static void verify_record_of_another_time_differs(void **state)
{
	struct loaded *l = *state;

	l->conf.now += 200 * 86400; /* renkei has ended, the deny too */
	expect(l, VERIFY_REFUTED, VERIFY_PASSES_MORE);
}

static void element_that_outlasts_its_permit_is_a_fault(void **state)
{
	struct loaded *l = *state;

	l->conf.now += 3600; /* an hour of it should have gone by */
	expect(l, VERIFY_REFUTED, VERIFY_ENDS_LATE);
}

static void clock_that_is_not_believed_asks_for_no_ends(void **state)
{
	struct loaded *l = *state;

	l->conf.now += 3600;
	l->conf.dated = false;
	expect(l, VERIFY_PROVED, VERIFY_WHAT_COUNT);
}

static void numbers_that_are_not_known_are_a_fault(void **state)
{
	struct loaded *l = *state;

	l->conf.numbers = "sekimori numbers 1\n";
	l->conf.numbers_len = strlen(l->conf.numbers);
	expect(l, VERIFY_REFUTED, VERIFY_NO_NUMBER);
}

static void verify_record_without_policy_lets_nothing_pass(void **state)
{
	struct loaded *l = *state;
	struct verify v;

	assert_int_equal(verify_record(&v, l->bytes, l->len, NULL, &l->conf), 0);
	assert_int_equal(v.result, VERIFY_REFUTED);
	verify_done(&v);
}

static void verify_record_of_other_queues_treats_otherwise(void **state)
{
	struct loaded *l = *state;

	l->conf.queues = 3;
	expect(l, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void verify_record_says_native_queue_differs(void **state)
{
	struct loaded *l = *state;

	l->conf.native_queue = true;
	expect(l, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void verify_record_with_few_nodes_is_not_proved(void **state)
{
	struct loaded *l = *state;

	l->conf.node_max = 5000;
	expect(l, VERIFY_NOT_PROVED, VERIFY_TOO_LARGE);
}

/* ---- strangers ---- */

static void put_accept(struct loaded *l)
{
	loaded_verdict(l, NF_ACCEPT);
}

static void put_drop(struct loaded *l)
{
	loaded_verdict(l, NF_DROP);
}

static void put_notrack(struct loaded *l)
{
	loaded_expr(l, "notrack");
}

static void put_strange(struct loaded *l)
{
	loaded_expr(l, "telepathy");
}

/* ct mark set 2 */
static void put_class(struct loaded *l)
{
	static const uint8_t two[4] = { 2 };
	size_t elem = loaded_nest(l, NFTA_LIST_ELEM), data, value;

	loaded_text(l, NFTA_EXPR_NAME, "immediate");
	data = loaded_nest(l, NFTA_EXPR_DATA);
	loaded_be32(l, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	value = loaded_nest(l, NFTA_IMMEDIATE_DATA);
	loaded_attr(l, NFTA_DATA_VALUE, two, sizeof(two));
	loaded_unnest(l, value);
	loaded_unnest(l, data);
	loaded_unnest(l, elem);
	elem = loaded_nest(l, NFTA_LIST_ELEM);
	loaded_text(l, NFTA_EXPR_NAME, "ct");
	data = loaded_nest(l, NFTA_EXPR_DATA);
	loaded_be32(l, NFTA_CT_KEY, NFT_CT_MARK);
	loaded_be32(l, NFTA_CT_SREG, NFT_REG_1);
	loaded_unnest(l, data);
	loaded_unnest(l, elem);
}

/* now and then */
static void put_rare_drop(struct loaded *l)
{
	loaded_expr(l, "limit");
	loaded_verdict(l, NF_DROP);
}

static void put_rare_return(struct loaded *l)
{
	loaded_expr(l, "limit");
	loaded_verdict(l, NFT_RETURN);
}

static void put_be16(struct loaded *l, uint16_t type, uint16_t v)
{
	const uint8_t big[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	loaded_attr(l, type, big, sizeof(big));
}

/* queue flags bypass to 3 */
static void put_queue(struct loaded *l)
{
	size_t elem = loaded_nest(l, NFTA_LIST_ELEM), data;

	loaded_text(l, NFTA_EXPR_NAME, "queue");
	data = loaded_nest(l, NFTA_EXPR_DATA);
	put_be16(l, NFTA_QUEUE_NUM, 3);
	put_be16(l, NFTA_QUEUE_TOTAL, 1);
	put_be16(l, NFTA_QUEUE_FLAGS, NFT_QUEUE_FLAG_BYPASS);
	loaded_unnest(l, data);
	loaded_unnest(l, elem);
}

static void put_masquerade(struct loaded *l)
{
	loaded_expr(l, "masq");
}

static void foreign_accept_before_ours_changes_nothing(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_INET, NF_INET_FORWARD, -100, NULL,
						  NF_ACCEPT, put_accept });
	expect(*state, VERIFY_PROVED, VERIFY_FOREIGN_TABLE);
}

static void foreign_drop_takes_from_what_is_permitted(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_IPV4, NF_INET_FORWARD, 50, NULL,
						  NF_ACCEPT, put_drop });
	expect(*state, VERIFY_REFUTED, VERIFY_PASSES_LESS);
}

static void foreign_policy_drop_takes_from_what_is_permitted(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_IPV6, NF_INET_POST_ROUTING, 0, NULL,
						  NF_DROP, NULL });
	expect(*state, VERIFY_REFUTED, VERIFY_PASSES_LESS);
}

static void foreign_notrack_is_a_fault(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_INET, NF_INET_PRE_ROUTING, -301, NULL,
						  NF_ACCEPT, put_notrack });
	expect(*state, VERIFY_REFUTED, VERIFY_NOTRACK);
}

static void foreign_writer_of_conntrack_marks_is_a_fault(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_INET, NF_INET_POST_ROUTING, 0, NULL,
						  NF_ACCEPT, put_class });
	expect(*state, VERIFY_REFUTED, VERIFY_CTMARK_WRITER);
	expect(*state, VERIFY_REFUTED, VERIFY_TREATS_OTHERWISE);
}

static void foreign_drop_now_and_then_is_found(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_INET, NF_INET_LOCAL_IN, 5, NULL,
						  NF_ACCEPT, put_rare_drop });
	expect(*state, VERIFY_REFUTED, VERIFY_PASSES_LESS);
}

static void foreign_chance_that_changes_nothing_is_proved(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_INET, NF_INET_FORWARD, -50, NULL,
						  NF_ACCEPT, put_rare_return });
	expect(*state, VERIFY_PROVED, VERIFY_FOREIGN_TABLE);
}

static void foreign_queue_is_shown_with_its_number(void **state)
{
	struct loaded *l = *state;
	bool shown = false;
	struct verify v;

	loaded_foreign(l, &(struct foreign){ NFPROTO_INET, NF_INET_LOCAL_OUT, 5, NULL, NF_ACCEPT,
					     put_queue });
	assert_int_equal(loaded_verify(l, &v), 0);
	for (uint32_t i = 0; i < v.findings_count; i++)
		shown |= strncmp(v.findings[i].packet.kernel, "queue 3 bypass", 14) == 0;
	assert_true(shown);
	assert_int_equal(v.result, VERIFY_REFUTED);
	verify_done(&v);
}

static void foreign_nat_is_a_fault(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_IPV4, NF_INET_POST_ROUTING, 100, "nat",
						  NF_ACCEPT, put_masquerade });
	expect(*state, VERIFY_REFUTED, VERIFY_NAT);
}

static void foreign_ingress_is_a_fault(void **state)
{
	loaded_foreign(*state,
		       &(struct foreign){ NFPROTO_NETDEV, 0, 0, NULL, NF_ACCEPT, put_drop });
	expect(*state, VERIFY_REFUTED, VERIFY_FOREIGN_HOOK);
}

static void expression_not_understood_is_not_proved(void **state)
{
	loaded_foreign(*state, &(struct foreign){ NFPROTO_INET, NF_INET_FORWARD, 20, NULL,
						  NF_ACCEPT, put_strange });
	expect(*state, VERIFY_NOT_PROVED, VERIFY_UNKNOWN);
}

/* ---- beside the rules ---- */

static void put_file(struct loaded *l, const char *path, const char *content)
{
	loaded_begin(l, RECORD_FILE);
	loaded_put(l, path, strlen(path) + 1);
	loaded_put(l, content, strlen(content));
	loaded_end(l);
}

static void legacy_tables_are_a_fault(void **state)
{
	put_file(*state, "/proc/net/ip_tables_names", "filter\n");
	expect(*state, VERIFY_REFUTED, VERIFY_LEGACY_TABLES);
}

static void setting_that_loses_events_is_a_fault(void **state)
{
	put_file(*state, "/proc/sys/net/netfilter/nf_conntrack_events", "2\n");
	expect(*state, VERIFY_REFUTED, VERIFY_SYSCTL);
}

static void program_is_a_fault(void **state)
{
	const struct record_program x = { .id = 7, .type = 6, .name = "sniff" };

	loaded_begin(*state, RECORD_PROGRAM);
	loaded_put(*state, &x, sizeof(x));
	loaded_end(*state);
	expect(*state, VERIFY_REFUTED, VERIFY_PROGRAM);
}

static void filter_of_traffic_control_is_a_fault(void **state)
{
	const uint8_t header[20] = { 0 };

	loaded_begin(*state, RTM_NEWTFILTER);
	loaded_put(*state, header, sizeof(header));
	loaded_text(*state, TCA_KIND, "matchall");
	loaded_end(*state);
	expect(*state, VERIFY_REFUTED, VERIFY_TRAFFIC_CONTROL);
}

/* ---- words ---- */

static void verify_text_shows_a_packet_in_both_languages(void **state)
{
	struct loaded *l = *state;
	struct text t = { 0 };
	struct json j = json_to(&t);
	struct verify v;

	l->conf.now += 200 * 86400;
	assert_int_equal(loaded_verify(l, &v), 0);
	verify_text(&v, false, &t);
	assert_non_null(strstr(t.bytes, "REFUTED"));
	assert_non_null(strstr(t.bytes, "10.10.1.10"));
	verify_text(&v, true, &t);
	assert_non_null(strstr(t.bytes, "反証"));
	text_clear(&t);
	verify_json(&v, &j, NULL);
	assert_non_null(strstr(t.bytes, "\"result\":\"refuted\""));
	text_done(&t);
	verify_done(&v);
}

/* ---- hostile records ---- */

static void one_prefix(const uint8_t *data, size_t n, void *ctx)
{
	const struct loaded *l = ctx;
	struct verify v;
	int r = verify_record(&v, data, n, &l->build.policy, &l->conf);

	if (r == 0)
		assert_int_not_equal(v.result, VERIFY_PROVED);
	else
		assert_true(r == -EBADMSG || r == -ENOMEM);
	if (r == 0)
		verify_done(&v);
}

/* Each length of the first part, which ends between messages now and then. */
static void verify_record_of_each_beginning_is_never_proved(void **state)
{
	struct loaded *l = *state;

	l->conf.node_max = 20000;
	each_prefix(l->bytes, 3000, one_prefix, l);
}

static void verify_record_of_no_record_is_refused(void **state)
{
	struct loaded *l = *state;

	l->bytes[0] ^= 1;
	struct verify v;

	assert_int_equal(loaded_verify(l, &v), -EBADMSG);
}

#define TOWN(test) cmocka_unit_test_setup_teardown(test, open_town, close_town)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TOWN(verify_record_of_the_loaded_town_is_proved),
		TOWN(verify_record_of_another_time_differs),
		TOWN(element_that_outlasts_its_permit_is_a_fault),
		TOWN(clock_that_is_not_believed_asks_for_no_ends),
		TOWN(numbers_that_are_not_known_are_a_fault),
		TOWN(verify_record_without_policy_lets_nothing_pass),
		TOWN(verify_record_of_other_queues_treats_otherwise),
		TOWN(verify_record_says_native_queue_differs),
		TOWN(verify_record_with_few_nodes_is_not_proved),
		TOWN(foreign_accept_before_ours_changes_nothing),
		TOWN(foreign_drop_takes_from_what_is_permitted),
		TOWN(foreign_policy_drop_takes_from_what_is_permitted),
		TOWN(foreign_notrack_is_a_fault),
		TOWN(foreign_writer_of_conntrack_marks_is_a_fault),
		TOWN(foreign_drop_now_and_then_is_found),
		TOWN(foreign_chance_that_changes_nothing_is_proved),
		TOWN(foreign_queue_is_shown_with_its_number),
		TOWN(foreign_nat_is_a_fault),
		TOWN(foreign_ingress_is_a_fault),
		TOWN(expression_not_understood_is_not_proved),
		TOWN(legacy_tables_are_a_fault),
		TOWN(setting_that_loses_events_is_a_fault),
		TOWN(program_is_a_fault),
		TOWN(filter_of_traffic_control_is_a_fault),
		TOWN(verify_text_shows_a_packet_in_both_languages),
		TOWN(verify_record_of_each_beginning_is_never_proved),
		TOWN(verify_record_of_no_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
