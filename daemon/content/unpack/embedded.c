/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/unpack/embedded.h"

#include <ctype.h>
#include <stdbool.h>

#include "daemon/content/unpack/unpack.h"

static const char sign[] = ";base64,";

void embedded_init(struct embedded *e, struct part *p)
{
	*e = (struct embedded){ .part = p };
}

/* JSON may write '/' as "\/"; the decoder skips the other sign. */
static bool goes_on(uint8_t b)
{
	return isalnum(b) || b == '+' || b == '/' || b == '-' || b == '_' || b == '=' ||
	       b == '\\' || b == '\r' || b == '\n';
}

static size_t inside(struct embedded *e, const uint8_t *at, size_t n)
{
	size_t i = 0;

	while (i < n && goes_on(at[i]))
		i++;
	part_feed(e->inside, at, i);
	if (i < n) {
		part_close(e->inside, true);
		e->inside = NULL;
	}
	return i;
}

static size_t outside(struct embedded *e, const uint8_t *at, size_t n)
{
	const struct part_hint h = { .encoding = body_text("base64"), .word = "data" };

	for (size_t i = 0; i < n; i++) {
		uint8_t b = (uint8_t)tolower(at[i]);

		e->matched = b == (uint8_t)sign[e->matched] ? (uint8_t)(e->matched + 1)
							    : b == (uint8_t)sign[0];
		if (e->matched < sizeof(sign) - 1)
			continue;
		e->matched = 0;
		e->inside = part_open(e->part, &h);
		return i + 1;
	}
	return n;
}

void embedded_feed(struct embedded *e, const uint8_t *at, size_t n)
{
	while (n) {
		size_t used = e->inside ? inside(e, at, n) : outside(e, at, n);

		at += used;
		n -= used;
	}
}

void embedded_end(struct embedded *e)
{
	part_close(e->inside, true);
	e->inside = NULL;
}
