/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/bodies.h"
#include "tests/unit/web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(...) sizeof((const struct turn[]){ __VA_ARGS__ }) / sizeof(struct turn)
#define SAID(...) \
	bodies_said(&reader_web, (const struct turn[]){ __VA_ARGS__ }, COUNT(__VA_ARGS__), false)
#define SAID_ALL(...) \
	bodies_said(&reader_web, (const struct turn[]){ __VA_ARGS__ }, COUNT(__VA_ARGS__), true)
#define POST "POST /p HTTP/1.1\r\nHost: a\r\n"
#define EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void body_with_a_length_is_handed_on(void **state)
{
	(void)state;
	assert_string_equal(SAID(C(POST "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc"),
				 S(EMPTY)),
			    "HTTP data> p|text/plain| \"abc\";");
}

static void chunks_are_handed_on_without_their_framing(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(C(POST
		       "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: x\r\n\r\n"),
		     S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")),
		"HTTP data> p|| \"abcde\";HTTP data< p|| \"x\";");
}

static void empty_chunked_body_ends(void **state)
{
	(void)state;
	assert_string_equal(SAID(C(POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
			    "HTTP data> p|| \"\";");
}

static void kinds_come_from_the_type(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(C(POST "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
			    "Content-Length: 3\r\n\r\na=1")),
		"HTTP form> p|application/x-www-form-urlencoded; charset=utf-8| \"a=1\";");
	assert_string_equal(
		SAID(C(POST
		       "Content-Type: multipart/form-data; boundary=xy\r\nContent-Length: 3\r\n\r\na=1")),
		"HTTP multipart> p|multipart/form-data; boundary=xy| \"a=1\";");
	assert_string_equal(
		SAID(C(POST
		       "Content-Type: multipart/form-data;\r\n boundary=xy\r\nContent-Length: 1\r\n\r\na")),
		"HTTP multipart> p|multipart/form-data;\r\n boundary=xy| \"a\";");
}

static void codings_are_listed_in_their_order(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(C(POST
		       "Content-Encoding: deflate\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na"),
		     S("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
		       "1\r\nx\r\n0\r\n\r\n")),
		"HTTP data> p||deflate, gzip \"a\";HTTP data< p||br, gzip \"x\";");
}

static void names_come_from_the_disposition_or_the_target(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(C("PUT /dav/%e5%90%8d%20x.csv?v=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na"),
		     S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Disposition: attachment; "
		       "filename=\"a b.txt\"\r\n\r\nb")),
		"HTTP data> \xe5\x90\x8d x.csv|| \"a\";HTTP data< a b.txt|| \"b\";");
	assert_string_equal(
		SAID(C("GET /d HTTP/1.1\r\nHost: a\r\n\r\n"),
		     S("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Disposition: attachment; filename=x; "
		       "filename*=UTF-8''%41.txt\r\n\r\nb")),
		"HTTP data< A.txt|| \"b\";");
}

static void heads_are_lines_without_escapes(void **state)
{
	(void)state;
	assert_string_equal(
		SAID_ALL(C("GET /a%31%32?q=%zz% HTTP/1.1\r\nHost: a\r\nCookie: n=%33\r\n\r\n"),
			 S("HTTP/1.1 204 x\r\n\r\n")),
		"HTTP line> \"GET /a12?q=%zz% HTTP/1.1\\r\\nHost: a\\r\\nCookie: n=3\\r\\n\\r\\n\";"
		"HTTP line< \"HTTP/1.1 204 x\\r\\n\\r\\n\";");
}

static void partial_content_is_not_whole(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(C("GET /f HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\n\r\n"),
		     S("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-0/9\r\nContent-Length: 1\r\n\r\na")),
		"HTTP data<! f|| \"a\";");
}

static void answer_until_close_is_whole(void **state)
{
	(void)state;
	assert_string_equal(SAID(C("GET /f HTTP/1.0\r\nHost: a\r\n\r\n"),
				 S("HTTP/1.0 200 OK\r\n\r\nabc")),
			    "HTTP data< f|| \"abc\";");
}

static void broken_off_body_is_not_whole(void **state)
{
	(void)state;
	assert_string_equal(SAID(C(POST "Content-Length: 9\r\n\r\nabc")),
			    "HTTP data>! p|| \"abc\";");
}

