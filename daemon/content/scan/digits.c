/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/digits.h"

#include <emmintrin.h>
#include <string.h>

/* What a character means to a number beside it. */
enum class {
	OTHER, /* ends a number, and is a good neighbour */
	DIGIT,
	GLUE, /* a letter, '_' and the like: the digits are part of a word, path or code */
	SPACE,
	HYPHEN,
	DOT,
	COMMA,
	TAB,
	LINE,
	QUOTE,
	MONEY, /* a sign of money */
	YEN,   /* 円 */
	YEAR,  /* 年 */
};

enum form { FORM_NONE, FORM_ASCII, FORM_WIDE_UTF8, FORM_WIDE_SJIS, FORM_WIDE_EUC, FORM_WIDE_JIS };

struct character {
	uint8_t class, form, value;
	uint8_t bytes; /* its length */
};

struct context {
	struct digits_view *v;
	const struct digits_calls *calls;
	uint64_t at; /* of the byte behind the character at hand */
};

/* ---- tokens ---- */

static void forget(struct digits_view *v)
{
	memset(v->digit, 0, sizeof(v->digit));
	v->count = v->groups = v->separator = v->open = 0;
	v->form = FORM_NONE;
	v->running = false;
}

static bool is_date_and_time(const uint8_t *d)
{
	unsigned int year = d[0] * 10u + d[1], month = d[4] * 10u + d[5], day = d[6] * 10u + d[7];
	unsigned int hour = d[8] * 10u + d[9], minute = d[10] * 10u + d[11];

	return (year == 19 || year == 20) && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
	       hour < 24 && minute < 60;
}

/* All the same, or each one more or less than the one before. */
static bool is_pattern(const uint8_t *d, unsigned int n)
{
	int step = d[1] - d[0];

	for (unsigned int i = 1; i < n; i++)
		if (d[i] - d[i - 1] != step)
			return false;
	return step >= -1 && step <= 1;
}

static void hand_over(const struct context *c, const uint8_t *digit, uint8_t count, uint64_t at,
		      bool grouped)
{
	struct digits_view *v = c->v;
	struct digits_token t = {
		.digit = digit,
		.count = count,
		.grouped = grouped,
		.amount = v->money_before,
		.at = at,
		.end = v->end,
		.line = v->line,
		.column = v->column,
	};

	if (count < 9 || count > 13 || is_pattern(digit, count) ||
	    (count == 12 && is_date_and_time(digit)))
		return;
	c->calls->token(c->calls->ctx, &t);
}

static bool groups_are(const struct digits_view *v, unsigned int from, const uint8_t *sizes,
		       unsigned int n)
{
	return from + n <= v->groups && memcmp(v->group + from, sizes, n) == 0;
}

static const uint8_t four_four_four[] = { 4, 4, 4 }, four_six[] = { 4, 6 };

/* Three groups of four that no fourth one touches. */
static bool triple_at(const struct digits_view *v, unsigned int i)
{
	return groups_are(v, i, four_four_four, 3) && (i == 0 || v->group[i - 1] != 4) &&
	       (i + 3 == v->groups || v->group[i + 3] != 4);
}

/* Numbers in a row with spaces between them are each a number of their own. */
static void hand_over_each(const struct context *c)
{
	const struct digits_view *v = c->v;
	unsigned int from = 0;

	for (unsigned int i = 0; i < v->groups; from += v->group[i++]) {
		if (triple_at(v, i))
			hand_over(c, v->digit + from, 12, v->group_at[i], true);
		else
			hand_over(c, v->digit + from, v->group[i], v->group_at[i], false);
	}
}

static void finish(const struct context *c, uint8_t after)
{
	struct digits_view *v = c->v;
	bool bad = v->bad_before || after == GLUE || after == YEN || after == YEAR || v->open > 1;
	bool whole = (v->groups == 3 && groups_are(v, 0, four_four_four, 3)) ||
		     (v->groups == 2 && groups_are(v, 0, four_six, 2));

	if (!bad && v->count <= DIGITS_MAX && v->groups <= DIGITS_GROUPS) {
		if (whole)
			hand_over(c, v->digit, v->count, v->group_at[0], true);
		else if (v->groups == 1)
			hand_over(c, v->digit, v->count, v->group_at[0], false);
		else if (v->separator == SPACE)
			hand_over_each(c);
	}
	forget(v);
}

/* ---- characters ---- */

