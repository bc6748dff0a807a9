/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/register_hash.h"

#include <argon2.h>
#include <errno.h>
#include <string.h>

#define BLOCK 64u /* bytes of a block of SHA-256 */

static uint64_t le64(const uint8_t *at)
{
	uint64_t v = 0;

	for (int i = 8; i-- > 0;)
		v = v << 8 | at[i];
	return v;
}

void register_seal(const uint8_t key[static REGISTER_KEY_BYTES], const void *bytes, size_t n,
		   uint8_t out[static SHA256_BYTES])
{
	uint8_t pad[BLOCK];
	struct sha256 s;

	for (size_t i = 0; i < BLOCK; i++)
		pad[i] = (uint8_t)((i < REGISTER_KEY_BYTES ? key[i] : 0) ^ 0x36);
	sha256_init(&s);
	sha256_add(&s, pad, BLOCK);
	sha256_add(&s, bytes, n);
	sha256_end(&s, out);
	for (size_t i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	sha256_init(&s);
	sha256_add(&s, pad, BLOCK);
	sha256_add(&s, out, SHA256_BYTES);
	sha256_end(&s, out);
	explicit_bzero(pad, sizeof(pad));
}

uint64_t register_fast(const struct register_key *k, const char digits[static REGISTER_DIGITS])
{
	uint8_t hash[SHA256_BYTES];

	register_seal(k->fast, digits, REGISTER_DIGITS, hash);
	return le64(hash);
}

int register_slow(const struct register_key *k, const struct register_cost *c,
		  const char digits[static REGISTER_DIGITS], uint64_t *out)
{
	struct register_key key = *k;
	struct register_cost cost = *c;
	uint8_t number[REGISTER_DIGITS], hash[8] = { 0 };
	argon2_context a = {
		.out = hash,
		.outlen = sizeof(hash),
		.pwd = number,
		.pwdlen = sizeof(number),
		.salt = cost.salt,
		.saltlen = sizeof(cost.salt),
		.secret = key.pepper,
		.secretlen = sizeof(key.pepper),
		.t_cost = c->passes,
		.m_cost = c->memory,
		.lanes = 1,
		.threads = 1,
		.version = ARGON2_VERSION_13,
		.flags = ARGON2_FLAG_CLEAR_PASSWORD,
	};

	memcpy(number, digits, sizeof(number));
	const int r = argon2id_ctx(&a);

	explicit_bzero(number, sizeof(number));
	explicit_bzero(&key, sizeof(key));
	if (r != ARGON2_OK)
		return r == ARGON2_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EINVAL;
	*out = le64(hash);
	return 0;
}
