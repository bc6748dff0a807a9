/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/link.h"

#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define IP4 "45000014 00000000 40000000 0a000001 0a000002"
#define IP6 \
	"60000000 00003b40 fd000000 00000000 00000000 00000001 fd000000 00000000 00000000 00000002"
#define MACS "020000000002 020000000001 "

static struct bytes b;

static enum link_result strip(uint32_t type, const char *hex, struct link *l)
{
	b.len = 0;
	bytes_hex(&b, hex);
	return link_strip(type, cursor_of(b.at, b.len), l);
}

/* One frame a line: what it is, its link type, its bytes, and what is to be found. */
static const struct {
	const char *name;
	uint32_t type;
	const char *hex;
	enum link_result want;
	size_t ip_left;
	uint16_t vlan, inner;
} frames[] = {
	{ "ethernet", 1, MACS "0800" IP4, LINK_IP, 20, 0, 0 },
	{ "ethernet 6", 1, MACS "86dd" IP6, LINK_IP, 40, 0, 0 },
	{ "arp", 1, MACS "0806 0001 0800 06 04", LINK_OTHER, 0, 0, 0 },
	{ "vlan", 1, MACS "8100 200a 0800" IP4, LINK_IP, 20, 10, 0 },
	{ "qinq", 1, MACS "88a8 0064 8100 000a 0800" IP4, LINK_IP, 20, 100, 10 },
	{ "old qinq", 1, MACS "9100 0064 8100 000a 86dd" IP6, LINK_IP, 40, 100, 10 },
	{ "nine tags", 1,
	  MACS
	  "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800" IP4,
	  LINK_OTHER, 0, 0, 0 },
	{ "tag cut", 1, MACS "8100 00", LINK_SHORT, 0, 0, 0 },
	{ "pppoe", 1, MACS "8864 1100 0001 0016 0021" IP4, LINK_IP, 20, 0, 0 },
	{ "pppoe 6, short protocol", 1, MACS "8864 1100 0001 0029 57" IP6, LINK_IP, 40, 0, 0 },
	{ "pppoe lcp", 1, MACS "8864 1100 0001 0006 c021 0101 0004", LINK_OTHER, 0, 0, 0 },
	{ "pppoe discovery", 1, MACS "8863 1109 0000 0004 0101 0000", LINK_OTHER, 0, 0, 0 },
	{ "mpls", 1, MACS "8847 00010040 00020140" IP4, LINK_IP, 20, 0, 0 },
	{ "mpls pseudowire", 1, MACS "8847 00010140 00000000" MACS "0800" IP4, LINK_IP, 20, 0, 0 },
	{ "mpls cut", 1, MACS "8847 00010140", LINK_SHORT, 0, 0, 0 },
	{ "snap", 1, MACS "001c aaaa03 000000 0800" IP4, LINK_IP, 20, 0, 0 },
	{ "spanning tree", 1, MACS "0026 424203 0000 00 00", LINK_OTHER, 0, 0, 0 },
	{ "llc ip", 1, MACS "0017 060603" IP4, LINK_IP, 20, 0, 0 },
	{ "bridged", 1, MACS "6558" MACS "0800" IP4, LINK_IP, 20, 0, 0 },
	{ "bridged five times", 1, MACS "6558" MACS "6558" MACS "6558" MACS "6558" MACS "0800" IP4,
	  LINK_OTHER, 0, 0, 0 },
	{ "no ip behind the type of ip", 1, MACS "0800 15000014", LINK_OTHER, 0, 0, 0 },
	{ "nothing behind the type", 1, MACS "0800", LINK_SHORT, 0, 0, 0 },
	{ "null, little endian", 0, "02000000" IP4, LINK_IP, 20, 0, 0 },
	{ "null, big endian", 0, "00000002" IP4, LINK_IP, 20, 0, 0 },
	{ "null 6 of macOS", 0, "1e000000" IP6, LINK_IP, 40, 0, 0 },
	{ "null of another family", 0, "07000000 0102", LINK_OTHER, 0, 0, 0 },
	{ "loop", 108, "00000018" IP6, LINK_IP, 40, 0, 0 },
	{ "raw", 101, IP4, LINK_IP, 20, 0, 0 },
	{ "raw as libpcap says it", 12, IP6, LINK_IP, 40, 0, 0 },
	{ "raw without ip", 101, "a5a5", LINK_OTHER, 0, 0, 0 },
	{ "ipv4", 228, IP4, LINK_IP, 20, 0, 0 },
	{ "ipv6", 229, IP6, LINK_IP, 40, 0, 0 },
	{ "cooked", 113, "0000 0001 0006 020000000001 0000 0800" IP4, LINK_IP, 20, 0, 0 },
	{ "cooked vlan", 113, "0000 0001 0006 020000000001 0000 8100 0005 0800" IP4, LINK_IP, 20, 5,
	  0 },
	{ "cooked spanning tree", 113, "0001 0001 0006 020000000001 0000 0004 424203 00",
	  LINK_OTHER, 0, 0, 0 },
	{ "cooked 2", 276, "86dd 0000 00000007 0001 00 06 020000000001 0000" IP6, LINK_IP, 40, 0,
	  0 },
	{ "ppp", 9, "0021" IP4, LINK_IP, 20, 0, 0 },
	{ "ppp framed", 9, "ff03 0057" IP6, LINK_IP, 40, 0, 0 },
	{ "ppp serial", 50, "ff03 21" IP4, LINK_IP, 20, 0, 0 },
	{ "ppp cisco", 50, "0f00 0800" IP4, LINK_IP, 20, 0, 0 },
	{ "hdlc keepalive", 104, "8f00 8035 00000002", LINK_OTHER, 0, 0, 0 },
	{ "hdlc", 104, "0f00 86dd" IP6, LINK_IP, 40, 0, 0 },
	{ "ppp ether", 51, "1100 0001 0016 0021" IP4, LINK_IP, 20, 0, 0 },
	{ "frame relay", 107, "1841 03 cc" IP4, LINK_IP, 20, 0, 0 },
	{ "frame relay snap", 107, "1841 03 00 80 000000 0800" IP4, LINK_IP, 20, 0, 0 },
	{ "fddi", 10, "50" MACS "aaaa03 000000 0800" IP4, LINK_IP, 20, 0, 0 },
	{ "atm", 100, "aaaa03 000000 86dd" IP6, LINK_IP, 40, 0, 0 },
	{ "sun atm", 123, "02000001 aaaa03 000000 0800" IP4, LINK_IP, 20, 0, 0 },
	{ "enc", 109, "02000000 00001234 00000000" IP4, LINK_IP, 20, 0, 0 },
	{ "pflog", 117,
	  "3d 02 0000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000"
	  "00000000 00000000 00000000 00000000" IP4,
	  LINK_IP, 20, 0, 0 },
	{ "802.11 to the ds", 105,
	  "0801 0000 020000000003 020000000001 020000000002 0000 aaaa03 000000 0800" IP4, LINK_IP,
	  20, 0, 0 },
	{ "802.11 qos", 105,
	  "8802 0000 020000000003 020000000001 020000000002 0000 0000 aaaa03 000000 0800" IP4,
	  LINK_IP, 20, 0, 0 },
	{ "802.11 four addresses", 105,
	  "0803 0000 020000000003 020000000001 020000000002 0000 020000000004 aaaa03 000000 86dd" IP6,
	  LINK_IP, 40, 0, 0 },
	{ "802.11 beacon", 105, "8000 0000 ffffffffffff 020000000001 020000000001 0000", LINK_OTHER,
	  0, 0, 0 },
	{ "802.11 protected", 105, "0841 0000 020000000003 020000000001 020000000002 0000 00112233",
	  LINK_OTHER, 0, 0, 0 },
	{ "802.11 without data", 105, "4801 0000 020000000003 020000000001 020000000002 0000",
	  LINK_OTHER, 0, 0, 0 },
	{ "radiotap", 127,
	  "0000 0900 02000000 00  0801 0000 020000000003 020000000001 020000000002 0000 aaaa03 000000 0800" IP4,
	  LINK_IP, 20, 0, 0 },
	{ "radiotap padded", 127,
	  "0000 0900 02000000 20  8801 0000 020000000003 020000000001 020000000002 0000 0000 0000"
	  "aaaa03 000000 0800" IP4,
	  LINK_IP, 20, 0, 0 },
	{ "radiotap bad checksum", 127,
	  "0000 0900 02000000 40  0801 0000 020000000003 020000000001 020000000002 0000"
	  "aaaa03 000000 0800" IP4,
	  LINK_OTHER, 0, 0, 0 },
	{ "radiotap with time", 127,
	  "0000 1100 03000000 0011223344556677 00  0801 0000 020000000003 020000000001 020000000002 0000"
	  "aaaa03 000000 0800" IP4,
	  LINK_IP, 20, 0, 0 },
	{ "ppi", 192,
	  "00 00 0800 69000000  0801 0000 020000000003 020000000001 020000000002 0000 aaaa03 000000 0800" IP4,
	  LINK_IP, 20, 0, 0 },
	{ "ppi in ppi", 192, "00 00 0800 c0000000 00 00 0800 01000000", LINK_OTHER, 0, 0, 0 },
	{ "pktap", 258, "0c000000 01000000 01000000" MACS "0800" IP4, LINK_IP, 20, 0, 0 },
	{ "pktap in pktap", 258, "0c000000 01000000 02010000 0c000000 01000000 01000000",
	  LINK_OTHER, 0, 0, 0 },
	{ "nflog", 239, "02 00 0000  0800 0100 0800 0300  1800 0900" IP4, LINK_IP, 20, 0, 0 },
	{ "nflog without a packet", 239, "02 00 0000  0800 0100 0800 0300", LINK_OTHER, 0, 0, 0 },
	{ "user 0", 147, "00", LINK_UNKNOWN, 0, 0, 0 },
};

