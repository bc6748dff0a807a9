/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hs/hs.h>

#include "daemon/content/charset.h"
#include "daemon/content/scan/evidence.h"
#include "daemon/content/scan/vocabulary.h"

#define ENCODED_MAX 128u /* bytes of a word in one encoding */
#define SHORTEST 4u      /* bytes: less than that stands in any random ones */

static const struct {
	uint8_t class;
	const char *text;
} built_in[] = {
#define WORD_(C, T) { WORD_##C, T },
	VOCABULARY(WORD_)
#undef WORD_
};
#define BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))

static const enum charset encodings[] = {
	CHARSET_UTF8,        CHARSET_CP932,    CHARSET_EUC_JP,
	CHARSET_ISO_2022_JP, CHARSET_UTF16_LE, CHARSET_UTF16_BE,
};
#define ENCODINGS (sizeof(encodings) / sizeof(encodings[0]))

struct entry {
	char *text; /* owned */
	uint8_t class;
};

/* One expression: a word in one encoding. */
struct expression {
	uint32_t word;
	uint8_t bytes; /* its length, to find where it began */
};

struct words {
	struct entry *entries;          /* owned */
	struct expression *expressions; /* owned */
	uint32_t count, expression_count;
	hs_database_t *db;     /* owned */
	hs_scratch_t *scratch; /* owned */
	size_t stream_bytes;
};

struct words_stream {
	hs_stream_t *stream;
};

/* ---- the vocabulary in its encodings ---- */

/* ISO-2022-JP: the two-byte characters alone; what switches to them may lie far before the word. */
static void strip_escapes(uint8_t *b, size_t *n)
{
	size_t to = 0;

	for (size_t i = 0; i < *n; i++) {
		if (b[i] == 0x1b)
			i += 2;
		else
			b[to++] = b[i];
	}
	*n = to;
}

static void put_expression(const uint8_t *b, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		out += sprintf(out, "\\x%02x", b[i]);
}

static bool has_ascii(const char *text)
{
	while (*text && !isalnum((unsigned char)*text))
		text++;
	return *text;
}

/* ---- compiling ---- */

struct build {
	char (*expressions)[ENCODED_MAX * 4 + 1]; /* owned */
	unsigned int *flags, *ids;                /* owned */
	struct words *w;
	struct charsets *charsets;
};

static void add_expression(struct build *b, uint32_t word, const uint8_t *bytes, size_t n)
{
	uint32_t i = b->w->expression_count;

	put_expression(bytes, n, b->expressions[i]);
	b->flags[i] = has_ascii(b->w->entries[word].text) ? HS_FLAG_CASELESS : 0;
	b->ids[i] = i;
	b->w->expressions[i] = (struct expression){ word, (uint8_t)n };
	b->w->expression_count++;
}

static void add_word(struct build *b, uint32_t word)
{
	const char *text = b->w->entries[word].text;
	uint8_t bytes[ENCODED_MAX];
	size_t n;

	for (size_t k = 0; k < ENCODINGS; k++) {
		bool escapes = encodings[k] == CHARSET_ISO_2022_JP;

		if (!charset_encode(b->charsets, encodings[k], text, bytes, sizeof(bytes), &n))
			continue;
		if (escapes) {
			if (has_ascii(
				    text)) /* half of it would be one byte each, and in UTF-8 already */
				continue;
			strip_escapes(bytes, &n);
		}
		if (n >= SHORTEST)
			add_expression(b, word, bytes, n);
	}
}

static bool compile(struct build *b, char why[static 160])
{
	const uint32_t n = b->w->expression_count;
	const char **list = calloc(n, sizeof(*list));
	hs_compile_error_t *error = NULL;
	hs_error_t e = HS_NOMEM;

	for (uint32_t i = 0; list && i < n; i++)
		list[i] = b->expressions[i];
	if (list)
		e = hs_compile_multi(list, b->flags, b->ids, n, HS_MODE_STREAM, NULL, &b->w->db,
				     &error);
	free(list);
	if (e != HS_SUCCESS)
		snprintf(why, 160, "words cannot be compiled: %.100s",
			 error ? error->message : "no memory");
	hs_free_compile_error(error);
	return e == HS_SUCCESS && hs_alloc_scratch(b->w->db, &b->w->scratch) == HS_SUCCESS &&
	       hs_stream_size(b->w->db, &b->w->stream_bytes) == HS_SUCCESS;
}

