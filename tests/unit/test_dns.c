/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/dns.h"

#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char query_hex[] =
	"1234 0100 0001 0000 0000 0000 03 777777 07 4578616d706c65 00 0001 0001";
/* www.example: a CNAME to web.example (by pointer), whose address is 10.99.0.53 */
static const char answer_hex[] =
	"1234 8180 0001 0002 0000 0000 03 777777 07 4578616d706c65 00 0001 0001"
	"c00c 0005 0001 0000003c 0006 03 776562 c010"
	"c029 0001 0001 0000003c 0004 0a630035";

static struct bytes b;
static struct dns_message m;

static const char *read_hex(const char *hex)
{
	b.len = 0;
	bytes_hex(&b, hex);
	return dns_read(cursor_of(b.at, b.len), &m);
}

static void query_is_read(void **state)
{
	(void)state;
	assert_null(read_hex(query_hex));
	assert_false(m.response);
	assert_true(m.recursion_desired);
	assert_int_equal(m.id, 0x1234);
	assert_int_equal(m.type, 1);
	assert_string_equal(m.name.at, "www.example");
}

static void answers_follow_pointers(void **state)
{
	(void)state;
	assert_null(read_hex(answer_hex));
	assert_true(m.response);
	assert_int_equal(m.answers, 2);
	assert_string_equal(m.answer[0].name.at, "www.example");
	assert_string_equal(m.answer[0].data.at, "web.example");
	assert_string_equal(m.answer[1].name.at, "web.example");
	assert_string_equal(m.answer[1].data.at, "10.99.0.53");
	assert_int_equal(m.answer[1].ttl, 60);
}

static void pointer_to_itself_or_forward_is_refused(void **state)
{
	(void)state;
	assert_string_equal(read_hex("1234 0100 0001 0000 0000 0000 c00c 0001 0001"),
			    "malformed_data");
	assert_string_equal(read_hex("1234 0100 0001 0000 0000 0000 c010 0001 0001"),
			    "malformed_data");
	assert_string_equal(read_hex("1234 0100 0001 0000 0000 0000 01 61 c00c 0001 0001"),
			    "malformed_data");
}

static void name_over_255_bytes_is_refused(void **state)
{
	(void)state;
	b.len = 0;
	bytes_hex(&b, "1234 0100 0001 0000 0000 0000");
	for (int i = 0; i < 5; i++) {
		bytes_fill(&b, 63, 1);
		bytes_fill(&b, 'a', 63);
	}
	bytes_hex(&b, "00 0001 0001");
	assert_string_equal(dns_read(cursor_of(b.at, b.len), &m), "malformed_data");
}

static void odd_bytes_are_escaped(void **state)
{
	(void)state;
	assert_null(read_hex("1234 0100 0001 0000 0000 0000 04 61002e20 00 0001 0001"));
	assert_string_equal(m.name.at, "a\\000\\046\\032");
}

static void query_without_one_question_is_refused(void **state)
{
	(void)state;
	assert_string_equal(read_hex("1234 0100 0000 0000 0000 0000"), "invalid_question_count");
	assert_string_equal(read_hex("1234 0100 0002 0000 0000 0000 00 0001 0001 00 0001 0001"),
			    "invalid_question_count");
}

static void answers_over_the_limit_are_left_out(void **state)
{
	(void)state;
	b.len = 0;
	bytes_hex(&b, "1234 8180 0001 ffff 0000 0000 01 61 00 0001 0001");
	for (int i = 0; i < 100; i++)
		bytes_hex(&b, "c00c 0001 0001 0000003c 0004 01020304");
	assert_null(dns_read(cursor_of(b.at, b.len), &m));
	assert_int_equal(m.answers, DNS_ANSWERS_MAX);
}

static unsigned int frames(size_t piece)
{
	struct hold h = { 0 };
	unsigned int n = 0;

	for (size_t at = 0; at < b.len; at += piece) {
		size_t left = b.len - at < piece ? b.len - at : piece, from = at;

		while (left) {
			bool whole;
			struct cursor c;
			size_t used = dns_frame(&h, b.at + from, left, &whole, &c);

			from += used;
			left -= used;
			if (whole && !dns_read(c, &m))
				n++;
		}
	}
	hold_done(&h);
	return n;
}

static void stream_cut_anywhere_gives_the_same_messages(void **state)
{
	static struct bytes one;

	(void)state;
	one.len = b.len = 0;
	bytes_hex(&one, answer_hex);
	for (int i = 0; i < 3; i++) {
		bytes_be16(&b, (uint16_t)one.len);
		bytes_add(&b, one.at, one.len);
	}
	for (size_t piece = 1; piece <= b.len; piece++)
		assert_int_equal(frames(piece), 3);
}

static void read_prefix(const uint8_t *data, size_t n, void *ctx)
{
	(void)ctx;
	dns_read(cursor_of(data, n), &m);
	dns_plausible(cursor_of(data, n), false);
	dns_plausible(cursor_of(data, n), true);
}

static void every_truncation_is_harmless(void **state)
{
	(void)state;
	assert_null(read_hex(answer_hex));
	each_prefix(b.at, b.len, read_prefix, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_is_read),
		cmocka_unit_test(answers_follow_pointers),
		cmocka_unit_test(pointer_to_itself_or_forward_is_refused),
		cmocka_unit_test(name_over_255_bytes_is_refused),
		cmocka_unit_test(odd_bytes_are_escaped),
		cmocka_unit_test(query_without_one_question_is_refused),
		cmocka_unit_test(answers_over_the_limit_are_left_out),
		cmocka_unit_test(stream_cut_anywhere_gives_the_same_messages),
		cmocka_unit_test(every_truncation_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
