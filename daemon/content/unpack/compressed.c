/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compressed: gzip (RFC 1952, several members too), deflate (RFC 1950, and 1951 as servers send it), brotli (RFC 7932),
 * zstd (RFC 8878).
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/document.h"
#include "daemon/content/unpack/inflate.h"
#include "daemon/content/unpack/unpack.h"

struct compressed {
	struct part *part, *inside; /* inside: owned until closed */
	struct inflate *f;          /* owned */
	enum inflate_kind kind;
	uint64_t in;
	size_t piece; /* bytes of input behind what comes out now */
	bool over;    /* ended, broken or stopped */
	bool said;
};

static void *start(struct part *p, const struct part_hint *h, enum inflate_kind kind)
{
	struct compressed *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->part = p;
	c->kind = kind;
	c->f = inflate_new(kind);
	if (!c->f) {
		free(c);
		return NULL;
	}
	struct part_hint inside = *h;

	inside.word = "data";
	inside.encoding = (struct body_text){ 0 };
	c->inside = part_open(p, &inside);
	return c;
}

static void *gzip_new(struct part *p, const struct part_hint *h)
{
	return start(p, h, INFLATE_GZIP);
}

static void *deflate_new(struct part *p, const struct part_hint *h)
{
	return start(p, h, INFLATE_ZLIB);
}

static void *brotli_new(struct part *p, const struct part_hint *h)
{
	return start(p, h, INFLATE_BROTLI);
}

static void *zstd_new(struct part *p, const struct part_hint *h)
{
	return start(p, h, INFLATE_ZSTD);
}

static void compressed_free(void *u)
{
	struct compressed *c = u;

	if (!c)
		return;
	inflate_free(c->f);
	free(c);
}

static bool came_out(void *ctx, const uint8_t *at, size_t n)
{
	struct compressed *c = ctx;

	if (!part_inflated(c->part, c->piece, n))
		return false;
	c->piece = 0;
	part_feed(c->inside, at, n);
	return true;
}

static void broken(struct compressed *c)
{
	if (!c->said)
		part_unread(c->part, UNREAD_BROKEN, NULL, (struct body_text){ 0 }, c->in);
	c->said = c->over = true;
}

/* Another member may follow, or the two zero bytes of a header that was left out. */
static bool begin_again(struct compressed *c, enum inflate_kind kind)
{
	inflate_free(c->f);
	c->f = inflate_new(kind);
	c->over = !c->f;
	return c->f;
}

static void compressed_feed(void *u, const uint8_t *at, size_t n)
{
	struct compressed *c = u;

	while (n && !c->over) {
		size_t used;
		bool first = c->in == 0;

		c->piece += n;
		enum inflate_state s = inflate_feed(c->f, at, n, &used, came_out, c);

		if (s == INFLATE_BROKEN && first && c->kind == INFLATE_ZLIB) {
			c->kind = INFLATE_RAW; /* "deflate" without its zlib header */
			if (begin_again(c, INFLATE_RAW))
				continue;
		}
		c->in += used;
		at += used;
		n -= used;
		if (s == INFLATE_BROKEN)
			broken(c);
		else if (s == INFLATE_STOPPED)
			c->over = c->said = true;
		else if (s == INFLATE_END && (c->kind != INFLATE_GZIP || (n && at[0] != 0x1f)))
			c->over = true;
		else if (s == INFLATE_END && c->kind == INFLATE_GZIP)
			begin_again(c, INFLATE_GZIP);
	}
}

static void compressed_end(void *u, bool whole)
{
	struct compressed *c = u;

	part_close(c->inside, whole);
	c->inside = NULL;
}

static size_t compressed_memory(const void *u)
{
	return sizeof(struct compressed) + inflate_memory(((const struct compressed *)u)->kind);
}

#define COMPRESSED(NAME) \
	const struct unpacker unpack_##NAME = { \
		#NAME, NAME##_new, compressed_free, compressed_feed, compressed_end, compressed_memory \
	}
COMPRESSED(gzip);
COMPRESSED(deflate);
COMPRESSED(brotli);
COMPRESSED(zstd);
