/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuse: a binary fuse filter of three places and 8 bits (Graf and Lemire, "Binary Fuse Filters", JEA 27, 2022).
 *
 * A key that was put in is always found, another one with probability 1/256. Looking up reads three bytes.
 */
#ifndef DAEMON_CONTENT_SCAN_FUSE_H
#define DAEMON_CONTENT_SCAN_FUSE_H

#include <stdbool.h>
#include <stdint.h>

#define FUSE_KEYS_MAX 4000000u

struct fuse {
	uint64_t seed;
	uint32_t segment;		/* bytes of one, a power of two */
	uint32_t segments;		/* places of the first byte: so many segments */
	uint32_t length;		/* of bytes: (segments + 2) * segment */
	const uint8_t *bytes;		/* borrowed */
};

/* fuse_shape - segment, segments and length for so many keys; at most FUSE_KEYS_MAX */
void fuse_shape(struct fuse *f, uint32_t keys);

/* fuse_is_sound - whether the numbers fit each other, so that fuse_has stays inside of `length` bytes */
bool fuse_is_sound(const struct fuse *f);

/**
 * fuse_fill - make the bytes of distinct keys
 * @f: shaped; gets its seed. @bytes: f->length of them
 * @next: a source of seeds; some do not work out and another one is tried
 * Return: 0; -ENOMEM; -EEXIST two keys are the same
 */
int fuse_fill(struct fuse *f, const uint64_t *keys, uint32_t count, uint8_t *bytes, uint64_t (*next)(void *ctx),
	      void *ctx);

bool fuse_has(const struct fuse *f, uint64_t key);

#endif
