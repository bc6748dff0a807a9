/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netlink messages: written, read, truncated, and with every length made wrong */
#include "daemon/kernel/conntrack.h"
#include "daemon/kernel/counters.h"
#include "daemon/kernel/links.h"
#include "daemon/kernel/netlink.h"
#include "daemon/kernel/nflog.h"
#include "daemon/kernel/queue.h"
#include "tests/unit/kernel_messages.h"
#include "tests/unit/support.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct netlink_message only(const void *bytes, size_t n)
{
	struct cursor c = cursor_of(bytes, n);
	struct netlink_message m;

	assert_true(netlink_next(&c, &m));
	assert_int_equal(c.left, 0);
	return m;
}

/* ---- netlink ---- */

static void writer_what_does_not_fit_is_taken_back_whole(void **state)
{
	_Alignas(4) uint8_t buf[64];
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);
	uint8_t big[60] = { 0 };

	(void)state;
	netlink_begin(&w, 20, 0, 1);
	netlink_put_be32(&w, 1, 5);
	assert_true(netlink_end(&w));
	const size_t before = w.len;

	netlink_begin(&w, 21, 0, 2);
	netlink_put(&w, 1, big, sizeof big);
	assert_false(netlink_end(&w));
	assert_int_equal(w.len, before);
	netlink_begin(&w, 22, 0, 3);
	assert_true(netlink_end(&w));
}

static void writer_a_buffer_of_any_size_is_never_overrun(void **state)
{
	(void)state;
	for (size_t size = 0; size < 80; size += 4) {
		uint8_t *buf = malloc(size + 1);
		struct netlink_writer w = netlink_writer_of(buf, size);

		netlink_begin_nf(&w, 1, 2, 0, 1, AF_INET, 3);
		const size_t nest = netlink_nest(&w, 1);

		netlink_put_text(&w, 2, "text");
		netlink_put_be16(&w, 3, 1);
		netlink_nest_end(&w, nest);
		if (netlink_end(&w))
			assert_true(w.len <= size);
		else
			assert_int_equal(w.len, 0);
		free(buf);
	}
}

static void reader_of_several_messages_gives_each(void **state)
{
	_Alignas(4) uint8_t buf[128];
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);
	struct netlink_message m;

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		netlink_begin(&w, (uint16_t)(100 + i), 0, i);
		netlink_put_u8(&w, 1, 7);
		assert_true(netlink_end(&w));
	}
	struct cursor c = cursor_of(buf, w.len);

	for (uint16_t i = 0; i < 3; i++) {
		struct netlink_attr a;

		assert_true(netlink_next(&c, &m));
		assert_int_equal(m.type, 100 + i);
		assert_true(netlink_attr_next(&m.body, &a));
		assert_int_equal(cursor_u8(&a.value), 7);
		assert_false(netlink_attr_next(&m.body, &a));
		assert_false(m.body.tripped);
	}
	assert_false(netlink_next(&c, &m));
	assert_false(c.tripped);
}

static void reader_of_a_length_beyond_int_is_refused(void **state)
{
	_Alignas(4) uint8_t buf[32] = {
		[3] = 0x80
	}; /* libmnl alone would take it for a negative one */
	struct cursor c = cursor_of(buf, sizeof buf);
	struct netlink_message m;

	(void)state;
	assert_false(netlink_next(&c, &m));
	assert_true(c.tripped);
}

static void error_reads_an_errno_and_nothing_else(void **state)
{
	static const struct {
		int32_t raw;
		int want;
	} table[] = { { 0, 0 }, { -EPERM, -EPERM }, { 5, -EBADMSG }, { -100000, -EBADMSG } };
	_Alignas(4) uint8_t buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct netlink_writer w = netlink_writer_of(buf, sizeof buf);

		netlink_begin(&w, NLMSG_ERROR, 0, 1);
		netlink_bytes(&w, &table[i].raw, 4);
		netlink_end(&w);
		const struct netlink_message m = only(buf, w.len);

		assert_int_equal(netlink_error(&m), table[i].want);
	}
}

/* ---- what the kernel tells ---- */

static void nflog_of_a_refused_packet_gives_every_field(void **state)
{
	_Alignas(4) uint8_t buf[1024];
	const size_t n = message_nflog(buf, 41, "wrong-mac");
	const struct netlink_message m = only(buf, n);
	struct nflog_packet p;

	(void)state;
	assert_true(nflog_is_packet(m.type));
	assert_true(nflog_parse(m.body, &p));
	assert_string_equal(p.prefix, "wrong-mac");
	assert_int_equal(p.ifin, 2);
	assert_int_equal(p.ifout, 3);
	assert_int_equal(p.mark, 0x40000003);
	assert_true(p.has_seq && p.seq == 41);
	assert_true(p.has_mac && p.mac[5] == 9);
	assert_int_equal(p.len, 40);
}

static void nflog_prefix_that_is_too_long_is_cut(void **state)
{
	_Alignas(4) uint8_t buf[1024];
	char prefix[101];
	struct nflog_packet p;

	(void)state;
	memset(prefix, 'x', 100);
	prefix[100] = '\0';
	const size_t n = message_nflog(buf, 0, prefix);

	assert_true(nflog_parse(only(buf, n).body, &p));
	assert_int_equal(strlen(p.prefix), NFLOG_PREFIX - 1);
}

