/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/source_nfq.h"

#include "daemon/kernel/netlink.h"
#include "daemon/packet.h"
#include "daemon/stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000000000000)

/* A packet message as the kernel writes it. */
static size_t build(void *buf, size_t size, uint32_t id)
{
	static const uint8_t ip[20] = { 0x45, 0, 0, 20 };
	const struct nfqnl_msg_packet_hdr hdr = { .packet_id = htonl(id),
						  .hw_protocol = htons(0x800) };
	struct nfqnl_msg_packet_hw hw = { .hw_addrlen = htons(6) };
	const uint64_t stamp[2] = { htobe64(1700000000), htobe64(250000) };
	struct netlink_writer w = netlink_writer_of(buf, size);

	memcpy(hw.hw_addr, "\2\0\0\0\0\7", 6);
	netlink_begin_nf(&w, NFNL_SUBSYS_QUEUE, NFQNL_MSG_PACKET, 0, 0, AF_INET, 3);
	netlink_put(&w, NFQA_PACKET_HDR, &hdr, sizeof hdr);
	netlink_put_be32(&w, NFQA_IFINDEX_INDEV, 4);
	netlink_put_be32(&w, NFQA_IFINDEX_OUTDEV, 5);
	netlink_put_be32(&w, NFQA_MARK, 0x40100001);
	netlink_put(&w, NFQA_HWADDR, &hw, sizeof hw);
	netlink_put(&w, NFQA_TIMESTAMP, stamp, sizeof stamp);
	netlink_put_be32(&w, NFQA_CAP_LEN, 70000);
	netlink_put_be32(&w, NFQA_SKB_INFO, NFQA_SKB_GSO | NFQA_SKB_CSUMNOTREADY);
	netlink_put(&w, NFQA_PAYLOAD, ip, sizeof ip);
	assert_true(netlink_end(&w));
	return w.len;
}

static struct cursor body_of(const void *bytes, size_t n)
{
	struct cursor c = cursor_of(bytes, n);

	cursor_skip(&c, sizeof(struct nlmsghdr));
	return c;
}

static void parse_a_kernel_message_gives_every_field(void **state)
{
	_Alignas(4) uint8_t buf[512];
	const size_t n = build(buf, sizeof buf, 77);
	struct packet p;

	(void)state;
	assert_true(source_nfq_parse(body_of(buf, n), NOW, &p));
	assert_int_equal(p.id, 77);
	assert_int_equal(p.ifin, 4);
	assert_int_equal(p.ifout, 5);
	assert_int_equal(p.mark, 0x40100001);
	assert_int_equal(p.time, INT64_C(1700000000250000000));
	assert_int_equal(p.len, 20);
	assert_int_equal(p.wire_len, 70000);
	assert_true(p.live && p.gso && p.no_csum && p.has_mac);
	assert_memory_equal(p.mac, "\2\0\0\0\0\7", 6);
}

static void parse_without_a_time_uses_the_one_given(void **state)
{
	_Alignas(4) uint8_t buf[512];
	const struct nfqnl_msg_packet_hdr hdr = { .packet_id = htonl(1) };
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);
	struct packet p;

	(void)state;
	netlink_begin_nf(&w, NFNL_SUBSYS_QUEUE, NFQNL_MSG_PACKET, 0, 0, AF_INET, 3);
	netlink_put(&w, NFQA_PACKET_HDR, &hdr, sizeof hdr);
	netlink_put(&w, NFQA_PAYLOAD, "E", 1);
	netlink_end(&w);
	assert_true(source_nfq_parse(body_of(buf, w.len), NOW, &p));
	assert_int_equal(p.time, NOW);
	assert_int_equal(p.wire_len, 1);
}

/* Every prefix and every wrong attribute length is refused or stays inside the message. */
static void parse_hostile_bytes_stays_inside(void **state)
{
	_Alignas(4) uint8_t buf[512];
	const size_t n = build(buf, sizeof buf, 77);
	struct packet p;

	(void)state;
	for (size_t cut = sizeof(struct nlmsghdr); cut <= n; cut++) {
		uint8_t *copy = malloc(cut);

		memcpy(copy, buf, cut);
		if (source_nfq_parse(body_of(copy, cut), NOW, &p))
			assert_true(p.data >= copy && p.data + p.len <= copy + cut);
		free(copy);
	}
	for (size_t at = 20; at + 2 <= n; at += 2) {
		uint8_t copy[512];

		memcpy(copy, buf, n);
		copy[at] = 0xff;
		copy[at + 1] = 0xff;
		if (source_nfq_parse(body_of(copy, n), NOW, &p))
			assert_true(p.data >= copy && p.data + p.len <= copy + n);
	}
}

/* ---- the seam, over a socket pair in place of netlink ---- */

struct rig {
	int kernel, ours;
	struct stats_page *page;
	struct source *source;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	const int page = stats_make();
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	r->kernel = pair[0];
	r->ours = pair[1];
	r->page = stats_map(page);
	close(page);
	r->source = source_nfq_new(r->ours, 3, r->page, "closed");
	assert_non_null(r->source);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	r->source->ops->close(r->source);
	stats_unmap(r->page);
	close(r->kernel);
	close(r->ours);
	free(r);
	return 0;
}

static void queue_packet(const struct rig *r, uint32_t id)
{
	_Alignas(4) uint8_t buf[512];
	const size_t n = build(buf, sizeof buf, id);

	assert_int_equal(send(r->kernel, buf, n, 0), (ssize_t)n);
}

