/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "daemon/record/event.h"

#define RUN_MIN 11       /* digits of a resident code; an individual number has 12 */
#define SEPARATORS_MAX 3 /* " - " */

/*
 * A digit of text: "7", full-width U+FF17 (ef bc 97), either percent-encoded ("%37", "%EF%BC%97"), or
 * full-width as a DNS name shows it ("\239\188\151"). Return: its bytes, 0 when it is none.
 */
static size_t percent(const char *p, size_t n)
{
	if (n >= 3 && p[0] == '%' && p[1] == '3' && isdigit((unsigned char)p[2]))
		return 3;
	if (n >= 9 && strncasecmp(p, "%ef%bc%9", 8) == 0 && isdigit((unsigned char)p[8]))
		return 9;
	return 0;
}

static size_t escaped(const char *p, size_t n)
{
	if (n < 12 || memcmp(p, "\\239\\188\\1", 10) != 0)
		return 0;
	int low = (p[10] - '0') * 10 + (p[11] - '0'); /* 144 to 153 */

	return low >= 44 && low <= 53 ? 12 : 0;
}

static size_t digit(const char *p, size_t n)
{
	const unsigned char *b = (const unsigned char *)p;

	if (!n)
		return 0;
	if (isdigit(b[0]))
		return 1;
	if (b[0] == 0xef && n >= 3 && b[1] == 0xbc && b[2] >= 0x90 && b[2] <= 0x99)
		return 3;
	if (b[0] == '%')
		return percent(p, n);
	return b[0] == '\\' ? escaped(p, n) : 0;
}

static size_t one_of(const char *p, size_t n, const char *const *words)
{
	for (; *words; words++) {
		size_t len = strlen(*words);

		if (n >= len && strncasecmp(p, *words, len) == 0)
			return len;
	}
	return 0;
}

/* What people and programs put between the groups of a number. */
static size_t separator(const char *p, size_t n)
{
	static const char *const percent_words[] = { "%20", "%2d", "%2e", NULL };
	static const char *const wide_words[] = {
		"\xc2\xa0",     "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93",
		"\xe2\x80\x94", "\xe2\x80\x95", "\xe2\x88\x92", "\xe3\x80\x80", "\xe3\x83\xbc",
		"\xef\xbc\x8d", "\xef\xbc\x8e", NULL,
	};

	if (!n)
		return 0;
	switch (*p) {
	case ' ':
	case '-':
	case '+':
	case '.':
	case '\t': return 1;
	case '%': return one_of(p, n, percent_words);
	default: return (unsigned char)*p >= 0xc2 ? one_of(p, n, wide_words) : 0;
	}
}

static size_t separators(const char *p, size_t n)
{
	size_t at = 0;

	for (int i = 0; i < SEPARATORS_MAX; i++) {
		size_t len = separator(p + at, n - at);

		if (!len)
			break;
		at += len;
	}
	return digit(p + at, n - at) ? at : 0;
}

/* How far the run of digits at p goes, with what stands between them. */
static size_t run_length(const char *p, size_t n, unsigned int *digits)
{
	size_t at = 0;

	for (*digits = 0; at < n;) {
		size_t len = digit(p + at, n - at);

		if (len)
			++*digits;
		else
			len = separators(p + at, n - at);
		if (!len)
			break;
		at += len;
	}
	return at;
}

/* 192.168.100.200 has as many digits as a number, and an event has to be able to say it. */
static bool dotted_quad(const char *p, size_t n)
{
	unsigned int groups = 0, value = 0, digits = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && isdigit((unsigned char)p[i])) {
			value = value * 10 + (unsigned int)(p[i] - '0');
			if (++digits > 3 || (digits > 1 && value < 10))
				return false;
		} else if (!digits || value > 255 || (i < n && p[i] != '.')) {
			return false;
		} else {
			groups++;
			value = digits = 0;
		}
	}
	return groups == 4;
}

static size_t copy_masked(const char *in, size_t n, char *out)
{
	size_t to = 0;

	for (size_t at = 0; at < n;) {
		size_t len = digit(in + at, n - at);

		if (len) {
			out[to++] = '*';
		} else {
			len = separator(in + at, n - at);
			memmove(out + to, in + at, len);
			to += len;
		}
		at += len;
	}
	return to;
}

size_t event_mask(const char *in, size_t len, char *out)
{
	size_t at = 0, to = 0;

	while (at < len) {
		unsigned int digits;
		size_t run;

		if (!digit(in + at, len - at)) {
			out[to++] = in[at++];
			continue;
		}
		run = run_length(in + at, len - at, &digits);
		if (digits >= RUN_MIN && !dotted_quad(in + at, run)) {
			to += copy_masked(in + at, run, out + to);
		} else {
			memmove(out + to, in + at, run);
			to += run;
		}
		at += run;
	}
	return to;
}
