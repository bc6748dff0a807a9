/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sha256: FIPS 180-4, 6.2. In rules/ because the leaf stands on libc alone.
 */
#ifndef RULES_SHA256_H
#define RULES_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX 65

struct sha256 {
	uint32_t h[8];
	uint64_t bytes;
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t n);
void sha256_end(struct sha256 *s, uint8_t out[static SHA256_BYTES]);
void sha256_of(const void *bytes, size_t n, uint8_t out[static SHA256_BYTES]);
const char *sha256_hex(const uint8_t hash[static SHA256_BYTES], char buf[static SHA256_HEX]);

#endif