static void two_types_are_told(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(C(POST
		       "Content-Type: a/b\r\nContent-Type: a/c\r\nContent-Length: 1\r\n\r\na")),
		"HTTP data> p|a/c| \"a\";#bad HTTP content_type_twice;");
	assert_string_equal(
		SAID(C(POST
		       "Content-Type: a/b\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\na")),
		"HTTP data> p|a/b| \"a\";");
}

static void answer_before_the_requests_end_is_read(void **state)
{
	(void)state;
	assert_string_equal(SAID(C(POST "Content-Length: 4\r\n\r\nab"), S(EMPTY), C("cd")),
			    "HTTP data> p|| \"abcd\";");
}

#define UPGRADE "GET /w HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
#define SWITCH "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

static void websocket_messages_are_unmasked_bodies(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(C(UPGRADE),
		     S(SWITCH "\r\n\x01\x02"
			      "ab"
			      "\x89\x01"
			      "p"
			      "\x80\x01"
			      "c"),
		     C("\x82\x83\x01\x02\x03\x04"
		       "`` \x81\x80\x01\x02\x03\x04")),
		"WebSocket data< \"abc\";WebSocket data< \"p\";WebSocket data> \"ab#\";WebSocket data> \"\";");
}

static void compressed_messages_name_their_coding(void **state)
{
	(void)state;
	assert_string_equal(SAID(C(UPGRADE),
				 S(SWITCH
				   "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n\xc1\x01"
				   "x")),
			    "WebSocket data< ||permessage-deflate \"x\";");
	assert_string_equal(SAID(C(UPGRADE), S(SWITCH "\r\n\xc1\x01"
						      "x")),
			    "=websocket_reserved_bit");
	assert_string_equal(SAID(C(UPGRADE), S(SWITCH "\r\n\x80\x01"
						      "x")),
			    "=websocket_continuation");
}

#define ATTRIBUTES \
	"\x01\x01\x00\x02\x00\x00\x00\x01\x01\x42\x00\x08" \
	"job-name\x00\x04" \
	"list\x49\x00\x0f" \
	"document-format" \
	"\x00\x0a" \
	"text/plain\x21\x00\x01" \
	"n\x00\x00\x03"
#define IPP \
	"POST /ipp HTTP/1.1\r\nHost: a\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n"

static void print_jobs_are_taken_apart(void **state)
{
	(void)state;
	assert_string_equal(
		SAID_ALL(C(IPP "41\r\n" ATTRIBUTES "do\r\n1\r\nc\r\n0\r\n\r\n")),
		"HTTP line> \"POST /ipp HTTP/1.1\\r\\nHost: a\\r\\nContent-Type: application/ipp\\r\\n"
		"Transfer-Encoding: chunked\\r\\n\\r\\n\";"
		"IPP line> \"job-name list\\ndocument-format text/plain\\nn \\n\";"
		"IPP data> list|text/plain| \"doc\";");
}

static void every_cut_and_truncation_is_harmless(void **state)
{
	static const struct turn turns[] = { C(IPP "41\r\n" ATTRIBUTES
						   "do\r\n1\r\nc\r\n0\r\n\r\n" UPGRADE),
					     S(EMPTY SWITCH "\r\n\x81\x7e\x00\x01"
							    "x\x88\x00"),
					     C("\x81\xff\0\0\0\0\0\0\0\x01kkkkx") };

	(void)state;
	assert_true(bodies_two_cuts(&reader_web, turns, 3));
	assert_true(bodies_prefixes(&reader_web, turns, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_with_a_length_is_handed_on),
		cmocka_unit_test(chunks_are_handed_on_without_their_framing),
		cmocka_unit_test(empty_chunked_body_ends),
		cmocka_unit_test(kinds_come_from_the_type),
		cmocka_unit_test(codings_are_listed_in_their_order),
		cmocka_unit_test(names_come_from_the_disposition_or_the_target),
		cmocka_unit_test(heads_are_lines_without_escapes),
		cmocka_unit_test(partial_content_is_not_whole),
		cmocka_unit_test(answer_until_close_is_whole),
		cmocka_unit_test(broken_off_body_is_not_whole),
		cmocka_unit_test(two_types_are_told),
		cmocka_unit_test(answer_before_the_requests_end_is_read),
		cmocka_unit_test(websocket_messages_are_unmasked_bodies),
		cmocka_unit_test(compressed_messages_name_their_coding),
		cmocka_unit_test(print_jobs_are_taken_apart),
		cmocka_unit_test(every_cut_and_truncation_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
