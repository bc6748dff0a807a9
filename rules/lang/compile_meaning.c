/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compile_meaning: a hash of everything that decides about the packets of a class, and of nothing else.
 *
 * A class keeps its number in the kernel, and its flows their verdicts, as long as this hash stays the
 * same: so it holds zones, boxes, and what the statements ask for, but no label, owner or reason, and no
 * index that another block would shift. Numbers go in as 8 bytes, texts with their length before them.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/lang/compile.h"

struct digest {
	uint8_t bytes[SHA256_BYTES];
};

static void add_number(struct sha256 *h, uint64_t n)
{
	uint8_t b[8];

	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)(n >> 8 * i);
	sha256_add(h, b, sizeof(b));
}

static void add_text(struct sha256 *h, const struct draft *d, uint32_t text)
{
	const char *s = draft_text(d, text);

	add_number(h, strlen(s));
	sha256_add(h, s, strlen(s));
}

static void add_ip(struct sha256 *h, ip_t a)
{
	add_number(h, (uint64_t)(a >> 64));
	add_number(h, (uint64_t)a);
}

static void add_words(struct sha256 *h, const struct draft *d, struct span words)
{
	add_number(h, words.count);
	for (uint32_t i = 0; i < words.count; i++)
		add_text(h, d, d->words[words.first + i]);
}

static struct digest zone_digest(const struct draft *d, const struct zone *z)
{
	struct digest out = { 0 };
	struct sha256 h;

	sha256_init(&h);
	add_text(&h, d, z->name);
	add_words(&h, d, z->interfaces);
	add_number(&h, z->nets.count);
	for (uint32_t i = 0; i < z->nets.count; i++) {
		add_ip(&h, d->nets[z->nets.first + i].lo);
		add_ip(&h, d->nets[z->nets.first + i].hi);
	}
	sha256_end(&h, out.bytes);
	return out;
}

static void add_profile(struct sha256 *h, const struct draft *d, const struct profile *p)
{
	/* from `inspect` on, every field but the padding and the span is one byte that decides */
	size_t from = offsetof(struct profile, inspect), to = offsetof(struct profile, pad);

	add_number(h, p->undecided);
	sha256_add(h, (const uint8_t *)p + from, to - from);
	add_number(h, p->limits.count);
	for (uint32_t i = 0; i < p->limits.count; i++) {
		const struct limit *l = &d->limits[p->limits.first + i];

		add_number(h, l->amount);
		add_number(h, (uint64_t)l->detector << 24 | (uint64_t)l->action << 16 |
				      (uint64_t)l->per << 8 | l->bytes);
	}
}

static void add_window(struct sha256 *h, const struct draft *d, const struct window *w)
{
	add_number(h, (uint64_t)w->days << 40 | (uint64_t)w->except_holidays << 32 |
			      (uint64_t)w->from_minute << 16 | w->to_minute);
	add_number(h, w->except_holidays ? w->holidays.count : 0);
	for (uint32_t i = 0; w->except_holidays && i < w->holidays.count; i++)
		add_number(h, d->dates[w->holidays.first + i]);
}

