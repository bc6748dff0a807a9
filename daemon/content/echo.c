/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/echo.h"

#include <string.h>

const char *const echo_words[] = {
	[ECHO_FINE] = "",
	[ECHO_OTHER_DATA] = "replies bring other data than their requests",
	[ECHO_NOT_ASKED] = "replies that nobody asked for",
	[ECHO_OWN_DATA] = "every request brings data of its own",
};
const char *const echo_words_ja[] = {
	[ECHO_FINE] = "",
	[ECHO_OTHER_DATA] = "応答が要求と異なるデータを返す",
	[ECHO_NOT_ASKED] = "要求のない応答が続く",
	[ECHO_OWN_DATA] = "要求ごとに異なるデータを運ぶ",
};

static uint64_t hash_of(struct cursor c)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (c.left)
		h = (h ^ cursor_u8(&c)) * 0x100000001b3u;
	return h;
}

static bool is_run(struct cursor c, int step)
{
	uint8_t before = cursor_u8(&c);

	while (c.left) {
		uint8_t now = cursor_u8(&c);

		if (now != (uint8_t)(before + step))
			return false;
		before = now;
	}
	return true;
}

/* "abcdefghijklmnopqrstuvwabc...": Windows counts letters and begins again. */
static bool is_letters(struct cursor c)
{
	uint8_t before = cursor_u8(&c);

	while (c.left) {
		uint8_t now = cursor_u8(&c);

		if (now != before + 1 && !(now == 'a' && before >= 'v'))
			return false;
		before = now;
	}
	return before >= 'a' && before <= 'z';
}

/* What ping programs fill the data with: one byte over and over, counting, letters. */
static bool is_filling(struct cursor c)
{
	return c.left < 8 || is_run(c, 0) || is_run(c, 1) || is_letters(c);
}

static void note_varying(struct echo *e, struct cursor data)
{
	cursor_skip(&data, data.left < ECHO_STAMP ? data.left : ECHO_STAMP);
	uint64_t h = hash_of(data);

	if (!is_filling(data) && e->requests && h != e->last)
		e->varying++;
	e->last = h;
}

static enum echo_verdict reached(uint32_t count, uint32_t limit, enum echo_verdict v)
{
	return count == limit ? v : ECHO_FINE;
}

static enum echo_verdict request(struct echo *e, uint16_t sequence, struct cursor data, int64_t now)
{
	uint32_t before = e->varying;

	note_varying(e, data);
	e->requests++;
	e->kept[e->next] = (struct echo_request){ hash_of(data), now, sequence, false };
	e->next = (e->next + 1) % ECHO_KEPT;
	if (e->varying == before)
		return ECHO_FINE;
	return reached(e->varying, ECHO_VARYING, ECHO_OWN_DATA);
}

static struct echo_request *asked(struct echo *e, uint16_t sequence, int64_t now)
{
	for (unsigned int i = 0; i < ECHO_KEPT; i++) {
		struct echo_request *r = &e->kept[i];

		if (r->time && r->sequence == sequence && now - r->time <= ECHO_WAIT)
			return r;
	}
	return NULL;
}

static enum echo_verdict answer(struct echo *e, uint16_t sequence, struct cursor data, int64_t now)
{
	struct echo_request *r = asked(e, sequence, now);
	bool again = r && r->answered;

	e->replies++;
	if (!r || again)
		return reached(++e->unasked, ECHO_UNASKED, ECHO_NOT_ASKED);
	r->answered = true;
	if (r->data == hash_of(data))
		return ECHO_FINE;
	return reached(++e->different, ECHO_DIFFERENT, ECHO_OTHER_DATA);
}

enum echo_verdict echo_packet(struct echo *e, bool reply, uint16_t sequence, struct cursor data,
			      int64_t now)
{
	e->bytes += data.left;
	return reply ? answer(e, sequence, data, now) : request(e, sequence, data, now);
}