static void every_link_layer_gives_its_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct link l;
		enum link_result r = strip(frames[i].type, frames[i].hex, &l);

		if (r != frames[i].want)
			print_error("%s: %d\n", frames[i].name, r);
		assert_int_equal(r, frames[i].want);
		assert_int_equal(link_known(frames[i].type), r != LINK_UNKNOWN);
		if (r != LINK_IP)
			continue;
		assert_int_equal(l.ip.left, frames[i].ip_left);
		assert_int_equal(l.vlan, frames[i].vlan);
		assert_int_equal(l.vlan_inner, frames[i].inner);
	}
}

static void ethernet_gives_the_senders_address(void **state)
{
	static const uint8_t sender[6] = { 2, 0, 0, 0, 0, 1 };
	struct link l;

	(void)state;
	strip(1, MACS "0800" IP4, &l);
	assert_true(l.has_mac);
	assert_memory_equal(l.mac, sender, 6);
	strip(101, IP4, &l);
	assert_false(l.has_mac);
}

static void cooked_2_gives_interface_and_direction(void **state)
{
	struct link l;

	(void)state;
	strip(276, "0800 0000 00000007 0001 04 06 020000000001 0000" IP4, &l);
	assert_int_equal(l.ifindex, 7);
	assert_int_equal(l.direction, LINK_OUT);
	strip(276, "0800 0000 00000008 0001 00 06 020000000001 0000" IP4, &l);
	assert_int_equal(l.ifindex, 8);
	assert_int_equal(l.direction, LINK_IN);
	strip(113, "0004 0001 0006 020000000001 0000 0800" IP4, &l);
	assert_int_equal(l.direction, LINK_OUT);
}

static void unknown_ethertype_shows_what_it_carries(void **state)
{
	struct link l;

	(void)state;
	assert_int_equal(strip(1, MACS "8903 4020 0050", &l), LINK_OTHER);
	assert_int_equal(l.ip.left, 4);
	assert_int_equal(strip(1, MACS "0026 424203 4500", &l), LINK_OTHER);
	assert_int_equal(l.ip.left, 0);
}

static void strip_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct link l;

	if (link_strip(*(const uint32_t *)ctx, cursor_of(data, n), &l) == LINK_IP)
		assert_true(l.ip.left > 0 && l.ip.at >= data && l.ip.at + l.ip.left <= data + n);
}

static void every_truncation_is_refused_or_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint32_t type = frames[i].type;

		b.len = 0;
		bytes_hex(&b, frames[i].hex);
		each_prefix(b.at, b.len, strip_prefix, &type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_layer_gives_its_packet),
		cmocka_unit_test(ethernet_gives_the_senders_address),
		cmocka_unit_test(cooked_2_gives_interface_and_direction),
		cmocka_unit_test(unknown_ethertype_shows_what_it_carries),
		cmocka_unit_test(every_truncation_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
