/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * websocket: one direction of a WebSocket (RFC 6455, 5): each message is a body, unmasked, its frames put together.
 *
 * Compressed messages (RFC 7692) are bodies whose encoding is "permessage-deflate". What ends could read
 * differently is named and reading stops: a reserved bit or opcode, a continuation of nothing.
 */
#ifndef DAEMON_CONTENT_WEBSOCKET_H
#define DAEMON_CONTENT_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct body_sink;

struct websocket {
	uint64_t left;		/* of the frame's payload */
	uint8_t head[14];
	uint8_t have, need;	/* bytes of the frame's head */
	uint8_t turn;		/* of the mask */
	bool server, deflate;
	bool payload;		/* the frame's head is over */
	bool open;		/* a message is under way */
	bool control;		/* the frame is a control frame: handed on as a message of its own */
};

void websocket_init(struct websocket *w, bool server, bool deflate);
/* websocket_feed - Return: NULL, or why it can be read no further */
const char *websocket_feed(struct websocket *w, const uint8_t *bytes, size_t n, const struct body_sink *sink);
void websocket_end(struct websocket *w, const struct body_sink *sink);	/* no more bytes come */

#endif
