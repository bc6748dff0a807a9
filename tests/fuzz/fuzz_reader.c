/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A byte that chooses the reader, then turns, each: side and length (1 + 2 bytes), bytes. Fed whole, byte by byte and cut at
 * random, the same bodies must come, and never a call that body.h rules out.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/content/tftp.h"
#include "rules/cursor.h"
#include "tests/unit/bodies.h"
#include "tests/unit/web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TURNS_MAX 64u

static size_t turns_of(struct cursor c, struct turn turns[static TURNS_MAX])
{
	size_t n = 0;

	while (c.left >= 3 && n < TURNS_MAX) {
		bool server = cursor_u8(&c) & 1;
		size_t len = cursor_be16(&c);
		struct cursor turn = cursor_sub(&c, len < c.left ? len : c.left);

		turns[n++] = (struct turn){ server, (const char *)turn.at, turn.left };
	}
	return n;
}

static void datagrams(const struct turn *turns, size_t n)
{
	struct bodies *b = bodies_new();
	struct body_sink sink = bodies_sink(b);
	struct tftp_request r = { .upload = false };
	struct tftp t;

	for (size_t i = 0; i < n && i < 2; i++)
		tftp_request_read((const uint8_t *)turns[i].at, turns[i].len, &r);
	tftp_init(&t, &r);
	for (size_t i = 0; i < n; i++)
		tftp_datagram(&t, turns[i].server, (const uint8_t *)turns[i].at, turns[i].len,
			      &sink);
	tftp_end(&t, &sink);
	for (size_t i = 0; i < n; i++)
		syslog_datagram(turns[i].server, (const uint8_t *)turns[i].at, turns[i].len, &sink);
	assert(!b->misused);
	bodies_free(b);
}

static void same(const struct bodies *whole, struct bodies *cut)
{
	assert(!cut->misused);
	assert(bodies_same(whole, cut));
	bodies_free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reader *const readers[] = { &reader_smtp, &reader_imap, &reader_pop3,
							&reader_smb,  &reader_web,  &reader_print,
							&reader_raw };
	static struct turn turns[TURNS_MAX];

	if (size < 2)
		return 0;
	size_t which = data[0] % (sizeof(readers) / sizeof(readers[0]) + 1);
	size_t n = turns_of(cursor_of(data + 1, size - 1), turns);

	if (which == sizeof(readers) / sizeof(readers[0])) {
		datagrams(turns, n);
		return 0;
	}
	struct bodies *whole = bodies_talk(readers[which], turns, n, (struct cuts){ SIZE_MAX, 0 });

	assert(!whole->misused);
	same(whole, bodies_talk(readers[which], turns, n, (struct cuts){ 1, 0 }));
	same(whole, bodies_talk(readers[which], turns, n, (struct cuts){ 0, data[1] }));
	bodies_free(whole);
	return 0;
}
