/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/event.h"

#include "daemon/digest.h"
#include "daemon/record/community.h"
#include "daemon/record/signature.h"
#include "rules/text.h"
#include "tests/unit/support.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static ip_t address(const char *text)
{
	ip_t a = 0;

	assert_int_equal(ip_parse(text, &a), 0);
	return a;
}

static struct event alert(void)
{
	struct event ev = { .type = EVENT_ALERT,
			    .detector = DETECTOR_NAME,
			    .reason = EVENT_REASON_NAME };

	ev.blocked = true;
	ev.has_tuple = true;
	ev.time = 1792000000123456789;
	ev.tuple = (struct tuple){ address("10.30.1.10"), address("10.99.0.10"), 40000, 8080, 6 };
	ev.flow_id = 7;
	ev.zone_from = "net";
	ev.zone_to = "cloud";
	ev.permit = "web";
	ev.policy = "00ff";
	ev.app_proto = "http";
	ev.name = "evil.example";
	ev.passed_before = 12;
	return ev;
}

static void alert_is_one_line_of_eve(void **state)
{
	struct event ev = alert();
	struct text t = { 0 };

	(void)state;
	event_json(&ev, 3, "abc", &t);
	assert_string_equal(
		t.bytes,
		"{\"timestamp\":\"2026-10-15T02:46:40.123456+0900\",\"flow_id\":7,\"event_type\":\"alert\","
		"\"src_ip\":\"10.30.1.10\",\"src_port\":40000,\"dest_ip\":\"10.99.0.10\",\"dest_port\":8080,"
		"\"proto\":\"TCP\",\"community_id\":\"1:kuFQYkbYJGMIuKtXrSe7hgny9qg=\",\"app_proto\":\"http\","
		"\"direction\":\"to_server\",\"verdict\":{\"action\":\"drop\"},\"alert\":{\"action\":"
		"\"blocked\",\"gid\":1,\"signature_id\":1703011,\"rev\":1,\"signature\":"
		"\"SEKIMORI Another name than permitted, blocked\",\"category\":\"name\",\"severity\":2},"
		"\"sekimori\":{\"seq\":3,\"prev\":\"abc\",\"policy\":\"00ff\",\"zone_from\":\"net\","
		"\"zone_to\":\"cloud\",\"permit\":\"web\",\"detector\":\"name\",\"reason\":\"name-mismatch\","
		"\"name\":\"evil.example\",\"passed_before\":12,\"message_ja\":"
		"\"許可のない接続先名を遮断\"}}");
	text_done(&t);
}

static void japanese_line_says_who_what_and_done(void **state)
{
	struct event ev = alert();
	struct text t = { 0 };

	(void)state;
	ev.asset = "uketsuke";
	event_line_ja(&ev, &t);
	assert_string_equal(
		t.bytes, "2026-10-15 02:46:40 [注意] net → cloud 10.30.1.10(uketsuke) → "
			 "10.99.0.10:8080/TCP 許可のない接続先名を遮断 名前=evil.example 規則=web");
	text_done(&t);
}

static void peer_text_cannot_forge_a_line(void **state)
{
	struct event ev = alert();
	struct text t = { 0 };

	(void)state;
	ev.name = "a\nb";
	event_line_ja(&ev, &t);
	assert_null(strchr(t.bytes, '\n'));
	text_clear(&t);
	event_json(&ev, 0, NULL, &t);
	assert_null(strchr(t.bytes, '\n'));
	text_done(&t);
}

static void names_asked_for_earlier_are_a_list(void **state)
{
	struct event ev = { .type = EVENT_FLOW };
	struct text t = { 0 };

	(void)state;
	ev.flow.names = "a.example\nb.example";
	event_json(&ev, 0, NULL, &t);
	assert_non_null(strstr(t.bytes, "\"names\":[\"a.example\",\"b.example\"]"));
	text_clear(&t);
	ev.flow.names = NULL;
	event_json(&ev, 0, NULL, &t);
	assert_null(strstr(t.bytes, "names"));
	text_done(&t);
}

static void unknown_counters_stand_in_our_object(void **state)
{
	static const struct event_counter counters[] = { { "decoder", "pkts", 1 },
							 { "engine", "orphans", 2 } };
	struct event ev = { .type = EVENT_STATS };
	struct text t = { 0 };

	(void)state;
	ev.stats.counters = counters;
	ev.stats.count = 2;
	event_json(&ev, 0, NULL, &t);
	assert_non_null(strstr(t.bytes, "\"stats\":{\"uptime\":0,\"decoder\":{\"pkts\":1}}"));
	assert_non_null(strstr(t.bytes, "\"sekimori\":{\"stats\":{\"engine\":{\"orphans\":2}}}"));
	text_done(&t);
}

/* ---- signatures ---- */

