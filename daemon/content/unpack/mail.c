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
#include "daemon/content/unpack/mime.h"
#include "daemon/content/unpack/unpack.h"

#define LINE_MAX_BYTES 1024u
#define FIELD_MAX 2048u   /* of one unfolded header field that matters */
#define BOUNDARY_MAX 200u /* RFC 2046 allows 70 */
#define NESTED_MAX 16u    /* multiparts inside each other in one message */

enum state { HEADER, BODY };

struct level {
	char boundary[BOUNDARY_MAX];
	uint8_t len;
};

struct mail {
	struct part *part;
	struct part *body, *headers; /* owned until closed */
	struct level levels[NESTED_MAX];
	uint8_t depth; /* of levels */
	uint8_t state;
	bool skipped_level;   /* too deep: told */
	bool began_line;      /* a piece of the line has been handed on already */
	uint8_t owed_newline; /* bytes of it: the line end before a boundary is the boundary's */
	size_t n, field_n;
	char type[FIELD_MAX], encoding[64], name[256], charset[MIME_CHARSET];
	char line[LINE_MAX_BYTES];
	char field[FIELD_MAX];
};

/* ---- header fields ---- */

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

static void read_field(struct mail *m)
{
	const char *v;

	if ((v = value_of(m->field, "Content-Type")) != NULL) {
		set(m->type, sizeof(m->type), v);
		if (!m->name[0])
			mime_parameter(v, "name", m->name, sizeof(m->name), m->charset);
	} else if ((v = value_of(m->field, "Content-Transfer-Encoding")) != NULL) {
		set(m->encoding, sizeof(m->encoding), v);
	} else if ((v = value_of(m->field, "Content-Disposition")) != NULL) {
		char name[sizeof(m->name)], charset[MIME_CHARSET];

		if (!mime_parameter(v, "filename", name, sizeof(name), charset))
			return;
		memcpy(m->name, name, sizeof(name));
		memcpy(m->charset, charset, sizeof(charset));
	}
}

/* What encoded words say is scanned beside how they are written. */
static void end_field(struct mail *m)
{
	char text[FIELD_MAX];

	if (!m->field_n)
		return;
	m->field[m->field_n] = '\0';
	read_field(m);
	if (strstr(m->field, "=?")) {
		size_t n = charset_words(part_charsets(m->part),
					 (struct body_text){ m->field, m->field_n }, text,
					 sizeof(text));

		part_feed(m->headers, (const uint8_t *)text, n);
		part_feed(m->headers, (const uint8_t *)"\n", 1);
	}
	m->field_n = 0;
}

static void add_to_field(struct mail *m, const char *at, size_t n)
{
	size_t room = sizeof(m->field) - 1 - m->field_n;

	n = n < room ? n : room;
	memcpy(m->field + m->field_n, at, n);
	m->field_n += n;
}

static void header_line(struct mail *m, const char *line, size_t n, bool ended)
{
	size_t blank = 0;

	while (!m->began_line && blank < n && (line[blank] == ' ' || line[blank] == '\t'))
		blank++;
	if (!m->began_line && !blank)
		end_field(m);
	part_feed(m->headers, (const uint8_t *)line, n);
	if (ended)
		part_feed(m->headers, (const uint8_t *)"\n", 1);
	if (blank && m->field_n)
		add_to_field(m, " ", 1);
	add_to_field(m, line + blank, n - blank);
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

	m->type[0] = m->encoding[0] = m->name[0] = m->charset[0] = '\0';
	m->field_n = 0;
	m->state = HEADER;
	m->headers = part_open(m->part, &h);
}

