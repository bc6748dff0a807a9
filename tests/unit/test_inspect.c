/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inspect.h"

#include "daemon/decode.h"
#include "daemon/packet.h"
#include "tests/unit/support.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct inspect *in; /* one for all tests, it takes a while; its caches see no two alike */
static struct inspect_flow *flow;
static struct finding found;
static struct bytes b;
static int64_t now;

static int start_ndpi(void **state)
{
	(void)state;
	in = inspect_new(&inspect_conf_default);
	return in ? 0 : -1;
}

static int stop_ndpi(void **state)
{
	(void)state;
	inspect_free(in);
	return 0;
}

static int with_flow(void **state)
{
	(void)state;
	now = 1700000000 * SECOND;
	found = (struct finding){ 0 };
	flow = inspect_flow_new();
	return flow ? 0 : -1;
}

static int without_flow(void **state)
{
	(void)state;
	inspect_flow_free(flow);
	return 0;
}

static void show(struct inspect *with)
{
	struct packet p = packet_of(&b);
	struct headers h;

	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	inspect_packet(with, flow, &h, now, &found);
	now += SECOND / 100;
}

/* TCP between 10.0.0.1 and `server`; sequence numbers follow */
static void segment(struct inspect *with, const char *server, uint16_t port, bool reply,
		    const void *payload, size_t n, uint8_t flags)
{
	static uint32_t up, down;

	if (flags == TCP_SYN)
		up = 1000, down = 2000;
	b.len = 0;
	bytes_add(&b, payload, n);
	if (reply)
		tcp(&b, port, 40000, down, up, flags);
	else
		tcp(&b, 40000, port, up, down, flags);
	ip4(&b, reply ? server : "10.0.0.1", reply ? "10.0.0.1" : server, IPPROTO_TCP);
	*(reply ? &down : &up) += (uint32_t)n + (flags & TCP_SYN ? 1 : 0);
	show(with);
}

static void handshake(struct inspect *with, const char *server, uint16_t port)
{
	segment(with, server, port, false, "", 0, TCP_SYN);
	segment(with, server, port, true, "", 0, TCP_SYN | TCP_ACK);
	segment(with, server, port, false, "", 0, TCP_ACK);
}

static void say(const char *server, uint16_t port, bool reply, const char *text)
{
	segment(in, server, port, reply, text, strlen(text), TCP_ACK);
}

static void dgram(const char *server, uint16_t port, const void *payload, size_t n)
{
	b.len = 0;
	bytes_add(&b, payload, n);
	udp(&b, 40000, port);
	ip4(&b, "10.0.0.1", server, IPPROTO_UDP);
	show(in);
}

/* A TLS 1.2 ClientHello with one extension, the server's name. */
static size_t client_hello(uint8_t *out, const char *name)
{
	static struct bytes hello;
	uint16_t n = (uint16_t)strlen(name);

	hello.len = 0;
	bytes_hex(&hello, "16 0301");
	bytes_be16(&hello, (uint16_t)(4 + 2 + 32 + 1 + 2 + 4 + 2 + 2 + 4 + 5 + n));
	bytes_hex(&hello, "01 00");
	bytes_be16(&hello, (uint16_t)(2 + 32 + 1 + 2 + 4 + 2 + 2 + 4 + 5 + n));
	bytes_hex(&hello, "0303");
	bytes_fill(&hello, 0x5a, 32);
	bytes_hex(&hello, "00 0004 c02f 009c 01 00");
	bytes_be16(&hello, (uint16_t)(4 + 5 + n));
	bytes_be16(&hello, 0);
	bytes_be16(&hello, (uint16_t)(5 + n));
	bytes_be16(&hello, (uint16_t)(3 + n));
	bytes_hex(&hello, "00");
	bytes_be16(&hello, n);
	bytes_text(&hello, name);
	memcpy(out, hello.at, hello.len);
	return hello.len;
}

static void hello_to(const char *server, const char *name)
{
	uint8_t hello[256];
	size_t n = client_hello(hello, name);

	handshake(in, server, 443);
	segment(in, server, 443, false, hello, n, TCP_ACK);
}

static void assert_label(const char *want)
{
	char label[INSPECT_LABEL];

	assert_string_equal(inspect_label(in, &found, label), want);
}

