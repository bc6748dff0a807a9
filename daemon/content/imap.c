/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	client: A1 APPEND box (\Seen) {12}  ->  <-  + go on  ->  12 bytes, then the rest of the line
 *	server: * 3 FETCH (BODY[] {12}, 12 bytes, then the rest of the line
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/body.h"
#include "daemon/content/line.h"
#include "rules/cursor.h"

#define TAG_MAX 32u
#define SECTION_MAX 64u

enum { CLIENT_LINES, SERVER_LINES, APPENDED, FETCHED }; /* ids */

/* WAITS: a literal that the server has yet to ask for */
enum state { LINES, WAITS, LITERAL };

enum command { OTHER, APPEND, STARTTLS, COMPRESS };

struct imap {
	struct line client, server;
	struct imap_side {
		uint64_t left; /* of the literal */
		uint8_t state;
		bool within;  /* the next line goes on with the one before the literal */
		bool message; /* the literal is one, not a part of the line */
	} up, down;
	uint8_t command;
	bool appended;       /* a body is open */
	bool catenate;       /* RFC 4469: it is made of several literals */
	bool from_elsewhere; /* ... and of parts that do not come over the wire */
	bool early;          /* a literal came before it was asked for */
	uint8_t secures;     /* STARTTLS or COMPRESS that waits for its answer */
	char tag[TAG_MAX], secures_tag[TAG_MAX];
	bool encrypted;
	bool told_bad;

	bool fetch;             /* the server's line is a FETCH answer */
	bool fetched;           /* a body is open */
	bool partial;           /* ... and may go on with the next answer */
	bool from_start;        /* it began at its first byte */
	uint64_t next;          /* where the following part would begin */
	char part[SECTION_MAX]; /* which message and section it is */
};

static void *imap_new(void)
{
	return calloc(1, sizeof(struct imap));
}

static size_t imap_memory(const void *r)
{
	(void)r;
	return sizeof(struct imap);
}

static void bad(struct imap *m, const char *word, const struct body_sink *sink)
{
	if (!m->told_bad)
		sink->note(sink->ctx, BODY_NOTE_BAD, body_text("IMAP"), body_text(word));
	m->told_bad = true;
}

static void end_appended(struct imap *m, bool whole, const struct body_sink *sink)
{
	if (m->appended)
		sink->end(sink->ctx, APPENDED, whole && !m->from_elsewhere);
	m->appended = m->from_elsewhere = false;
}

/* ---- commands ---- */

static const struct {
	const char *word;
	uint8_t command;
} commands[] = { { "APPEND", APPEND }, { "STARTTLS", STARTTLS }, { "COMPRESS DEFLATE", COMPRESS } };

/* A line that begins a command: tag SP word. Return: what follows the word */
static const char *start_command(struct imap *m, const struct body_sink *sink)
{
	const char *line = m->client.at, *word = strchr(line, ' ');
	size_t n = word ? (size_t)(word - line) : strlen(line);

	m->command = OTHER;
	m->catenate = false;
	n = n < TAG_MAX - 1 ? n : TAG_MAX - 1;
	memcpy(m->tag, line, n);
	m->tag[n] = '\0';
	if (!word)
		return "";
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!line_word(word + 1, commands[i].word))
			continue;
		m->command = commands[i].command;
		word += strlen(commands[i].word);
		break;
	}
	if (m->command == STARTTLS || m->command == COMPRESS) {
		m->secures = m->command;
		memcpy(m->secures_tag, m->tag, TAG_MAX);
	}
	if (m->command == STARTTLS)
		sink->note(sink->ctx, BODY_NOTE_STARTTLS, body_text("STARTTLS"), body_text(""));
	return word + 1;
}

/* Whether the literal at the end of APPEND's text is a message and not the mailbox's name. */
static bool is_message(const char *after_append, bool within)
{
	while (*after_append == ' ')
		after_append++;
	return within || (*after_append != '{' && *after_append != '\0');
}

static void literal_over(struct imap *m, const struct body_sink *sink)
{
	m->up.state = LINES;
	m->up.within = true;
	if (m->up.message && !m->catenate)
		end_appended(m, true, sink);
}

static void begin_literal(struct imap *m, const struct body_sink *sink)
{
	struct body_head head = { .protocol = "IMAP",
				  .kind = BODY_MAIL,
				  .length = m->catenate ? 0 : m->up.left };

	m->up.state = LITERAL;
	if (m->up.message && !m->appended) {
		m->appended = true;
		sink->begin(sink->ctx, APPENDED, &head);
	}
	if (!m->up.left)
		literal_over(m, sink);
}

