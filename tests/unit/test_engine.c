/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine with packets as the live queue gives them: verdicts, marks, resets, fail conditions, policy
 * changes. What it says of captures is in tests/replay.
 */
#include "daemon/engine.h"

#include "daemon/decode.h"
#include "rules/kernel/mark.h"
#include "tests/unit/policy_fixture.h"
#include "tests/unit/support.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CLIENT "10.30.0.1"
#define WEB "10.20.0.1"
#define OTHER "10.20.0.2"

static const char hello_hex[] =
	"1603010096010000920303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00000c2a2a"
	"130113021303c02bc02f0100005d1a1a00000000001a001800001553686f6d65692e4c6777616e2e4578616d706c652e"
	"000a000800068a8a001d0017000b00020100000d000800060403080404010010000e000c02683208687474702f312e31"
	"002b000706aaaa03040303";
static const char answer_hex[] =
	"16030300320200002e0303000000000000000000000000000000000000000000000000000000000000000000130100"
	"0006002b00020304";

/* One engine for all tests: nDPI takes its time to start. */
struct bench {
	struct engine *e;
	struct fixture *f, *without;
	struct fixture *old[4]; /* the engine still has the two policies before the last */
	const struct policy *p;
	uint32_t web, other, profile;
	uint16_t numbers[8];
	unsigned int events[EVENT_TYPE_COUNT];
	uint8_t reason, detector; /* of the last alert */
	bool blocked;
	uint64_t passed_before;
	char name[64];
	char permit[64]; /* of the last flow event */
};
static struct bench b;

static void emit(void *ctx, const struct event *ev)
{
	(void)ctx;
	b.events[ev->type]++;
	if (ev->type == EVENT_FLOW)
		snprintf(b.permit, sizeof(b.permit), "%s", ev->permit ? ev->permit : "");
	if (ev->type != EVENT_ALERT)
		return;
	b.reason = ev->reason;
	b.detector = ev->detector;
	b.blocked = ev->blocked;
	b.passed_before = ev->passed_before;
	snprintf(b.name, sizeof(b.name), "%s", ev->name ? ev->name : "");
}

/* net -> lgwan: TLS to shomei.lgwan.example on WEB:443, anything to OTHER:443 unless `without`. */
static struct fixture *policy(bool with_other)
{
	struct fixture *f = fixture_new();
	uint32_t net = fixture_zone(f, "net", ROLE_INTERNET, "eth3", "10.30.0.0/16");
	uint32_t lgwan = fixture_zone(f, "lgwan", ROLE_LGWAN, "eth2", "10.20.0.0/16");
	uint32_t profile = fixture_profile(f, "p", INSPECT_METADATA);
	struct profile *p = fixture_profile_at(f, profile);

	p->undecided = 4096;
	p->answer = ANSWER_RESET;
	p->on_mismatch = ACTION_BLOCK;
	p->on_unknown_application = ACTION_BLOCK;
	p->on_restart = ACTION_RESET;
	p->on_midstream = ACTION_DROP;
	p->on_memory = ACTION_DROP;
	p->log = LOG_ALL;
	uint32_t web = fixture_permit(f, "web", profile),
		 other = fixture_permit(f, "other", profile);

	fixture_apps(f, web, "TLS");
	fixture_names(f, web, "shomei.lgwan.example");
	fixture_statement_at(f, web)->log = LOG_ALL;
	fixture_statement_at(f, other)->log = LOG_ALL;
	fixture_box(f, net, lgwan, CLIENT, WEB, IPPROTO_TCP, 443, 443, fixture_class(f, 1, web));
	if (with_other)
		fixture_box(f, net, lgwan, CLIENT, OTHER, IPPROTO_TCP, 443, 443,
			    fixture_class(f, 1, other));
	return f;
}

