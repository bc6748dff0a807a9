/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * escaped: texts whose characters may be written as escapes, read as what they stand for.
 *
 *	JSON (RFC 8259, 7)   "\u500b\u4eba"   "a\/b\n"
 *	RTF 1.9              \'82\'6f  \u20491?  \par  {\fonttbl ...}: control words leave nothing, or a line's end
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/charset.h"
#include "daemon/content/unpack/embedded.h"
#include "daemon/content/unpack/unpack.h"

#define PIECE 1024u
#define WORD_MAX 16u

enum state { TEXT, ESCAPE, HEX, WORD };

struct escaped {
	struct part *text; /* owned until closed */
	struct embedded embedded;
	uint8_t state, digits;
	bool skip; /* RTF: the character after \u that stands for it elsewhere */
	uint8_t word_n;
	uint32_t value, high; /* high: half of a surrogate pair */
	size_t n;
	char word[WORD_MAX];
	uint8_t piece[PIECE];
};

static void *escaped_new(struct part *p, const struct part_hint *h)
{
	struct escaped *e = calloc(1, sizeof(*e));
	const struct part_hint text = { .kind = BODY_LINE, .text = true, .word = "data" };

	(void)h;
	if (!e)
		return NULL;
	embedded_init(&e->embedded, p);
	e->text = part_open(p, &text);
	return e;
}

static void flush(struct escaped *e)
{
	part_feed(e->text, e->piece, e->n);
	e->n = 0;
}

static void put(struct escaped *e, uint8_t b)
{
	e->piece[e->n++] = b;
	if (e->n == PIECE)
		flush(e);
}

/* Two surrogates are one character (RFC 8259, 7). */
static void put_unit(struct escaped *e, uint32_t u)
{
	uint8_t b[4];

	if (u >= 0xd800 && u < 0xdc00) {
		e->high = u;
		return;
	}
	if (u >= 0xdc00 && u < 0xe000 && e->high)
		u = 0x10000 + ((e->high - 0xd800) << 10) + (u - 0xdc00);
	e->high = 0;
	size_t n = charset_put(u, b);

	for (size_t i = 0; i < n; i++)
		put(e, b[i]);
}

static int hex(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	b |= 0x20;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

static void begin_hex(struct escaped *e, uint8_t digits)
{
	e->state = HEX;
	e->digits = digits;
	e->value = 0;
}

/* Return: the number is complete */
static bool in_hex(struct escaped *e, uint8_t b)
{
	int v = hex(b);

	if (v < 0) {
		e->state = TEXT;
		return false;
	}
	e->value = e->value << 4 | (uint32_t)v;
	if (--e->digits)
		return false;
	e->state = TEXT;
	return true;
}

static void json_byte(struct escaped *e, uint8_t b)
{
	if (e->state == HEX) {
		if (in_hex(e, b))
			put_unit(e, e->value);
	} else if (e->state == ESCAPE && b == 'u') {
		begin_hex(e, 4);
	} else if (e->state == ESCAPE) {
		put(e, b == 'n' || b == 'r' ? '\n' : b == 't' ? '\t' : b);
		e->state = TEXT;
	} else if (b == '\\') {
		e->state = ESCAPE;
	} else {
		put(e, b);
	}
}

static void end_word(struct escaped *e)
{
	e->word[e->word_n] = '\0';
	e->state = TEXT;
	if (e->word[0] == 'u' && (e->word[1] == '-' || isdigit((uint8_t)e->word[1]))) {
		put_unit(e, (uint32_t)strtol(e->word + 1, NULL, 10) & 0xffff);
		e->skip = true;
	} else if (strcmp(e->word, "par") == 0 || strcmp(e->word, "line") == 0 ||
		   strcmp(e->word, "row") == 0) {
		put(e, '\n');
	} else if (strcmp(e->word, "tab") == 0 || strcmp(e->word, "cell") == 0) {
		put(e, '\t');
	}
}

static void rtf_text(struct escaped *e, uint8_t b)
{
	if (b == '\\') {
		e->state = ESCAPE;
		e->word_n = 0;
	} else if (e->skip && b != '{' && b != '}') {
		e->skip = false;
	} else if (b != '{' && b != '}' && b != '\r' && b != '\n') {
		put(e, b);
	}
}

static void rtf_escape(struct escaped *e, uint8_t b)
{
	if (b == '\'') {
		begin_hex(e, 2);
	} else if (isalpha(b)) {
		e->state = WORD;
		e->word[e->word_n++] = (char)b;
	} else {
		e->state = TEXT;
		if (b == '\\' || b == '{' || b == '}')
			put(e, b);
		else if (b == '~')
			put(e, ' ');
	}
}

static void rtf_byte(struct escaped *e, uint8_t b)
{
	if (e->state == HEX) {
		if (in_hex(e, b) && !e->skip)
			put(e, (uint8_t)e->value);
		e->skip &= e->state == HEX;
	} else if (e->state == ESCAPE) {
		rtf_escape(e, b);
	} else if (e->state == WORD && (isalnum(b) || b == '-')) {
		if (e->word_n < WORD_MAX - 1)
			e->word[e->word_n++] = (char)b;
	} else if (e->state == WORD) {
		end_word(e);
		if (b != ' ')
			rtf_text(e, b);
	} else {
		rtf_text(e, b);
	}
}

static void json_feed(void *u, const uint8_t *at, size_t n)
{
	struct escaped *e = u;

	for (size_t i = 0; i < n; i++)
		json_byte(e, at[i]);
	flush(e);
	embedded_feed(&e->embedded, at, n);
}

static void rtf_feed(void *u, const uint8_t *at, size_t n)
{
	struct escaped *e = u;

	for (size_t i = 0; i < n; i++)
		rtf_byte(e, at[i]);
	flush(e);
}

static void escaped_end(void *u, bool whole)
{
	struct escaped *e = u;

	part_close(e->text, whole);
	e->text = NULL;
	embedded_end(&e->embedded);
}

static size_t escaped_memory(const void *u)
{
	(void)u;
	return sizeof(struct escaped);
}

const struct unpacker unpack_json = { "json",    escaped_new, free,
				      json_feed, escaped_end, escaped_memory };
const struct unpacker unpack_rtf = {
	"rtf", escaped_new, free, rtf_feed, escaped_end, escaped_memory
};