static bool push_boundary(struct mail *m)
{
	struct level *l = &m->levels[m->depth];
	char charset[MIME_CHARSET], boundary[BOUNDARY_MAX];
	size_t n = mime_parameter(m->type, "boundary", boundary, sizeof(boundary), charset);

	if (!n || n == BOUNDARY_MAX - 1) {
		part_unread(m->part, UNREAD_BROKEN, "multipart", (struct body_text){ 0 }, 0);
		return false;
	}
	if (m->depth == NESTED_MAX) {
		if (!m->skipped_level)
			part_unread(m->part, UNREAD_DEPTH, "mail", (struct body_text){ 0 }, 0);
		m->skipped_level = true;
		return false;
	}
	while (n && (boundary[n - 1] == ' ' || boundary[n - 1] == '\t'))
		n--;
	memcpy(l->boundary, boundary, n);
	l->len = (uint8_t)n;
	m->depth++;
	return true;
}

/* What no reader shows, before, between and behind the parts, leaves all the same. */
static void open_aside(struct mail *m)
{
	const struct part_hint h = { .kind = BODY_LINE, .text = true, .word = "data" };

	m->state = BODY;
	m->body = part_open(m->part, &h);
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
		.name = body_text(m->name),
		.name_charset = m->charset[0] ? m->charset : NULL,
		.type = body_text(m->type),
		.encoding = body_text(m->encoding),
	};

	if (encrypted(m))
		part_unread(m->part, UNREAD_ENCRYPTED_MAIL, "mail", h.name, 0);
	if (strncasecmp(m->type, "multipart/", 10) == 0 && push_boundary(m)) {
		open_aside(m);
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
	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	if (n < 3 || line[0] != '-' || line[1] != '-')
		return -1;
	for (int i = m->depth - 1; i >= 0; i--) {
		size_t len = m->levels[i].len;
		bool closing = n == len + 4 && memcmp(line + len + 2, "--", 2) == 0;

		if ((n == len + 2 || closing) &&
		    memcmp(line + 2, m->levels[i].boundary, len) == 0) {
			*last = closing;
			return i;
		}
	}
	return -1;
}

static void at_boundary(struct mail *m, int level, bool last)
{
	if (m->state == HEADER) {
		end_field(m);
		part_close(m->headers, true);
		m->headers = NULL;
	}
	close_body(m, true);
	m->owed_newline = 0;
	m->depth = (uint8_t)(level + (last ? 0 : 1));
	if (last)
		open_aside(m);
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
		feed_body(m, "\r\n" + (2 - m->owed_newline), m->owed_newline);
	feed_body(m, line, n);
	m->owed_newline = ended ? 1 + crlf : 0;
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
		header_line(m, m->line, len, ended);
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
	push_boundary(m);
	open_aside(m);
	return m;
}

/* A piece of a line: a CR at its end may be half of the line's end. */
static void hand_on_piece(struct mail *m)
{
	bool cr = m->line[m->n - 1] == '\r';
	size_t n = m->n - cr;

	m->n = 0;
	if (n)
		on_line(m, n, false);
	if (cr)
		m->line[m->n++] = '\r';
}

/* Nothing waits for the end of its line that cannot become a boundary or the end of a header. */
static bool is_plain(const struct mail *m)
{
	size_t blank = 0;

	if (!m->n || (!m->began_line && m->line[0] == '-' && (m->n == 1 || m->line[1] == '-')))
		return false;
	while (blank < m->n && strchr(" \t\r", m->line[blank]))
		blank++;
	return m->state == BODY || m->began_line || blank < m->n;
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
		if (end) {
			size_t len = m->n;

			m->n = 0;
			on_line(m, len, true);
		} else if (m->n == sizeof(m->line)) {
			hand_on_piece(m);
		}
		some += end != NULL;
		at += some;
		n -= some;
	}
	if (is_plain(m))
		hand_on_piece(m);
}

static void mail_end(void *u, bool whole)
{
	struct mail *m = u;

	if (m->n)
		on_line(m, m->n, false);
	m->n = 0;
	if (m->state == HEADER)
		end_field(m);
	if (m->owed_newline)
		body_line(m, "", 0, false, false);
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
const struct unpacker unpack_multipart = { "multipart", multipart_new, free,
					   mail_feed,   mail_end,      mail_memory };