static void take_command(struct imap *m, const struct body_sink *sink)
{
	char before[LINE_TAIL];
	bool waits, within = m->up.within;
	const char *text = within ? m->client.at : start_command(m, sink);

	if (m->command == APPEND &&
	    strcasestr(text, "CATENATE (")) { /* one more message of MULTIAPPEND */
		end_appended(m, true, sink);
		m->catenate = true;
	}
	m->from_elsewhere |= m->catenate && strcasestr(text, "URL ");
	m->up.within = false;
	if (!line_literal(&m->client, before, &m->up.left, &waits)) {
		end_appended(m, true, sink);
		m->from_elsewhere = false;
		return;
	}
	m->up.message = m->command == APPEND && is_message(text, within);
	if (waits)
		m->up.state = WAITS;
	else
		begin_literal(m, sink);
}

static void read_literal(struct imap *m, struct cursor *c, const struct body_sink *sink)
{
	size_t n = c->left < m->up.left ? c->left : (size_t)m->up.left;
	const uint8_t *at = cursor_take(c, n);

	sink->bytes(sink->ctx, m->up.message ? APPENDED : CLIENT_LINES, at, n);
	m->up.left -= n;
	if (!m->up.left)
		literal_over(m, sink);
}

static void feed_client(struct imap *m, struct cursor *c, const struct body_sink *sink)
{
	while (c->left) {
		if (m->secures)
			bad(m, "imap_command_before_answer", sink);
		if (m->up.state == WAITS) {
			/* Refused, these bytes are commands; asked for, they are the literal. */
			bad(m, "imap_literal_before_answer", sink);
			m->early = true;
			begin_literal(m, sink);
		} else if (m->up.state == LITERAL) {
			read_literal(m, c, sink);
		} else if (line_read(&m->client, c, CLIENT_LINES, "IMAP", false, sink)) {
			take_command(m, sink);
		}
	}
}

/* ---- answers ---- */

static void end_fetched(struct imap *m, bool whole, const struct body_sink *sink)
{
	if (m->fetched)
		sink->end(sink->ctx, FETCHED, whole);
	m->fetched = false;
}

static bool ends(const char *text, size_t n, const char *with)
{
	size_t k = strlen(with);

	return n >= k && strncasecmp(text + n - k, with, k) == 0;
}

/*
 * What a literal of a FETCH answer is, by the text before it (RFC 9051, 7.5.2): BODY[] RFC822 BODY[HEADER]
 * BODY[HEADER.FIELDS (...)] BODY[2.MIME] have a message's header; BODY[1] BODY[TEXT] BINARY[1] have not.
 * Return: enum body_kind; BODY_LINE: no content
 */
static uint8_t kind_of(const char *text, size_t n)
{
	static const char *const mail[] = { "BODY[]",  "RFC822", "RFC822.HEADER",
					    "HEADER]", ")]",     "MIME]" };

	for (size_t i = 0; i < sizeof(mail) / sizeof(mail[0]); i++)
		if (ends(text, n, mail[i]))
			return BODY_MAIL;
	return ends(text, n, "]") || ends(text, n, "RFC822.TEXT") ? BODY_DATA : BODY_LINE;
}

/* "BODY[]<4096>": where the part begins; the text loses it. Return: whether it is a part */
static bool part_of(char *text, size_t *n, uint64_t *from)
{
	char *open = *n && text[*n - 1] == '>' ? strrchr(text, '<') : NULL;

	*from = 0;
	if (!open || !isdigit((unsigned char)open[1]))
		return false;
	for (const char *d = open + 1; isdigit((unsigned char)*d) && *from < UINT64_MAX / 20; d++)
		*from = *from * 10 + (uint64_t)(*d - '0');
	*open = '\0';
	*n = (size_t)(open - text);
	return true;
}

/* Which message and section: "* 12" and "BODY[1.2]" */
static void name_part(const struct imap *m, const char *text, size_t n,
		      char out[static SECTION_MAX])
{
	size_t number = strspn(m->server.at, "* 0123456789");
	size_t section = 0;

	while (section < n && section < SECTION_MAX / 2 && text[n - section - 1] != ' ' &&
	       text[n - section - 1] != '(')
		section++;
	number = m->down.within ? 0 : number < SECTION_MAX / 2 - 1 ? number : SECTION_MAX / 2 - 1;
	memcpy(out, m->server.at, number);
	memcpy(out + number, text + n - section, section);
	out[number + section] = '\0';
}

/* A part that goes on where the last one of the same section ended is the same body. */
static void begin_fetched(struct imap *m, uint8_t kind, char *text, size_t n, bool part,
			  uint64_t from, const struct body_sink *sink)
{
	struct body_head head = {
		.protocol = "IMAP", .kind = kind, .server = true, .length = part ? 0 : m->down.left
	};
	char name[SECTION_MAX];

	name_part(m, text, n, name);
	if (m->fetched && part && from == m->next && strcmp(name, m->part) == 0) {
		m->next += m->down.left;
		return;
	}
	end_fetched(m, m->from_start, sink);
	memcpy(m->part, name, sizeof(name));
	m->next = from + m->down.left;
	m->from_start = from == 0;
	m->fetched = true;
	m->partial = part;
	sink->begin(sink->ctx, FETCHED, &head);
}

