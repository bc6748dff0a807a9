/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cursor: the one way to read bytes that somebody else wrote.
 *
 * Made once from the captured length; getters never read past the end. The first getter that asks
 * for too much trips the cursor: from then on all getters yield 0 and `tripped` says so, so a
 * parser reads a whole header in a row and tests once.
 */
#ifndef RULES_CURSOR_H
#define RULES_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *at;	/* borrowed; next byte to read */
	size_t left;		/* bytes from at to the end */
	bool tripped;		/* something asked for more than left; getters now yield 0 */
};

static inline struct cursor cursor_of(const void *bytes, size_t len)
{
	return (struct cursor){ .at = bytes, .left = len };
}

/* cursor_take - the next n bytes, or NULL (and tripped) when fewer are left */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *at = c->at;

	if (c->tripped || n > c->left) {
		c->tripped = true;
		c->left = 0;
		return NULL;
	}
	c->at += n;
	c->left -= n;
	return at;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
	(void)cursor_take(c, n);
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);

	return p ? p[0] : 0;
}

static inline uint16_t cursor_be16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	if (!p)		/* not "p ? ... : 0", which -Wconversion flags under UBSan */
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t cursor_be24(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 3);

	return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t cursor_be32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint64_t cursor_be64(struct cursor *c)
{
	uint64_t hi = cursor_be32(c);

	return hi << 32 | cursor_be32(c);
}

/* Little endian: capture files, SMB, our own image and records. */
static inline uint16_t cursor_le16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	if (!p)
		return 0;
	return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t cursor_le32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);

	return p ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : 0;
}

static inline uint64_t cursor_le64(struct cursor *c)
{
	uint64_t lo = cursor_le32(c);

	return (uint64_t)cursor_le32(c) << 32 | lo;
}

/* cursor_sub - a cursor over the next n bytes, which c then skips; tripped when fewer are left */
static inline struct cursor cursor_sub(struct cursor *c, size_t n)
{
	const uint8_t *p = cursor_take(c, n);

	return (struct cursor){ .at = p, .left = p ? n : 0, .tripped = !p };
}

/* cursor_starts - whether the next bytes are those of the literal; reads nothing */
static inline bool cursor_starts(const struct cursor *c, const char *literal, size_t n)
{
	return !c->tripped && c->left >= n && memcmp(c->at, literal, n) == 0;
}

#endif