static void start(const struct context *c, const struct character *ch)
{
	struct digits_view *v = c->v;

	v->running = true;
	v->form = ch->form;
	v->groups = 1;
	v->group[0] = 0;
	v->group_at[0] = c->at - ch->bytes;
	v->bad_before = v->last == GLUE || v->last == HYPHEN || v->last == DOT;
	v->money_before = v->last == MONEY;
}

static void next_group(const struct context *c, const struct character *ch)
{
	struct digits_view *v = c->v;

	v->open = 0;
	if (v->groups < DIGITS_GROUPS) {
		v->group[v->groups] = 0;
		v->group_at[v->groups] = c->at - ch->bytes;
	}
	if (v->groups <= DIGITS_GROUPS)
		v->groups++;
}

static void add_digit(struct digits_view *v, uint8_t value)
{
	if (v->count < DIGITS_MAX)
		v->digit[v->count] = value;
	if (v->count <= DIGITS_MAX)
		v->count++;
	if (v->groups <= DIGITS_GROUPS && v->group[v->groups - 1] <= DIGITS_MAX)
		v->group[v->groups - 1]++;
}

static bool joins(const struct digits_view *v, uint8_t class)
{
	if (v->open || (class != SPACE && class != HYPHEN && class != DOT))
		return false;
	return !v->separator || v->separator == class;
}

static void on_digit(const struct context *c, const struct character *ch)
{
	struct digits_view *v = c->v;

	if (v->running && v->form != ch->form)
		finish(c, GLUE);
	if (!v->running)
		start(c, ch);
	else if (v->open)
		next_group(c, ch);
	add_digit(v, ch->value);
	v->end = c->at;
}

/* "3 1234-5678-9012": what was joined by spaces stands alone, the last group begins another. */
static void split_off_last(const struct context *c)
{
	struct digits_view *v = c->v;
	uint8_t last[DIGITS_MAX], n = v->group[v->groups - 1], form = v->form;
	uint64_t at = v->group_at[v->groups - 1];

	memcpy(last, v->digit + v->count - n, n);
	v->groups--;
	v->count = (uint8_t)(v->count - n);
	finish(c, SPACE);
	v->running = true;
	v->bad_before = v->money_before = false;
	v->form = form;
	v->groups = 1;
	v->group[0] = v->count = n;
	v->group_at[0] = at;
	memcpy(v->digit, last, n);
	memset(last, 0, sizeof(last));
}

/* Full of digits already, or behind a separator that leads nowhere: what stands here ends it. */
static void on_other(const struct context *c, const struct character *ch)
{
	struct digits_view *v = c->v;
	bool narrower = ch->class == HYPHEN || ch->class == DOT;

	if (narrower && v->separator == SPACE && !v->open && v->groups > 1 &&
	    v->groups <= DIGITS_GROUPS && v->count <= DIGITS_MAX)
		split_off_last(c);
	if (joins(v, ch->class)) {
		v->separator = ch->class;
		v->open = 1;
		return;
	}
	/* "1234-5678-9012-" is part of something longer; "1234 5678 9012 x" is not. */
	if (v->open && v->separator != SPACE && ch->class != LINE && ch->class != OTHER)
		v->open = 2;
	finish(c, v->open ? OTHER : ch->class);
}

static void place(struct digits_view *v, uint8_t class)
{
	if (class == QUOTE)
		v->quoted = !v->quoted;
	if (class == LINE) {
		v->line++;
		v->column = 0;
		v->quoted = false;
	} else if ((class == COMMA || class == TAB) && !v->quoted) {
		v->column++;
	}
}

static void take(const struct context *c, const struct character *ch)
{
	struct digits_view *v = c->v;

	if (ch->class == DIGIT)
		on_digit(c, ch);
	else if (v->running)
		on_other(c, ch);
	if (ch->class != DIGIT)
		place(v, ch->class);
	v->last = ch->class;
}

/* ---- ASCII ---- */

static uint8_t ascii_class(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return DIGIT;
	if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z'))
		return GLUE;
	switch (b) {
	case '_':
	case '/':
	case '+':
	case '%':
	case '@':
	case '#': return GLUE;
	case ' ': return SPACE;
	case '-': return HYPHEN;
	case '.': return DOT;
	case ',': return COMMA;
	case '\t': return TAB;
	case '\n':
	case '\r': return LINE;
	case '"': return QUOTE;
	case '$':
	case '\\': return MONEY; /* the yen sign of Shift_JIS */
	default: return OTHER;
	}
}

static bool is_digit(uint8_t b)
{
	return (uint8_t)(b - '0') < 10;
}