static void load(struct fixture *f)
{
	char why[160];
	const uint16_t numbers[] = { 7, 9 };

	assert_int_equal(engine_load(b.e, fixture_policy(f), numbers, why), 0);
	engine_switch(b.e);
}

static int start(void **state)
{
	struct engine_conf conf = { .flows = 1000, .client_zone = POLICY_NONE };

	(void)state;
	conf.server_zone = POLICY_NONE;
	conf.sink.emit = emit;
	b.e = engine_new(&conf);
	return b.e ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	engine_free(b.e);
	for (int i = 0; i < 4; i++)
		fixture_free(b.old[i]);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	b.f = policy(true);
	b.without = policy(false);
	load(b.f);
	engine_interface(b.e, 3, "eth3");
	engine_interface(b.e, 2, "eth2");
	memset(b.events, 0, sizeof(b.events));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	engine_finish(b.e);
	fixture_free(b.old[0]);
	fixture_free(b.old[1]);
	b.old[0] = b.old[2];
	b.old[1] = b.old[3];
	b.old[2] = b.f;
	b.old[3] = b.without;
	return 0;
}

/* ---- a conversation ---- */

struct talk {
	const char *server;
	uint16_t port, class;
	uint32_t seq[2];
	bool first;
};

static uint16_t next_port = 30000;

static struct talk talk_to(const char *server)
{
	return (struct talk){ .server = server,
			      .port = next_port++,
			      .class = strcmp(server, WEB) == 0 ? 7 : 9,
			      .seq = { 1000, 2000 },
			      .first = true };
}

static struct bytes buf;

static struct packet made(struct talk *t, bool reply, uint8_t flags, const void *bytes, size_t n)
{
	struct packet p;

	buf.len = 0;
	if (n)
		bytes_add(&buf, bytes, n);
	tcp(&buf, reply ? 443 : t->port, reply ? t->port : 443, t->seq[reply], t->seq[!reply],
	    flags);
	ip4(&buf, reply ? t->server : CLIENT, reply ? CLIENT : t->server, IPPROTO_TCP);
	p = packet_of(&buf);
	p.live = true;
	p.ifin = reply ? 2 : 3;
	p.ifout = reply ? 3 : 2;
	p.mark = t->class | MARK_MUST | (reply ? MARK_REPLY : 0) | (t->first ? MARK_FIRST : 0);
	return p;
}

static struct outcome say(struct talk *t, bool reply, uint8_t flags, const void *bytes, size_t n)
{
	struct packet p = made(t, reply, flags, bytes, n);

	t->first = false;
	t->seq[reply] += (uint32_t)n + ((flags & TCP_SYN) != 0);
	return engine_packet(b.e, &p);
}

static struct outcome say_hex(struct talk *t, bool reply, const char *hex)
{
	struct bytes bytes = { .len = 0 };

	bytes_hex(&bytes, hex);
	return say(t, reply, TCP_ACK, bytes.at, bytes.len);
}

static struct outcome say_text(struct talk *t, bool reply, const char *text)
{
	return say(t, reply, TCP_ACK, text, strlen(text));
}

static void shake_hands(struct talk *t)
{
	say(t, false, TCP_SYN, NULL, 0);
	say(t, true, TCP_SYN | TCP_ACK, NULL, 0);
	say(t, false, TCP_ACK, NULL, 0);
}

static void assert_waits(struct outcome o, uint16_t class)
{
	assert_int_equal(o.verdict, MARK_UNDECIDED);
	assert_false(o.opinion);
	assert_false(o.drop_packet);
	assert_int_equal(o.class_number, class);
}

static void assert_verdict(struct outcome o, uint8_t verdict, uint16_t class)
{
	assert_int_equal(o.verdict, verdict);
	assert_true(o.opinion);
	assert_false(o.drop_packet);
	assert_int_equal(o.class_number, class);
}

static struct headers reset_in(struct outcome o)
{
	struct packet p = { .data = o.rewrite, .len = o.rewrite_len, .wire_len = o.rewrite_len };
	struct headers h;

