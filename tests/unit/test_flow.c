/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/flow.h"

#include "daemon/decode.h"
#include "tests/unit/support.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ENDS_MAX = 16 };

struct log { /* what the table said it ended, in order */
	enum flow_end why[ENDS_MAX];
	struct tuple who[ENDS_MAX];
	int count;
};

static struct flow_table *table;
static struct log ended;
static int64_t now;

static void note_end(void *ctx, struct flow *f, enum flow_end why)
{
	struct log *l = ctx;

	assert_true(l->count < ENDS_MAX);
	l->who[l->count] = f->tuple;
	l->why[l->count++] = why;
}

static int with_table(void **state)
{
	static const uint8_t key[16] = { 1, 2, 3 };

	(void)state;
	ended = (struct log){ .count = 0 };
	now = 1000 * SECOND;
	table = flow_table_new(4, &flow_timeouts_default, key, note_end, &ended);
	return table ? 0 : -1;
}

static int without_table(void **state)
{
	(void)state;
	flow_table_free(table);
	return 0;
}

/* A packet between 10.0.0.`from` and 10.0.0.`to`. */
static struct headers headers_of(uint8_t protocol, uint8_t from, uint16_t sport, uint8_t to,
				 uint16_t dport)
{
	return (struct headers){
		.src = ip_from_v4(0x0a000000u | from),
		.dst = ip_from_v4(0x0a000000u | to),
		.sport = sport,
		.dport = dport,
		.protocol = protocol,
		.ip_len = 20,
		.l4_len = protocol == IPPROTO_TCP ? 20 : 8,
		.total = 100,
		.payload = cursor_of("", 0),
	};
}

struct seen {
	struct flow *flow;
	bool reply, fresh;
};

static struct seen see(struct headers h)
{
	struct seen s;

	s.flow = flow_lookup(table, &h, 0, now, &s.reply, &s.fresh);
	flow_count(table, s.flow, &h, s.reply, now);
	return s;
}

static struct seen see_udp(uint8_t from, uint16_t sport, uint8_t to, uint16_t dport)
{
	return see(headers_of(IPPROTO_UDP, from, sport, to, dport));
}

static struct headers tcp_headers(bool reply, uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct headers h = reply ? headers_of(IPPROTO_TCP, 2, 443, 1, 40000)
				 : headers_of(IPPROTO_TCP, 1, 40000, 2, 443);

	h.tcp_flags = flags;
	h.seq = seq;
	h.ack = ack;
	return h;
}

static struct seen see_tcp(bool reply, uint8_t flags, uint32_t seq, uint32_t ack)
{
	return see(tcp_headers(reply, flags, seq, ack));
}

static struct flow *handshake(void)
{
	see_tcp(false, TCP_SYN, 100, 0);
	see_tcp(true, TCP_SYN | TCP_ACK, 500, 101);
	return see_tcp(false, TCP_ACK, 101, 501).flow;
}

static void both_directions_find_one_flow(void **state)
{
	struct seen a = see_udp(1, 5000, 2, 53), b = see_udp(2, 53, 1, 5000);

	(void)state;
	assert_true(a.fresh && !a.reply);
	assert_true(!b.fresh && b.reply);
	assert_ptr_equal(a.flow, b.flow);
	assert_int_equal(a.flow->tuple.sport, 5000);
	assert_int_equal(a.flow->up.packets, 1);
	assert_int_equal(a.flow->down.bytes, 100);
	assert_int_equal(flow_table_used(table), 1);
}

static void other_port_protocol_or_vlan_is_another_flow(void **state)
{
	struct headers h = headers_of(IPPROTO_UDP, 1, 5000, 2, 53);
	bool reply, fresh;

	(void)state;
	see(h);
	assert_true(see_udp(1, 5001, 2, 53).fresh);
	assert_true(see(headers_of(IPPROTO_TCP, 1, 5000, 2, 53)).fresh);
	flow_lookup(table, &h, 7, now, &reply, &fresh);
	assert_true(fresh);
}

static void packets_between_equal_addresses_find_one_flow(void **state)
{
	struct seen a = see_udp(1, 5000, 1, 53), b = see_udp(1, 53, 1, 5000);

	(void)state;
	assert_ptr_equal(a.flow, b.flow);
	assert_true(b.reply);
}

static void new_flow_belongs_to_no_policy_yet(void **state)
{
	struct flow *f = see_udp(1, 5000, 2, 53).flow;

	(void)state;
	assert_int_equal(f->class, POLICY_NONE);
	assert_int_equal(f->statement, POLICY_NONE);
	assert_int_equal(f->zone_from & f->zone_to, POLICY_NONE);
	assert_null(f->work);
}

