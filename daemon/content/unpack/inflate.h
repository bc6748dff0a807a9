/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inflate: compressed streams as they come: zlib, gzip and raw deflate (zlib), brotli, zstd. One interface, so that
 * a decoder says which and where the bytes go.
 */
#ifndef DAEMON_CONTENT_UNPACK_INFLATE_H
#define DAEMON_CONTENT_UNPACK_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inflate_kind { INFLATE_GZIP, INFLATE_ZLIB, INFLATE_RAW, INFLATE_BROTLI, INFLATE_ZSTD };

enum inflate_state { INFLATE_MORE, INFLATE_END, INFLATE_BROKEN, INFLATE_STOPPED };

struct inflate;

struct inflate *inflate_new(enum inflate_kind kind);	/* NULL: no memory */
void inflate_free(struct inflate *f);			/* takes NULL */
size_t inflate_memory(enum inflate_kind kind);		/* about */

/**
 * inflate_feed - @used: bytes taken of @n; after INFLATE_END the rest is not of this stream
 * @out: called with each piece that comes out; false: stop (a limit), then INFLATE_STOPPED
 */
enum inflate_state inflate_feed(struct inflate *f, const uint8_t *at, size_t n, size_t *used,
				bool (*out)(void *ctx, const uint8_t *at, size_t n), void *ctx);

#endif