	assert_verdict(o, MARK_IS_RESET, o.class_number);
	assert_non_null(o.rewrite);
	assert_int_equal(decode_packet(&p, &h), DECODE_OK);
	assert_true(h.tcp_flags & TCP_RST);
	return h;
}

/* ---- tests ---- */

static void permitted_tls_leaves_the_queue_with_the_server_hello(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	shake_hands(&t);
	assert_waits(say_hex(&t, false, hello_hex), 7);
	assert_verdict(say_hex(&t, true, answer_hex), MARK_PASS, 7);
	assert_int_equal(b.events[EVENT_TLS], 1);
	assert_int_equal(b.events[EVENT_FLOW], 1);
	assert_verdict(say_text(&t, false, "more"), MARK_PASS, 7); /* echoed while packets come */
	assert_int_equal(b.events[EVENT_FLOW], 1);
}

static void other_application_becomes_a_reset_for_its_receiver(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	shake_hands(&t);
	struct headers h = reset_in(say_text(&t, false, "SSH-2.0-OpenSSH_9.2\r\n"));

	assert_int_equal(h.seq, 1001);
	assert_int_equal(h.dport, 443);
	assert_int_equal(b.reason, EVENT_REASON_APPLICATION);
	assert_true(b.blocked);
	assert_int_equal(b.passed_before, 0);
	assert_verdict(say_text(&t, false, "again"), MARK_RESET, 7);
	assert_int_equal(b.events[EVENT_ALERT], 1);
}

static void gso_packet_is_dropped_and_its_repetition_is_the_reset(void **state)
{
	struct talk t = talk_to(WEB);
	struct packet p;

	(void)state;
	shake_hands(&t);
	p = made(&t, false, TCP_ACK, "SSH-2.0-OpenSSH_9.2\r\n", 21);
	p.gso = true;
	struct outcome o = engine_packet(b.e, &p);

	assert_true(o.drop_packet);
	assert_false(o.opinion);
	p.gso = false;
	assert_int_equal(reset_in(engine_packet(b.e, &p)).seq, 1001);
}

static void other_name_is_refused_before_a_byte_has_passed(void **state)
{
	struct talk t = talk_to(WEB);
	struct bytes hello = { .len = 0 };

	(void)state;
	bytes_hex(&hello, hello_hex);
	memcpy(memmem(hello.at, hello.len, "Shomei", 6), "Wrong.", 6);
	shake_hands(&t);
	reset_in(say(&t, false, TCP_ACK, hello.at, hello.len));
	assert_int_equal(b.detector, DETECTOR_NAME);
	assert_string_equal(b.name, "wrong..lgwan.example");
	assert_int_equal(b.passed_before, 0);
}

static void hello_in_two_segments_is_judged_when_it_is_whole(void **state)
{
	struct talk t = talk_to(WEB);
	struct bytes hello = { .len = 0 };

	(void)state;
	bytes_hex(&hello, hello_hex);
	shake_hands(&t);
	assert_waits(say(&t, false, TCP_ACK, hello.at, 60), 7);
	assert_waits(say(&t, false, TCP_ACK, hello.at + 60, hello.len - 60), 7);
	assert_verdict(say_hex(&t, true, answer_hex), MARK_PASS, 7);
}

static void segment_beyond_a_gap_passes_and_the_closing_one_is_judged(void **state)
{
	struct talk t = talk_to(WEB);
	struct bytes hello = { .len = 0 };

	(void)state;
	bytes_hex(&hello, hello_hex);
	memcpy(memmem(hello.at, hello.len, "Shomei", 6), "Wrong1", 6);
	shake_hands(&t);
	t.seq[0] += 60;
	assert_verdict(say(&t, false, TCP_ACK, hello.at + 60, hello.len - 60), MARK_ACKS, 7);
	t.seq[0] = 1001;
	assert_int_equal(reset_in(say(&t, false, TCP_ACK, hello.at, 60)).seq, 1001);
	assert_int_equal(b.reason, EVENT_REASON_NAME);
}

