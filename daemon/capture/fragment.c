/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/fragment.h"

#include "daemon/packet.h"
#include "rules/cursor.h"

#include <netinet/in.h>
#include <string.h>

enum { EXTENSIONS_MAX = 8 };

static enum fragment_result read_v4(const struct packet *p, struct fragment *f)
{
	struct cursor c = cursor_of(p->data, p->len);
	uint32_t header = (uint32_t)(cursor_u8(&c) & 15) * 4, total, bits;
	const uint8_t *addresses;

	cursor_skip(&c, 1);
	total = cursor_be16(&c);
	f->key.id = cursor_be16(&c);
	bits = cursor_be16(&c);
	cursor_skip(&c, 1);
	f->key.protocol = cursor_u8(&c);
	cursor_skip(&c, 2);
	addresses = cursor_take(&c, 8);
	if (!addresses || !(bits & 0x3fff))
		return FRAGMENT_NONE;
	if (header < 20 || total < header || total > p->len)
		return FRAGMENT_BAD;
	memcpy(f->key.addresses, addresses, 8);
	f->key.version = 4;
	f->header = f->data = header;
	f->offset = (bits & 0x1fff) * 8;
	f->more = bits & 0x2000;
	f->end = f->offset + total - header;
	if (f->more)
		f->end &= ~7u;
	return FRAGMENT_READ;
}

static bool precedes_fragment(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS ||
	       next == IPPROTO_AH;
}

/* Leaves the cursor behind the fragment header's place and says whether there is one. */
static bool find_fragment_header(struct cursor *c, uint8_t next, uint32_t *at, uint32_t *next_at)
{
	for (int n = 0; n < EXTENSIONS_MAX && precedes_fragment(next); n++) {
		bool ah = next == IPPROTO_AH;
		uint32_t length;

		*next_at = *at;
		next = cursor_u8(c);
		length = cursor_u8(c);
		length = ah ? (length + 2) * 4 : (length + 1) * 8;
		cursor_skip(c, length - 2);
		*at += length;
	}
	return next == IPPROTO_FRAGMENT && !c->tripped;
}

static enum fragment_result read_v6(const struct packet *p, struct fragment *f)
{
	struct cursor c = cursor_of(p->data, p->len);
	uint32_t total, at = 40;
	const uint8_t *addresses;
	uint16_t bits;
	uint8_t next;

	cursor_skip(&c, 4);
	total = 40u + cursor_be16(&c);
	next = cursor_u8(&c);
	cursor_skip(&c, 1);
	addresses = cursor_take(&c, 32);
	f->next_at = 6;
	if (!addresses || !find_fragment_header(&c, next, &at, &f->next_at))
		return FRAGMENT_NONE;
	f->protocol = cursor_u8(&c);
	cursor_skip(&c, 1);
	bits = cursor_be16(&c);
	f->key.id = cursor_be32(&c);
	if (!c.tripped && !(bits & 0xfff9))
		return FRAGMENT_NONE;
	if (c.tripped || total > p->len || at + 8 > total)
		return FRAGMENT_BAD;
	memcpy(f->key.addresses, addresses, 32);
	f->key.version = 6;
	f->header = at;
	f->data = at + 8;
	f->offset = bits & 0xfff8;
	f->more = bits & 1;
	f->end = f->offset + total - f->data;
	return f->more && (f->end & 7) ? FRAGMENT_BAD : FRAGMENT_READ;
}

enum fragment_result fragment_read(const struct packet *p, struct fragment *f)
{
	memset(f, 0, sizeof(*f));
	if (p->len == 0)
		return FRAGMENT_NONE;
	if (p->data[0] >> 4 == 4)
		return read_v4(p, f);
	return p->data[0] >> 4 == 6 ? read_v6(p, f) : FRAGMENT_NONE;
}
