/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/line.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "rules/cursor.h"

static void keep(struct line *l, const uint8_t *at, size_t n)
{
	size_t room = LINE_MAX_BYTES - l->len, head = n < room ? n : room;
	size_t last = n < LINE_TAIL ? n : LINE_TAIL;

	if (head)
		memcpy(l->at + l->len, at, head);
	l->len += (uint32_t)head;
	for (size_t i = n - last; i < n; i++)
		l->tail[(l->all + i) % LINE_TAIL] = (char)at[i];
	l->all += n;
}

static void end_line(struct line *l)
{
	bool cr = l->all && l->tail[(l->all - 1) % LINE_TAIL] == '\r';

	if (cr) {
		l->len -= l->all == l->len;
		l->all--;
	}
	l->at[l->len] = '\0';
	l->bare = !cr;
	l->over = true;
}

bool line_read(struct line *l, struct cursor *c, uint32_t id, const char *protocol, bool server,
	       const struct body_sink *sink)
{
	struct body_head head = { .protocol = protocol, .kind = BODY_LINE, .server = server };
	const uint8_t *lf = c->left ? memchr(c->at, '\n', c->left) : NULL;
	size_t n = lf ? (size_t)(lf - c->at) + 1 : c->left;
	const uint8_t *at = cursor_take(c, n);

	if (l->over) {
		l->over = l->bare = false;
		l->all = l->len = 0;
	}
	if (!n)
		return false;
	if (!l->open)
		sink->begin(sink->ctx, id, &head);
	l->open = true;
	sink->bytes(sink->ctx, id, at, n);
	keep(l, at, n - (lf != NULL));
	if (lf)
		end_line(l);
	return lf;
}

void line_close(struct line *l, uint32_t id, const struct body_sink *sink)
{
	if (l->open)
		sink->end(sink->ctx, id, true);
	l->open = false;
}

size_t line_tail(const struct line *l, char out[static LINE_TAIL])
{
	/* A CR that is no longer part of the line stands where the first byte of a full tail was. */
	size_t n = l->all < LINE_TAIL - 1 ? l->all : LINE_TAIL - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = l->tail[(l->all - n + i) % LINE_TAIL];
	out[n] = '\0';
	return n;
}

bool line_literal(const struct line *l, char before[static LINE_TAIL], uint64_t *size, bool *waits)
{
	size_t n = line_tail(l, before), digits = 0;
	uint64_t unit = 1;

	if (!n || before[--n] != '}')
		return false;
	*waits = !n || before[n - 1] != '+';
	n -= !*waits;
	*size = 0;
	for (; n && isdigit((unsigned char)before[n - 1]) && digits < 18; n--, digits++, unit *= 10)
		*size += unit * (uint64_t)(before[n - 1] - '0');
	if (!digits || !n || before[n - 1] != '{')
		return false;
	n--;
	n -= n && before[n - 1] == '~'; /* literal8, RFC 3516 */
	before[n] = '\0';
	return true;
}

bool line_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(text, word, n) == 0 && (text[n] == '\0' || text[n] == ' ');
}
