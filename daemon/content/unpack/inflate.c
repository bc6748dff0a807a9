/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/unpack/inflate.h"

#include <stdlib.h>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#define PIECE 16384u
#define ZSTD_WINDOW_LOG 23 /* 8 MiB: what RFC 8878 asks every decoder to support */

struct inflate {
	enum inflate_kind kind;
	z_stream z;
	BrotliDecoderState *brotli; /* owned */
	ZSTD_DStream *zstd;         /* owned */
	uint8_t piece[PIECE];
};

static bool start_zlib(struct inflate *f)
{
	static const int bits[] = {
		[INFLATE_GZIP] = 15 + 16, [INFLATE_ZLIB] = 15, [INFLATE_RAW] = -15
	};

	return inflateInit2(&f->z, bits[f->kind]) == Z_OK;
}

static bool start(struct inflate *f)
{
	switch (f->kind) {
	case INFLATE_BROTLI:
		f->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
		return f->brotli;
	case INFLATE_ZSTD:
		f->zstd = ZSTD_createDStream();
		return f->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(f->zstd, ZSTD_d_windowLogMax,
								       ZSTD_WINDOW_LOG));
	default: return start_zlib(f);
	}
}

struct inflate *inflate_new(enum inflate_kind kind)
{
	struct inflate *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->kind = kind;
	if (start(f))
		return f;
	inflate_free(f);
	return NULL;
}

void inflate_free(struct inflate *f)
{
	if (!f)
		return;
	if (f->kind == INFLATE_BROTLI)
		BrotliDecoderDestroyInstance(f->brotli);
	else if (f->kind == INFLATE_ZSTD)
		ZSTD_freeDStream(f->zstd);
	else
		inflateEnd(&f->z);
	free(f);
}

size_t inflate_memory(enum inflate_kind kind)
{
	switch (kind) {
	case INFLATE_BROTLI: return sizeof(struct inflate) + (1u << 18);
	case INFLATE_ZSTD: return sizeof(struct inflate) + (1u << 20);
	default: return sizeof(struct inflate) + 44000;
	}
}

/* One step of each: takes what it can of [at, at + *n), leaves what came out in the piece. */
static enum inflate_state zlib_step(struct inflate *f, const uint8_t *at, size_t *n, size_t *out)
{
	f->z.next_in = (Bytef *)(uintptr_t)at;
	f->z.avail_in = (uInt)*n;
	f->z.next_out = f->piece;
	f->z.avail_out = PIECE;
	int r = inflate(&f->z, Z_NO_FLUSH);

	*n -= f->z.avail_in;
	*out = PIECE - f->z.avail_out;
	if (r == Z_STREAM_END)
		return INFLATE_END;
	return r == Z_OK || r == Z_BUF_ERROR ? INFLATE_MORE : INFLATE_BROKEN;
}

static enum inflate_state brotli_step(struct inflate *f, const uint8_t *at, size_t *n, size_t *out)
{
	size_t left = *n, room = PIECE;
	uint8_t *to = f->piece;
	BrotliDecoderResult r =
		BrotliDecoderDecompressStream(f->brotli, &left, &at, &room, &to, NULL);

	*n -= left;
	*out = PIECE - room;
	if (r == BROTLI_DECODER_RESULT_SUCCESS)
		return INFLATE_END;
	return r == BROTLI_DECODER_RESULT_ERROR ? INFLATE_BROKEN : INFLATE_MORE;
}

static enum inflate_state zstd_step(struct inflate *f, const uint8_t *at, size_t *n, size_t *out)
{
	ZSTD_inBuffer in = { at, *n, 0 };
	ZSTD_outBuffer to = { f->piece, PIECE, 0 };
	size_t r = ZSTD_decompressStream(f->zstd, &to, &in);

	*n = in.pos;
	*out = to.pos;
	if (ZSTD_isError(r))
		return INFLATE_BROKEN;
	return r == 0 ? INFLATE_END : INFLATE_MORE;
}

static enum inflate_state step(struct inflate *f, const uint8_t *at, size_t *n, size_t *out)
{
	switch (f->kind) {
	case INFLATE_BROTLI: return brotli_step(f, at, n, out);
	case INFLATE_ZSTD: return zstd_step(f, at, n, out);
	default: return zlib_step(f, at, n, out);
	}
}

enum inflate_state inflate_feed(struct inflate *f, const uint8_t *at, size_t n, size_t *used,
				bool (*out)(void *ctx, const uint8_t *at, size_t n), void *ctx)
{
	enum inflate_state state = INFLATE_MORE;
	size_t came;

	*used = 0;
	do {
		size_t some = n - *used < (1u << 30) ? n - *used : 1u << 30;

		state = step(f, at + *used, &some, &came);
		*used += some;
		if (state == INFLATE_MORE && !some && !came && *used < n)
			return INFLATE_BROKEN;
		if (came && !out(ctx, f->piece, came))
			return INFLATE_STOPPED;
	} while (state == INFLATE_MORE && (*used < n || came == PIECE));
	return state;
}
