/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * document: one body (body.h) while its bytes come: unpacked as far as it goes, every text in it scanned.
 *
 *	body -> sniff -> decoder -> ... -> text -> scan
 *	        e.g.     MIME > base64 > zip > inflate > sheet1.xml
 *
 * Nothing waits: bytes go all the way as they come, so what has been fed has been scanned when feed returns.
 * Limits: DOCUMENT_DEPTH archives inside each other, DOCUMENT_RATIO bytes out for one in, DOCUMENT_TOTAL bytes out,
 * DOCUMENT_PARTS parts; at a limit, and for what is encrypted or broken, an entry of `unread` says so.
 */
#ifndef DAEMON_CONTENT_DOCUMENT_H
#define DAEMON_CONTENT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/scan/evidence.h"

#define DOCUMENT_DEPTH 3u
#define DOCUMENT_RATIO 200u		/* checked from 1 MiB out on */
#define DOCUMENT_TOTAL ((uint64_t)64 << 20)	/* of unpacked bytes; what was never packed does not count */
#define DOCUMENT_PARTS 4096u
#define DOCUMENT_PATH 160u
#define DOCUMENT_NAME 128u
#define DOCUMENT_UNREAD 4u		/* kept one by one; more are counted */

/* X(NAME, word): why a part could not be read */
#define UNREAD_REASONS(X) \
	X(NONE, NULL) X(ENCRYPTED_ARCHIVE, "encrypted-archive") X(ENCRYPTED_OFFICE, "encrypted-office") \
	X(ENCRYPTED_PDF, "encrypted-pdf") X(ENCRYPTED_MAIL, "encrypted-mail") X(ENCRYPTED_SESSION, "encrypted-session") \
	X(DEPTH, "nested-too-deep") X(RATIO, "ratio") X(SIZE, "too-large") X(PARTS, "too-many-parts") \
	X(BROKEN, "broken") X(UNSUPPORTED, "unsupported") X(MEMORY, "memory") X(GAP, "gap") X(WORKER, "worker-busy")
#define UNREAD_REASON_(N, W) UNREAD_##N,
enum unread_reason { UNREAD_REASONS(UNREAD_REASON_) UNREAD_COUNT };
extern const char *const unread_words[UNREAD_COUNT];

struct unread {
	uint8_t reason;			/* enum unread_reason */
	uint64_t bytes;			/* of the part, as far as they came; 0 not known */
	char kind[16];			/* "zip", "7z", "xls", "pdf", ...; empty: not known */
	char name[DOCUMENT_NAME];	/* UTF-8, digits masked (event_mask) */
	char path[DOCUMENT_PATH];
};

struct body_head;
struct charsets;
struct document;
struct scan_set;

/* What the documents of an engine share. */
struct document_pool {
	const struct scan_set *set;	/* borrowed: what is looked for */
	struct charsets *charsets;	/* borrowed */
	uint8_t key[16];		/* of the hashes by which numbers are told apart; memory only */
	size_t used, max;		/* bytes that documents hold; at max none may grow: UNREAD_MEMORY */
	uint64_t documents, parts, bytes, unpacked, unread;	/* counters */
};

/* document_new - NULL: no memory. @h is read during the call only. */
struct document *document_new(struct document_pool *pool, const struct body_head *h);
void document_free(struct document *d);			/* takes NULL */

void document_feed(struct document *d, const uint8_t *at, size_t n);
void document_end(struct document *d, bool whole);	/* no more bytes come */

/* What has been found so far; borrowed, changes with every feed. */
const struct evidence *document_evidence(const struct document *d);
/* document_unread - Return: how many in all; the list has up to DOCUMENT_UNREAD of them */
unsigned int document_unread(const struct document *d, const struct unread **list);
const char *document_kind(const struct document *d);	/* "zip", "xlsx", "csv", "text", "mail", ... by its bytes */
const char *document_name(const struct document *d);	/* UTF-8, digits masked; "" none */
uint64_t document_bytes(const struct document *d);	/* fed so far */
bool document_blind(const struct document *d);		/* nothing that still comes will be scanned */

/* document_plain - scan bytes as they are, unpack nothing: raw streams, and where a reader gave up */
struct document *document_plain(struct document_pool *pool, const char *protocol);

#endif
