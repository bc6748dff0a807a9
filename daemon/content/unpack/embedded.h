/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * embedded: base64 in the midst of other text: data: URIs (RFC 2397) of HTML and JSON.
 *
 *	<img src="data:image/png;base64,iVBORw0...">
 */
#ifndef DAEMON_CONTENT_UNPACK_EMBEDDED_H
#define DAEMON_CONTENT_UNPACK_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct part;

struct embedded {
	struct part *part;		/* borrowed: where parts are opened */
	struct part *inside;		/* owned until closed; NULL: in no base64 */
	uint8_t matched;		/* bytes of ";base64," */
};

void embedded_init(struct embedded *e, struct part *p);
void embedded_feed(struct embedded *e, const uint8_t *at, size_t n);
void embedded_end(struct embedded *e);

#endif