static void handshake_establishes(void **state)
{
	struct seen s = see_tcp(false, TCP_SYN, 100, 0);

	(void)state;
	assert_int_equal(s.flow->state, FLOW_NEW);
	see_tcp(true, TCP_SYN | TCP_ACK, 500, 101);
	assert_int_equal(s.flow->state, FLOW_NEW);
	see_tcp(false, TCP_ACK, 101, 501);
	assert_int_equal(s.flow->state, FLOW_ESTABLISHED);
	assert_false(s.flow->midstream);
	assert_int_equal(s.flow->up.next_seq, 101);
	assert_int_equal(s.flow->down.next_seq, 501);
}

static void receiver_of_a_syn_ack_is_the_opener(void **state)
{
	struct seen s = see_tcp(true, TCP_SYN | TCP_ACK, 500, 101);

	(void)state;
	assert_true(s.fresh && s.reply);
	assert_int_equal(s.flow->tuple.sport, 40000);
	assert_true(s.flow->midstream);
	assert_false(see_tcp(false, TCP_ACK, 101, 501).reply);
	assert_int_equal(s.flow->state, FLOW_ESTABLISHED);
}

static void tcp_without_syn_is_midstream(void **state)
{
	struct seen s = see_tcp(false, TCP_ACK, 101, 501);

	(void)state;
	assert_true(s.flow->midstream);
	assert_int_equal(s.flow->state, FLOW_ESTABLISHED);
}

static void fins_of_both_sides_close(void **state)
{
	struct flow *f = handshake();

	(void)state;
	see_tcp(false, TCP_FIN | TCP_ACK, 101, 501);
	assert_int_equal(f->state, FLOW_CLOSING);
	see_tcp(true, TCP_FIN | TCP_ACK, 501, 102);
	assert_int_equal(f->state, FLOW_CLOSED);
}

static void reset_where_the_sender_stands_closes(void **state)
{
	struct flow *f = handshake();

	(void)state;
	see_tcp(true, TCP_RST, 501, 0);
	assert_int_equal(f->state, FLOW_CLOSED);
}

static void reset_out_of_the_blue_does_not_close(void **state)
{
	struct flow *f = handshake();

	(void)state;
	see_tcp(true, TCP_RST, 77777, 0);
	see_tcp(true, TCP_RST | TCP_ACK, 77777, 88888);
	assert_int_equal(f->state, FLOW_ESTABLISHED);
}

static void refused_syn_closes(void **state)
{
	struct flow *f = see_tcp(false, TCP_SYN, 100, 0).flow;

	(void)state;
	see_tcp(true, TCP_RST | TCP_ACK, 0, 101);
	assert_int_equal(f->state, FLOW_CLOSED);
}

static void syn_on_a_closed_flow_starts_another(void **state)
{
	(void)state;
	handshake();
	see_tcp(true, TCP_RST, 501, 0);
	assert_false(see_tcp(false, TCP_ACK, 101, 501).fresh);
	assert_true(see_tcp(false, TCP_SYN, 900, 0).fresh);
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.why[0], FLOW_END_CLOSED);
}

static void syn_on_an_open_flow_starts_none(void **state)
{
	(void)state;
	handshake();
	assert_false(see_tcp(false, TCP_SYN, 900, 0).fresh);
}

static struct headers icmp_headers(uint8_t from, uint8_t to, uint8_t type, uint16_t id)
{
	struct headers h = headers_of(IPPROTO_ICMP, from, id, to, type);

	h.icmp_type = type;
	return h;
}

static void echo_and_reply_find_one_flow(void **state)
{
	struct seen a = see(icmp_headers(1, 2, 8, 77)), b = see(icmp_headers(2, 1, 0, 77));

	(void)state;
	assert_ptr_equal(a.flow, b.flow);
	assert_true(!a.reply && b.reply);
	assert_int_equal(a.flow->tuple.dport, 8);
}

static void echoes_in_both_directions_are_two_flows(void **state)
{
	struct seen a = see(icmp_headers(1, 2, 8, 77)), b = see(icmp_headers(2, 1, 8, 77));

	(void)state;
	assert_true(b.fresh && !b.reply);
	assert_ptr_not_equal(a.flow, b.flow);
}

