/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/http.h"

#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What was read, as one line: "GET a.example /;" a request, "=200;" an answer, "~" a tunnel, "!word" bad. */
struct log {
	char text[8192];
	size_t n;
};

static void note_request(struct log *l, const struct http_request *r)
{
	l->n += (size_t)snprintf(l->text + l->n, sizeof(l->text) - l->n, "%.*s %s %.*s;",
				 r->method_len, r->method, r->name, r->target_len, r->target);
}

static void feed(struct http *h, struct log *l, bool server, const char *bytes, size_t n)
{
	while (n) {
		enum http_step step;
		size_t used = http_feed(h, server, (const uint8_t *)bytes, n, &step);

		bytes += used;
		n -= used;
		if (step == HTTP_REQUEST)
			note_request(l, h->newest);
		if (step == HTTP_ANSWER) {
			l->n += (size_t)snprintf(l->text + l->n, sizeof(l->text) - l->n, "=%u;",
						 h->answer.status);
			http_answered(h);
		}
		if (step == HTTP_TUNNEL) {
			if (!l->n || l->text[l->n - 1] != '~')
				l->n += (size_t)snprintf(l->text + l->n, sizeof(l->text) - l->n,
							 "~");
			return;
		}
		if (step == HTTP_BAD) {
			if (!strchr(l->text, '!'))
				l->n += (size_t)snprintf(l->text + l->n, sizeof(l->text) - l->n,
							 "!%s", h->bad);
			return;
		}
	}
}

/* One exchange: a turn for each string, the client first; each cut after `piece` bytes. */
static void talk(struct log *l, size_t piece, const char *const *turns)
{
	struct http h;

	http_init(&h);
	l->n = 0;
	l->text[0] = '\0';
	for (int i = 0; turns[i]; i++) {
		size_t len = strlen(turns[i]);

		for (size_t at = 0; at < len; at += piece)
			feed(&h, l, i % 2, turns[i] + at, len - at < piece ? len - at : piece);
	}
	http_done(&h);
}

/* The result, which must not depend on how the bytes were cut. */
static const char *said(const char *const *turns)
{
	static struct log whole, cut;

	talk(&whole, 100000, turns);
	for (size_t piece = 1; piece < 60; piece++) {
		talk(&cut, piece, turns);
		assert_string_equal(cut.text, whole.text);
	}
	return whole.text;
}

#define SAID(...) said((const char *const[]){ __VA_ARGS__, NULL })
#define GET "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"

static void request_and_answer(void **state)
{
	(void)state;
	assert_string_equal(SAID(GET, OK), "GET a.example /a;=200;");
}

static void kept_alive_and_pipelined(void **state)
{
	(void)state;
	assert_string_equal(SAID(GET, OK, GET, OK), "GET a.example /a;=200;GET a.example /a;=200;");
	assert_string_equal(SAID(GET GET, OK OK), "GET a.example /a;GET a.example /a;=200;=200;");
}

static void bodies_are_skipped(void **state)
{
	(void)state;
	assert_string_equal(
		SAID("POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\nGET / HTTP" GET,
		     OK OK),
		"POST a.example /p;GET a.example /a;=200;=200;");
	assert_string_equal(
		SAID("POST /p HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"
		     "a;x=y\r\nGET / HTTP\r\n1\r\n\n\r\n0\r\nTrailer: 1\r\n\r\n" GET,
		     OK OK),
		"POST a.example /p;GET a.example /a;=200;=200;");
}

static void answers_without_body(void **state)
{
	(void)state;
	assert_string_equal(SAID("HEAD /a HTTP/1.1\r\nHost: a.example\r\n\r\n",
				 "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", GET, OK),
			    "HEAD a.example /a;=200;GET a.example /a;=200;");
	assert_string_equal(SAID(GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n" OK,
				 GET, ""),
			    "GET a.example /a;=304;GET a.example /a;");
	assert_string_equal(SAID(GET, "HTTP/1.1 100 Continue\r\n\r\n" OK),
			    "GET a.example /a;=200;");
}

