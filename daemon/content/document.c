/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/charset.h"
#include "daemon/content/scan/scan.h"
#include "daemon/content/unpack/unpack.h"
#include "daemon/record/event.h"

#define RATIO_FROM ((uint64_t)1 << 20)
#define TYPE_MAX 200u
#define PARTS_OPEN_MAX 64u /* inside each other or side by side: no decoder needs more */

const char *const unread_words[UNREAD_COUNT] = {
#define UNREAD_WORD_(N, W) W,
	UNREAD_REASONS(UNREAD_WORD_)
#undef UNREAD_WORD_
};

struct part {
	struct document *document;
	struct part *parent;
	const struct unpacker *u; /* NULL: its bytes are scanned as they are */
	void *state;              /* owned; of u */
	struct scan *scan;        /* owned; of a part not known yet too: nothing waits */
	uint64_t bytes;           /* fed */
	uint64_t in, out;         /* through decompression */
	size_t charged;
	uint16_t head_len;
	uint8_t depth, kind;
	bool text, started, tried_scan;
	char path[DOCUMENT_PATH];
	char name[DOCUMENT_NAME];
	char type[TYPE_MAX];
	char encoding[64];
	uint8_t head[SNIFF_MAX];
};

struct document {
	struct document_pool *pool;
	struct evidence *evidence; /* owned */
	struct part *root;         /* owned */
	uint64_t bytes, unpacked;
	uint32_t parts, open;
	uint32_t unread_count;
	bool limit_told[UNREAD_COUNT];
	bool full;  /* it is being freed: nothing more is opened */
	bool blind; /* its outermost part is not read any further */
	char kind[24];
	char name[DOCUMENT_NAME];
	struct unread unread[DOCUMENT_UNREAD];
};

/* ---- memory ---- */

static size_t size_of(const struct part *p)
{
	size_t n = sizeof(*p);

	n += p->scan ? scan_memory(p->scan) : 0;
	return n + (p->state && p->u ? p->u->memory(p->state) : 0);
}

static void charge(struct part *p)
{
	size_t now = size_of(p);

	p->document->pool->used += now - p->charged;
	p->charged = now;
}

static bool room(const struct document *d)
{
	return d->pool->used < d->pool->max;
}

/* ---- what could not be read ---- */

static void note(struct part *p, uint8_t reason, const char *kind, const char *name, uint64_t bytes)
{
	struct document *d = p->document;
	struct unread *u;

	d->pool->unread++;
	if (d->unread_count++ >= DOCUMENT_UNREAD)
		return;
	u = &d->unread[d->unread_count - 1];
	*u = (struct unread){ .reason = reason, .bytes = bytes };
	snprintf(u->kind, sizeof(u->kind), "%s", kind ? kind : p->u ? p->u->kind : "");
	snprintf(u->name, sizeof(u->name), "%s", name);
	snprintf(u->path, sizeof(u->path), "%s", p->path);
}

void part_unread(struct part *p, uint8_t reason, const char *kind, struct body_text name,
		 uint64_t bytes)
{
	char text[DOCUMENT_NAME];

	charset_name(p->document->pool->charsets, name, NULL, text, sizeof(text));
	note(p, reason, kind, text[0] ? text : p->name, bytes);
}

struct charsets *part_charsets(const struct part *p)
{
	return p->document->pool->charsets;
}

/* A limit of the document is told once. */
static void limit(struct part *p, uint8_t reason)
{
	struct document *d = p->document;

	if (!d->limit_told[reason])
		note(p, reason, NULL, p->name, p->bytes);
	d->limit_told[reason] = true;
}

bool part_inflated(struct part *p, size_t in, size_t out)
{
	struct document *d = p->document;

	p->in += in;
	p->out += out;
	d->unpacked += out;
	d->pool->unpacked += out;
	if (d->unpacked > DOCUMENT_TOTAL)
		limit(p, UNREAD_SIZE);
	else if (p->out > RATIO_FROM && p->out / DOCUMENT_RATIO > p->in)
		limit(p, UNREAD_RATIO);
	else
		return true;
	d->blind |= p == d->root;
	return false;
}

