/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/reset.h"

#include "daemon/decode.h"
#include "daemon/packet.h"
#include "tests/unit/support.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct bytes b;

static uint16_t ones_sum(const uint8_t *at, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += i & 1 ? at[i] : (uint32_t)at[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return (uint16_t)start;
}

static struct headers offending(bool v6, uint8_t flags)
{
	struct headers h;
	struct packet p;

	b.len = 0;
	bytes_text(&b, "SSH-2.0-x\r\n");
	tcp(&b, 40000, 443, 1000, 2000, flags);
	if (v6)
		ip6(&b, "fd00::1", "fd00::2", IPPROTO_TCP);
	else
		ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_TCP);
	p = packet_of(&b);
	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	return h;
}

static struct headers decoded(const uint8_t *at, uint32_t n)
{
	struct packet p = { .data = at, .len = n, .wire_len = n };
	struct headers h;

	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	return h;
}

static void assert_reset(const struct headers *h, const struct headers *from)
{
	assert_true(h->src == from->src && h->dst == from->dst);
	assert_int_equal(h->sport, from->sport);
	assert_int_equal(h->dport, from->dport);
	assert_int_equal(h->seq, 777);
	assert_int_equal(h->payload.left, 0);
}

static void v4_reset_has_valid_checksums_and_numbers(void **state)
{
	uint8_t out[RESET_MAX];
	struct headers from = offending(false, TCP_ACK), h;

	(void)state;
	assert_int_equal(reset_make(&from, 777, out), 40);
	h = decoded(out, 40);
	assert_reset(&h, &from);
	assert_int_equal(h.tcp_flags, TCP_RST | TCP_ACK);
	assert_int_equal(h.ack, 2000);
	assert_int_equal(ones_sum(out, 20, 0), 0xffff);
	assert_int_equal(ones_sum(out + 20, 20, ones_sum(out + 12, 8, IPPROTO_TCP + 20)), 0xffff);
}

static void v6_reset_has_a_valid_checksum(void **state)
{
	uint8_t out[RESET_MAX];
	struct headers from = offending(true, TCP_ACK), h;

	(void)state;
	assert_int_equal(reset_make(&from, 777, out), 60);
	h = decoded(out, 60);
	assert_reset(&h, &from);
	assert_int_equal(ones_sum(out + 40, 20, ones_sum(out + 8, 32, IPPROTO_TCP + 20)), 0xffff);
}

static void packet_without_ack_gives_a_reset_without_ack(void **state)
{
	uint8_t out[RESET_MAX];
	struct headers from = offending(false, TCP_SYN), h;

	(void)state;
	h = decoded(out, reset_make(&from, 777, out));
	assert_int_equal(h.tcp_flags, TCP_RST);
	assert_int_equal(h.ack, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v4_reset_has_valid_checksums_and_numbers),
		cmocka_unit_test(v6_reset_has_a_valid_checksum),
		cmocka_unit_test(packet_without_ack_gives_a_reset_without_ack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
