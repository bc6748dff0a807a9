/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/body.h"
#include "daemon/content/dots.h"
#include "daemon/content/line.h"
#include "daemon/content/pending.h"
#include "rules/cursor.h"

enum { CLIENT_LINES, SERVER_LINES, MESSAGE }; /* ids */

enum command { GREETING, OTHER, EHLO, MAIL, RCPT, DATA, BDAT, AUTH, STARTTLS, RSET, TEXT };

/* What the client's next bytes are: TO_354 waits for the answer to DATA. */
enum state { COMMANDS, TO_354, TEXT_BYTES, CHUNK, SECRETS };

struct smtp {
	struct line client, server;
	struct dots dots;
	uint64_t length; /* announced by SIZE=; 0 none */
	uint64_t left;   /* of the chunk */
	uint8_t state;
	bool message; /* its body is open */
	bool last;    /* the chunk is the last one */
	bool early;   /* text came before the 354 */
	bool encrypted;
	bool told_bad;
	struct pending pending; /* enum command */
};

static const struct command_word {
	const char *word;
	uint8_t command;
	bool told; /* part of a transaction, for an event */
} commands[] = {
	{ "EHLO", EHLO, true },   { "HELO", EHLO, true },     { "LHLO", EHLO, true },
	{ "MAIL", MAIL, true },   { "RCPT", RCPT, true },     { "DATA", DATA, false },
	{ "BDAT", BDAT, false },  { "AUTH", AUTH, false },    { "STARTTLS", STARTTLS, false },
	{ "RSET", RSET, false },  { "NOOP", OTHER, false },   { "QUIT", OTHER, false },
	{ "VRFY", OTHER, false }, { "EXPN", OTHER, false },   { "HELP", OTHER, false },
	{ "ETRN", OTHER, false }, { "XCLIENT", EHLO, false }, { "XFORWARD", OTHER, false },
	{ "TURN", OTHER, false }, { "SEND", MAIL, false },    { "BURL", OTHER, false },
};

static void *smtp_new(void)
{
	struct smtp *s = calloc(1, sizeof(*s));

	if (s)
		(void)pending_add(&s->pending, GREETING);
	return s;
}

static size_t smtp_memory(const void *r)
{
	(void)r;
	return sizeof(struct smtp);
}

static void bad(struct smtp *s, const char *word, const struct body_sink *sink)
{
	if (!s->told_bad)
		sink->note(sink->ctx, BODY_NOTE_BAD, body_text("SMTP"), body_text(word));
	s->told_bad = true;
}

/* ---- the message ---- */

static void begin_message(struct smtp *s, const struct body_sink *sink)
{
	struct body_head head = { .protocol = "SMTP", .kind = BODY_MAIL, .length = s->length };

	if (s->message)
		return;
	s->message = true;
	sink->begin(sink->ctx, MESSAGE, &head);
}

static void end_message(struct smtp *s, bool whole, const struct body_sink *sink)
{
	if (s->message)
		sink->end(sink->ctx, MESSAGE, whole);
	s->message = false;
}

static const char *read_text(struct smtp *s, struct cursor *c, const struct body_sink *sink)
{
	if (!dots_read(&s->dots, c, MESSAGE, sink)) {
		if (s->dots.ambiguous)
			bad(s, "smtp_end_of_data_ambiguous", sink);
		return NULL;
	}
	if (s->dots.ambiguous)
		bad(s, "smtp_end_of_data_ambiguous", sink);
	end_message(s, true, sink);
	s->state = COMMANDS;
	return pending_add(&s->pending, TEXT) ? NULL : "smtp_too_many_pending";
}

static void end_chunk(struct smtp *s, const struct body_sink *sink)
{
	s->state = COMMANDS;
	if (s->last)
		end_message(s, true, sink);
}

/* RFC 3030, 2: chunks follow their command at once and make one message; nothing in them ends it. */
static void read_chunk(struct smtp *s, struct cursor *c, const struct body_sink *sink)
{
	size_t n = c->left < s->left ? c->left : (size_t)s->left;
	const uint8_t *at = cursor_take(c, n);

	if (n)
		sink->bytes(sink->ctx, MESSAGE, at, n);
	s->left -= n;
	if (!s->left)
		end_chunk(s, sink);
}

static void start_text(struct smtp *s, const struct body_sink *sink)
{
	s->state = TEXT_BYTES;
	dots_init(&s->dots);
	begin_message(s, sink);
}

/* ---- commands ---- */

static const char *number(const char *at, uint64_t *value)
{
	int digits = 0;

	*value = 0;
	for (; isdigit((unsigned char)*at) && digits < 18; at++, digits++)
		*value = *value * 10 + (uint64_t)(*at - '0');
	return digits ? at : NULL;
}

/* RFC 1870: MAIL FROM:<...> SIZE=n */
static void take_size(struct smtp *s, const char *line)
{
	const char *size = strcasestr(line, " SIZE=");

	s->length = 0;
	if (size)
		(void)number(size + 6, &s->length);
}

static const char *take_chunk(struct smtp *s, const char *line, const struct body_sink *sink)
{
	const char *at = line + 4;

	while (*at == ' ')
		at++;
	at = number(at, &s->left);
	if (!at || (*at && *at != ' '))
		return "smtp_chunk_size_invalid";
	s->last = strcasestr(at, "LAST");
	begin_message(s, sink);
	s->state = CHUNK;
	if (!s->left)
		end_chunk(s, sink);
	return NULL;
}

static const struct command_word *command_of(const char *line)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (line_word(line, commands[i].word))
			return &commands[i];
	return NULL;
}

