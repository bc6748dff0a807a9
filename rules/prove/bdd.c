/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/bdd.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE (UINT32_C(2) << 20)
#define ROOM_FIRST (UINT32_C(1) << 12) /* nodes of a small problem */
#define CACHE_ENTRIES \
	(UINT32_C(1) << 20) /* 16 MB; a larger one misses the processor's cache more */
#define LEAF_VAR UINT32_MAX

struct node {
	bdd_t lo, hi; /* lo is never complemented: that makes the name of a set unique */
	uint32_t var;
};

/* What an entry of the cache is the result of; an ITE's third operand is always below. */
#define TAG_AND UINT32_C(0xfffffff0)
#define TAG_XOR UINT32_C(0xfffffff1)
#define TAG_APART UINT32_C(0xfffffff2)
#define TAG_EXISTS UINT32_C(0xfffffff3)

struct entry {      /* of a direct-mapped table */
	bdd_t x, y; /* x 0: empty, as no operation on a leaf is kept */
	uint32_t z; /* tag, or ITE's third operand */
	bdd_t result;
};

struct bdd {
	struct node *nodes; /* owned; room of them, the first is the leaf */
	uint32_t *
		slots; /* owned; open hash table: index of a node, some bits of its hash on top; 0 empty */
	struct entry *cache; /* owned */
	uint32_t count, room, max, peak;
	uint32_t slot_mask, slot_room, cache_mask, cache_room;
	bool failed;
};

static uint32_t hash3(uint32_t x, uint32_t y, uint32_t z)
{
	uint64_t h = ((uint64_t)x << 32 | y) * UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ (h >> 32) ^ z) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(h >> 32);
}

/* ---- room ---- */

/* Tables are met at random: with pages of 4 KB the processor looks for the page as long as for the memory. */
static void *table_new(size_t bytes)
{
	if (bytes < HUGE_PAGE)
		return malloc(bytes);
	size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	void *p = aligned_alloc(HUGE_PAGE, whole);

	if (p)
		madvise(p, whole, MADV_HUGEPAGE); /* a wish: without it everything works as well */
	return p;
}

/* Each table keeps the memory of the largest problem; only the part in use is cleared and hashed into. */
static bool resize_slots(struct bdd *b, uint32_t n)
{
	if (n > b->slot_room) {
		free(b->slots);
		b->slots = table_new(n * sizeof(*b->slots));
		b->slot_room = b->slots ? n : 0;
	}
	if (!b->slots)
		return false;
	memset(b->slots, 0, n * sizeof(*b->slots));
	b->slot_mask = n - 1;
	return true;
}

static bool resize_cache(struct bdd *b, uint32_t n)
{
	if (n > b->cache_room) {
		free(b->cache);
		b->cache = table_new(n * sizeof(*b->cache));
		b->cache_room = b->cache ? n : 0;
	}
	if (!b->cache)
		return false;
	memset(b->cache, 0, n * sizeof(*b->cache));
	b->cache_mask = n - 1;
	return true;
}

static bool resize_nodes(struct bdd *b, uint32_t n)
{
	if (n <= b->room)
		return true;
	struct node *nodes = table_new(n * sizeof(*nodes));

	if (!nodes)
		return false;
	if (b->room)
		memcpy(nodes, b->nodes, b->count * sizeof(*nodes));
	free(b->nodes);
	b->nodes = nodes;
	b->room = n;
	return true;
}

/* The bits of its hash tell most other nodes from the one that is sought, without a look at them. */
#define INDEX_MASK (BDD_NODES_MAX - 1)

static uint32_t tag_of(uint32_t hash)
{
	return hash & ~INDEX_MASK;
}

static uint32_t empty_slot(const struct bdd *b, uint32_t hash)
{
	uint32_t at = hash & b->slot_mask;

	while (b->slots[at])
		at = (at + 1) & b->slot_mask;
	return at;
}

static uint32_t hash_node(const struct node *n)
{
	return hash3(n->lo, n->hi, n->var);
}

#define AHEAD 16u

