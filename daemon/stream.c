/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	base ... acked ... next   gap   beyond[0]   gap   beyond[1]
 *	[kept bytes, in order  ]        [copies of what came early ]
 */
#include "daemon/stream.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256u
#define TRIM_MIN 4096u

/* Sequence numbers wrap: the distance says which is later (RFC 9293, 3.4). */
static int32_t distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

static bool later(uint32_t a, uint32_t b)
{
	return distance(b, a) > 0;
}

static void begin(struct stream *s, uint32_t first)
{
	s->started = true;
	s->base = s->next = s->acked = s->unchecked = s->claimed = first;
	s->len = 0;
}

void stream_syn(struct stream *s, uint32_t first)
{
	if (!s->started)
		begin(s, first);
}

static bool room(struct stream *s, struct stream_pool *pool, size_t need)
{
	size_t capacity = s->capacity ? s->capacity : FIRST_SIZE;

	if (need <= s->capacity)
		return true;
	while (capacity < need)
		capacity *= 2;
	if (pool->used + (capacity - s->capacity) > STREAM_POOL_MAX)
		return false;
	uint8_t *bytes = realloc(s->bytes, capacity);

	if (!bytes)
		return false;
	pool->used += capacity - s->capacity;
	s->bytes = bytes;
	s->capacity = (uint32_t)capacity;
	return true;
}

static void forget_front(struct stream *s, uint32_t n)
{
	if (n >= s->len) {
		s->base += n;
		s->len = 0;
		return;
	}
	memmove(s->bytes, s->bytes + n, s->len - n);
	s->base += n;
	s->len -= n;
}

/* Moving bytes costs, so acknowledged ones are dropped when all or much can go at once. */
static void trim(struct stream *s)
{
	uint32_t done = (uint32_t)distance(s->base, s->acked);

	if (s->hold || !s->started || distance(s->base, s->acked) <= 0)
		return;
	if (done >= s->len || (done >= TRIM_MIN && done >= s->len / 2))
		forget_front(s, done < s->len ? done : s->len);
	if (s->len == 0)
		s->base = s->next;
}

void stream_ack(struct stream *s, uint32_t ack)
{
	if (!s->started || !later(ack, s->acked))
		return;
	if (later(ack, s->claimed))
		s->claimed = ack;
	s->acked = later(ack, s->next) ? s->next : ack;
	trim(s);
}

bool stream_wants_acks(const struct stream *s)
{
	return s->gaps || s->len > STREAM_ASK;
}

struct cursor stream_since(const struct stream *s, uint32_t seq)
{
	if (!s->bytes || later(s->base, seq) || !later(s->next, seq))
		return cursor_of(NULL, 0);
	return cursor_of(s->bytes + (seq - s->base), s->next - seq);
}

void stream_done(struct stream *s, struct stream_pool *pool)
{
	pool->used -= s->capacity;
	free(s->bytes);
	*s = (struct stream){ 0 };
}

static bool differs(const struct stream *s, uint32_t seq, struct cursor c, struct stream_range have)
{
	uint32_t from = later(seq, have.from) ? seq : have.from;
	uint32_t end = seq + (uint32_t)c.left, to = later(have.to, end) ? end : have.to;

	if (distance(from, to) <= 0)
		return false;
	return memcmp(c.at + (from - seq), s->bytes + (from - s->base), to - from) != 0;
}

static bool contradicts(const struct stream *s, uint32_t seq, struct cursor c)
{
	if (differs(s, seq, c, (struct stream_range){ s->base, s->next }))
		return true;
	for (unsigned int i = 0; i < s->gaps; i++)
		if (differs(s, seq, c, s->beyond[i]))
			return true;
	return false;
}

