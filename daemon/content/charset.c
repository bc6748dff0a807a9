/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/record/event.h"

#define ROOM 512u

static bool is_utf8(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		unsigned char c = (unsigned char)s[i];
		size_t more = c < 0x80                ? 0
			      : c >= 0xc2 && c < 0xe0 ? 1
			      : (c & 0xf0) == 0xe0    ? 2
			      : (c & 0xf8) == 0xf0    ? 3
						      : n;

		if (more >= n - i)
			return more == 0;
		for (size_t k = 1; k <= more; k++)
			if (((unsigned char)s[i + k] & 0xc0) != 0x80)
				return false;
		i += more + 1;
	}
	return true;
}

static const struct {
	const char *word, *mail;
} known[] = {
#define KNOWN_(N, W, M) { W, M },
	CHARSETS(KNOWN_)
#undef KNOWN_
};

struct charsets {
	iconv_t from[CHARSET_COUNT], to[CHARSET_COUNT]; /* owned; (iconv_t)-1: not open */
};

struct charsets *charsets_new(void)
{
	struct charsets *c = malloc(sizeof(*c));
	bool ok = true;

	if (!c)
		return NULL;
	for (int i = 0; i < CHARSET_COUNT; i++) {
		c->from[i] = iconv_open("UTF-8", known[i].word);
		c->to[i] = iconv_open(known[i].word, "UTF-8");
		ok &= c->from[i] != (iconv_t)-1 && c->to[i] != (iconv_t)-1;
	}
	if (ok)
		return c;
	charsets_free(c);
	return NULL;
}

void charsets_free(struct charsets *c)
{
	if (!c)
		return;
	for (int i = 0; i < CHARSET_COUNT; i++) {
		if (c->from[i] != (iconv_t)-1)
			iconv_close(c->from[i]);
		if (c->to[i] != (iconv_t)-1)
			iconv_close(c->to[i]);
	}
	free(c);
}

bool charset_encode(struct charsets *c, enum charset to, const char *text, uint8_t *out,
		    size_t size, size_t *n)
{
	char *in = (char *)(uintptr_t)text, *at = (char *)out;
	size_t left = strlen(text), room = size;

	iconv(c->to[to], NULL, NULL, NULL, NULL);
	bool ok = iconv(c->to[to], &in, &left, &at, &room) == 0 &&
		  iconv(c->to[to], NULL, NULL, &at, &room) == 0;

	*n = size - room;
	return ok;
}

static int charset_of(const char *word)
{
	for (int i = 0; i < CHARSET_COUNT; i++)
		if (strcasecmp(known[i].word, word) == 0 ||
		    (known[i].mail && strcasecmp(known[i].mail, word) == 0))
			return i;
	return CHARSET_LATIN_1;
}

/* What cannot be converted becomes '?'. Return: bytes in out. */
static size_t convert(struct charsets *c, const char *word, const char *in, size_t n, char *out,
		      size_t size)
{
	iconv_t cd = c->from[charset_of(word)];
	char *from = (char *)(uintptr_t)in, *to = out;
	size_t room = size;

	iconv(cd, NULL, NULL, NULL, NULL);
	while (n && iconv(cd, &from, &n, &to, &room) == (size_t)-1) {
		if (errno == E2BIG || !room || !n)
			break;
		*to++ = '?';
		room--;
		from++;
		n--;
	}
	return size - room;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t decode_q(const char *in, size_t n, char *out)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (in[i] == '=' && i + 2 < n + 0 && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0) {
			out[to++] = (char)(hex(in[i + 1]) << 4 | hex(in[i + 2]));
			i += 2;
		} else {
			out[to++] = in[i] == '_' ? ' ' : in[i];
		}
	}
	return to;
}

static size_t decode_b(const char *in, size_t n, char *out)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int bits = 0, have = 0;
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		const char *p = in[i] ? strchr(alphabet, in[i]) : NULL;

		if (!p)
			continue;
		bits = bits << 6 | (unsigned int)(p - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[to++] = (char)(bits >> have);
		}
	}
	return to;
}

/* "=?charset?B?text?=". Return: bytes of it, 0 none here. */
static size_t encoded_word(struct charsets *c, const char *s, size_t n, char *out, size_t size,
			   size_t *used)
{
	char charset[32], raw[ROOM];
	const char *q1 = n > 6 && s[0] == '=' && s[1] == '?' ? memchr(s + 2, '?', n - 2) : NULL;
	const char *end = NULL;

	if (!q1 || (size_t)(q1 - s) + 4 > n || q1[2] != '?' ||
	    (size_t)(q1 - s - 2) >= sizeof(charset))
		return 0;
	for (const char *p = q1 + 3; p + 1 < s + n; p++)
		if (p[0] == '?' && p[1] == '=') {
			end = p;
			break;
		}
	if (!end || (size_t)(end - q1) > sizeof(raw))
		return 0;
	memcpy(charset, s + 2, (size_t)(q1 - s - 2));
	charset[q1 - s - 2] = '\0';
	charset[strcspn(charset, "*")] = '\0'; /* RFC 2231, 5: a language may follow */
	size_t len = (q1[1] | 0x20) == 'b' ? decode_b(q1 + 3, (size_t)(end - q1 - 3), raw)
					   : decode_q(q1 + 3, (size_t)(end - q1 - 3), raw);
	*used = convert(c, charset, raw, len, out, size);
	return (size_t)(end + 2 - s);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Space between two encoded words is none (RFC 2047, 6.2). */
size_t charset_words(struct charsets *c, struct body_text field, char *out, size_t size)
{
	const char *s = field.at;
	size_t n = field.len, to = 0, i = 0, word_end = 0;

	while (i < n && to < size) {
		size_t came = 0, took = encoded_word(c, s + i, n - i, out + to, size - to, &came);

		if (took) {
			to += came;
			i += took;
			word_end = to;
			continue;
		}
		size_t blank = i;

		while (word_end == to && to && blank < n && is_space(s[blank]))
			blank++;
		if (blank > i && encoded_word(c, s + blank, n - blank, out + to, size - to, &came))
			i = blank;
		else
			out[to++] = s[i++];
	}
	return to;
}

size_t charset_put(uint32_t u, uint8_t out[static 4])
{
	if (u < 0x80) {
		out[0] = (uint8_t)u;
		return 1;
	}
	if (u > 0x10ffff || (u >= 0xd800 && u < 0xe000))
		return 0;
	size_t n = u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, u >>= 6)
		out[i] = (uint8_t)(0x80 | (u & 0x3f));
	out[0] = (uint8_t)(u | (n == 2 ? 0xc0u : n == 3 ? 0xe0u : 0xf0u));
	return n;
}

void charset_name(struct charsets *c, struct body_text name, const char *word, char *out,
		  size_t size)
{
	char text[ROOM], words[ROOM];
	size_t n = name.len < sizeof(text) ? name.len : sizeof(text);

	n = n ? charset_words(c, (struct body_text){ name.at, n }, words, sizeof(words)) : 0;
	if (!word && !is_utf8(words, n))
		word = memchr(words, 0x1b, n) ? "ISO-2022-JP" : "CP932";
	if (word && strcasecmp(word, "UTF-8") != 0)
		n = convert(c, word, words, n, text, sizeof(text));
	else
		memcpy(text, words, n);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	size_t cut = n < size - 1 ? n : size - 1;

	while (cut < n && cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	out[event_mask(text, cut, out)] = '\0';
}
