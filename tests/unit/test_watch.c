/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watch/watch.h"

#include "daemon/content/echo.h"
#include "daemon/watch/domain.h"
#include "daemon/watch/period.h"
#include "daemon/watch/table.h"
#include "tests/unit/policy_fixture.h"
#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct {
	struct watch *w;
	struct fixture *f;
	unsigned int alarms[DETECTOR_COUNT];
	char detail[512];
	uint8_t severity;
} b;

static uint64_t seed;

static uint32_t draw(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static void hear(void *ctx, const struct event *ev)
{
	(void)ctx;
	b.alarms[ev->detector]++;
	b.severity = ev->severity;
	snprintf(b.detail, sizeof(b.detail), "%s", ev->detail ? ev->detail : "");
}

static int start(void **state)
{
	(void)state;
	memset(&b, 0, sizeof(b));
	seed = 7;
	b.f = fixture_new();
	fixture_zone(b.f, "net", ROLE_INTERNET, "eth3", "10.30.0.0/16");
	fixture_zone(b.f, "world", ROLE_OUTSIDE, "eth0", "198.51.100.0/24");
	b.w = watch_new(&(struct watch_conf){ .key = 1, .sink = { hear, NULL } });
	watch_policy(b.w, fixture_policy(b.f));
	return b.w ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	watch_free(b.w);
	fixture_free(b.f);
	return 0;
}

static struct event event(uint8_t type, uint32_t client, uint16_t port, int64_t seconds)
{
	return (struct event){
		.type = type,
		.has_tuple = true,
		.tuple = { ip_from_v4(0x0a1e0000u + client), ip_from_v4(0xc6336405u), 40000, port,
			   port == 53 ? 17 : 6 },
		.time = seconds * SECOND,
		.flow_id = draw(),
		.zone_from = "net",
		.zone_to = "world",
	};
}

static void ask(uint32_t client, const char *name, int64_t seconds)
{
	struct event ev = event(EVENT_DNS, client, 53, seconds);

	ev.dns.rrtype = 1;
	ev.dns.rrname = (struct event_bytes){ name, (uint32_t)strlen(name) };
	watch_event(b.w, &ev);
}

static void ask_new(uint32_t client, size_t length, int64_t seconds)
{
	char name[128];
	size_t n = 0;

	while (n < length)
		name[n++] = (char)('a' + draw() % 26);
	snprintf(name + n, sizeof(name) - n, ".leak.example.org");
	ask(client, name, seconds);
}

static void dns_many_new_names_in_a_minute_are_a_tunnel(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++)
		ask_new(1, 50, 1000 + i);
	assert_int_equal(b.alarms[DETECTOR_DNS_TUNNEL], 1);
	assert_non_null(strstr(b.detail, "example.org"));
}

static void dns_a_slow_leak_is_told_within_the_hour(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) /* 20 bytes a minute: 0.3 bytes a second */
		ask_new(1, 20, 1000 + i * 60);
	assert_int_equal(b.alarms[DETECTOR_DNS_TUNNEL], 1);
}

static void dns_the_same_names_over_and_over_are_not(void **state)
{
	char name[64];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "host%u.of.some.service.example.com", draw() % 12);
		ask(1, name, 1000 + i);
	}
	assert_int_equal(b.alarms[DETECTOR_DNS_TUNNEL], 0);
}

static void dns_names_of_many_domains_are_not(void **state)
{
	char name[64];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "www.shop%d.example%d.co.jp", i % 3, i);
		ask(1, name, 1000 + i);
	}
	assert_int_equal(b.alarms[DETECTOR_DNS_TUNNEL], 0);
}

static void domain_registered_knows_japanese_suffixes(void **state)
{
	(void)state;
	assert_string_equal(domain_registered("a.b.example.co.jp"), "example.co.jp");
	assert_string_equal(domain_registered("www.town.kamisato.saitama.jp"),
			    "town.kamisato.saitama.jp");
	assert_string_equal(domain_registered("localhost"), "localhost");
	assert_true(domain_within("a.example.org", "example.org"));
	assert_false(domain_within("badexample.org", "example.org"));
}

static void flow(uint32_t client, uint64_t id, uint64_t up, uint64_t down, int64_t from, int64_t to)
{
	struct event ev = event(EVENT_FLOW, client, 443, to);

	ev.flow_id = id;
	ev.flow.start = from * SECOND;
	ev.flow.end = to * SECOND;
	ev.flow.has_payload = true;
	ev.flow.payload_up = ev.flow.bytes_up = up;
	ev.flow.payload_down = ev.flow.bytes_down = down;
	watch_event(b.w, &ev);
}

static void beacon_with_jitter_and_losses_is_found(void **state)
{
	(void)state;
	for (int64_t t = 1000, i = 0; i < 120; i++) {
		if (draw() % 10 < 8)
			flow(1, 100 + (uint64_t)i, 300, 500, t, t + 1);
		t += 300 - draw() % 150;
	}
	assert_int_equal(b.alarms[DETECTOR_BEACON], 1);
	assert_int_equal(b.severity, 2);
}

static void beacon_chance_is_not(void **state)
{
	(void)state;
	for (int64_t t = 1000, i = 0; i < 2000; i++) {
		flow(1, 100 + (uint64_t)i, 300, 500, t, t + 1);
		t += 1;
		while (draw() % 120)
			t++;
	}
	assert_int_equal(b.alarms[DETECTOR_BEACON], 0);
}

