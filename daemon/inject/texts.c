/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inject/texts.h"

#include "daemon/inject.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 160u /* bytes of a text, as it is spelt in the page */

struct room {
	char *at;
	size_t left;
	bool full;
};

static void put(struct room *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct room *r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	const int n = vsnprintf(r->at, r->left, format, ap);

	va_end(ap);
	r->full |= n < 0 || (size_t)n >= r->left;
	if (r->full)
		return;
	r->at += n;
	r->left -= (size_t)n;
}

/* ---- texts inside others ---- */

static size_t character(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static const char *entity(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

/* As text of HTML, whole characters, cut short where it is too long. */
static const char *escaped(const char *s, char out[static SHOWN])
{
	size_t n = 0;

	while (*s) {
		const size_t len = character(s);
		const char *e = entity(*s);
		const size_t need = e ? strlen(e) : len;

		if (n + need >= SHOWN)
			break;
		if (iscntrl((unsigned char)*s))
			out[n++] = ' ';
		else
			n += (size_t)snprintf(out + n, SHOWN - n, "%.*s", (int)need, e ? e : s);
		s += len;
	}
	out[n] = '\0';
	return out;
}

/* A name that somebody asked for: nothing in it can mean anything to a browser. */
static const char *spelt(const char *s, char out[static SHOWN])
{
	size_t n = 0;

	for (; *s && n < SHOWN - 1; s++, n++)
		out[n] = isalnum((unsigned char)*s) || strchr(".-_:*", *s) ? *s : '?';
	out[n] = '\0';
	return out;
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

/* ---- HTTP ---- */

static void put_row(struct room *r, const char *ja, const char *en, const char *value)
{
	if (*value)
		put(r, "<dt>%s / %s<dd>%s\n", ja, en, value);
}

static void put_body(struct room *r, const struct injection *q, const char *contact)
{
	char text[SHOWN], number[24];

	put(r,
	    "<!DOCTYPE html>\n<html lang=\"ja\"><meta charset=\"utf-8\"><title>遮断 / Blocked</title>\n"
	    "<h1>この通信は遮断されました</h1>\n"
	    "<p>庁内ネットワークの関所（関守）が、規則によりこの通信を止めました。\n"
	    "<p lang=\"en\">The gate of this office's network (Sekimori) has stopped this request, as its rules say.\n"
	    "<dl>\n");
	snprintf(number, sizeof(number), "%" PRIu64, q->event);
	put_row(r, "規則", "rule", escaped(q->permit, text));
	put_row(r, "宛先", "destination", spelt(q->name, text));
	put_row(r, "記録番号", "event", number);
	put_row(r, "問い合わせ先", "ask", escaped(contact, text));
	put(r, "</dl></html>\n");
}

static void put_page(struct room *r, const struct injection *q, const char *contact)
{
	char body[SEGMENT_PAYLOAD_MAX];
	struct room inner = { body, sizeof(body), false };

	put_body(&inner, q, contact);
	r->full |= inner.full;
	put(r,
	    "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\nConnection: close\r\n\r\n%s",
	    sizeof(body) - inner.left, inner.full ? "" : body);
}

/* ---- SMTP ---- */

static void put_reply(struct room *r, const struct injection *q, const char *contact)
{
	put(r, "554-5.7.1 Blocked by the gate of this network (Sekimori), as its rules say.\r\n");
	if (*q->permit && is_ascii(q->permit))
		put(r, "554-5.7.1 Rule: %s\r\n", q->permit);
	if (*contact && is_ascii(contact))
		put(r, "554-5.7.1 Ask: %s\r\n", contact);
	put(r, "554 5.7.1 Do not send it again. Event %" PRIu64 "\r\n", q->event);
}

static void (*const writers[INJECT_KINDS])(struct room *, const struct injection *,
					   const char *) = {
	[INJECT_PAGE] = put_page,
	[INJECT_SMTP_REJECT] = put_reply,
};

size_t inject_text(const struct injection *q, const char *contact,
		   char out[static SEGMENT_PAYLOAD_MAX])
{
	struct room r = { out, SEGMENT_PAYLOAD_MAX, false };

	writers[q->kind](&r, q, contact);
	return r.full ? 0 : SEGMENT_PAYLOAD_MAX - r.left;
}
