/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/tls.h"

#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Asks for Shomei.Lgwan.Example. with GREASE in every list; h2 and http/1.1; TLS 1.3 and 1.2. */
static const char hello_hex[] =
	"010000920303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00000c2a2a1301"
	"13021303c02bc02f0100005d1a1a00000000001a001800001553686f6d65692e4c6777616e2e4578616d706c65"
	"2e000a000800068a8a001d0017000b00020100000d000800060403080404010010000e000c0268320868747470"
	"2f312e31002b000706aaaa03040303";
static const char answer_hex[] =
	"0200002e0303000000000000000000000000000000000000000000000000000000000000000000130100000600"
	"2b00020304";
static const char retry_hex[] =
	"0200002e0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c00130100000600"
	"2b00020304";

static void hex(struct bytes *b, const char *text)
{
	b->len = 0;
	bytes_hex(b, text);
}

/* A message as records of at most n bytes each. */
static void records(struct bytes *out, const struct bytes *message, size_t n)
{
	for (size_t at = 0; at < message->len; at += n) {
		size_t len = message->len - at < n ? message->len - at : n;

		bytes_hex(out, "160301");
		bytes_be16(out, (uint16_t)len);
		bytes_add(out, message->at + at, len);
	}
}

static struct bytes message, wire;

static void client_wire(size_t record)
{
	hex(&message, hello_hex);
	wire.len = 0;
	records(&wire, &message, record);
}

static void server_wire(const char *text)
{
	hex(&message, text);
	wire.len = 0;
	records(&wire, &message, 1000);
}

static void assert_hello(const struct tls *t)
{
	assert_null(t->bad);
	assert_int_equal(t->hellos, 1);
	assert_string_equal(t->sni, "shomei.lgwan.example");
	assert_string_equal(t->alpn, "h2");
	assert_int_equal(t->version, 0x0304);
	assert_string_equal(t->ja3, "73d0a956f1325fba8545be460dbdcdc9");
	assert_string_equal(t->ja4, "t13d0506h2_e133e205ac38_0d385148b956");
}

static void hello_whole_is_read(void **state)
{
	struct tls t;

	(void)state;
	client_wire(1000);
	tls_init(&t);
	tls_feed(&t, false, wire.at, wire.len);
	assert_hello(&t);
	tls_done(&t);
}

static void hello_cut_in_two_anywhere_is_the_same(void **state)
{
	(void)state;
	for (size_t record = 1; record < 200; record += 37) {
		client_wire(record);
		for (size_t cut = 0; cut <= wire.len; cut++) {
			struct tls t;

			tls_init(&t);
			tls_feed(&t, false, wire.at, cut);
			tls_feed(&t, false, wire.at + cut, wire.len - cut);
			assert_hello(&t);
			tls_done(&t);
		}
	}
}

static void hello_byte_by_byte_is_the_same(void **state)
{
	struct tls t;

	(void)state;
	client_wire(50);
	tls_init(&t);
	for (size_t i = 0; i < wire.len; i++)
		tls_feed(&t, false, wire.at + i, 1);
	assert_hello(&t);
	tls_done(&t);
}

static void server_hello_ends_the_reading(void **state)
{
	struct tls t;

	(void)state;
	client_wire(1000);
	tls_init(&t);
	tls_feed(&t, false, wire.at, wire.len);
	server_wire(answer_hex);
	bytes_text(&wire, "what follows is not looked at");
	tls_feed(&t, true, wire.at, wire.len);
	assert_true(t.done);
	assert_null(t.bad);
	assert_string_equal(t.ja3s, "cce84e7a8b742462e40afb585a3e3ccc");
	tls_done(&t);
}

