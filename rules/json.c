/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/json.h"

#include <stdio.h>
#include <string.h>

#include "rules/text.h"
#include "rules/utf8.h"

static void before(struct json *j, const char *key)
{
	if (j->comma)
		text_putc(j->out, ',');
	j->comma = true;
	if (key) {
		text_putc(j->out, '"');
		text_puts(j->out, key);
		text_add(j->out, "\":", 2);
	}
}

void json_open(struct json *j, const char *key, char bracket)
{
	before(j, key);
	text_putc(j->out, bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	text_putc(j->out, bracket);
	j->comma = true;
}

static void escape(struct text *out, uint8_t c)
{
	static const char shorts[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
				       ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\' };
	if (c < sizeof(shorts) && shorts[c]) {
		char pair[2] = { '\\', shorts[c] };

		text_add(out, pair, 2);
	} else {
		text_printf(out, "\\u%04x", c);
	}
}

static bool plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void quoted(struct text *out, const uint8_t *p, size_t n)
{
	text_putc(out, '"');
	while (n) {
		size_t run = 0;

		while (run < n && plain(p[run]))
			run++;
		text_add(out, (const char *)p, run);
		p += run;
		n -= run;
		if (!n)
			break;
		size_t seq = utf8_sequence(p, n);

		if (*p < 0x80) {
			escape(out, *p);
			seq = 1;
		} else if (seq) {
			text_add(out, (const char *)p, seq);
		} else {
			text_puts(out, "\xef\xbf\xbd");
			seq = 1;
		}
		p += seq;
		n -= seq;
	}
	text_putc(out, '"');
}

void json_bytes(struct json *j, const char *key, const void *bytes, size_t n)
{
	before(j, key);
	quoted(j->out, bytes, n);
}

void json_string(struct json *j, const char *key, const char *value)
{
	if (value)
		json_bytes(j, key, value, strlen(value));
}

static size_t decimal(char buf[static 20], uint64_t v)
{
	char tmp[20];
	size_t n = 0;

	do
		tmp[n++] = (char)('0' + v % 10);
	while (v /= 10);
	for (size_t i = 0; i < n; i++)
		buf[i] = tmp[n - 1 - i];
	return n;
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
	char buf[20];

	before(j, key);
	text_add(j->out, buf, decimal(buf, value));
}

void json_int(struct json *j, const char *key, int64_t value)
{
	char buf[20];

	before(j, key);
	if (value < 0)
		text_putc(j->out, '-');
	text_add(j->out, buf, decimal(buf, value < 0 ? -(uint64_t)value : (uint64_t)value));
}

void json_bool(struct json *j, const char *key, bool value)
{
	before(j, key);
	text_puts(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	before(j, key);
	text_puts(j->out, "null");
}
