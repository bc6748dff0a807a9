/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FIRST 0xfffffff0u /* so that every test wraps */

static struct stream s;
static struct stream_pool pool;
static char got[1 << 21];
static size_t got_len;

static enum stream_result send(uint32_t offset, const char *bytes, size_t n)
{
	struct cursor ready;
	enum stream_result r =
		stream_segment(&s, &pool, FIRST + offset, cursor_of(bytes, n), &ready);

	if (r == STREAM_READY) {
		memcpy(got + got_len, ready.at, ready.left);
		got_len += ready.left;
	}
	return r;
}

#define SEND(offset, text) send(offset, text, sizeof(text) - 1)

static int set_up(void **state)
{
	(void)state;
	got_len = 0;
	stream_syn(&s, FIRST);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stream_done(&s, &pool);
	assert_int_equal(pool.used, 0);
	return 0;
}

static void assert_got(const char *text)
{
	assert_int_equal(got_len, strlen(text));
	assert_memory_equal(got, text, got_len);
}

static void in_order_bytes_come_out(void **state)
{
	(void)state;
	assert_int_equal(SEND(0, "hello "), STREAM_READY);
	assert_int_equal(SEND(6, "world, across the wrap"), STREAM_READY);
	assert_got("hello world, across the wrap");
}

static void what_came_early_comes_out_when_the_gap_closes(void **state)
{
	(void)state;
	assert_int_equal(SEND(8, "cc"), STREAM_BEYOND);
	assert_int_equal(SEND(4, "bb"), STREAM_BEYOND);
	assert_int_equal(SEND(6, "xx"), STREAM_BEYOND);
	assert_got("");
	assert_int_equal(SEND(0, "aaaa"), STREAM_READY);
	assert_got("aaaabbxxcc");
}

static void part_of_a_gap_closes(void **state)
{
	(void)state;
	assert_int_equal(SEND(4, "dd"), STREAM_BEYOND);
	assert_int_equal(SEND(0, "ab"), STREAM_READY);
	assert_got("ab");
	assert_int_equal(SEND(2, "cc"), STREAM_READY);
	assert_got("abccdd");
}

static void repetition_is_old_and_overlap_gives_the_new_part(void **state)
{
	(void)state;
	SEND(0, "abcd");
	assert_int_equal(SEND(0, "abcd"), STREAM_OLD);
	assert_int_equal(SEND(2, "cdef"), STREAM_READY);
	assert_got("abcdef");
}

static void other_bytes_for_the_same_place_are_told_apart(void **state)
{
	(void)state;
	SEND(0, "CONNECT good");
	assert_int_equal(SEND(8, "evil"), STREAM_DIFFERS);
	assert_int_equal(SEND(4, "ECT good and more"), STREAM_READY);
	assert_got("CONNECT good and more");
}

static void other_bytes_beyond_a_gap_are_told_apart(void **state)
{
	(void)state;
	SEND(10, "good");
	assert_int_equal(SEND(8, "..evil"), STREAM_DIFFERS);
	assert_int_equal(SEND(12, "od"), STREAM_BEYOND);
}

static void acknowledged_bytes_are_not_compared(void **state)
{
	(void)state;
	SEND(0, "abcd");
	stream_ack(&s, FIRST + 4);
	assert_int_equal(s.len, 0);
	assert_int_equal(SEND(0, "xxxx"), STREAM_OLD);
	assert_int_equal(SEND(2, "xxef"), STREAM_READY);
	assert_got("abcdef");
}

static void held_bytes_are_kept_though_acknowledged(void **state)
{
	(void)state;
	s.hold = true;
	SEND(0, "abcd");
	stream_ack(&s, FIRST + 4);
	SEND(4, "efgh");
	struct cursor c = stream_since(&s, FIRST + 2);

	assert_int_equal(c.left, 6);
	assert_memory_equal(c.at, "cdefgh", 6);
}

static void too_far_beyond_the_gap_is_refused(void **state)
{
	static char big[STREAM_BEYOND_MAX];

	(void)state;
	assert_int_equal(send(1, big, sizeof(big)), STREAM_FULL);
	assert_int_equal(send(1, big, sizeof(big) - 1), STREAM_BEYOND);
}

static void too_many_gaps_are_refused(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < STREAM_GAPS_MAX; i++)
		assert_int_equal(SEND(10 + 10 * i, "x"), STREAM_BEYOND);
	assert_int_equal(SEND(500, "x"), STREAM_FULL);
	assert_int_equal(SEND(11, "y"), STREAM_BEYOND); /* widens one */
}

