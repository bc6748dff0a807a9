/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/pcapng.h"

#include "daemon/capture/frame.h"
#include "daemon/capture/link.h"
#include "rules/cursor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_MAX =
		16 << 20, /* as libpcap: no capture has larger ones, a damaged one claims them */
	INTERFACES_MAX = 4096,
	NAME_MAX_LENGTH = 63,
};

enum block {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_SECTION = 0x0a0d0d0a, /* reads the same in both orders */
};

enum option {
	OPTION_END = 0,
	OPTION_FLAGS = 2, /* of packet blocks */
	OPTION_NAME = 2,  /* of interface blocks */
	OPTION_TSRESOL = 9,
	OPTION_TSOFFSET = 14,
};

struct interface {
	uint32_t link_type, snaplen, number;
	uint64_t per_second; /* ticks of its clock */
	int64_t offset;      /* seconds to add */
};

struct pcapng {
	FILE *file; /* borrowed */
	uint32_t (*interface)(void *ctx, const char *name);
	void *ctx;
	uint8_t *block; /* owned; size bytes: the body of the block at hand */
	size_t size;
	uint64_t at, next_at;
	struct interface *interfaces; /* owned; room of them, count in use in this section */
	size_t count, room;
	int64_t last; /* time of the last frame; simple packets have none of their own */
	bool big, started;
};

static uint16_t u16(const struct pcapng *n, struct cursor *c)
{
	return n->big ? cursor_be16(c) : cursor_le16(c);
}

static uint32_t u32(const struct pcapng *n, struct cursor *c)
{
	return n->big ? cursor_be32(c) : cursor_le32(c);
}

/* ---- options: code, length, value, padded to 4 ---- */

static bool next_option(const struct pcapng *n, struct cursor *c, uint16_t *code,
			struct cursor *value)
{
	uint16_t length;

	if (c->left < 4)
		return false;
	*code = u16(n, c);
	length = u16(n, c);
	*value = cursor_sub(c, length);
	cursor_skip(c, -(size_t)length & 3);
	return *code != OPTION_END && !value->tripped;
}

/* One byte: a power of ten, or of two when the highest bit is set. Unusable ones stand for the default. */
static uint64_t ticks(uint8_t resolution)
{
	uint64_t per_second = 1;

	if (resolution & 0x80)
		return (resolution & 0x7f) < 64 ? 1ull << (resolution & 0x7f) : 1000000;
	if (resolution > 19)
		return 1000000;
	while (resolution--)
		per_second *= 10;
	return per_second;
}