static void differing_retransmission_is_dropped_and_told_once(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	shake_hands(&t);
	assert_waits(say_hex(&t, false, "160301009601"), 7);
	for (int i = 0; i < 2; i++) {
		t.seq[0] = 1001;
		struct outcome o = say_hex(&t, false, "160301009701");

		assert_true(o.drop_packet);
	}
	assert_int_equal(b.events[EVENT_ALERT], 1);
	assert_int_equal(b.reason, EVENT_REASON_RETRANSMIT);
}

static void same_packet_twice_is_a_retransmission(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	shake_hands(&t);
	assert_waits(say_hex(&t, false, "160301009601"), 7);
	t.seq[0] = 1001;
	assert_waits(say_hex(&t, false, "160301009601"), 7);
	assert_int_equal(b.events[EVENT_ALERT], 0);
}

/* Nobody's protocol; `undecided` is 4096. */
static void unknown_application_is_judged_before_it_exceeds_the_budget(void **state)
{
	struct talk t = talk_to(WEB);
	char noise[3000];

	(void)state;
	memset(noise, 0x91, sizeof(noise));
	shake_hands(&t);
	assert_waits(say(&t, false, TCP_ACK, noise, 3000), 7);
	reset_in(say(&t, false, TCP_ACK, noise, 3000));
	assert_int_equal(b.reason, EVENT_REASON_UNKNOWN_APPLICATION);
	assert_int_equal(b.passed_before, 3000);
}

static void packet_the_kernel_judges_otherwise_is_refused(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	t.class = 9;
	assert_verdict(say(&t, false, TCP_SYN, NULL, 0), MARK_DROP, 9);
	assert_int_equal(b.reason, EVENT_REASON_KERNEL_DIFFERS);
}

static void orphan_is_reset(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	t.first = false;
	assert_int_equal(reset_in(say_text(&t, false, "data of before")).seq, 1000);
	assert_int_equal(b.reason, EVENT_REASON_RESTART);
	assert_verdict(say_text(&t, true, "and back"), MARK_RESET, 7);
}

static void orphan_met_from_the_servers_side_is_the_same_flow(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	t.first = false;
	reset_in(say_text(&t, true, "the server speaks first"));
	assert_int_equal(b.reason, EVENT_REASON_RESTART);
}

static void orphan_passes_where_the_profile_says_so(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	fixture_class_at(b.f, 0)->joined.on_restart = ACTION_PASS_METADATA;
	t.first = false;
	assert_verdict(say_text(&t, false, "data of before"), MARK_PASS, 7);
	assert_false(b.blocked);
}

static void related_error_gets_no_saved_verdict(void **state)
{
	struct talk t = talk_to(WEB);
	struct packet p = made(&t, true, TCP_ACK, NULL, 0);
	static struct bytes error;

	(void)state;
	error.len = 0;
	bytes_add(&error, buf.at, 28); /* the header a router would quote */
	icmp(&error, 3, 4, 0, 1400);
	ip4(&error, "10.30.0.254", WEB, IPPROTO_ICMP);
	p = packet_of(&error);
	p.live = true;
	p.mark = 7 | MARK_MUST | MARK_RELATED;
	struct outcome o = engine_packet(b.e, &p);

	assert_false(o.opinion);
	assert_false(o.drop_packet);
}

static void related_error_about_somebody_else_is_dropped(void **state)
{
	struct talk t = talk_to(WEB);
	struct packet p = made(&t, true, TCP_ACK, NULL, 0);
	static struct bytes error;

	(void)state;
	error.len = 0;
	bytes_add(&error, buf.at, 28);
	icmp(&error, 3, 4, 0, 1400);
	ip4(&error, "10.30.0.254", OTHER, IPPROTO_ICMP);
	p = packet_of(&error);
	p.live = true;
	p.mark = 7 | MARK_MUST | MARK_RELATED;
	assert_true(engine_packet(b.e, &p).drop_packet);
	assert_int_equal(b.reason, EVENT_REASON_RELATED);
}

