/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_body: what http.h reads, as bodies (body.h).
 *
 * Each head is a BODY_LINE, its percent escapes undone: numbers in a path, a query, a cookie. Each body is a
 * BODY_FORM, BODY_MULTIPART or BODY_DATA by its Content-Type; its name comes from Content-Disposition, else from
 * the last part of the target. A print job (application/ipp) is taken apart by ipp.h, a WebSocket by websocket.h.
 * A body with Content-Range ends as not whole.
 */
#ifndef DAEMON_CONTENT_HTTP_BODY_H
#define DAEMON_CONTENT_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/http.h"

struct body_sink;
struct http_body;

struct http_body *http_body_new(void);	/* NULL: no memory */
void http_body_free(struct http_body *b);	/* takes NULL */

/**
 * http_body_step - hand on what http_feed just came upon; to be called for every step, before http_answered
 * A step that is neither a head nor a piece of a body does nothing.
 */
void http_body_step(struct http_body *b, const struct http *h, bool server, enum http_step step,
		    const struct body_sink *sink);

/**
 * http_body_tunnel - bytes of a side after an upgrade to WebSocket (h->answer.websocket)
 * Return: NULL, or why it can be read no further
 */
const char *http_body_tunnel(struct http_body *b, bool server, const uint8_t *bytes, size_t n,
			     const struct body_sink *sink);

/* http_body_close - no more bytes come from that side: an answer may end by that (RFC 9112, 6.3) */
void http_body_close(struct http_body *b, const struct http *h, bool server, const struct body_sink *sink);
size_t http_body_memory(const struct http_body *b);

#endif
