/* SPDX-License-Identifier: GPL-3.0-or-later */
/* what is told of two records of a kernel, and what is no difference */
#include "daemon/kernel/netlink.h"
#include "rules/kernel/readback/changes.h"
#include "rules/kernel/readback/record.h"
#include "rules/text.h"
#include "tests/unit/support.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct kernel { /* a record under construction */
	_Alignas(16) uint8_t bytes[8192];
	size_t len;
	struct netlink_writer w;
};

static void begin(struct kernel *k)
{
	memcpy(k->bytes, RECORD_MAGIC, RECORD_MAGIC_LEN);
	k->len = RECORD_MAGIC_LEN;
}

static void open_message(struct kernel *k, uint8_t type)
{
	k->w = netlink_writer_of(k->bytes + k->len, sizeof k->bytes - k->len);
	netlink_begin_nf(&k->w, NFNL_SUBSYS_NFTABLES, type, 0, 0, NFPROTO_INET, 0);
}

static void close_message(struct kernel *k)
{
	assert_true(netlink_end(&k->w));
	k->len += k->w.len;
}

static void put_table(struct kernel *k, const char *name)
{
	open_message(k, NFT_MSG_NEWTABLE);
	netlink_put_text(&k->w, NFTA_TABLE_NAME, name);
	close_message(k);
}

static void put_chain(struct kernel *k, const char *table, const char *name, bool hooked)
{
	open_message(k, NFT_MSG_NEWCHAIN);
	netlink_put_text(&k->w, NFTA_CHAIN_TABLE, table);
	netlink_put_text(&k->w, NFTA_CHAIN_NAME, name);
	if (hooked) {
		const size_t nest = netlink_nest(&k->w, NFTA_CHAIN_HOOK);

		netlink_put_be32(&k->w, NFTA_HOOK_HOOKNUM, NF_INET_FORWARD);
		netlink_put_be32(&k->w, NFTA_HOOK_PRIORITY, 5);
		netlink_nest_end(&k->w, nest);
		netlink_put_be32(&k->w, NFTA_CHAIN_POLICY, NF_ACCEPT);
		netlink_put_text(&k->w, NFTA_CHAIN_TYPE, "filter");
	}
	close_message(k);
}

static void put_verdict(struct kernel *k, uint32_t code)
{
	const size_t elem = netlink_nest(&k->w, NFTA_LIST_ELEM);

	netlink_put_text(&k->w, NFTA_EXPR_NAME, "immediate");
	const size_t data = netlink_nest(&k->w, NFTA_EXPR_DATA);
	const size_t value = netlink_nest(&k->w, NFTA_IMMEDIATE_DATA);
	const size_t verdict = netlink_nest(&k->w, NFTA_DATA_VERDICT);

	netlink_put_be32(&k->w, NFTA_VERDICT_CODE, code);
	netlink_nest_end(&k->w, verdict);
	netlink_nest_end(&k->w, value);
	netlink_nest_end(&k->w, data);
	netlink_nest_end(&k->w, elem);
}

static void put_counter(struct kernel *k, uint64_t packets)
{
	const uint64_t be = htobe64(packets);
	const size_t elem = netlink_nest(&k->w, NFTA_LIST_ELEM);

	netlink_put_text(&k->w, NFTA_EXPR_NAME, "counter");
	const size_t data = netlink_nest(&k->w, NFTA_EXPR_DATA);

	netlink_put(&k->w, NFTA_COUNTER_PACKETS, &be, sizeof be);
	netlink_nest_end(&k->w, data);
	netlink_nest_end(&k->w, elem);
}

static void put_rule(struct kernel *k, uint64_t handle, uint64_t packets, uint32_t verdict)
{
	const uint64_t be = htobe64(handle);

	open_message(k, NFT_MSG_NEWRULE);
	netlink_put_text(&k->w, NFTA_RULE_TABLE, "t");
	netlink_put_text(&k->w, NFTA_RULE_CHAIN, "c");
	netlink_put(&k->w, NFTA_RULE_HANDLE, &be, sizeof be);
	const size_t nest = netlink_nest(&k->w, NFTA_RULE_EXPRESSIONS);

	put_counter(k, packets);
	put_verdict(k, verdict);
	netlink_nest_end(&k->w, nest);
	close_message(k);
}

static void put_set(struct kernel *k, uint32_t flags)
{
	open_message(k, NFT_MSG_NEWSET);
	netlink_put_text(&k->w, NFTA_SET_TABLE, "t");
	netlink_put_text(&k->w, NFTA_SET_NAME, "s");
	netlink_put_be32(&k->w, NFTA_SET_FLAGS, flags);
	netlink_put_be32(&k->w, NFTA_SET_KEY_TYPE, 7);
	close_message(k);
}