static bool fill(struct words *w, const char *const *own, uint32_t own_count)
{
	w->entries = calloc(w->count, sizeof(*w->entries));
	w->expressions = calloc(w->count * ENCODINGS, sizeof(*w->expressions));
	if (!w->entries || !w->expressions)
		return false;
	for (uint32_t i = 0; i < w->count; i++) {
		bool ours = i < BUILT_IN;

		w->entries[i].class = ours ? built_in[i].class : (uint8_t)WORD_TOWN;
		w->entries[i].text = strdup(ours ? built_in[i].text : own[i - BUILT_IN]);
		if (!w->entries[i].text)
			return false;
	}
	(void)own_count;
	return true;
}

struct words *words_new(struct charsets *c, const char *const *own, uint32_t own_count,
			char why[static 160])
{
	struct words *w = calloc(1, sizeof(*w));
	struct build b = { .w = w, .charsets = c };
	bool ok = false;

	snprintf(why, 160, "no memory");
	if (!w)
		return NULL;
	w->count = (uint32_t)BUILT_IN + own_count;
	b.expressions = calloc(w->count * ENCODINGS, sizeof(*b.expressions));
	b.flags = calloc(w->count * ENCODINGS, sizeof(*b.flags));
	b.ids = calloc(w->count * ENCODINGS, sizeof(*b.ids));
	if (b.expressions && b.flags && b.ids && fill(w, own, own_count)) {
		for (uint32_t i = 0; i < w->count; i++)
			add_word(&b, i);
		ok = compile(&b, why);
	}
	free(b.expressions);
	free(b.flags);
	free(b.ids);
	if (ok)
		return w;
	words_free(w);
	return NULL;
}

void words_free(struct words *w)
{
	if (!w)
		return;
	for (uint32_t i = 0; w->entries && i < w->count; i++)
		free(w->entries[i].text);
	free(w->entries);
	free(w->expressions);
	hs_free_scratch(w->scratch);
	hs_free_database(w->db);
	free(w);
}

uint32_t words_count(const struct words *w)
{
	return w->count;
}

const char *words_text(const struct words *w, uint32_t word)
{
	return word < w->count ? w->entries[word].text : "";
}

uint8_t words_class(const struct words *w, uint32_t word)
{
	return w->entries[word].class;
}

/* ---- scanning ---- */

struct words_stream *words_open(const struct words *w)
{
	struct words_stream *s = malloc(sizeof(*s));

	if (s && hs_open_stream(w->db, 0, &s->stream) == HS_SUCCESS)
		return s;
	free(s);
	return NULL;
}

struct listener {
	const struct words *w;
	void (*hit)(void *ctx, const struct words_hit *h);
	void *ctx;
};

static int on_match(unsigned int id, unsigned long long from, unsigned long long to,
		    unsigned int flags, void *ctx)
{
	const struct listener *l = ctx;
	const struct expression *x = &l->w->expressions[id];
	const struct words_hit h = { x->word, to - x->bytes, to };

	(void)from;
	(void)flags;
	l->hit(l->ctx, &h);
	return 0;
}

void words_feed(const struct words *w, struct words_stream *s, const uint8_t *at, size_t n,
		void (*hit)(void *ctx, const struct words_hit *h), void *ctx)
{
	struct listener l = { w, hit, ctx };

	while (n) {
		unsigned int some = n < (1u << 30) ? (unsigned int)n : 1u << 30;

		hs_scan_stream(s->stream, (const char *)at, some, 0, w->scratch, on_match, &l);
		at += some;
		n -= some;
	}
}

void words_close(const struct words *w, struct words_stream *s)
{
	if (!s)
		return;
	hs_close_stream(s->stream, w->scratch, NULL, NULL);
	free(s);
}

size_t words_memory(const struct words *w)
{
	return w->stream_bytes;
}
