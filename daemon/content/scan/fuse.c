/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/fuse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_MAX (1u << 18)
#define SEEDS 100

struct places {
	uint32_t at[3];
	uint8_t print;
};

/* The finaliser of MurmurHash3: every bit of the key in every bit of the hash. */
static uint64_t mixed(uint64_t h)
{
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static struct places places_of(const struct fuse *f, uint64_t hash)
{
	const uint32_t mask = f->segment - 1;
	const uint32_t first =
		(uint32_t)(((unsigned __int128)hash * ((uint64_t)f->segments * f->segment)) >> 64);

	return (struct places){
		{ first, (first + f->segment) ^ ((uint32_t)(hash >> 18) & mask),
		  (first + 2 * f->segment) ^ ((uint32_t)hash & mask) },
		(uint8_t)(hash ^ hash >> 32),
	};
}

/* The constants are the authors' (their 4.1): the smallest sizes that nearly always work out. */
void fuse_shape(struct fuse *f, uint32_t keys)
{
	const double n = keys < 2 ? 2 : keys;
	const double factor = fmax(1.125, 0.875 + 0.25 * log(1e6) / log(n));
	const uint32_t room = (uint32_t)lround(n * factor);

	f->segment = 1u << (uint32_t)floor(log(n) / log(3.33) + 2.25);
	if (f->segment > SEGMENT_MAX)
		f->segment = SEGMENT_MAX;
	f->segments = (room + f->segment - 1) / f->segment;
	f->segments = f->segments > 3 ? f->segments - 2 : 1;
	f->length = (f->segments + 2) * f->segment;
}

bool fuse_is_sound(const struct fuse *f)
{
	return f->segment && f->segment <= SEGMENT_MAX && !(f->segment & (f->segment - 1)) &&
	       f->segments && f->segments <= 4 * FUSE_KEYS_MAX / f->segment + 1 &&
	       f->length == (f->segments + 2) * f->segment;
}

/* ---- filling: keys that alone hold a place are taken away until none is left, then put in the other way round ---- */

struct filling {
	uint32_t *count; /* owned; keys at each place */
	uint64_t *sum;   /* owned; their hashes, xor */
	uint32_t *alone; /* owned; places that one key holds */
	uint64_t *order; /* owned; hashes as they were taken away */
	uint32_t *of;    /* owned; the place that each alone held */
};

static bool filling_init(struct filling *w, const struct fuse *f, uint32_t keys)
{
	w->count = calloc(f->length, sizeof(*w->count));
	w->sum = calloc(f->length, sizeof(*w->sum));
	w->alone = calloc(f->length, sizeof(*w->alone));
	w->order = calloc(keys, sizeof(*w->order));
	w->of = calloc(keys, sizeof(*w->of));
	return w->count && w->sum && w->alone && w->order && w->of;
}

static void filling_done(struct filling *w)
{
	free(w->count);
	free(w->sum);
	free(w->alone);
	free(w->order);
	free(w->of);
}

static uint32_t take_away(struct filling *w, const struct fuse *f)
{
	uint32_t queue = 0, taken = 0;

	for (uint32_t i = 0; i < f->length; i++)
		if (w->count[i] == 1)
			w->alone[queue++] = i;
	while (queue) {
		const uint32_t place = w->alone[--queue];

		if (w->count[place] != 1)
			continue;
		const uint64_t hash = w->sum[place];
		const struct places p = places_of(f, hash);

		w->order[taken] = hash;
		w->of[taken++] = place;
		for (int i = 0; i < 3; i++) {
			w->sum[p.at[i]] ^= hash;
			if (--w->count[p.at[i]] == 1)
				w->alone[queue++] = p.at[i];
		}
	}
	return taken;
}

static bool try_seed(struct filling *w, const struct fuse *f, const uint64_t *keys, uint32_t count)
{
	memset(w->count, 0, f->length * sizeof(*w->count));
	memset(w->sum, 0, f->length * sizeof(*w->sum));
	for (uint32_t k = 0; k < count; k++) {
		const uint64_t hash = mixed(keys[k] + f->seed);
		const struct places p = places_of(f, hash);

		for (int i = 0; i < 3; i++) {
			w->count[p.at[i]]++;
			w->sum[p.at[i]] ^= hash;
		}
	}
	return take_away(w, f) == count;
}

static void put_in(const struct filling *w, const struct fuse *f, uint32_t count, uint8_t *bytes)
{
	memset(bytes, 0, f->length);
	while (count-- > 0) {
		const struct places p = places_of(f, w->order[count]);

		bytes[w->of[count]] = 0; /* its own place holds nothing yet */
		bytes[w->of[count]] =
			(uint8_t)(p.print ^ bytes[p.at[0]] ^ bytes[p.at[1]] ^ bytes[p.at[2]]);
	}
}

int fuse_fill(struct fuse *f, const uint64_t *keys, uint32_t count, uint8_t *bytes,
	      uint64_t (*next)(void *ctx), void *ctx)
{
	struct filling w = { 0 };
	int r = filling_init(&w, f, count) ? -EEXIST : -ENOMEM;

	for (int i = 0; r == -EEXIST && i < SEEDS; i++) {
		f->seed = next(ctx);
		if (try_seed(&w, f, keys, count)) {
			put_in(&w, f, count, bytes);
			r = 0;
		}
	}
	filling_done(&w);
	f->bytes = bytes;
	return r;
}

bool fuse_has(const struct fuse *f, uint64_t key)
{
	const struct places p = places_of(f, mixed(key + f->seed));

	return (uint8_t)(p.print ^ f->bytes[p.at[0]] ^ f->bytes[p.at[1]] ^ f->bytes[p.at[2]]) == 0;
}
