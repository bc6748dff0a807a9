/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/http_head.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/http.h"
#include "rules/cursor.h"

#define TARGET_KEPT 1024u /* bytes of a target and of a User-Agent that an event can show */
#define AGENT_KEPT 256u
#define METHOD_MAX 32u
_Static_assert(METHOD_MAX + TARGET_KEPT + AGENT_KEPT <= HTTP_TEXT_MAX,
	       "a request has room for them");

struct piece { /* borrowed bytes of the head */
	const uint8_t *at;
	size_t n;
};

struct head {
	struct piece method, target, agent;
	struct piece host;
	struct piece type;
	struct http_fields *fields;
	uint64_t length;
	bool has_host, has_length, has_coding, chunked, other_coding;
	bool upgrade, websocket;
	uint8_t minor;
	uint16_t status;
	const char *bad;
};

static bool is(struct piece p, const char *word)
{
	return p.n == strlen(word) && strncasecmp((const char *)p.at, word, p.n) == 0;
}

/* RFC 9110, 5.6.2 */
static bool token_char(uint8_t c)
{
	return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool token(struct piece p)
{
	for (size_t i = 0; i < p.n; i++)
		if (!token_char(p.at[i]))
			return false;
	return p.n > 0;
}

static struct piece trimmed(struct piece p)
{
	while (p.n && (p.at[0] == ' ' || p.at[0] == '\t'))
		p.at++, p.n--;
	while (p.n && (p.at[p.n - 1] == ' ' || p.at[p.n - 1] == '\t'))
		p.n--;
	return p;
}

/* The next line without its CR LF; the framing has seen to it that both are there. */
static struct piece next_line(struct cursor *c)
{
	const uint8_t *lf = c->left ? memchr(c->at, '\n', c->left) : NULL;
	size_t n = lf ? (size_t)(lf - c->at) + 1 : c->left;
	const uint8_t *at = cursor_take(c, n);

	return (struct piece){ at, n >= 2 ? n - 2 : 0 };
}

/* Bytes up to the separator, which is skipped; everything when there is none. */
static struct piece until(struct piece *p, uint8_t separator, bool *found)
{
	const uint8_t *at = p->n ? memchr(p->at, separator, p->n) : NULL;
	struct piece first = { p->at, at ? (size_t)(at - p->at) : p->n };

	*found = at;
	p->at += first.n + (at ? 1 : 0);
	p->n -= first.n + (at ? 1 : 0);
	return first;
}

static bool version(struct piece p, uint8_t *minor)
{
	if (p.n != 8 || memcmp(p.at, "HTTP/1.", 7) != 0 || (p.at[7] != '0' && p.at[7] != '1'))
		return false;
	*minor = (uint8_t)(p.at[7] - '0');
	return true;
}

static void request_line(struct head *h, struct piece line)
{
	bool a, b;

	h->method = until(&line, ' ', &a);
	h->target = until(&line, ' ', &b);
	if (!a || !b || !token(h->method) || h->method.n > METHOD_MAX || !h->target.n)
		h->bad = "request_line_invalid";
	else if (line.n == 8 && memcmp(line.at, "HTTP/2.0", 8) == 0)
		h->bad = "http2_without_tls";
	else if (!version(line, &h->minor))
		h->bad = "request_line_invalid";
	for (size_t i = 0; i < h->target.n; i++)
		if (h->target.at[i] <= ' ' || h->target.at[i] == 0x7f)
			h->bad = "request_line_invalid";
}

static void status_line(struct head *h, struct piece line)
{
	bool found;
	struct piece v = until(&line, ' ', &found);
	struct piece code = until(&line, ' ', &found);

	if (!version(v, &h->minor) || code.n != 3)
		h->bad = "status_line_invalid";
	for (size_t i = 0; i < code.n && !h->bad; i++) {
		if (!isdigit(code.at[i]))
			h->bad = "status_line_invalid";
		h->status = (uint16_t)(h->status * 10 + (code.at[i] - '0'));
	}
	if (!h->bad && (h->status < 100 || h->status > 599))
		h->bad = "status_line_invalid";
}

static void field_host(struct head *h, struct piece v)
{
	if (h->has_host)
		h->bad = "duplicate_host";
	h->has_host = true;
	h->host = v;
}

static void field_length(struct head *h, struct piece v)
{
	if (h->has_length)
		h->bad = "duplicate_content_length";
	h->has_length = true;
	if (!v.n || v.n > 18)
		h->bad = "invalid_content_length";
	for (size_t i = 0; i < v.n && !h->bad; i++) {
		if (!isdigit(v.at[i]))
			h->bad = "invalid_content_length";
		h->length = h->length * 10 + (uint64_t)(v.at[i] - '0');
	}
}

/* Adds to the list of what was done to the body. What finds no room leaves a coding that there is not. */
static void add_coding(struct http_fields *f, struct piece p)
{
	static const char between[] = ", ";
	size_t room = sizeof(f->codings) - f->codings_len;

	for (size_t i = 0; f->codings_len && i < 2 && room; i++, room--)
		f->codings[f->codings_len++] = between[i];
	size_t n = p.n < room ? p.n : room;

	if (n)
		memcpy(f->codings + f->codings_len, p.at, n);
	f->codings_len = (uint8_t)(f->codings_len + n);
}

/* Only "chunked" as the last coding frames a body; anything else is read differently by different ends. */
static void field_coding(struct head *h, struct piece v)
{
	bool more = true;

	if (h->has_coding)
		h->bad = "duplicate_transfer_encoding";
	h->has_coding = true;
	while (more) {
		struct piece one = trimmed(until(&v, ',', &more));

		if (h->chunked)
			h->bad = "invalid_transfer_encoding";
		if (is(one, "chunked"))
			h->chunked = true;
		else
			h->other_coding = true;
		if (!h->chunked)
			add_coding(h->fields, one);
	}
}

static void field_encoding(struct head *h, struct piece v)
{
	if (v.n)
		add_coding(h->fields, v);
}

static struct body_text text_of(struct piece p)
{
	return (struct body_text){ (const char *)p.at, p.n };
}

static void field_disposition(struct head *h, struct piece v)
{
	h->fields->disposition = text_of(v);
}

static void field_range(struct head *h, struct piece v)
{
	(void)v;
	h->fields->part = true;
}

/* RFC 7692: offered or agreed to, messages may be compressed */
static void field_extensions(struct head *h, struct piece v)
{
	h->fields->deflate |= v.n && memmem(v.at, v.n, "deflate", 7);
}

static void field_upgrade(struct head *h, struct piece v)
{
	h->upgrade = true;
	h->websocket = is(v, "websocket");
}

static void field_agent(struct head *h, struct piece v)
{
	h->agent = v;
}

static void field_type(struct head *h, struct piece v)
{
	struct body_text *type = &h->fields->type;
	bool found;

	h->fields->differs |= type->len && (type->len != v.n || memcmp(type->at, v.at, v.n) != 0);
	*type = text_of(v);
	h->type = trimmed(until(&v, ';', &found));
}

static const struct field {
	const char *name;
	void (*read)(struct head *h, struct piece value);
	bool framing; /* decides where a message ends, whom it is for or what it is: never folded */
} fields[] = {
	{ "host", field_host, true },
	{ "content-length", field_length, true },
	{ "transfer-encoding", field_coding, true },
	{ "upgrade", field_upgrade, true },
	{ "user-agent", field_agent, false },
	{ "content-type", field_type, false },
	{ "content-encoding", field_encoding, true },
	{ "content-disposition", field_disposition, false },
	{ "content-range", field_range, false },
	{ "sec-websocket-extensions", field_extensions, false },
};

static const struct field *field_named(struct piece name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (is(name, fields[i].name))
			return &fields[i];
	return NULL;
}

/* The rest of a folded field: its text goes on up to here. */
static void continue_field(struct head *h, const struct field *f, struct piece line)
{
	struct body_text *t = NULL;

	if (f->read == field_type)
		t = &h->fields->type;
	if (f->read == field_disposition)
		t = &h->fields->disposition;
	if (t && t->at)
		t->len = (size_t)((const char *)line.at + line.n - t->at);
}

/* RFC 9112, 5: name ":" OWS value OWS; a line that starts with space continues the one before (5.2). */
static void field_lines(struct head *h, struct cursor c)
{
	const struct field *last = NULL;
	bool any = false;

	while (c.left && !h->bad) {
		struct piece line = next_line(&c);
		bool found;

		if (!line.n)
			return;
		if (line.at[0] == ' ' || line.at[0] == '\t') {
			if (!any || (last && last->framing))
				h->bad = "folded_field";
			else if (last)
				continue_field(h, last, line);
			continue;
		}
		struct piece name = until(&line, ':', &found);

		if (!found || !token(name))
			h->bad = "invalid_field";
		last = field_named(name);
		any = true;
		if (last && !h->bad)
			last->read(h, trimmed(line));
	}
}

static void check_framing(struct head *h)
{
	if (!h->bad && h->has_coding && h->has_length)
		h->bad = "length_and_transfer_encoding";
	if (!h->bad && h->has_coding && h->minor == 0)
		h->bad = "invalid_transfer_encoding";
}

static bool host_char(uint8_t c)
{
	return isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':';
}

/* "[v6]:port", "host:port" -> host and port */
static bool split_port(struct piece *p, uint16_t *port)
{
	const uint8_t *close = p->n && p->at[0] == '[' ? memchr(p->at, ']', p->n) : NULL;
	size_t from = close ? (size_t)(close - p->at) + 1 : 0;
	const uint8_t *colon = from < p->n ? memchr(p->at + from, ':', p->n - from) : NULL;
	uint32_t value = 0;

	if (close && from < p->n && p->at[from] != ':')
		return false;
	for (const uint8_t *d = colon ? colon + 1 : p->at + p->n; d < p->at + p->n; d++) {
		if (!isdigit(*d) || (value = value * 10 + (uint32_t)(*d - '0')) > 65535)
			return false;
	}
	*port = (uint16_t)value;
	if (colon)
		p->n = (size_t)(colon - p->at);
	if (close)
		*p = (struct piece){ p->at + 1, p->n - 2 };
	return true;
}

/* An authority or Host value -> the name that is judged. Return: whether it is one. */
static bool name_of(struct piece p, char out[static HTTP_NAME_MAX], uint16_t *port)
{
	bool v6 = p.n && p.at[0] == '[';

	if (!split_port(&p, port))
		return false;
	if (p.n && p.at[p.n - 1] == '.')
		p.n--;
	if (!p.n || p.n >= HTTP_NAME_MAX)
		return false;
	for (size_t i = 0; i < p.n; i++) {
		if (!host_char(p.at[i]) || (p.at[i] == ':' && !v6))
			return false;
		out[i] = (char)tolower(p.at[i]);
	}
	out[p.n] = '\0';
	return true;
}

/* The authority of an absolute-form target, or of CONNECT's (RFC 9112, 3.2.2, 3.2.3). */
static bool target_authority(const struct head *h, struct piece *out)
{
	struct piece t = h->target;

	if (is(h->method, "CONNECT")) {
		*out = t;
		return true;
	}
	if (t.at[0] == '/' || (t.n == 1 && t.at[0] == '*'))
		return false;
	const uint8_t *slashes = memmem(t.at, t.n, "://", 3);
	size_t from = slashes ? (size_t)(slashes - t.at) + 3 : t.n;

	*out = (struct piece){ t.at + from, t.n - from };
	for (size_t i = 0; i < out->n; i++)
		if (memchr("/?#", out->at[i], 3))
			out->n = i;
	return true;
}

static void fill_name(struct head *h, struct http_request *r)
{
	char host[HTTP_NAME_MAX];
	uint16_t port = 0;
	struct piece authority;
	bool absolute = target_authority(h, &authority);

	if (h->has_host && h->host.n && !name_of(h->host, host, &port)) {
		h->bad = "invalid_host";
		return;
	}
	bool named = h->has_host && h->host.n;

	r->absolute = absolute && !r->connect;
	if (!absolute) {
		if (named)
			memcpy(r->name, host, sizeof(host));
		r->port = port;
		return;
	}
	if (!name_of(authority, r->name, &r->port))
		h->bad = "invalid_target";
	else if (named && strcmp(host, r->name) != 0)
		h->bad = "host_differs_from_target";
}

static uint16_t keep(const char **at, char **text, struct piece p, size_t limit)
{
	size_t n = p.n < limit ? p.n : limit;

	*at = *text;
	if (n)
		memcpy(*text, p.at, n);
	*text += n;
	return (uint16_t)n;
}

static struct http_request *request_new(const struct head *h)
{
	struct http_request *r = calloc(1, sizeof(*r) + HTTP_TEXT_MAX);

	if (!r)
		return NULL;
	char *text = r->text;

	r->method_len = keep(&r->method, &text, h->method, 32);
	r->target_len = keep(&r->target, &text, h->target, TARGET_KEPT);
	r->agent_len = keep(&r->agent, &text, h->agent, AGENT_KEPT);
	r->connect = is(h->method, "CONNECT");
	r->head = is(h->method, "HEAD");
	r->upgrade = h->upgrade;
	r->minor = h->minor;
	r->length = h->length;
	r->body = h->chunked || h->length > 0;
	return r;
}

struct http_request *http_request_of(const uint8_t *bytes, size_t n, struct http_fields *f,
				     const char **bad)
{
	struct head h = { .fields = f };
	struct cursor c = cursor_of(bytes, n);

	*f = (struct http_fields){ .head = { (const char *)bytes, n } };
	request_line(&h, next_line(&c));
	f->target = text_of(h.target);
	field_lines(&h, c);
	check_framing(&h);
	if (!h.bad && h.other_coding)
		h.bad = "invalid_transfer_encoding";
	struct http_request *r = h.bad ? NULL : request_new(&h);

	if (!h.bad && !r)
		h.bad = "no_memory";
	if (r)
		fill_name(&h, r);
	if (!h.bad) {
		r->next = NULL;
		if (h.chunked)
			r->length = UINT64_MAX;
		return r;
	}
	*bad = h.bad;
	free(r);
	return NULL;
}

const char *http_answer_of(const uint8_t *bytes, size_t n, struct http_answer *a,
			   struct http_fields *f)
{
	struct head h = { .fields = f };
	struct cursor c = cursor_of(bytes, n);

	*f = (struct http_fields){ .head = { (const char *)bytes, n } };
	status_line(&h, next_line(&c));
	field_lines(&h, c);
	check_framing(&h);
	if (h.bad)
		return h.bad;
	size_t len = h.type.n < sizeof(a->type) - 1 ? h.type.n : sizeof(a->type) - 1;

	*a = (struct http_answer){ .length = h.length, .status = h.status, .minor = h.minor };
	a->has_length = h.has_length;
	a->chunked = h.chunked;
	a->websocket = h.websocket;
	if (len)
		memcpy(a->type, h.type.at, len);
	return NULL;
}
