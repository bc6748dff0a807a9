/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pdf: texts of a PDF (ISO 32000-1) as it comes: every stream that Flate has packed, and in it what is shown.
 *
 *	... << /Filter /FlateDecode ... >> stream CRLF bytes endstream ...
 *	page:	(text) Tj   [(te) -20 (xt)] TJ   <0012003F> Tj
 *	CMap:	<0012> <0031> in bfchar, <0010> <0019> <0030> in bfrange (Adobe 5014): codes of a font to Unicode
 *
 * What no filter has packed, objects and pages, is scanned as it stands; a page is read there too.
 * Fonts are cut down to the glyphs that are used and their codes explained by a CMap that comes later; so codes are
 * held, up to HELD_MAX, and read by every CMap of the document at its end: the wrong ones give no numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/charset.h"
#include "daemon/content/document.h"
#include "daemon/content/unpack/inflate.h"
#include "daemon/content/unpack/unpack.h"

#define HELD_BREAK 0xffffu
#define HELD_MAX ((size_t)1 << 20)
#define MAPS_MAX 16u
#define DICT_MAX 512u
#define STRING_MAX 4096u

enum outer { OUTSIDE, IN_STREAM };

struct map {           /* a CMap: codes up to 65535 */
	uint16_t *to;  /* owned */
	uint8_t width; /* bytes of a code */
};

struct pdf {
	struct part *part, *text, *plain; /* text, plain: owned until closed */
	struct inflate *f;                /* owned */
	uint8_t outer;
	bool encrypted, full, broken;
	size_t tail_n; /* of the bytes before "stream" */
	uint8_t tail[DICT_MAX];
	uint8_t end_matched; /* of "endstream" */
	bool shown;          /* the stream is packed by nothing: it may be a page */
	/* inside a stream */
	bool in_string, in_hex, escaped, is_map;
	uint8_t depth, half, octals, octal;
	bool has_half;
	size_t string_n;
	uint8_t string[STRING_MAX];
	char word[16];
	uint8_t word_n;
	uint16_t operands[3]; /* CMap: the codes before */
	uint8_t operand_n;
	uint8_t map_kind; /* 0 none, 1 bfchar, 2 bfrange */
	struct map maps[MAPS_MAX];
	uint32_t map_count;
	uint16_t *held; /* owned: bytes of codes, HELD_BREAK between lines */
	size_t held_n, held_capacity;
};

static void *pdf_new(struct part *p, const struct part_hint *h)
{
	struct pdf *d = calloc(1, sizeof(*d));
	const struct part_hint text = { .kind = BODY_LINE, .text = true, .word = "data" };

	(void)h;
	if (!d)
		return NULL;
	d->part = p;
	d->text = part_open(p, &text);
	d->plain = part_open(p, &text);
	return d;
}

static void pdf_free(void *u)
{
	struct pdf *d = u;

	if (!d)
		return;
	inflate_free(d->f);
	for (uint32_t i = 0; i < d->map_count; i++)
		free(d->maps[i].to);
	free(d->held);
	free(d);
}

/* ---- codes held until their CMap is known ---- */

static void hold(struct pdf *d, uint16_t code)
{
	if (d->held_n == d->held_capacity) {
		size_t capacity = d->held_capacity ? d->held_capacity * 2 : 1024;
		uint16_t *held = capacity * sizeof(*held) <= HELD_MAX
					 ? realloc(d->held, capacity * sizeof(*held))
					 : NULL;

		if (!held) {
			d->full = true;
			return;
		}
		d->held = held;
		d->held_capacity = capacity;
	}
	d->held[d->held_n++] = code;
}

static void hold_string(struct pdf *d)
{
	for (size_t i = 0; i < d->string_n; i++)
		hold(d, d->string[i]);
}

/* ---- CMaps ---- */

static struct map *map_now(struct pdf *d)
{
	return d->map_count ? &d->maps[d->map_count - 1] : NULL;
}

static void begin_map(struct pdf *d)
{
	if (d->map_count == MAPS_MAX)
		return;
	d->maps[d->map_count].to = calloc(65536, sizeof(uint16_t));
	d->map_count += d->maps[d->map_count].to != NULL;
}

static void map_string(struct pdf *d)
{
	struct map *m = map_now(d);
	uint16_t v = 0;

	for (size_t i = 0; i < d->string_n && i < 2; i++)
		v = (uint16_t)(v << 8 | d->string[i]);
	if (!m || !d->map_kind || d->operand_n >= 3)
		return;
	if (d->operand_n == 0)
		m->width = d->string_n > 1 ? 2 : 1;
	d->operands[d->operand_n++] = v;
	if (d->operand_n <= d->map_kind)
		return;
	if (d->map_kind == 1)
		m->to[d->operands[0]] = d->operands[1];
	for (uint32_t c = d->operands[0]; d->map_kind == 2 && c <= d->operands[1]; c++)
		m->to[c] = (uint16_t)(d->operands[2] + (c - d->operands[0]));
	d->operand_n = 0;
}