static struct character ascii(uint8_t b)
{
	struct character ch = { .class = ascii_class(b), .form = FORM_ASCII, .bytes = 1 };

	if (ch.class == DIGIT)
		ch.value = (uint8_t)(b - '0');
	return ch;
}

/* ---- Unicode characters that matter, as UTF-16 and UTF-8 bring them ---- */

static struct character unicode(uint32_t u, uint8_t bytes, uint8_t form)
{
	struct character ch = { .class = OTHER, .form = form, .bytes = bytes };

	if (u < 0x80) {
		ch = ascii((uint8_t)u);
		ch.bytes = bytes;
		return ch;
	}
	if (u >= 0xff10 && u <= 0xff19) {
		ch.class = DIGIT;
		ch.value = (uint8_t)(u - 0xff10);
	} else if ((u >= 0xff21 && u <= 0xff3a) || (u >= 0xff41 && u <= 0xff5a)) {
		ch.class = GLUE;
	} else if (u == 0x3000) {
		ch.class = SPACE;
	} else if ((u >= 0x2010 && u <= 0x2015) || u == 0x2212 || u == 0xff0d || u == 0x30fc) {
		ch.class = HYPHEN;
	} else if (u == 0xff0e) {
		ch.class = DOT;
	} else if (u == 0xff0c || u == 0x3001) {
		ch.class = COMMA;
	} else if (u == 0xa5 || u == 0xffe5) {
		ch.class = MONEY;
	} else if (u == 0x5186) {
		ch.class = YEN;
	} else if (u == 0x5e74) {
		ch.class = YEAR;
	}
	return ch;
}

/* ---- two-byte characters of Japanese character sets, as JIS X 0208 rows and cells (0x21 up) ---- */

static struct character jis(uint8_t row, uint8_t cell, uint8_t form)
{
	struct character ch = { .class = OTHER, .form = form, .bytes = 2 };

	if (row == 0x23 && cell >= 0x30 && cell <= 0x39) {
		ch.class = DIGIT;
		ch.value = (uint8_t)(cell - 0x30);
	} else if (row == 0x23) {
		ch.class = GLUE;
	} else if (row == 0x21 && cell == 0x21) {
		ch.class = SPACE;
	} else if (row == 0x21 && (cell == 0x3c || cell == 0x3d || cell == 0x3e || cell == 0x5d)) {
		ch.class = HYPHEN;
	} else if (row == 0x21 && cell == 0x25) {
		ch.class = DOT;
	} else if (row == 0x21 && (cell == 0x22 || cell == 0x24)) {
		ch.class = COMMA;
	} else if (row == 0x21 && cell == 0x6f) {
		ch.class = MONEY;
	} else if (row == 0x31 && cell == 0x5f) {
		ch.class = YEN;
	} else if (row == 0x47 && cell == 0x2f) {
		ch.class = YEAR;
	}
	return ch;
}

static void from_sjis(uint8_t lead, uint8_t trail, uint8_t *row, uint8_t *cell)
{
	unsigned int r = (lead - (lead < 0xa0 ? 0x81u : 0xc1u)) * 2 + 0x21, t = trail;

	t -= t > 0x7f;
	if (t >= 0x9e) {
		*row = (uint8_t)(r + 1);
		*cell = (uint8_t)(t - 0x7d);
	} else {
		*row = (uint8_t)r;
		*cell = (uint8_t)(t - 0x1f);
	}
}

static bool sjis_lead(uint8_t b)
{
	return (b >= 0x81 && b <= 0x9f) || (b >= 0xe0 && b <= 0xfc);
}

/* ---- the view of single and multi-byte text ---- */

/* Where each reading of two bytes would see a digit or sign; a byte that is none of them is just another. */
static bool wide_pair(uint8_t a, uint8_t b, struct character *ch)
{
	uint8_t row, cell;

	if (a == 0x82 || a == 0x81 || (a == 0x89 && b == 0x7e) || (a == 0x94 && b == 0x4e)) {
		if (b < 0x40 || b == 0x7f || b > 0xfc)
			return false;
		from_sjis(a, b, &row, &cell);
		*ch = jis(row, cell, FORM_WIDE_SJIS);
		return ch->class != OTHER && (ch->class != GLUE || (b >= 0x60 && b <= 0x9a));
	}
	if ((a == 0xa3 || a == 0xa1 || (a == 0xb1 && b == 0xdf) || (a == 0xc7 && b == 0xaf)) &&
	    b >= 0xa1) {
		*ch = jis(a & 0x7f, b & 0x7f, FORM_WIDE_EUC);
		return ch->class != OTHER;
	}
	return false;
}

