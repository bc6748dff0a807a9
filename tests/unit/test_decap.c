/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/decap.h"

#include "daemon/packet.h"
#include "tests/unit/support.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct bytes inner, b;

/* b: hex, then the inner UDP packet, as payload of what the test puts around it */
static void payload(const char *hex)
{
	inner.len = b.len = 0;
	bytes_text(&inner, "inside");
	udp(&inner, 1111, 2222);
	ip4(&inner, "192.0.2.1", "192.0.2.2", IPPROTO_UDP);
	bytes_hex(&b, hex);
	bytes_add(&b, inner.at, inner.len);
}

static enum decap_result open_as(unsigned int kinds, struct packet *p)
{
	*p = packet_of(&b);
	return decap_packet(kinds, p);
}

static void assert_opened(unsigned int kind)
{
	struct packet p;

	assert_int_equal(open_as(DECAP_ALL & ~kind, &p), DECAP_NONE);
	assert_int_equal(open_as(kind, &p), DECAP_OPENED);
	assert_int_equal(p.len, inner.len);
	assert_int_equal(p.wire_len, inner.len);
	assert_int_equal(p.frame_len, b.len);
	assert_memory_equal(p.data, inner.at, inner.len);
}

static void in_ip(unsigned int kind, uint8_t protocol, const char *hex)
{
	payload(hex);
	ip4(&b, "10.0.0.1", "10.0.0.2", protocol);
	assert_opened(kind);
	payload(hex);
	ip6(&b, "fd00::1", "fd00::2", protocol);
	assert_opened(kind);
}

static void in_udp(unsigned int kind, uint16_t port, const char *hex)
{
	payload(hex);
	udp(&b, 40000, port);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	assert_opened(kind);
}

#define FRAME "020000000002 020000000001 0800"

static void ip_in_ip_is_opened(void **state)
{
	(void)state;
	in_ip(DECAP_IPIP, IPPROTO_IPIP, "");
}

static void gre_is_opened_with_any_of_its_fields(void **state)
{
	(void)state;
	in_ip(DECAP_GRE, IPPROTO_GRE, "0000 0800");
	in_ip(DECAP_GRE, IPPROTO_GRE, "b000 0800 11111111 22222222 33333333");
	in_ip(DECAP_GRE, IPPROTO_GRE, "0000 6558" FRAME);
	in_ip(DECAP_GRE, IPPROTO_GRE, "3081 880b 00000000 00000001 00000002 ff03 0021");
	in_ip(DECAP_GRE, IPPROTO_GRE, "1000 88be 00000001 1000 0000 00000000" FRAME);
	in_ip(DECAP_GRE, IPPROTO_GRE,
	      "1000 22eb 00000001 2000 0000 00000000 00000001 0011223344556677" FRAME);
}

static void gtp_is_opened_with_extensions(void **state)
{
	(void)state;
	in_udp(DECAP_GTP, 2152, "30ff 0022 00000001");
	in_udp(DECAP_GTP, 2152, "32ff 0026 00000001 0001 00 00");
	in_udp(DECAP_GTP, 2152, "34ff 002e 00000001 0001 00 85  01 1001 85  01 0002 00");
}

static void gtp_that_is_no_users_packet_stays(void **state)
{
	struct packet p;

	(void)state;
	payload("3001 0022 00000001");
	udp(&b, 40000, 2152);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	assert_int_equal(open_as(DECAP_ALL, &p), DECAP_NONE);
	assert_ptr_equal(p.data, b.at);
}

static void udp_tunnels_are_opened(void **state)
{
	(void)state;
	in_udp(DECAP_TZSP, 37008, "01 00 0001 0a 02 0000 00 01" FRAME);
	in_udp(DECAP_VXLAN, 4789, "08000000 00000100" FRAME);
	in_udp(DECAP_VXLAN, 8472, "08000000 00000100" FRAME);
	in_udp(DECAP_GENEVE, 6081, "01 00 6558 00000100 00000000" FRAME);
	in_udp(DECAP_L2TP, 1701, "4802 0000 0001 0002 0000 0000 ff03 0021");
	in_udp(DECAP_L2TP, 1701, "0202 0001 0002 0004 00000000 0021");
	in_udp(DECAP_MPLS, 6635, "00010140");
}

