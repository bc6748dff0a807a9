/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest: MD5 (RFC 1321) for JA3 and SHA-1 (FIPS 180-4, 6.1) for the community id.
 *
 * Both are names that other tools compute the same way, not protection: nothing is secret or
 * signed here. Protection uses rules/sha256.h.
 */
#ifndef DAEMON_DIGEST_H
#define DAEMON_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define MD5_BYTES 16
#define SHA1_BYTES 20

void md5_of(const void *bytes, size_t n, uint8_t out[static MD5_BYTES]);
void sha1_of(const void *bytes, size_t n, uint8_t out[static SHA1_BYTES]);

#endif