static void upload_to_a_new_destination_is_told_while_it_runs(void **state)
{
	(void)state;
	for (uint64_t mb = 1; mb <= 20; mb++) {
		struct event ev = event(EVENT_FLOW, 1, 443, 1000 + (int64_t)mb);

		ev.flow_id = 9;
		ev.quiet = ev.flow.running = true;
		ev.flow.start = 1000 * SECOND;
		ev.flow.end = ev.time;
		ev.flow.has_payload = true;
		ev.flow.payload_up = mb * 1000000;
		watch_event(b.w, &ev);
	}
	assert_int_equal(b.alarms[DETECTOR_UPLOAD], 1);
	assert_non_null(strstr(b.detail, "first seen"));
}

static void upload_what_is_usual_is_not(void **state)
{
	(void)state;
	flow(1, 1, 1000, 900000, 86400, 86401); /* known from the day before */
	for (int day = 2; day < 30; day++)
		flow(1, (uint64_t)day, 8000000 + draw() % 1000000, 500000, day * 86400,
		     day * 86400 + 60);
	assert_int_equal(b.alarms[DETECTOR_UPLOAD], 0);
}

static void long_connection_is_told_while_it_is_open(void **state)
{
	(void)state;
	for (int hour = 1; hour <= 9; hour++) {
		struct event ev = event(EVENT_FLOW, 1, 443, 1000 + hour * 3600);

		ev.flow_id = 5;
		ev.quiet = ev.flow.running = true;
		ev.flow.start = 1000 * SECOND;
		ev.flow.end = ev.time;
		watch_event(b.w, &ev);
	}
	assert_int_equal(b.alarms[DETECTOR_LONG_CONNECTION], 3);
	assert_int_equal(b.severity, 2);
}

static void scan_of_many_hosts_is_told_once(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct event ev = event(EVENT_ALERT, 1, 445, 1000 + i / 10);

		ev.blocked = true;
		ev.detector = DETECTOR_SEGMENTATION;
		ev.tuple.dst = ip_from_v4(0xc6336400u + i);
		watch_event(b.w, &ev);
	}
	assert_int_equal(b.alarms[DETECTOR_SCAN], 1);
}

static void table_full_forgets_what_was_touched_longest_ago(void **state)
{
	struct watch_table *t = watch_table_new(100, sizeof(int), NULL);
	bool fresh;

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		*(int *)watch_table_get(t, i + 1, &fresh) = (int)i;
	watch_table_get(t, 1, &fresh);
	assert_false(fresh);
	watch_table_get(t, 1000, &fresh);
	assert_true(fresh);
	assert_non_null(watch_table_find(t, 1));
	assert_null(watch_table_find(t, 2));
	assert_int_equal(watch_table_evicted(t), 1);
	assert_int_equal(watch_table_used(t), 100);
	watch_table_free(t);
}

static enum echo_verdict ping(struct echo *e, bool reply, uint16_t n, const char *data)
{
	return echo_packet(e, reply, n, cursor_of(data, strlen(data)), n * SECOND);
}

static void echo_of_a_ping_is_fine(void **state)
{
	struct echo e = { .next = 0 };

	(void)state;
	for (uint16_t i = 0; i < 100; i++) {
		assert_int_equal(ping(&e, false, i, "abcdefghijklmnopqrstuvwabcdefghi"), ECHO_FINE);
		assert_int_equal(ping(&e, true, i, "abcdefghijklmnopqrstuvwabcdefghi"), ECHO_FINE);
	}
}

static void echo_with_other_data_is_told_once(void **state)
{
	struct echo e = { .next = 0 };
	unsigned int told = 0;

	(void)state;
	for (uint16_t i = 0; i < 20; i++) {
		ping(&e, false, i, "the same question every time it is");
		told += ping(&e, true, i, "and quite another answer") == ECHO_OTHER_DATA;
	}
	assert_int_equal(told, 1);
}

static void echo_requests_with_data_of_their_own_are_told(void **state)
{
	struct echo e = { .next = 0 };
	unsigned int told = 0;
	char data[64];

	(void)state;
	for (uint16_t i = 0; i < 60; i++) {
		snprintf(data, sizeof(data), "0123456789abcdef some secret %08x %08x", draw(),
			 draw());
		told += ping(&e, false, i, data) == ECHO_OWN_DATA;
		ping(&e, true, i, data);
	}
	assert_int_equal(told, 1);
}

static void echo_replies_nobody_asked_for_are_told(void **state)
{
	struct echo e = { .next = 0 };
	unsigned int told = 0;

	(void)state;
	for (uint16_t i = 0; i < 10; i++)
		told += ping(&e, true, i, "hello") == ECHO_NOT_ASKED;
	assert_int_equal(told, 1);
}

#define WATCHED(T) cmocka_unit_test_setup_teardown(T, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCHED(dns_many_new_names_in_a_minute_are_a_tunnel),
		WATCHED(dns_a_slow_leak_is_told_within_the_hour),
		WATCHED(dns_the_same_names_over_and_over_are_not),
		WATCHED(dns_names_of_many_domains_are_not),
		cmocka_unit_test(domain_registered_knows_japanese_suffixes),
		WATCHED(beacon_with_jitter_and_losses_is_found),
		WATCHED(beacon_chance_is_not),
		WATCHED(upload_to_a_new_destination_is_told_while_it_runs),
		WATCHED(upload_what_is_usual_is_not),
		WATCHED(long_connection_is_told_while_it_is_open),
		WATCHED(scan_of_many_hosts_is_told_once),
		cmocka_unit_test(table_full_forgets_what_was_touched_longest_ago),
		cmocka_unit_test(echo_of_a_ping_is_fine),
		cmocka_unit_test(echo_with_other_data_is_told_once),
		cmocka_unit_test(echo_requests_with_data_of_their_own_are_told),
		cmocka_unit_test(echo_replies_nobody_asked_for_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
