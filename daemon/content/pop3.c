/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/body.h"
#include "daemon/content/dots.h"
#include "daemon/content/line.h"
#include "daemon/content/pending.h"
#include "rules/cursor.h"

enum { CLIENT_LINES, SERVER_LINES, MESSAGE }; /* ids */

/* What a good answer brings: LISTING lines up to a dot, RETRIEVE a message up to one. */
enum command { GREETING, SHORT, LISTING, RETRIEVE, AUTH, STLS };

enum state { ANSWERS, LIST_LINES, MESSAGE_BYTES };

struct pop3 {
	struct line client, server;
	struct pending pending; /* enum command */
	struct dots dots;
	uint8_t state;
	bool message; /* its body is open */
	bool encrypted;
	bool told_bad;
};

/* RFC 1939; CAPA, RFC 2449; AUTH, RFC 5034; STLS, RFC 2595; LANG, RFC 6856 */
static const struct command_word {
	const char *word;
	uint8_t alone, with_argument; /* enum command */
} commands[] = {
	{ "RETR", SHORT, RETRIEVE }, { "TOP", SHORT, RETRIEVE },   { "LIST", LISTING, SHORT },
	{ "UIDL", LISTING, SHORT },  { "CAPA", LISTING, LISTING }, { "AUTH", LISTING, AUTH },
	{ "STLS", STLS, STLS },      { "LANG", LISTING, SHORT },
};

static void *pop3_new(void)
{
	struct pop3 *p = calloc(1, sizeof(*p));

	if (p)
		(void)pending_add(&p->pending, GREETING);
	return p;
}

static size_t pop3_memory(const void *r)
{
	(void)r;
	return sizeof(struct pop3);
}

static void bad(struct pop3 *p, const char *word, const struct body_sink *sink)
{
	if (!p->told_bad)
		sink->note(sink->ctx, BODY_NOTE_BAD, body_text("POP3"), body_text(word));
	p->told_bad = true;
}

static uint8_t command_of(const char *line)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command_word *w = &commands[i];

		if (line_word(line, w->word))
			return line[strlen(w->word)] ? w->with_argument : w->alone;
	}
	return SHORT;
}

static const char *feed_client(struct pop3 *p, struct cursor *c, const struct body_sink *sink)
{
	while (c->left) {
		if (pending_has(&p->pending, STLS))
			bad(p, "pop3_command_after_stls", sink);
		if (!line_read(&p->client, c, CLIENT_LINES, "POP3", false, sink))
			continue;
		if (pending_has(&p->pending, AUTH)) /* answers to its challenges, RFC 5034 */
			continue;
		uint8_t command = command_of(p->client.at);

		if (command == STLS)
			sink->note(sink->ctx, BODY_NOTE_STARTTLS, body_text("STLS"), body_text(""));
		if (!pending_add(&p->pending, command))
			return "pop3_too_many_pending";
	}
	return NULL;
}

static void begin_message(struct pop3 *p, const struct body_sink *sink)
{
	struct body_head head = { .protocol = "POP3", .kind = BODY_MAIL, .server = true };

	p->state = MESSAGE_BYTES;
	p->message = true;
	dots_init(&p->dots);
	sink->begin(sink->ctx, MESSAGE, &head);
}

static void good_answer(struct pop3 *p, uint8_t command, const struct body_sink *sink)
{
	switch (command) {
	case LISTING: p->state = LIST_LINES; break;
	case RETRIEVE: begin_message(p, sink); break;
	case STLS:
		p->encrypted = true;
		sink->note(sink->ctx, BODY_NOTE_ENCRYPTED, body_text("STLS"), body_text(""));
		break;
	default: break;
	}
}

static void take_line(struct pop3 *p, const struct body_sink *sink)
{
	const char *line = p->server.at;

	if (p->state == LIST_LINES) {
		if (strcmp(line, ".") == 0)
			p->state = ANSWERS;
		return;
	}
	bool good = line_word(line, "+OK");

	if (!p->pending.count || (!good && !line_word(line, "-ERR")))
		return;
	uint8_t command = pending_oldest(&p->pending);

	pending_answered(&p->pending);
	if (good)
		good_answer(p, command, sink);
}

static void feed_server(struct pop3 *p, struct cursor *c, const struct body_sink *sink)
{
	while (c->left && !p->encrypted) {
		if (p->state != MESSAGE_BYTES) {
			if (line_read(&p->server, c, SERVER_LINES, "POP3", true, sink))
				take_line(p, sink);
			continue;
		}
		bool over = dots_read(&p->dots, c, MESSAGE, sink);

		if (p->dots.ambiguous)
			bad(p, "pop3_end_of_message_ambiguous", sink);
		if (!over)
			continue;
		sink->end(sink->ctx, MESSAGE, true);
		p->message = false;
		p->state = ANSWERS;
	}
}

static const char *pop3_feed(void *r, bool server, const uint8_t *bytes, size_t n,
			     const struct body_sink *sink)
{
	struct pop3 *p = r;
	struct cursor c = cursor_of(bytes, n);

	if (p->encrypted)
		return NULL;
	if (!server)
		return feed_client(p, &c, sink);
	feed_server(p, &c, sink);
	return NULL;
}

static void pop3_close(void *r, bool server, const struct body_sink *sink)
{
	struct pop3 *p = r;

	line_close(server ? &p->server : &p->client, server ? SERVER_LINES : CLIENT_LINES, sink);
	if (server && p->message)
		sink->end(sink->ctx, MESSAGE, false);
	p->message = p->message && !server;
}

const struct reader reader_pop3 = { "POP3", pop3_new, free, pop3_feed, pop3_close, pop3_memory };
