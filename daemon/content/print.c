/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A print stream (port 9100) as PJL's reference has it: jobs between "universal exits", each with lines of PJL, then a
 * language's bytes, or bytes without any of that.
 *
 *	ESC %-12345X@PJL JOB NAME="list" LF @PJL ENTER LANGUAGE=PCL LF bytes ESC %-12345X@PJL EOJ LF ESC %-12345X
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/body.h"
#include "daemon/content/line.h"
#include "rules/cursor.h"

#define NAME_MAX_BYTES 128u
#define EXIT "\x1b%-12345X"
#define PJL "@PJL"

enum { LINES, PRINTER, JOB }; /* ids */

/* START: an exit, PJL or a job's first byte may come; COMMANDS: in a line of PJL */
enum state { START, COMMANDS, BYTES };

struct print {
	struct line line;
	uint8_t state;
	const char *literal; /* EXIT or PJL, which may be coming; NULL: neither */
	uint8_t have;        /* bytes of it that came, held back */
	bool job;            /* its body is open */
	bool printer;        /* the body of what the printer says is */
	uint8_t name_len, language_len;
	char name[NAME_MAX_BYTES], language[32];
};

static void *print_new(void)
{
	return calloc(1, sizeof(struct print));
}

static size_t print_memory(const void *r)
{
	(void)r;
	return sizeof(struct print);
}

static void give(struct print *p, const uint8_t *at, size_t n, const struct body_sink *sink)
{
	struct body_head head = { .protocol = "PRINT",
				  .kind = BODY_DATA,
				  .name = { p->name, p->name_len },
				  .type = { p->language, p->language_len } };

	if (!n)
		return;
	if (!p->job)
		sink->begin(sink->ctx, JOB, &head);
	p->job = true;
	sink->bytes(sink->ctx, JOB, at, n);
}

static void end_job(struct print *p, bool whole, const struct body_sink *sink)
{
	if (p->job)
		sink->end(sink->ctx, JOB, whole);
	p->job = false;
}

/* The value behind @key: in quotes or up to a space. */
static uint8_t value_of(const char *line, const char *key, char *out, size_t size)
{
	const char *at = strcasestr(line, key);

	if (!at)
		return 0;
	at += strlen(key);
	at += strspn(at, " =");
	size_t n = *at == '"' ? strcspn(++at, "\"") : strcspn(at, " \t");

	n = n < size ? n : size;
	memcpy(out, at, n);
	return (uint8_t)n;
}

static void take_line(struct print *p)
{
	const char *line = p->line.at;
	uint8_t n = value_of(line, " NAME", p->name, sizeof(p->name));

	if (!n)
		n = value_of(line, "JOBNAME", p->name, sizeof(p->name));
	p->name_len = n ? n : p->name_len;
	p->state = START;
	if (!strcasestr(line, "ENTER LANGUAGE"))
		return;
	p->language_len = value_of(line, "ENTER LANGUAGE", p->language, sizeof(p->language));
	p->state = BYTES;
}

/* A byte of the literal that may be coming. Return: whether the literal is complete */
static bool match(struct print *p, struct cursor *c, const struct body_sink *sink)
{
	if (*c->at != (uint8_t)p->literal[p->have]) { /* then all of it was the job's */
		give(p, (const uint8_t *)p->literal, p->have, sink);
		p->have = 0;
		p->state = BYTES;
		return false;
	}
	cursor_skip(c, 1);
	return !p->literal[++p->have];
}

static void literal_seen(struct print *p, const struct body_sink *sink)
{
	struct cursor word = cursor_of(PJL, sizeof(PJL) - 1);

	p->have = 0;
	p->state = START;
	if (strcmp(p->literal, EXIT) == 0) {
		end_job(p, true, sink);
		return;
	}
	p->state = COMMANDS;
	line_read(&p->line, &word, LINES, "PRINT", false, sink);
}

static void expect(struct print *p, const char *literal)
{
	p->literal = literal;
	p->have = 0;
}

/* Between jobs: line ends and PostScript's end of transmission are no job. */
static void read_start(struct print *p, struct cursor *c)
{
	switch (*c->at) {
	case '\r':
	case '\n':
	case '\0':
	case '\x04': cursor_skip(c, 1); break;
	case '@': expect(p, PJL); break;
	default: expect(p, EXIT); break;
	}
}

static void read_bytes(struct print *p, struct cursor *c, const struct body_sink *sink)
{
	const uint8_t *escape = memchr(c->at, EXIT[0], c->left);
	size_t n = escape ? (size_t)(escape - c->at) : c->left;

	give(p, cursor_take(c, n), n, sink);
	if (escape)
		expect(p, EXIT);
}

static void feed_client(struct print *p, struct cursor *c, const struct body_sink *sink)
{
	while (c->left) {
		if (p->state == COMMANDS) {
			if (line_read(&p->line, c, LINES, "PRINT", false, sink))
				take_line(p);
		} else if (p->literal) {
			if (match(p, c, sink))
				literal_seen(p, sink);
			if (!p->have)
				p->literal = NULL;
		} else if (p->state == START) {
			read_start(p, c);
		} else {
			read_bytes(p, c, sink);
		}
	}
}

static const char *print_feed(void *r, bool server, const uint8_t *bytes, size_t n,
			      const struct body_sink *sink)
{
	struct print *p = r;
	struct cursor c = cursor_of(bytes, n);
	struct body_head head = { .protocol = "PRINT", .kind = BODY_DATA, .server = true };

	if (!server) {
		feed_client(p, &c, sink);
		return NULL;
	}
	if (!n)
		return NULL;
	if (!p->printer)
		sink->begin(sink->ctx, PRINTER, &head);
	p->printer = true;
	sink->bytes(sink->ctx, PRINTER, bytes, n);
	return NULL;
}

static void print_close(void *r, bool server, const struct body_sink *sink)
{
	struct print *p = r;

	if (server) {
		if (p->printer)
			sink->end(sink->ctx, PRINTER, true);
		p->printer = false;
		return;
	}
	if (p->literal)
		give(p, (const uint8_t *)p->literal, p->have, sink);
	p->literal = NULL;
	end_job(p, true, sink);
	line_close(&p->line, LINES, sink);
}

const struct reader reader_print = {
	"PRINT", print_new, free, print_feed, print_close, print_memory
};