static void on_word(struct pdf *d)
{
	d->word[d->word_n] = '\0';
	if (strcmp(d->word, "begincmap") == 0)
		begin_map(d);
	d->is_map |= strcmp(d->word, "begincmap") == 0;
	if (strcmp(d->word, "beginbfchar") == 0)
		d->map_kind = 1;
	else if (strcmp(d->word, "beginbfrange") == 0)
		d->map_kind = 2;
	else if (strncmp(d->word, "endbf", 5) == 0)
		d->map_kind = d->operand_n = 0;
	if (strcmp(d->word, "ET") == 0 || strcmp(d->word, "T*") == 0 ||
	    strcmp(d->word, "Td") == 0 || strcmp(d->word, "TD") == 0 ||
	    strcmp(d->word, "Tm") == 0) {
		part_feed(d->text, (const uint8_t *)"\n", 1);
		hold(d, HELD_BREAK);
	}
	d->word_n = 0;
}

/* ---- what a stream shows ---- */

static void end_string(struct pdf *d, bool hex)
{
	if (d->is_map) {
		map_string(d);
	} else {
		if (!hex)
			part_feed(d->text, d->string, d->string_n);
		hold_string(d);
	}
	d->string_n = 0;
}

static void add(struct pdf *d, uint8_t b)
{
	if (d->string_n < STRING_MAX)
		d->string[d->string_n++] = b;
}

