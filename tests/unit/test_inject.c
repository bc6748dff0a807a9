/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inject.h"

#include "daemon/decode.h"
#include "daemon/inject/segment.h"
#include "daemon/inject/texts.h"
#include "daemon/packet.h"
#include "daemon/stats.h"
#include "tests/unit/support.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static uint8_t out[SEGMENT_MAX];
static char text[SEGMENT_PAYLOAD_MAX];

/* ---- segments ---- */

static ip_t address(bool v6, uint8_t last)
{
	return v6 ? (ip_t)0xfd00 << 112 | last : IP_V4_BASE | 0x0a000000u | last;
}

static struct segment some(bool v6, size_t len)
{
	static char payload[SEGMENT_PAYLOAD_MAX + 1];

	memset(payload, 'x', sizeof(payload));
	return (struct segment){ .src = address(v6, 1),
				 .dst = address(v6, 2),
				 .sport = 80,
				 .dport = 40000,
				 .seq = 0xfffffff0u,
				 .ack = 77,
				 .flags = TCP_ACK | TCP_FIN,
				 .payload = payload,
				 .len = len };
}

/* RFC 1071 by its own words: the sum over everything, the checksum included, is all ones. */
static uint16_t ones(const uint8_t *at, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += i & 1 ? at[i] : (uint32_t)at[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return (uint16_t)start;
}

static void assert_sums(const uint8_t *p, size_t n)
{
	const bool v4 = p[0] >> 4 == 4;
	const size_t ip = v4 ? 20 : 40;
	const uint32_t pseudo = IPPROTO_TCP + (uint32_t)(n - ip);

	if (v4)
		assert_int_equal(ones(p, 20, 0), 0xffff);
	assert_int_equal(ones(p + ip, n - ip, ones(p + (v4 ? 12 : 8), v4 ? 8 : 32, pseudo)),
			 0xffff);
}

static struct headers decoded(const uint8_t *at, size_t n)
{
	struct packet p = { .data = at, .len = (uint32_t)n, .wire_len = (uint32_t)n };
	struct headers h;

	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	return h;
}

static void segment_of_any_length_decodes_with_right_sums(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		for (size_t len = 0; len <= SEGMENT_PAYLOAD_MAX; len += len < 70 ? 1 : 113) {
			const struct segment s = some(v6, len);
			const size_t n = segment_make(&s, out);
			const struct headers h = decoded(out, n);

			assert_sums(out, n);
			assert_true(h.src == s.src && h.dst == s.dst);
			assert_int_equal(h.sport, 80);
			assert_int_equal(h.seq, s.seq);
			assert_int_equal(h.ack, 77);
			assert_int_equal(h.tcp_flags, TCP_ACK | TCP_FIN);
			assert_int_equal(h.payload.left, len);
			assert_true(!len || memcmp(h.payload.at, s.payload, len) == 0);
		}
	}
}

static void segment_with_stamps_has_the_option_and_right_sums(void **state)
{
	static const uint8_t option[] = { 1, 1, 8, 10, 0, 0, 0, 5, 0, 0, 0, 6 };

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct segment s = some(v6, 11);

		s.stamped = true;
		s.stamp = 5;
		s.echo = 6;
		const size_t n = segment_make(&s, out);
		const struct headers h = decoded(out, n);

		assert_sums(out, n);
		assert_int_equal(h.l4_len, 32);
		assert_int_equal(h.payload.left, 11);
		assert_memory_equal(out + (v6 ? 40 : 20) + 20, option, sizeof(option));
	}
}

static void segment_beyond_the_limit_is_refused(void **state)
{
	const struct segment s = some(false, SEGMENT_PAYLOAD_MAX + 1);

	(void)state;
	assert_int_equal(segment_make(&s, out), 0);
}

static void segment_of_a_reset_is_as_long_as_the_ruleset_wants(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		struct segment s = some(v6, 0);

		s.flags = TCP_RST;
		assert_int_equal(segment_make(&s, out), v6 ? 60 : 40);
	}
}

/* ---- texts ---- */

static struct injection request_of(uint32_t kind, const char *permit, const char *name)
{
	struct injection q = { .kind = kind,
			       .client = address(false, 1),
			       .server = address(false, 2),
			       .event = UINT64_MAX };

	snprintf(q.permit, sizeof(q.permit), "%s", permit);
	snprintf(q.name, sizeof(q.name), "%s", name);
	return q;
}

static const char *said(const struct injection *q, const char *contact)
{
	const size_t n = inject_text(q, contact, text);

	assert_in_range(n, 1, SEGMENT_PAYLOAD_MAX - 1);
	assert_int_equal(strlen(text), n);
	return text;
}

static void page_says_how_long_it_is(void **state)
{
	const struct injection q = request_of(INJECT_PAGE, "閲覧", "www.example");
	const char *page = said(&q, "内線 1"), *body = strstr(page, "\r\n\r\n");

	(void)state;
	assert_non_null(body);
	assert_int_equal(strlen(body + 4),
			 strtoul(strstr(page, "Content-Length: ") + 16, NULL, 10));
	assert_memory_equal(page, "HTTP/1.1 403 Forbidden\r\n", 24);
	assert_non_null(strstr(page, "Connection: close\r\n"));
	assert_non_null(strstr(page, "<dd>18446744073709551615"));
}

