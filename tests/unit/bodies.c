/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/bodies.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bodies *bodies_new(void)
{
	return calloc(1, sizeof(struct bodies));
}

void bodies_free(struct bodies *b)
{
	for (size_t i = 0; b && i < b->count; i++)
		free(b->list[i].at);
	free(b);
}

static struct body_seen *open_body(struct bodies *b, uint32_t id)
{
	for (size_t i = b->count; i-- > 0;)
		if (b->list[i].id == id && b->list[i].state == 'o')
			return &b->list[i];
	return NULL;
}

static void keep(char *out, size_t size, struct body_text t)
{
	size_t n = t.len < size - 1 ? t.len : size - 1;

	if (n)
		memcpy(out, t.at, n);
	out[n] = '\0';
}

static void begin(void *ctx, uint32_t id, const struct body_head *h)
{
	struct bodies *b = ctx;

	b->misused |= open_body(b, id) != NULL;
	if (b->count == BODIES_MAX)
		return;
	struct body_seen *s = &b->list[b->count++];

	*s = (struct body_seen){ .protocol = h->protocol,
				 .kind = "dmpfl"[h->kind],
				 .state = 'o',
				 .server = h->server,
				 .id = id };
	keep(s->name, sizeof(s->name), h->name);
	keep(s->type, sizeof(s->type), h->type);
	keep(s->encoding, sizeof(s->encoding), h->encoding);
}

static void bytes(void *ctx, uint32_t id, const uint8_t *at, size_t n)
{
	struct bodies *b = ctx;
	struct body_seen *s = open_body(b, id);

	b->misused |= (!s && b->count < BODIES_MAX) || !n;
	if (!s || !n)
		return;
	if (s->len + n > s->capacity) {
		s->capacity = (s->len + n) * 2;
		s->at = realloc(s->at, s->capacity);
	}
	memcpy(s->at + s->len, at, n);
	s->len += n;
}

static void end(void *ctx, uint32_t id, bool whole)
{
	struct bodies *b = ctx;
	struct body_seen *s = open_body(b, id);

	b->misused |= !s && b->count < BODIES_MAX;
	if (s)
		s->state = whole ? 'e' : 'b';
}

static void note(void *ctx, uint8_t what, struct body_text word, struct body_text text)
{
	static const char *const names[] = { "starttls", "encrypted", "bad",
					     "port",     "command",   "answer" };
	struct bodies *b = ctx;
	size_t room = sizeof(b->notes) - b->notes_len;
	int n = snprintf(b->notes + b->notes_len, room, "#%s %.*s%s%.*s;", names[what],
			 (int)word.len, word.at, text.len ? " " : "", (int)text.len,
			 text.at ? text.at : "");

	b->notes_len += n > 0 && (size_t)n < room ? (size_t)n : 0;
}

struct body_sink bodies_sink(struct bodies *b)
{
	return (struct body_sink){ b, begin, bytes, end, note };
}

static size_t add(char *out, size_t n, size_t size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	int r = vsnprintf(out + n, size - n, format, ap);
	va_end(ap);
	return r > 0 && (size_t)r < size - n ? n + (size_t)r : n;
}

static size_t add_content(char *out, size_t n, size_t size, const struct body_seen *s)
{
	for (size_t i = 0; i < s->len; i++) {
		uint8_t c = s->at[i];

		if (c == '\r')
			n = add(out, n, size, "\\r");
		else if (c == '\n')
			n = add(out, n, size, "\\n");
		else if (c < ' ' || c > '~')
			n = add(out, n, size, "\\x%02x", c);
		else
			n = add(out, n, size, "%c", c);
	}
	return n;
}

const char *bodies_text(const struct bodies *b, bool lines)
{
	static const char *const kinds[] = {
		['d'] = "data", ['m'] = "mail", ['p'] = "multipart", ['f'] = "form", ['l'] = "line"
	};
	static char out[32768];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < b->count; i++) {
		const struct body_seen *s = &b->list[i];

		if (s->kind == 'l' && !lines)
			continue;
		n = add(out, n, sizeof(out), "%s %s%c%s ", s->protocol, kinds[(int)s->kind],
			s->server ? '<' : '>',
			s->state == 'e'   ? ""
			: s->state == 'b' ? "!"
					  : "~");
		if (s->name[0] || s->type[0] || s->encoding[0])
			n = add(out, n, sizeof(out), "%s|%s|%s ", s->name, s->type, s->encoding);
		n = add(out, n, sizeof(out), "\"");
		n = add_content(out, n, sizeof(out), s);
		n = add(out, n, sizeof(out), "\";");
	}
	n = add(out, n, sizeof(out), "%s", b->notes);
	if (b->gave_up)
		add(out, n, sizeof(out), "=%s", b->gave_up);
	return out;
}

