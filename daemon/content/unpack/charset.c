/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/unpack/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "daemon/record/event.h"
#include "rules/utf8.h"

#define ROOM 512u

static bool is_utf8(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		unsigned char c = (unsigned char)s[i];
		size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : n;

		if (more >= n - i)
			return more == 0;
		for (size_t k = 1; k <= more; k++)
			if (((unsigned char)s[i + k] & 0xc0) != 0x80)
				return false;
		i += more + 1;
	}
	return true;
}

/* What cannot be converted becomes '?'. Return: bytes in out. */
static size_t convert(const char *charset, const char *in, size_t n, char *out, size_t size)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	char *from = (char *)(uintptr_t)in, *to = out;
	size_t room = size;

	if (cd == (iconv_t)-1)
		return 0;
	while (n && iconv(cd, &from, &n, &to, &room) == (size_t)-1) {
		if (errno == E2BIG || !room)
			break;
		*to++ = '?';
		room--;
		from++;
		n--;
	}
	iconv_close(cd);
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
static size_t encoded_word(const char *s, size_t n, char *out, size_t size, size_t *used)
{
	char charset[32], raw[ROOM];
	const char *q1 = n > 6 && s[0] == '=' && s[1] == '?' ? memchr(s + 2, '?', n - 2) : NULL;
	const char *end = NULL;

	if (!q1 || (size_t)(q1 - s) + 4 > n || q1[2] != '?' || (size_t)(q1 - s - 2) >= sizeof(charset))
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
	size_t len = (q1[1] | 0x20) == 'b' ? decode_b(q1 + 3, (size_t)(end - q1 - 3), raw)
					   : decode_q(q1 + 3, (size_t)(end - q1 - 3), raw);
	if (strcasecmp(charset, "shift_jis") == 0)
		strcpy(charset, "CP932");
	*used = convert(charset, raw, len, out, size);
	return (size_t)(end + 2 - s);
}

static size_t with_encoded_words(const char *s, size_t n, char *out, size_t size)
{
	size_t to = 0, i = 0;

	while (i < n && to < size) {
		size_t came = 0, took = encoded_word(s + i, n - i, out + to, size - to, &came);

		if (took) {
			to += came;
			i += took;
			while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n'))
				i++;
			continue;
		}
		out[to++] = s[i++];
	}
	return to;
}

void charset_name(struct body_text name, const char *charset, char *out, size_t size)
{
	char text[ROOM], words[ROOM];
	size_t n = name.len < sizeof(text) ? name.len : sizeof(text);

	n = n ? with_encoded_words(name.at, n, words, sizeof(words)) : 0;
	if (!charset && !is_utf8(words, n))
		charset = "CP932";
	if (charset && strcasecmp(charset, "UTF-8") != 0)
		n = convert(charset, words, n, text, sizeof(text));
	else
		memcpy(text, words, n);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	n = n < size - 1 ? n : size - 1;
	while (n && ((unsigned char)text[n] & 0xc0) == 0x80 && n < name.len)
		n--;
	out[event_mask(text, n, out)] = '\0';
}
