/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/verdicts.h"

#include "daemon/packet.h"
#include "rules/kernel/mark.h"
#include "rules/text.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The bytes back in words: "<=4 80000000, 6 drop, 7 80040009 +40" */
static void describe(const struct verdicts *v, struct text *out)
{
	struct cursor c = cursor_of(v->out.buf, v->out.len);
	struct netlink_message m;

	while (netlink_next(&c, &m)) {
		uint32_t verdict = 99, id = 0, mark = 0;
		size_t payload = 0;
		struct netlink_attr a;

		assert_int_equal(netlink_nfgen(&m.body).res_id, v->queue);
		while (netlink_attr_next(&m.body, &a)) {
			if (a.type == NFQA_VERDICT_HDR) {
				verdict = cursor_be32(&a.value);
				id = cursor_be32(&a.value);
			} else if (a.type == NFQA_MARK) {
				mark = cursor_be32(&a.value);
			} else if (a.type == NFQA_PAYLOAD) {
				payload = a.value.left;
			}
		}
		text_printf(out, "%s%s%u ", out->len ? ", " : "",
			    (m.type & 0xff) == NFQNL_MSG_VERDICT_BATCH ? "<=" : "", id);
		if (verdict == NF_DROP)
			text_puts(out, "drop");
		else
			text_printf(out, "%08x", mark);
		if (payload)
			text_printf(out, " +%zu", payload);
	}
	assert_false(c.tripped);
}

/* One letter a packet, ids from 1: '.' no opinion, 'x' drop this packet, 'r' rewrite, 'm' the same without an
 * opinion, 'P' 'D' pass and drop of class 9, 'Q' pass of class 10 */
static struct outcome outcome_of(char letter)
{
	static const uint8_t reset[40];

	switch (letter) {
	case 'x': return (struct outcome){ .drop_packet = true };
	case 'r':
		return (struct outcome){ .opinion = true,
					 .verdict = MARK_IS_RESET,
					 .class_number = 9,
					 .rewrite = reset,
					 .rewrite_len = sizeof reset };
	case 'm':
		return (struct outcome){ .class_number = 9,
					 .rewrite = reset,
					 .rewrite_len = sizeof reset };
	case 'P':
	case 'Q':
		return (struct outcome){ .opinion = true,
					 .verdict = MARK_PASS,
					 .class_number = letter == 'P' ? 9 : 10 };
	case 'D':
		return (struct outcome){ .opinion = true, .verdict = MARK_DROP, .class_number = 9 };
	default: return (struct outcome){ 0 };
	}
}

static void expect(const char *packets, const char *want)
{
	_Alignas(4) uint8_t buf[4096];
	struct verdicts v = verdicts_to(buf, sizeof buf, 17);
	struct text got = { 0 };

	for (uint32_t i = 0; packets[i]; i++) {
		const struct outcome o = outcome_of(packets[i]);

		verdicts_give(&v, i + 1, &o);
	}
	verdicts_close(&v);
	describe(&v, &got);
	assert_string_equal(got.bytes ? got.bytes : "", want);
	text_done(&got);
}

static void give_in_any_mix_keeps_the_order_of_release(void **state)
{
	static const struct {
		const char *packets, *want;
	} table[] = {
		{ "", "" },
		{ ".", "<=1 80000000" },
		{ "......", "<=6 80000000" },
		{ "....P.....", "<=4 80000000, <=5 80010009, <=10 80000000" },
		{ "PPPP", "<=4 80010009" },
		{ "PPQQ", "<=2 80010009, <=4 8001000a" },
		{ "PD", "<=1 80010009, <=2 80030009" },
		{ "..x..", "3 drop, <=5 80000000" },
		{ "x", "1 drop" },
		{ "..x", "3 drop, <=2 80000000" },
		{ "..r..", "<=2 80000000, 3 80050009 +40, <=5 80000000" },
		{ "r", "1 80050009 +40" },
		{ "Pr", "<=1 80010009, 2 80050009 +40" },
		{ ".m.", "<=1 80000000, 2 80000000 +40, <=3 80000000" },
		{ ".xPx.", "2 drop, <=1 80000000, 4 drop, <=3 80010009, <=5 80000000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		expect(table[i].packets, table[i].want);
}

static void give_a_rewrite_that_is_too_long_drops_the_packet(void **state)
{
	static const uint8_t big[VERDICTS_REWRITE_MAX + 1];
	const struct outcome o = {
		.opinion = true, .verdict = MARK_IS_RESET, .rewrite = big, .rewrite_len = sizeof big
	};
	_Alignas(4) uint8_t buf[1024];
	struct verdicts v = verdicts_to(buf, sizeof buf, 0);
	struct text got = { 0 };

	(void)state;
	verdicts_give(&v, 1, &o);
	verdicts_close(&v);
	describe(&v, &got);
	assert_string_equal(got.bytes, "1 drop");
	text_done(&got);
}

static void drop_before_closes_the_run_and_names_the_older_ids_only(void **state)
{
	_Alignas(4) uint8_t buf[1024];
	struct verdicts v = verdicts_to(buf, sizeof buf, 0);
	const struct outcome none = { 0 };
	struct text got = { 0 };

	(void)state;
	verdicts_give(&v, 7, &none);
	verdicts_drop_before(&v, 10);
	verdicts_give(&v, 10, &none);
	verdicts_close(&v);
	describe(&v, &got);
	assert_string_equal(got.bytes, "<=7 80000000, <=9 drop, <=10 80000000");
	text_done(&got);
}

static void one_answer_never_exceeds_what_room_promises(void **state)
{
	static const uint8_t reset[VERDICTS_REWRITE_MAX];
	const struct outcome rewrite = { .opinion = true,
					 .verdict = MARK_IS_RESET,
					 .rewrite = reset,
					 .rewrite_len = sizeof reset };
	const struct outcome pass = { .opinion = true, .verdict = MARK_PASS, .class_number = 1 };
	static _Alignas(4) uint8_t buf[2 * VERDICTS_ONE_MAX];
	struct verdicts v = verdicts_to(buf, sizeof buf, 0);

	(void)state;
	verdicts_give(&v, 1, &pass);
	verdicts_give(&v, 2, &rewrite);
	assert_true(v.out.len <= VERDICTS_ONE_MAX);
	assert_false(v.out.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(give_in_any_mix_keeps_the_order_of_release),
		cmocka_unit_test(give_a_rewrite_that_is_too_long_drops_the_packet),
		cmocka_unit_test(drop_before_closes_the_run_and_names_the_older_ids_only),
		cmocka_unit_test(one_answer_never_exceeds_what_room_promises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
