/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail: Internet messages (RFC 5322) and the parts of multipart bodies (RFC 2046, 5.1), forms of browsers too (RFC 7578).
 *
 *	header lines -> type, boundary, transfer encoding, name -> a part inside, fed until its boundary comes
 *
 * Lines are put together up to LINE_MAX; a longer one is handed on in pieces (a boundary is never longer than 70).
 * Header text is scanned as it stands and decoded (RFC 2047).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/charset.h"
#include "daemon/content/document.h"
#include "daemon/content/unpack/unpack.h"

#define LINE_MAX_BYTES 1024u
#define FIELD_MAX 2048u   /* of one unfolded header field that matters */
#define BOUNDARY_MAX 80u
#define NESTED_MAX 16u    /* multiparts inside each other in one message */
#define HEADER_BYTES 262144u

enum state { HEADER, BODY, PREAMBLE };

struct level {
	char boundary[BOUNDARY_MAX];
	uint8_t len;
};

struct mail {
	struct part *part;
	struct part *body, *headers; /* owned until closed */
	struct level levels[NESTED_MAX];
	uint8_t depth;      /* of levels */
	uint8_t state;
	bool skipped_level; /* too deep: told */
	bool began_line;    /* a piece of the line has been handed on already */
	bool owed_newline;  /* the line end before a boundary is the boundary's */
	uint32_t header_bytes;
	size_t n, field_n;
	char type[256], encoding[64], name[256];
	char line[LINE_MAX_BYTES];
	char field[FIELD_MAX];
};

/* ---- header fields ---- */

