/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/http.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/http_head.h"
#include "rules/cursor.h"

#define SIZE_LINE_MAX 256u
#define TRAILERS_MAX 8192u

void http_init(struct http *h)
{
	memset(h, 0, sizeof(*h));
}

void http_answered(struct http *h)
{
	struct http_request *r = h->oldest;

	if (!r)
		return;
	h->oldest = r->next;
	if (!h->oldest)
		h->newest = NULL;
	h->pending--;
	free(r);
}

void http_done(struct http *h)
{
	while (h->oldest)
		http_answered(h);
	hold_done(&h->client.head);
	hold_done(&h->server.head);
}

/* Lines end in CR LF and hold neither alone, nor NUL: RFC 9112, 2.2. Return: the line just ended. */
static bool line_ends(struct http *h, struct http_side *s, uint8_t c)
{
	bool end = c == '\n';

	if (c == '\0')
		h->bad = "nul_in_head";
	else if (end && s->last != '\r')
		h->bad = "bare_lf";
	else if (!end && s->last == '\r')
		h->bad = "bare_cr";
	s->line += !end;
	s->last = end ? 0 : c;
	return end;
}

static bool empty_line(const struct http_side *s)
{
	return s->line == 1; /* the CR */
}

static void start_body(struct http_side *s, bool chunked, uint64_t length)
{
	s->digits = 0;
	s->extension = false;
	s->left = 0;
	s->lines = 0;
	if (chunked) {
		s->state = HTTP_SIZE;
	} else {
		s->left = length;
		s->state = length ? HTTP_LENGTH : HTTP_HEAD;
	}
}

static enum http_step take_request(struct http *h, const uint8_t *bytes, size_t n)
{
	struct http_request *r;

	if (h->pending == HTTP_PENDING_MAX) {
		h->bad = "too_many_pending_requests";
		return HTTP_BAD;
	}
	r = http_request_of(bytes, n, &h->fields, &h->bad);
	if (!r)
		return HTTP_BAD;
	if (h->newest)
		h->newest->next = r;
	else
		h->oldest = r;
	h->newest = r;
	h->pending++;
	if (r->connect)
		h->client.state = HTTP_WAIT;
	else
		start_body(&h->client, r->length == UINT64_MAX, r->length);
	return HTTP_REQUEST;
}

static void start_tunnel(struct http *h)
{
	h->tunnel = true;
	h->client.state = h->server.state = HTTP_OPAQUE;
}

/* RFC 9112, 6.3: how long the body of this answer is. */
static void answer_body(struct http *h)
{
	const struct http_answer *a = &h->answer;
	const struct http_request *r = h->oldest;

	if (r->connect && a->status / 100 == 2) {
		start_tunnel(h);
		return;
	}
	if (r->connect)
		start_body(&h->client, false, 0);
	if (r->head || a->status == 204 || a->status == 304)
		start_body(&h->server, false, 0);
	else if (a->chunked || a->has_length)
		start_body(&h->server, a->chunked, a->length);
	else
		h->server.state = HTTP_CLOSE;
}

static enum http_step take_answer(struct http *h, const uint8_t *bytes, size_t n)
{
	h->bad = http_answer_of(bytes, n, &h->answer, &h->fields);
	if (h->bad)
		return HTTP_BAD;
	if (!h->oldest) { /* 408 of a server that grew tired of waiting, then it closes */
		h->server.state = HTTP_CLOSE;
		return HTTP_MORE;
	}
	if (h->answer.status == 101) {
		if (!h->oldest->upgrade || !h->answer.websocket || h->pending > 1)
			h->bad = "unknown_upgrade";
		start_tunnel(h);
		return h->bad ? HTTP_BAD : HTTP_ANSWER;
	}
	if (h->answer.status < 200)
		return HTTP_MORE;
	answer_body(h);
	h->answer.body = !h->tunnel && h->server.state != HTTP_HEAD;
	return HTTP_ANSWER;
}

static enum http_step take_head(struct http *h, bool server, const uint8_t *bytes, size_t n)
{
	struct http_side *s = server ? &h->server : &h->client;
	struct hold *head = &s->head;
	enum http_step step;

	if (head->len) {
		int r = hold_add(head, bytes, n, HTTP_HEAD_MAX);

		if (r) {
			h->bad = r == -ENOMEM ? "no_memory" : "head_too_long";
			return HTTP_BAD;
		}
		bytes = head->bytes;
		n = head->len;
	}
	if (n > HTTP_HEAD_MAX)
		h->bad = "head_too_long";
	if (h->bad)
		return HTTP_BAD;
	/* RFC 9112, 2.2: empty lines before a request are passed over. */
	if (n == 2)
		step = HTTP_MORE;
	else
		step = server ? take_answer(h, bytes, n) : take_request(h, bytes, n);
	s->head_used = true;
	return step;
}