static void undecodable_packet_is_dropped_with_an_anomaly(void **state)
{
	struct talk t = talk_to(WEB);
	struct packet p = made(&t, false, TCP_ACK, "x", 1);

	(void)state;
	p.len = p.wire_len = 30;
	assert_true(engine_packet(b.e, &p).drop_packet);
	assert_int_equal(b.events[EVENT_ANOMALY], 1);
}

static void changed_class_is_judged_again_without_new_packets(void **state)
{
	struct talk t = talk_to(WEB);
	const uint16_t numbers[] = { 11, 12 };
	char why[160];

	(void)state;
	shake_hands(&t);
	say_hex(&t, false, hello_hex);
	assert_verdict(say_hex(&t, true, answer_hex), MARK_PASS, 7);
	assert_int_equal(engine_load(b.e, fixture_policy(b.without), numbers, why), 0);
	engine_switch(b.e);
	t.class = 11;
	assert_verdict(say_text(&t, false, "data"), MARK_PASS, 11);
	assert_int_equal(b.events[EVENT_ALERT], 0);
	load(b.f);
}

static void flow_without_a_class_any_more_is_refused(void **state)
{
	struct talk t = talk_to(OTHER);
	const uint16_t numbers[] = { 11, 12 };
	char why[160];

	(void)state;
	shake_hands(&t);
	assert_int_equal(engine_load(b.e, fixture_policy(b.without), numbers, why), 0);
	engine_switch(b.e);
	assert_verdict(say_text(&t, false, "waited in the queue"), MARK_DROP, 9);
	assert_int_equal(b.reason, EVENT_REASON_POLICY_CHANGE);
	load(b.f);
}

static void flow_that_outlives_two_policies_keeps_its_permit(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	shake_hands(&t);
	say_hex(&t, false, hello_hex);
	load(b.without);
	load(b.f);
	load(b.without);
	engine_finish(b.e);
	assert_int_equal(b.events[EVENT_FLOW], 1);
	assert_string_equal(b.permit, "web");
	load(b.f);
}

static void flow_whose_permit_goes_for_good_is_told_with_it(void **state)
{
	struct talk t = talk_to(OTHER);

	(void)state;
	shake_hands(&t);
	say_hex(&t, false, hello_hex);
	fixture_statement_at(b.without, 1)->name = fixture_statement_at(b.without, 0)->name;
	load(b.without);
	load(b.f);
	assert_int_equal(b.events[EVENT_FLOW], 1);
	assert_string_equal(b.permit, "other");
	engine_finish(b.e);
	assert_int_equal(b.events[EVENT_FLOW], 1);
}

static void engine_follows_the_kernels_switch(void **state)
{
	struct talk t = talk_to(WEB);
	const uint16_t numbers[] = { 11, 12 };
	char why[160];

	(void)state;
	assert_int_equal(engine_load(b.e, fixture_policy(b.without), numbers, why), 0);
	t.class = 11;
	assert_waits(say(&t, false, TCP_SYN, NULL, 0), 11);
	load(b.f);
}

/* The permit `web` has ended by the packets' own time. */
static void end_web(void)
{
	struct talk t = talk_to(WEB);
	struct packet p = made(&t, false, TCP_SYN, NULL, 0);

	fixture_statement_at(b.f, 0)->until = p.time / 1000000000 - 1;
	load(b.f);
}

static void permit_that_has_ended_denies(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	end_web();
	shake_hands(&t);
	reset_in(say_hex(&t, false, hello_hex));
	assert_int_equal(b.reason, EVENT_REASON_ENDED);
}

