/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/copies.h"

#include "daemon/packet.h"
#include "tests/unit/support.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct copies *copies;
static struct bytes b4, b6;
static int64_t now;

static int with_copies(void **state)
{
	(void)state;
	now = 1000 * SECOND;
	copies = copies_new();
	b4.len = b6.len = 0;
	bytes_text(&b4, "hello");
	udp(&b4, 5000, 53);
	ip4(&b4, "10.0.0.1", "10.0.1.1", IPPROTO_UDP);
	bytes_text(&b6, "hello");
	udp(&b6, 5000, 53);
	ip6(&b6, "fd00::1", "fd01::1", IPPROTO_UDP);
	return copies ? 0 : -1;
}

static int without_copies(void **state)
{
	(void)state;
	copies_free(copies);
	return 0;
}

static bool see(const struct bytes *b, uint32_t ifin, bool outgoing)
{
	struct packet p = packet_of(b);

	p.ifin = ifin;
	p.time = now;
	return copies_seen(copies, &p, outgoing);
}

/* What a router does: TTL one less and, for IPv4, the checksum to match. */
static void forward(void)
{
	b4.at[8]--;
	b4.at[10]++;
	b6.at[7]--;
}

static void packet_that_leaves_by_another_interface_is_a_copy(void **state)
{
	(void)state;
	assert_false(see(&b4, 1, false));
	assert_false(see(&b6, 1, false));
	forward();
	assert_true(see(&b4, 2, false));
	assert_true(see(&b6, 2, false));
}

static void outgoing_frame_without_interfaces_is_a_copy(void **state)
{
	(void)state;
	assert_false(see(&b4, 0, false));
	forward();
	assert_true(see(&b4, 0, true));
}

static void own_packet_that_leaves_is_none(void **state)
{
	(void)state;
	assert_false(see(&b4, 2, true));
}

static void repetition_with_the_same_ttl_is_none(void **state)
{
	(void)state;
	assert_false(see(&b4, 1, false));
	assert_false(see(&b4, 2, false));
	assert_false(see(&b4, 1, true));
}

static void lower_ttl_on_the_same_interface_is_none(void **state)
{
	(void)state;
	assert_false(see(&b4, 1, false));
	forward();
	assert_false(see(&b4, 1, false));
}

static void copy_after_more_than_a_second_is_none(void **state)
{
	(void)state;
	assert_false(see(&b4, 1, false));
	forward();
	now += SECOND + 1;
	assert_false(see(&b4, 2, false));
}

static void other_bytes_are_none(void **state)
{
	(void)state;
	assert_false(see(&b4, 1, false));
	forward();
	b4.at[b4.len - 1] ^= 1;
	assert_false(see(&b4, 2, false));
}

static void see_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct packet p = { .data = data, .len = (uint32_t)n, .time = now };

	assert_false(copies_seen(ctx, &p, true));
}

static void every_truncation_is_harmless(void **state)
{
	(void)state;
	each_prefix(b4.at, b4.len, see_prefix, copies);
}

#define WITH_COPIES(f) cmocka_unit_test_setup_teardown(f, with_copies, without_copies)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPIES(packet_that_leaves_by_another_interface_is_a_copy),
		WITH_COPIES(outgoing_frame_without_interfaces_is_a_copy),
		WITH_COPIES(own_packet_that_leaves_is_none),
		WITH_COPIES(repetition_with_the_same_ttl_is_none),
		WITH_COPIES(lower_ttl_on_the_same_interface_is_none),
		WITH_COPIES(copy_after_more_than_a_second_is_none),
		WITH_COPIES(other_bytes_are_none),
		WITH_COPIES(every_truncation_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
