/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/intern.h"

#include <stdlib.h>
#include <string.h>

bool intern_init(struct intern *x, uint32_t room)
{
	uint32_t size = 16;

	while (size < 2 * room)
		size *= 2;
	*x = (struct intern){ .mask = size - 1 };
	x->kept = malloc((room + 1) * sizeof(*x->kept));
	x->table = calloc(size, sizeof(*x->table));
	return x->kept && x->table;
}

void intern_done(struct intern *x)
{
	text_done(&x->pool);
	free(x->kept);
	free(x->table);
	*x = (struct intern){ .count = 0 };
}

bool intern_failed(const struct intern *x)
{
	return x->pool.failed;
}

struct text *intern_begin(struct intern *x)
{
	x->begun = x->pool.len;
	return &x->pool;
}

/* FNV-1a by words. The table has no hostile input: whoever writes the policy waits for it himself. */
static uint32_t hash(const char *bytes, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325), word;

	for (; n >= sizeof(word); bytes += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		h = (h ^ word) * UINT64_C(0x100000001b3);
		h ^= h >> 29;
	}
	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)bytes[i]) * UINT64_C(0x100000001b3);
	return (uint32_t)(h ^ h >> 32);
}

struct interned *intern_end(struct intern *x, bool *fresh)
{
	size_t len = x->pool.failed ? 0 : x->pool.len - x->begun;
	const char *bytes = len ? x->pool.bytes + x->begun : "";
	uint32_t at = hash(bytes, len) & x->mask;

	for (; x->table[at]; at = (at + 1) & x->mask) {
		struct interned *k = &x->kept[x->table[at] - 1];

		if (k->len != len || (len && memcmp(x->pool.bytes + k->at, bytes, len) != 0))
			continue;
		x->pool.len = x->begun;
		*fresh = false;
		return k;
	}
	*fresh = true;
	x->kept[x->count] = (struct interned){ x->begun, len, x->count };
	x->table[at] = ++x->count;
	return &x->kept[x->count - 1];
}
