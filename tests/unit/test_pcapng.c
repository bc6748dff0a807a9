/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/pcapng.h"

#include "daemon/capture/frame.h"
#include "daemon/capture/link.h"
#include "tests/unit/captures.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct writer w;
static FILE *stream;
static struct pcapng *reader;
static struct frame frame;
static char names[8][64]; /* by number; what the reader asked numbers for */
static uint32_t numbers;

static uint32_t number_of(void *ctx, const char *name)
{
	(void)ctx;
	assert_true(numbers < 7);
	snprintf(names[++numbers], sizeof(names[0]), "%s", name);
	return numbers;
}

static int setup(void **state)
{
	(void)state;
	w.file.len = w.body.len = 0;
	numbers = 0;
	make_frame(&w, 'a');
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pcapng_free(reader);
	if (stream)
		fclose(stream);
	reader = NULL;
	stream = NULL;
	return 0;
}

/* The next frame of the file written so far; a reader is made of it at first. */
static int next(void)
{
	if (!reader) {
		stream = fmemopen(w.file.at, w.file.len ? w.file.len : 1, "rb");
		assert_non_null(stream);
		reader = pcapng_new(stream, number_of, NULL);
		assert_non_null(reader);
	}
	return pcapng_next(reader, &frame);
}

static void assert_frame(void)
{
	assert_int_equal(next(), 1);
	assert_int_equal(frame.len, w.frame.len);
	assert_memory_equal(frame.data, w.frame.at, w.frame.len);
}

static void interface_has_name_link_type_and_clock(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	interface_block(&w, 101, "l0", 9);
	enhanced(&w, 0, 1000000001, 0);
	enhanced(&w, 1, 1000000002000, 0);
	assert_frame();
	assert_string_equal(names[frame.number], "k0");
	assert_int_equal(frame.link_type, 1);
	assert_int_equal(frame.time, 1000000001000ll);
	assert_frame();
	assert_string_equal(names[frame.number], "l0");
	assert_int_equal(frame.link_type, 101);
	assert_int_equal(frame.time, 1000000002000ll);
	assert_int_equal(next(), -ENODATA);
}

static void interface_without_a_name_asks_with_an_empty_one(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, NULL, -1);
	enhanced(&w, 0, 1, 0);
	assert_frame();
	assert_string_equal(names[frame.number], "");
}

static void clock_may_tick_in_powers_of_two(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", 0x80 | 10);
	enhanced(&w, 0, 1000 << 10 | 512, 0);
	assert_frame();
	assert_int_equal(frame.time, 1000 * SECOND + SECOND / 2);
}

static void time_past_what_can_be_said_is_the_last_one(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", 0);
	enhanced(&w, 0, UINT64_MAX, 0);
	assert_frame();
	assert_int_equal(frame.time, INT64_MAX);
}

static void offset_is_added_to_the_time(void **state)
{
	int64_t offset = 500, before = -2000;

	(void)state;
	section(&w, false);
	for (int i = 0; i < 2; i++) {
		put16(&w, 1);
		put16(&w, 0);
		put32(&w, 0);
		option(&w, 14, i ? &before : &offset, 8);
		block(&w, 1);
	}
	enhanced(&w, 0, 1000000, 0);
	enhanced(&w, 1, 1000000, 0);
	assert_frame();
	assert_int_equal(frame.time, 501 * SECOND);
	assert_frame();
	assert_int_equal(frame.time, 0);
}

static void flags_tell_the_direction(void **state)
{
	(void)state;
	section(&w, true);
	interface_block(&w, 1, "k0", -1);
	enhanced(&w, 0, 1, 1);
	enhanced(&w, 0, 2, 2);
	enhanced(&w, 0, 3, 0);
	assert_frame();
	assert_int_equal(frame.direction, LINK_IN);
	assert_frame();
	assert_int_equal(frame.direction, LINK_OUT);
	assert_frame();
	assert_int_equal(frame.direction, LINK_ANY_WAY);
}

static void section_starts_anew_in_either_byte_order(void **state)
{
	(void)state;
	section(&w, true);
	interface_block(&w, 1, "k0", -1);
	enhanced(&w, 0, 1000000, 0);
	section(&w, false);
	interface_block(&w, 113, "l0", -1);
	enhanced(&w, 0, 2000000, 0);
	assert_frame();
	assert_int_equal(frame.time, SECOND);
	assert_frame();
	assert_int_equal(frame.time, 2 * SECOND);
	assert_int_equal(frame.link_type, 113);
}

