/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/flow_key.h"
#include "tools/seen/sighting.h"

/* Two open tables of offsets, of texts and of entries; sizes are powers of two, at most half full. */
struct slots {
	uint32_t *at; /* owned; 0 free, else 1 + index */
	uint32_t size, used;
};

struct seen {
	uint64_t words[FLOW_KEY_WORDS]; /* of the hash: names are chosen by peers */
	struct slots by_text, by_entry;
	char *texts; /* owned; each ends in NUL; offset 0 is "" */
	uint32_t texts_used, texts_room, texts_max;
	struct seen_entry *entries; /* owned */
	uint32_t count, room, max;
	uint64_t left_out;
};

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

struct seen *seen_new(uint32_t entries, uint32_t texts)
{
	struct seen *s = calloc(1, sizeof(*s));
	uint8_t secret[16] = { 0 };

	if (!s)
		return NULL;
	if (getrandom(secret, sizeof(secret), GRND_NONBLOCK) < 0)
		memcpy(secret, &s, sizeof(s));
	flow_key_words(secret, s->words);
	s->max = entries;
	s->texts_max = texts;
	s->texts = calloc(1, 1);
	s->texts_used = s->texts_room = 1;
	if (s->texts)
		return s;
	seen_free(s);
	return NULL;
}

void seen_free(struct seen *s)
{
	if (!s)
		return;
	free(s->by_text.at);
	free(s->by_entry.at);
	free(s->texts);
	free(s->entries);
	free(s);
}

const char *seen_text(const struct seen *s, uint32_t text)
{
	return s->texts + text;
}

uint64_t seen_left_out(const struct seen *s)
{
	return s->left_out;
}

/* ---- tables ---- */

static uint64_t hash_text(const struct seen *s, const char *t)
{
	uint64_t h = s->words[0];

	for (; *t; t++)
		h = (h ^ (uint8_t)*t) * (s->words[1] | 1);
	return mix(h ^ s->words[2]);
}

static uint64_t hash_entry(const struct seen *s, const struct seen_entry *e)
{
	const struct flow_key k = { .tuple = e->tuple, .oneway = true };
	uint64_t h = flow_key_hash(s->words, &k);

	h = mix(h ^ (uint64_t)e->application << 32 ^ e->names);
	h = mix(h ^ (uint64_t)e->app_proto << 32 ^ e->inside);
	return mix(h ^ (uint64_t)e->permit << 32 ^ e->tag);
}

static bool grow(const struct seen *s, struct slots *t,
		 uint64_t (*hash)(const struct seen *, uint32_t))
{
	const uint32_t size = t->size ? t->size * 2 : 1024;
	uint32_t *at = calloc(size, sizeof(*at));

	if (!at)
		return false;
	for (uint32_t i = 0; i < t->size; i++) {
		if (!t->at[i])
			continue;
		uint64_t k = hash(s, t->at[i] - 1);

		while (at[k % size])
			k++;
		at[k % size] = t->at[i];
	}
	free(t->at);
	t->at = at;
	t->size = size;
	return true;
}

static uint64_t hash_text_at(const struct seen *s, uint32_t i)
{
	return hash_text(s, s->texts + i);
}

static uint64_t hash_entry_at(const struct seen *s, uint32_t i)
{
	return hash_entry(s, &s->entries[i]);
}

static void *more(void *items, uint32_t *room, uint32_t wanted, uint32_t max, size_t size)
{
	uint32_t n = *room ? *room : 64;

	while (n < wanted)
		n *= 2;
	if (n > max)
		n = max;
	items = realloc(items, (size_t)n * size);
	if (items)
		*room = n;
	return items;
}

static int room_for_text(struct seen *s, size_t n)
{
	char *grown;

	if (n > s->texts_max || s->texts_used > s->texts_max - n)
		return -ENOSPC;
	if (s->texts_used + n <= s->texts_room)
		return 0;
	grown = more(s->texts, &s->texts_room, s->texts_used + (uint32_t)n, s->texts_max, 1);
	if (!grown)
		return -ENOMEM;
	s->texts = grown;
	return 0;
}

/* The one copy of a text. Return: 0 and its offset; -ENOSPC, -ENOMEM. */
static int intern(struct seen *s, const char *text, uint32_t *out)
{
	const size_t n = strlen(text) + 1;
	int r;

	*out = 0;
	if (n == 1)
		return 0;
	if (s->by_text.used * 2 >= s->by_text.size && !grow(s, &s->by_text, hash_text_at))
		return -ENOMEM;
	uint64_t k = hash_text(s, text);

	for (; s->by_text.at[k % s->by_text.size]; k++) {
		*out = s->by_text.at[k % s->by_text.size] - 1;
		if (strcmp(s->texts + *out, text) == 0)
			return 0;
	}
	r = room_for_text(s, n);
	if (r < 0)
		return r;
	*out = s->texts_used;
	memcpy(s->texts + s->texts_used, text, n);
	s->texts_used += (uint32_t)n;
	s->by_text.at[k % s->by_text.size] = *out + 1;
	s->by_text.used++;
	return 0;
}

