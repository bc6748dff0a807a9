/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/body.h"
#include "daemon/content/utf16.h"

#include "tests/unit/bodies.h"
#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TREE_CONNECT = 3, CREATE = 5, CLOSE = 6, READ = 8, WRITE = 9 };
#define RELATED 4u
#define SAME "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
#define FILE_1 "1234567890abcdef"
#define FILE_2 "2234567890abcdef"

/* What both sides say; frames are put together message by message. */
static struct bytes said[16];
static struct turn turns[16];
static size_t count;

static struct bytes *turn_of(bool server)
{
	struct bytes *b = &said[count];

	b->len = 0;
	turns[count++] = (struct turn){ server, (const char *)b->at, 0 };
	return b;
}

static void le64(struct bytes *b, uint64_t v)
{
	bytes_le32(b, (uint32_t)v);
	bytes_le32(b, (uint32_t)(v >> 32));
}

static void header(struct bytes *b, uint16_t command, uint64_t message, uint32_t status,
		   uint32_t flags, uint32_t next)
{
	bytes_add(b, "\xfeSMB", 4);
	bytes_le16(b, 64);
	bytes_le16(b, 1);
	bytes_le32(b, status);
	bytes_le16(b, command);
	bytes_le16(b, 1);
	bytes_le32(b, flags);
	bytes_le32(b, next);
	le64(b, message);
	bytes_fill(b, 0, 32);
}

static void create(struct bytes *b, const char *name)
{
	size_t n = strlen(name);

	bytes_le16(b, 57);
	bytes_fill(b, 0, 42);
	bytes_le16(b, 120);
	bytes_le16(b, (uint16_t)(n * 2));
	bytes_fill(b, 0, 8);
	for (size_t i = 0; i < n; i++)
		bytes_le16(b, (uint8_t)name[i]);
}

static void write_request(struct bytes *b, const char *id, uint64_t offset, const char *data)
{
	bytes_le16(b, 49);
	bytes_le16(b, 112);
	bytes_le32(b, (uint32_t)strlen(data));
	le64(b, offset);
	bytes_add(b, id, 16);
	bytes_fill(b, 0, 16);
	bytes_text(b, data);
}

static void read_request(struct bytes *b, const char *id, uint64_t offset)
{
	bytes_le16(b, 49);
	bytes_fill(b, 0, 6);
	le64(b, offset);
	bytes_add(b, id, 16);
	bytes_fill(b, 0, 17);
}

static void read_answer(struct bytes *b, const char *data)
{
	bytes_le16(b, 17);
	bytes_le16(b, 80);
	bytes_le32(b, (uint32_t)strlen(data));
	bytes_fill(b, 0, 8);
	bytes_text(b, data);
}

static void close_request(struct bytes *b, const char *id)
{
	bytes_le16(b, 24);
	bytes_fill(b, 0, 6);
	bytes_add(b, id, 16);
}

static void create_answer(struct bytes *b, const char *id)
{
	bytes_le16(b, 89);
	bytes_fill(b, 0, 62);
	bytes_add(b, id, 16);
	bytes_fill(b, 0, 8);
}

static void framed(struct bytes *b)
{
	uint8_t head[4] = { 0, (uint8_t)(b->len >> 16), (uint8_t)(b->len >> 8), (uint8_t)b->len };

	bytes_prepend(b, head, 4);
	turns[count - 1].len = b->len;
}

static void open_file(uint64_t message, const char *name, const char *id)
{
	struct bytes *b = turn_of(false);

	header(b, CREATE, message, 0, 0, 0);
	create(b, name);
	framed(b);
	b = turn_of(true);
	header(b, CREATE, message, 0, 1, 0);
	create_answer(b, id);
	framed(b);
}

static void write_file(uint64_t message, const char *id, uint64_t offset, const char *data)
{
	struct bytes *b = turn_of(false);

	header(b, WRITE, message, 0, 0, 0);
	write_request(b, id, offset, data);
	framed(b);
}

static void close_file(uint64_t message, const char *id)
{
	struct bytes *b = turn_of(false);

	header(b, CLOSE, message, 0, 0, 0);
	close_request(b, id);
	framed(b);
	b = turn_of(true);
	header(b, CLOSE, message, 0, 1, 0);
	bytes_le16(b, 60);
	bytes_fill(b, 0, 58);
	framed(b);
}

static const char *result(void)
{
	return bodies_said(&reader_smb, turns, count, false);
}

static int start(void **state)
{
	(void)state;
	count = 0;
	return 0;
}

static void writes_in_order_are_one_body_with_the_files_name(void **state)
{
	(void)state;
	open_file(1, "dir\\list.csv", FILE_1);
	write_file(2, FILE_1, 0, "abc");
	write_file(3, FILE_1, 3, "de");
	close_file(4, FILE_1);
	assert_string_equal(result(), "SMB data> dir\\list.csv|| \"abcde\";");
}