/* The slot of a node that comes soon is fetched while others are entered. */
static void enter_all(struct bdd *b)
{
	uint32_t hashes[AHEAD];

	for (uint32_t i = 1; i < b->count + AHEAD; i++) {
		uint32_t *hash = &hashes[i % AHEAD];

		if (i > AHEAD)
			b->slots[empty_slot(b, *hash)] = (i - AHEAD) | tag_of(*hash);
		if (i >= b->count)
			continue;
		*hash = hash_node(&b->nodes[i]);
		__builtin_prefetch(&b->slots[*hash & b->slot_mask], 1);
	}
}

/* How many nodes that many slots are for. */
static uint32_t room_of(const struct bdd *b, uint32_t slots)
{
	uint32_t room = slots / 4 * 3;

	return room < b->max ? room : b->max;
}

/* More room. Cached results are dropped: they are rebuilt faster than moved. */
static bool grow(struct bdd *b)
{
	uint32_t slots = b->slot_mask + 1;

	slots *= slots < CACHE_ENTRIES ? 4 : 2; /* many small problems, few that are large */
	uint32_t cache = slots < CACHE_ENTRIES ? slots : CACHE_ENTRIES;

	if (!resize_nodes(b, room_of(b, slots)) || !resize_slots(b, slots))
		return false;
	if (cache != b->cache_mask + 1 && !resize_cache(b, cache))
		return false;
	enter_all(b);
	return true;
}

/* @nodes: as many as the problem before had: problems of one policy are alike, and growing is dear. */
static bool start(struct bdd *b, uint32_t nodes)
{
	uint32_t slots = 2 * ROOM_FIRST;

	while (slots / 2 < nodes && slots < CACHE_ENTRIES)
		slots *= 2;
	b->failed = !resize_nodes(b, room_of(b, slots)) || !resize_slots(b, slots) ||
		    !resize_cache(b, slots);
	if (b->failed)
		return false;
	b->nodes[0] = (struct node){ BDD_FALSE, BDD_FALSE, LEAF_VAR };
	b->count = 1;
	return true;
}

struct bdd *bdd_new(uint32_t node_max)
{
	struct bdd *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->max = node_max && node_max < BDD_NODES_MAX ? node_max : BDD_NODES_MAX;
	if (start(b, 0))
		return b;
	bdd_free(b);
	return NULL;
}

void bdd_free(struct bdd *b)
{
	if (!b)
		return;
	free(b->nodes);
	free(b->slots);
	free(b->cache);
	free(b);
}

void bdd_reset(struct bdd *b)
{
	start(b, b->count);
}

bool bdd_failed(const struct bdd *b)
{
	return b->failed;
}

uint32_t bdd_nodes(const struct bdd *b)
{
	return b->count;
}

uint32_t bdd_peak(const struct bdd *b)
{
	return b->peak > b->count ? b->peak : b->count;
}

/* ---- nodes ---- */

static bdd_t fail(struct bdd *b)
{
	b->failed = true;
	return BDD_NONE;
}

static bdd_t add_node(struct bdd *b, uint32_t at, uint32_t hash, struct node n)
{
	if (b->failed || b->count >= b->max)
		return fail(b);
	if (b->count >= room_of(b, b->slot_mask + 1)) {
		if (!grow(b))
			return fail(b);
		at = empty_slot(b, hash);
	}
	b->slots[at] = b->count | tag_of(hash);
	b->nodes[b->count] = n;
	if (b->count >= b->peak)
		b->peak = b->count + 1;
	return b->count++ << 1;
}

bdd_t bdd_node(struct bdd *b, uint32_t var, bdd_t lo, bdd_t hi)
{
	if (lo == hi)
		return lo;
	if (lo == BDD_NONE || hi == BDD_NONE)
		return BDD_NONE;
	bdd_t flip = lo & 1;
	struct node n = { lo ^ flip, hi ^ flip, var };
	uint32_t hash = hash_node(&n), at = hash & b->slot_mask;

	for (uint32_t slot; (slot = b->slots[at]); at = (at + 1) & b->slot_mask) {
		const struct node *have = &b->nodes[slot & INDEX_MASK];

		if ((slot ^ hash) & ~INDEX_MASK)
			continue;
		if (have->lo == n.lo && have->hi == n.hi && have->var == var)
			return (slot & INDEX_MASK) << 1 | flip;
	}
	bdd_t made = add_node(b, at, hash, n);

	return made == BDD_NONE ? made : made ^ flip;
}

