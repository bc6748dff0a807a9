/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/defrag.h"

#include "daemon/capture/fragment.h"
#include "daemon/packet.h"

#include <stdlib.h>
#include <string.h>

enum {
	LENGTH_MAX = 65535, /* of the IPv4 packet, of the IPv6 payload */
	WHOLE_SIZE = LENGTH_MAX + 40,
};

const struct defrag_conf defrag_conf_default = {
	.datagrams = 4096,
	.bytes = 4 << 20,
	.timeout_v4 = 30 * 1000000000ll,
	.timeout_v6 = 60 * 1000000000ll,
};

/* A fragment's bytes. Fragments that came in order form a run; the first of a run stands for it. */
struct piece {
	struct piece *next;     /* owned: the next one of the run */
	struct piece *last;     /* borrowed: of the run */
	struct piece *next_run; /* owned */
	uint32_t start, run_end;
	uint32_t length;
	uint8_t bytes[];
};

struct datagram {
	struct fragment_key key;
	struct datagram *chain;         /* borrowed: next in its bucket, or next free slot */
	struct datagram *newer, *older; /* borrowed: of the same IP version */
	int64_t start;
	struct piece *runs, *last_run; /* owned, ascending; the last one borrowed */
	uint8_t *header;               /* owned: what precedes the data in the fragment at 0 */
	uint32_t header_length;
	uint32_t length, have; /* as far as known; bytes there */
	uint32_t frames;       /* sum of frame_len */
	bool end_known;
};

struct age {
	struct datagram *oldest, *newest; /* borrowed from slots */
	int64_t timeout;
};

struct defrag {
	struct defrag_conf conf;
	struct defrag_counters counters;
	struct datagram *slots;    /* owned; conf.datagrams of them */
	struct datagram **buckets; /* owned; mask + 1 of them */
	struct datagram *free;     /* borrowed from slots */
	size_t mask, touched, bytes;
	struct age ages[2];
	uint8_t *whole; /* owned; WHOLE_SIZE bytes */
};

/* ---- the table ---- */