static void every_signature_has_its_own_number_and_odd_is_blocked(void **state)
{
	const struct signature *a, *b;

	(void)state;
	for (uint32_t i = 0; (a = signature_at(i)); i++) {
		assert_int_equal(a->id % 2, a->blocked);
		assert_in_range(a->severity, 1, 3);
		for (uint32_t k = 0; k < i; k++) {
			b = signature_at(k);
			assert_int_not_equal(a->id, b->id);
			assert_false(a->detector == b->detector && a->reason == b->reason &&
				     a->blocked == b->blocked);
		}
	}
}

static void every_detector_has_a_signature(void **state)
{
	(void)state;
	for (uint8_t d = DETECTOR_NONE + 1; d < DETECTOR_COUNT; d++) {
		struct event ev = { .type = EVENT_ALERT, .detector = d };

		assert_int_equal(signature_of(&ev)->detector, d);
	}
}

/* ---- mask ---- */

static const char *masked(const char *in)
{
	static char out[256];

	out[event_mask(in, strlen(in), out)] = '\0';
	return out;
}

static void runs_of_eleven_digits_are_masked(void **state)
{
	(void)state;
	assert_string_equal(masked("a1234567890b"), "a1234567890b");
	assert_string_equal(masked("a12345678901b"), "a***********b");
	assert_string_equal(masked("/x?n=123456789012&y"), "/x?n=************&y");
	assert_string_equal(masked("123456789012.evil.example"), "************.evil.example");
}

static void separated_digits_are_masked(void **state)
{
	(void)state;
	assert_string_equal(masked("1234-5678-9012"), "****-****-****");
	assert_string_equal(masked("1234 5678 9012"), "**** **** ****");
	assert_string_equal(masked("1234.5678.9012"), "****.****.****");
	assert_string_equal(masked("1234%205678%2D9012"), "****%20****%2D****");
	assert_string_equal(masked("1 2 3 4 5 6 7 8 9 0 1"), "* * * * * * * * * * *");
	assert_string_equal(masked("1234 - 5678 - 9012"), "**** - **** - ****");
	assert_string_equal(masked("1234----56789012"), "1234----56789012"); /* four between */
}

static void full_width_and_encoded_digits_are_masked(void **state)
{
	(void)state;
	assert_string_equal(masked("１２３４５６７８９０１２"), "************");
	assert_string_equal(masked("１２３４‐５６７８－９０１２"), "****‐****－****");
	assert_string_equal(masked("%31%32%33%34%35%36%37%38%39%30%31%32"), "************");
	assert_string_equal(masked("%EF%BC%91%EF%BC%92345678901"), "***********");
	assert_string_equal(masked("\\239\\188\\145"
				   "2345678901"),
			    "***********");
	assert_string_equal(masked("１２３４５"), "１２３４５");
}

static void addresses_stay_readable(void **state)
{
	(void)state;
	assert_string_equal(masked("192.168.100.200"), "192.168.100.200");
	assert_string_equal(masked("http://192.168.100.200:8080/"), "http://192.168.100.200:8080/");
	assert_string_equal(masked("192.168.100.900"), "***.***.***.***");
	assert_string_equal(masked("1192.168.100.200"), "****.***.***.***");
}

/* ---- wire ---- */

static void assert_same_json(const struct event *a, const struct event *b)
{
	struct text x = { 0 }, y = { 0 };

	event_json(a, 1, NULL, &x);
	event_json(b, 1, NULL, &y);
	assert_string_equal(x.bytes, y.bytes);
	text_done(&x);
	text_done(&y);
}

static struct event_bytes text_bytes(const char *s)
{
	return (struct event_bytes){ s, (uint32_t)strlen(s) };
}

static struct event sample(uint8_t type)
{
	static const struct event_counter counters[] = { { "a", "b", 1 }, { "flow", "total", 9 } };
	struct event ev = alert();

	ev.type = type;
	switch (type) {
	case EVENT_FLOW:
		ev.flow.start = 5;
		ev.flow.end = 6000000000;
		ev.flow.packets_up = 3;
		ev.flow.state = "established";
		ev.flow.tcp_flags_up = 0x12;
		ev.flow.has_payload = true;
		ev.flow.names = "a.example\nb.example";
		ev.flow.inside = "TLS";
		ev.flow.request_body = true;
		break;
	case EVENT_DNS:
		ev.dns.rrname = text_bytes("www.example");
		ev.dns.response = true;
		ev.dns.answers = EVENT_DNS_ANSWERS;
		for (int i = 0; i < EVENT_DNS_ANSWERS; i++)
			ev.dns.answer[i].rdata = text_bytes("10.0.0.1");
		break;
	case EVENT_HTTP:
		ev.http.hostname = text_bytes("a.example");
		ev.http.status = 200;
		break;
	case EVENT_TLS:
		ev.tls.sni = text_bytes("a.example");
		ev.tls.alpn = text_bytes("h2");
		ev.tls.ja4 = "t13";
		break;
	case EVENT_ANOMALY:
		ev.anomaly.kind = "decode";
		ev.anomaly.event = "decoder.short";
		break;
	case EVENT_STATS:
		ev.stats.counters = counters;
		ev.stats.count = 2;
		break;
	default: break;
	}
	return ev;
}

