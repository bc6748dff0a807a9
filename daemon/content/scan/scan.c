/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/scan.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/content/scan/digits.h"
#include "daemon/content/scan/evidence.h"
#include "daemon/content/scan/identifier.h"
#include "daemon/content/scan/words.h"

#define CHUNK 4096u /* words run this far ahead of digits: a label is known when its number comes */

struct scan_set {
	struct words *words;                                  /* owned */
	bool (*has)(void *ctx, const char digits[static 12]); /* NULL: no register */
	void *ctx;
	uint64_t key;
};

struct scan {
	const struct scan_set *set;
	struct evidence *e;
	struct digits digits;
	struct words_stream *words; /* owned */
	uint64_t at;
	uint32_t text;
	uint32_t line, column; /* at the end of what was fed, for words */
	bool cells;            /* a spreadsheet: rows and columns are said, not counted */
	bool number;
};

struct scan_set *scan_set_new(const struct policy *p, struct charsets *c, char why[static 160])
{
	struct scan_set *s = calloc(1, sizeof(*s));

	(void)p;
	if (!s)
		return NULL;
	s->words = words_new(c, NULL, 0, why);
	if (s->words)
		return s;
	free(s);
	return NULL;
}

void scan_set_free(struct scan_set *s)
{
	if (s)
		words_free(s->words);
	free(s);
}

void scan_set_register(struct scan_set *s, bool (*has)(void *ctx, const char digits[static 12]),
		       void *ctx)
{
	s->has = has;
	s->ctx = ctx;
}

const char *scan_set_word(const struct scan_set *s, uint32_t word)
{
	return words_text(s->words, word);
}

struct scan *scan_new(const struct scan_set *set, struct evidence *e, const char *path)
{
	struct scan *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->set = set;
	s->e = e;
	s->words = words_open(set->words);
	if (!s->words) {
		free(s);
		return NULL;
	}
	digits_init(&s->digits);
	s->text = evidence_text(e, path);
	return s;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	words_close(s->set->words, s->words);
	memset(&s->digits, 0, sizeof(s->digits));
	free(s);
}

size_t scan_memory(const struct scan *s)
{
	return sizeof(*s) + words_memory(s->set->words);
}

/* ---- digits to tokens ---- */

static uint64_t hash_of(const struct evidence *e, const uint8_t *d, uint8_t n)
{
	return evidence_hash(e, d, n);
}

static bool in_register(const struct scan *s, const uint8_t *d)
{
	char digits[12];

	if (!s->set->has)
		return false;
	for (unsigned int i = 0; i < sizeof(digits); i++)
		digits[i] = (char)('0' + d[i]);
	bool has = s->set->has(s->set->ctx, digits);

	explicit_bzero(digits, sizeof(digits));
	return has;
}

static void bring(struct scan *s, const struct digits_token *t, const uint8_t *d, uint8_t n,
		  uint8_t id, bool right, uint8_t form)
{
	const struct token token = {
		.hash = hash_of(s->e, d, n),
		.at = t->at,
		.end = t->end,
		.text = s->text,
		.column = t->column < 64 ? t->column : TOKEN_NO_COLUMN,
		.id = id,
		.form = form,
		.last = d[n - 1] != 0,
		.right = right,
		.registered = right && id == ID_MY_NUMBER && in_register(s, d),
	};

	evidence_token(s->e, &token);
}

/* Excel cut leading zeros: what they were is known, whether there were any is not. */
static void bring_padded(struct scan *s, const struct digits_token *t, uint8_t length, uint8_t id)
{
	uint8_t d[12] = { 0 };

	if (t->count >= length || t->count + 3 < length)
		return;
	memcpy(d + (length - t->count), t->digit, t->count);
	bool right = id == ID_MY_NUMBER ? identifier_my_number(d) : false;

	if (right) /* a wrong one may be a shorter number of another kind */
		bring(s, t, d, length, id, right, TOKEN_PADDED);
}

static void on_token(void *ctx, const struct digits_token *t)
{
	struct scan *s = ctx;
	const uint8_t *d = t->digit;
	uint8_t form = t->grouped ? TOKEN_GROUPED : s->cells ? TOKEN_CELL : TOKEN_PLAIN;

	if (t->amount)
		return;
	if (t->count == 12)
		bring(s, t, d, 12, ID_MY_NUMBER, identifier_my_number(d), form);
	else if (t->count == 11 && !t->grouped)
		bring(s, t, d, 11, ID_RESIDENT_CODE, identifier_resident_code(d), form);
	if (s->cells && s->number)
		bring_padded(s, t, 12, ID_MY_NUMBER);
	evidence_record(s->e, s->text, t->at, s->line);
}

static void on_word(void *ctx, const struct words_hit *h)
{
	struct scan *s = ctx;
	const struct word_hit w = {
		.at = h->at,
		.end = h->end,
		.text = s->text,
		.column = s->line == 0 && s->column < 64 ? s->column : TOKEN_NO_COLUMN,
		.word = h->word,
		.class = words_class(s->set->words, h->word),
	};

	evidence_word(s->e, &w);
}

/* Where a word stands is counted by commas and lines up to it; in UTF-16 the zero bytes between do not matter. */
static void count_place(struct scan *s, const uint8_t *at, size_t n)
{
	const uint8_t *end = at + n, *line;

	if (s->line == 0)
		for (size_t i = 0; i < n && at[i] != '\n'; i++)
			s->column += at[i] == ',' || at[i] == '\t';
	while ((line = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		s->line++;
		s->column = 0;
		at = line + 1;
	}
}

/* The heading is read by the line and comma, so that a word is known to stand in its column. */
static size_t piece(const struct scan *s, const uint8_t *at, size_t n)
{
	size_t i = 0;

	if (s->cells || s->line)
		return n < CHUNK ? n : CHUNK;
	while (i < n && i < CHUNK && at[i] != ',' && at[i] != '\t' && at[i] != '\n')
		i++;
	return i < n && i < CHUNK ? i + 1 : i;
}

void scan_feed(struct scan *s, const uint8_t *at, size_t n)
{
	const struct digits_calls calls = { on_token, s };

	while (n) {
		size_t some = piece(s, at, n);

		words_feed(s->set->words, s->words, at, some, on_word, s);
		digits_feed(&s->digits, at, some, &calls);
		if (!s->cells)
			count_place(s, at, some);
		s->at += some;
		at += some;
		n -= some;
	}
	evidence_record(s->e, s->text, s->at, s->line);
}

void scan_cell(struct scan *s, uint32_t row, uint32_t column, bool number)
{
	const struct digits_calls calls = { on_token, s };

	digits_cell(&s->digits, row, column, &calls);
	s->cells = true;
	s->number = number;
	s->line = row;
	s->column = column;
}

void scan_end(struct scan *s)
{
	const struct digits_calls calls = { on_token, s };

	digits_end(&s->digits, &calls);
}