static void two_files_at_once_are_two_bodies(void **state)
{
	(void)state;
	open_file(1, "a", FILE_1);
	open_file(2, "b", FILE_2);
	write_file(3, FILE_1, 0, "ab");
	write_file(4, FILE_2, 0, "xy");
	write_file(5, FILE_1, 2, "c");
	close_file(6, FILE_1);
	assert_string_equal(result(), "SMB data> a|| \"abc\";SMB data> b|| \"xy\";");
}

static void write_out_of_order_is_scanned_at_once_and_in_its_place(void **state)
{
	(void)state;
	open_file(1, "a", FILE_1);
	write_file(2, FILE_1, 0, "ab");
	write_file(3, FILE_1, 4, "ef");
	write_file(4, FILE_1, 2, "cd");
	close_file(5, FILE_1);
	assert_string_equal(result(), "SMB data> a|| \"abcdef\";SMB data> a|| \"ef\";");
}

static void write_over_old_bytes_is_a_body_of_its_own(void **state)
{
	(void)state;
	open_file(1, "a", FILE_1);
	write_file(2, FILE_1, 0, "abcd");
	write_file(3, FILE_1, 1, "x");
	close_file(4, FILE_1);
	assert_string_equal(result(), "SMB data>! a|| \"abcd\";SMB data> a|| \"x\";");
}

static void file_with_a_hole_is_not_whole(void **state)
{
	(void)state;
	open_file(1, "a", FILE_1);
	write_file(2, FILE_1, 0, "ab");
	write_file(3, FILE_1, 4, "ef");
	assert_string_equal(result(), "SMB data>! a|| \"ab\";SMB data> a|| \"ef\";");
}

static void compound_names_its_file_by_all_ones(void **state)
{
	struct bytes *b = turn_of(false);

	(void)state;
	header(b, CREATE, 1, 0, 0, 128);
	create(b, "abcd");
	header(b, WRITE, 2, 0, RELATED, 120);
	write_request(b, SAME, 0, "xyz");
	bytes_fill(b, 0, 5);
	header(b, CLOSE, 3, 0, RELATED, 0);
	close_request(b, SAME);
	framed(b);
	b = turn_of(true);
	header(b, CREATE, 1, 0, 1, 152);
	create_answer(b, FILE_1);
	header(b, WRITE, 2, 0, 5, 80);
	bytes_fill(b, 0, 16);
	header(b, CLOSE, 3, 0, 5, 0);
	bytes_fill(b, 0, 60);
	framed(b);
	assert_string_equal(result(), "SMB data> abcd|| \"xyz\";");
}

static void reads_are_bodies_of_the_server(void **state)
{
	(void)state;
	open_file(1, "a", FILE_1);
	struct bytes *b = turn_of(false);

	header(b, READ, 2, 0, 0, 0);
	read_request(b, FILE_1, 0);
	framed(b);
	b = turn_of(false);
	header(b, READ, 3, 0, 0, 0);
	read_request(b, FILE_1, 2);
	framed(b);
	b = turn_of(true);
	header(b, READ, 2, 0x103, 3, 0); /* later */
	bytes_fill(b, 0, 9);
	framed(b);
	b = turn_of(true);
	header(b, READ, 3, 0, 1, 0);
	read_answer(b, "cd");
	framed(b);
	b = turn_of(true);
	header(b, READ, 2, 0, 1, 0);
	read_answer(b, "ab");
	framed(b);
	close_file(4, FILE_1);
	assert_string_equal(result(), "SMB data< a|| \"cd\";SMB data< a|| \"abcd\";");
}

static void file_that_nobody_saw_opened_has_no_name(void **state)
{
	(void)state;
	write_file(2, FILE_1, 0, "ab");
	assert_string_equal(result(), "SMB data> \"ab\";");
}

static void refused_file_is_forgotten(void **state)
{
	(void)state;
	struct bytes *b = turn_of(false);

	header(b, CREATE, 1, 0, 0, 0);
	create(b, "a");
	framed(b);
	b = turn_of(true);
	header(b, CREATE, 1, 0xc0000022u, 1, 0);
	bytes_fill(b, 0, 9);
	framed(b);
	assert_string_equal(result(), "");
}

static void encryption_and_compression_are_told_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct bytes *b = turn_of(i);

		bytes_text(b, "\xfdSMBxxxxxxxx");
		framed(b);
	}
	bytes_text(turn_of(false), "\xfcSMBxxxxxxxx");
	framed(&said[count - 1]);
	write_file(2, FILE_1, 0, "ab");
	assert_string_equal(
		result(),
		"SMB data> \"ab\";#encrypted SMB3 encryption;#encrypted SMB3 compression;");
}

static void old_negotiation_comes_before(void **state)
{
	(void)state;
	bytes_text(turn_of(false), "\xffSMBr dialects");
	framed(&said[count - 1]);
	write_file(2, FILE_1, 0, "ab");
	assert_string_equal(result(), "SMB data> \"r dialects\";SMB data> \"ab\";");
}

