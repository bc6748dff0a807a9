/* SPDX-License-Identifier: GPL-3.0-or-later */
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

static ip_t address(const char *text)
{
	ip_t a = 0;

	assert_int_equal(ip_parse(text, &a), 0);
	return a;
}

static enum decode_error decode(struct headers *h)
{
	struct packet p = packet_of(&b);

	return decode_packet(&p, h);
}

static void make_tcp4(const char *payload)
{
	b.len = 0;
	bytes_text(&b, payload);
	tcp(&b, 40000, 443, 1000, 2000, TCP_ACK);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_TCP);
}

static void make_udp6(const char *payload)
{
	b.len = 0;
	bytes_text(&b, payload);
	udp(&b, 5000, 53);
	ip6(&b, "fd00::1", "fd00::2", IPPROTO_UDP);
}

static void tcp4_gives_ports_flags_and_payload(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("hello");
	assert_int_equal(decode(&h), DECODE_OK);
	assert_true(h.src == address("10.0.0.1") && h.dst == address("10.0.0.2"));
	assert_int_equal(h.sport, 40000);
	assert_int_equal(h.dport, 443);
	assert_int_equal(h.seq, 1000);
	assert_int_equal(h.ack, 2000);
	assert_int_equal(h.tcp_flags, TCP_ACK);
	assert_int_equal(h.window, 0xffff);
	assert_int_equal(h.ttl, 64);
	assert_int_equal(h.ip_len, 20);
	assert_int_equal(h.l4_len, 20);
	assert_int_equal(h.total, 45);
	assert_ptr_equal(h.ip, b.at);
	assert_int_equal(h.payload.left, 5);
	assert_memory_equal(h.payload.at, "hello", 5);
	assert_false(h.fragment || h.cut);
}

static void udp6_gives_ports_and_payload(void **state)
{
	struct headers h;

	(void)state;
	make_udp6("query");
	assert_int_equal(decode(&h), DECODE_OK);
	assert_true(h.src == address("fd00::1") && h.dst == address("fd00::2"));
	assert_int_equal(h.sport, 5000);
	assert_int_equal(h.dport, 53);
	assert_int_equal(h.total, 53);
	assert_int_equal(h.payload.left, 5);
}

static void icmp_echo_has_identifier_and_type_as_ports(void **state)
{
	struct headers h;

	(void)state;
	b.len = 0;
	icmp(&b, 8, 0, 77, 1);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_ICMP);
	assert_int_equal(decode(&h), DECODE_OK);
	assert_int_equal(h.icmp_type, 8);
	assert_int_equal(h.sport, 77);
	assert_int_equal(h.dport, 8);
}

static void icmp_error_has_no_identifier(void **state)
{
	struct headers h;

	(void)state;
	b.len = 0;
	icmp(&b, 3, 4, 0, 1400);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_ICMP);
	assert_int_equal(decode(&h), DECODE_OK);
	assert_int_equal(h.icmp_code, 4);
	assert_int_equal(h.sport, 0);
	assert_int_equal(h.dport, 3);
}

static void other_protocol_is_payload_without_ports(void **state)
{
	struct headers h;

	(void)state;
	b.len = 0;
	bytes_text(&b, "esp");
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_ESP);
	assert_int_equal(decode(&h), DECODE_OK);
	assert_int_equal(h.protocol, IPPROTO_ESP);
	assert_int_equal(h.sport | h.dport | h.l4_len, 0);
	assert_int_equal(h.payload.left, 3);
}

static void link_padding_is_no_payload(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("");
	bytes_fill(&b, 0, 6);
	assert_int_equal(decode(&h), DECODE_OK);
	assert_int_equal(h.payload.left, 0);
	assert_int_equal(h.total, 40);
}

static void udp_payload_ends_where_its_length_says(void **state)
{
	struct headers h;

	(void)state;
	make_udp6("0123456789");
	b.at[40 + 5] = 8 + 4;
	assert_int_equal(decode(&h), DECODE_OK);
	assert_int_equal(h.payload.left, 4);
}

static void udp_length_past_the_packet_is_refused(void **state)
{
	struct headers h;

	(void)state;
	make_udp6("0123456789");
	b.at[40 + 5] = 8 + 11;
	assert_int_equal(decode(&h), DECODE_LENGTH);
}

static void udp_length_below_its_header_is_refused(void **state)
{
	struct headers h;

	(void)state;
	make_udp6("x");
	b.at[40 + 5] = 7;
	assert_int_equal(decode(&h), DECODE_LENGTH);
}

static void tcp_header_length_below_20_is_refused(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("hello");
	b.at[20 + 12] = 4 << 4;
	assert_int_equal(decode(&h), DECODE_LENGTH);
}

static void tcp_header_past_the_packet_is_refused(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("hello");
	b.at[20 + 12] = 15 << 4;
	assert_int_equal(decode(&h), DECODE_LENGTH);
}

static void ip_length_past_the_wire_is_refused(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("hello");
	b.at[3]++;
	assert_int_equal(decode(&h), DECODE_LENGTH);
}

