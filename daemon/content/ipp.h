/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ipp: the body of an HTTP message of type application/ipp (RFC 8010, 3): attributes, then the document.
 *
 *	version 2 | operation or status 2 | request 4 | groups | 3 | document
 *	group: tag | { value tag | length 2, name | length 2, value }*
 *
 * Attributes are one BODY_LINE, a line each: numbers in a job's name. The document is a BODY_DATA whose name, type
 * and encoding the attributes gave. Attributes that cannot be read make all the rest document.
 */
#ifndef DAEMON_CONTENT_IPP_H
#define DAEMON_CONTENT_IPP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPP_TEXT_MAX 128u

struct body_sink;

struct ipp {
	bool server;
	bool lines;		/* the attributes' body is open */
	bool open;		/* the document's is */
	uint8_t state;		/* what the next byte belongs to */
	uint8_t have;		/* bytes of the head or of a length */
	uint16_t left;		/* of a name or value */
	struct ipp_text {
		uint8_t len;
		char at[IPP_TEXT_MAX];	/* what is longer is cut */
	} name, value, job, document, format, compression;
};

void ipp_init(struct ipp *p, bool server);
void ipp_feed(struct ipp *p, const uint8_t *bytes, size_t n, const struct body_sink *sink);
void ipp_end(struct ipp *p, bool whole, const struct body_sink *sink);

#endif
