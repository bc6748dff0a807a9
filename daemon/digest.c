/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/digest.h"

#include <stdbool.h>
#include <string.h>

/* Both hash blocks of 64 bytes; padding is 0x80, zeros, and the bit count in their byte order. */
typedef void block_fn(uint32_t h[5], const uint8_t p[64]);

static uint32_t rotl(uint32_t x, unsigned int n)
{
	return x << n | x >> (32 - n);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void hash(uint32_t h[5], block_fn *block, const uint8_t *bytes, size_t n, bool big)
{
	uint8_t tail[128] = { 0 };
	uint64_t bits = (uint64_t)n * 8;

	for (; n >= 64; bytes += 64, n -= 64)
		block(h, bytes);
	size_t end = n < 56 ? 64 : 128;

	if (n)
		memcpy(tail, bytes, n);
	tail[n] = 0x80;
	for (unsigned int i = 0; i < 8; i++)
		tail[end - 8 + i] = (uint8_t)(bits >> 8 * (big ? 7 - i : i));
	block(h, tail);
	if (end == 128)
		block(h, tail + 64);
}

/* floor(2^32 * abs(sin(i + 1))): RFC 1321, 3.4 */
static const uint32_t md5_sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
	0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
	0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
	0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
	0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
	0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
	0xeb86d391,
};

static void md5_block(uint32_t h[5], const uint8_t p[64])
{
	static const uint8_t turns[4][4] = {
		{ 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 }
	};
	uint32_t a = h[0], b = h[1], c = h[2], d = h[3];

	for (unsigned int i = 0; i < 64; i++) {
		uint32_t f;
		unsigned int k;

		switch (i / 16) {
		case 0: f = (b & c) | (~b & d), k = i; break;
		case 1: f = (d & b) | (~d & c), k = 5 * i + 1; break;
		case 2: f = b ^ c ^ d, k = 3 * i + 5; break;
		default: f = c ^ (b | ~d), k = 7 * i; break;
		}
		f += a + md5_sines[i] + le32(p + 4 * (k % 16));
		a = d;
		d = c;
		c = b;
		b += rotl(f, turns[i / 16][i % 4]);
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
}

static void sha1_block(uint32_t h[5], const uint8_t p[64])
{
	static const uint32_t rounds[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	uint32_t w[80] = { 0 }, a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (unsigned int i = 0; i < 80; i++)
		w[i] = i < 16 ? be32(p + 4 * i)
			      : rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (unsigned int i = 0; i < 80; i++) {
		uint32_t f = i < 20   ? (b & c) | (~b & d)
			     : i < 40 ? b ^ c ^ d
			     : i < 60 ? (b & c) | (b & d) | (c & d)
				      : b ^ c ^ d;
		uint32_t next = rotl(a, 5) + f + e + rounds[i / 20] + w[i];

		e = d;
		d = c;
		c = rotl(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void md5_of(const void *bytes, size_t n, uint8_t out[static MD5_BYTES])
{
	uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };

	hash(h, md5_block, bytes, n, false);
	for (unsigned int i = 0; i < MD5_BYTES; i++)
		out[i] = (uint8_t)(h[i / 4] >> 8 * (i % 4));
}

void sha1_of(const void *bytes, size_t n, uint8_t out[static SHA1_BYTES])
{
	uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };

	hash(h, sha1_block, bytes, n, true);
	for (unsigned int i = 0; i < SHA1_BYTES; i++)
		out[i] = (uint8_t)(h[i / 4] >> 8 * (3 - i % 4));
}