static void permit_as_of_a_second_before_its_end_goes_on(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	end_web();
	engine_as_of(b.e, fixture_statement_at(b.f, 0)->until - 1);
	shake_hands(&t);
	assert_waits(say_hex(&t, false, hello_hex), 7);
	assert_verdict(say_hex(&t, true, answer_hex), MARK_PASS, 7);
	engine_as_of(b.e, 0); /* the clock is believed: it is judged again as it comes */
	reset_in(say_text(&t, false, "more"));
	assert_int_equal(b.reason, EVENT_REASON_ENDED);
}

static void as_of_ends_with_the_next_policy(void **state)
{
	struct talk t = talk_to(WEB);

	(void)state;
	end_web();
	engine_as_of(b.e, fixture_statement_at(b.f, 0)->until - 1);
	load(b.f);
	shake_hands(&t);
	reset_in(say_hex(&t, false, hello_hex));
}

static void ended_flow_is_told_once(void **state)
{
	struct talk t = talk_to(WEB);
	struct engine_end end = {
		.tuple = { .sport = t.port, .dport = 443, .protocol = IPPROTO_TCP }
	};

	(void)state;
	ip_parse(CLIENT, &end.tuple.src);
	ip_parse(WEB, &end.tuple.dst);
	shake_hands(&t);
	say_hex(&t, false, hello_hex);
	engine_ended(b.e, &end);
	assert_int_equal(b.events[EVENT_FLOW], 1);
	assert_int_equal(b.events[EVENT_TLS], 1);
	engine_ended(b.e, &end);
	assert_int_equal(b.events[EVENT_FLOW], 1);
}

/* The end of the entry before it on the same ports comes late: the conversation is not the one that ended. */
static void end_before_the_flow_began_is_not_its_own(void **state)
{
	struct talk t = talk_to(WEB);
	struct engine_end end = {
		.tuple = { .sport = t.port, .dport = 443, .protocol = IPPROTO_TCP }, .at = 1
	};

	(void)state;
	ip_parse(CLIENT, &end.tuple.src);
	ip_parse(WEB, &end.tuple.dst);
	shake_hands(&t);
	engine_ended(b.e, &end);
	assert_int_equal(b.events[EVENT_FLOW], 0);
	end.at = 0;
	engine_ended(b.e, &end);
	assert_int_equal(b.events[EVENT_FLOW], 1);
}

static uint64_t counted(const char *name)
{
	struct event_counter all[64];
	size_t n = engine_counters(b.e, all, 64);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].value;
	return 0;
}

/* The kernel shows no FIN: the SYN that begins the next conversation on the ports ends the one before. */
static void syn_of_another_conversation_ends_the_one_before(void **state)
{
	struct talk t = talk_to(WEB), next = t;

	(void)state;
	shake_hands(&t);
	assert_waits(say(&t, false, TCP_ACK, "\x16\x03\x01", 3), 7);
	next.seq[0] = 500000;
	next.seq[1] = 900000;
	shake_hands(&next);
	assert_int_equal(b.events[EVENT_FLOW], 1);
	assert_waits(say_hex(&next, false, hello_hex), 7);
}

static void syn_that_comes_again_ends_nothing(void **state)
{
	struct talk t = talk_to(WEB), again = t;

	(void)state;
	say(&t, false, TCP_SYN, NULL, 0);
	say(&again, false, TCP_SYN, NULL, 0);
	assert_int_equal(b.events[EVENT_FLOW], 0);
	say(&t, true, TCP_SYN | TCP_ACK, NULL, 0);
	assert_waits(say_hex(&t, false, hello_hex), 7);
}

