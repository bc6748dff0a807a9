/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document of the head its first byte says. However it is cut, its texts are the same (and of its first bytes, while
 * nobody knew what it is, one more each), unless a stream in it is broken: how much zlib gives out before it finds that
 * depends on what it was given, as does how far a bomb is read. What the document held is given back.
 */
#include <assert.h>

#include "daemon/content/unpack/unpack.h"
#include "tests/unit/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t path, bytes;
	size_t n;
	uint8_t first;
};

static uint64_t hash(const void *at, size_t n)
{
	const uint8_t *p = at;
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h;
}

static struct sum sum_of(const struct scan *s)
{
	return (struct sum){ hash(s->path, strlen(s->path)), hash(s->at, s->n), s->n,
			     s->n ? s->at[0] : 0 };
}

/* Of a part's first bytes, scanned while nobody knew what it was, more or less may have come before it was known. */
static bool same_beginning(struct sum a, struct sum b)
{
	return a.path == b.path && a.n < SNIFF_MAX && b.n < SNIFF_MAX && a.first == b.first;
}

static bool has(struct sum sum)
{
	for (size_t i = 0; i < texts.n; i++) {
		struct sum other = sum_of(texts.all[i]);

		if (other.path == sum.path && other.bytes == sum.bytes && other.n == sum.n)
			return true;
		if (same_beginning(sum, other))
			return true;
	}
	return false;
}

static unsigned int read_once(const uint8_t *data, size_t size, size_t piece, bool *broken)
{
	struct document_pool pool = { .max = (size_t)64 << 20 };
	struct body_head h = texts_head(data[0]);
	struct document *d = texts_read(&pool, &h, data + 1, size - 1, piece);
	const struct unread *list;
	unsigned int n = document_unread(d, &list);

	assert(n == pool.unread);
	*broken = n > DOCUMENT_UNREAD;
	for (unsigned int i = 0; i < n && i < DOCUMENT_UNREAD; i++)
		*broken |= list[i].reason == UNREAD_BROKEN || list[i].reason == UNREAD_RATIO;
	document_free(d);
	assert(pool.used == 0);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sum whole[TEXTS_MAX];
	static const size_t pieces[] = { 1, 7, 300 };

	if (!size)
		return 0;
	bool broken;
	unsigned int unread = read_once(data, size, SIZE_MAX, &broken);
	size_t n = texts.n;

	for (size_t i = 0; i < n; i++)
		whole[i] = sum_of(texts.all[i]);
	for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
		bool b;
		unsigned int u = read_once(data, size, pieces[p], &b);

		assert(broken || u == unread);
		for (size_t i = 0; i < n && !broken; i++)
			assert(has(whole[i]));
	}
	texts_clear();
	return 0;
}
