/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Print streams, raw connections, syslog and TFTP. */
#include "daemon/content/body.h"
#include "daemon/content/raw.h"
#include "daemon/content/tftp.h"

#include "tests/unit/bodies.h"
#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(...) sizeof((const struct turn[]){ __VA_ARGS__ }) / sizeof(struct turn)
#define PRINT(...) \
	bodies_said(&reader_print, (const struct turn[]){ __VA_ARGS__ }, COUNT(__VA_ARGS__), false)
#define EXIT "\x1b%-12345X"
#define JOB "@PJL JOB NAME = \"a list\" DISPLAY=\"x\"\r\n@PJL ENTER LANGUAGE=PCL\r\n"

static void jobs_are_bodies_between_exits(void **state)
{
	(void)state;
	assert_string_equal(
		PRINT(C(EXIT "@PJL\r\n" JOB "ab\x1b"
			     "E\x1b%-1x" EXIT "@PJL EOJ\r\n" EXIT),
		      C(EXIT "@PJL SET JOBNAME=b\n@PJL ENTER LANGUAGE = POSTSCRIPT\n%!PS\n" EXIT)),
		"PRINT data> a list|PCL| \"ab\\x1bE\\x1b%-1x\";PRINT data> b|POSTSCRIPT| \"%!PS\\n\";");
}

static void bytes_without_pjl_are_a_job(void **state)
{
	(void)state;
	assert_string_equal(PRINT(C("%!PS-Adobe\n"), S("ready")),
			    "PRINT data> \"%!PS-Adobe\\n\";PRINT data< \"ready\";");
	assert_string_equal(PRINT(C("@PX\x1b%-")), "PRINT data> \"@PX\\x1b%-\";");
	assert_string_equal(PRINT(C(EXIT "\r\nabc\x1b")), "PRINT data> \"abc\\x1b\";");
}

static void commands_of_a_job_are_lines(void **state)
{
	static const struct turn turns[] = { C(EXIT
					       "@PJL COMMENT 12\n@PJL ENTER LANGUAGE=PCL\nx") };

	(void)state;
	assert_string_equal(
		bodies_said(&reader_print, turns, 1, true),
		"PRINT line> \"@PJL COMMENT 12\\n@PJL ENTER LANGUAGE=PCL\\n\";PRINT data> |PCL| \"x\";");
}

static void print_cuts_and_truncations_are_harmless(void **state)
{
	static const struct turn turns[] = { C(EXIT "@PJL\r\n" JOB "ab\x1b"
						    "E" EXIT "@PJL EOJ\r\n" EXIT "\x1b\x1b%@PJL") };

	(void)state;
	assert_true(bodies_two_cuts(&reader_print, turns, 1));
	assert_true(bodies_prefixes(&reader_print, turns, 1));
}

static void each_side_of_a_raw_connection_is_a_body(void **state)
{
	static const struct turn turns[] = { C("ab"), S("x"), C("c") };

	(void)state;
	assert_string_equal(bodies_said(&reader_raw, turns, 3, false),
			    "raw data> \"abc\";raw data< \"x\";");
}

static void raw_connection_takes_a_name(void **state)
{
	struct bodies *b = bodies_new();
	struct body_sink sink = bodies_sink(b);
	void *r = reader_raw.new();

	(void)state;
	raw_name(r, "FTP", body_text("list.csv"), body_text("deflate"));
	reader_raw.feed(r, false, (const uint8_t *)"a", 1, &sink);
	reader_raw.close(r, false, &sink);
	reader_raw.close(r, true, &sink);
	reader_raw.free(r);
	assert_string_equal(bodies_text(b, false), "FTP data> list.csv||deflate \"a\";");
	bodies_free(b);
}

static void syslog_datagram_is_a_line(void **state)
{
	struct bodies *b = bodies_new();
	struct body_sink sink = bodies_sink(b);

	(void)state;
	syslog_datagram(false, (const uint8_t *)"<13>x", 5, &sink);
	syslog_datagram(false, (const uint8_t *)"", 0, &sink);
	assert_string_equal(bodies_text(b, true), "syslog line> \"<13>x\";");
	bodies_free(b);
}

/* ---- TFTP ---- */

#define TEXT(S) (const uint8_t *)(S), sizeof(S) - 1

static void requests_are_read(void **state)
{
	struct tftp_request r;

	(void)state;
	assert_true(tftp_request_read(TEXT("\0\2list.csv\0octet\0"), &r));
	assert_true(r.upload);
	assert_int_equal(r.name_len, 8);
	assert_memory_equal(r.name, "list.csv", 8);
	assert_true(tftp_request_read(TEXT("\0\1x\0NetASCII\0blksize\0"
					   "1400\0"),
				      &r));
	assert_false(r.upload);
	assert_false(tftp_request_read(TEXT("\0\3x\0octet\0"), &r));
	assert_false(tftp_request_read(TEXT("\0\1\0octet\0"), &r));
	assert_false(tftp_request_read(TEXT("\0\1x\0other\0"), &r));
	assert_false(tftp_request_read(TEXT("\0\1x\0octet"), &r));
}