static void client_hello_is_tls_with_its_name(void **state)
{
	(void)state;
	hello_to("192.0.2.1", "mail.town.example");
	assert_label("TLS");
	assert_true(found.confident);
	assert_false(found.final);
	assert_string_equal(inspect_name(flow), "mail.town.example");
}

static void tls_handshake_is_told_and_nothing_of_other_flows(void **state)
{
	struct inspect_tls tls;

	(void)state;
	assert_false(inspect_tls(flow, &tls));
	hello_to("192.0.2.1", "mail.town.example");
	assert_true(inspect_tls(flow, &tls));
	assert_null(tls.subject);
	assert_null(tls.issuer);
}

static void owner_of_the_address_is_not_what_was_seen(void **state)
{
	(void)state;
	hello_to("149.154.167.99", "mail.town.example");
	assert_label("TLS.Telegram");
	assert_true(found.confident);
	assert_true(found.app_by_address);
}

static void name_that_agrees_with_the_address_is_seen(void **state)
{
	(void)state;
	hello_to("149.154.167.99", "web.telegram.org");
	assert_label("TLS.Telegram");
	assert_true(found.confident);
	assert_false(found.app_by_address);
}

static void http_request_and_response_are_final(void **state)
{
	(void)state;
	handshake(in, "192.0.2.1", 80);
	say("192.0.2.1", 80, false,
	    "GET / HTTP/1.1\r\nHost: www.town.example\r\nUser-Agent: t\r\n\r\n");
	assert_label("HTTP");
	assert_true(found.confident && !found.final);
	say("192.0.2.1", 80, true, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_true(found.confident && found.final);
	assert_string_equal(inspect_name(flow), "www.town.example");
}

static void ssh_on_443_is_ssh(void **state)
{
	(void)state;
	handshake(in, "192.0.2.1", 443);
	say("192.0.2.1", 443, true, "SSH-2.0-OpenSSH_9.2\r\n");
	say("192.0.2.1", 443, false, "SSH-2.0-OpenSSH_9.2\r\n");
	assert_label("SSH");
	assert_true(found.confident);
}

static void dns_query_is_dns(void **state)
{
	static const char query[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
				    "\x03www\x04town\x07"
				    "example\x00\x00\x01\x00\x01";

	(void)state;
	dgram("192.0.2.53", 53, query, sizeof(query) - 1);
	assert_label("DNS");
	assert_true(found.confident);
	assert_string_equal(inspect_name(flow), "www.town.example");
}

static void udp_of_no_protocol_is_given_up_after_eight_packets(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		dgram("192.0.2.1", 443, "\xf0\xe1\xd2\xc3\xb4\xa5\x96", 7);
		assert_false(found.final);
	}
	dgram("192.0.2.1", 443, "\xf0\xe1\xd2\xc3\xb4\xa5\x96", 7);
	assert_true(found.final);
	assert_false(found.confident);
	assert_int_equal(inspect_packets(flow), 9);
}

static void port_is_never_evidence(void **state)
{
	struct inspect *reader = inspect_new(&inspect_conf_reader);

	(void)state;
	assert_non_null(reader);
	handshake(reader, "192.0.2.1", 443);
	segment(reader, "192.0.2.1", 443, false, "\xf0\xe1\xd2\xc3", 4, TCP_ACK);
	inspect_give_up(reader, flow, &found);
	assert_label("TLS");
	assert_false(found.confident);
	assert_true(found.final);
	inspect_free(reader);
}

static void giving_up_without_guess_leaves_it_unknown(void **state)
{
	(void)state;
	handshake(in, "192.0.2.1", 443);
	segment(in, "192.0.2.1", 443, false, "\xf0\xe1\xd2\xc3", 4, TCP_ACK);
	inspect_give_up(in, flow, &found);
	assert_label("Unknown");
	assert_true(found.final && !found.confident);
}

static void cut_packet_is_counted_and_not_looked_at(void **state)
{
	struct packet p;
	struct headers h;

	(void)state;
	b.len = 0;
	bytes_text(&b, "SSH-2.0-OpenSSH_9.2\r\n");
	tcp(&b, 22, 40000, 1, 1, TCP_ACK);
	ip4(&b, "192.0.2.1", "10.0.0.1", IPPROTO_TCP);
	p = packet_of(&b);
	p.len -= 4;
	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	inspect_packet(in, flow, &h, now, &found);
	assert_int_equal(inspect_packets(flow), 1);
	assert_label("Unknown");
}

/* NetFlow 5: version, records, uptime, seconds since 1970, ...; nDPI refuses one from the future. */
static void netflow_is_judged_by_the_packets_clock(void **state)
{
	uint8_t export[72] = { 0, 5, 0, 1, [8] = 0xf0 }; /* the year 2097 */
	time_t before = time(NULL);

	(void)state;
	now = 0xf0000000ll * SECOND - SECOND;
	dgram("192.0.2.1", 2055, export, sizeof(export));
	assert_label("Unknown");
	now += 2 * SECOND;
	dgram("192.0.2.1", 2055, export, sizeof(export));
	assert_label("NetFlow");
	assert_in_range(time(NULL), before, before + 60);
}

static void names_are_found_in_any_case(void **state)
{
	uint16_t number = 0, again = 0;

	(void)state;
	assert_int_equal(inspect_app_named(in, "TLS", &number), 0);
	assert_int_equal(inspect_app_named(in, "tls", &again), 0);
	assert_int_equal(number, again);
	assert_string_equal(inspect_app_name(in, number), "TLS");
}

static void unknown_name_is_refused(void **state)
{
	uint16_t number = 7;

	(void)state;
	assert_int_equal(inspect_app_named(in, "TLSS", &number), -ENOENT);
	assert_int_equal(inspect_app_named(in, "", &number), -ENOENT);
	assert_int_equal(inspect_app_named(in, "Unknown", &number), -ENOENT);
	assert_int_equal(number, 7);
	assert_string_equal(inspect_app_name(in, UINT16_MAX), "Unknown");
}

static void every_protocol_is_found_by_its_name(void **state)
{
	(void)state;
	assert_true(inspect_app_count(in) > 250);
	for (uint16_t i = 1; i < inspect_app_count(in); i++) {
		uint16_t number = 0;

		assert_int_equal(inspect_app_named(in, inspect_app_name(in, i), &number), 0);
		assert_string_equal(inspect_app_name(in, number), inspect_app_name(in, i));
	}
}

static void list_of_ports_that_is_not_there_is_refused(void **state)
{
	struct inspect_conf conf = inspect_conf_default;

	(void)state;
	conf.protocols_file = "/nowhere/ports";
	assert_null(inspect_new(&conf));
}

static void category_and_library_have_names(void **state)
{
	(void)state;
	hello_to("192.0.2.1", "mail.town.example");
	assert_string_equal(inspect_category_name(in, found.category), "Web");
	assert_non_null(inspect_library());
}

#define WITH_FLOW(f) cmocka_unit_test_setup_teardown(f, with_flow, without_flow)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FLOW(client_hello_is_tls_with_its_name),
		WITH_FLOW(tls_handshake_is_told_and_nothing_of_other_flows),
		WITH_FLOW(owner_of_the_address_is_not_what_was_seen),
		WITH_FLOW(name_that_agrees_with_the_address_is_seen),
		WITH_FLOW(http_request_and_response_are_final),
		WITH_FLOW(ssh_on_443_is_ssh),
		WITH_FLOW(dns_query_is_dns),
		WITH_FLOW(udp_of_no_protocol_is_given_up_after_eight_packets),
		WITH_FLOW(port_is_never_evidence),
		WITH_FLOW(giving_up_without_guess_leaves_it_unknown),
		WITH_FLOW(cut_packet_is_counted_and_not_looked_at),
		WITH_FLOW(netflow_is_judged_by_the_packets_clock),
		cmocka_unit_test(names_are_found_in_any_case),
		cmocka_unit_test(unknown_name_is_refused),
		cmocka_unit_test(every_protocol_is_found_by_its_name),
		cmocka_unit_test(list_of_ports_that_is_not_there_is_refused),
		WITH_FLOW(category_and_library_have_names),
	};

	return cmocka_run_group_tests(tests, start_ndpi, stop_ndpi);
}