static void retry_asks_for_a_second_hello(void **state)
{
	struct tls t;

	(void)state;
	client_wire(1000);
	tls_init(&t);
	tls_feed(&t, false, wire.at, wire.len);
	server_wire(retry_hex);
	tls_feed(&t, true, wire.at, wire.len);
	assert_true(t.retry);
	assert_false(t.done);
	client_wire(20);
	tls_feed(&t, false, wire.at, wire.len);
	assert_int_equal(t.hellos, 2);
	server_wire(answer_hex);
	tls_feed(&t, true, wire.at, wire.len);
	assert_true(t.done);
	tls_done(&t);
}

static void two_retries_are_refused(void **state)
{
	struct tls t;

	(void)state;
	tls_init(&t);
	server_wire(retry_hex);
	tls_feed(&t, true, wire.at, wire.len);
	tls_feed(&t, true, wire.at, wire.len);
	assert_string_equal(t.bad, "unexpected_message");
	tls_done(&t);
}

static const char *bad_of(const char *text)
{
	struct tls t;
	const char *bad;

	tls_init(&t);
	hex(&wire, text);
	tls_feed(&t, false, wire.at, wire.len);
	bad = t.bad;
	tls_done(&t);
	return bad;
}

static void malformed_records_are_named(void **state)
{
	(void)state;
	assert_string_equal(bad_of("99 0301 0010"), "invalid_record_type");
	assert_string_equal(bad_of("16 0201 0010"), "invalid_record_version");
	assert_string_equal(bad_of("16 0301 ffff"), "invalid_record_length");
	assert_string_equal(bad_of("16 0301 0000"), "invalid_record_length");
	assert_string_equal(bad_of("16 0301 0004 01ffffff"), "handshake_too_long");
	assert_string_equal(bad_of("16 0301 0004 0b000000"), "unexpected_message");
	assert_string_equal(bad_of("16 0301 0006 01000002 0303"), "invalid_client_hello");
}

/* The name's first letter is byte 77 of the message. */
static void name_with_nul_is_refused(void **state)
{
	struct tls t;

	(void)state;
	client_wire(1000);
	uint8_t *at = memmem(wire.at, wire.len, "Lgwan", 5);

	assert_non_null(at);
	*at = '\0';
	tls_init(&t);
	tls_feed(&t, false, wire.at, wire.len);
	assert_string_equal(t.bad, "invalid_sni");
	tls_done(&t);
}

static void feed_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct tls t;

	(void)ctx;
	tls_init(&t);
	tls_feed(&t, false, data, n);
	tls_feed(&t, true, data, n);
	tls_done(&t);
}

static void every_truncation_is_harmless(void **state)
{
	(void)state;
	client_wire(60);
	each_prefix(wire.at, wire.len, feed_prefix, NULL);
	server_wire(answer_hex);
	each_prefix(wire.at, wire.len, feed_prefix, NULL);
}

/* A hello whose length fields promise more than is there, at every place: nothing may be read past it. */
static void every_short_hello_is_harmless(void **state)
{
	(void)state;
	hex(&message, hello_hex);
	for (size_t n = 4; n < message.len; n++) {
		struct bytes cut = { .len = 0 };

		bytes_add(&cut, message.at, n);
		cut.at[1] = cut.at[2] = 0;
		cut.at[3] = (uint8_t)(n - 4);
		wire.len = 0;
		records(&wire, &cut, 1000);
		uint8_t *exact = malloc(wire.len);

		assert_non_null(exact);
		memcpy(exact, wire.at, wire.len);
		feed_prefix(exact, wire.len, NULL);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_whole_is_read),
		cmocka_unit_test(hello_cut_in_two_anywhere_is_the_same),
		cmocka_unit_test(hello_byte_by_byte_is_the_same),
		cmocka_unit_test(server_hello_ends_the_reading),
		cmocka_unit_test(retry_asks_for_a_second_hello),
		cmocka_unit_test(two_retries_are_refused),
		cmocka_unit_test(malformed_records_are_named),
		cmocka_unit_test(name_with_nul_is_refused),
		cmocka_unit_test(every_truncation_is_harmless),
		cmocka_unit_test(every_short_hello_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