static void page_of_a_hostile_name_holds_nothing_of_it_but_letters(void **state)
{
	const struct injection q =
		request_of(INJECT_PAGE, "<b>\"&'", "<script>\r\n\x1b\xe3\x81.example");
	const char *page = said(&q, "<i>");

	(void)state;
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "<i>"));
	assert_null(strchr(page, 0x1b));
	assert_non_null(strstr(page, "&lt;b&gt;&quot;&amp;&#39;"));
	assert_non_null(strstr(page, "?script??????.example"));
}

static void texts_of_the_greatest_length_fit(void **state)
{
	char wide[INJECTION_TEXT], contact[88];

	(void)state;
	memset(wide, '&', sizeof(wide) - 1);
	memset(contact, '<', sizeof(contact) - 1);
	wide[sizeof(wide) - 1] = contact[sizeof(contact) - 1] = '\0';
	for (uint32_t kind = 0; kind < INJECT_KINDS; kind++) {
		const struct injection q = request_of(kind, wide, wide);

		said(&q, contact);
	}
}

/* RFC 5321, 4.2.1 and 4.5.3.1.5: lines of at most 512 bytes, all but the last with a hyphen. */
static void reply_is_lines_of_one_code_in_ascii(void **state)
{
	const struct injection q = request_of(INJECT_SMTP_REJECT, "mail-out", "x");
	const char *line = said(&q, "desk 12");
	unsigned int lines = 0;

	(void)state;
	for (const char *end; *line; line = end + 2, lines++) {
		end = strstr(line, "\r\n");
		assert_non_null(end);
		assert_in_range(end - line, 10, 510);
		assert_memory_equal(line, end[2] ? "554-5.7.1 " : "554 5.7.1 ", 10);
	}
	assert_int_equal(lines, 4);
}

static void reply_leaves_out_what_is_not_ascii(void **state)
{
	const struct injection q = request_of(INJECT_SMTP_REJECT, "無害化\r\n250 ok", "x");

	(void)state;
	for (const char *p = said(&q, "内線"); *p; p++)
		assert_true((unsigned char)*p < 0x80);
	assert_null(strstr(text, "250 ok"));
	assert_null(strstr(text, "Ask"));
}

/* ---- requests ---- */

static void requests_beyond_the_limit_are_counted_as_lost(void **state)
{
	struct stats_page *page = stats_map(stats_make());
	struct inject_channel c = { .sent = stats_find(page, "i", "sent"),
				    .lost = stats_find(page, "i", "lost") };
	const struct injection q = request_of(INJECT_PAGE, "p", "n");
	struct injection got;
	uint64_t received = 0;
	int ends[2];

	(void)state;
	assert_int_equal(inject_pair(ends), 0);
	c.fd = ends[1];
	for (unsigned int i = 0; i < 64; i++) {
		const struct inject_sink sink = inject_sink(&c);

		for (unsigned int k = 0; k < INJECTION_QUEUE; k++)
			assert_true(sink.request(sink.ctx, &q));
		assert_false(sink.request(sink.ctx, &q));
		inject_flush(&c);
	}
	assert_true(*c.lost > 0);
	assert_int_equal(*c.sent + *c.lost, 64 * INJECTION_QUEUE);
	while (inject_receive(ends[0], &got) == 1)
		received++;
	assert_int_equal(received, *c.sent);
	assert_string_equal(got.permit, "p");
	stats_unmap(page);
	close(ends[0]);
	close(ends[1]);
}

static void request_without_an_injector_is_not_taken(void **state)
{
	struct inject_channel c = { .fd = -1 };

	(void)state;
	assert_null(inject_sink(&c).request);
}

static int received(const void *bytes, size_t n)
{
	struct injection got;
	int ends[2], r;

	assert_int_equal(inject_pair(ends), 0);
	assert_int_equal(send(ends[1], bytes, n, 0), n);
	r = inject_receive(ends[0], &got);
	close(ends[0]);
	close(ends[1]);
	return r;
}

static void request_that_is_no_request_is_refused(void **state)
{
	struct injection q = request_of(INJECT_PAGE, "p", "n");
	char longer[sizeof(q) + 1] = { 0 };

	(void)state;
	assert_int_equal(received(&q, sizeof(q)), 1);
	assert_int_equal(received(&q, sizeof(q) - 1), -EPROTO);
	assert_int_equal(received(longer, sizeof(longer)), -EPROTO);
	q.kind = INJECT_KINDS;
	assert_int_equal(received(&q, sizeof(q)), -EPROTO);
	q.kind = INJECT_PAGE;
	q.server = address(true, 2);
	assert_int_equal(received(&q, sizeof(q)), -EPROTO);
	q.server = address(false, 2);
	memset(q.name, 'x', sizeof(q.name));
	assert_int_equal(received(&q, sizeof(q)), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segment_of_any_length_decodes_with_right_sums),
		cmocka_unit_test(segment_with_stamps_has_the_option_and_right_sums),
		cmocka_unit_test(segment_beyond_the_limit_is_refused),
		cmocka_unit_test(segment_of_a_reset_is_as_long_as_the_ruleset_wants),
		cmocka_unit_test(page_says_how_long_it_is),
		cmocka_unit_test(page_of_a_hostile_name_holds_nothing_of_it_but_letters),
		cmocka_unit_test(texts_of_the_greatest_length_fit),
		cmocka_unit_test(reply_is_lines_of_one_code_in_ascii),
		cmocka_unit_test(reply_leaves_out_what_is_not_ascii),
		cmocka_unit_test(requests_beyond_the_limit_are_counted_as_lost),
		cmocka_unit_test(request_without_an_injector_is_not_taken),
		cmocka_unit_test(request_that_is_no_request_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
