/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/record.h"

#include <string.h>

#define TYPE_MASK 0x3fffu /* of an attribute: the two upper bits are flags */

static size_t padding(size_t n)
{
	return (4 - n % 4) % 4;
}

struct cursor record_begin(const void *bytes, size_t len)
{
	struct cursor c = cursor_of(bytes, len);
	bool ok = len <= RECORD_BYTES_MAX && cursor_starts(&c, RECORD_MAGIC, RECORD_MAGIC_LEN);

	cursor_skip(&c, ok ? RECORD_MAGIC_LEN : len + 1);
	return c;
}

uint16_t record_host16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, sizeof(uint16_t));
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

uint32_t record_host32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, sizeof(uint32_t));
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

/* What lies between two items is padding; the last one may do without. */
static void skip_padding(struct cursor *c, size_t n)
{
	size_t pad = padding(n);

	cursor_skip(c, pad < c->left ? pad : c->left);
}

bool record_next(struct cursor *c, struct record *r)
{
	if (c->tripped || c->left == 0)
		return false;
	uint32_t len = record_host32(c);

	r->type = record_host16(c);
	cursor_skip(c, RECORD_HEADER - 6);
	if (len < RECORD_HEADER)
		cursor_skip(c, c->left + 1);
	r->body = cursor_sub(c, len - RECORD_HEADER);
	skip_padding(c, len);
	return !c->tripped;
}

bool record_attr_next(struct cursor *c, struct record_attr *a)
{
	if (c->tripped || c->left == 0)
		return false;
	uint16_t len = record_host16(c);

	a->type = record_host16(c) & TYPE_MASK;
	if (len < 4)
		cursor_skip(c, c->left + 1);
	a->value = cursor_sub(c, len - 4u);
	skip_padding(c, len);
	return !c->tripped;
}

struct cursor record_attr_find(struct cursor body, uint16_t type)
{
	struct record_attr a;

	while (record_attr_next(&body, &a))
		if (a.type == type)
			return a.value;
	return (struct cursor){ .tripped = true };
}

const char *record_text(struct cursor value)
{
	if (value.tripped || value.left == 0 ||
	    memchr(value.at, '\0', value.left) != value.at + value.left - 1)
		return NULL;
	return (const char *)value.at;
}
