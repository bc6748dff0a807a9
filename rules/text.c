/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_done(struct text *t)
{
	free(t->bytes);
	*t = (struct text){ 0 };
}

void text_clear(struct text *t)
{
	t->len = 0;
	t->failed = false;
	if (t->bytes)
		t->bytes[0] = '\0';
}

/* Room for n more bytes and the NUL. */
static bool reserve(struct text *t, size_t n)
{
	if (t->failed)
		return false;
	if (n < t->capacity - t->len)
		return true;
	size_t capacity = t->capacity ? t->capacity : 256;

	while (capacity - t->len <= n) {
		if (capacity > (size_t)-1 / 2) {
			t->failed = true;
			return false;
		}
		capacity *= 2;
	}
	char *p = realloc(t->bytes, capacity);

	if (!p) {
		t->failed = true;
		return false;
	}
	t->bytes = p;
	t->capacity = capacity;
	return true;
}

void text_add(struct text *t, const char *bytes, size_t n)
{
	if (!reserve(t, n))
		return;
	if (n)
		memcpy(t->bytes + t->len, bytes, n);
	t->len += n;
	t->bytes[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_putc(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_vprintf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;

	if (!reserve(t, 128))
		return;
	va_copy(again, ap);
	int n = vsnprintf(t->bytes + t->len, t->capacity - t->len, fmt, ap);

	if (n < 0) {
		t->failed = true;
	} else if ((size_t)n >= t->capacity - t->len) {
		t->bytes[t->len] = '\0';
		if (reserve(t, (size_t)n))
			vsnprintf(t->bytes + t->len, t->capacity - t->len, fmt, again);
	}
	if (!t->failed)
		t->len += (size_t)n;
	va_end(again);
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(t, fmt, ap);
	va_end(ap);
}