static void add_feed(struct sha256 *h, const struct draft *d, const struct feed *f)
{
	add_text(h, d, f->file);
	add_text(h, d, f->format);
	add_number(h, (uint64_t)f->until);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

/* Applications by name: their bit depends on the rest of the policy. */
static void add_applications(struct sha256 *h, const struct draft *d, struct span refs)
{
	struct digest names[POLICY_APPS_MAX];

	for (uint32_t i = 0; i < refs.count; i++) {
		const char *s = draft_text(d, d->apps[d->refs[refs.first + i]]);

		sha256_of(s, strlen(s), names[i].bytes);
	}
	if (refs.count)
		qsort(names, refs.count, sizeof(names[0]), by_bytes);
	add_number(h, refs.count);
	sha256_add(h, names, refs.count * sizeof(names[0]));
}

static struct digest statement_digest(const struct draft *d, const struct statement *s)
{
	struct digest out = { 0 };
	struct sha256 h;

	sha256_init(&h);
	add_number(&h, (uint64_t)s->type << 32 | (uint64_t)s->direction << 24 |
			       (uint64_t)s->answer << 16 | (uint64_t)s->log << 8 | s->at_end_alarm);
	add_number(&h, (uint64_t)s->since);
	add_number(&h, (uint64_t)s->until);
	add_applications(&h, d, s->applications);
	add_words(&h, d, s->names);
	add_number(&h, s->profile != POLICY_NONE);
	if (s->profile != POLICY_NONE)
		add_profile(&h, d, &d->profiles[s->profile]);
	add_number(&h, s->window != POLICY_NONE);
	if (s->window != POLICY_NONE)
		add_window(&h, d, &d->windows[s->window]);
	add_number(&h, s->feed != POLICY_NONE);
	if (s->feed != POLICY_NONE)
		add_feed(&h, d, &d->feeds[s->feed]);
	for (uint32_t i = s->services.first; i < s->services.first + s->services.count; i++)
		add_number(&h, d->services[d->refs[i]].ftp);
	sha256_end(&h, out.bytes);
	return out;
}

/* --- all classes, in one pass over the boxes ------------------------------------------------------ */

struct meaning {
	struct sha256 hash;
	uint32_t last_pair; /* whose zones have gone in last */
};

struct meanings {
	struct compile *c;
	struct meaning *classes;   /* arena */
	struct digest *zones;      /* arena */
	struct digest *statements; /* arena */
	struct digest *scratch;    /* arena; of the largest class */
};

static bool prepare(struct meanings *m)
{
	struct unit *u = m->c->u;
	const struct draft *d = &u->draft;

	m->classes = unit_alloc(u, (d->classes_count + 1) * sizeof(*m->classes));
	m->zones = unit_alloc(u, (d->zones_count + 1) * sizeof(*m->zones));
	m->statements = unit_alloc(u, (d->statements_count + 1) * sizeof(*m->statements));
	m->scratch = unit_alloc(u, (d->statements_count + 1) * sizeof(*m->scratch));
	return m->classes && m->zones && m->statements && m->scratch;
}

/* Members by their digests: names, which give the order of statements, decide nothing. */
static void start_class(struct meanings *m, uint32_t i)
{
	const struct draft *d = &m->c->u->draft;
	const struct class *k = &d->classes[i];

	for (uint32_t n = 0; n < k->members.count; n++)
		m->scratch[n] = m->statements[d->refs[k->members.first + n]];
	qsort(m->scratch, k->members.count, sizeof(*m->scratch), by_bytes);
	sha256_init(&m->classes[i].hash);
	add_number(&m->classes[i].hash, (uint64_t)k->members.count << 8 | k->box_end);
	sha256_add(&m->classes[i].hash, m->scratch, k->members.count * sizeof(*m->scratch));
	m->classes[i].last_pair = POLICY_NONE;
}

static void add_box(struct meanings *m, uint32_t pair, const struct box *b)
{
	struct meaning *class = &m->classes[b->class];
	const struct pair *p = &m->c->u->draft.pairs[pair];

	if (class->last_pair != pair) {
		sha256_add(&class->hash, m->zones[p->from].bytes, SHA256_BYTES);
		sha256_add(&class->hash, m->zones[p->to].bytes, SHA256_BYTES);
		class->last_pair = pair;
	}
	add_ip(&class->hash, b->src.lo);
	add_ip(&class->hash, b->src.hi);
	add_ip(&class->hash, b->dst.lo);
	add_ip(&class->hash, b->dst.hi);
	add_number(&class->hash, (uint64_t)b->lo << 48 | (uint64_t)b->hi << 32 |
					 (uint64_t)b->protocol << 16 |
					 (uint64_t)b->protocol_hi << 8 | b->kind);
}

void compile_meanings(struct compile *c)
{
	struct meanings m = { .c = c };
	struct draft *d = &c->u->draft;

	if (!prepare(&m))
		return;
	for (uint32_t i = 0; i < d->zones_count; i++)
		m.zones[i] = zone_digest(d, &d->zones[i]);
	for (uint32_t i = 0; i < d->statements_count; i++)
		m.statements[i] = statement_digest(d, &d->statements[i]);
	for (uint32_t i = 0; i < d->classes_count; i++)
		start_class(&m, i);
	for (uint32_t p = 0; p < d->pairs_count; p++)
		for (uint32_t i = 0; i < d->pairs[p].boxes.count; i++)
			add_box(&m, p, &d->boxes[d->pairs[p].boxes.first + i]);
	for (uint32_t i = 0; i < d->classes_count; i++)
		sha256_end(&m.classes[i].hash, d->classes[i].meaning);
}