/* 10.0.0.last; ms left: 0 for ever */
static void put_element(struct kernel *k, uint8_t last, uint64_t left)
{
	const uint8_t address[4] = { 10, 0, 0, last };
	const uint64_t be = htobe64(left);

	open_message(k, NFT_MSG_NEWSETELEM);
	netlink_put_text(&k->w, NFTA_SET_ELEM_LIST_TABLE, "t");
	netlink_put_text(&k->w, NFTA_SET_ELEM_LIST_SET, "s");
	const size_t list = netlink_nest(&k->w, NFTA_SET_ELEM_LIST_ELEMENTS);
	const size_t elem = netlink_nest(&k->w, NFTA_LIST_ELEM);
	const size_t key = netlink_nest(&k->w, NFTA_SET_ELEM_KEY);

	netlink_put(&k->w, NFTA_DATA_VALUE, address, sizeof address);
	netlink_nest_end(&k->w, key);
	if (left)
		netlink_put(&k->w, NFTA_SET_ELEM_EXPIRATION, &be, sizeof be);
	netlink_nest_end(&k->w, elem);
	netlink_nest_end(&k->w, list);
	close_message(k);
}

static void put_file(struct kernel *k, const char *path, const char *text)
{
	k->w = netlink_writer_of(k->bytes + k->len, sizeof k->bytes - k->len);
	netlink_begin(&k->w, RECORD_FILE, 0, 0);
	char body[128] = "";
	const size_t n = strlen(path) + 1;

	strcpy(body, path);
	strcpy(body + n, text);
	netlink_bytes(&k->w, body, n + strlen(text));
	close_message(k);
}

static void put_rules(struct kernel *k, const uint32_t *verdicts, size_t n)
{
	begin(k);
	put_table(k, "t");
	put_chain(k, "t", "c", true);
	for (size_t i = 0; i < n; i++)
		put_rule(k, 10 + i, i, verdicts[i]);
}

/* What is told, in words; owned by the caller. */
static char *told(const struct kernel *a, const struct kernel *b, uint64_t elapsed, bool japanese)
{
	struct text out = { 0 };
	struct changes c;

	assert_int_equal(changes_between(&c, a->bytes, a->len, b->bytes, b->len, elapsed), 0);
	changes_text(&c, japanese, 2000, &out);
	changes_done(&c);
	text_puts(&out, "");
	return out.bytes ? out.bytes : strdup("");
}

#define assert_told(a, b, elapsed, words) \
	do { \
		char *t = told(a, b, elapsed, false); \
		assert_string_equal(t, words); \
		free(t); \
	} while (0)

static void changes_of_the_same_kernel_are_none(void **state)
{
	struct kernel a;

	(void)state;
	put_rules(&a, (uint32_t[]){ NF_DROP, NF_ACCEPT }, 2);
	assert_told(&a, &a, 0, "");
}

static void changes_of_counters_and_handles_are_none(void **state)
{
	struct kernel a, b;

	(void)state;
	put_rules(&a, NULL, 0);
	put_rule(&a, 3, 0, NF_DROP);
	put_rules(&b, NULL, 0);
	put_rule(&b, 9, 77, NF_DROP);
	assert_told(&a, &b, 0, "");
}

static void changes_rule_removed_is_told_with_its_place(void **state)
{
	struct kernel a, b;

	(void)state;
	put_rules(&a, (uint32_t[]){ NF_DROP, NF_ACCEPT, NF_DROP }, 3);
	put_rules(&b, (uint32_t[]){ NF_DROP, NF_DROP }, 2);
	assert_told(&a, &b, 0, "1 rule removed: rule removed inet t c handle 11: counter accept");
}

static void changes_verdict_flipped_is_one_change(void **state)
{
	struct kernel a, b;

	(void)state;
	put_rules(&a, (uint32_t[]){ NF_ACCEPT, NF_DROP, NF_ACCEPT }, 3);
	put_rules(&b, (uint32_t[]){ NF_ACCEPT, NF_ACCEPT, NF_ACCEPT }, 3);
	assert_told(
		&a, &b, 0,
		"1 rule changed: rule changed inet t c handle 11: counter drop -> counter accept");
}

static void changes_rules_in_another_order_are_told(void **state)
{
	struct kernel a, b;
	struct changes c;

	(void)state;
	put_rules(&a, (uint32_t[]){ NF_DROP, NF_ACCEPT }, 2);
	put_rules(&b, (uint32_t[]){ NF_ACCEPT, NF_DROP }, 2);
	assert_int_equal(changes_between(&c, a.bytes, a.len, b.bytes, b.len, 0), 0);
	assert_int_equal(c.total, 2);
	changes_done(&c);
}

static void changes_element_added_is_told_by_its_address(void **state)
{
	struct kernel a, b;

	(void)state;
	put_rules(&a, NULL, 0);
	put_set(&a, 0);
	b = a;
	put_element(&b, 9, 0);
	assert_told(&a, &b, 0, "1 element added: element added inet t s: 10.0.0.9");
}