static void echo_reply_alone_belongs_to_who_would_have_asked(void **state)
{
	struct seen s = see(icmp_headers(2, 1, 0, 77));

	(void)state;
	assert_true(s.fresh && s.reply && s.flow->midstream);
	assert_true(s.flow->tuple.src == ip_from_v4(0x0a000001));
	assert_int_equal(s.flow->tuple.dport, 8);
	assert_false(see(icmp_headers(1, 2, 8, 77)).fresh);
}

static void other_icmp_is_one_flow_both_ways(void **state)
{
	struct seen a = see(icmp_headers(1, 2, 3, 0)), b = see(icmp_headers(2, 1, 3, 0));

	(void)state;
	assert_ptr_equal(a.flow, b.flow);
}

static void error_finds_the_flow_it_quotes_from_either_side(void **state)
{
	struct headers up = headers_of(IPPROTO_UDP, 1, 5000, 2, 53),
		       down = headers_of(IPPROTO_UDP, 2, 53, 1, 5000),
		       other = headers_of(IPPROTO_UDP, 1, 5001, 2, 53);
	struct flow *f = see(up).flow;

	(void)state;
	assert_ptr_equal(flow_related(table, &up, 0), f);
	assert_ptr_equal(flow_related(table, &down, 0), f);
	assert_null(flow_related(table, &other, 0));
	assert_int_equal(flow_table_used(table), 1);
}

static void tuple_finds_its_flow_and_not_the_turned_one(void **state)
{
	struct flow *f = see_udp(1, 5000, 2, 53).flow;
	struct tuple t = f->tuple, turned = { t.dst, t.src, t.dport, t.sport, t.protocol };

	(void)state;
	assert_ptr_equal(flow_of_tuple(table, &t, 0), f);
	assert_null(flow_of_tuple(table, &turned, 0));
}

static void idle_flow_is_started_anew_at_its_timeout(void **state)
{
	(void)state;
	see_udp(1, 5000, 2, 53);
	now += 30 * SECOND - 1;
	assert_false(see_udp(1, 5000, 2, 53).fresh);
	now += 30 * SECOND;
	assert_true(see_udp(1, 5000, 2, 53).fresh);
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.why[0], FLOW_END_TIMEOUT);
}

static void answered_udp_waits_longer_once_it_is_two_seconds_old(void **state)
{
	(void)state;
	see_udp(1, 5000, 2, 53);
	see_udp(2, 53, 1, 5000);
	now += 2 * SECOND;
	see_udp(2, 53, 1, 5000);
	now += 119 * SECOND;
	flow_expire(table, now, 10);
	assert_int_equal(ended.count, 0);
	now += SECOND;
	flow_expire(table, now, 10);
	assert_int_equal(ended.count, 1);
}

static void expire_passes_by_flows_that_wait_longer(void **state)
{
	(void)state;
	handshake();
	see_udp(1, 5000, 2, 53);
	now += 30 * SECOND;
	flow_expire(table, now, 10);
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.who[0].protocol, IPPROTO_UDP);
	now += 5 * 86400 * SECOND;
	flow_expire(table, now, 10);
	assert_int_equal(ended.count, 2);
}

static void expire_ends_no_more_than_its_budget(void **state)
{
	(void)state;
	for (uint16_t port = 1; port <= 3; port++)
		see_udp(1, port, 2, 53);
	now += 60 * SECOND;
	flow_expire(table, now, 2);
	assert_int_equal(ended.count, 2);
}

static void one_way_tcp_does_not_wait_for_days(void **state)
{
	(void)state;
	see_tcp(false, TCP_ACK, 101, 501);
	now += 300 * SECOND;
	flow_expire(table, now, 10);
	assert_int_equal(ended.count, 1);
}

static void closed_flow_ends_as_closed(void **state)
{
	(void)state;
	handshake();
	see_tcp(true, TCP_RST, 501, 0);
	now += 10 * SECOND;
	flow_expire(table, now, 10);
	assert_int_equal(ended.why[0], FLOW_END_CLOSED);
}

static void full_table_ends_the_flow_seen_longest_ago(void **state)
{
	(void)state;
	for (uint16_t port = 1; port <= 4; port++) {
		see_udp(1, port, 2, 53);
		now += 2 * SECOND;
	}
	see_udp(1, 1, 2, 53);
	assert_true(see_udp(1, 5, 2, 53).fresh);
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.why[0], FLOW_END_EVICTED);
	assert_int_equal(ended.who[0].sport, 2);
	assert_int_equal(flow_table_used(table), 4);
	assert_int_equal(flow_table_evicted(table), 1);
}