uint32_t bdd_var(const struct bdd *b, bdd_t x)
{
	return x == BDD_NONE ? LEAF_VAR : b->nodes[x >> 1].var;
}

bdd_t bdd_lo(const struct bdd *b, bdd_t x)
{
	return b->nodes[x >> 1].lo ^ (x & 1);
}

bdd_t bdd_hi(const struct bdd *b, bdd_t x)
{
	return b->nodes[x >> 1].hi ^ (x & 1);
}

/* What is left of x below `var`. */
static bdd_t below(const struct bdd *b, bdd_t x, uint32_t var, bool one)
{
	if (b->nodes[x >> 1].var != var)
		return x;
	return one ? bdd_hi(b, x) : bdd_lo(b, x);
}

static uint32_t upper(uint32_t v, uint32_t w)
{
	return v < w ? v : w;
}

/* ---- cache ---- */

static struct entry *entry_of(struct bdd *b, bdd_t x, bdd_t y, uint32_t z)
{
	return &b->cache[hash3(x, y, z) & b->cache_mask];
}

static bool is_cached(const struct entry *e, bdd_t x, bdd_t y, uint32_t z)
{
	return e->x == x && e->y == y && e->z == z;
}

/* The table may have moved or grown since the question was asked. */
static bdd_t keep(struct bdd *b, bdd_t x, bdd_t y, uint32_t z, bdd_t result)
{
	if (result != BDD_NONE)
		*entry_of(b, x, y, z) = (struct entry){ x, y, z, result };
	return result;
}

/* ---- operations ---- */

bdd_t bdd_and(struct bdd *b, bdd_t x, bdd_t y)
{
	if (x > y) {
		bdd_t t = x;

		x = y;
		y = t;
	}
	if (y == BDD_NONE)
		return BDD_NONE;
	if (x == BDD_FALSE || (x ^ y) == 1)
		return BDD_FALSE;
	if (x == BDD_TRUE || x == y)
		return y;
	const struct entry *e = entry_of(b, x, y, TAG_AND);

	if (is_cached(e, x, y, TAG_AND))
		return e->result;
	uint32_t var = upper(b->nodes[x >> 1].var, b->nodes[y >> 1].var);
	bdd_t lo = bdd_and(b, below(b, x, var, false), below(b, y, var, false));
	bdd_t hi = bdd_and(b, below(b, x, var, true), below(b, y, var, true));

	return keep(b, x, y, TAG_AND, bdd_node(b, var, lo, hi));
}

bdd_t bdd_xor(struct bdd *b, bdd_t x, bdd_t y)
{
	if (x == BDD_NONE || y == BDD_NONE)
		return BDD_NONE;
	bdd_t flip = (x ^ y) & 1;

	x &= ~(bdd_t)1;
	y &= ~(bdd_t)1;
	if (x > y) {
		bdd_t t = x;

		x = y;
		y = t;
	}
	if (x == y)
		return flip;
	if (x == BDD_FALSE)
		return y ^ flip;
	const struct entry *e = entry_of(b, x, y, TAG_XOR);

	if (is_cached(e, x, y, TAG_XOR))
		return e->result ^ flip;
	uint32_t var = upper(b->nodes[x >> 1].var, b->nodes[y >> 1].var);
	bdd_t lo = bdd_xor(b, below(b, x, var, false), below(b, y, var, false));
	bdd_t hi = bdd_xor(b, below(b, x, var, true), below(b, y, var, true));
	bdd_t r = keep(b, x, y, TAG_XOR, bdd_node(b, var, lo, hi));

	return r == BDD_NONE ? r : r ^ flip;
}