static size_t bucket_of(const struct defrag *d, const struct fragment_key *k)
{
	uint64_t h = (uint64_t)k->id << 16 ^ (uint64_t)k->version << 8 ^ k->protocol;

	for (size_t i = 0; i < sizeof(k->addresses); i += 8) {
		uint64_t word;

		memcpy(&word, k->addresses + i, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return h & d->mask;
}

static bool same_key(const struct fragment_key *a, const struct fragment_key *b)
{
	return a->id == b->id && a->version == b->version && a->protocol == b->protocol &&
	       memcmp(a->addresses, b->addresses, sizeof(a->addresses)) == 0;
}

static struct age *age_of(struct defrag *d, const struct fragment_key *k)
{
	return &d->ages[k->version == 6];
}

static void free_pieces(struct defrag *d, struct datagram *g)
{
	while (g->runs) {
		struct piece *run = g->runs;

		g->runs = run->next_run;
		while (run) {
			struct piece *next = run->next;

			d->bytes -= sizeof(*run) + run->length;
			free(run);
			run = next;
		}
	}
	d->bytes -= g->header_length;
	free(g->header);
}

static void end_datagram(struct defrag *d, struct datagram *g)
{
	struct age *age = age_of(d, &g->key);
	struct datagram **at = &d->buckets[bucket_of(d, &g->key)];

	while (*at != g)
		at = &(*at)->chain;
	*at = g->chain;
	*(g->older ? &g->older->newer : &age->oldest) = g->newer;
	*(g->newer ? &g->newer->older : &age->newest) = g->older;
	free_pieces(d, g);
	memset(g, 0, sizeof(*g));
	g->chain = d->free;
	d->free = g;
}

static void expire(struct defrag *d, int64_t now)
{
	for (int i = 0; i < 2; i++) {
		struct datagram *g;

		while ((g = d->ages[i].oldest) && now - g->start >= d->ages[i].timeout) {
			end_datagram(d, g);
			d->counters.timeouts++;
		}
	}
}

static struct datagram *begin(struct defrag *d, const struct fragment_key *k, int64_t now)
{
	struct age *age = age_of(d, k);
	struct datagram *g = d->free;
	size_t bucket = bucket_of(d, k);

	if (d->bytes >= d->conf.bytes || (!g && d->touched == d->conf.datagrams))
		return NULL;
	if (g)
		d->free = g->chain;
	else
		g = &d->slots[d->touched++];
	*g = (struct datagram){ .key = *k, .start = now, .chain = d->buckets[bucket] };
	d->buckets[bucket] = g;
	g->older = age->newest;
	*(g->older ? &g->older->newer : &age->oldest) = g;
	age->newest = g;
	return g;
}

static struct datagram *find(struct defrag *d, const struct fragment_key *k, int64_t now)
{
	struct datagram *g = d->buckets[bucket_of(d, k)];

	while (g && !same_key(&g->key, k))
		g = g->chain;
	return g ? g : begin(d, k, now);
}

/* ---- putting together ---- */

enum fit { FIT, FIT_DUPLICATE, FIT_OVERLAP };

/*
 * Where a fragment goes, as inet_frag_queue_insert of Linux decides it: behind everything, or into a gap.
 * *append: it continues the last run. *after: the run it follows, NULL: it is the first.
 */
static enum fit place(const struct datagram *g, const struct fragment *f, struct piece **after,
		      bool *append)
{
	struct piece *last = g->last_run;

	*after = NULL;
	*append = false;
	if (!last)
		return FIT;
	if (last->run_end < f->end) {
		*after = last;
		*append = f->offset == last->run_end;
		return f->offset < last->run_end ? FIT_OVERLAP : FIT;
	}
	for (struct piece *run = g->runs; run && f->end > run->start; run = run->next_run) {
		if (f->offset >= run->start && f->end <= run->run_end)
			return FIT_DUPLICATE;
		if (f->offset < run->run_end)
			return FIT_OVERLAP;
		*after = run;
	}
	return FIT;
}

static bool add_piece(struct defrag *d, struct datagram *g, const struct fragment *f,
		      const uint8_t *bytes, struct piece *after, bool append)
{
	uint32_t length = f->end - f->offset;
	struct piece *piece = malloc(sizeof(*piece) + length);

	if (!piece)
		return false;
	*piece = (struct piece){ .start = f->offset, .run_end = f->end, .length = length };
	memcpy(piece->bytes, bytes, length);
	piece->last = piece;
	d->bytes += sizeof(*piece) + length;
	g->have += length;
	if (append) {
		after->last->next = piece;
		after->last = piece;
		after->run_end = f->end;
		return true;
	}
	piece->next_run = after ? after->next_run : g->runs;
	*(after ? &after->next_run : &g->runs) = piece;
	if (!piece->next_run)
		g->last_run = piece;
	return true;
}

static bool keep_header(struct defrag *d, struct datagram *g, const struct fragment *f,
			const uint8_t *packet)
{
	g->header = malloc(f->header);
	if (!g->header)
		return false;
	memcpy(g->header, packet, f->header);
	if (g->key.version == 6)
		g->header[f->next_at] = f->protocol;
	g->header_length = f->header;
	d->bytes += f->header;
	return true;
}

/* Whether the fragment agrees with what is known of the end; notes what it says of it. */
static bool end_agrees(struct datagram *g, const struct fragment *f)
{
	if (f->offset == f->end || f->end > LENGTH_MAX)
		return false;
	if (f->more) {
		if (f->end > g->length && g->end_known)
			return false;
		g->length = f->end > g->length ? f->end : g->length;
		return true;
	}
	if (f->end < g->length || (g->end_known && f->end != g->length))
		return false;
	g->end_known = true;
	g->length = f->end;
	return true;
}

static void put_be16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

/* The IPv4 checksum is left as it was: nothing behind looks at it. */
static uint32_t write_header(const struct datagram *g, uint8_t *out)
{
	memcpy(out, g->header, g->header_length);
	if (g->key.version == 4) {
		put_be16(out + 2, g->header_length + g->length);
		put_be16(out + 6, 0);
	} else {
		put_be16(out + 4, g->header_length - 40 + g->length);
	}
	return g->header_length;
}

static bool fits_one_packet(const struct datagram *g)
{
	return g->header_length - (g->key.version == 6 ? 40 : 0) + g->length <= LENGTH_MAX;
}

static enum defrag_result make(struct defrag *d, struct datagram *g, struct packet *p)
{
	uint32_t at;

	if (!fits_one_packet(g)) {
		d->counters.overlaps++;
		end_datagram(d, g);
		return DEFRAG_KEPT;
	}
	at = write_header(g, d->whole);
	for (const struct piece *run = g->runs; run; run = run->next_run) {
		for (const struct piece *piece = run; piece; piece = piece->next) {
			memcpy(d->whole + at, piece->bytes, piece->length);
			at += piece->length;
		}
	}
	p->data = d->whole;
	p->len = p->wire_len = at;
	p->frame_len = g->frames;
	end_datagram(d, g);
	d->counters.reassembled++;
	return DEFRAG_MADE;
}

static enum defrag_result add(struct defrag *d, struct datagram *g, const struct fragment *f,
			      struct packet *p)
{
	struct piece *after;
	bool append;

	g->frames += p->frame_len;
	if (!end_agrees(g, f)) {
		d->counters.overlaps++;
		if (g->key.version == 4)
			end_datagram(d, g);
		return DEFRAG_KEPT;
	}
	switch (place(g, f, &after, &append)) {
	case FIT: break;
	case FIT_DUPLICATE: d->counters.duplicates++; return DEFRAG_KEPT;
	case FIT_OVERLAP:
		d->counters.overlaps++;
		end_datagram(d, g);
		return DEFRAG_KEPT;
	}
	if ((f->offset == 0 && !keep_header(d, g, f, p->data)) ||
	    !add_piece(d, g, f, p->data + f->data, after, append)) {
		d->counters.refused++;
		end_datagram(d, g);
		return DEFRAG_KEPT;
	}
	return g->end_known && g->header && g->have == g->length ? make(d, g, p) : DEFRAG_KEPT;
}

enum defrag_result defrag_packet(struct defrag *d, struct packet *p)
{
	struct fragment f;
	struct datagram *g;
	enum fragment_result r = fragment_read(p, &f);

	if (r == FRAGMENT_NONE)
		return DEFRAG_WHOLE;
	d->counters.fragments++;
	expire(d, p->time);
	g = r == FRAGMENT_READ ? find(d, &f.key, p->time) : NULL;
	if (g)
		return add(d, g, &f, p);
	d->counters.refused++;
	return DEFRAG_KEPT;
}

struct defrag *defrag_new(const struct defrag_conf *conf)
{
	struct defrag *d = calloc(1, sizeof(*d));
	size_t buckets = 1;

	if (!d)
		return NULL;
	while (buckets < conf->datagrams)
		buckets *= 2;
	d->conf = *conf;
	d->mask = buckets - 1;
	d->ages[0].timeout = conf->timeout_v4;
	d->ages[1].timeout = conf->timeout_v6;
	d->slots = calloc(conf->datagrams, sizeof(*d->slots));
	d->buckets = calloc(buckets, sizeof(struct datagram *));
	d->whole = malloc(WHOLE_SIZE);
	if (d->slots && d->buckets && d->whole)
		return d;
	defrag_free(d);
	return NULL;
}

void defrag_free(struct defrag *d)
{
	if (!d)
		return;
	for (int i = 0; i < 2; i++)
		while (d->ages[i].oldest)
			end_datagram(d, d->ages[i].oldest);
	free(d->slots);
	free(d->buckets);
	free(d->whole);
	free(d);
}

const struct defrag_counters *defrag_counters(const struct defrag *d)
{
	return &d->counters;
}