void part_kind(struct part *p, const char *kind)
{
	if (p == p->document->root)
		snprintf(p->document->kind, sizeof(p->document->kind), "%s", kind);
}

/* ---- parts ---- */

static void put_text(char *to, size_t size, struct body_text t)
{
	size_t n = t.len < size - 1 ? t.len : size - 1;

	if (n)
		memcpy(to, t.at, n);
	to[n] = '\0';
}

static void add_step(struct part *p, const char *step)
{
	size_t n = strlen(p->path);

	if (step[0])
		snprintf(p->path + n, sizeof(p->path) - n, "%s%s", n ? " > " : "", step);
}

static struct part *new_part(struct document *d, struct part *parent, const struct part_hint *h)
{
	struct part *p = room(d) ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->document = d;
	p->parent = parent;
	p->kind = h->kind;
	p->text = h->text;
	put_text(p->type, sizeof(p->type), h->type);
	put_text(p->encoding, sizeof(p->encoding), h->encoding);
	charset_name(d->pool->charsets, h->name, h->name_charset, p->name, sizeof(p->name));
	d->parts++;
	d->open++;
	d->pool->parts++;
	charge(p);
	return p;
}

struct part *part_open(struct part *parent, const struct part_hint *h)
{
	struct document *d = parent->document;

	if (d->full)
		return NULL;
	if ((unsigned int)parent->depth + h->archive > DOCUMENT_DEPTH)
		limit(parent, UNREAD_DEPTH);
	else if (d->parts >= DOCUMENT_PARTS || d->open >= PARTS_OPEN_MAX)
		limit(parent, UNREAD_PARTS);
	else {
		struct part *p = new_part(d, parent, h);

		if (!p) {
			limit(parent, UNREAD_MEMORY);
			return NULL;
		}
		p->depth = (uint8_t)(parent->depth + h->archive);
		memcpy(p->path, parent->path, sizeof(p->path));
		if (h->word && strcmp(h->word, "data") != 0)
			add_step(p, h->word);
		else if (!h->word)
			add_step(p, p->name);
		return p;
	}
	return NULL;
}

static struct part_hint hint_of(const struct part *p)
{
	return (struct part_hint){
		.kind = p->kind,
		.text = p->text,
		.name = body_text(p->name),
		.name_charset = "UTF-8",
		.type = body_text(p->type),
		.encoding = body_text(p->encoding),
	};
}

