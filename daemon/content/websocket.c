/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/websocket.h"

#include "daemon/content/body.h"
#include "rules/cursor.h"

#define FIN 0x80u
#define RSV1 0x40u
#define RSV23 0x30u
#define CONTROL_ID 2u /* and 3: pings and closes come between the frames of a message */

void websocket_init(struct websocket *w, bool server, bool deflate)
{
	*w = (struct websocket){ .need = 2, .server = server, .deflate = deflate };
}

static uint32_t id_of(const struct websocket *w)
{
	return (w->control ? CONTROL_ID : 0) + w->server;
}

static void begin(struct websocket *w, const struct body_sink *sink)
{
	static const char deflate[] = "permessage-deflate";
	struct body_head head = { .protocol = "WebSocket", .kind = BODY_DATA, .server = w->server };

	if (w->head[0] & RSV1)
		head.encoding = (struct body_text){ deflate, sizeof(deflate) - 1 };
	sink->begin(sink->ctx, id_of(w), &head);
}

/*
 *	FIN RSV1-3 opcode | MASK length 7 | [length 16 or 64] | [mask 32]
 * Return: NULL or what is wrong with the frame that begins
 */
static const char *check(const struct websocket *w)
{
	uint8_t opcode = w->head[0] & 15;

	if (w->head[0] & RSV23 || (w->head[0] & RSV1 && (!w->deflate || !opcode || opcode > 2)))
		return "websocket_reserved_bit";
	if (opcode > 10 || (opcode > 2 && opcode < 8))
		return "websocket_opcode";
	if (opcode >= 8 && (!(w->head[0] & FIN) || (w->head[1] & 127) > 125))
		return "websocket_control";
	if (opcode < 8 && (opcode == 0) != w->open)
		return "websocket_continuation";
	return NULL;
}

static void frame_ends(struct websocket *w, const struct body_sink *sink)
{
	if (w->control || w->head[0] & FIN) {
		sink->end(sink->ctx, id_of(w), true);
		w->open = w->control && w->open;
	}
	w->control = w->payload = false;
	w->have = 0;
	w->need = 2;
}

static uint8_t head_size(const struct websocket *w)
{
	uint8_t length = w->head[1] & 127;

	return (uint8_t)(2 +
			 (length == 126   ? 2
			  : length == 127 ? 8
					  : 0) +
			 (w->head[1] & 0x80 ? 4 : 0));
}

static const char *frame_begins(struct websocket *w, const struct body_sink *sink)
{
	struct cursor c = cursor_of(w->head, w->have);
	uint8_t length = w->head[1] & 127;
	const char *bad = check(w);

	if (bad)
		return bad;
	cursor_skip(&c, 2);
	w->left = length;
	if (length == 126)
		w->left = cursor_be16(&c);
	else if (length == 127)
		w->left = cursor_be64(&c);
	if (w->left >> 63)
		return "websocket_length";
	w->turn = 0;
	w->payload = true;
	w->control = (w->head[0] & 15) >= 8;
	if (w->control || !w->open)
		begin(w, sink);
	w->open |= !w->control;
	if (!w->left)
		frame_ends(w, sink);
	return NULL;
}

static void give(struct websocket *w, struct cursor *c, const struct body_sink *sink)
{
	const uint8_t *mask = w->head[1] & 0x80 ? w->head + w->need - 4 : NULL;
	uint8_t out[1024];
	size_t n = c->left < w->left ? c->left : (size_t)w->left;

	if (mask && n > sizeof(out))
		n = sizeof(out);
	const uint8_t *at = cursor_take(c, n);

	for (size_t i = 0; mask && i < n; i++)
		out[i] = at[i] ^ mask[w->turn++ & 3];
	sink->bytes(sink->ctx, id_of(w), mask ? out : at, n);
	w->left -= n;
	if (!w->left)
		frame_ends(w, sink);
}

const char *websocket_feed(struct websocket *w, const uint8_t *bytes, size_t n,
			   const struct body_sink *sink)
{
	struct cursor c = cursor_of(bytes, n);
	const char *bad = NULL;

	while (c.left && !bad) {
		if (w->payload) {
			give(w, &c, sink);
			continue;
		}
		w->head[w->have++] = cursor_u8(&c);
		if (w->have == 2)
			w->need = head_size(w);
		if (w->have == w->need)
			bad = frame_begins(w, sink);
	}
	return bad;
}

void websocket_end(struct websocket *w, const struct body_sink *sink)
{
	if (w->payload && w->control)
		sink->end(sink->ctx, id_of(w), false);
	w->control = false;
	if (w->open)
		sink->end(sink->ctx, id_of(w), false);
	w->open = w->payload = false;
}