static void time_that_steps_back_ends_nothing(void **state)
{
	(void)state;
	see_udp(1, 5000, 2, 53);
	now -= 500 * SECOND;
	assert_false(see_udp(2, 53, 1, 5000).fresh);
	flow_expire(table, now, 10);
	assert_int_equal(ended.count, 0);
}

static void end_of_all_tells_the_oldest_first(void **state)
{
	(void)state;
	handshake();
	now += 2 * SECOND;
	see_udp(1, 5000, 2, 53);
	flow_end_all(table);
	assert_int_equal(ended.count, 2);
	assert_int_equal(ended.who[0].protocol, IPPROTO_TCP);
	assert_int_equal(ended.why[1], FLOW_END_FINISH);
	assert_int_equal(flow_table_used(table), 0);
}

static void table_of_no_capacity_holds_one_flow(void **state)
{
	static const uint8_t key[16];
	struct headers h = headers_of(IPPROTO_UDP, 1, 1, 2, 2);
	struct flow_table *t = flow_table_new(0, &flow_timeouts_default, key, note_end, &ended);
	bool reply, fresh;

	(void)state;
	assert_non_null(t);
	assert_non_null(flow_lookup(t, &h, 0, now, &reply, &fresh));
	flow_table_free(t);
}

/* A model of the table: every key ever seen, by brute force. */
static void thousand_flows_are_told_apart(void **state)
{
	static const uint8_t key[16] = { 9 };
	static struct flow *first[1000];
	struct log none = { .count = 0 };
	struct flow_table *t = flow_table_new(1000, &flow_timeouts_default, key, note_end, &none);
	bool reply, fresh;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (uint16_t i = 0; i < 1000; i++) {
			struct headers h = headers_of(i & 1 ? IPPROTO_UDP : IPPROTO_TCP,
						      (uint8_t)(i / 100), i, 200, 53);
			struct flow *f = flow_lookup(t, &h, 0, now, &reply, &fresh);

			assert_int_equal(fresh, round == 0);
			if (round == 0)
				first[i] = f;
			assert_ptr_equal(first[i], f);
		}
	}
	assert_int_equal(flow_table_used(t), 1000);
	for (uint16_t i = 0; i < 1000; i++)
		flow_forget(t, first[i], FLOW_END_NONE), none.count = 0;
	assert_int_equal(flow_table_used(t), 0);
	flow_table_free(t);
}

#define WITH_TABLE(f) cmocka_unit_test_setup_teardown(f, with_table, without_table)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TABLE(both_directions_find_one_flow),
		WITH_TABLE(other_port_protocol_or_vlan_is_another_flow),
		WITH_TABLE(packets_between_equal_addresses_find_one_flow),
		WITH_TABLE(new_flow_belongs_to_no_policy_yet),
		WITH_TABLE(handshake_establishes),
		WITH_TABLE(receiver_of_a_syn_ack_is_the_opener),
		WITH_TABLE(tcp_without_syn_is_midstream),
		WITH_TABLE(fins_of_both_sides_close),
		WITH_TABLE(reset_where_the_sender_stands_closes),
		WITH_TABLE(reset_out_of_the_blue_does_not_close),
		WITH_TABLE(refused_syn_closes),
		WITH_TABLE(syn_on_a_closed_flow_starts_another),
		WITH_TABLE(syn_on_an_open_flow_starts_none),
		WITH_TABLE(echo_and_reply_find_one_flow),
		WITH_TABLE(echoes_in_both_directions_are_two_flows),
		WITH_TABLE(echo_reply_alone_belongs_to_who_would_have_asked),
		WITH_TABLE(other_icmp_is_one_flow_both_ways),
		WITH_TABLE(error_finds_the_flow_it_quotes_from_either_side),
		WITH_TABLE(tuple_finds_its_flow_and_not_the_turned_one),
		WITH_TABLE(idle_flow_is_started_anew_at_its_timeout),
		WITH_TABLE(answered_udp_waits_longer_once_it_is_two_seconds_old),
		WITH_TABLE(expire_passes_by_flows_that_wait_longer),
		WITH_TABLE(expire_ends_no_more_than_its_budget),
		WITH_TABLE(one_way_tcp_does_not_wait_for_days),
		WITH_TABLE(closed_flow_ends_as_closed),
		WITH_TABLE(full_table_ends_the_flow_seen_longest_ago),
		WITH_TABLE(time_that_steps_back_ends_nothing),
		WITH_TABLE(end_of_all_tells_the_oldest_first),
		WITH_TABLE(table_of_no_capacity_holds_one_flow),
		cmocka_unit_test(thousand_flows_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
