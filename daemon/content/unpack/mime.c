/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/unpack/mime.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct parameter {
	const char *name, *value;
	size_t name_len, value_len;
	bool quoted;
};

static const char *skip_blank(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

static size_t quoted_len(const char *s)
{
	size_t n = 0;

	while (s[n] && s[n] != '"')
		n += s[n] == '\\' && s[n + 1] ? 2 : 1;
	return n;
}

/* The next "name=value" behind a ';' of @s. Return: where to go on, NULL: no more */
static const char *next_parameter(const char *s, struct parameter *p)
{
	while (*s && *s != ';') {
		if (*s == '"')
			s += 1 + quoted_len(s + 1);
		s += *s != '\0';
	}
	if (!*s)
		return NULL;
	p->name = skip_blank(s + 1);
	p->name_len = strcspn(p->name, "=; \t\r\n");
	p->value_len = 0;
	s = skip_blank(p->name + p->name_len);
	if (*s != '=')
		return s;
	p->value = skip_blank(s + 1);
	p->quoted = *p->value == '"';
	if (p->quoted) {
		p->value++;
		p->value_len = quoted_len(p->value);
		return p->value + p->value_len + (p->value[p->value_len] == '"');
	}
	p->value_len = strcspn(p->value, ";");
	s = p->value + p->value_len;
	while (p->value_len && strchr(" \t\r\n", p->value[p->value_len - 1]))
		p->value_len--;
	return s;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t add_plain(const struct parameter *p, char *out, size_t size, size_t n)
{
	for (size_t i = 0; i < p->value_len && n + 1 < size; i++) {
		i += p->quoted && p->value[i] == '\\' && i + 1 < p->value_len &&
		     (p->value[i + 1] == '"' || p->value[i + 1] == '\\');
		out[n++] = p->value[i];
	}
	return n;
}

static size_t add_percent(const char *at, size_t len, char *out, size_t size, size_t n)
{
	for (size_t i = 0; i < len && n + 1 < size; i++) {
		if (at[i] == '%' && i + 2 < len && hex(at[i + 1]) >= 0 && hex(at[i + 2]) >= 0) {
			out[n++] = (char)(hex(at[i + 1]) << 4 | hex(at[i + 2]));
			i += 2;
		} else {
			out[n++] = at[i];
		}
	}
	return n;
}

/* "UTF-8'ja'": the character set and language before the first segment. Return: bytes of it */
static size_t read_charset(const struct parameter *p, char charset[static MIME_CHARSET])
{
	const char *q = memchr(p->value, '\'', p->value_len);
	size_t n = q ? (size_t)(q - p->value) : 0;
	const char *end = q ? memchr(q + 1, '\'', p->value_len - n - 1) : NULL;

	if (!end)
		return 0;
	if (n < MIME_CHARSET) {
		memcpy(charset, p->value, n);
		charset[n] = '\0';
	}
	return (size_t)(end + 1 - p->value);
}

static size_t add_extended(const struct parameter *p, bool first, char *out, size_t size, size_t n,
			   char charset[static MIME_CHARSET])
{
	size_t skip = first ? read_charset(p, charset) : 0;

	return add_percent(p->value + skip, p->value_len - skip, out, size, n);
}

/* Segments are joined in the order in which they stand. */
size_t mime_parameter(const char *field, const char *name, char *out, size_t size,
		      char charset[static MIME_CHARSET])
{
	const size_t len = strlen(name);
	size_t plain = 0, n = 0;
	struct parameter p;
	bool first = true;

	charset[0] = '\0';
	for (const char *s = field; (s = next_parameter(s, &p)) != NULL;) {
		if (p.name_len < len || strncasecmp(p.name, name, len) != 0 || !p.value_len)
			continue;
		if (p.name_len == len && first && !plain) {
			n = plain = add_plain(&p, out, size, 0);
		} else if (p.name[len] == '*' && p.name_len > len) {
			n = first ? 0 : n;
			n = p.name[p.name_len - 1] == '*'
				    ? add_extended(&p, first, out, size, n, charset)
				    : add_plain(&p, out, size, n);
			first = false;
		}
	}
	out[n] = '\0';
	return n;
}