/* The ACK that ends the handshake does not come: a client that thinks for long is no half-open connection. */
static void handshake_is_through_with_the_answer_to_the_syn(void **state)
{
	uint64_t orphans = counted("orphans");
	struct talk t = talk_to(WEB);
	struct packet p;

	(void)state;
	say(&t, false, TCP_SYN, NULL, 0);
	say(&t, true, TCP_SYN | TCP_ACK, NULL, 0);
	p = made(&t, false, TCP_ACK, "\x16\x03\x01", 3);
	p.time += INT64_C(200000000000);
	assert_waits(engine_packet(b.e, &p), 7);
	assert_int_equal(counted("orphans"), orphans);
}

/* Connections that stop in the middle of their hello hold memory: no more than the table's size allows. */
static void flow_beyond_the_memory_of_inspection_is_answered_by_the_profile(void **state)
{
	struct bytes hello = { .len = 0 };
	uint64_t refused = counted("no_memory");
	struct outcome o = { .opinion = false };
	struct talk t;
	int held = 0;

	(void)state;
	bytes_hex(&hello, hello_hex);
	for (; held < 1000 && !o.opinion; held++) {
		t = talk_to(WEB);
		shake_hands(&t);
		o = say(&t, false, TCP_ACK, hello.at, 60);
	}
	assert_in_range(held, 100, 999);
	assert_verdict(o, MARK_DROP, 7);
	assert_int_equal(b.reason, EVENT_REASON_MEMORY);
	assert_int_equal(counted("no_memory"), refused + 1);
	engine_finish(b.e);
	t = talk_to(WEB);
	shake_hands(&t);
	assert_waits(say(&t, false, TCP_ACK, hello.at, 60), 7);
}

static void unknown_application_name_is_refused_at_load(void **state)
{
	struct fixture *f = fixture_new();
	char why[160];
	uint32_t s;

	(void)state;
	fixture_zone(f, "a", ROLE_LGWAN, "a0", "10.0.0.0/16");
	s = fixture_deny(f, "d");
	fixture_apps(f, s, "NoSuchThing");
	assert_int_equal(engine_load(b.e, fixture_policy(f), NULL, why), -ENOENT);
	assert_non_null(strstr(why, "NoSuchThing"));
	fixture_free(f);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(permitted_tls_leaves_the_queue_with_the_server_hello),
		T(other_application_becomes_a_reset_for_its_receiver),
		T(gso_packet_is_dropped_and_its_repetition_is_the_reset),
		T(other_name_is_refused_before_a_byte_has_passed),
		T(hello_in_two_segments_is_judged_when_it_is_whole),
		T(segment_beyond_a_gap_passes_and_the_closing_one_is_judged),
		T(differing_retransmission_is_dropped_and_told_once),
		T(same_packet_twice_is_a_retransmission),
		T(unknown_application_is_judged_before_it_exceeds_the_budget),
		T(packet_the_kernel_judges_otherwise_is_refused),
		T(orphan_is_reset),
		T(orphan_met_from_the_servers_side_is_the_same_flow),
		T(orphan_passes_where_the_profile_says_so),
		T(related_error_gets_no_saved_verdict),
		T(related_error_about_somebody_else_is_dropped),
		T(undecodable_packet_is_dropped_with_an_anomaly),
		T(changed_class_is_judged_again_without_new_packets),
		T(flow_without_a_class_any_more_is_refused),
		T(flow_that_outlives_two_policies_keeps_its_permit),
		T(flow_whose_permit_goes_for_good_is_told_with_it),
		T(engine_follows_the_kernels_switch),
		T(permit_that_has_ended_denies),
		T(permit_as_of_a_second_before_its_end_goes_on),
		T(as_of_ends_with_the_next_policy),
		T(ended_flow_is_told_once),
		T(end_before_the_flow_began_is_not_its_own),
		T(syn_of_another_conversation_ends_the_one_before),
		T(syn_that_comes_again_ends_nothing),
		T(handshake_is_through_with_the_answer_to_the_syn),
		T(flow_beyond_the_memory_of_inspection_is_answered_by_the_profile),
		T(unknown_application_name_is_refused_at_load),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