static void request_is_found_once_and_for_ten_seconds(void **state)
{
	static struct tftp_requests t;
	struct tftp_request r = { .upload = true, .name_len = 1, .name = "x" };

	(void)state;
	tftp_asked(&t, 1, 5000, 2, &r, SECOND);
	assert_false(tftp_take(&t, 2, 1, 5001, SECOND, &r));
	assert_true(tftp_take(&t, 2, 1, 5000, 11 * SECOND, &r));
	assert_false(tftp_take(&t, 2, 1, 5000, SECOND, &r));
	tftp_asked(&t, 1, 5000, 2, &r, SECOND);
	assert_false(tftp_take(&t, 2, 1, 5000, 11 * SECOND + 1, &r));
}

/* Datagrams, 'o' from the opener (the server) or 'c' from the client; what comes of them, as a text. */
struct datagram {
	char from;
	const char *at;
	size_t len;
};
#define O(T) \
	{ \
		'o', T, sizeof(T) - 1 \
	}
#define CL(T) \
	{ \
		'c', T, sizeof(T) - 1 \
	}

static const char *transferred(bool upload, const struct datagram *d, size_t n)
{
	const struct tftp_request r = { .upload = upload, .name_len = 1, .name = "f" };
	struct bodies *b = bodies_new();
	struct body_sink sink = bodies_sink(b);
	struct tftp t;

	tftp_init(&t, &r);
	for (size_t i = 0; i < n; i++)
		tftp_datagram(&t, d[i].from == 'o', (const uint8_t *)d[i].at, d[i].len, &sink);
	tftp_end(&t, &sink);
	const char *text = b->misused ? "body.h misused" : bodies_text(b, true);

	bodies_free(b);
	return text;
}
#define SENT(UP, ...) \
	transferred(UP, (const struct datagram[]){ __VA_ARGS__ }, \
		    sizeof((const struct datagram[]){ __VA_ARGS__ }) / sizeof(struct datagram))

static void blocks_make_a_file(void **state)
{
	(void)state;
	assert_string_equal(SENT(true,
				 O("\0\6blksize\0"
				   "8\0"),
				 CL("\0\3\0\1"
				    "12345678"),
				 O("\0\4\0\1"),
				 CL("\0\3\0\2"
				    "x")),
			    "TFTP data> f|| \"12345678x\";");
	assert_string_equal(SENT(false,
				 O("\0\3\0\1"
				   "ab"),
				 CL("\0\4\0\1")),
			    "TFTP data< f|| \"ab\";");
}

static void block_that_comes_again_counts_once(void **state)
{
	(void)state;
	assert_string_equal(SENT(true,
				 O("\0\6blksize\0"
				   "8\0"),
				 CL("\0\3\0\1"
				    "12345678"),
				 CL("\0\3\0\1"
				    "12345678"),
				 CL("\0\3\0\2"
				    "x")),
			    "TFTP data> f|| \"12345678x\";");
	assert_string_equal(
		SENT(true,
		     O("\0\6blksize\0"
		       "8\0"),
		     CL("\0\3\0\1"
			"12345678"),
		     CL("\0\3\0\1"
			"1234567y"),
		     CL("\0\3\0\2"
			"x")),
		"TFTP data>! f|| \"123456781234567yx\";#bad TFTP tftp_block_out_of_order;");
}

static void missing_block_breaks_the_file_off(void **state)
{
	(void)state;
	assert_string_equal(SENT(true, O("\0\4\0\0"),
				 CL("\0\3\0\2"
				    "x")),
			    "TFTP data>! f|| \"x\";#bad TFTP tftp_block_out_of_order;");
	assert_string_equal(SENT(true,
				 O("\0\6blksize\0"
				   "8\0"),
				 CL("\0\3\0\1"
				    "12345678")),
			    "TFTP data>! f|| \"12345678\";");
}

static void tftp_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct bodies *b = bodies_new();
	struct body_sink sink = bodies_sink(b);
	struct tftp_request r = { .upload = true };
	struct tftp t;

	(void)ctx;
	tftp_request_read(data, n, &r);
	tftp_init(&t, &r);
	tftp_datagram(&t, true, data, n, &sink);
	tftp_datagram(&t, false, data, n, &sink);
	tftp_end(&t, &sink);
	assert_false(b->misused);
	bodies_free(b);
}

static void tftp_truncations_are_harmless(void **state)
{
	static const char request[] = "\0\1x\0octet\0blksize\0"
				      "1400\0",
			  options[] = "\0\6blksize\0"
				      "8\0",
			  data[] = "\0\3\0\1abc";

	(void)state;
	each_prefix(request, sizeof(request) - 1, tftp_prefix, NULL);
	each_prefix(options, sizeof(options) - 1, tftp_prefix, NULL);
	each_prefix(data, sizeof(data) - 1, tftp_prefix, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_bodies_between_exits),
		cmocka_unit_test(bytes_without_pjl_are_a_job),
		cmocka_unit_test(commands_of_a_job_are_lines),
		cmocka_unit_test(print_cuts_and_truncations_are_harmless),
		cmocka_unit_test(each_side_of_a_raw_connection_is_a_body),
		cmocka_unit_test(raw_connection_takes_a_name),
		cmocka_unit_test(syslog_datagram_is_a_line),
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(request_is_found_once_and_for_ten_seconds),
		cmocka_unit_test(blocks_make_a_file),
		cmocka_unit_test(block_that_comes_again_counts_once),
		cmocka_unit_test(missing_block_breaks_the_file_off),
		cmocka_unit_test(tftp_truncations_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
