/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64 (RFC 4648, MIME's with line ends: RFC 2045, 6.8), quoted-printable (RFC 2045, 6.7), percent encoding of forms.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/unpack/unpack.h"

#define PIECE 1024u

struct coded {
	struct part *inside; /* owned until closed */
	uint32_t bits;       /* base64: sextets under way */
	uint8_t sextets;
	uint8_t state; /* escapes: characters of one seen */
	uint8_t first; /* ... its first digit */
	uint8_t sign;  /* ... and what it began with */
	size_t n;
	uint8_t piece[PIECE];
};

static void *coded_new(struct part *p, const struct part_hint *h)
{
	struct coded *c = calloc(1, sizeof(*c));
	struct part_hint inside = *h;

	if (!c)
		return NULL;
	if (h->kind == BODY_FORM) {
		inside.kind = BODY_LINE;
		inside.text = true;
	}
	inside.word = "data";
	inside.encoding = sniff_encoding_rest(h->encoding);
	c->inside = part_open(p, &inside);
	return c;
}

static void flush(struct coded *c)
{
	if (c->n)
		part_feed(c->inside, c->piece, c->n);
	c->n = 0;
}

static void put(struct coded *c, uint8_t b)
{
	c->piece[c->n++] = b;
	if (c->n == PIECE)
		flush(c);
}

static void coded_free(void *u)
{
	free(u);
}

static void coded_end(void *u, bool whole)
{
	struct coded *c = u;

	if (c->state)
		put(c, c->sign);
	if (c->state == 2)
		put(c, c->first);
	flush(c);
	part_close(c->inside, whole);
	c->inside = NULL;
}

static size_t coded_memory(const void *u)
{
	(void)u;
	return sizeof(struct coded);
}

/* ---- base64 ---- */

static int sextet(uint8_t b)
{
	if (b >= 'A' && b <= 'Z')
		return b - 'A';
	if (b >= 'a' && b <= 'z')
		return b - 'a' + 26;
	if (b >= '0' && b <= '9')
		return b - '0' + 52;
	if (b == '+' || b == '-')
		return 62;
	return b == '/' || b == '_' ? 63 : -1;
}

/* What is no sextet is skipped, as mail readers do; "=" ends a quantum, another may follow. */
static void base64_feed(void *u, const uint8_t *at, size_t n)
{
	struct coded *c = u;

	for (size_t i = 0; i < n; i++) {
		int v = sextet(at[i]);

		if (at[i] == '=')
			c->sextets = 0;
		if (v < 0)
			continue;
		c->bits = c->bits << 6 | (uint32_t)v;
		if (c->sextets++ == 0)
			continue;
		put(c, (uint8_t)(c->bits >> (8 - 2 * c->sextets)));
		c->sextets &= 3;
	}
	flush(c);
}

/* ---- hexadecimal escapes ---- */

static int hex(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	b |= 0x20;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

/* "=" and a line end is nothing; "=" and two hex digits a byte; anything else stands for itself. */
static void quoted_byte(struct coded *c, uint8_t b)
{
	if (c->state == 0 && b == '=') {
		c->sign = b;
		c->state = 1;
	} else if (c->state == 0) {
		put(c, b);
	} else if (c->state == 1 && (b == '\r' || b == ' ' || b == '\t')) {
		return;
	} else if (c->state == 1 && b == '\n') {
		c->state = 0;
	} else if (c->state == 1 && hex(b) >= 0) {
		c->first = b;
		c->state = 2;
	} else if (c->state == 2 && hex(b) >= 0) {
		put(c, (uint8_t)(hex(c->first) << 4 | hex(b)));
		c->state = 0;
	} else {
		put(c, '=');
		if (c->state == 2)
			put(c, c->first);
		c->state = 0;
		quoted_byte(c, b);
	}
}

static void quoted_feed(void *u, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		quoted_byte(u, at[i]);
	flush(u);
}

/* Fields stand apart: '&' becomes a line, '=' stays, '+' is a space. */
static void form_byte(struct coded *c, uint8_t b)
{
	if (c->state == 0 && b == '%') {
		c->sign = b;
		c->state = 1;
	} else if (c->state == 0) {
		put(c, b == '+' ? ' ' : b == '&' ? '\n' : b);
	} else if (c->state == 1 && hex(b) >= 0) {
		c->first = b;
		c->state = 2;
	} else if (c->state == 2 && hex(b) >= 0) {
		put(c, (uint8_t)(hex(c->first) << 4 | hex(b)));
		c->state = 0;
	} else {
		put(c, '%');
		if (c->state == 2)
			put(c, c->first);
		c->state = 0;
		form_byte(c, b);
	}
}

static void form_feed(void *u, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		form_byte(u, at[i]);
	flush(u);
}

const struct unpacker unpack_base64 = { "base64",    coded_new, coded_free,
					base64_feed, coded_end, coded_memory };
const struct unpacker unpack_quoted = { "quoted-printable", coded_new, coded_free,
					quoted_feed,        coded_end, coded_memory };
const struct unpacker unpack_form = { "form",    coded_new, coded_free,
				      form_feed, coded_end, coded_memory };