static int64_t time_of(const struct interface *i, uint64_t count)
{
	uint64_t seconds = count / i->per_second, rest = count % i->per_second;
	__int128 ns = (__int128)seconds + i->offset;

	ns = ns * 1000000000 + (__int128)((unsigned __int128)rest * 1000000000 / i->per_second);
	if (ns < 0)
		return 0;
	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

/* ---- blocks ---- */

static int add_interface(struct pcapng *n, struct cursor c)
{
	struct interface i = { .per_second = 1000000 };
	char name[NAME_MAX_LENGTH + 1] = "";
	struct cursor value;
	uint16_t code;

	i.link_type = u16(n, &c);
	cursor_skip(&c, 2);
	i.snaplen = u32(n, &c);
	if (c.tripped || n->count == INTERFACES_MAX)
		return -EBADMSG;
	while (next_option(n, &c, &code, &value)) {
		if (code == OPTION_NAME && value.left < sizeof(name))
			memcpy(name, value.at, value.left);
		else if (code == OPTION_TSRESOL)
			i.per_second = ticks(cursor_u8(&value));
		else if (code == OPTION_TSOFFSET)
			i.offset = (int64_t)(n->big ? cursor_be64(&value) : cursor_le64(&value));
	}
	if (n->count == n->room) {
		size_t room = n->room ? n->room * 2 : 8;
		struct interface *grown = realloc(n->interfaces, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		n->interfaces = grown;
		n->room = room;
	}
	i.number = n->interface(n->ctx, name);
	n->interfaces[n->count++] = i;
	return 0;
}

static int fill(struct pcapng *n, const struct interface *i, struct cursor *c, uint32_t len,
		uint32_t wire_len, struct frame *out)
{
	struct cursor data = cursor_sub(c, len);

	if (data.tripped)
		return -EBADMSG;
	cursor_skip(c, -(size_t)len & 3);
	*out = (struct frame){
		.data = data.at,
		.len = len,
		.wire_len = wire_len > len ? wire_len : len,
		.time = n->last,
		.link_type = i->link_type,
		.number = i->number,
	};
	return 1;
}

static void set_direction(const struct pcapng *n, struct cursor *c, struct frame *out)
{
	struct cursor value;
	uint16_t code;

	while (next_option(n, c, &code, &value)) {
		uint32_t flags;

		if (code != OPTION_FLAGS)
			continue;
		flags = u32(n, &value) & 3;
		out->direction = flags == 1 ? LINK_IN : flags == 2 ? LINK_OUT : LINK_ANY_WAY;
	}
}

/* Enhanced: interface 4 bytes, time high, low, captured, original. Old: interface 2, drops 2, the same. */
static int packet(struct pcapng *n, struct cursor c, bool old, struct frame *out)
{
	uint32_t index = old ? u16(n, &c) : u32(n, &c), len, wire_len;
	uint64_t count;
	int r;

	if (old)
		cursor_skip(&c, 2);
	count = (uint64_t)u32(n, &c) << 32;
	count |= u32(n, &c);
	len = u32(n, &c);
	wire_len = u32(n, &c);
	if (c.tripped || index >= n->count)
		return -EBADMSG;
	n->last = time_of(&n->interfaces[index], count);
	r = fill(n, &n->interfaces[index], &c, len, wire_len, out);
	if (r > 0)
		set_direction(n, &c, out);
	return r;
}

static int simple_packet(struct pcapng *n, struct cursor c, struct frame *out)
{
	uint32_t wire_len = u32(n, &c), len = wire_len;

	if (c.tripped || n->count == 0)
		return -EBADMSG;
	if (n->interfaces[0].snaplen && len > n->interfaces[0].snaplen)
		len = n->interfaces[0].snaplen;
	if (len > c.left)
		len = (uint32_t)c.left;
	return fill(n, &n->interfaces[0], &c, len, wire_len, out);
}

/* ---- the file ---- */

static int read_bytes(struct pcapng *n, void *to, size_t size)
{
	size_t got = fread(to, 1, size, n->file);

	n->next_at += got;
	if (got == size)
		return 0;
	return ferror(n->file) ? -EIO : got == 0 ? -ENODATA : -EPIPE;
}

/* A section says its byte order; lengths before that cannot be read. */
static int read_order(struct pcapng *n, const uint8_t bytes[static 12])
{
	struct cursor c = cursor_of(bytes, 12);

	if (cursor_be32(&c) != BLOCK_SECTION)
		return n->started ? 0 : -EPROTO;
	cursor_skip(&c, 4);
	switch (cursor_be32(&c)) {
	case 0x1a2b3c4d: n->big = true; break;
	case 0x4d3c2b1a: n->big = false; break;
	default: return n->started ? -EBADMSG : -EPROTO;
	}
	n->started = true;
	n->count = 0;
	return 0;
}

static int make_room(struct pcapng *n, size_t size)
{
	uint8_t *grown;

	if (size <= n->size)
		return 0;
	grown = realloc(n->block, size);
	if (!grown)
		return -ENOMEM;
	n->block = grown;
	n->size = size;
	return 0;
}

/* Every block is at least type, length, length again; 12 bytes can be read before one knows more. */
static int read_block(struct pcapng *n, uint32_t *type, struct cursor *body)
{
	uint8_t head[12];
	struct cursor c = cursor_of(head, sizeof(head));
	uint32_t length, again;
	int r;

	n->at = n->next_at;
	r = read_bytes(n, head, sizeof(head));
	if (r == 0 || (r == -EPIPE && !n->started))
		r = r ? -EPROTO : read_order(n, head);
	if (r)
		return r;
	*type = u32(n, &c);
	length = u32(n, &c);
	if (length < 12 || length % 4 || length > BLOCK_MAX)
		return -EBADMSG;
	r = make_room(n, length);
	if (r)
		return r;
	memcpy(n->block, head, sizeof(head));
	r = length > 12 ? read_bytes(n, n->block + 12, length - 12) : 0;
	if (r)
		return r == -ENODATA ? -EPIPE : r;
	c = cursor_of(n->block + length - 4, 4);
	again = u32(n, &c);
	*body = cursor_of(n->block + 8, length - 12);
	return again == length ? 0 : -EBADMSG;
}

int pcapng_next(struct pcapng *n, struct frame *out)
{
	for (;;) {
		struct cursor body;
		uint32_t type;
		int r = read_block(n, &type, &body);

		if (r)
			return r;
		switch (type) {
		case BLOCK_INTERFACE: r = add_interface(n, body); break;
		case BLOCK_ENHANCED: r = packet(n, body, false, out); break;
		case BLOCK_PACKET: r = packet(n, body, true, out); break;
		case BLOCK_SIMPLE: r = simple_packet(n, body, out); break;
		default: break;
		}
		if (r)
			return r;
	}
}

struct pcapng *pcapng_new(FILE *file, uint32_t (*interface)(void *ctx, const char *name), void *ctx)
{
	struct pcapng *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->file = file;
	n->interface = interface;
	n->ctx = ctx;
	return n;
}

void pcapng_free(struct pcapng *n)
{
	if (!n)
		return;
	free(n->block);
	free(n->interfaces);
	free(n);
}

uint64_t pcapng_at(const struct pcapng *n)
{
	return n->at;
}
