/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct cli_json *j;
	const char *at, *end;
	unsigned int depth;
	int error;
};

static int value(struct parser *p, uint32_t node);

static bool fail(struct parser *p, int error)
{
	if (!p->error)
		p->error = error;
	return false;
}

static void skip_space(struct parser *p)
{
	while (p->at < p->end && strchr(" \t\r\n", *p->at) && *p->at)
		p->at++;
}

static bool take(struct parser *p, char c)
{
	skip_space(p);
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

/* Return: index of a fresh node, 0 when there is no room (the document itself is never fresh here). */
static uint32_t new_node(struct parser *p)
{
	struct cli_json *j = p->j;

	if (j->count == j->capacity) {
		const uint32_t more = j->capacity ? j->capacity * 2 : 64;
		struct cli_json_node *grown =
			more > CLI_JSON_NODES ? NULL : realloc(j->nodes, more * sizeof *grown);

		if (!grown)
			return (uint32_t)fail(p, more > CLI_JSON_NODES ? -EBADMSG : -ENOMEM);
		j->nodes = grown;
		j->capacity = more;
	}
	j->nodes[j->count] = (struct cli_json_node){ 0 };
	return j->count++;
}

static bool hex4(const char *s)
{
	for (int i = 0; i < 4; i++) {
		if (!s[i] || !strchr("0123456789abcdefABCDEF", s[i]))
			return false;
	}
	return true;
}

/* After the opening quote, up to and with the closing one. */
static bool string(struct parser *p, uint32_t *at, uint32_t *len)
{
	const char *start = p->at;

	for (; p->at < p->end && *p->at != '"'; p->at++) {
		if ((unsigned char)*p->at < 0x20)
			return fail(p, -EBADMSG);
		if (*p->at != '\\')
			continue;
		if (++p->at == p->end || !strchr("\"\\/bfnrtu", *p->at) || !*p->at)
			return fail(p, -EBADMSG);
		if (*p->at == 'u' && (p->end - p->at < 5 || !hex4(p->at + 1)))
			return fail(p, -EBADMSG);
	}
	if (p->at == p->end)
		return fail(p, -EBADMSG);
	*at = (uint32_t)(start - p->j->bytes);
	*len = (uint32_t)(p->at - start);
	p->at++;
	return true;
}

static bool key(struct parser *p, uint32_t node)
{
	uint32_t at, len;

	if (!take(p, '"') || !string(p, &at, &len) || !take(p, ':'))
		return fail(p, -EBADMSG);
	p->j->nodes[node].key = at;
	p->j->nodes[node].key_len = len;
	return true;
}

static bool elements(struct parser *p, uint32_t parent, char close, bool keys)
{
	uint32_t last = 0;

	if (take(p, close))
		return true;
	do {
		const uint32_t node = new_node(p);

		if (!node || (keys && !key(p, node)) || value(p, node) < 0)
			return fail(p, -EBADMSG);
		if (last)
			p->j->nodes[last].next = node;
		else
			p->j->nodes[parent].child = node;
		last = node;
	} while (take(p, ','));
	return take(p, close) || fail(p, -EBADMSG);
}

static bool word(struct parser *p, const char *text)
{
	const size_t n = strlen(text);

	if ((size_t)(p->end - p->at) < n || memcmp(p->at, text, n) != 0)
		return false;
	p->at += n;
	return true;
}

static bool number(struct parser *p)
{
	const char *start = p->at;

	while (p->at < p->end && strchr("+-.0123456789eE", *p->at) && *p->at)
		p->at++;
	return p->at > start;
}

static int scalar(struct parser *p)
{
	if (word(p, "true") || word(p, "false"))
		return CLI_JSON_BOOL;
	if (word(p, "null"))
		return CLI_JSON_NULL;
	if (number(p))
		return CLI_JSON_NUMBER;
	fail(p, -EBADMSG);
	return -EBADMSG;
}

static int container(struct parser *p, uint32_t node, char open)
{
	if (++p->depth > CLI_JSON_DEPTH)
		fail(p, -EBADMSG);
	else
		elements(p, node, open == '{' ? '}' : ']', open == '{');
	p->depth--;
	return open == '{' ? CLI_JSON_OBJECT : CLI_JSON_ARRAY;
}

/* Return: 0 or -EBADMSG; the node is filled. */
static int value(struct parser *p, uint32_t node)
{
	uint32_t at, len;
	int type;

	skip_space(p);
	at = (uint32_t)(p->at - p->j->bytes);
	if (p->at < p->end && *p->at == '"') {
		p->at++;
		type = string(p, &at, &len) ? CLI_JSON_STRING : -EBADMSG;
	} else if (p->at < p->end && (*p->at == '{' || *p->at == '[')) {
		type = container(p, node, *p->at++);
		len = (uint32_t)(p->at - p->j->bytes) - at;
	} else {
		type = scalar(p);
		len = (uint32_t)(p->at - p->j->bytes) - at;
	}
	if (p->error)
		return p->error;
	p->j->nodes[node].type = (uint8_t)type;
	p->j->nodes[node].at = at;
	p->j->nodes[node].len = len;
	return 0;
}

int cli_json_parse(struct cli_json *j, const char *bytes, size_t len)
{
	struct parser p = { .j = j, .at = bytes, .end = bytes + len };

	j->bytes = bytes;
	j->count = 0;
	if (len > UINT32_MAX / 2)
		return -EBADMSG;
	new_node(&p);
	if (!p.error)
		value(&p, 0);
	skip_space(&p);
	if (!p.error && p.at != p.end)
		fail(&p, -EBADMSG);
	if (p.error)
		j->count = 0;
	return p.error;
}

void cli_json_done(struct cli_json *j)
{
	free(j->nodes);
	*j = (struct cli_json){ 0 };
}

/* ---- looking things up ---- */

const struct cli_json_node *cli_json_first(const struct cli_json *j, const struct cli_json_node *n)
{
	return n && n->child ? &j->nodes[n->child] : NULL;
}

const struct cli_json_node *cli_json_next(const struct cli_json *j, const struct cli_json_node *n)
{
	return n && n->next ? &j->nodes[n->next] : NULL;
}

const struct cli_json_node *cli_json_get(const struct cli_json *j, const struct cli_json_node *from,
					 const char *path)
{
	const struct cli_json_node *n = from;

	while (n && *path) {
		const size_t len = strcspn(path, ".");

		for (n = cli_json_first(j, n); n; n = cli_json_next(j, n)) {
			if (n->key_len == len && memcmp(j->bytes + n->key, path, len) == 0)
				break;
		}
		path += len + (path[len] == '.');
	}
	return n;
}

bool cli_json_is(const struct cli_json *j, const struct cli_json_node *n, const char *text)
{
	return n && n->type == CLI_JSON_STRING && n->len == strlen(text) &&
	       memcmp(j->bytes + n->at, text, n->len) == 0;
}

uint64_t cli_json_uint(const struct cli_json *j, const struct cli_json_node *n)
{
	uint64_t v = 0;

	if (!n)
		return 0;
	if (n->type == CLI_JSON_BOOL)
		return j->bytes[n->at] == 't';
	for (uint32_t i = 0; n->type == CLI_JSON_NUMBER && i < n->len; i++) {
		const char c = j->bytes[n->at + i];

		if (c < '0' || c > '9')
			break;
		v = v * 10 + (uint64_t)(c - '0');
	}
	return v;
}

/* ---- texts ---- */

static uint32_t code_unit(const char *s)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		const char c = s[i];

		v = v << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

static size_t put_utf8(uint32_t cp, char out[static 4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* The character of an escape at s (behind the backslash). Return: bytes of it that were read. */
static size_t escape(const char *s, const char *end, uint32_t *cp)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *simple = strchr(from, *s);

	if (*s != 'u') {
		*cp = simple ? (uint32_t)to[simple - from] : (uint32_t)*s;
		return 1;
	}
	*cp = code_unit(s + 1);
	if (*cp < 0xd800 || *cp > 0xdfff)
		return 5;
	if (*cp < 0xdc00 && end - s >= 11 && s[5] == '\\' && s[6] == 'u') {
		const uint32_t low = code_unit(s + 7);

		if (low >= 0xdc00 && low < 0xe000) {
			*cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
			return 11;
		}
	}
	*cp = 0xfffd; /* half a pair */
	return 5;
}

/* Terminals act on control characters, DEL and those of C1; a name that a peer chose may hold them. */
static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
}

/* The character at s, which is not a backslash. Return: its bytes that are copied as they are. */
static size_t plain(const char *s, const char *end, uint32_t *cp)
{
	*cp = (uint8_t)s[0];
	if (*cp != 0xc2 || end - s < 2) {
		*cp = *cp < 0x80 ? *cp : ' '; /* a byte of UTF-8: not looked at */
		return 1;
	}
	*cp = (uint8_t)s[1] >= 0x80 && (uint8_t)s[1] < 0xa0 ? (uint8_t)s[1] : ' ';
	return 2;
}

static const char *unescape(const char *s, size_t len, char *out, size_t size)
{
	const char *end = s + len;
	size_t n = 0;

	while (s < end && n + 5 < size) {
		const bool escaped = *s == '\\';
		uint32_t cp;
		const size_t read = escaped ? 1 + escape(s + 1, end, &cp) : plain(s, end, &cp);

		if (is_control(cp)) {
			out[n++] = '?';
		} else if (escaped) {
			n += put_utf8(cp, out + n);
		} else {
			memcpy(out + n, s, read);
			n += read;
		}
		s += read;
	}
	out[n] = '\0';
	return out;
}

const char *cli_json_text(const struct cli_json *j, const struct cli_json_node *n, char *out,
			  size_t size)
{
	if (!n || n->type != CLI_JSON_STRING)
		return unescape("", 0, out, size);
	return unescape(j->bytes + n->at, n->len, out, size);
}

const char *cli_json_key(const struct cli_json *j, const struct cli_json_node *n, char *out,
			 size_t size)
{
	return unescape(j->bytes + n->key, n->key_len, out, size);
}
