/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/register/make.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/content/scan/fuse.h"
#include "daemon/content/scan/register.h"
#include "rules/text.h"

/* ---- numbers ---- */

int numbers_add(struct numbers *n, const char digits[static REGISTER_DIGITS])
{
	if (n->count == FUSE_KEYS_MAX)
		return -E2BIG;
	if (n->count == n->room) {
		const uint32_t room = n->room ? n->room * 2 : 1024;
		char(*at)[REGISTER_DIGITS] = malloc(room * sizeof(*at));

		if (!at)
			return -ENOMEM;
		if (n->count)
			memcpy(at, n->at, n->count * sizeof(*at));
		if (n->at)
			explicit_bzero(n->at,
				       n->count * sizeof(*at)); /* realloc would leave a copy */
		free(n->at);
		n->at = at;
		n->room = room;
	}
	memcpy(n->at[n->count++], digits, REGISTER_DIGITS);
	return 0;
}

void numbers_done(struct numbers *n)
{
	if (n->at)
		explicit_bzero(n->at, n->count * sizeof(*n->at));
	free(n->at);
	*n = (struct numbers){ 0 };
}

static int by_digits(const void *a, const void *b)
{
	return memcmp(a, b, REGISTER_DIGITS);
}

void numbers_once(struct numbers *n)
{
	uint32_t kept = 0;

	if (n->count)
		qsort(n->at, n->count, sizeof(*n->at), by_digits);
	for (uint32_t i = 0; i < n->count; i++)
		if (!kept || by_digits(n->at[kept - 1], n->at[i]) != 0)
			memmove(n->at[kept++], n->at[i], sizeof(*n->at));
	n->count = kept;
}

/* ---- hashes ---- */

struct making {
	const struct numbers *n;
	struct register_key key;
	struct register_cost cost;
	struct fuse fuse;
	uint64_t *fast, *slow; /* owned */
	uint8_t *bytes;        /* owned; of the fuse filter */
	void (*told)(void *ctx, uint32_t done);
	void *ctx;
};

static int random_bytes(void *out, size_t n)
{
	return getrandom(out, n, 0) == (ssize_t)n ? 0 : -EIO;
}

static uint64_t next_seed(void *ctx)
{
	uint64_t v = 0;

	(void)ctx;
	random_bytes(&v, sizeof(v)); /* any seed will do, 0 as well */
	return v;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int hash_all(struct making *m)
{
	for (uint32_t i = 0; i < m->n->count; i++) {
		const int r = register_slow(&m->key, &m->cost, m->n->at[i], &m->slow[i]);

		if (r < 0)
			return r;
		m->fast[i] = register_fast(&m->key, m->n->at[i]);
		if (m->told)
			m->told(m->ctx, i + 1);
	}
	qsort(m->slow, m->n->count, sizeof(*m->slow), by_value);
	return 0;
}

static int prepare(struct making *m)
{
	fuse_shape(&m->fuse, m->n->count);
	m->fast = calloc(m->n->count, sizeof(*m->fast));
	m->slow = calloc(m->n->count, sizeof(*m->slow));
	m->bytes = malloc(m->fuse.length);
	if (!m->fast || !m->slow || !m->bytes)
		return -ENOMEM;
	int r = random_bytes(&m->key, sizeof(m->key));

	return r ? r : random_bytes(m->cost.salt, sizeof(m->cost.salt));
}

/* ---- files ---- */

static void put(struct text *t, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++, v >>= 8)
		text_putc(t, (char)v);
}

static void put_filter(const struct making *m, struct text *t)
{
	uint8_t seal[SHA256_BYTES];

	text_add(t, REGISTER_MAGIC, 8);
	put(t, m->n->count, 4);
	put(t, m->fuse.segment, 4);
	put(t, m->fuse.segments, 4);
	put(t, m->fuse.length, 4);
	put(t, m->fuse.seed, 8);
	put(t, m->cost.memory, 4);
	put(t, m->cost.passes, 4);
	text_add(t, (const char *)m->cost.salt, sizeof(m->cost.salt));
	text_add(t, (const char *)m->bytes, m->fuse.length);
	for (uint32_t i = 0; i < m->n->count; i++)
		put(t, m->slow[i], 8);
	if (t->failed)
		return;
	register_seal(m->key.fast, t->bytes, t->len, seal);
	text_add(t, (const char *)seal, sizeof(seal));
}

static void put_key(const struct making *m, struct text *t)
{
	text_add(t, REGISTER_KEY_MAGIC, 8);
	text_add(t, (const char *)m->key.fast, sizeof(m->key.fast));
	text_add(t, (const char *)m->key.pepper, sizeof(m->key.pepper));
}

int make_register(const struct numbers *n, uint32_t memory, uint32_t passes, struct text *filter,
		  struct text *key, void (*told)(void *ctx, uint32_t done), void *ctx)
{
	struct making m = {
		.n = n, .cost = { .memory = memory, .passes = passes }, .told = told, .ctx = ctx
	};
	int r = n->count ? prepare(&m) : -EINVAL;

	if (r == 0)
		r = hash_all(&m);
	if (r == 0)
		r = fuse_fill(&m.fuse, m.fast, n->count, m.bytes, next_seed, NULL);
	if (r == 0) {
		put_filter(&m, filter);
		put_key(&m, key);
		r = filter->failed || key->failed ? -ENOMEM : 0;
	}
	explicit_bzero(&m.key, sizeof(m.key));
	free(m.fast);
	free(m.slow);
	free(m.bytes);
	return r;
}