static enum http_step read_head(struct http *h, bool server, struct cursor *c)
{
	struct http_side *s = server ? &h->server : &h->client;
	const uint8_t *from = c->at;

	while (c->left && !h->bad) {
		if (!line_ends(h, s, cursor_u8(c)) || h->bad)
			continue;
		bool last = empty_line(s);

		s->line = 0;
		if (last)
			return take_head(h, server, from, (size_t)(c->at - from));
	}
	if (h->bad)
		return HTTP_BAD;
	int r = hold_add(&s->head, from, (size_t)(c->at - from), HTTP_HEAD_MAX);

	if (r)
		h->bad = r == -ENOMEM ? "no_memory" : "head_too_long";
	return r ? HTTP_BAD : HTTP_MORE;
}

/* chunk-size [ chunk-ext ] CRLF; RFC 9112, 7.1 */
static void read_size(struct http *h, struct http_side *s, struct cursor *c)
{
	uint8_t b = cursor_u8(c);

	if (line_ends(h, s, b)) {
		if (!s->digits)
			h->bad = "invalid_chunk_size";
		s->line = 0;
		s->state = s->left ? HTTP_CHUNK : HTTP_TRAILER;
	} else if (b == '\r') {
		s->extension = true;
	} else if (!s->extension && isxdigit(b) && s->digits < 15) {
		s->left = s->left * 16 + (uint64_t)(isdigit(b) ? b - '0' : (b | 0x20) - 'a' + 10);
		s->digits++;
	} else if (!s->extension && s->digits && (b == ';' || b == ' ' || b == '\t')) {
		s->extension = true;
	} else if (!s->extension || s->line > SIZE_LINE_MAX) {
		h->bad = "invalid_chunk_size";
	}
}

static void read_chunk_end(struct http *h, struct http_side *s, struct cursor *c)
{
	if (!line_ends(h, s, cursor_u8(c)))
		return;
	if (!empty_line(s))
		h->bad = "invalid_chunk_end";
	s->line = 0;
	start_body(s, true, 0);
}

static enum http_step read_trailer(struct http *h, struct http_side *s, struct cursor *c)
{
	if (++s->lines > TRAILERS_MAX)
		h->bad = "trailers_too_long";
	if (!line_ends(h, s, cursor_u8(c)) || h->bad)
		return HTTP_MORE;
	bool last = empty_line(s);

	s->line = 0;
	if (!last)
		return HTTP_MORE;
	s->state = HTTP_HEAD;
	h->piece = (struct http_piece){ .at = c->at, .end = true };
	return HTTP_BODY;
}

static enum http_step read_body(struct http *h, struct http_side *s, struct cursor *c, uint8_t next)
{
	size_t n = c->left < s->left ? c->left : (size_t)s->left;

	h->piece = (struct http_piece){ .at = cursor_take(c, n), .len = n };
	s->left -= n;
	if (!s->left) {
		s->state = next;
		h->piece.end = next == HTTP_HEAD;
	}
	return HTTP_BODY;
}

static enum http_step read_rest(struct http *h, struct cursor *c)
{
	size_t n = c->left;

	h->piece = (struct http_piece){ .at = cursor_take(c, n), .len = n };
	return HTTP_BODY;
}

static enum http_step one(struct http *h, bool server, struct cursor *c)
{
	struct http_side *s = server ? &h->server : &h->client;
	enum http_step step = HTTP_MORE;

	switch (s->state) {
	case HTTP_HEAD: return read_head(h, server, c);
	case HTTP_LENGTH: return read_body(h, s, c, HTTP_HEAD);
	case HTTP_SIZE: read_size(h, s, c); break;
	case HTTP_CHUNK: return read_body(h, s, c, HTTP_CHUNK_END);
	case HTTP_CHUNK_END: read_chunk_end(h, s, c); break;
	case HTTP_TRAILER: step = read_trailer(h, s, c); break;
	case HTTP_WAIT: h->bad = "data_before_connect_answer"; break;
	case HTTP_OPAQUE: return HTTP_TUNNEL;
	default: return read_rest(h, c);
	}
	return h->bad ? HTTP_BAD : step;
}

size_t http_feed(struct http *h, bool server, const uint8_t *bytes, size_t n, enum http_step *step)
{
	struct http_side *s = server ? &h->server : &h->client;
	struct cursor c = cursor_of(bytes, n);

	*step = h->bad ? HTTP_BAD : HTTP_MORE;
	while (c.left && *step == HTTP_MORE) {
		if (s->head_used)
			hold_done(&s->head);
		s->head_used = false;
		*step = one(h, server, &c);
	}
	return n - c.left;
}