static void conntrack_end_of_tcp_gives_tuple_figures_and_state(void **state)
{
	_Alignas(4) uint8_t buf[1024];
	const size_t n = message_end_v4(buf);
	const struct netlink_message m = only(buf, n);
	struct conntrack_end e;

	(void)state;
	assert_true(conntrack_is_end(m.type));
	assert_true(conntrack_parse(m.body, &e));
	assert_true(e.tuple.src == ip_from_v4(0x0a000001) && e.tuple.dst == ip_from_v4(0x0a000002));
	assert_int_equal(e.tuple.sport, 1000);
	assert_int_equal(e.tuple.dport, 80);
	assert_int_equal(e.tuple.protocol, IPPROTO_TCP);
	assert_true(e.counted && e.replied);
	assert_int_equal(e.packets_up, 3);
	assert_int_equal(e.bytes_down, 1400);
	assert_int_equal(e.mark, 0x10009);
	assert_int_equal(e.end - e.start, 5000000000);
	assert_int_equal(e.tcp_state, TCP_CONNTRACK_TIME_WAIT);
}

static void conntrack_end_of_icmp6_has_type_and_identifier_for_ports(void **state)
{
	_Alignas(4) uint8_t buf[1024];
	const size_t n = message_end_icmp6(buf);
	struct conntrack_end e;

	(void)state;
	assert_true(conntrack_parse(only(buf, n).body, &e));
	assert_int_equal(e.tuple.dport, 128);
	assert_int_equal(e.tuple.sport, 7);
	assert_false(e.counted);
}

static void link_comes_and_goes(void **state)
{
	_Alignas(4) uint8_t buf[1024];
	struct link_change l;
	size_t n = message_link(buf, 4, "eth1");
	struct netlink_message m = only(buf, n);

	(void)state;
	assert_true(links_parse(&m, &l));
	assert_int_equal(l.index, 4);
	assert_string_equal(l.name, "eth1");
	assert_true(l.up);
	n = message_link(buf, 4, NULL);
	m = only(buf, n);
	assert_true(links_parse(&m, &l));
	assert_string_equal(l.name, "");
}

static void counter_gives_name_and_packets(void **state)
{
	_Alignas(4) uint8_t buf[1024];
	const size_t n = message_counter(buf, "n_denied", 12);
	const struct netlink_message m = only(buf, n);
	struct kernel_counter k;

	(void)state;
	assert_int_equal(counters_parse(&m, &k), 1);
	assert_string_equal(k.name, "n_denied");
	assert_int_equal(k.packets, 12);
	assert_int_equal(k.bytes, 1200);
	assert_int_equal(counters_value(&k, 1, "n_denied"), 12);
	assert_int_equal(counters_value(&k, 1, "other"), 0);
}

/* ---- hostile bytes: all readers on every truncation and every wrong length ---- */

static void read_all(const uint8_t *data, size_t n, void *ctx)
{
	struct cursor c = cursor_of(data, n);
	struct netlink_message m;

	(void)ctx;
	while (netlink_next(&c, &m)) {
		struct nflog_packet p;
		struct conntrack_end e;
		struct link_change l;
		struct kernel_counter k;

		if (nflog_parse(m.body, &p))
			assert_true(p.data >= data && p.data + p.len <= data + n);
		conntrack_parse(m.body, &e);
		links_parse(&m, &l);
		counters_parse(&m, &k);
		netlink_error(&m);
	}
}

static void readers_of_hostile_bytes_stay_inside(void **state)
{
	_Alignas(4) uint8_t buf[1024];

	(void)state;
	for (int which = 0; which < 5; which++) {
		const size_t n = which == 0   ? message_nflog(buf, 1, "denied")
				 : which == 1 ? message_end_v4(buf)
				 : which == 2 ? message_end_icmp6(buf)
				 : which == 3 ? message_link(buf, 9, "eth0")
					      : message_counter(buf, "n_seen", 3);

		each_prefix(buf, n, read_all, NULL);
		for (size_t at = 0; at + 2 <= n; at += 2) {
			static const uint16_t lengths[] = { 0, 1, 3, 4, 5, 0x7fff, 0xffff };

			for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
				uint8_t *copy = malloc(n);

				memcpy(copy, buf, n);
				memcpy(copy + at, &lengths[i], 2);
				read_all(copy, n, NULL);
				free(copy);
			}
		}
	}
}

/* ---- /proc/net/netfilter/nfnetlink_queue ---- */

static void queue_line_gives_its_figures(void **state)
{
	struct queue_figures f;

	(void)state;
	assert_true(queue_parse_line("    3  12345    17 2 65531     4     5   123456  1\n", &f));
	assert_int_equal(f.number, 3);
	assert_int_equal(f.port, 12345);
	assert_int_equal(f.waiting, 17);
	assert_int_equal(f.copy_range, 65531);
	assert_int_equal(f.full, 4);
	assert_int_equal(f.unread, 5);
	assert_false(queue_parse_line("", &f));
	assert_false(queue_parse_line("1 2 3", &f));
	assert_false(queue_parse_line("queue one two", &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writer_what_does_not_fit_is_taken_back_whole),
		cmocka_unit_test(writer_a_buffer_of_any_size_is_never_overrun),
		cmocka_unit_test(reader_of_several_messages_gives_each),
		cmocka_unit_test(reader_of_a_length_beyond_int_is_refused),
		cmocka_unit_test(error_reads_an_errno_and_nothing_else),
		cmocka_unit_test(nflog_of_a_refused_packet_gives_every_field),
		cmocka_unit_test(nflog_prefix_that_is_too_long_is_cut),
		cmocka_unit_test(conntrack_end_of_tcp_gives_tuple_figures_and_state),
		cmocka_unit_test(conntrack_end_of_icmp6_has_type_and_identifier_for_ports),
		cmocka_unit_test(link_comes_and_goes),
		cmocka_unit_test(counter_gives_name_and_packets),
		cmocka_unit_test(readers_of_hostile_bytes_stay_inside),
		cmocka_unit_test(queue_line_gives_its_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
