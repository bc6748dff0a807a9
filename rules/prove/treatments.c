/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/treatments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/prove/terms.h"
#include "rules/text.h"

/* ---- byte strings by number ---- */

struct kept_bytes {
	size_t at, len; /* in the pool */
	uint32_t id;
};

struct intern {
	struct text pool;
	struct kept_bytes *kept; /* owned */
	uint32_t *table;         /* owned; places in kept plus one, 0 empty */
	uint32_t count, mask;
};

static bool intern_init(struct intern *x, uint32_t room)
{
	uint32_t size = 16;

	while (size < 2 * room)
		size *= 2;
	*x = (struct intern){ .mask = size - 1 };
	x->kept = malloc((room + 1) * sizeof(*x->kept));
	x->table = calloc(size, sizeof(*x->table));
	return x->kept && x->table;
}

static void intern_done(struct intern *x)
{
	text_done(&x->pool);
	free(x->kept);
	free(x->table);
}

static uint32_t hash(const char *bytes, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)bytes[i]) * UINT64_C(0x100000001b3);
	return (uint32_t)(h ^ h >> 32);
}

/* The entry of the last bytes of the pool, from `from` on; they are taken off again when they are known. */
static struct kept_bytes *intern(struct intern *x, size_t from, bool *fresh)
{
	size_t len = x->pool.len - from;
	const char *bytes = x->pool.bytes + from;
	uint32_t at = hash(bytes, len) & x->mask;

	for (; x->table[at]; at = (at + 1) & x->mask) {
		struct kept_bytes *k = &x->kept[x->table[at] - 1];

		if (k->len == len && !memcmp(x->pool.bytes + k->at, bytes, len)) {
			x->pool.len = from;
			*fresh = false;
			return k;
		}
	}
	*fresh = true;
	x->kept[x->count] = (struct kept_bytes){ from, len, x->count };
	x->table[at] = ++x->count;
	return &x->kept[x->count - 1];
}

/* ---- treatments ---- */

struct naming {
	struct intern quick; /* raw terms, to the number of the exact ones */
	struct intern exact;
};

/* Raw bytes first: they are made fast, and few of them differ. */
static uint32_t name(struct naming *n, struct terms_of a)
{
	size_t from = n->quick.pool.len;
	bool fresh;

	terms_key(a, &n->quick.pool);
	if (n->quick.pool.failed)
		return 0;
	struct kept_bytes *k = intern(&n->quick, from, &fresh);

	if (!fresh)
		return k->id;
	from = n->exact.pool.len;
	terms_put(a, &n->exact.pool);
	if (!n->exact.pool.failed)
		k->id = intern(&n->exact, from, &fresh)->id;
	return k->id;
}

static bool name_all(struct treatments *t, const struct lane lanes[2])
{
	uint32_t n = lanes[0].count + lanes[1].count;
	struct naming x = { { { 0 }, NULL, NULL, 0, 0 }, { { 0 }, NULL, NULL, 0, 0 } };
	bool ok = intern_init(&x.quick, n) && intern_init(&x.exact, n);

	for (int side = 0; side < 2 && ok; side++)
		for (uint32_t i = 0; i < lanes[side].count; i++)
			t->ids[side][i] =
				name(&x, (struct terms_of){ lanes[side].p,
							    lanes[side].items[i].statement });
	t->count = x.exact.count;
	ok = ok && !x.quick.pool.failed && !x.exact.pool.failed;
	intern_done(&x.quick);
	intern_done(&x.exact);
	return ok;
}

int treatments_init(struct treatments *t, const struct lane lanes[2], struct space *s)
{
	bool ok = true;

	*t = (struct treatments){ .count = 0 };
	for (int side = 0; side < 2; side++) {
		t->ids[side] = malloc((lanes[side].count + 1) * sizeof(*t->ids[side]));
		ok = ok && t->ids[side];
	}
	ok = ok && name_all(t, lanes);
	for (int side = 0; side < 2 && ok; side++) {
		t->sets[side] = calloc(t->count + 1, sizeof(*t->sets[side])); /* BDD_FALSE is 0 */
		ok = t->sets[side] != NULL;
		for (uint32_t i = 0; i < lanes[side].count && ok; i++) {
			const struct lane_item *it = &lanes[side].items[i];
			bdd_t *set = &t->sets[side][t->ids[side][i]];

			if (!lane_is_plain(&lanes[side].p->statements[it->statement]))
				*set = bdd_or(space_bdd(s), *set, it->effective);
		}
	}
	if (ok)
		return 0;
	treatments_done(t);
	return -ENOMEM;
}

void treatments_done(struct treatments *t)
{
	for (int side = 0; side < 2; side++) {
		free(t->ids[side]);
		free(t->sets[side]);
	}
	*t = (struct treatments){ .count = 0 };
}

bdd_t treatments_differ(const struct treatments *t, struct space *s)
{
	bdd_t all = BDD_FALSE;

	for (uint32_t i = 0; i < t->count; i++)
		if (t->sets[0][i] != t->sets[1][i])
			all = bdd_or(space_bdd(s), all,
				     bdd_xor(space_bdd(s), t->sets[0][i], t->sets[1][i]));
	return all;
}
