/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line: lines of a text protocol out of bytes that come in pieces, and the body that all of them make.
 *
 * A line ends with LF; a CR before it is no part of it. What does not fit is cut, but for its last bytes.
 */
#ifndef DAEMON_CONTENT_LINE_H
#define DAEMON_CONTENT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/body.h"

#define LINE_MAX_BYTES 1024u
#define LINE_TAIL 96u

struct cursor;

struct line {
	uint64_t all;		/* bytes it has, kept or not */
	uint32_t len;		/* bytes kept, from its start */
	bool over;		/* it is complete; the next byte starts another */
	bool bare;		/* it ended with LF alone */
	bool open;		/* the lines' body has begun */
	char at[LINE_MAX_BYTES + 1];	/* NUL-terminated once it is complete */
	char tail[LINE_TAIL];	/* the last bytes, as a ring */
};

/**
 * line_read - take bytes up to the end of the line
 * Every byte taken is handed to @sink too, as a BODY_LINE with @id that lasts as long as the connection.
 * Return: whether the line is complete
 */
bool line_read(struct line *l, struct cursor *c, uint32_t id, const char *protocol, bool server,
	       const struct body_sink *sink);
void line_close(struct line *l, uint32_t id, const struct body_sink *sink);	/* no more bytes come */

/* line_tail - the last bytes of a complete line, LINE_TAIL - 1 at most, NUL-terminated. Return: how many */
size_t line_tail(const struct line *l, char out[static LINE_TAIL]);

/**
 * line_literal - whether the line ends with a literal's size, "{5}" or "{5+}" (RFC 9051, 4.3; RFC 7888)
 * @before: out: the text before it, as far as line_tail reaches
 * @waits: out: the literal comes only after an answer
 */
bool line_literal(const struct line *l, char before[static LINE_TAIL], uint64_t *size, bool *waits);

/* line_word - whether the text starts with the word (any case) and that ends there or a space follows */
bool line_word(const char *text, const char *word);

#endif