static void simple_packet_is_on_the_first_interface_at_the_last_time(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	enhanced(&w, 0, 7000000, 0);
	put32(&w, (uint32_t)w.frame.len);
	bytes_add(&w.body, w.frame.at, w.frame.len);
	bytes_fill(&w.body, 0, -w.frame.len & 3);
	block(&w, 3);
	assert_frame();
	assert_frame();
	assert_int_equal(frame.time, 7 * SECOND);
	assert_int_equal(frame.wire_len, w.frame.len);
}

static void old_packet_block_is_read(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	put16(&w, 0);
	put16(&w, 99);
	put32(&w, 0);
	put32(&w, 7000000);
	put32(&w, (uint32_t)w.frame.len);
	put32(&w, (uint32_t)w.frame.len + 5);
	bytes_add(&w.body, w.frame.at, w.frame.len);
	bytes_fill(&w.body, 0, -w.frame.len & 3);
	block(&w, 2);
	assert_frame();
	assert_int_equal(frame.time, 7 * SECOND);
	assert_int_equal(frame.wire_len, w.frame.len + 5);
}

static void unknown_blocks_are_passed_over(void **state)
{
	(void)state;
	section(&w, false);
	bytes_fill(&w.body, 0x5a, 8);
	block(&w, 0xbad);
	interface_block(&w, 1, "k0", -1);
	block(&w, 5);
	enhanced(&w, 0, 1, 0);
	assert_frame();
	assert_int_equal(next(), -ENODATA);
}

static void other_bytes_are_no_pcapng(void **state)
{
	(void)state;
	bytes_text(&w.file, "\nThis is a letter that begins with a line feed.");
	assert_int_equal(next(), -EPROTO);
}

static void file_that_ends_inside_a_block_is_told(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	enhanced(&w, 0, 1, 0);
	enhanced(&w, 0, 2, 0);
	w.file.len -= 6;
	assert_frame();
	assert_int_equal(next(), -EPIPE);
}

static void lengths_that_contradict_are_damage(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	enhanced(&w, 0, 1, 0);
	w.file.at[w.file.len - 4] ^= 4;
	assert_int_equal(next(), -EBADMSG);
}

static void block_that_is_too_long_is_damage(void **state)
{
	(void)state;
	section(&w, false);
	bytes_le32(&w.file, 6);
	bytes_le32(&w.file, 0x7ffffffc);
	bytes_fill(&w.file, 0, 64);
	assert_int_equal(next(), -EBADMSG);
}

static void captured_length_past_the_block_is_damage(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	put32(&w, 0);
	put32(&w, 0);
	put32(&w, 0);
	put32(&w, 40);
	put32(&w, 40);
	bytes_fill(&w.body, 0, 36);
	block(&w, 6);
	assert_int_equal(next(), -EBADMSG);
}

static void packet_of_an_interface_not_announced_is_damage(void **state)
{
	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	section(&w, false);
	enhanced(&w, 0, 1, 0);
	assert_int_equal(next(), -EBADMSG);
}

static void every_interface_is_asked_for_once(void **state)
{
	(void)state;
	section(&w, false);
	for (int i = 0; i < 7; i++)
		interface_block(&w, 1, NULL, -1);
	enhanced(&w, 6, 1, 0);
	enhanced(&w, 6, 2, 0);
	assert_frame();
	assert_frame();
	assert_int_equal(numbers, 7);
}

#define WITH_READER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_READER(interface_has_name_link_type_and_clock),
		WITH_READER(interface_without_a_name_asks_with_an_empty_one),
		WITH_READER(clock_may_tick_in_powers_of_two),
		WITH_READER(time_past_what_can_be_said_is_the_last_one),
		WITH_READER(offset_is_added_to_the_time),
		WITH_READER(flags_tell_the_direction),
		WITH_READER(section_starts_anew_in_either_byte_order),
		WITH_READER(simple_packet_is_on_the_first_interface_at_the_last_time),
		WITH_READER(old_packet_block_is_read),
		WITH_READER(unknown_blocks_are_passed_over),
		WITH_READER(other_bytes_are_no_pcapng),
		WITH_READER(file_that_ends_inside_a_block_is_told),
		WITH_READER(lengths_that_contradict_are_damage),
		WITH_READER(block_that_is_too_long_is_damage),
		WITH_READER(captured_length_past_the_block_is_damage),
		WITH_READER(packet_of_an_interface_not_announced_is_damage),
		WITH_READER(every_interface_is_asked_for_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