static void answer_literal_over(struct imap *m, const struct body_sink *sink)
{
	m->down.state = LINES;
	if (m->down.message && !m->partial)
		end_fetched(m, true, sink);
}

static void answer_literal(struct imap *m, const struct body_sink *sink)
{
	char before[LINE_TAIL];
	uint64_t from;
	bool waits, part;

	if (!line_literal(&m->server, before, &m->down.left, &waits)) {
		m->down.within = false;
		return;
	}
	size_t n = strlen(before);

	while (n && before[n - 1] == ' ')
		before[--n] = '\0';
	part = part_of(before, &n, &from);
	uint8_t kind = m->fetch ? kind_of(before, n) : BODY_LINE;

	m->down.message = kind != BODY_LINE;
	if (m->down.message)
		begin_fetched(m, kind, before, n, part, from, sink);
	m->down.within = true;
	m->down.state = LITERAL;
	if (!m->down.left)
		answer_literal_over(m, sink);
}

static const char *go_on(struct imap *m, const struct body_sink *sink)
{
	m->early = false;
	if (m->up.state == WAITS)
		begin_literal(m, sink);
	return NULL;
}

static const char *tagged(struct imap *m, const char *line, const struct body_sink *sink)
{
	size_t n = strcspn(line, " ");
	bool good = line_word(line[n] ? line + n + 1 : "", "OK");

	if (m->secures && strncmp(line, m->secures_tag, n) == 0 && !m->secures_tag[n]) {
		const char *word = m->secures == STARTTLS ? "STARTTLS" : "COMPRESS";

		m->secures = OTHER;
		m->encrypted = good;
		if (good)
			sink->note(sink->ctx, BODY_NOTE_ENCRYPTED, body_text(word), body_text(""));
		return NULL;
	}
	if (n >= TAG_MAX || strncmp(line, m->tag, n) != 0 || m->tag[n])
		return NULL;
	if (m->early && !good)
		return "imap_literal_before_answer";
	if (m->up.state == WAITS) {
		m->up.state = LINES;
		end_appended(m, false, sink);
	}
	return NULL;
}

/* Text that people read: braces at its end announce nothing. */
static bool is_status(const char *line)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (line_word(line, words[i]))
			return true;
	return false;
}

static const char *take_answer(struct imap *m, const struct body_sink *sink)
{
	const char *line = m->server.at;

	if (!m->down.within && line[0] == '+')
		return go_on(m, sink);
	if (!m->down.within && strncmp(line, "* ", 2) != 0)
		return tagged(m, line, sink);
	if (!m->down.within) {
		const char *word = line + 2 + strspn(line + 2, "0123456789 ");

		if (is_status(line + 2))
			return NULL;
		m->fetch = line_word(word, "FETCH");
	}
	answer_literal(m, sink);
	return NULL;
}

static void read_answer_literal(struct imap *m, struct cursor *c, const struct body_sink *sink)
{
	size_t n = c->left < m->down.left ? c->left : (size_t)m->down.left;
	const uint8_t *at = cursor_take(c, n);

	sink->bytes(sink->ctx, m->down.message ? FETCHED : SERVER_LINES, at, n);
	m->down.left -= n;
	if (!m->down.left)
		answer_literal_over(m, sink);
}

static const char *feed_server(struct imap *m, struct cursor *c, const struct body_sink *sink)
{
	const char *word = NULL;

	while (c->left && !word && !m->encrypted) {
		if (m->down.state == LITERAL)
			read_answer_literal(m, c, sink);
		else if (line_read(&m->server, c, SERVER_LINES, "IMAP", true, sink))
			word = take_answer(m, sink);
	}
	return word;
}

static const char *imap_feed(void *r, bool server, const uint8_t *bytes, size_t n,
			     const struct body_sink *sink)
{
	struct imap *m = r;
	struct cursor c = cursor_of(bytes, n);

	if (m->encrypted)
		return NULL;
	if (server)
		return feed_server(m, &c, sink);
	feed_client(m, &c, sink);
	return NULL;
}

static void imap_close(void *r, bool server, const struct body_sink *sink)
{
	struct imap *m = r;

	line_close(server ? &m->server : &m->client, server ? SERVER_LINES : CLIENT_LINES, sink);
	if (server)
		end_fetched(m, m->down.state == LINES && m->from_start, sink);
	else
		end_appended(m, false, sink);
}

const struct reader reader_imap = { "IMAP", imap_new, free, imap_feed, imap_close, imap_memory };
