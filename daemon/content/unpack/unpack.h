/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unpack: a decoder is one step between a body and the texts in it. Bytes go in as they come; what comes out goes to
 * parts that it opens. document.c owns the tree, the limits and the path; a decoder sees its own node only.
 */
#ifndef DAEMON_CONTENT_UNPACK_UNPACK_H
#define DAEMON_CONTENT_UNPACK_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/body.h"

struct charsets;
struct part;				/* a node of the tree */

/* What is known of a part before its first byte. All texts as the container writes them. */
struct part_hint {
	uint8_t kind;			/* enum body_kind */
	bool archive;			/* one more level of DOCUMENT_DEPTH */
	bool text;			/* it is text for certain: scan, do not sniff */
	const char *word;		/* step of the path, ours: "base64", "zip", "gzip"; NULL: the name is the step */
	struct body_text name;		/* raw bytes; `name_charset` "UTF-8", "CP932" or NULL: guess */
	const char *name_charset;
	struct body_text type;		/* media type with parameters */
	struct body_text encoding;	/* content or transfer encoding */
};

/* X(decoder): one per file of this folder; the table is sniff.c's */
struct unpacker {
	const char *kind;		/* as document_kind() says it */
	void *(*new)(struct part *p, const struct part_hint *h);	/* NULL: no memory */
	void (*free)(void *u);
	void (*feed)(void *u, const uint8_t *at, size_t n);
	void (*end)(void *u, bool whole);
	size_t (*memory)(const void *u);
};

/* ---- what a decoder may call; none fails, limits are kept inside ---- */

/* part_open - a part inside; NULL: a limit is reached or no memory, already noted; its bytes are to be skipped */
struct part *part_open(struct part *parent, const struct part_hint *h);
void part_feed(struct part *p, const uint8_t *at, size_t n);	/* takes NULL */
void part_close(struct part *p, bool whole);			/* takes NULL; p is gone */

/* part_inflated - account bytes that came out of compression. False: a limit is passed, already noted: stop */
bool part_inflated(struct part *p, size_t in, size_t out);

/* part_charsets - for texts that are not UTF-8 */
struct charsets *part_charsets(const struct part *p);

/* part_unread - this part, or one inside that is not opened, cannot be read */
void part_unread(struct part *p, uint8_t reason, const char *kind, struct body_text name, uint64_t bytes);

/* part_kind - what the container turns out to be: "xlsx". Tells document_kind() when it is the outermost */
void part_kind(struct part *p, const char *kind);

/* A spreadsheet's next bytes are of a cell of that column (0 first); `number`: the cell lost its leading zeros. */
void part_cell(struct part *p, uint32_t row, uint32_t column, bool number);

/* ---- decoders ---- */
extern const struct unpacker unpack_mail, unpack_multipart, unpack_base64, unpack_quoted, unpack_uuencode, unpack_form,
	unpack_gzip, unpack_deflate, unpack_brotli, unpack_zstd, unpack_zip, unpack_ooxml_sheet, unpack_xml, unpack_html,
	unpack_json, unpack_rtf, unpack_pdf, unpack_office, unpack_tar, unpack_unknown_archive, unpack_enveloped;

/* sniff - which decoder a part's first bytes, name and type ask for. NULL: text or anything, scanned as it is. What is
 * said depends on the bytes, not on how they were cut. @last: no more of them will come
 * @more: out: nothing certain yet and more first bytes (up to SNIFF_MAX) can tell */
#define SNIFF_MAX 512u
const struct unpacker *sniff(const struct part_hint *h, const uint8_t *at, size_t n, bool last, bool *more);

/* sniff_encoding_rest - a list of codings without its last, which is undone first */
struct body_text sniff_encoding_rest(struct body_text list);

#endif