static bool same_tuple(const struct tuple *a, const struct tuple *b)
{
	return a->src == b->src && a->dst == b->dst && a->dport == b->dport &&
	       a->protocol == b->protocol;
}

static bool same(const struct seen_entry *a, const struct seen_entry *b)
{
	return same_tuple(&a->tuple, &b->tuple) && a->application == b->application &&
	       a->app_proto == b->app_proto && a->inside == b->inside && a->permit == b->permit &&
	       a->names == b->names && a->tag == b->tag && a->refused == b->refused &&
	       a->from_box == b->from_box && a->to_box == b->to_box && a->body == b->body &&
	       a->unreadable == b->unreadable && a->midstream == b->midstream &&
	       a->looked_at == b->looked_at && a->payload == b->payload;
}

/* The entry of that kind, made when there is none. */
static int entry_of(struct seen *s, const struct seen_entry *kind, struct seen_entry **out)
{
	if (s->by_entry.used * 2 >= s->by_entry.size && !grow(s, &s->by_entry, hash_entry_at))
		return -ENOMEM;
	uint64_t k = hash_entry(s, kind);
	uint32_t at;

	for (; (at = s->by_entry.at[k % s->by_entry.size]); k++) {
		*out = &s->entries[at - 1];
		if (same(*out, kind))
			return 0;
	}
	if (s->count == s->max)
		return -ENOSPC;
	if (s->count == s->room) {
		void *grown = more(s->entries, &s->room, s->count + 1, s->max, sizeof(*kind));

		if (!grown)
			return -ENOMEM;
		s->entries = grown;
	}
	*out = &s->entries[s->count++];
	**out = *kind;
	s->by_entry.at[k % s->by_entry.size] = s->count;
	s->by_entry.used++;
	return 0;
}

/* ---- adding ---- */

static int kind_of(struct seen *s, const struct sighting *one, struct seen_entry *e)
{
	const struct {
		const char *text;
		uint32_t *slot;
	} texts[] = { { one->application, &e->application },
		      { one->app_proto, &e->app_proto },
		      { one->inside, &e->inside },
		      { one->permit, &e->permit },
		      { one->names, &e->names } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int r = intern(s, texts[i].text, texts[i].slot);

		if (r < 0)
			return r;
	}
	return 0;
}

int seen_add(struct seen *s, const struct sighting *one, uint32_t tag)
{
	struct seen_entry kind = { .tuple = one->tuple,
				   .tag = tag,
				   .refused = one->refused,
				   .from_box = one->from_box,
				   .to_box = one->to_box,
				   .body = one->body,
				   .unreadable = one->unreadable,
				   .midstream = one->midstream,
				   .looked_at = one->packets_seen > 0,
				   .payload = one->most_up || one->most_down,
				   .first = one->start,
				   .last = one->end };
	struct seen_entry *e = NULL;
	int r = kind_of(s, one, &kind);

	if (r == 0)
		r = entry_of(s, &kind, &e);
	if (r < 0) {
		s->left_out += one->count;
		return r;
	}
	e->count += one->count;
	e->bytes_up += one->bytes_up;
	e->bytes_down += one->bytes_down;
	e->first = one->start < e->first ? one->start : e->first;
	e->last = one->end > e->last ? one->end : e->last;
	return 0;
}

/* ---- order ---- */

#define ORDER(a, b) \
	do { \
		if ((a) != (b)) \
			return (a) < (b) ? -1 : 1; \
	} while (0)

static int order_of_texts(const struct seen *s, const struct seen_entry *x,
			  const struct seen_entry *y)
{
	const uint32_t a[] = { x->application, x->app_proto, x->inside, x->names, x->permit };
	const uint32_t b[] = { y->application, y->app_proto, y->inside, y->names, y->permit };

	for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++) {
		const int r = strcmp(s->texts + a[i], s->texts + b[i]);

		if (r)
			return r;
	}
	return 0;
}

static int by_kind(const void *a, const void *b, void *ctx)
{
	const struct seen_entry *x = a, *y = b;
	int r;

	ORDER(x->tuple.src, y->tuple.src);
	ORDER(x->tuple.dst, y->tuple.dst);
	ORDER(x->tuple.protocol, y->tuple.protocol);
	ORDER(x->tuple.dport, y->tuple.dport);
	r = order_of_texts(ctx, x, y);
	if (r)
		return r;
	ORDER(x->tag, y->tag);
	ORDER(x->refused, y->refused);
	ORDER(x->first, y->first);
	ORDER(x->count, y->count);
	return 0;
}

struct seen_entry *seen_entries(struct seen *s, uint32_t *count)
{
	*count = s->count;
	if (s->count)
		qsort_r(s->entries, s->count, sizeof(*s->entries), by_kind, s);
	return s->entries;
}
