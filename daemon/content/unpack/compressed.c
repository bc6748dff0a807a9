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
	struct part *rest;          /* owned until closed: what follows the last stream */
	struct inflate *f;          /* owned; NULL: no more of it will come out */
	enum inflate_kind kind;
	uint8_t head[2]; /* deflate: the first bytes, which tell zlib's header */
	uint8_t head_n;
	bool between; /* a stream has ended: another may begin */
	bool over, whole;
	uint64_t in;
};

static void *start(struct part *p, const struct part_hint *h, enum inflate_kind kind)
{
	struct compressed *c = calloc(1, sizeof(*c));
	struct part_hint inside = *h;

	if (!c)
		return NULL;
	c->part = p;
	c->kind = kind;
	if (kind != INFLATE_ZLIB)
		c->f = inflate_new(kind);
	if (kind != INFLATE_ZLIB && !c->f) {
		free(c);
		return NULL;
	}
	inside.word = "data";
	inside.encoding = sniff_encoding_rest(h->encoding);
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

	if (!part_inflated(c->part, 0, n))
		return false;
	part_feed(c->inside, at, n);
	return true;
}

static void stop(struct compressed *c)
{
	inflate_free(c->f);
	c->f = NULL;
	c->over = true;
}

static void broken(struct compressed *c)
{
	part_unread(c->part, UNREAD_BROKEN, NULL, (struct body_text){ 0 }, c->in);
	stop(c);
}

/* What follows is no stream of this kind: somebody may still read it. */
static void feed_rest(struct compressed *c, const uint8_t *at, size_t n)
{
	const struct part_hint h = { .kind = BODY_LINE, .text = true, .word = "data" };

	if (!c->rest)
		c->rest = part_open(c->part, &h);
	part_feed(c->rest, at, n);
}

/* Members of gzip and frames of zstd stand one behind the other. */
static bool begins_again(struct compressed *c, uint8_t first)
{
	bool again = c->kind == INFLATE_GZIP
			     ? first == 0x1f
			     : c->kind == INFLATE_ZSTD && (first == 0x28 || (first & 0xf0) == 0x50);

	inflate_free(c->f);
	c->f = again ? inflate_new(c->kind) : NULL;
	c->between = false;
	c->over = !c->f;
	return c->f;
}

static size_t inflated(struct compressed *c, const uint8_t *at, size_t n)
{
	size_t used;
	enum inflate_state s = inflate_feed(c->f, at, n, &used, came_out, c);

	c->in += used;
	if (s == INFLATE_BROKEN)
		broken(c);
	else if (s == INFLATE_STOPPED)
		stop(c);
	else if (s == INFLATE_END)
		c->between = c->whole = true;
	return used;
}

static void go_on(struct compressed *c, const uint8_t *at, size_t n)
{
	while (n && (!c->between || begins_again(c, at[0])) && c->f) {
		size_t used = inflated(c, at, n);

		at += used;
		n -= used;
	}
	if (n && c->whole)
		feed_rest(c, at, n);
}

/* "deflate" comes with zlib's header (RFC 1950: CM 8, and a multiple of 31) or, from some servers, without. */
static bool choose(struct compressed *c)
{
	bool zlib = (c->head[0] & 15) == 8 && (c->head[0] << 8 | c->head[1]) % 31 == 0;

	c->kind = zlib ? INFLATE_ZLIB : INFLATE_RAW;
	c->f = inflate_new(c->kind);
	if (c->f)
		go_on(c, c->head, c->head_n);
	else
		part_unread(c->part, UNREAD_MEMORY, NULL, (struct body_text){ 0 }, 0);
	return c->f;
}

static void compressed_feed(void *u, const uint8_t *at, size_t n)
{
	struct compressed *c = u;

	part_inflated(c->part, n, 0);
	while (n && c->kind == INFLATE_ZLIB && c->head_n < 2) {
		c->head[c->head_n++] = *at++;
		n--;
		if (c->head_n == 2 && !choose(c))
			return;
	}
	go_on(c, at, n);
}

static void compressed_end(void *u, bool whole)
{
	struct compressed *c = u;

	if (whole && c->f && !c->between && c->in)
		broken(c);
	part_close(c->inside, whole && c->whole);
	part_close(c->rest, whole);
	c->inside = c->rest = NULL;
}

static size_t compressed_memory(const void *u)
{
	return sizeof(struct compressed) + inflate_memory(((const struct compressed *)u)->kind);
}

#define COMPRESSED(NAME) \
	const struct unpacker unpack_##NAME = { \
		#NAME,           NAME##_new,     compressed_free, \
		compressed_feed, compressed_end, compressed_memory \
	}
COMPRESSED(gzip);
COMPRESSED(deflate);
COMPRESSED(brotli);
COMPRESSED(zstd);
