/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * markup: the text of HTML and XML: without tags, entities read, table cells and paragraphs apart. A number that a tag
 * divides ("1234<b>5678</b>9012") is whole again. The bytes as they stand are scanned beside it: attributes, comments,
 * scripts.
 *
 * Sheets of Office (ECMA-376, 18.3.1.4: <c r="B3"><v>1</v></c>) say in which cell their text stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/charset.h"
#include "daemon/content/unpack/embedded.h"
#include "daemon/content/unpack/unpack.h"

#define PIECE 2048u
#define TAG_MAX 256u
#define ENTITY_MAX 12u
#define NUMBER_MAX 40u

enum state { TEXT, TAG, COMMENT, ENTITY };

/* What a tag leaves behind in the text: nothing, or what keeps its neighbours apart. */
static const struct {
	const char *name;
	char leaves;
} tags[] = {
	{ "td", '\t' },
	{ "th", '\t' },
	{ "tr", '\n' },
	{ "p", '\n' },
	{ "br", '\n' },
	{ "div", '\n' },
	{ "li", '\n' },
	{ "dt", '\n' },
	{ "dd", '\n' },
	{ "h1", '\n' },
	{ "h2", '\n' },
	{ "h3", '\n' },
	{ "table", '\n' },
	{ "option", '\n' },
	{ "title", '\n' },
	{ "w:p", '\n' },
	{ "w:tab", '\t' },
	{ "w:br", '\n' },
	{ "w:tc", '\t' },
	{ "w:tr", '\n' },
	{ "a:p", '\n' },
	{ "si", '\n' },
	{ "text:p", '\n' },
	{ "text:h", '\n' },
	{ "text:tab", '\t' },
	{ "table:table-cell", '\t' },
	{ "table:table-row", '\n' },
	{ "is", '\n' },
};

struct markup {
	struct part *raw, *text; /* owned until closed */
	struct embedded embedded;
	uint8_t state;
	bool xml;       /* an unknown tag keeps its neighbours apart: a record's fields */
	bool sheet;     /* cells are said */
	bool in_value;  /* sheet: between <v> and </v>, or <t> and </t> */
	bool in_number; /* ... of a number: written out at its end */
	bool is_number; /* the cell has no type, or "n" */
	uint32_t row, column;
	uint8_t dashes;
	uint8_t entity_len;
	uint16_t tag_len;
	size_t n;
	char entity[ENTITY_MAX];
	char tag[TAG_MAX];
	uint8_t piece[PIECE];
};

static void flush(struct markup *m)
{
	if (m->n)
		part_feed(m->text, m->piece, m->n);
	m->n = 0;
}

static void put(struct markup *m, uint8_t b)
{
	if (m->sheet && !m->in_value)
		return;
	if (m->in_number && m->n + 1 >= NUMBER_MAX) { /* none after all */
		flush(m);
		m->in_number = false;
	}
	m->piece[m->n++] = b;
	if (m->n == PIECE)
		flush(m);
}

static void put_unicode(struct markup *m, uint32_t u)
{
	uint8_t b[4];
	size_t n = charset_put(u, b);

	for (size_t i = 0; i < n; i++)
		put(m, b[i]);
}

/* ---- entities ---- */

static void end_entity(struct markup *m)
{
	static const struct {
		const char *name;
		char is;
	} known[] = { { "amp", '&' },   { "lt", '<' },   { "gt", '>' },  { "quot", '"' },
		      { "apos", '\'' }, { "nbsp", ' ' }, { "yen", '\\' } };

	m->entity[m->entity_len] = '\0';
	m->state = TEXT;
	if (m->entity[0] == '#') {
		bool hex = (m->entity[1] | 0x20) == 'x';

		put_unicode(m, (uint32_t)strtoul(m->entity + 1 + hex, NULL, hex ? 16 : 10));
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, m->entity) == 0)
			put(m, (uint8_t)known[i].is);
}

static void in_entity(struct markup *m, uint8_t b)
{
	if (b == ';') {
		end_entity(m);
		return;
	}
	if (m->entity_len < ENTITY_MAX - 1 &&
	    (b == '#' || (uint8_t)((b | 0x20) - 'a') < 26 || (uint8_t)(b - '0') < 10)) {
		m->entity[m->entity_len++] = (char)b;
		return;
	}
	m->state = TEXT; /* none: what was taken for one is text */
	put(m, '&');
	for (uint8_t i = 0; i < m->entity_len; i++)
		put(m, (uint8_t)m->entity[i]);
	put(m, b);
}

/* ---- tags ---- */

static const char *attribute(const char *tag, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strchr(tag, ' '); p; p = strchr(p + 1, ' '))
		if (strncmp(p + 1, name, n) == 0 && p[n + 1] == '=' && p[n + 2])
			return p + n + 3;
	return NULL;
}

/* "AB12": column 27, row 11. */
static void read_reference(struct markup *m, const char *r)
{
	uint32_t column = 0;

	for (; *r >= 'A' && *r <= 'Z' && column < 100000; r++)
		column = column * 26 + (uint32_t)(*r - 'A' + 1);
	if (column)
		m->column = column - 1;
	m->row = (uint32_t)strtoul(r, NULL, 10);
	m->row -= m->row > 0;
}

/* Programs write the same number as 123456789018, 1.23456789018E11 or 123456789018.0: as the first it is read. */
static void write_number(struct markup *m)
{
	double v;
	char *end;

	m->in_number = false;
	m->piece[m->n] = '\0';
	v = strtod((const char *)m->piece, &end);
	if (m->n && !*end && v >= 1e6 && v < 1e15)
		m->n = (size_t)snprintf((char *)m->piece, NUMBER_MAX, "%.0f", v);
}