static void bytes_forgotten_before_they_were_acknowledged_are_named(void **state)
{
	static char big[1 << 16];

	(void)state;
	for (uint32_t at = 0; at <= STREAM_KEPT_MAX; at += sizeof(big))
		assert_int_equal(send(at, big, sizeof(big)), STREAM_READY);
	assert_true(s.len <= STREAM_KEPT_MAX);
	assert_int_equal(send(0, big, 100), STREAM_FORGOTTEN);
	stream_ack(&s, FIRST + (uint32_t)sizeof(big));
	assert_int_equal(send(0, big, 100), STREAM_OLD);
}

static void acknowledgement_of_bytes_never_seen_is_a_loss(void **state)
{
	(void)state;
	SEND(0, "ab");
	stream_ack(&s, FIRST + 3); /* a FIN */
	assert_false(s.lost);
	stream_ack(&s, FIRST + 100);
	assert_false(s.lost); /* they may only be late */
	SEND(100, "xy");
	assert_true(s.lost);
}

/* Without them what is kept would grow, or a loss stay unknown. */
static void acknowledgements_are_wanted_when_much_is_kept_or_something_is_missing(void **state)
{
	static char big[STREAM_ASK];

	(void)state;
	SEND(0, "a");
	assert_false(stream_wants_acks(&s));
	SEND(5, "f");
	assert_true(stream_wants_acks(&s));
	SEND(1, "bcde");
	assert_false(stream_wants_acks(&s));
	send(6, big, sizeof(big));
	assert_true(stream_wants_acks(&s));
	stream_ack(&s, FIRST + 6 + STREAM_ASK);
	assert_false(stream_wants_acks(&s));
}

static void loose_bytes_come_out_of_the_packet_and_are_not_compared(void **state)
{
	(void)state;
	SEND(0, "head");
	s.loose = true;
	assert_int_equal(SEND(4, "body"), STREAM_READY);
	assert_int_equal(s.len, 0);
	s.loose = false;
	assert_int_equal(SEND(4, "BODY"), STREAM_OLD);
	assert_int_equal(SEND(8, "tail"), STREAM_READY);
	assert_int_equal(SEND(8, "TAIL"), STREAM_DIFFERS);
	assert_got("headbodytail");
}

static void used_up_pool_is_refused(void **state)
{
	(void)state;
	SEND(0, "ab");
	pool.used += STREAM_POOL_MAX;
	assert_int_equal(SEND(5000, "x"), STREAM_FULL);
	assert_int_equal(SEND(2, "cd"), STREAM_READY); /* there is room left in the stream's own */
	pool.used -= STREAM_POOL_MAX;
	assert_got("abcd");
}

/* Any cut into segments, in any order, gives the same bytes. */
static void any_cut_and_order_gives_the_same(void **state)
{
	static const char text[] = "The packet that closes the gap is the one that can be refused.";
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint32_t missing = sizeof(text) - 1;
		bool have[sizeof(text)] = { false };

		stream_done(&s, &pool);
		set_up(NULL);
		while (missing) {
			seed = seed * 1103515245 + 12345;
			uint32_t at = (seed >> 8) % (sizeof(text) - 1);
			uint32_t n = 1 + (seed >> 20) % 9;

			if (at + n > sizeof(text) - 1)
				n = (uint32_t)sizeof(text) - 1 - at;
			enum stream_result r = send(at, text + at, n);

			assert_int_not_equal(r, STREAM_DIFFERS);
			if (r == STREAM_FULL)
				continue;
			for (uint32_t i = at; i < at + n; i++) {
				missing -= !have[i];
				have[i] = true;
			}
		}
		assert_got(text);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(in_order_bytes_come_out),
		T(what_came_early_comes_out_when_the_gap_closes),
		T(part_of_a_gap_closes),
		T(repetition_is_old_and_overlap_gives_the_new_part),
		T(other_bytes_for_the_same_place_are_told_apart),
		T(other_bytes_beyond_a_gap_are_told_apart),
		T(acknowledged_bytes_are_not_compared),
		T(held_bytes_are_kept_though_acknowledged),
		T(too_far_beyond_the_gap_is_refused),
		T(too_many_gaps_are_refused),
		T(bytes_forgotten_before_they_were_acknowledged_are_named),
		T(acknowledgement_of_bytes_never_seen_is_a_loss),
		T(acknowledgements_are_wanted_when_much_is_kept_or_something_is_missing),
		T(loose_bytes_come_out_of_the_packet_and_are_not_compared),
		T(used_up_pool_is_refused),
		T(any_cut_and_order_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