static void changes_element_whose_time_ran_out_is_none(void **state)
{
	struct kernel a, b;

	(void)state;
	put_rules(&a, NULL, 0);
	put_set(&a, NFT_SET_TIMEOUT);
	b = a;
	put_element(&a, 9, 60000);
	assert_told(&a, &b, 60000, "");
	assert_told(&a, &b, 1000, "1 element removed: element removed inet t s: 10.0.0.9");
}

static void changes_of_what_packets_fill_are_none(void **state)
{
	struct kernel a, b;

	(void)state;
	put_rules(&a, NULL, 0);
	put_set(&a, NFT_SET_EVAL);
	b = a;
	put_element(&b, 9, 0);
	assert_told(&a, &b, 0, "");
}

static void changes_table_tells_of_what_is_in_it_once(void **state)
{
	struct kernel a, b;

	(void)state;
	begin(&a);
	put_rules(&b, (uint32_t[]){ NF_ACCEPT }, 1);
	put_chain(&b, "t", "plain", false);
	assert_told(&a, &b, 0,
		    "1 table added, 1 chain added: table added inet t (with 2 in it); "
		    "chain added inet t c: type filter hook 2 priority 5 policy accept");
}

static void changes_setting_is_told_with_both_values(void **state)
{
	struct kernel a, b;
	char *ja;

	(void)state;
	begin(&a);
	begin(&b);
	put_file(&a, "/proc/sys/net/ipv4/ip_forward", "1\n");
	put_file(&b, "/proc/sys/net/ipv4/ip_forward", "0\n");
	assert_told(&a, &b, 0,
		    "1 setting changed: setting changed /proc/sys/net/ipv4/ip_forward: 1 -> 0");
	ja = told(&a, &b, 0, true);
	assert_string_equal(ja, "設定 1 件変更: 設定変更 /proc/sys/net/ipv4/ip_forward: 1 -> 0");
	free(ja);
}

static void changes_beyond_the_room_are_counted(void **state)
{
	struct text out = { 0 };
	struct changes c;
	struct kernel a, b;

	(void)state;
	put_rules(&a, NULL, 0);
	put_set(&a, 0);
	b = a;
	for (uint8_t i = 0; i < 40; i++)
		put_element(&b, i, 0);
	assert_int_equal(changes_between(&c, a.bytes, a.len, b.bytes, b.len, 0), 0);
	changes_text(&c, false, 300, &out);
	assert_true(out.len <= 300);
	assert_non_null(strstr(out.bytes, "40 elements added: "));
	assert_non_null(strstr(out.bytes, " more"));
	text_done(&out);
	changes_done(&c);
}

static void changes_of_something_else_are_refused(void **state)
{
	struct changes c;
	struct kernel a;

	(void)state;
	begin(&a);
	assert_int_equal(changes_between(&c, "x", 1, a.bytes, a.len, 0), -EBADMSG);
	assert_int_equal(changes_between(&c, a.bytes, a.len, a.bytes, a.len - 1, 0), -EBADMSG);
}

static void changes_of_every_prefix_are_refused_or_told(void **state)
{
	struct kernel a;

	(void)state;
	put_rules(&a, (uint32_t[]){ NF_DROP, NF_ACCEPT }, 2);
	put_set(&a, 0);
	put_element(&a, 7, 5);
	put_file(&a, "/proc/sys/net/ipv4/ip_forward", "1\n");
	for (size_t n = 0; n < a.len; n++) {
		uint8_t *cut = malloc(n + 1);
		struct changes c;

		memcpy(cut, a.bytes, n);
		const int r = changes_between(&c, a.bytes, a.len, cut, n, 0);

		assert_true(r == 0 || r == -EBADMSG);
		if (r == 0)
			changes_done(&c);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_of_the_same_kernel_are_none),
		cmocka_unit_test(changes_of_counters_and_handles_are_none),
		cmocka_unit_test(changes_rule_removed_is_told_with_its_place),
		cmocka_unit_test(changes_verdict_flipped_is_one_change),
		cmocka_unit_test(changes_rules_in_another_order_are_told),
		cmocka_unit_test(changes_element_added_is_told_by_its_address),
		cmocka_unit_test(changes_element_whose_time_ran_out_is_none),
		cmocka_unit_test(changes_of_what_packets_fill_are_none),
		cmocka_unit_test(changes_table_tells_of_what_is_in_it_once),
		cmocka_unit_test(changes_setting_is_told_with_both_values),
		cmocka_unit_test(changes_beyond_the_room_are_counted),
		cmocka_unit_test(changes_of_something_else_are_refused),
		cmocka_unit_test(changes_of_every_prefix_are_refused_or_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
