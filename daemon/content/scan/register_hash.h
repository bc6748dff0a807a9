/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * register_hash: the two keyed hashes of a number in the register's filter (methods.md B.7).
 *
 * There are only 10^11 valid numbers: whoever has a fast hash and its key finds them all in seconds. So the fast one
 * leaves 8 bits in the filter, which say next to nothing, and the slow one costs milliseconds and 16 MiB each time.
 */
#ifndef DAEMON_CONTENT_SCAN_REGISTER_HASH_H
#define DAEMON_CONTENT_SCAN_REGISTER_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "rules/sha256.h"

#define REGISTER_DIGITS 12u
#define REGISTER_KEY_BYTES 32u

struct register_key {
	uint8_t fast[REGISTER_KEY_BYTES];	/* of the filter's hash and of the file's seal */
	uint8_t pepper[REGISTER_KEY_BYTES];	/* of the slow hash */
};

struct register_cost {
	uint32_t memory;		/* KiB */
	uint32_t passes;
	uint8_t salt[16];
};

/* HMAC-SHA-256 (RFC 2104) */
void register_seal(const uint8_t key[static REGISTER_KEY_BYTES], const void *bytes, size_t n,
		   uint8_t out[static SHA256_BYTES]);

uint64_t register_fast(const struct register_key *k, const char digits[static REGISTER_DIGITS]);

/* register_slow - Argon2id (RFC 9106), one lane. Return: 0; -ENOMEM; -EINVAL a cost that it does not take */
int register_slow(const struct register_key *k, const struct register_cost *c, const char digits[static REGISTER_DIGITS],
		  uint64_t *out);

#endif