static void value_tag(struct markup *m, bool closing, bool number)
{
	if (closing) {
		if (m->in_number)
			write_number(m);
		flush(m);
	} else {
		part_cell(m->text, m->row, m->column, m->is_number);
	}
	m->in_value = !closing && m->tag[m->tag_len - 1] != '/';
	m->in_number = m->in_value && number;
}

static void sheet_tag(struct markup *m, const char *name, size_t len, bool closing)
{
	const char *at, *colon = memchr(name, ':', len);

	if (colon) {
		len -= (size_t)(colon + 1 - name);
		name = colon + 1;
	}
	if (len == 3 && memcmp(name, "row", 3) == 0) {
		m->row += closing;
		m->column = 0;
	} else if (len == 1 && name[0] == 'c' && !closing) {
		at = attribute(m->tag, "r");
		if (at)
			read_reference(m, at);
		at = attribute(m->tag, "t");
		m->is_number = !at || *at == 'n';
	} else if (len == 1 && name[0] == 'c') {
		m->column++;
	} else if (len == 1 && (name[0] == 'v' || name[0] == 't')) {
		value_tag(m, closing, name[0] == 'v' && m->is_number);
	}
}

static void leave_behind(struct markup *m, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strlen(tags[i].name) == len && strncasecmp(tags[i].name, name, len) == 0) {
			put(m, (uint8_t)tags[i].leaves);
			return;
		}
	}
	if (m->xml && len && !memchr(name, ':', len))
		put(m, '\n');
}

static void end_tag(struct markup *m)
{
	const char *name = m->tag;
	bool closing = m->tag[0] == '/';
	size_t len;

	if (!m->tag_len)
		m->tag[m->tag_len++] = ' '; /* <> */
	m->tag[m->tag_len] = '\0';
	name += closing;
	len = strcspn(name, " \t\r\n/>");
	m->state = TEXT;
	if (m->sheet)
		sheet_tag(m, name, len, closing);
	else
		leave_behind(m, name, len);
}

static void in_tag(struct markup *m, uint8_t b)
{
	if (b == '>') {
		end_tag(m);
		return;
	}
	if (m->tag_len < TAG_MAX - 1)
		m->tag[m->tag_len++] = (char)b;
	if (m->tag_len == 3 && memcmp(m->tag, "!--", 3) == 0) {
		m->state = COMMENT;
		m->dashes = 0;
	}
}

static void in_comment(struct markup *m, uint8_t b)
{
	if (b == '>' && m->dashes >= 2)
		m->state = TEXT;
	if (b == '-' && m->dashes < 2)
		m->dashes++;
	else if (b != '-')
		m->dashes = 0;
}

static void in_text(struct markup *m, uint8_t b)
{
	if (b == '<') {
		m->state = TAG;
		m->tag_len = 0;
	} else if (b == '&') {
		m->state = ENTITY;
		m->entity_len = 0;
	} else {
		put(m, b);
	}
}

/* ---- the decoder ---- */

static struct markup *start(struct part *p, bool raw)
{
	struct markup *m = calloc(1, sizeof(*m));
	const struct part_hint h = { .kind = BODY_LINE, .text = true, .word = "data" };

	if (!m)
		return NULL;
	m->text = part_open(p, &h);
	m->raw = raw ? part_open(p, &h) : NULL;
	embedded_init(&m->embedded, p);
	return m;
}

static bool ends_with(struct body_text t, const char *end)
{
	size_t n = strlen(end);

	return t.len >= n && memcmp(t.at + t.len - n, end, n) == 0;
}

static void *html_new(struct part *p, const struct part_hint *h)
{
	(void)h;
	return start(p, true);
}

static void *xml_new(struct part *p, const struct part_hint *h)
{
	bool office = ends_with(h->name, "sharedStrings.xml") ||
		      ends_with(h->name, "document.xml") || ends_with(h->name, "content.xml");
	/* a cell's value stands in an attribute there too (OpenDocument 1.2, 19.385) */
	struct markup *m = start(p, !office || ends_with(h->name, "content.xml"));

	if (m)
		m->xml = !office;
	return m;
}

static void *sheet_new(struct part *p, const struct part_hint *h)
{
	struct markup *m = start(p, false);

	(void)h;
	if (m)
		m->sheet = true;
	return m;
}

static void markup_feed(void *u, const uint8_t *at, size_t n)
{
	static void (*const take[])(struct markup *, uint8_t) = { in_text, in_tag, in_comment,
								  in_entity };
	struct markup *m = u;

	part_feed(m->raw, at, n);
	if (m->raw)
		embedded_feed(&m->embedded, at, n);
	for (size_t i = 0; i < n; i++)
		take[m->state](m, at[i]);
	if (!m->in_number)
		flush(m);
}

static void markup_end(void *u, bool whole)
{
	struct markup *m = u;

	flush(m);
	part_close(m->text, whole);
	part_close(m->raw, whole);
	embedded_end(&m->embedded);
	m->text = m->raw = NULL;
}

static size_t markup_memory(const void *u)
{
	(void)u;
	return sizeof(struct markup);
}

const struct unpacker unpack_html = {
	"html", html_new, free, markup_feed, markup_end, markup_memory
};
const struct unpacker unpack_xml = { "xml", xml_new, free, markup_feed, markup_end, markup_memory };
const struct unpacker unpack_ooxml_sheet = { "sheet",     sheet_new,  free,
					     markup_feed, markup_end, markup_memory };
