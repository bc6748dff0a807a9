/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conversation: the content of one connection: its protocol's reader, and the documents that are open in it.
 *
 *	in-order bytes -> reader (body.h) -> documents (document.h) -> calls: found, unread, ended, noted
 *
 * When the calls return, every byte that was fed has been scanned. Where the reader gives up, the rest is scanned
 * as it comes (raw.c), so that a broken protocol hides nothing. At CONVERSATION_OPEN bodies open at once a further
 * one is not kept apart: its bytes are scanned in the connection's common document.
 */
#ifndef DAEMON_CONTENT_CONVERSATION_H
#define DAEMON_CONTENT_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/body.h"
#include "daemon/content/recognise.h"
#include "daemon/content/scan/evidence.h"

#define CONVERSATION_OPEN 16u		/* bodies open at once */

struct document;
struct document_pool;
struct scan_shared;
struct unread;

struct conversation_body {
	struct document *document;	/* owned */
	uint64_t serial;		/* of the connection's bodies, from 1 */
	uint32_t id;			/* the reader's */
	uint32_t version;		/* of the evidence when it was last looked at */
	uint32_t confirmed[EVIDENCE_KINDS];	/* as last reported */
	uint32_t unread;		/* as last reported */
	bool server;
};

/* What the connection's owner is told, while bytes are fed. @b: borrowed for the call. */
struct conversation_calls {
	void (*began)(void *ctx, const struct conversation_body *b);
	/* found - more is confirmed of a kind: `more` further ones, evidence_finding() has the sum of the body */
	void (*found)(void *ctx, const struct conversation_body *b, enum evidence_kind kind, uint32_t more);
	void (*unread)(void *ctx, const struct conversation_body *b, const struct unread *u);
	void (*ended)(void *ctx, const struct conversation_body *b, bool whole);
	void (*noted)(void *ctx, uint8_t note, struct body_text word, struct body_text text);
};

struct conversation {
	struct document_pool *pool;	/* borrowed */
	struct scan_shared *scan;	/* held: what its documents look for */
	const struct reader *reader;	/* NULL: the owner reads (HTTP) and uses the sink */
	void *state;			/* owned; the reader's */
	const char *protocol;		/* first word of the paths; a literal */
	const struct conversation_calls *calls;
	void *ctx;			/* of the calls: set by the owner before each feed */
	struct body_sink sink;		/* for an owner that reads itself */
	struct conversation_body *open;	/* owned; of capacity */
	uint32_t used, capacity;
	struct conversation_body raw[2];	/* of each side, once the reader has given up; document NULL before */
	uint64_t bodies;
	const char *bad;		/* why the reader gave up, an EVE word */
	bool encrypted;			/* what still comes cannot be read */
	bool starved;			/* no memory: some bytes were not scanned */
};

/* conversation_reader - who reads a protocol's bodies; @port: the server's; NULL: nobody, it is encrypted or its owner reads it */
const struct reader *conversation_reader(enum recognised what, uint16_t port);

/* conversation_new - @reader: NULL as in the struct. Before bytes are fed, `ctx` and the pool's set are the owner's
 * to set. Return: NULL: no memory. */
struct conversation *conversation_new(struct document_pool *pool, struct scan_shared *scan,
				      const struct reader *reader, const struct conversation_calls *calls);
void conversation_free(struct conversation *c);		/* tells nothing; takes NULL */

void conversation_feed(struct conversation *c, bool server, const uint8_t *at, size_t n);
void conversation_raw(struct conversation *c, bool server, const uint8_t *at, size_t n);	/* not by the reader */
void conversation_close(struct conversation *c, bool whole);	/* every body ends */

size_t conversation_bytes(const struct conversation *c);	/* held besides its documents */

#endif
