/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/dots.h"

#include "daemon/content/body.h"
#include "rules/cursor.h"

/* START a line, CR within one, DOT first on one, DOT_CR after that */
enum { START, INSIDE, CR, DOT, DOT_CR };

struct run { /* bytes looked at and not handed on yet */
	const uint8_t *from;
	uint32_t id;
	const struct body_sink *sink;
};

void dots_init(struct dots *d)
{
	*d = (struct dots){ .state = START };
}

static void give(struct run *r, const uint8_t *to)
{
	if (to > r->from)
		r->sink->bytes(r->sink->ctx, r->id, r->from, (size_t)(to - r->from));
	r->from = to;
}

static void start_line(struct dots *d, bool bare)
{
	d->state = START;
	d->bare = bare;
}

static void at_start(struct dots *d, struct run *r, const uint8_t *at)
{
	switch (*at) {
	case '\r': d->state = CR; break;
	case '\n': start_line(d, true); break;
	case '.':
		d->state = DOT;
		if (!d->bare) {
			give(r, at);
			r->from = at + 1;
		}
		break;
	default: d->state = INSIDE; break;
	}
}

static void after_cr(struct dots *d, uint8_t c)
{
	switch (c) {
	case '\n': start_line(d, false); break;
	case '\r': d->state = CR; break;
	case '.':
		d->state = DOT;
		d->bare = true;
		break;
	default: d->state = INSIDE; break;
	}
}

static void after_dot(struct dots *d, struct run *r, const uint8_t *at)
{
	if (*at == '\r') {
		d->state = DOT_CR;
		if (!d->bare) {
			give(r, at);
			r->from = at + 1;
		}
	} else if (*at == '\n') {
		d->ambiguous = true;
		start_line(d, true);
	} else {
		d->state = INSIDE;
	}
}

/* Return: whether this is the end */
static bool after_dot_cr(struct dots *d, struct run *r, const uint8_t *at)
{
	if (*at == '\n' && !d->bare) {
		r->from = at + 1;
		return true;
	}
	d->ambiguous = true;
	if (!d->bare)
		r->sink->bytes(r->sink->ctx, r->id, (const uint8_t *)"\r", 1);
	d->bare = false;
	after_cr(d, *at);
	return false;
}

static const uint8_t *line_byte(const uint8_t *at, const uint8_t *end)
{
	while (at < end && *at != '\r' && *at != '\n')
		at++;
	return at;
}

bool dots_read(struct dots *d, struct cursor *c, uint32_t id, const struct body_sink *sink)
{
	struct run r = { c->at, id, sink };
	const uint8_t *end = c->at + c->left;
	bool over = false;

	for (const uint8_t *at = c->at; at < end && !over; at++) {
		if (d->state == INSIDE) {
			at = line_byte(at, end);
			if (at == end)
				break;
			if (*at == '\r')
				d->state = CR;
			else
				start_line(d, true);
		} else if (d->state == START) {
			at_start(d, &r, at);
		} else if (d->state == CR) {
			after_cr(d, *at);
		} else if (d->state == DOT) {
			after_dot(d, &r, at);
		} else {
			over = after_dot_cr(d, &r, at);
		}
	}
	if (!over)
		give(&r, end);
	cursor_skip(c, (size_t)(r.from - c->at));
	return over;
}