static bool utf8_triple(uint8_t a, uint8_t b, uint8_t c, struct character *ch)
{
	uint32_t u = (uint32_t)(a & 0x0f) << 12 | (uint32_t)(b & 0x3f) << 6 | (c & 0x3f);

	if ((a & 0xf0) != 0xe0 || (b & 0xc0) != 0x80 || (c & 0xc0) != 0x80)
		return false;
	*ch = unicode(u, 3, FORM_WIDE_UTF8);
	return true;
}

/* Bytes above 127 are held until they say what they are: three for UTF-8, two for the others. */
static void flush_one(const struct context *c)
{
	struct digits_view *v = c->v;
	const struct character other = { .class = OTHER, .bytes = 1 };

	take(c, &other);
	v->pending = v->pending2;
	v->pending_count--;
}

static void high_byte(const struct context *c, uint8_t b)
{
	struct digits_view *v = c->v;
	struct character ch;

	if (v->pending_count == 2 && utf8_triple(v->pending, v->pending2, b, &ch)) {
		v->pending_count = 0;
		take(c, &ch);
		return;
	}
	if (v->pending_count == 2) {
		if (wide_pair(v->pending, v->pending2, &ch)) {
			v->pending_count = 0;
			take(c, &ch);
		} else {
			flush_one(c);
		}
	}
	if (v->pending_count == 1 && (v->pending & 0xf0) != 0xe0 && wide_pair(v->pending, b, &ch)) {
		v->pending_count = 0;
		take(c, &ch);
		return;
	}
	*(v->pending_count ? &v->pending2 : &v->pending) = b;
	v->pending_count++;
}

static void low_byte(const struct context *c, uint8_t b)
{
	struct digits_view *v = c->v;
	struct character ch;
	bool trail = false;

	if (v->pending_count == 2 && wide_pair(v->pending, v->pending2, &ch)) {
		v->pending_count = 0;
		take(c, &ch);
	}
	if (v->pending_count) {
		uint8_t lead = v->pending_count == 2 ? v->pending2 : v->pending;

		if (wide_pair(lead, b, &ch) && ch.form == FORM_WIDE_SJIS) {
			while (v->pending_count > 1)
				flush_one(c);
			v->pending_count = 0;
			take(c, &ch);
			return;
		}
		trail = sjis_lead(lead) && b >= 0x40;
		while (v->pending_count)
			flush_one(c);
	}
	ch = ascii(b);
	if (trail && ch.class != DIGIT) /* the second byte of a kanji may look like a letter */
		ch.class = OTHER;
	take(c, &ch);
}

enum mode { MODE_ONE, MODE_TWO, MODE_ESC, MODE_ESC_DOLLAR, MODE_ESC_PAREN, MODE_ESC_DOLLAR_PAREN };

/* ISO-2022-JP: ESC $ B, ESC $ @, ESC $ ( D begin two-byte characters, ESC ( B, ESC ( J end them. */
static bool escaped(struct digits_view *v, uint8_t b)
{
	if (b == 0x1b) {
		v->pending_count = 0;
		v->mode = MODE_ESC;
		return true;
	}
	switch (v->mode) {
	case MODE_ESC:
		v->mode = b == '$' ? MODE_ESC_DOLLAR : b == '(' ? MODE_ESC_PAREN : MODE_ONE;
		break;
	case MODE_ESC_DOLLAR: v->mode = b == '(' ? MODE_ESC_DOLLAR_PAREN : MODE_TWO; break;
	case MODE_ESC_DOLLAR_PAREN: v->mode = MODE_TWO; break;
	case MODE_ESC_PAREN: v->mode = MODE_ONE; break;
	default: return false;
	}
	return true;
}

static void jis_byte(const struct context *c, uint8_t b)
{
	struct digits_view *v = c->v;
	struct character ch;

	if (b < 0x21 || b > 0x7e) { /* a line ends two-byte mode, too */
		v->mode = b == '\n' ? MODE_ONE : v->mode;
		v->pending_count = 0;
		ch = ascii(b);
		take(c, &ch);
		return;
	}
	if (!v->pending_count) {
		v->pending = b;
		v->pending_count = 1;
		return;
	}
	v->pending_count = 0;
	ch = jis(v->pending, b, FORM_WIDE_JIS);
	take(c, &ch);
}