static void lying_lengths_are_not_read(void **state)
{
	(void)state;
	write_file(1, FILE_1, 0, "ab");
	said[0].at[4 + 64 + 4] = 200; /* of the data */
	assert_string_equal(result(), "=smb_length_invalid");
	count = 0;
	write_file(1, FILE_1, 0, "ab");
	said[0].at[4 + 20] = 8; /* next command, within the header */
	assert_string_equal(result(), "=smb_next_command_invalid");
	count = 0;
	bytes_text(turn_of(false), "xSMBxx");
	framed(&said[0]);
	assert_string_equal(result(), "=smb_protocol_id_invalid");
	count = 0;
	bytes_text(turn_of(false), "GET / HTTP/1.1\r\n");
	turns[0].len = said[0].len;
	assert_string_equal(result(), "=smb_frame_invalid");
}

static void open_files_have_a_limit(void **state)
{
	static struct bytes all;
	char id[17], expected[8192] = "";

	(void)state;
	all.len = 0;
	for (int i = 0; i < 70; i++) {
		snprintf(id, sizeof(id), "%016d", i);
		count = 0;
		write_file(1, id, 0, "a");
		bytes_add(&all, said[0].at, said[0].len);
		strcat(expected, i < 6 ? "SMB data>! \"a\";" : "SMB data> \"a\";");
	}
	turns[0] = (struct turn){ false, (const char *)all.at, all.len };
	count = 1;
	assert_string_equal(result(), expected);
}

static void file_closed_under_a_write_keeps_its_bytes(void **state)
{
	(void)state;
	open_file(1, "a", FILE_1);
	struct bytes *b = turn_of(false);

	header(b, CLOSE, 2, 0, 0, 0);
	close_request(b, FILE_1);
	framed(b);
	write_file(3, FILE_1, 0, "abcd");
	struct turn write = turns[count - 1];

	turns[count - 1].len -= 2;
	b = turn_of(true);
	header(b, CLOSE, 2, 0, 1, 0);
	bytes_le16(b, 60);
	bytes_fill(b, 0, 58);
	framed(b);
	turns[count++] = (struct turn){ false, write.at + write.len - 2, 2 };
	assert_string_equal(result(), "SMB data> a|| \"ab\";SMB data> a|| \"cd\";");
}

static void tree_names_are_told(void **state)
{
	struct bytes *b = turn_of(false);

	(void)state;
	header(b, TREE_CONNECT, 1, 0, 0, 0);
	bytes_le16(b, 9);
	bytes_le16(b, 0);
	bytes_le16(b, 72);
	bytes_le16(b, 6);
	bytes_add(b, "\\\0s\0\x42\x30", 6);
	framed(b);
	assert_string_equal(
		bodies_said(&reader_smb, turns, count, true),
		"SMB line> \"\\s\\xe3\\x81\\x82\\n\";#command TREE_CONNECT \\s\xe3\x81\x82;");
}

static void utf16_with_surrogates_is_utf8(void **state)
{
	static const char text[] = "a\0\x42\x30\x42\xd8\xb7\xdf\x42\xd8x\0\xb7\xdf\xe9\0z";
	char out[32];

	(void)state;
	size_t n = utf16_to_utf8(cursor_of(text, sizeof(text) - 1), out, sizeof(out));

	assert_int_equal(n, 17);
	assert_memory_equal(out, "a\xe3\x81\x82\xf0\xa0\xae\xb7\xef\xbf\xbdx\xef\xbf\xbd\xc3\xa9",
			    17);
	assert_int_equal(utf16_to_utf8(cursor_of(text, 4), out, 3), 1);
}

static void every_cut_and_truncation_is_harmless(void **state)
{
	(void)state;
	open_file(1, "dir\\list.csv", FILE_1);
	write_file(2, FILE_1, 0, "abc");
	write_file(3, FILE_1, 5, "fg");
	write_file(3, FILE_1, 3, "de");
	close_file(4, FILE_1);
	assert_true(bodies_two_cuts(&reader_smb, turns, count));
	assert_true(bodies_prefixes(&reader_smb, turns, count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(writes_in_order_are_one_body_with_the_files_name, start),
		cmocka_unit_test_setup(two_files_at_once_are_two_bodies, start),
		cmocka_unit_test_setup(write_out_of_order_is_scanned_at_once_and_in_its_place,
				       start),
		cmocka_unit_test_setup(write_over_old_bytes_is_a_body_of_its_own, start),
		cmocka_unit_test_setup(file_with_a_hole_is_not_whole, start),
		cmocka_unit_test_setup(compound_names_its_file_by_all_ones, start),
		cmocka_unit_test_setup(reads_are_bodies_of_the_server, start),
		cmocka_unit_test_setup(file_that_nobody_saw_opened_has_no_name, start),
		cmocka_unit_test_setup(refused_file_is_forgotten, start),
		cmocka_unit_test_setup(encryption_and_compression_are_told_once, start),
		cmocka_unit_test_setup(old_negotiation_comes_before, start),
		cmocka_unit_test_setup(lying_lengths_are_not_read, start),
		cmocka_unit_test_setup(open_files_have_a_limit, start),
		cmocka_unit_test_setup(file_closed_under_a_write_keeps_its_bytes, start),
		cmocka_unit_test_setup(tree_names_are_told, start),
		cmocka_unit_test_setup(utf16_with_surrogates_is_utf8, start),
		cmocka_unit_test_setup(every_cut_and_truncation_is_harmless, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