static void ip_header_shorter_than_20_is_refused(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("hello");
	b.at[0] = 0x44;
	assert_int_equal(decode(&h), DECODE_LENGTH);
}

static void neither_4_nor_6_is_a_version_error(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("hello");
	b.at[0] = 0x55;
	assert_int_equal(decode(&h), DECODE_VERSION);
}

static void cut_packet_says_so_and_keeps_the_length_on_the_wire(void **state)
{
	struct headers h;
	struct packet p;

	(void)state;
	make_tcp4("hello");
	p = packet_of(&b);
	p.len = 42;
	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	assert_true(h.cut);
	assert_int_equal(h.payload.left, 2);
	assert_int_equal(h.total, 45);
}

static void options_4(const char *hex, enum decode_error want)
{
	struct headers h;
	size_t n;

	b.len = 0;
	bytes_hex(&b, hex);
	n = b.len;
	bytes_hex(&b, "0001 0002 00000000 00000000 5002 ffff 0000 0000");
	ip4(&b, "10.0.0.1", "10.0.0.2", 0); /* no checksum: it would not be TCP's first byte */
	b.at[9] = IPPROTO_TCP;
	b.at[0] = (uint8_t)(0x45 + n / 4);
	assert_int_equal(decode(&h), want);
	if (want == DECODE_OK)
		assert_int_equal(h.dport, 2);
}

static void ipv4_options_in_order_are_passed_over(void **state)
{
	(void)state;
	options_4("01 01 01 00", DECODE_OK);
	options_4("94 04 00 00", DECODE_OK);
	options_4("94 04 00 00 00 ff ff ff", DECODE_OK);
}

static void ipv4_options_in_disorder_are_refused(void **state)
{
	(void)state;
	options_4("94 01 00 00", DECODE_OPTIONS);
	options_4("94 05 00 00", DECODE_OPTIONS);
	options_4("01 01 01 94", DECODE_OPTIONS);
}

static void later_fragment_has_no_ports(void **state)
{
	static struct bytes piece;
	struct headers h;
	struct packet p;

	(void)state;
	make_tcp4("0123456789012345678901234567890123456789");
	fragment4(&b, 9, 24, 16, &piece);
	p = packet_of(&piece);
	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	assert_true(h.fragment && h.frag_more);
	assert_int_equal(h.frag_offset, 24);
	assert_int_equal(h.frag_id, 9);
	assert_int_equal(h.sport | h.dport, 0);
	assert_int_equal(h.payload.left, 16);
}

static void first_fragment_of_udp_may_announce_more(void **state)
{
	static struct bytes piece;
	struct headers h;
	struct packet p;

	(void)state;
	make_udp6("01234567890123456789");
	fragment6(&b, 7, 0, 16, &piece);
	p = packet_of(&piece);
	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	assert_true(h.fragment && h.frag_more);
	assert_int_equal(h.dport, 53);
	assert_int_equal(h.ip_len, 48);
	assert_int_equal(h.payload.left, 8);
}

/* An IPv6 packet with these bytes of extension headers, the first of kind `next`, then UDP. */
static void extended(uint8_t next, const char *hex)
{
	b.len = 0;
	bytes_hex(&b, hex);
	bytes_hex(&b, "1388 0035 0009 0000 78");
	ip6(&b, "fd00::1", "fd00::2", next);
}

static void extension_headers_are_passed_over(void **state)
{
	struct headers h;

	(void)state;
	extended(IPPROTO_HOPOPTS, "3c 00 01040000 0000  2b 00 01040000 0000"
				  "33 00 00000000 0000  11 04 0000 00000001 00000001"
				  "000000000000000000000000");
	assert_int_equal(decode(&h), DECODE_OK);
	assert_int_equal(h.protocol, IPPROTO_UDP);
	assert_int_equal(h.dport, 53);
	assert_int_equal(h.ip_len, 40 + 24 + 24);
}

static void hop_by_hop_options_stand_first_only(void **state)
{
	struct headers h;

	(void)state;
	extended(IPPROTO_DSTOPTS, "00 00 01040000 0000  11 00 01040000 0000");
	assert_int_equal(decode(&h), DECODE_OPTIONS);
}

static void extension_header_past_the_packet_is_refused(void **state)
{
	struct headers h;

	(void)state;
	extended(IPPROTO_DSTOPTS, "11 7f 01040000 0000");
	assert_int_equal(decode(&h), DECODE_LENGTH);
}

static void nine_extension_headers_are_too_many(void **state)
{
	struct headers h;

	(void)state;
	b.len = 0;
	for (int i = 0; i < 8; i++)
		bytes_hex(&b, "3c 00 01040000 0000");
	bytes_hex(&b, "11 00 01040000 0000 1388 0035 0009 0000 78");
	ip6(&b, "fd00::1", "fd00::2", IPPROTO_DSTOPTS);
	assert_int_equal(decode(&h), DECODE_OPTIONS);
}