static void byte_view(const struct context *c, uint8_t b)
{
	struct digits_view *v = c->v;

	if (escaped(v, b))
		return;
	if (v->mode == MODE_TWO)
		jis_byte(c, b);
	else if (b & 0x80)
		high_byte(c, b);
	else
		low_byte(c, b);
}

/* ---- the views of UTF-16 ---- */

/* A text has an even number of bytes before it as a rule; one that does not is seen by the other order's view. */
static void unit_view(const struct context *c, uint8_t b, bool big)
{
	struct digits_view *v = c->v;
	struct character ch;

	if (!v->pending_count) {
		v->pending = b;
		v->pending_count = 1;
		return;
	}
	v->pending_count = 0;
	ch = unicode(big ? (uint32_t)v->pending << 8 | b : (uint32_t)b << 8 | v->pending, 2,
		     FORM_WIDE_UTF8);
	if (ch.class == DIGIT && ch.form == FORM_ASCII)
		ch.form = FORM_WIDE_JIS; /* another form than the full-width ones */
	take(c, &ch);
}

void digits_init(struct digits *d)
{
	*d = (struct digits){ .at = 0 };
	for (unsigned int i = 0; i < DIGITS_VIEWS; i++)
		d->view[i].last = OTHER;
}

/* ---- the quick way ---- */

/* The rest of a run of ASCII digits at once. Return: how many. */
static size_t digit_run(const struct context *c, const uint8_t *at, size_t n)
{
	struct digits_view *v = c->v;
	size_t i = 0;

	while (i < n && is_digit(at[i]))
		add_digit(v, (uint8_t)(at[i++] - '0'));
	v->end = c->at + i;
	return i;
}

static void feed_bytes(struct digits_view *v, uint64_t from, const uint8_t *at, size_t n,
		       const struct digits_calls *calls)
{
	struct context c = { v, calls, from };

	for (size_t i = 0; i < n;) {
		c.at = from + i + 1;
		byte_view(&c, at[i++]);
		if (v->running && !v->open && v->form == FORM_ASCII && v->mode == MODE_ONE)
			i += digit_run(&c, at + i, n - i);
	}
}

static void feed_units(struct digits *d, const uint8_t *at, size_t n,
		       const struct digits_calls *calls)
{
	struct context little = { &d->view[1], calls, d->at };
	struct context big = { &d->view[2], calls, d->at };

	for (size_t i = 0; i < n; i++) {
		little.at = big.at = d->at + i + 1;
		unit_view(&little, at[i], false);
		unit_view(&big, at[i], true);
	}
}

/* Nothing of UTF-16 that could be a digit: only where a character begins is kept. */
static void skip_units(struct digits *d, const uint8_t *at, size_t n,
		       const struct digits_calls *calls)
{
	for (unsigned int i = 1; i < DIGITS_VIEWS; i++) {
		struct digits_view *v = &d->view[i];
		struct context c = { v, calls, d->at };

		if (v->running)
			finish(&c, OTHER);
		v->pending_count = (n & 1) != v->pending_count;
		v->pending = at[n - 1];
		v->last = OTHER;
	}
}

#define BLOCK 64u

static void within(__m128i v, char lo, char hi, __m128i *mask)
{
	__m128i m = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(lo - 1))),
				  _mm_cmpgt_epi8(_mm_set1_epi8((char)(hi + 1)), v));

	*mask = _mm_or_si128(*mask, m);
}

struct look {
	bool digits; /* of any encoding, or what changes how bytes are read */
	bool units;  /* zero bytes or 0xff: UTF-16 */
	bool quotes;
	uint64_t lines, commas; /* where they stand, a bit a byte */
};

static uint64_t bits(__m128i v, unsigned int at)
{
	return (uint64_t)(unsigned int)_mm_movemask_epi8(v) << at;
}

/* SSE2 is part of every x86-64. */
static struct look look_at(const uint8_t *at)
{
	__m128i digits = _mm_setzero_si128(), units = digits, quotes = digits;
	struct look look = { .lines = 0 };

	for (unsigned int i = 0; i < BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
		__m128i lines = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
					     _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
		__m128i commas = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(',')),
					      _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));

		within(v, '0', '9', &digits);
		digits = _mm_or_si128(digits, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x1b)));
		digits = _mm_or_si128(digits, _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xef)));
		units = _mm_or_si128(units, _mm_cmpeq_epi8(v, _mm_setzero_si128()));
		units = _mm_or_si128(units, _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xff)));
		quotes = _mm_or_si128(quotes, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
		look.lines |= bits(lines, i);
		look.commas |= bits(commas, i);
	}
	look.digits = _mm_movemask_epi8(digits);
	look.units = _mm_movemask_epi8(units);
	look.quotes = _mm_movemask_epi8(quotes);
	return look;
}

