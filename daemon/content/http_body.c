/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/http_body.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/body.h"
#include "daemon/content/ipp.h"
#include "daemon/content/websocket.h"

#define NAME_MAX_BYTES 256u
#define HEAD_ID 2u /* and 3: heads of the client and of the server; bodies are 0 and 1 */

struct http_body {
	struct http_body_side {
		bool open;
		bool part;       /* Content-Range */
		struct ipp *ipp; /* owned; NULL: none */
	} side[2];
	bool deflate;                /* WebSocket: both ends may compress */
	struct websocket *socket[2]; /* owned */
};

struct http_body *http_body_new(void)
{
	return calloc(1, sizeof(struct http_body));
}

void http_body_free(struct http_body *b)
{
	for (int i = 0; b && i < 2; i++) {
		free(b->side[i].ipp);
		free(b->socket[i]);
	}
	free(b);
}

size_t http_body_memory(const struct http_body *b)
{
	size_t n = sizeof(*b);

	for (int i = 0; i < 2; i++) {
		n += b->side[i].ipp ? sizeof(struct ipp) : 0;
		n += b->socket[i] ? sizeof(struct websocket) : 0;
	}
	return n;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986, 2.1; what is no escape stays. Return: bytes written; *from is moved past what was read. */
static size_t unescape(const struct body_text *t, size_t *from, char *out, size_t max)
{
	size_t n = 0;

	while (n < max && *from < t->len) {
		char c = t->at[(*from)++];
		int hi = c == '%' && t->len - *from >= 2 ? hex(t->at[*from]) : -1;
		int lo = hi >= 0 ? hex(t->at[*from + 1]) : -1;

		if (lo >= 0) {
			c = (char)(hi << 4 | lo);
			*from += 2;
		}
		out[n++] = c;
	}
	return n;
}

static void give_head(const struct http *h, bool server, const struct body_sink *sink)
{
	const struct body_text *head = &h->fields.head;
	struct body_head line = {
		.protocol = "HTTP", .kind = BODY_LINE, .server = server, .length = head->len
	};
	char out[1024];
	size_t from = 0;

	sink->begin(sink->ctx, HEAD_ID + server, &line);
	while (from < head->len) {
		size_t n = unescape(head, &from, out, sizeof(out));

		sink->bytes(sink->ctx, HEAD_ID + server, (const uint8_t *)out, n);
	}
	sink->end(sink->ctx, HEAD_ID + server, true);
}

static bool starts(struct body_text t, const char *word)
{
	size_t n = strlen(word);

	while (t.len && isspace((unsigned char)*t.at))
		t.at++, t.len--;
	return t.len >= n && strncasecmp(t.at, word, n) == 0;
}

static uint8_t kind_of(struct body_text type)
{
	if (starts(type, "multipart/"))
		return BODY_MULTIPART;
	if (starts(type, "application/x-www-form-urlencoded"))
		return BODY_FORM;
	return BODY_DATA;
}

/* The value of parameter @name in a field: quoted or not (RFC 9110, 5.6.6). */
static struct body_text parameter(struct body_text field, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i + n < field.len; i++) {
		const char *at = field.at + i;

		if (strncasecmp(at, name, n) != 0 || (i && !strchr("; \t\n", at[-1])))
			continue;
		const char *end = field.at + field.len;

		at += n;
		if (*at != '"') {
			const char *semicolon = memchr(at, ';', (size_t)(end - at));

			return (struct body_text){ at,
						   (size_t)((semicolon ? semicolon : end) - at) };
		}
		const char *quote = memchr(at + 1, '"', (size_t)(end - at - 1));

		return (struct body_text){ at + 1, (size_t)((quote ? quote : end) - at - 1) };
	}
	return (struct body_text){ NULL, 0 };
}

/* filename* (RFC 8187: charset'language'value), else filename, else what the target ends with */
static struct body_text name_of(struct body_text disposition, struct body_text target, char *out)
{
	struct body_text name = parameter(disposition, "filename*=");
	size_t from = 0;