static bool same_body(const struct body_seen *a, const struct body_seen *b)
{
	return strcmp(a->protocol, b->protocol) == 0 && a->kind == b->kind &&
	       a->server == b->server && a->state == b->state && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->type, b->type) == 0 && strcmp(a->encoding, b->encoding) == 0 &&
	       a->len == b->len && (!a->len || memcmp(a->at, b->at, a->len) == 0);
}

bool bodies_same(const struct bodies *a, const struct bodies *b)
{
	if (a->count != b->count || strcmp(a->notes, b->notes) != 0 || !a->gave_up != !b->gave_up ||
	    (a->gave_up && strcmp(a->gave_up, b->gave_up) != 0))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_body(&a->list[i], &b->list[i]))
			return false;
	return true;
}

size_t cuts_next(struct cuts *c, size_t left)
{
	size_t n = c->piece;

	if (!n) {
		c->seed = c->seed * 1664525u + 1013904223u;
		n = 1 + (c->seed >> 16) % 97;
	}
	return n < left ? n : left;
}

struct bodies *bodies_talk(const struct reader *r, const struct turn *turns, size_t n,
			   struct cuts cuts)
{
	struct bodies *b = bodies_new();
	struct body_sink sink = bodies_sink(b);
	void *state = r->new ();

	for (size_t i = 0; i < n; i++) {
		for (size_t at = 0; at < turns[i].len && !b->gave_up;) {
			size_t piece = cuts_next(&cuts, turns[i].len - at);
			uint8_t *copy = malloc(piece); /* so that a sanitizer sees a read past it */

			memcpy(copy, turns[i].at + at, piece);
			b->gave_up = r->feed(state, turns[i].server, copy, piece, &sink);
			free(copy);
			at += piece;
		}
	}
	(void)r->memory(state);
	r->close(state, false, &sink);
	r->close(state, true, &sink);
	r->free(state);
	return b;
}

static bool differs(const struct bodies *whole, struct bodies *cut)
{
	bool other = cut->misused || !bodies_same(whole, cut);

	bodies_free(cut);
	return other;
}

const char *bodies_said(const struct reader *r, const struct turn *turns, size_t n, bool lines)
{
	struct bodies *whole = bodies_talk(r, turns, n, (struct cuts){ SIZE_MAX, 0 });
	const char *text = whole->misused ? "body.h misused" : bodies_text(whole, lines);

	for (size_t piece = 1; piece <= 40; piece++)
		if (differs(whole, bodies_talk(r, turns, n, (struct cuts){ piece, 0 })))
			text = "other bodies when cut";
	for (uint32_t seed = 1; seed <= 20; seed++)
		if (differs(whole, bodies_talk(r, turns, n, (struct cuts){ 0, seed })))
			text = "other bodies when cut at random";
	bodies_free(whole);
	return text;
}

bool bodies_two_cuts(const struct reader *r, const struct turn *turns, size_t n)
{
	struct bodies *whole = bodies_talk(r, turns, n, (struct cuts){ SIZE_MAX, 0 });
	struct turn *split = malloc((n + 1) * sizeof(*split));
	size_t longest = 0;
	bool good = true;

	for (size_t i = 1; i < n; i++)
		if (turns[i].len > turns[longest].len)
			longest = i;
	for (size_t at = 1; at < turns[longest].len; at++) {
		memcpy(split, turns, (longest + 1) * sizeof(*split));
		memcpy(split + longest + 1, turns + longest, (n - longest) * sizeof(*split));
		split[longest].len = at;
		split[longest + 1].at += at;
		split[longest + 1].len -= at;
		good &= !differs(whole, bodies_talk(r, split, n + 1, (struct cuts){ SIZE_MAX, 0 }));
	}
	free(split);
	bodies_free(whole);
	return good;
}

bool bodies_prefixes(const struct reader *r, const struct turn *turns, size_t n)
{
	struct turn *cut = malloc(n * sizeof(*cut));
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		memcpy(cut, turns, n * sizeof(*cut));
		for (cut[i].len = 0; cut[i].len < turns[i].len; cut[i].len++) {
			struct bodies *b = bodies_talk(r, cut, n, (struct cuts){ SIZE_MAX, 0 });

			good &= !b->misused;
			bodies_free(b);
		}
	}
	free(cut);
	return good;
}
