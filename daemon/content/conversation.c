/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/content/document.h"
#include "daemon/content/scan/shared.h"

#define PRINT_PORT 9100u /* the printers' own; their bytes have no beginning that would tell */

const struct reader *conversation_reader(enum recognised what, uint16_t port)
{
	static const struct reader *const readers[KNOWN_COUNT] = {
		[KNOWN_NOTHING] = &reader_raw, [KNOWN_SMTP] = &reader_smtp,
		[KNOWN_IMAP] = &reader_imap,   [KNOWN_POP3] = &reader_pop3,
		[KNOWN_SMB] = &reader_smb,     [KNOWN_SMB1] = &reader_smb,
		[KNOWN_FTP] = &reader_raw,     [KNOWN_FTP_DATA] = &reader_raw,
	};

	if (what == KNOWN_NOTHING && port == PRINT_PORT)
		return &reader_print;
	return readers[what];
}

/* ---- what a document says ---- */

static void report_found(struct conversation *c, struct conversation_body *b)
{
	const struct evidence *e = document_evidence(b->document);

	if (!e || evidence_version(e) == b->version)
		return;
	b->version = evidence_version(e);
	for (int k = 0; k < EVIDENCE_KINDS; k++) {
		uint32_t now = evidence_finding(e, k)->confirmed, before = b->confirmed[k];

		b->confirmed[k] = now;
		if (now > before)
			c->calls->found(c->ctx, b, k, now - before);
	}
}

static void report_unread(struct conversation *c, struct conversation_body *b)
{
	const struct unread *list;
	unsigned int n = document_unread(b->document, &list);

	for (unsigned int i = b->unread; i < n && i < DOCUMENT_UNREAD; i++)
		c->calls->unread(c->ctx, b, &list[i]);
	b->unread = n;
}

static void look(struct conversation *c, struct conversation_body *b)
{
	report_found(c, b);
	report_unread(c, b);
}

static void end_body(struct conversation *c, struct conversation_body *b, bool whole)
{
	document_end(b->document, whole);
	look(c, b);
	c->calls->ended(c->ctx, b, whole);
	document_free(b->document);
	b->document = NULL;
}

/* ---- the bodies that are open ---- */

static struct conversation_body *find(struct conversation *c, uint32_t id)
{
	for (uint32_t i = 0; i < c->used; i++)
		if (c->open[i].id == id)
			return &c->open[i];
	return NULL;
}

static struct conversation_body *room(struct conversation *c)
{
	uint32_t capacity = c->capacity ? c->capacity * 2 : 1;

	if (c->used < c->capacity)
		return &c->open[c->used];
	if (c->used == CONVERSATION_OPEN)
		return NULL;
	struct conversation_body *open = realloc(c->open, capacity * sizeof(*open));

	if (!open)
		return NULL;
	c->open = open;
	c->capacity = capacity;
	return &open[c->used];
}

static void on_begin(void *ctx, uint32_t id, const struct body_head *h)
{
	struct conversation *c = ctx;
	struct conversation_body *b = find(c, id);

	if (b)
		end_body(c, b, false);
	else
		b = room(c);
	if (!b)
		return;
	bool fresh = b == &c->open[c->used];

	*b = (struct conversation_body){ .id = id, .server = h->server, .serial = ++c->bodies };
	b->document = document_new(c->pool, h);
	if (!b->document) { /* its bytes go to the common document of the side, if there is room for that */
		if (!fresh)
			*b = c->open[--c->used];
		return;
	}
	c->used += fresh;
	c->calls->began(c->ctx, b);
}

static struct conversation_body *common(struct conversation *c, bool server)
{
	struct conversation_body *b = &c->raw[server];

	if (b->document)
		return b;
	b->document = document_plain(c->pool, c->protocol);
	b->server = server;
	b->serial = ++c->bodies;
	c->starved |= !b->document;
	return b->document ? b : NULL;
}

static void feed_body(struct conversation *c, struct conversation_body *b, const uint8_t *at,
		      size_t n)
{
	document_feed(b->document, at, n);
	look(c, b);
}

static void on_bytes(void *ctx, uint32_t id, const uint8_t *at, size_t n)
{
	struct conversation *c = ctx;
	struct conversation_body *b = find(c, id);

	if (!b)
		b = common(c, false);
	if (b)
		feed_body(c, b, at, n);
}

static void on_end(void *ctx, uint32_t id, bool whole)
{
	struct conversation *c = ctx;
	struct conversation_body *b = find(c, id);

	if (!b)
		return;
	end_body(c, b, whole);
	*b = c->open[--c->used];
}

static void on_note(void *ctx, uint8_t note, struct body_text word, struct body_text text)
{
	struct conversation *c = ctx;

	c->encrypted |= note == BODY_NOTE_ENCRYPTED;
	c->calls->noted(c->ctx, note, word, text);
}

/* ---- a connection's life ---- */

struct conversation *conversation_new(struct document_pool *pool, struct scan_shared *scan,
				      const struct reader *reader,
				      const struct conversation_calls *calls)
{
	struct conversation *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->pool = pool;
	c->reader = reader;
	c->protocol = reader ? reader->protocol : "HTTP";
	c->calls = calls;
	c->sink = (struct body_sink){ c, on_begin, on_bytes, on_end, on_note };
	c->state = reader ? reader->new () : NULL;
	if (reader && !c->state) {
		free(c);
		return NULL;
	}
	c->scan = scan_hold(scan);
	return c;
}

void conversation_free(struct conversation *c)
{
	if (!c)
		return;
	if (c->reader)
		c->reader->free(c->state);
	for (uint32_t i = 0; i < c->used; i++)
		document_free(c->open[i].document);
	document_free(c->raw[0].document);
	document_free(c->raw[1].document);
	scan_release(c->scan);
	free(c->open);
	free(c);
}

void conversation_raw(struct conversation *c, bool server, const uint8_t *at, size_t n)
{
	struct conversation_body *b = common(c, server);

	if (b)
		feed_body(c, b, at, n);
}

void conversation_feed(struct conversation *c, bool server, const uint8_t *at, size_t n)
{
	if (c->encrypted)
		return;
	if (!c->bad)
		c->bad = c->reader->feed(c->state, server, at, n, &c->sink);
	if (c->bad) /* where in these bytes it gave up is not known: all of them once more */
		conversation_raw(c, server, at, n);
}

void conversation_close(struct conversation *c, bool whole)
{
	for (int side = 0; c->reader && !c->bad && !c->encrypted && side < 2; side++)
		c->reader->close(c->state, side, &c->sink);
	while (c->used)
		on_end(c, c->open[c->used - 1].id, whole);
	for (int side = 0; side < 2; side++)
		if (c->raw[side].document)
			end_body(c, &c->raw[side], whole);
}

size_t conversation_bytes(const struct conversation *c)
{
	size_t n = sizeof(*c) + c->capacity * sizeof(*c->open);

	return n + (c->reader ? c->reader->memory(c->state) : 0);
}