static int hex(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - '0';
	b |= 0x20;
	return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

static void in_hex(struct pdf *d, uint8_t b)
{
	int v = hex(b);

	if (b == '>') {
		d->in_hex = d->has_half = false;
		end_string(d, true);
	} else if (v >= 0 && d->has_half) {
		add(d, (uint8_t)(d->half << 4 | v));
		d->has_half = false;
	} else if (v >= 0) {
		d->half = (uint8_t)v;
		d->has_half = true;
	} else if (b == '<') { /* a dictionary after all */
		d->in_hex = false;
	}
}

/* Behind a backslash: up to three octal digits, or one sign (7.3.4.2). Return: the byte is used up */
static bool in_escape(struct pdf *d, uint8_t b)
{
	if (b >= '0' && b <= '7' && d->octals < 3) {
		d->octal = (uint8_t)(d->octal << 3 | (b - '0'));
		d->octals++;
		return true;
	}
	d->escaped = false;
	if (d->octals) {
		add(d, d->octal);
		return false;
	}
	if (b != '\r' && b != '\n')
		add(d, b == 'n' ? '\n' : b);
	return true;
}

static void in_string(struct pdf *d, uint8_t b)
{
	if (d->escaped && in_escape(d, b))
		return;
	if (b == '\\') {
		d->escaped = true;
		d->octals = d->octal = 0;
	} else if (b == '(') {
		d->depth = d->depth < UINT8_MAX ? (uint8_t)(d->depth + 1) : d->depth;
		add(d, b);
	} else if (b == ')' && d->depth-- == 0) {
		d->in_string = false;
		d->depth = 0;
		end_string(d, false);
	} else {
		add(d, b);
	}
}

static void shown_byte(struct pdf *d, uint8_t b)
{
	if (d->in_string) {
		in_string(d, b);
	} else if (d->in_hex) {
		in_hex(d, b);
	} else if (b == '(' || b == '<') {
		if (d->word_n)
			on_word(d);
		d->in_string = b == '(';
		d->in_hex = b == '<';
		d->string_n = d->depth = 0;
		d->escaped = d->has_half = false;
	} else if (b <= ' ' || b == '[' || b == ']' || b == '/' || b == '>') {
		if (d->word_n)
			on_word(d);
	} else if (d->word_n < sizeof(d->word) - 1) {
		d->word[d->word_n++] = (char)b;
	}
}

static bool came_out(void *ctx, const uint8_t *at, size_t n)
{
	struct pdf *d = ctx;

	if (!part_inflated(d->part, 0, n))
		return false;
	for (size_t i = 0; i < n; i++)
		shown_byte(d, at[i]);
	return true;
}

/* ---- outside ---- */

static bool tail_has(const struct pdf *d, const char *word)
{
	return memmem(d->tail, d->tail_n, word, strlen(word));
}

static void begin_stream(struct pdf *d)
{
	bool picture = tail_has(d, "/Image") || tail_has(d, "/DCTDecode") ||
		       tail_has(d, "/Length1") || tail_has(d, "/XRef") || tail_has(d, "/JPXDecode");

	d->outer = IN_STREAM;
	d->shown = !picture && !tail_has(d, "/Filter");
	d->end_matched = 0;
	d->in_string = d->in_hex = d->escaped = d->is_map = false;
	d->word_n = d->map_kind = d->operand_n = 0;
	if (!picture && !d->encrypted && tail_has(d, "/FlateDecode"))
		d->f = inflate_new(INFLATE_ZLIB);
}

static void note_encryption(struct pdf *d)
{
	if (d->encrypted)
		return;
	d->encrypted = true;
	part_unread(d->part, UNREAD_ENCRYPTED_PDF, "pdf", (struct body_text){ 0 }, 0);
}

/* "stream" and a line's end, but not of "endstream". */
static bool at_stream(const struct pdf *d)
{
	const uint8_t *end = d->tail + d->tail_n;
	size_t n = d->tail_n, line = n >= 8 && end[-1] == '\n' && end[-2] == '\r' ? 2 : 1;

	if (n < 6 + line || end[-1] != '\n' || memcmp(end - line - 6, "stream", 6) != 0)
		return false;
	return n < 9 + line || memcmp(end - line - 9, "end", 3) != 0;
}

static void outside_byte(struct pdf *d, uint8_t b)
{
	if (d->tail_n == DICT_MAX) {
		memmove(d->tail, d->tail + DICT_MAX / 2, DICT_MAX / 2);
		d->tail_n = DICT_MAX / 2;
	}
	d->tail[d->tail_n++] = b;
	if (b == 't' && d->tail_n >= 8 && memcmp(d->tail + d->tail_n - 8, "/Encrypt", 8) == 0)
		note_encryption(d);
	if (!at_stream(d))
		return;
	begin_stream(d);
	d->tail_n = 0;
}

static size_t outside(struct pdf *d, const uint8_t *at, size_t n)
{
	size_t i = 0;

	while (i < n && d->outer == OUTSIDE)
		outside_byte(d, at[i++]);
	part_feed(d->plain, at, i);
	return i;
}

static void end_stream(struct pdf *d)
{
	if (d->word_n)
		on_word(d);
	inflate_free(d->f);
	d->f = NULL;
	d->outer = OUTSIDE;
	d->tail_n = 0;
}

static size_t in_stream(struct pdf *d, const uint8_t *at, size_t n)
{
	static const char end[] = "endstream";
	size_t used = n, i;

	if (d->f) {
		enum inflate_state s = inflate_feed(d->f, at, n, &used, came_out, d);

		if (s == INFLATE_BROKEN && !d->broken && !d->encrypted)
			part_unread(d->part, UNREAD_BROKEN, "pdf", (struct body_text){ 0 }, 0);
		d->broken |= s == INFLATE_BROKEN;
		if (s != INFLATE_MORE) {
			if (d->word_n)
				on_word(d);
			inflate_free(d->f);
			d->f = NULL;
		}
		return used;
	}
	for (i = 0; i < n && d->outer == IN_STREAM; i++) {
		d->end_matched = at[i] == (uint8_t)end[d->end_matched]
					 ? (uint8_t)(d->end_matched + 1)
					 : at[i] == 'e';
		if (d->shown)
			shown_byte(d, at[i]);
		if (d->end_matched == sizeof(end) - 1)
			end_stream(d);
	}
	if (d->shown)
		part_feed(d->plain, at, i);
	return i;
}

static void pdf_feed(void *u, const uint8_t *at, size_t n)
{
	struct pdf *d = u;

	part_inflated(d->part, n, 0);
	while (n) {
		size_t some = d->outer == OUTSIDE ? outside(d, at, n) : in_stream(d, at, n);

		at += some;
		n -= some;
	}
}

static void put_unicode(struct part *p, uint32_t u)
{
	uint8_t b[4];

	part_feed(p, b, charset_put(u, b));
}

static void read_held(struct pdf *d, const struct map *m)
{
	const struct part_hint text = { .kind = BODY_LINE, .text = true, .word = "data" };
	struct part *p = part_open(d->part, &text);

	for (size_t i = 0; i < d->held_n; i++) {
		uint16_t code = d->held[i];

		if (m->width == 2 && code != HELD_BREAK && i + 1 < d->held_n &&
		    d->held[i + 1] != HELD_BREAK)
			code = (uint16_t)(code << 8 | d->held[++i]);
		put_unicode(p, code == HELD_BREAK ? '\n' : m->to[code] ? m->to[code] : '?');
	}
	part_close(p, true);
}

static void pdf_end(void *u, bool whole)
{
	struct pdf *d = u;

	for (uint32_t i = 0; i < d->map_count; i++)
		read_held(d, &d->maps[i]);
	if (d->full)
		part_unread(d->part, UNREAD_SIZE, "pdf", (struct body_text){ 0 }, 0);
	part_close(d->text, whole);
	part_close(d->plain, whole);
	d->text = d->plain = NULL;
}

static size_t pdf_memory(const void *u)
{
	const struct pdf *d = u;

	return sizeof(*d) + d->map_count * 131072u + d->held_capacity * sizeof(*d->held) +
	       (d->f ? inflate_memory(INFLATE_ZLIB) : 0);
}

const struct unpacker unpack_pdf = { "pdf", pdf_new, pdf_free, pdf_feed, pdf_end, pdf_memory };