static void answer_until_close(void **state)
{
	(void)state;
	assert_string_equal(SAID(GET, "HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 404 No\r\n\r\n"),
			    "GET a.example /a;=200;");
}

static void proxy_requests_name_their_server(void **state)
{
	(void)state;
	assert_string_equal(
		SAID("GET http://B.Example:8080/x HTTP/1.1\r\nHost: b.example:8080\r\n\r\n"),
		"GET b.example http://B.Example:8080/x;");
	assert_string_equal(SAID("GET http://[2001:DB8::1]:80/ HTTP/1.1\r\n\r\n"),
			    "GET 2001:db8::1 http://[2001:DB8::1]:80/;");
}

static void connect_opens_a_tunnel(void **state)
{
	(void)state;
	assert_string_equal(SAID("CONNECT c.example:443 HTTP/1.1\r\nHost: c.example\r\n\r\n",
				 "HTTP/1.1 200 OK\r\n\r\n", "\x16\x03\x01", "\x16\x03\x03"),
			    "CONNECT c.example c.example:443;=200;~");
}

static void refused_connect_goes_on(void **state)
{
	(void)state;
	assert_string_equal(SAID("CONNECT c.example:443 HTTP/1.1\r\nHost: c.example\r\n\r\n",
				 "HTTP/1.1 407 Auth\r\nContent-Length: 1\r\n\r\nx", GET, OK),
			    "CONNECT c.example c.example:443;=407;GET a.example /a;=200;");
}

static void websocket_is_a_tunnel(void **state)
{
	(void)state;
	assert_string_equal(SAID("GET /w HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n\r\n",
				 "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n", "frames"),
			    "GET a.example /w;=101;~");
	assert_string_equal(SAID("GET /w HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c\r\n\r\n",
				 "HTTP/1.1 101 Go\r\nUpgrade: h2c\r\n\r\n"),
			    "GET a.example /w;!unknown_upgrade");
}

static void bad(const char *request, const char *word)
{
	char want[64];

	snprintf(want, sizeof(want), "!%s", word);
	assert_string_equal(SAID(request), want);
}

