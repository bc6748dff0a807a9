/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/defrag.h"

#include "daemon/packet.h"
#include "tests/unit/support.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PAYLOAD = 100 }; /* of the datagrams here: 108 bytes with the UDP header */

static struct bytes whole4, whole6;
static struct defrag *d;
static int64_t now;

static int with_defrag(void **state)
{
	struct defrag_conf conf = defrag_conf_default;

	(void)state;
	conf.datagrams = 4;
	conf.bytes = 4000;
	now = 1000 * SECOND;
	d = defrag_new(&conf);
	whole4.len = whole6.len = 0;
	for (int i = 0; i < PAYLOAD; i++) {
		bytes_fill(&whole4, (uint8_t)i, 1);
		bytes_fill(&whole6, (uint8_t)i, 1);
	}
	udp(&whole4, 5000, 53);
	ip4(&whole4, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	udp(&whole6, 5000, 53);
	ip6(&whole6, "fd00::1", "fd00::2", IPPROTO_UDP);
	return d ? 0 : -1;
}

static int without_defrag(void **state)
{
	(void)state;
	defrag_free(d);
	return 0;
}

static enum defrag_result give(const struct bytes *b, struct packet *p)
{
	*p = packet_of(b);
	p->time = now;
	return defrag_packet(d, p);
}

static enum defrag_result give4(uint16_t id, size_t offset, size_t n, struct packet *p)
{
	static struct bytes piece;

	fragment4(&whole4, id, offset, n, &piece);
	return give(&piece, p);
}

static enum defrag_result give6(uint32_t id, size_t offset, size_t n, struct packet *p)
{
	static struct bytes piece;

	fragment6(&whole6, id, offset, n, &piece);
	return give(&piece, p);
}

static void assert_whole4(const struct packet *p)
{
	assert_int_equal(p->len, whole4.len);
	assert_int_equal(p->wire_len, whole4.len);
	assert_memory_equal(p->data + 20, whole4.at + 20, whole4.len - 20);
	assert_int_equal(p->data[2] << 8 | p->data[3], whole4.len);
	assert_int_equal(p->data[6] | p->data[7], 0);
}

static void whole_packet_passes_untouched(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(give(&whole4, &p), DEFRAG_WHOLE);
	assert_ptr_equal(p.data, whole4.at);
	assert_int_equal(give(&whole6, &p), DEFRAG_WHOLE);
	assert_int_equal(defrag_counters(d)->fragments, 0);
}

/* Every order of four fragments. */
static void ipv4_fragments_in_any_order_make_the_packet(void **state)
{
	static const size_t at[4] = { 0, 32, 64, 96 }, length[4] = { 32, 32, 32, 12 };

	(void)state;
	for (int order = 0; order < 256; order++) {
		int pick[4] = { order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 & 3 };
		struct packet p;

		if ((1 << pick[0] | 1 << pick[1] | 1 << pick[2] | 1 << pick[3]) != 15)
			continue;
		for (int i = 0; i < 4; i++)
			assert_int_equal(give4(9, at[pick[i]], length[pick[i]], &p),
					 i == 3 ? DEFRAG_MADE : DEFRAG_KEPT);
		assert_whole4(&p);
		assert_int_equal(p.frame_len, whole4.len - 20 + 4 * 20);
	}
	assert_int_equal(defrag_counters(d)->reassembled, 24);
	assert_int_equal(defrag_counters(d)->overlaps, 0);
}

static void ipv6_fragments_in_any_order_make_the_packet(void **state)
{
	static const size_t at[3] = { 0, 32, 64 }, length[3] = { 32, 32, 44 };
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					  { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (int o = 0; o < 6; o++) {
		struct packet p;

		for (int i = 0; i < 3; i++)
			assert_int_equal(give6(9, at[orders[o][i]], length[orders[o][i]], &p),
					 i == 2 ? DEFRAG_MADE : DEFRAG_KEPT);
		assert_int_equal(p.len, whole6.len);
		assert_memory_equal(p.data, whole6.at, whole6.len);
	}
}

static void ipv6_fragment_header_behind_others_is_taken_out(void **state)
{
	static struct bytes b;
	struct packet p;

	(void)state;
	b.len = 0;
	bytes_hex(&b, "2c 00 01040000 0000  11 00 0001 00000007  1388 0035 0010 0000");
	ip6(&b, "fd00::1", "fd00::2", IPPROTO_DSTOPTS);
	assert_int_equal(give(&b, &p), DEFRAG_KEPT);
	b.len = 0;
	bytes_hex(&b, "2c 00 01040000 0000  11 00 0008 00000007  0102030405060708");
	ip6(&b, "fd00::1", "fd00::2", IPPROTO_DSTOPTS);
	assert_int_equal(give(&b, &p), DEFRAG_MADE);
	assert_int_equal(p.len, 40 + 8 + 16);
	assert_int_equal(p.data[6], IPPROTO_DSTOPTS);
	assert_int_equal(p.data[40], IPPROTO_UDP);
	assert_int_equal(p.data[4] << 8 | p.data[5], 24);
}

static void its_own_only_fragment_passes_at_once(void **state)
{
	static struct bytes b;
	struct packet p;

	(void)state;
	b.len = 0;
	bytes_hex(&b, "11 00 0000 00000007  1388 0035 0008 0000");
	ip6(&b, "fd00::1", "fd00::2", IPPROTO_FRAGMENT);
	assert_int_equal(give(&b, &p), DEFRAG_WHOLE);
}

static void datagrams_are_told_apart_by_id_address_and_protocol(void **state)
{
	struct packet p;

	(void)state;
	assert_int_equal(give4(1, 0, 64, &p), DEFRAG_KEPT);
	assert_int_equal(give4(2, 64, 44, &p), DEFRAG_KEPT);
	assert_int_equal(give6(1, 64, 44, &p), DEFRAG_KEPT);
	assert_int_equal(give4(1, 64, 44, &p), DEFRAG_MADE);
	assert_whole4(&p);
}

static void duplicate_is_ignored(void **state)
{
	struct packet p;

	(void)state;
	give4(1, 0, 64, &p);
	assert_int_equal(give4(1, 0, 64, &p), DEFRAG_KEPT);
	assert_int_equal(give4(1, 16, 32, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->duplicates, 2);
	assert_int_equal(give4(1, 64, 44, &p), DEFRAG_MADE);
	assert_whole4(&p);
}

static void bytes_that_came_first_stay(void **state)
{
	struct packet p;

	(void)state;
	give4(1, 0, 64, &p);
	whole4.at[20 + 20] ^= 0xff;
	give4(1, 0, 64, &p);
	whole4.at[20 + 20] ^= 0xff;
	assert_int_equal(give4(1, 64, 44, &p), DEFRAG_MADE);
	assert_whole4(&p);
}

static void overlap_ends_the_datagram_of_either_family(void **state)
{
	struct packet p;

	(void)state;
	give4(1, 0, 64, &p);
	assert_int_equal(give4(1, 56, 32, &p), DEFRAG_KEPT);
	assert_int_equal(give4(1, 64, 44, &p), DEFRAG_KEPT);
	give6(1, 0, 64, &p);
	assert_int_equal(give6(1, 56, 52, &p), DEFRAG_KEPT);
	assert_int_equal(give6(1, 64, 44, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->overlaps, 2);
}

static void overlap_with_a_later_one_ends_the_datagram(void **state)
{
	struct packet p;

	(void)state;
	give4(1, 64, 44, &p);
	assert_int_equal(give4(1, 32, 40, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->overlaps, 1);
	assert_int_equal(give4(1, 0, 64, &p), DEFRAG_KEPT);
}

static void second_end_is_a_contradiction(void **state)
{
	struct packet p;

	(void)state;
	give4(1, 64, 44, &p);
	whole4.len -= 8;
	assert_int_equal(give4(1, 32, 68, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->overlaps, 1);
	whole4.len += 8;
	assert_int_equal(give4(1, 0, 64, &p), DEFRAG_KEPT);
}

static void datagram_past_64_kb_is_dropped(void **state)
{
	static struct bytes b;
	struct packet p;

	(void)state;
	b.len = 0;
	bytes_fill(&b, 'x', 64);
	ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	b.at[6] = 0x1f; /* offset 65528 */
	b.at[7] = 0xff;
	assert_int_equal(give(&b, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->overlaps, 1);
}

static void fragment_cut_by_the_capture_is_refused(void **state)
{
	static struct bytes b;
	struct packet p;

	(void)state;
	fragment4(&whole4, 1, 0, 64, &b);
	p = packet_of(&b);
	p.len -= 10;
	assert_int_equal(defrag_packet(d, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->refused, 1);
}

static void datagram_is_dropped_at_its_timeout(void **state)
{
	struct packet p;

	(void)state;
	give4(1, 0, 64, &p);
	give6(1, 0, 64, &p);
	now += 30 * SECOND;
	assert_int_equal(give4(1, 64, 44, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->timeouts, 1);
	assert_int_equal(give6(1, 64, 44, &p), DEFRAG_MADE);
}

static void no_fifth_datagram_is_begun_when_four_are_allowed(void **state)
{
	struct packet p;

	(void)state;
	for (uint16_t id = 1; id <= 5; id++)
		assert_int_equal(give4(id, 0, 64, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->refused, 1);
	assert_int_equal(give4(4, 64, 44, &p), DEFRAG_MADE);
	assert_int_equal(give4(5, 0, 64, &p), DEFRAG_KEPT);
	assert_int_equal(give4(5, 64, 44, &p), DEFRAG_MADE);
}

static void no_datagram_is_begun_above_the_memory_limit(void **state)
{
	static struct bytes big, piece;
	struct packet p;

	(void)state;
	big.len = 0;
	bytes_fill(&big, 'x', 8000);
	ip4(&big, "10.0.0.1", "10.0.0.2", IPPROTO_UDP);
	fragment4(&big, 1, 0, 4800, &piece);
	assert_int_equal(give(&piece, &p), DEFRAG_KEPT);
	assert_int_equal(give4(2, 0, 64, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->refused, 1);
	fragment4(&big, 1, 4800, 3200, &piece);
	assert_int_equal(give(&piece, &p), DEFRAG_MADE);
	assert_int_equal(give4(2, 0, 64, &p), DEFRAG_KEPT);
	assert_int_equal(defrag_counters(d)->refused, 1);
}

static void take_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct packet p = {
		.data = data, .len = (uint32_t)n, .wire_len = (uint32_t)n, .time = now
	};

	assert_int_not_equal(defrag_packet(ctx, &p), DEFRAG_MADE);
}

static void every_truncation_is_refused_or_harmless(void **state)
{
	static struct bytes b;

	(void)state;
	fragment4(&whole4, 1, 0, 64, &b);
	each_prefix(b.at, b.len, take_prefix, d);
	fragment6(&whole6, 1, 64, 44, &b);
	each_prefix(b.at, b.len, take_prefix, d);
}

#define WITH_DEFRAG(f) cmocka_unit_test_setup_teardown(f, with_defrag, without_defrag)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DEFRAG(whole_packet_passes_untouched),
		WITH_DEFRAG(ipv4_fragments_in_any_order_make_the_packet),
		WITH_DEFRAG(ipv6_fragments_in_any_order_make_the_packet),
		WITH_DEFRAG(ipv6_fragment_header_behind_others_is_taken_out),
		WITH_DEFRAG(its_own_only_fragment_passes_at_once),
		WITH_DEFRAG(datagrams_are_told_apart_by_id_address_and_protocol),
		WITH_DEFRAG(duplicate_is_ignored),
		WITH_DEFRAG(bytes_that_came_first_stay),
		WITH_DEFRAG(overlap_ends_the_datagram_of_either_family),
		WITH_DEFRAG(overlap_with_a_later_one_ends_the_datagram),
		WITH_DEFRAG(second_end_is_a_contradiction),
		WITH_DEFRAG(datagram_past_64_kb_is_dropped),
		WITH_DEFRAG(fragment_cut_by_the_capture_is_refused),
		WITH_DEFRAG(datagram_is_dropped_at_its_timeout),
		WITH_DEFRAG(no_fifth_datagram_is_begun_when_four_are_allowed),
		WITH_DEFRAG(no_datagram_is_begun_above_the_memory_limit),
		WITH_DEFRAG(every_truncation_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