static void fragment_header_of_a_whole_packet_makes_no_fragment(void **state)
{
	struct headers h;

	(void)state;
	extended(IPPROTO_FRAGMENT, "11 00 0000 00000007");
	assert_int_equal(decode(&h), DECODE_OK);
	assert_false(h.fragment);
	assert_int_equal(h.dport, 53);
}

static void mapped_address_on_the_wire_is_refused(void **state)
{
	struct headers h;

	(void)state;
	make_udp6("x");
	memset(b.at + 8, 0, 10);
	b.at[18] = b.at[19] = 0xff;
	assert_int_equal(decode(&h), DECODE_MAPPED);
}

static void live_packet_above_64_kb_has_the_length_the_kernel_gives(void **state)
{
	struct headers h;
	struct packet p;

	(void)state;
	make_tcp4("");
	bytes_fill(&b, 'x', 66000);
	b.at[2] = b.at[3] = 0;
	p = packet_of(&b);
	assert_int_equal(decode_packet(&p, &h), DECODE_LENGTH);
	p.live = true;
	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	assert_int_equal(h.total, 66040);
	assert_int_equal(h.payload.left, 66000);
}

static void embedded_header_needs_no_more_than_the_ports(void **state)
{
	struct headers h;

	(void)state;
	make_tcp4("hello");
	assert_int_equal(decode_embedded(cursor_of(b.at, 28), &h), DECODE_OK);
	assert_int_equal(h.sport, 40000);
	assert_int_equal(h.dport, 443);
	assert_int_equal(h.seq, 1000);
	assert_int_equal(decode_embedded(cursor_of(b.at, 27), &h), DECODE_SHORT);
}

static void decode_cut_frame(const uint8_t *data, size_t n, void *ctx)
{
	struct packet p = { .data = data, .len = (uint32_t)n, .wire_len = (uint32_t)n };
	struct headers h;

	/* sent like that: never whole */
	assert_int_not_equal(decode_packet(&p, &h), n == *(size_t *)ctx ? 99 : DECODE_OK);
	/* cut by the capture: whole up to the payload, or short */
	p.wire_len = *(uint32_t *)ctx;
	if (decode_packet(&p, &h) == DECODE_OK)
		assert_true(h.payload.at + h.payload.left <= data + n);
	(void)decode_embedded(cursor_of(data, n), &h);
}

static void every_truncation_is_refused_or_harmless(void **state)
{
	(void)state;
	make_tcp4("hello");
	each_prefix(b.at, b.len, decode_cut_frame, &b.len);
	make_udp6("query");
	each_prefix(b.at, b.len, decode_cut_frame, &b.len);
	extended(IPPROTO_HOPOPTS, "2b 00 01040000 0000  2c 00 00000000 0000  11 00 0000 00000001");
	each_prefix(b.at, b.len, decode_cut_frame, &b.len);
	b.len = 0;
	icmp(&b, 8, 0, 1, 1);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_ICMP);
	each_prefix(b.at, b.len, decode_cut_frame, &b.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp4_gives_ports_flags_and_payload),
		cmocka_unit_test(udp6_gives_ports_and_payload),
		cmocka_unit_test(icmp_echo_has_identifier_and_type_as_ports),
		cmocka_unit_test(icmp_error_has_no_identifier),
		cmocka_unit_test(other_protocol_is_payload_without_ports),
		cmocka_unit_test(link_padding_is_no_payload),
		cmocka_unit_test(udp_payload_ends_where_its_length_says),
		cmocka_unit_test(udp_length_past_the_packet_is_refused),
		cmocka_unit_test(udp_length_below_its_header_is_refused),
		cmocka_unit_test(tcp_header_length_below_20_is_refused),
		cmocka_unit_test(tcp_header_past_the_packet_is_refused),
		cmocka_unit_test(ip_length_past_the_wire_is_refused),
		cmocka_unit_test(ip_header_shorter_than_20_is_refused),
		cmocka_unit_test(neither_4_nor_6_is_a_version_error),
		cmocka_unit_test(cut_packet_says_so_and_keeps_the_length_on_the_wire),
		cmocka_unit_test(ipv4_options_in_order_are_passed_over),
		cmocka_unit_test(ipv4_options_in_disorder_are_refused),
		cmocka_unit_test(later_fragment_has_no_ports),
		cmocka_unit_test(first_fragment_of_udp_may_announce_more),
		cmocka_unit_test(extension_headers_are_passed_over),
		cmocka_unit_test(hop_by_hop_options_stand_first_only),
		cmocka_unit_test(extension_header_past_the_packet_is_refused),
		cmocka_unit_test(nine_extension_headers_are_too_many),
		cmocka_unit_test(fragment_header_of_a_whole_packet_makes_no_fragment),
		cmocka_unit_test(mapped_address_on_the_wire_is_refused),
		cmocka_unit_test(live_packet_above_64_kb_has_the_length_the_kernel_gives),
		cmocka_unit_test(embedded_header_needs_no_more_than_the_ports),
		cmocka_unit_test(every_truncation_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