/* Frames and texts are no steps of their own: "SMTP > base64 > zip", not "SMTP > mail > multipart > base64". */
static bool is_step(const struct unpacker *u)
{
	static const struct unpacker *const frames[] = {
		&unpack_mail, &unpack_multipart, &unpack_form,        &unpack_xml,
		&unpack_html, &unpack_json,      &unpack_ooxml_sheet, &unpack_rtf,
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		if (u == frames[i])
			return false;
	return u;
}

static void scan_it(struct part *p)
{
	struct document *d = p->document;

	if (p->tried_scan)
		return;
	p->tried_scan = true;
	p->scan = scan_new(d->pool->set, d->evidence, p->path);
	if (!p->scan)
		limit(p, UNREAD_MEMORY);
}

static void end_scan(struct part *p)
{
	if (p->scan)
		scan_end(p->scan);
	scan_free(p->scan);
	p->scan = NULL;
}

static void begin(struct part *p, const struct unpacker *u)
{
	struct part_hint h = hint_of(p);
	struct document *d = p->document;

	p->started = true;
	p->u = u;
	end_scan(p);
	if (p == d->root)
		snprintf(d->kind, sizeof(d->kind), "%s", u->kind);
	d->blind |= p == d->root && u == &unpack_unknown_archive;
	if (is_step(u))
		add_step(p, u->kind);
	p->state = u->new (p, &h);
	if (!p->state)
		limit(p, UNREAD_MEMORY);
}

static void hand_on(struct part *p, const uint8_t *at, size_t n)
{
	if (p->u && p->state)
		p->u->feed(p->state, at, n);
	else if (p->scan)
		scan_feed(p->scan, at, n);
}

/* As long as its first bytes do not say what a part is, they are scanned as text: it may be one, and nothing waits. */
static void first_bytes(struct part *p, const uint8_t *at, size_t n, bool last)
{
	struct part_hint h = hint_of(p);
	bool more = false;
	const struct unpacker *u;

	if (n)
		memcpy(p->head + p->head_len, at, n);
	p->head_len = (uint16_t)(p->head_len + n);
	u = sniff(&h, p->head, p->head_len, last || p->head_len == SNIFF_MAX, &more);
	if (u) {
		begin(p, u);
		hand_on(p, p->head, p->head_len);
		return;
	}
	p->started = !more;
	scan_it(p);
	hand_on(p, at, n);
}

void part_feed(struct part *p, const uint8_t *at, size_t n)
{
	if (!p || !n)
		return;
	p->bytes += n;
	if (!p->started) {
		size_t some = SNIFF_MAX - p->head_len;

		some = n < some ? n : some;
		first_bytes(p, at, some, false);
		at += some;
		n -= some;
	}
	if (n)
		hand_on(p, at, n);
	charge(p);
}

static void discard(struct part *p)
{
	p->document->pool->used -= p->charged;
	p->document->open--;
	if (p->state && p->u)
		p->u->free(p->state);
	scan_free(p->scan);
	explicit_bzero(p->head, sizeof(p->head));
	free(p);
}

void part_close(struct part *p, bool whole)
{
	if (!p)
		return;
	if (!p->started && p->head_len)
		first_bytes(p, p->head, 0, true);
	if (p->u && p->state)
		p->u->end(p->state, whole);
	end_scan(p);
	discard(p);
}

void part_cell(struct part *p, uint32_t row, uint32_t column, bool number)
{
	if (!p)
		return;
	p->started = true;
	scan_it(p);
	if (p->scan)
		scan_cell(p->scan, row, column, number);
}

/* ---- documents ---- */

static struct document *new_document(struct document_pool *pool)
{
	struct document *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->pool = pool;
	d->evidence = evidence_new(pool->set, pool->key);
	if (!d->evidence) {
		free(d);
		return NULL;
	}
	pool->used += sizeof(*d);
	pool->documents++;
	return d;
}

struct document *document_new(struct document_pool *pool, const struct body_head *h)
{
	struct document *d = new_document(pool);
	const struct part_hint hint = {
		.kind = h->kind,
		.name = h->name,
		.type = h->type,
		.encoding = h->encoding,
		.text = h->kind == BODY_LINE,
	};

	if (!d)
		return NULL;
	d->root = new_part(d, NULL, &hint);
	if (!d->root) {
		document_free(d);
		return NULL;
	}
	add_step(d->root, h->protocol);
	memcpy(d->name, d->root->name, sizeof(d->name));
	if (strlen(d->name) > 4 && strcasecmp(d->name + strlen(d->name) - 4, ".csv") == 0)
		strcpy(d->kind, "csv");
	return d;
}

struct document *document_plain(struct document_pool *pool, const char *protocol)
{
	const struct body_head h = { .protocol = protocol, .kind = BODY_LINE };

	return document_new(pool, &h);
}

/* A tree that is left: decoders free the parts they hold open by their end. */
void document_free(struct document *d)
{
	if (!d)
		return;
	if (d->root) {
		d->full = true;
		part_close(d->root, false);
	}
	d->pool->used -= sizeof(*d);
	evidence_free(d->evidence);
	free(d);
}

void document_feed(struct document *d, const uint8_t *at, size_t n)
{
	d->bytes += n;
	d->pool->bytes += n;
	part_feed(d->root, at, n);
}

void document_end(struct document *d, bool whole)
{
	part_close(d->root, whole);
	d->root = NULL;
}

const struct evidence *document_evidence(const struct document *d)
{
	return d->evidence;
}

unsigned int document_unread(const struct document *d, const struct unread **list)
{
	*list = d->unread;
	return d->unread_count;
}

const char *document_kind(const struct document *d)
{
	return d->kind[0] ? d->kind : "text";
}

const char *document_name(const struct document *d)
{
	return d->name;
}

uint64_t document_bytes(const struct document *d)
{
	return d->bytes;
}

bool document_blind(const struct document *d)
{
	return !d->root || d->blind;
}