/* Full-width digits of Shift_JIS and EUC-JP: the lead byte is common, with such a trail byte it is not. */
static bool wide_digits(const uint8_t *at)
{
	for (unsigned int i = 0; i + 1 < BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
		__m128i sjis = _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0x82)), euc = sjis,
			trail = _mm_setzero_si128();
		__m128i kana = _mm_setzero_si128();

		euc = _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xa3));
		within(v, 0x4f, 0x58, &trail);
		within(v, (char)0xb0, (char)0xb9, &kana);
		unsigned int a = (unsigned int)_mm_movemask_epi8(sjis),
			     b = (unsigned int)_mm_movemask_epi8(trail);
		unsigned int x = (unsigned int)_mm_movemask_epi8(euc),
			     y = (unsigned int)_mm_movemask_epi8(kana);

		if ((a << 1 & b) || (x << 1 & y) || (a | x) >> 15)
			return true;
	}
	return false;
}

static bool idle(const struct digits *d)
{
	const struct digits_view *v = &d->view[0];

	return !v->running && v->mode == MODE_ONE && !d->view[1].running && !d->view[2].running;
}

#define TAIL 4u /* bytes of a skipped block that are looked at: neighbours of the next digit */

/* Lines and columns as place() counts them, up to the tail. */
static void skip_places(struct digits_view *v, const struct look *look)
{
	const uint64_t before = ((uint64_t)1 << (BLOCK - TAIL)) - 1;
	uint64_t lines = look->lines & before, commas = look->commas & before;

	if (lines) {
		v->line += (uint32_t)__builtin_popcountll(lines);
		v->column = 0;
		v->quoted = false;
		commas &= ~(uint64_t)0 << (63 - __builtin_clzll(lines));
	}
	if (!v->quoted)
		v->column += (uint32_t)__builtin_popcountll(commas);
}

/* A block in which nothing is. */
static void skip_block(struct digits *d, const uint8_t *at, const struct look *look,
		       const struct digits_calls *calls)
{
	struct digits_view *v = &d->view[0];

	skip_places(v, look);
	v->pending_count = 0;
	v->last = OTHER;
	feed_bytes(v, d->at + BLOCK - TAIL, at + BLOCK - TAIL, TAIL, calls);
}

static void feed_some(struct digits *d, const uint8_t *at, size_t n, const struct look *look,
		      const struct digits_calls *calls)
{
	bool units = !look || look->units || d->view[1].running || d->view[2].running;

	feed_bytes(&d->view[0], d->at, at, n, calls);
	if (units)
		feed_units(d, at, n, calls);
	else
		skip_units(d, at, n, calls);
	d->at += n;
}

void digits_feed(struct digits *d, const uint8_t *at, size_t n, const struct digits_calls *calls)
{
	for (; n >= BLOCK; at += BLOCK, n -= BLOCK) {
		struct look look = look_at(at);

		if (look.digits || look.units || look.quotes || !idle(d) || wide_digits(at)) {
			feed_some(d, at, BLOCK, &look, calls);
			continue;
		}
		skip_block(d, at, &look, calls);
		skip_units(d, at, BLOCK, calls);
		d->at += BLOCK;
	}
	if (n)
		feed_some(d, at, n, NULL, calls);
}

static void end_view(const struct context *c)
{
	struct digits_view *v = c->v;
	struct character ch;

	if (v->pending_count == 2 && wide_pair(v->pending, v->pending2, &ch)) {
		take(c, &ch);
		v->pending_count = 0;
	}
	if (v->running)
		finish(c, OTHER);
	v->pending_count = 0;
	v->last = OTHER;
}

void digits_end(struct digits *d, const struct digits_calls *calls)
{
	for (unsigned int i = 0; i < DIGITS_VIEWS; i++) {
		struct context c = { &d->view[i], calls, d->at };

		end_view(&c);
	}
}

void digits_cell(struct digits *d, uint32_t row, uint32_t column, const struct digits_calls *calls)
{
	digits_end(d, calls);
	for (unsigned int i = 0; i < DIGITS_VIEWS; i++) {
		d->view[i].line = row;
		d->view[i].column = column;
		d->view[i].quoted = true; /* commas in a cell are no separators */
	}
}