static const char *find_parameter(const char *s, const char *name, size_t *len)
{
	size_t n = strlen(name);

	for (const char *p = strchr(s, ';'); p; p = strchr(p + 1, ';')) {
		const char *at = p + 1;

		at += strspn(at, " \t");
		if (strncasecmp(at, name, n) != 0)
			continue;
		at += n;
		at += *at == '*' ? strspn(at, "*0") : 0;
		at += strspn(at, " \t");
		if (*at != '=')
			continue;
		at++;
		at += strspn(at, " \t");
		if (*at == '"') {
			at++;
			*len = strcspn(at, "\"");
		} else {
			*len = strcspn(at, "; \t");
		}
		return at;
	}
	return NULL;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 2231: filename*=UTF-8''%E5%90%8D; the character set is written before the bytes. */
static void put_extended(char *to, size_t size, const char *at, size_t len)
{
	const char *quote = memchr(at, '\'', len), *text = quote ? memchr(quote + 1, '\'', len - (size_t)(quote + 1 - at)) : NULL;
	size_t n = 0;

	if (text) {
		len -= (size_t)(text + 1 - at);
		at = text + 1;
	}
	for (size_t i = 0; i < len && n + 1 < size; i++) {
		if (at[i] == '%' && i + 2 < len + 0 && hex(at[i + 1]) >= 0 && hex(at[i + 2]) >= 0) {
			to[n++] = (char)(hex(at[i + 1]) << 4 | hex(at[i + 2]));
			i += 2;
		} else {
			to[n++] = at[i];
		}
	}
	to[n] = '\0';
}

static void put_name(struct mail *m, const char *field, const char *parameter)
{
	size_t len;
	const char *at = find_parameter(field, parameter, &len);

	if (!at || m->name[0])
		return;
	put_extended(m->name, sizeof(m->name), at, len);
}

static void set(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	n = n < size - 1 ? n : size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

static const char *value_of(const char *field, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(field, name, n) != 0 || field[n] != ':')
		return NULL;
	field += n + 1;
	return field + strspn(field, " \t");
}

static void end_field(struct mail *m)
{
	const char *v;
	char text[FIELD_MAX];

	if (!m->field_n)
		return;
	m->field[m->field_n] = '\0';
	if ((v = value_of(m->field, "Content-Type")) != NULL) {
		set(m->type, sizeof(m->type), v);
		put_name(m, v, "name");
	} else if ((v = value_of(m->field, "Content-Transfer-Encoding")) != NULL) {
		set(m->encoding, sizeof(m->encoding), v);
	} else if ((v = value_of(m->field, "Content-Disposition")) != NULL) {
		m->name[0] = '\0';
		put_name(m, v, "filename");
	}
	if (strstr(m->field, "=?")) { /* what it says, beside how it is written */
		struct body_text t = { m->field, m->field_n };

		charset_name(part_charsets(m->part), t, NULL, text, sizeof(text));
		part_feed(m->headers, (const uint8_t *)text, strlen(text));
		part_feed(m->headers, (const uint8_t *)"\n", 1);
	}
	m->field_n = 0;
}

static void header_line(struct mail *m, const char *line, size_t n)
{
	size_t room = sizeof(m->field) - 1 - m->field_n;

	part_feed(m->headers, (const uint8_t *)line, n);
	part_feed(m->headers, (const uint8_t *)"\n", 1);
	if (n && (line[0] == ' ' || line[0] == '\t')) {
		while (n && (*line == ' ' || *line == '\t')) {
			line++;
			n--;
		}
		if (room && m->field_n) {
			m->field[m->field_n++] = ' ';
			room--;
		}
	} else {
		end_field(m);
		room = sizeof(m->field) - 1;
	}
	n = n < room ? n : room;
	memcpy(m->field + m->field_n, line, n);
	m->field_n += n;
}

/* ---- bodies ---- */

static void close_body(struct mail *m, bool whole)
{
	part_close(m->body, whole);
	m->body = NULL;
}

static void begin_header(struct mail *m)
{
	const struct part_hint h = { .kind = BODY_LINE, .text = true, .word = "header" };

	m->type[0] = m->encoding[0] = m->name[0] = '\0';
	m->field_n = 0;
	m->state = HEADER;
	m->headers = part_open(m->part, &h);
}

static bool push_boundary(struct mail *m)
{
	size_t len;
	const char *b = find_parameter(m->type, "boundary", &len);

	if (!b || !len || len >= BOUNDARY_MAX)
		return false;
	if (m->depth == NESTED_MAX) {
		if (!m->skipped_level)
			part_unread(m->part, UNREAD_DEPTH, "mail", (struct body_text){ 0 }, 0);
		m->skipped_level = true;
		return false;
	}
	memcpy(m->levels[m->depth].boundary, b, len);
	m->levels[m->depth++].len = (uint8_t)len;
	return true;
}

static bool encrypted(const struct mail *m)
{
	return strncasecmp(m->type, "multipart/encrypted", 19) == 0 ||
	       ((strncasecmp(m->type, "application/pkcs7-mime", 22) == 0 ||
		 strncasecmp(m->type, "application/x-pkcs7-mime", 24) == 0) &&
		!strcasestr(m->type, "signed-data"));
}

static void open_body(struct mail *m)
{
	struct part_hint h = {
		.word = "data",
		.name = { m->name, strlen(m->name) },
		.type = { m->type, strlen(m->type) },
		.encoding = { m->encoding, strlen(m->encoding) },
	};

	if (encrypted(m))
		part_unread(m->part, UNREAD_ENCRYPTED_MAIL, "mail", h.name, 0);
	if (strncasecmp(m->type, "multipart/", 10) == 0 && push_boundary(m)) {
		m->state = PREAMBLE;
		return;
	}
	m->state = BODY;
	m->body = part_open(m->part, &h);
}

static void end_header(struct mail *m)
{
	end_field(m);
	part_close(m->headers, true);
	m->headers = NULL;
	open_body(m);
}

/* Which level's boundary a line is, from the inside out; -1 none. *last: its closing one. */
static int boundary_of(const struct mail *m, const char *line, size_t n, bool *last)
{
	if (n < 3 || line[0] != '-' || line[1] != '-')
		return -1;
	for (int i = m->depth - 1; i >= 0; i--) {
		size_t len = m->levels[i].len;

		if (n < len + 2 || memcmp(line + 2, m->levels[i].boundary, len) != 0)
			continue;
		*last = n >= len + 4 && line[len + 2] == '-' && line[len + 3] == '-';
		return i;
	}
	return -1;
}

static void at_boundary(struct mail *m, int level, bool last)
{
	if (m->state == HEADER) {
		part_close(m->headers, true);
		m->headers = NULL;
	}
	close_body(m, true);
	m->owed_newline = false;
	m->depth = (uint8_t)(level + (last ? 0 : 1));
	if (last)
		m->state = PREAMBLE; /* the epilogue is like the preamble of the level outside */
	else
		begin_header(m);
}

static void feed_body(struct mail *m, const char *at, size_t n)
{
	part_feed(m->body, (const uint8_t *)at, n);
}

static void body_line(struct mail *m, const char *line, size_t n, bool ended, bool crlf)
{
	if (m->owed_newline)
		feed_body(m, crlf ? "\r\n" : "\n", crlf ? 2 : 1);
	feed_body(m, line, n);
	m->owed_newline = ended;
}

/* A line, or a piece of one that is too long to be a boundary. */
static void on_line(struct mail *m, size_t n, bool ended)
{
	bool crlf = n && m->line[n - 1] == '\r', last = false;
	size_t len = n - (ended && crlf);
	int level = m->began_line ? -1 : boundary_of(m, m->line, len, &last);

	if (level >= 0)
		at_boundary(m, level, last);
	else if (m->state == HEADER && len == 0 && ended && !m->began_line)
		end_header(m);
	else if (m->state == HEADER)
		header_line(m, m->line, len);
	else if (m->state == BODY)
		body_line(m, m->line, len, ended, crlf);
	m->began_line = !ended;
}

/* ---- the decoder ---- */

static struct mail *mail_start(struct part *p)
{
	struct mail *m = calloc(1, sizeof(*m));

	if (m)
		m->part = p;
	return m;
}

static void *mail_new(struct part *p, const struct part_hint *h)
{
	struct mail *m = mail_start(p);

	(void)h;
	if (m)
		begin_header(m);
	return m;
}

static void *multipart_new(struct part *p, const struct part_hint *h)
{
	struct mail *m = mail_start(p);
	size_t n = h->type.len;

	if (!m)
		return NULL;
	n = n < sizeof(m->type) - 1 ? n : sizeof(m->type) - 1;
	memcpy(m->type, h->type.at, n);
	m->state = PREAMBLE;
	if (!push_boundary(m))
		part_unread(p, UNREAD_BROKEN, "multipart", h->name, 0);
	return m;
}

static void mail_feed(void *u, const uint8_t *at, size_t n)
{
	struct mail *m = u;

	while (n) {
		size_t room = sizeof(m->line) - m->n, some = n < room ? n : room;
		const uint8_t *end = memchr(at, '\n', some);

		some = end ? (size_t)(end - at) : some;
		memcpy(m->line + m->n, at, some);
		m->n += some;
		if (end || m->n == sizeof(m->line)) {
			size_t len = m->n;

			m->n = 0;
			on_line(m, len, end);
		}
		some += end != NULL;
		at += some;
		n -= some;
	}
}

static void mail_end(void *u, bool whole)
{
	struct mail *m = u;

	if (m->n) {
		size_t len = m->n;

		m->n = 0;
		on_line(m, len, false);
	}
	if (m->state == HEADER && m->headers)
		end_field(m);
	part_close(m->headers, whole);
	close_body(m, whole);
	m->headers = NULL;
}

static size_t mail_memory(const void *u)
{
	(void)u;
	return sizeof(struct mail);
}

const struct unpacker unpack_mail = { "mail", mail_new, free, mail_feed, mail_end, mail_memory };
const struct unpacker unpack_multipart = { "multipart", multipart_new, free, mail_feed, mail_end, mail_memory };