	for (int quotes = 0; quotes < 2 && name.len; name.at++, name.len--)
		quotes += *name.at == '\'';
	if (!name.len)
		name = parameter(disposition, "filename=");
	if (!name.len) {
		const char *query = target.len ? memchr(target.at, '?', target.len) : NULL;

		name = target;
		if (query)
			name.len = (size_t)(query - name.at);
		const char *slash = name.len ? memrchr(name.at, '/', name.len) : NULL;
		size_t before = slash ? (size_t)(slash - name.at) + 1 : 0;

		name.at += before;
		name.len -= before;
	}
	size_t n = unescape(&name, &from, out, NAME_MAX_BYTES);

	return (struct body_text){ out, n };
}

static void begin(struct http_body *b, const struct http *h, bool server, uint64_t length,
		  struct body_text target, const struct body_sink *sink)
{
	const struct http_fields *f = &h->fields;
	struct http_body_side *s = &b->side[server];
	char name[NAME_MAX_BYTES];
	struct body_head head = {
		.protocol = "HTTP",
		.kind = kind_of(f->type),
		.server = server,
		.length = length == UINT64_MAX ? 0 : length,
		.type = f->type,
		.encoding = { f->codings, f->codings_len },
		.name = name_of(f->disposition, target, name),
	};

	s->open = true;
	s->part = f->part;
	if (starts(f->type, "application/ipp") && !f->codings_len)
		s->ipp = calloc(1, sizeof(*s->ipp));
	if (s->ipp)
		ipp_init(s->ipp, server);
	else
		sink->begin(sink->ctx, server, &head);
}

static void finish(struct http_body *b, bool server, bool whole, const struct body_sink *sink)
{
	struct http_body_side *s = &b->side[server];

	if (!s->open)
		return;
	whole = whole && !s->part;
	if (s->ipp)
		ipp_end(s->ipp, whole, sink);
	else
		sink->end(sink->ctx, server, whole);
	free(s->ipp);
	*s = (struct http_body_side){ .ipp = NULL };
}

static void give_piece(struct http_body *b, const struct http *h, bool server,
		       const struct body_sink *sink)
{
	struct http_body_side *s = &b->side[server];
	const struct http_piece *p = &h->piece;

	if (!s->open) { /* of a server that answers what nobody asked */
		struct body_head head = { .protocol = "HTTP", .kind = BODY_DATA, .server = server };

		s->open = true;
		sink->begin(sink->ctx, server, &head);
	}
	if (s->ipp && p->len)
		ipp_feed(s->ipp, p->at, p->len, sink);
	else if (p->len)
		sink->bytes(sink->ctx, server, p->at, p->len);
	if (p->end)
		finish(b, server, true, sink);
}

static void take_head(struct http_body *b, const struct http *h, bool server, bool body,
		      const struct body_sink *sink)
{
	const struct http_request *r = server ? h->oldest : h->newest;
	struct body_text target = h->fields.target;

	finish(b, server, false, sink);
	give_head(h, server, sink);
	if (h->fields.differs)
		sink->note(sink->ctx, BODY_NOTE_BAD, body_text("HTTP"),
			   body_text("content_type_twice"));
	b->deflate |= server && h->fields.deflate;
	if (server && r)
		target = (struct body_text){ r->target, r->target_len };
	if (body)
		begin(b, h, server, server ? h->answer.length : r->length, target, sink);
}

void http_body_step(struct http_body *b, const struct http *h, bool server, enum http_step step,
		    const struct body_sink *sink)
{
	if (step == HTTP_REQUEST)
		take_head(b, h, server, h->newest->body, sink);
	else if (step == HTTP_ANSWER)
		take_head(b, h, server, h->answer.body, sink);
	else if (step == HTTP_BODY)
		give_piece(b, h, server, sink);
}

const char *http_body_tunnel(struct http_body *b, bool server, const uint8_t *bytes, size_t n,
			     const struct body_sink *sink)
{
	struct websocket **w = &b->socket[server];

	if (!*w) {
		*w = malloc(sizeof(**w));
		if (!*w)
			return "no_memory";
		websocket_init(*w, server, b->deflate);
	}
	return websocket_feed(*w, bytes, n, sink);
}

void http_body_close(struct http_body *b, const struct http *h, bool server,
		     const struct body_sink *sink)
{
	const struct http_side *s = server ? &h->server : &h->client;

	if (b->socket[server])
		websocket_end(b->socket[server], sink);
	finish(b, server, s->state == HTTP_CLOSE, sink);
}