static const char *act(struct smtp *s, uint8_t command, const char *line,
		       const struct body_sink *sink)
{
	switch (command) {
	case MAIL: take_size(s, line); break;
	case RSET:
	case EHLO: end_message(s, false, sink); break;
	case DATA:
		end_message(s, false, sink);
		s->state = TO_354;
		s->early = false;
		break;
	case BDAT: return take_chunk(s, line, sink);
	case AUTH: s->state = SECRETS; break;
	case STARTTLS:
		sink->note(sink->ctx, BODY_NOTE_STARTTLS, body_text("STARTTLS"), body_text(""));
		break;
	default: break;
	}
	return NULL;
}

static const char *take_command(struct smtp *s, const struct body_sink *sink)
{
	const char *line = s->client.at;
	const struct command_word *w = command_of(line);

	if (!w && toupper((unsigned char)line[0]) != 'X') /* private use: RFC 5321, 4.1.5 */
		bad(s, "smtp_command_invalid", sink);
	if (w && w->told)
		sink->note(sink->ctx, BODY_NOTE_COMMAND, body_text(w->word),
			   body_text(line + strlen(w->word) + (line[strlen(w->word)] == ' ')));
	if (!pending_add(&s->pending, w ? w->command : OTHER))
		return "smtp_too_many_pending";
	return w ? act(s, w->command, line, sink) : NULL;
}

static const char *read_line(struct smtp *s, struct cursor *c, const struct body_sink *sink)
{
	bool tls = pending_has(&s->pending, STARTTLS);

	/* What follows STARTTLS in clear is read after it as if it had been encrypted by some servers. */
	if (tls)
		bad(s, "smtp_command_after_starttls", sink);
	if (!line_read(&s->client, c, CLIENT_LINES, "SMTP", false, sink))
		return NULL;
	return s->state == SECRETS ? NULL : take_command(s, sink);
}

static const char *feed_client(struct smtp *s, struct cursor *c, const struct body_sink *sink)
{
	const char *word = NULL;

	while (c->left && !word) {
		switch (s->state) {
		case TO_354:
			/* A server that refuses DATA reads this as commands, one that does not as text. */
			bad(s, "smtp_text_before_answer", sink);
			s->early = true;
			start_text(s, sink);
			break;
		case TEXT_BYTES: word = read_text(s, c, sink); break;
		case CHUNK: read_chunk(s, c, sink); break;
		default: word = read_line(s, c, sink); break;
		}
	}
	return word;
}

/* ---- answers ---- */

static const char *const words[] = { [MAIL] = "MAIL", [RCPT] = "RCPT", [DATA] = "DATA",
				     [BDAT] = "BDAT", [TEXT] = "DATA", [AUTH] = "AUTH" };

static const char *answer_data(struct smtp *s, const char *code, const struct body_sink *sink)
{
	if (code[0] == '3') {
		if (s->state == TO_354)
			start_text(s, sink);
		return NULL;
	}
	if (s->early)
		return "smtp_text_before_answer";
	if (s->state == TO_354)
		s->state = COMMANDS;
	return NULL;
}

static const char *answered(struct smtp *s, uint8_t command, const char *code,
			    const struct body_sink *sink)
{
	if (command < sizeof(words) / sizeof(words[0]) && words[command])
		sink->note(sink->ctx, BODY_NOTE_ANSWER, body_text(words[command]),
			   (struct body_text){ code, 3 });
	switch (command) {
	case DATA: return answer_data(s, code, sink);
	case AUTH:
		if (s->state == SECRETS)
			s->state = COMMANDS;
		break;
	case BDAT:
		if (code[0] != '2' && s->state != CHUNK)
			end_message(s, false, sink);
		break;
	case STARTTLS:
		if (code[0] != '2')
			break;
		s->encrypted = true;
		sink->note(sink->ctx, BODY_NOTE_ENCRYPTED, body_text("STARTTLS"), body_text(""));
		break;
	default: break;
	}
	return NULL;
}

/* RFC 5321, 4.2: code and '-' on all lines but the last. A 334 asks for more of AUTH and answers nothing. */
static const char *take_answer(struct smtp *s, const struct body_sink *sink)
{
	const char *line = s->server.at;

	for (int i = 0; i < 3; i++)
		if (!isdigit((unsigned char)line[i]))
			return NULL;
	if (line[3] == '-' || !s->pending.count || strncmp(line, "334", 3) == 0)
		return NULL;
	uint8_t command = pending_oldest(&s->pending);

	pending_answered(&s->pending);
	return answered(s, command, line, sink);
}

static const char *feed_server(struct smtp *s, struct cursor *c, const struct body_sink *sink)
{
	const char *word = NULL;

	while (c->left && !word && !s->encrypted)
		if (line_read(&s->server, c, SERVER_LINES, "SMTP", true, sink))
			word = take_answer(s, sink);
	return word;
}

static const char *smtp_feed(void *r, bool server, const uint8_t *bytes, size_t n,
			     const struct body_sink *sink)
{
	struct smtp *s = r;
	struct cursor c = cursor_of(bytes, n);

	if (s->encrypted)
		return NULL;
	return server ? feed_server(s, &c, sink) : feed_client(s, &c, sink);
}

static void smtp_close(void *r, bool server, const struct body_sink *sink)
{
	struct smtp *s = r;

	line_close(server ? &s->server : &s->client, server ? SERVER_LINES : CLIENT_LINES, sink);
	if (!server)
		end_message(s, false, sink);
}

const struct reader reader_smtp = { "SMTP", smtp_new, free, smtp_feed, smtp_close, smtp_memory };
