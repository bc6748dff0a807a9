/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/protocols.h"

#include "daemon/decode.h"
#include "daemon/inspect.h"
#include "daemon/packet.h"
#include "daemon/source.h"
#include "tests/unit/support.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PACKETS = 8 };

/* A source of the packets put into it, a day apart. */
static struct list {
	struct source source;
	struct bytes packets[PACKETS];
	uint32_t frame_len[PACKETS];
	size_t count, at;
	int end;
} list;

static int list_next(struct source *s, struct packet *p)
{
	struct list *l = (struct list *)s;

	if (l->at == l->count)
		return l->end;
	*p = packet_of(&l->packets[l->at]);
	p->frame_len = l->frame_len[l->at];
	p->time = (int64_t)l->at++ * 86400 * SECOND;
	return 1;
}

static const struct source_ops ops = { .next = list_next };
static struct protocol_count *counts;
static struct inspect *in;

static int setup(void **state)
{
	(void)state;
	memset(&list, 0, sizeof(list));
	list.source.ops = &ops;
	list.end = -ENODATA;
	in = inspect_new(&inspect_conf_reader);
	counts = in ? calloc(inspect_app_count(in), sizeof(*counts)) : NULL;
	return counts ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(counts);
	inspect_free(in);
	return 0;
}

static struct bytes *add(void)
{
	assert_true(list.count < PACKETS);
	return &list.packets[list.count++];
}

static void add_icmp(const char *src, const char *dst, uint8_t type)
{
	struct bytes *b = add();

	icmp(b, type, 0, (uint16_t)list.count, 1);
	ip4(b, src, dst, IPPROTO_ICMP);
}

static void add_tcp(const char *src, const char *dst, uint16_t sport, uint16_t dport, uint8_t flags)
{
	struct bytes *b = add();

	tcp(b, sport, dport, 1, 1, flags);
	ip4(b, src, dst, IPPROTO_TCP);
}

static const struct protocol_count *count_of(const char *name)
{
	uint16_t number = 0;

	if (strcmp(name, "Unknown") != 0)
		assert_int_equal(inspect_app_named(in, name, &number), 0);
	return &counts[number];
}

static void all_icmp_of_two_hosts_is_one_flow(void **state)
{
	(void)state;
	add_icmp("10.0.0.1", "10.0.0.2", 8);
	add_icmp("10.0.0.2", "10.0.0.1", 0);
	add_icmp("10.0.0.2", "10.0.0.1", 3);
	assert_int_equal(protocols_run(&list.source, in, counts), 0);
	assert_int_equal(count_of("ICMP")->flows, 1);
	assert_int_equal(count_of("ICMP")->packets, 3);
}

static void flow_never_ends(void **state)
{
	(void)state;
	add_tcp("10.0.0.1", "10.0.0.2", 40000, 65000, TCP_SYN);
	add_tcp("10.0.0.2", "10.0.0.1", 65000, 40000, TCP_RST | TCP_ACK);
	add_tcp("10.0.0.1", "10.0.0.2", 40000, 65000, TCP_SYN);
	assert_int_equal(protocols_run(&list.source, in, counts), 0);
	assert_int_equal(count_of("Unknown")->flows, 1);
	assert_int_equal(count_of("Unknown")->packets, 3);
}

static void bytes_are_those_of_the_frames(void **state)
{
	(void)state;
	list.frame_len[0] = 60;
	add_icmp("10.0.0.1", "10.0.0.2", 8);
	assert_int_equal(protocols_run(&list.source, in, counts), 0);
	assert_int_equal(count_of("ICMP")->bytes, 60);
}

static void lying_transport_header_counts_with_its_ports(void **state)
{
	(void)state;
	add_tcp("10.0.0.1", "10.0.0.2", 40000, 65000, TCP_SYN);
	list.packets[0].at[20 + 12] = 1 << 4;
	add_tcp("10.0.0.2", "10.0.0.1", 65000, 40000, TCP_ACK);
	assert_int_equal(protocols_run(&list.source, in, counts), 0);
	assert_int_equal(count_of("Unknown")->flows, 1);
	assert_int_equal(count_of("Unknown")->packets, 2);
}

static void later_fragment_does_not_count(void **state)
{
	static struct bytes whole;

	(void)state;
	whole.len = 0;
	bytes_fill(&whole, 'x', 100);
	udp(&whole, 50000, 60000);
	ip4(&whole, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	fragment4(&whole, 1, 0, 64, add());
	fragment4(&whole, 1, 64, 44, add());
	assert_int_equal(protocols_run(&list.source, in, counts), 0);
	assert_int_equal(count_of("Unknown")->packets, 1);
}

static void error_of_the_source_comes_after_the_count(void **state)
{
	(void)state;
	add_icmp("10.0.0.1", "10.0.0.2", 8);
	list.end = -EPIPE;
	assert_int_equal(protocols_run(&list.source, in, counts), -EPIPE);
	assert_int_equal(count_of("ICMP")->packets, 1);
}

static void salvage_prefix(const uint8_t *data, size_t n, void *ctx)
{
	(void)ctx;
	list.count = list.at = 0;
	list.packets[0].len = 0;
	bytes_add(add(), data, n);
	assert_int_equal(protocols_run(&list.source, in, counts), 0);
}

static void every_truncation_is_harmless(void **state)
{
	(void)state;
	add_tcp("10.0.0.1", "10.0.0.2", 40000, 65000, TCP_SYN);
	each_prefix(list.packets[0].at, list.packets[0].len, salvage_prefix, NULL);
}

#define WITH_LIST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LIST(all_icmp_of_two_hosts_is_one_flow),
		WITH_LIST(flow_never_ends),
		WITH_LIST(bytes_are_those_of_the_frames),
		WITH_LIST(lying_transport_header_counts_with_its_ports),
		WITH_LIST(later_fragment_does_not_count),
		WITH_LIST(error_of_the_source_comes_after_the_count),
		WITH_LIST(every_truncation_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