static void capwap_is_opened_in_its_three_frames(void **state)
{
	(void)state;
	in_udp(DECAP_CAPWAP, 5247, "00100000 00000000" FRAME);
	in_udp(DECAP_CAPWAP, 5247,
	       "00100100 00000000 0801 0000 020000000003 020000000001 020000000002 0000 aaaa03 000000 0800");
	in_udp(DECAP_CAPWAP, 5247,
	       "00100100 00000000 0108 0000 020000000003 020000000001 020000000002 0000 aaaa03 000000 0800");
}

static void teredo_is_opened_with_its_indications(void **state)
{
	static struct bytes six;
	struct packet p;

	(void)state;
	six.len = 0;
	bytes_text(&six, "inside");
	ip6(&six, "2001::1", "2001::2", 59);
	bytes_hex(&b, "");
	b.len = 0;
	bytes_hex(&b, "0001 00 00 0011223344556677 00  0000 1111 22222222");
	bytes_add(&b, six.at, six.len);
	udp(&b, 3544, 40000);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	assert_int_equal(open_as(DECAP_TEREDO, &p), DECAP_OPENED);
	assert_int_equal(p.len, six.len);
}

static void etherip_and_mpls_in_ip_are_opened(void **state)
{
	(void)state;
	in_ip(DECAP_ETHERIP, 97, "3000" FRAME);
	in_ip(DECAP_MPLS, IPPROTO_MPLS, "00010140");
}

static void tunnel_without_ip_inside_says_so(void **state)
{
	struct packet p;

	(void)state;
	b.len = 0;
	bytes_hex(&b, "08000000 00000100 ffffffffffff 020000000001 0806 0001 0800 06 04 0001");
	udp(&b, 40000, 4789);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	assert_int_equal(open_as(DECAP_ALL, &p), DECAP_NO_IP);
}

static void frame_inside_gives_vlan_and_sender(void **state)
{
	struct packet p;

	(void)state;
	payload("08000000 00000100 020000000002 020000000009 8100 0007 0800");
	udp(&b, 40000, 4789);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	p = packet_of(&b);
	p.vlan = 3;
	assert_int_equal(decap_packet(DECAP_ALL, &p), DECAP_OPENED);
	assert_int_equal(p.vlan, 7);
	assert_true(p.has_mac);
	assert_int_equal(p.mac[5], 9);
}

static void open_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct packet p = { .data = data, .len = (uint32_t)n, .wire_len = *(uint32_t *)ctx };

	if (decap_packet(DECAP_ALL, &p) == DECAP_OPENED)
		assert_true(p.data > data && p.data + p.len <= data + n);
}

static void every_truncation_is_refused_or_harmless(void **state)
{
	static const struct {
		uint16_t port;
		const char *hex;
	} tunnels[] = {
		{ 2152, "34ff 002e 00000001 0001 00 85  01 1001 85  01 0002 00" },
		{ 37008, "01 00 0001 0a 02 0000 00 01" FRAME },
		{ 5247,
		  "00100100 00000000 0108 0000 020000000003 020000000001 020000000002 0000 aaaa03 000000 0800" },
		{ 6081, "01 00 6558 00000100 00000000" FRAME },
		{ 1701, "4a02 0000 0001 0002 0000 0000 0002 0000 0021" },
		{ 3544, "0001 01 01 00 00 0011223344556677 00  0000 1111 22222222" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++) {
		payload(tunnels[i].hex);
		udp(&b, 40000, tunnels[i].port);
		ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
		each_prefix(b.at, b.len, open_prefix, &b.len);
	}
	payload("b000 88be 11111111 22222222 33333333 1000 0000 00000000" FRAME);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_GRE);
	each_prefix(b.at, b.len, open_prefix, &b.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip_in_ip_is_opened),
		cmocka_unit_test(gre_is_opened_with_any_of_its_fields),
		cmocka_unit_test(gtp_is_opened_with_extensions),
		cmocka_unit_test(gtp_that_is_no_users_packet_stays),
		cmocka_unit_test(udp_tunnels_are_opened),
		cmocka_unit_test(capwap_is_opened_in_its_three_frames),
		cmocka_unit_test(teredo_is_opened_with_its_indications),
		cmocka_unit_test(etherip_and_mpls_in_ip_are_opened),
		cmocka_unit_test(tunnel_without_ip_inside_says_so),
		cmocka_unit_test(frame_inside_gives_vlan_and_sender),
		cmocka_unit_test(every_truncation_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