static void decoded_event_prints_the_same(void **state)
{
	static uint8_t buf[EVENT_WIRE_MAX];
	struct event_counter room[EVENT_COUNTERS_MAX];
	struct event out;

	(void)state;
	for (uint8_t type = 0; type < EVENT_TYPE_COUNT; type++) {
		struct event ev = sample(type);
		size_t n = event_encode(&ev, buf, sizeof(buf));

		assert_true(n > 0);
		assert_int_equal(event_decode(buf, n, &out, room), n);
		assert_same_json(&ev, &out);
		assert_int_equal(event_encode(&ev, buf, n - 1), 0);
	}
}

static void decode_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct event_counter room[EVENT_COUNTERS_MAX];
	struct event out;

	assert_int_equal(event_decode(data, n, &out, room), n == *(size_t *)ctx ? n : 0);
}

static void truncated_message_is_refused(void **state)
{
	uint8_t buf[8192];

	(void)state;
	for (uint8_t type = 0; type < EVENT_TYPE_COUNT; type++) {
		struct event ev = sample(type);
		size_t n = event_encode(&ev, buf, sizeof(buf));

		each_prefix(buf, n, decode_prefix, &n);
	}
}

static void changed_message_is_refused_or_harmless(void **state)
{
	uint8_t buf[8192];
	struct event_counter room[EVENT_COUNTERS_MAX];
	struct event ev = sample(EVENT_DNS), out;
	size_t n = event_encode(&ev, buf, sizeof(buf));

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			struct text t = { 0 };

			buf[i] ^= (uint8_t)(1 << bit);
			if (event_decode(buf, n, &out, room))
				event_json(&out, 0, NULL, &t);
			text_done(&t);
			buf[i] ^= (uint8_t)(1 << bit);
		}
	}
}

/* ---- digests and community ids ---- */

static void digests_are_those_of_the_standards(void **state)
{
	static const uint8_t md5[] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0,
				       0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72 };
	static const uint8_t sha1[] = {
		0x84, 0x98, 0x3e, 0x44, 0x1c, 0x3b, 0xd2, 0x6e, 0xba, 0xae,
		0x4a, 0xa1, 0xf9, 0x51, 0x29, 0xe5, 0xe5, 0x46, 0x70, 0xf1
	};
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t out[SHA1_BYTES];

	(void)state;
	md5_of("abc", 3, out);
	assert_memory_equal(out, md5, MD5_BYTES);
	sha1_of(two, sizeof(two) - 1, out);
	assert_memory_equal(out, sha1, SHA1_BYTES);
}

/* The first two are of the specification's own list of test values. */
static void community_ids_are_those_of_others(void **state)
{
	static const struct {
		const char *src, *dst;
		uint16_t sport, dport;
		uint8_t protocol;
		const char *id;
	} cases[] = {
		{ "128.232.110.120", "66.35.250.204", 34855, 80, IPPROTO_TCP,
		  "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ "66.35.250.204", "128.232.110.120", 80, 34855, IPPROTO_TCP,
		  "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ "192.168.1.52", "8.8.8.8", 54585, 53, IPPROTO_UDP,
		  "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
		{ "192.168.0.89", "192.168.0.1", 1, 8, IPPROTO_ICMP,
		  "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
	};
	char buf[COMMUNITY_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tuple t = { address(cases[i].src), address(cases[i].dst), cases[i].sport,
				   cases[i].dport, cases[i].protocol };

		assert_string_equal(community_id(&t, buf), cases[i].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alert_is_one_line_of_eve),
		cmocka_unit_test(japanese_line_says_who_what_and_done),
		cmocka_unit_test(peer_text_cannot_forge_a_line),
		cmocka_unit_test(names_asked_for_earlier_are_a_list),
		cmocka_unit_test(unknown_counters_stand_in_our_object),
		cmocka_unit_test(every_signature_has_its_own_number_and_odd_is_blocked),
		cmocka_unit_test(every_detector_has_a_signature),
		cmocka_unit_test(runs_of_eleven_digits_are_masked),
		cmocka_unit_test(separated_digits_are_masked),
		cmocka_unit_test(full_width_and_encoded_digits_are_masked),
		cmocka_unit_test(addresses_stay_readable),
		cmocka_unit_test(decoded_event_prints_the_same),
		cmocka_unit_test(truncated_message_is_refused),
		cmocka_unit_test(changed_message_is_refused_or_harmless),
		cmocka_unit_test(digests_are_those_of_the_standards),
		cmocka_unit_test(community_ids_are_those_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
