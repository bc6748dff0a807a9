/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/refusals.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define PROBES 8u /* slots that may hold a key */
#define PLUGS 32u

struct refusal {
	struct refused first;
	int64_t until; /* 0: the slot is free */
	uint64_t more; /* packets after the first */
};

struct plug { /* addresses of zone_src were seen at interface ifin of zone_in */
	uint32_t ifin, zone_in, zone_src, count;
	int64_t since; /* 0: free */
};

struct refusals {
	struct refusals_out out;
	uint64_t key[2];
	int64_t second; /* that the budget is of */
	uint32_t budget;
	uint64_t untold;
	struct refusal windows[REFUSALS_TABLE];
	struct plug plugs[PLUGS];
	int64_t told_plugs; /* when exchanged plugs were last told */
};

struct refusals *refusals_new(const uint8_t key[static 16], const struct refusals_out *out)
{
	struct refusals *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	f->out = *out;
	memcpy(f->key, key, sizeof f->key);
	return f;
}

void refusals_free(struct refusals *f)
{
	free(f);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

/* The opener's port says nothing: a client that tries again uses another. */
static uint64_t hash(const struct refusals *f, const struct refused *r)
{
	uint64_t h = f->key[0];

	h = mix(h, (uint64_t)r->tuple.src);
	h = mix(h, (uint64_t)(r->tuple.src >> 64) ^ f->key[1]);
	h = mix(h, (uint64_t)r->tuple.dst);
	h = mix(h, (uint64_t)(r->tuple.dst >> 64));
	return mix(h, (uint64_t)r->tuple.dport << 8 | r->tuple.protocol);
}

static bool same(const struct refused *a, const struct refused *b)
{
	return a->tuple.src == b->tuple.src && a->tuple.dst == b->tuple.dst &&
	       a->tuple.dport == b->tuple.dport && a->tuple.protocol == b->tuple.protocol &&
	       strcmp(a->rule, b->rule) == 0;
}

static void end_window(struct refusals *f, struct refusal *w, int64_t now)
{
	if (w->more)
		f->out.tell(f->out.ctx, &w->first, w->more, now);
	w->until = 0;
}

/* The key's slot, or the one that ends first among those it may use. */
static struct refusal *slot(struct refusals *f, const struct refused *r)
{
	const uint64_t h = hash(f, r);
	struct refusal *best = &f->windows[h % REFUSALS_TABLE];

	for (uint32_t i = 0; i < PROBES; i++) {
		struct refusal *w = &f->windows[(h + i) % REFUSALS_TABLE];

		if (w->until && same(&w->first, r))
			return w;
		if (w->until < best->until)
			best = w;
	}
	return best;
}

static void end_second(struct refusals *f, int64_t now)
{
	if (f->untold)
		f->out.tell(f->out.ctx, NULL, f->untold, now);
	f->untold = 0;
	f->budget = REFUSALS_PER_SECOND;
	f->second = now / SECOND;
}

void refusals_add(struct refusals *f, const struct refused *r)
{
	struct refusal *w = slot(f, r);

	if (w->until && same(&w->first, r) && r->time < w->until) {
		w->more++;
		return;
	}
	if (r->time / SECOND != f->second)
		end_second(f, r->time);
	if (f->budget == 0) {
		f->untold++;
		return;
	}
	f->budget--;
	if (w->until)
		end_window(f, w, r->time);
	*w = (struct refusal){ .first = *r, .until = r->time + REFUSALS_WINDOW };
	f->out.tell(f->out.ctx, r, 1, r->time);
}

void refusals_tick(struct refusals *f, int64_t now)
{
	if (now / SECOND != f->second)
		end_second(f, now);
	for (uint32_t i = 0; i < REFUSALS_TABLE; i++) {
		if (f->windows[i].until && f->windows[i].until <= now)
			end_window(f, &f->windows[i], now);
	}
}

void refusals_finish(struct refusals *f, int64_t now)
{
	end_second(f, now);
	for (uint32_t i = 0; i < REFUSALS_TABLE; i++) {
		if (f->windows[i].until)
			end_window(f, &f->windows[i], now);
	}
}

/* ---- exchanged plugs ---- */

static struct plug *plug_of(struct refusals *f, uint32_t ifin, uint32_t zone_in, uint32_t zone_src,
			    int64_t now)
{
	struct plug *oldest = &f->plugs[0];

	for (uint32_t i = 0; i < PLUGS; i++) {
		struct plug *p = &f->plugs[i];

		if (p->since && now - p->since > REFUSALS_PLUGS_WINDOW)
			p->since = 0;
		if (p->since && p->ifin == ifin && p->zone_src == zone_src)
			return p;
		if (p->since < oldest->since)
			oldest = p;
	}
	*oldest = (struct plug){
		.ifin = ifin, .zone_in = zone_in, .zone_src = zone_src, .since = now
	};
	return oldest;
}

void refusals_spoofed(struct refusals *f, uint32_t ifin, uint32_t zone_in, uint32_t zone_src,
		      int64_t now)
{
	struct plug *p = plug_of(f, ifin, zone_in, zone_src, now);

	p->count++;
	if (p->count < REFUSALS_PLUGS_ENOUGH ||
	    (f->told_plugs && now - f->told_plugs < REFUSALS_PLUGS_WINDOW))
		return;
	for (uint32_t i = 0; i < PLUGS; i++) {
		const struct plug *q = &f->plugs[i];

		if (!q->since || q->count < REFUSALS_PLUGS_ENOUGH || q->zone_in != zone_src ||
		    q->zone_src != zone_in)
			continue;
		f->told_plugs = now;
		f->out.plugs(f->out.ctx, ifin, q->ifin, now);
		return;
	}
}
