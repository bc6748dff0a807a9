/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uuencode: files in the text of old mails (IEEE 1003.1, uuencode), and the text around them.
 *
 *	begin 644 name CRLF  M<line of 45 bytes> CRLF ... ` CRLF end
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/unpack/unpack.h"

#define LINE_BYTES 256u

struct uuencode {
	struct part *part, *text, *file; /* text, file: owned until closed */
	size_t n;
	uint8_t line[LINE_BYTES];
};

static void *uuencode_new(struct part *p, const struct part_hint *h)
{
	struct uuencode *u = calloc(1, sizeof(*u));
	const struct part_hint text = { .kind = BODY_LINE, .text = true, .word = "data" };

	(void)h;
	if (!u)
		return NULL;
	u->part = p;
	u->text = part_open(p, &text);
	return u;
}

static void begin_file(struct uuencode *u, size_t n)
{
	const char *name = (const char *)u->line + 10;
	size_t len = n - 10;

	len -= len && name[len - 1] == '\r';
	const struct part_hint h = { .word = "data", .name = { name, len } };

	u->file = part_open(u->part, &h);
}

static void decode_line(struct uuencode *u, size_t n)
{
	uint8_t out[3 * LINE_BYTES / 4 + 3];
	size_t want = (u->line[0] - 32u) & 63, to = 0;

	for (size_t i = 1; i + 3 < n + 3 && to < want; i += 4) {
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++)
			v = v << 6 | (i + k < n ? (u->line[i + k] - 32u) & 63 : 0);
		out[to++] = (uint8_t)(v >> 16);
		out[to++] = (uint8_t)(v >> 8);
		out[to++] = (uint8_t)v;
	}
	part_feed(u->file, out, to < want ? to : want);
}

static bool is_begin(const uint8_t *line, size_t n)
{
	if (n < 11 || memcmp(line, "begin ", 6) != 0 || line[9] != ' ')
		return false;
	for (size_t i = 6; i < 9; i++)
		if (line[i] < '0' || line[i] > '7')
			return false;
	return true;
}

/* The text is fed as it comes; here is only what its lines mean. */
static void on_line(struct uuencode *u)
{
	size_t n = u->n;

	u->n = 0;
	if (!u->file) {
		if (is_begin(u->line, n))
			begin_file(u, n);
	} else if (n >= 3 && memcmp(u->line, "end", 3) == 0) {
		part_close(u->file, true);
		u->file = NULL;
	} else if (n) {
		decode_line(u, n);
	}
}

static void uuencode_feed(void *x, const uint8_t *at, size_t n)
{
	struct uuencode *u = x;

	part_feed(u->text, at, n);
	for (size_t i = 0; i < n; i++) {
		if (at[i] == '\n')
			on_line(u);
		else if (u->n < LINE_BYTES)
			u->line[u->n++] = at[i];
	}
}

static void uuencode_end(void *x, bool whole)
{
	struct uuencode *u = x;

	part_close(u->file, false);
	part_close(u->text, whole);
	u->file = u->text = NULL;
}

static size_t uuencode_memory(const void *u)
{
	(void)u;
	return sizeof(struct uuencode);
}

const struct unpacker unpack_uuencode = { "uuencode",    uuencode_new, free,
					  uuencode_feed, uuencode_end, uuencode_memory };
