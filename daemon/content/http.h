/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http: reads HTTP/1 (RFC 9112) out of in-order bytes, however they are cut: heads are handed out one
 * at a time, in order, bodies in pieces as they come, without their framing. Kept-alive and pipelined
 * requests, absolute-form and CONNECT through a proxy, upgrades.
 *
 * Two ends that frame a message differently are how a request is hidden from whoever stands between
 * them. So whatever RFC 9112 lets implementations disagree about is not guessed at: `bad` names it and
 * reading stops: two lengths, a length beside a transfer coding, a bare CR or LF, NUL, space before a
 * colon, two hosts, a Host that is not the target's, folded framing fields, data before a CONNECT is
 * answered.
 */
#ifndef DAEMON_CONTENT_HTTP_H
#define DAEMON_CONTENT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/body.h"
#include "daemon/content/hold.h"

#define HTTP_HEAD_MAX 32768u	/* bytes of a head with its lines; longer: bad */
#define HTTP_PENDING_MAX 32u	/* requests waiting for their answer; more: bad */
#define HTTP_NAME_MAX 256u
#define HTTP_TEXT_MAX 1312u	/* bytes of method, target and agent that a request keeps */
#define HTTP_CODINGS_MAX 96u	/* bytes of all codings of a body; what is longer is cut, so no coding there is */

struct http_request {
	struct http_request *next;	/* owned: the one sent after it */
	uint64_t length;		/* of its body, as announced */
	uint16_t port;			/* named in the target or Host; 0 none */
	uint8_t minor;			/* HTTP/1.minor */
	bool body;			/* a body follows */
	bool connect, head, upgrade, absolute;
	uint16_t method_len, target_len, agent_len;
	const char *method, *target, *agent;	/* in text, cut to a limit; not terminated */
	char name[HTTP_NAME_MAX];	/* asked for: lower case, without port, no trailing dot; or empty */
	char text[];
};

struct http_answer {
	uint64_t length;		/* as announced, else 0 */
	uint16_t status;
	uint8_t minor;
	bool has_length, chunked, websocket;
	bool body;			/* a body follows */
	char type[64];			/* Content-Type without parameters; empty: none */
};

/* What a head says of its body, and the head itself. Texts are borrowed until the next http_feed. */
struct http_fields {
	struct body_text head;		/* from the first line to the empty one, with both */
	struct body_text target;	/* of a request, whole */
	struct body_text type;		/* Content-Type with its parameters; a folded one has its CR LF in it */
	struct body_text disposition;	/* Content-Disposition */
	bool part;			/* Content-Range: not the whole thing */
	bool differs;			/* two Content-Type fields that are not the same: ends may choose differently */
	bool deflate;			/* of an upgrade to WebSocket: messages may be compressed (RFC 7692) */
	uint8_t codings_len;
	char codings[HTTP_CODINGS_MAX];	/* Content-Encoding, then Transfer-Encoding but chunked; in the order applied */
};

/* A piece of a body. */
struct http_piece {
	const uint8_t *at;		/* borrowed: in what was fed */
	size_t len;			/* 0 only with `end` */
	bool end;			/* the last one. A body that lasts until its side closes has none */
};

enum http_state { HTTP_HEAD, HTTP_LENGTH, HTTP_SIZE, HTTP_CHUNK, HTTP_CHUNK_END, HTTP_TRAILER,
		  HTTP_CLOSE, HTTP_WAIT, HTTP_OPAQUE };

struct http_side {
	uint64_t left;			/* bytes of the body or chunk still to come */
	uint32_t line;			/* bytes of the line under way, without LF */
	uint32_t lines;			/* bytes of trailers so far */
	uint8_t state;			/* enum http_state */
	uint8_t last;			/* byte before */
	uint8_t digits;			/* of a chunk size */
	bool extension;			/* the chunk size's digits are over */
	bool head_used;			/* the head has been handed out and can be forgotten */
	struct hold head;
};

struct http {
	struct http_side client, server;
	struct http_request *oldest, *newest;	/* owned list; waiting for their answer */
	unsigned int pending;
	struct http_answer answer;	/* of the last HTTP_ANSWER */
	struct http_fields fields;	/* of the last HTTP_REQUEST or HTTP_ANSWER */
	struct http_piece piece;	/* of the last HTTP_BODY */
	bool tunnel;			/* both sides are opaque from here on: CONNECT or 101 */
	const char *bad;		/* why it cannot be read, as an EVE event word; reading has stopped */
};

enum http_step {
	HTTP_MORE,		/* all bytes used */
	HTTP_REQUEST,		/* a request head is complete: h->newest */
	HTTP_ANSWER,		/* a response head is complete: h->answer, of request h->oldest */
	HTTP_BODY,		/* a piece of the body that follows this side's last head: h->piece */
	HTTP_TUNNEL,		/* the rest of the bytes is not HTTP */
	HTTP_BAD,
};

void http_init(struct http *h);
void http_done(struct http *h);

/**
 * http_feed - read until a head is complete, a piece of a body has come or the bytes are used up
 * Return: bytes used; call again with the rest until *step is HTTP_MORE, HTTP_TUNNEL or HTTP_BAD.
 */
size_t http_feed(struct http *h, bool server, const uint8_t *bytes, size_t n, enum http_step *step);

/* http_answered - forget h->oldest: its answer has been dealt with */
void http_answered(struct http *h);

#endif