/* The verdict and id of every message of the next datagram, as "D6 A7" */
static const char *answers(const struct rig *r, char out[static 256])
{
	uint8_t buf[4096];
	const ssize_t n = recv(r->kernel, buf, sizeof buf, MSG_DONTWAIT);
	struct cursor c = cursor_of(buf, n > 0 ? (size_t)n : 0);
	struct netlink_message m;
	size_t at = 0;

	out[0] = '\0';
	while (netlink_next(&c, &m)) {
		struct netlink_attr a = { 0 };

		netlink_nfgen(&m.body);
		assert_true(netlink_attr_next(&m.body, &a));
		const uint32_t verdict = cursor_be32(&a.value), id = cursor_be32(&a.value);

		at += (size_t)snprintf(out + at, 256 - at, "%s%c%u", at ? " " : "",
				       verdict ? 'A' : 'D', id);
	}
	return out;
}

static void next_on_an_empty_queue_gives_none(void **state)
{
	struct rig *r = *state;
	struct packet p;

	assert_int_equal(r->source->ops->next(r->source, &p), 0);
}

static void next_after_start_drops_what_a_dead_reader_left(void **state)
{
	const struct outcome none = { 0 };
	struct rig *r = *state;
	struct packet p;
	char text[256];

	queue_packet(r, 41);
	queue_packet(r, 42);
	for (uint32_t id = 41; id <= 42; id++) {
		assert_int_equal(r->source->ops->next(r->source, &p), 1);
		assert_int_equal(p.id, id);
		assert_int_equal(r->source->ops->verdict(r->source, p.id, &none), 0);
	}
	assert_string_equal(answers(r, text), "");
	assert_int_equal(r->source->ops->next(r->source, &p), 0);
	assert_string_equal(answers(r, text), "D40 A42");
}

static void next_reads_on_after_it_said_none(void **state)
{
	const struct outcome none = { 0 };
	struct rig *r = *state;
	struct packet p;
	char text[256];

	for (uint32_t id = 1; id <= 3; id++) {
		queue_packet(r, id);
		assert_int_equal(r->source->ops->next(r->source, &p), 1);
		r->source->ops->verdict(r->source, p.id, &none);
		assert_int_equal(r->source->ops->next(r->source, &p), 0);
		answers(r, text);
	}
	assert_string_equal(text, "A3");
	assert_int_equal(stats_value(r->page, "closed", "received"), 3);
	assert_int_equal(stats_value(r->page, "closed", "sends"), 3);
}

static void next_more_packets_than_the_ring_gives_all_in_order(void **state)
{
	const struct outcome none = { 0 };
	struct rig *r = *state;
	struct packet p;

	for (uint32_t id = 1; id <= SOURCE_NFQ_RING + 5; id++)
		queue_packet(r, id);
	for (uint32_t id = 1; id <= SOURCE_NFQ_RING + 5; id++) {
		assert_int_equal(r->source->ops->next(r->source, &p), 1);
		assert_int_equal(p.id, id);
		r->source->ops->verdict(r->source, p.id, &none);
	}
	assert_int_equal(r->source->ops->next(r->source, &p), 0);
	assert_int_equal(stats_value(r->page, "closed", "received"), SOURCE_NFQ_RING + 5);
}

static void next_garbage_is_counted_and_its_id_is_dropped(void **state)
{
	const struct outcome none = { 0 };
	struct rig *r = *state;
	struct packet p;
	char text[256];

	queue_packet(r, 1);
	send(r->kernel, "garbage", 7, 0);
	queue_packet(r, 3);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(r->source->ops->next(r->source, &p), 1);
		r->source->ops->verdict(r->source, p.id, &none);
	}
	assert_int_equal(r->source->ops->next(r->source, &p), 0);
	assert_string_equal(answers(r, text), "D0 A1 D2 A3");
	assert_int_equal(stats_value(r->page, "closed", "malformed"), 1);
}

static void next_a_refused_verdict_is_counted_and_skipped(void **state)
{
	struct rig *r = *state;
	const int32_t error = -ENOENT;
	_Alignas(4) uint8_t buf[64];
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);
	struct packet p;

	netlink_begin(&w, NLMSG_ERROR, 0, 0);
	netlink_bytes(&w, &error, sizeof error);
	netlink_bytes(&w, buf, sizeof(struct nlmsghdr));
	netlink_end(&w);
	send(r->kernel, buf, w.len, 0);
	queue_packet(r, 5);
	assert_int_equal(r->source->ops->next(r->source, &p), 1);
	assert_int_equal(p.id, 5);
	assert_int_equal(stats_value(r->page, "closed", "refused"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_a_kernel_message_gives_every_field),
		cmocka_unit_test(parse_without_a_time_uses_the_one_given),
		cmocka_unit_test(parse_hostile_bytes_stays_inside),
		cmocka_unit_test_setup_teardown(next_on_an_empty_queue_gives_none, setup, teardown),
		cmocka_unit_test_setup_teardown(next_after_start_drops_what_a_dead_reader_left,
						setup, teardown),
		cmocka_unit_test_setup_teardown(next_reads_on_after_it_said_none, setup, teardown),
		cmocka_unit_test_setup_teardown(next_more_packets_than_the_ring_gives_all_in_order,
						setup, teardown),
		cmocka_unit_test_setup_teardown(next_garbage_is_counted_and_its_id_is_dropped,
						setup, teardown),
		cmocka_unit_test_setup_teardown(next_a_refused_verdict_is_counted_and_skipped,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