/* An ITE that AND or XOR can answer; false when it is a real one. */
static bool simple_ite(struct bdd *b, bdd_t f, bdd_t g, bdd_t h, bdd_t *r)
{
	if (f == BDD_NONE || g == BDD_NONE || h == BDD_NONE)
		*r = BDD_NONE;
	else if (bdd_is_leaf(f))
		*r = f == BDD_TRUE ? g : h;
	else if (g == h)
		*r = g;
	else if (h == BDD_FALSE || h == f)
		*r = bdd_and(b, f, g);
	else if (g == BDD_FALSE || g == bdd_not(f))
		*r = bdd_and(b, bdd_not(f), h);
	else if (g == BDD_TRUE || g == f)
		*r = bdd_or(b, f, h);
	else if (h == BDD_TRUE || h == bdd_not(f))
		*r = bdd_or(b, bdd_not(f), g);
	else if ((g ^ h) == 1)
		*r = bdd_xor(b, f, h);
	else
		return false;
	return true;
}

bdd_t bdd_ite(struct bdd *b, bdd_t f, bdd_t g, bdd_t h)
{
	bdd_t r;

	if (simple_ite(b, f, g, h, &r))
		return r;
	if (f & 1)
		return bdd_ite(b, f ^ 1, h, g);
	if (g & 1)
		return bdd_not(bdd_ite(b, f, g ^ 1, h ^ 1));
	const struct entry *e = entry_of(b, f, g, h);

	if (is_cached(e, f, g, h))
		return e->result;
	uint32_t var =
		upper(b->nodes[f >> 1].var, upper(b->nodes[g >> 1].var, b->nodes[h >> 1].var));
	bdd_t lo = bdd_ite(b, below(b, f, var, false), below(b, g, var, false),
			   below(b, h, var, false));
	bdd_t hi =
		bdd_ite(b, below(b, f, var, true), below(b, g, var, true), below(b, h, var, true));

	return keep(b, f, g, h, bdd_node(b, var, lo, hi));
}

bdd_t bdd_or_all(struct bdd *b, bdd_t *sets, uint32_t n)
{
	if (n == 0)
		return BDD_FALSE;
	for (; n > 1; n = (n + 1) / 2) {
		for (uint32_t i = 0; i < n / 2; i++)
			sets[i] = bdd_or(b, sets[2 * i], sets[2 * i + 1]);
		if (n & 1)
			sets[n / 2] = sets[n - 1];
	}
	return sets[0];
}

/* Whether x and y have nothing in common. */
static bool apart(struct bdd *b, bdd_t x, bdd_t y)
{
	if (x > y) {
		bdd_t t = x;

		x = y;
		y = t;
	}
	if (x == BDD_FALSE || (x ^ y) == 1)
		return true;
	if (x == BDD_TRUE || x == y)
		return false;
	const struct entry *e = entry_of(b, x, y, TAG_APART);

	if (is_cached(e, x, y, TAG_APART))
		return e->result;
	uint32_t var = upper(b->nodes[x >> 1].var, b->nodes[y >> 1].var);
	bool r = apart(b, below(b, x, var, false), below(b, y, var, false)) &&
		 apart(b, below(b, x, var, true), below(b, y, var, true));

	keep(b, x, y, TAG_APART, r);
	return r;
}

bool bdd_implies(struct bdd *b, bdd_t x, bdd_t y)
{
	if (b->failed || x == BDD_NONE || y == BDD_NONE)
		return false;
	return apart(b, x, bdd_not(y));
}

bdd_t bdd_exists(struct bdd *b, bdd_t x, uint32_t first, uint32_t end)
{
	uint32_t var = bdd_var(b, x), which = first << 16 | end;

	assert(end <= BDD_VARIABLES_MAX);
	if (x == BDD_NONE || bdd_is_leaf(x) || var >= end || first >= end)
		return x;
	const struct entry *e = entry_of(b, x, which, TAG_EXISTS);

	if (is_cached(e, x, which, TAG_EXISTS))
		return e->result;
	bdd_t lo = bdd_exists(b, bdd_lo(b, x), first, end);
	bdd_t hi = bdd_exists(b, bdd_hi(b, x), first, end);
	bdd_t r = var < first ? bdd_node(b, var, lo, hi) : bdd_or(b, lo, hi);

	return keep(b, x, which, TAG_EXISTS, r);
}
