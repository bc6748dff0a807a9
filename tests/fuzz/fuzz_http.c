/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns, each: side and length (1 + 2 bytes), bytes. Fed whole and byte by byte, the same heads must come. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "daemon/content/http.h"
#include "rules/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	unsigned int requests, answers;
	uint64_t sum; /* of what the heads say */
	bool over;
};

static void note_request(struct seen *s, const struct http_request *r)
{
	s->requests++;
	for (const char *p = r->name; *p; p++)
		s->sum = s->sum * 31 + (uint8_t)*p;
	s->sum += r->length + r->connect + r->target_len;
}

static void feed(struct http *h, struct seen *s, bool server, const uint8_t *bytes, size_t n)
{
	while (n && !s->over) {
		enum http_step step;
		size_t used = http_feed(h, server, bytes, n, &step);

		assert(used <= n);
		bytes += used;
		n -= used;
		if (step == HTTP_REQUEST)
			note_request(s, h->newest);
		if (step == HTTP_ANSWER) {
			s->answers++;
			s->sum += h->answer.status;
			http_answered(h);
		}
		s->over = step == HTTP_BAD || step == HTTP_TUNNEL;
	}
}

static struct seen talk(const uint8_t *data, size_t size, size_t piece)
{
	struct cursor c = cursor_of(data, size);
	struct seen s = { .over = false };
	struct http h;

	http_init(&h);
	while (c.left >= 3 && !s.over) {
		bool server = cursor_u8(&c) & 1;
		size_t n = cursor_be16(&c);
		struct cursor turn = cursor_sub(&c, n < c.left ? n : c.left);

		while (turn.left && !s.over) {
			size_t take = turn.left < piece ? turn.left : piece;
			const uint8_t *at = cursor_take(&turn, take);

			feed(&h, &s, server, at, take);
		}
	}
	http_done(&h);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen a = talk(data, size, SIZE_MAX), b = talk(data, size, 1);

	assert(a.requests == b.requests && a.answers == b.answers && a.sum == b.sum);
	return 0;
}