/* Joins [from, to) with the ranges it touches. Return: false when there are too many. */
static bool add_range(struct stream *s, struct stream_range r)
{
	unsigned int at = 0, end;

	while (at < s->gaps && later(r.from, s->beyond[at].to))
		at++;
	for (end = at; end < s->gaps && !later(s->beyond[end].from, r.to); end++) {
		if (later(r.from, s->beyond[end].from))
			r.from = s->beyond[end].from;
		if (later(s->beyond[end].to, r.to))
			r.to = s->beyond[end].to;
	}
	if (at == end && s->gaps == STREAM_GAPS_MAX)
		return false;
	memmove(&s->beyond[at + 1], &s->beyond[end], (s->gaps - end) * sizeof(r));
	s->gaps = (uint8_t)(s->gaps + 1 - (end - at));
	s->beyond[at] = r;
	return true;
}

static bool store(struct stream *s, struct stream_pool *pool, uint32_t seq, struct cursor c)
{
	size_t offset = seq - s->base;

	if (!room(s, pool, offset + c.left))
		return false;
	memcpy(s->bytes + offset, c.at, c.left);
	if (s->len < offset + c.left)
		s->len = (uint32_t)(offset + c.left);
	return true;
}

static enum stream_result keep_beyond(struct stream *s, struct stream_pool *pool, uint32_t seq,
				      struct cursor c)
{
	uint32_t end = seq + (uint32_t)c.left;
	struct stream before = *s;

	/* One more than what came is the FIN, which has a number too. */
	s->lost |= distance(s->next, s->claimed) > 1;
	if ((size_t)distance(s->next, end) > STREAM_BEYOND_MAX || distance(s->next, end) < 0)
		return STREAM_FULL;
	if (!add_range(s, (struct stream_range){ seq, end }) || !store(s, pool, seq, c)) {
		s->gaps = before.gaps;
		memcpy(s->beyond, before.beyond, sizeof(s->beyond));
		return STREAM_FULL;
	}
	return STREAM_BEYOND;
}

/* What came early and is now in order goes out with the bytes that closed the gap. */
static uint32_t take_joined(struct stream *s, uint32_t end)
{
	while (s->gaps && !later(s->beyond[0].from, end)) {
		if (later(s->beyond[0].to, end))
			end = s->beyond[0].to;
		s->gaps--;
		memmove(s->beyond, s->beyond + 1, s->gaps * sizeof(s->beyond[0]));
	}
	return end;
}

/* Out of the packet itself; what was kept before it is not needed any longer either. */
static enum stream_result hand_out(struct stream *s, struct cursor c, struct cursor *ready)
{
	s->next += (uint32_t)c.left;
	s->base = s->unchecked = s->next;
	s->len = 0;
	*ready = c;
	return STREAM_READY;
}

static enum stream_result append(struct stream *s, struct stream_pool *pool, struct cursor c,
				 struct cursor *ready)
{
	uint32_t from = s->next;

	if (s->loose && !s->gaps && !s->hold)
		return hand_out(s, c, ready);
	if (s->len + c.left > STREAM_KEPT_MAX && !s->gaps) {
		size_t over = s->len + c.left - STREAM_KEPT_MAX;

		forget_front(s, over < s->len ? (uint32_t)over : s->len);
	}
	if (!store(s, pool, from, c))
		return STREAM_FULL;
	s->next = take_joined(s, from + (uint32_t)c.left);
	*ready = cursor_of(s->bytes + (from - s->base), s->next - from);
	return STREAM_READY;
}

enum stream_result stream_segment(struct stream *s, struct stream_pool *pool, uint32_t seq,
				  struct cursor c, struct cursor *ready)
{
	if (!s->started)
		begin(s, seq);
	int32_t old = distance(seq, s->base);

	if (old > 0) { /* starts before what is kept: fine as far as it was acknowledged */
		bool forgotten = later(s->base, s->acked) && later(s->base, s->unchecked) &&
				 later(seq + (uint32_t)c.left, s->acked);

		if (forgotten)
			return STREAM_FORGOTTEN;
		if ((size_t)old >= c.left)
			return STREAM_OLD;
		cursor_skip(&c, (size_t)old);
		seq = s->base;
	}
	if (contradicts(s, seq, c))
		return STREAM_DIFFERS;
	if (later(seq, s->next))
		return keep_beyond(s, pool, seq, c);
	size_t known = s->next - seq;

	if (known >= c.left)
		return STREAM_OLD;
	cursor_skip(&c, known);
	return append(s, pool, c, ready);
}
