/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/ipp.h"

#include <string.h>

#include "daemon/content/body.h"
#include "rules/cursor.h"

enum { HEAD, TAG, NAME_LENGTH, NAME, VALUE_LENGTH, VALUE, DOCUMENT };

#define HEAD_SIZE 8u
#define END_OF_ATTRIBUTES 3u
#define LINES_ID 2u /* and 3; documents are 0 and 1, as other bodies of HTTP */

void ipp_init(struct ipp *p, bool server)
{
	*p = (struct ipp){ .server = server, .state = HEAD };
}

static bool is(const struct ipp_text *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->at, word, t->len) == 0;
}

static struct body_text text_of(const struct ipp_text *t)
{
	return (struct body_text){ t->at, t->len };
}

static void give_line(struct ipp *p, const uint8_t *at, size_t n, const struct body_sink *sink)
{
	struct body_head head = { .protocol = "IPP", .kind = BODY_LINE, .server = p->server };

	if (!p->lines)
		sink->begin(sink->ctx, LINES_ID + p->server, &head);
	p->lines = true;
	if (n)
		sink->bytes(sink->ctx, LINES_ID + p->server, at, n);
}

static void end_lines(struct ipp *p, bool whole, const struct body_sink *sink)
{
	if (p->lines)
		sink->end(sink->ctx, LINES_ID + p->server, whole);
	p->lines = false;
}

static void give_document(struct ipp *p, const uint8_t *at, size_t n, const struct body_sink *sink)
{
	struct body_head head = {
		.protocol = "IPP",
		.kind = BODY_DATA,
		.server = p->server,
		.name = text_of(p->document.len ? &p->document : &p->job),
		.type = text_of(&p->format),
		.encoding = text_of(&p->compression),
	};

	if (is(&p->compression, "none"))
		head.encoding.len = 0;
	if (!p->open)
		sink->begin(sink->ctx, p->server, &head);
	p->open = true;
	if (n)
		sink->bytes(sink->ctx, p->server, at, n);
}

/* RFC 8011, 5 and 4.2.1: what tells of the document */
static void keep_value(struct ipp *p)
{
	if (is(&p->name, "job-name"))
		p->job = p->value;
	else if (is(&p->name, "document-name"))
		p->document = p->value;
	else if (is(&p->name, "document-format"))
		p->format = p->value;
	else if (is(&p->name, "compression"))
		p->compression = p->value;
}

static void add(struct ipp_text *t, const uint8_t *at, size_t n)
{
	size_t room = sizeof(t->at) - t->len;

	n = n < room ? n : room;
	if (n)
		memcpy(t->at + t->len, at, n);
	t->len = (uint8_t)(t->len + n);
}

static void value_over(struct ipp *p, const struct body_sink *sink)
{
	keep_value(p);
	give_line(p, (const uint8_t *)"\n", 1, sink);
	p->state = TAG;
}

/* Tags below 0x10 begin a group, 3 the document; others begin an attribute or one more value of the last. */
static void read_tag(struct ipp *p, uint8_t tag, const struct body_sink *sink)
{
	if (tag == END_OF_ATTRIBUTES) {
		end_lines(p, true, sink);
		p->state = DOCUMENT;
	} else if (tag >= 0x10) {
		p->state = NAME_LENGTH;
		p->have = 0;
	} else if (tag == 0) {
		sink->note(sink->ctx, BODY_NOTE_BAD, body_text("IPP"),
			   body_text("ipp_tag_invalid"));
		end_lines(p, false, sink);
		p->state = DOCUMENT;
	}
}

static void length_over(struct ipp *p, const struct body_sink *sink)
{
	bool name = p->state == NAME_LENGTH;

	p->have = 0;
	if (name && p->left)
		p->name.len = 0;
	if (!name)
		p->value.len = 0;
	p->state = name ? NAME : VALUE;
	if (p->left)
		return;
	if (name)
		p->state = VALUE_LENGTH;
	else
		value_over(p, sink);
}

static void read_length(struct ipp *p, uint8_t b, const struct body_sink *sink)
{
	p->left = (uint16_t)(p->have ? p->left << 8 | b : b);
	if (++p->have == 2)
		length_over(p, sink);
}

static void read_text(struct ipp *p, struct cursor *c, const struct body_sink *sink)
{
	size_t n = c->left < p->left ? c->left : p->left;
	const uint8_t *at = cursor_take(c, n);

	add(p->state == NAME ? &p->name : &p->value, at, n);
	p->left = (uint16_t)(p->left - n);
	give_line(p, at, n, sink);
	if (p->left)
		return;
	if (p->state == VALUE) {
		value_over(p, sink);
		return;
	}
	give_line(p, (const uint8_t *)" ", 1, sink);
	p->state = VALUE_LENGTH;
}

void ipp_feed(struct ipp *p, const uint8_t *bytes, size_t n, const struct body_sink *sink)
{
	struct cursor c = cursor_of(bytes, n);

	while (c.left && p->state != DOCUMENT) {
		switch (p->state) {
		case HEAD:
			cursor_skip(&c, 1);
			p->state = ++p->have < HEAD_SIZE ? HEAD : TAG;
			break;
		case TAG: read_tag(p, cursor_u8(&c), sink); break;
		case NAME_LENGTH:
		case VALUE_LENGTH: read_length(p, cursor_u8(&c), sink); break;
		default: read_text(p, &c, sink); break;
		}
	}
	if (c.left)
		give_document(p, c.at, c.left, sink);
}

void ipp_end(struct ipp *p, bool whole, const struct body_sink *sink)
{
	end_lines(p, false, sink);
	if (p->open)
		sink->end(sink->ctx, p->server, whole);
	p->open = false;
}