static void what_two_ends_read_differently_is_not_read(void **state)
{
	(void)state;
	bad("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
	    "duplicate_content_length");
	bad("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
	    "length_and_transfer_encoding");
	bad("GET / HTTP/1.1\nHost: a\n\n", "bare_lf");
	bad("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "bare_cr");
	bad("GET / HTTP/1.1\r\nHost : a\r\n\r\n", "invalid_field");
	bad("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "duplicate_host");
	bad("GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n", "folded_field");
	bad("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
	    "invalid_transfer_encoding");
	bad("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
	    "invalid_transfer_encoding");
	bad("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "invalid_transfer_encoding");
	bad("GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", "invalid_content_length");
	bad("GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", "invalid_content_length");
	bad("GET  / HTTP/1.1\r\n\r\n", "request_line_invalid");
	bad("GET / HTTP/1.1 \r\n\r\n", "request_line_invalid");
	bad("GET /\r\n\r\n", "request_line_invalid");
	bad("PRI * HTTP/2.0\r\n\r\n", "http2_without_tls");
	bad("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", "host_differs_from_target");
	bad("GET http://good@evil/ HTTP/1.1\r\n\r\n", "invalid_target");
	bad("GET http://%65vil/ HTTP/1.1\r\n\r\n", "invalid_target");
	bad("CONNECT /x HTTP/1.1\r\n\r\n", "invalid_target");
	bad("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "invalid_host");
}

static void nul_in_a_head_is_not_read(void **state)
{
	static const char head[] = "GET / HTTP/1.1\r\nHost: a\0.example\r\n\r\n";
	struct http h;
	enum http_step step;

	(void)state;
	http_init(&h);
	http_feed(&h, false, (const uint8_t *)head, sizeof(head) - 1, &step);
	assert_int_equal(step, HTTP_BAD);
	assert_string_equal(h.bad, "nul_in_head");
	http_done(&h);
}

static void bad_chunks_are_not_read(void **state)
{
#define CHUNKED "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	(void)state;
	assert_string_equal(SAID(CHUNKED "g\r\n"), "POST a /;!invalid_chunk_size");
	assert_string_equal(SAID(CHUNKED "\r\n"), "POST a /;!invalid_chunk_size");
	assert_string_equal(SAID(CHUNKED "1\nx"), "POST a /;!bare_lf");
	assert_string_equal(SAID(CHUNKED "1\r\nxy\r\n"), "POST a /;!invalid_chunk_end");
	assert_string_equal(SAID(CHUNKED "fffffffffffffffff\r\n"), "POST a /;!invalid_chunk_size");
}

static void data_before_the_proxys_answer_is_not_read(void **state)
{
	(void)state;
	assert_string_equal(SAID("CONNECT c.example:443 HTTP/1.1\r\n\r\nearly"),
			    "CONNECT c.example c.example:443;!data_before_connect_answer");
}

static void folded_plain_field_is_read(void **state)
{
	(void)state;
	assert_string_equal(SAID("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n"), "GET a /;");
}

static void head_over_the_limit_is_not_read(void **state)
{
	static struct bytes b;
	struct http h;
	enum http_step step;

	(void)state;
	b.len = 0;
	bytes_text(&b, "GET / HTTP/1.1\r\nX: ");
	bytes_fill(&b, 'a', HTTP_HEAD_MAX);
	http_init(&h);
	http_feed(&h, false, b.at, b.len, &step);
	assert_string_equal(h.bad, "head_too_long");
	http_done(&h);
}

static void pending_requests_have_a_limit(void **state)
{
	struct http h;
	struct log l = { .n = 0 };

	(void)state;
	http_init(&h);
	for (unsigned int i = 0; i <= HTTP_PENDING_MAX; i++)
		feed(&h, &l, false, GET, strlen(GET));
	assert_string_equal(h.bad, "too_many_pending_requests");
	http_done(&h);
}

static void feed_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct http h;
	struct log l = { .n = 0 };

	(void)ctx;
	http_init(&h);
	feed(&h, &l, false, (const char *)data, n);
	feed(&h, &l, true, (const char *)data, n);
	http_done(&h);
}

static void every_truncation_is_harmless(void **state)
{
	static const char all[] =
		"POST http://[::1]:9/x HTTP/1.1\r\nHost: [::1]:9\r\nUser-Agent: u\r\n"
		"Transfer-Encoding: chunked\r\n\r\n4;e\r\nabcd\r\n0\r\nT: x\r\n\r\n" GET;

	(void)state;
	each_prefix(all, sizeof(all) - 1, feed_prefix, NULL);
	each_prefix(OK, sizeof(OK) - 1, feed_prefix, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_and_answer),
		cmocka_unit_test(kept_alive_and_pipelined),
		cmocka_unit_test(bodies_are_skipped),
		cmocka_unit_test(answers_without_body),
		cmocka_unit_test(answer_until_close),
		cmocka_unit_test(proxy_requests_name_their_server),
		cmocka_unit_test(connect_opens_a_tunnel),
		cmocka_unit_test(refused_connect_goes_on),
		cmocka_unit_test(websocket_is_a_tunnel),
		cmocka_unit_test(what_two_ends_read_differently_is_not_read),
		cmocka_unit_test(nul_in_a_head_is_not_read),
		cmocka_unit_test(bad_chunks_are_not_read),
		cmocka_unit_test(data_before_the_proxys_answer_is_not_read),
		cmocka_unit_test(folded_plain_field_is_read),
		cmocka_unit_test(head_over_the_limit_is_not_read),
		cmocka_unit_test(pending_requests_have_a_limit),
		cmocka_unit_test(every_truncation_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
