/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	id u16, flags u16, counts u16 of questions, answers, authorities, additionals    RFC 1035, 4.1.1
 *	flags: qr opcode(4) aa tc rd ra z(3) rcode(4)
 */
#include "daemon/content/dns.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "rules/ip.h"

#define HEADER 12
#define NAME_MAX_WIRE 255u
#define JUMPS_MAX 64u

enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_PTR = 12,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_AAAA = 28
};

/* A writer into m->text. What does not fit makes `full`, and the text is given up. */
struct writer {
	struct dns_message *m;
	size_t start;
	bool full;
};

static struct writer writer_at(struct dns_message *m)
{
	return (struct writer){ .m = m, .start = m->used };
}

static void put(struct writer *w, char c)
{
	if (w->m->used + 1 >= sizeof(w->m->text))
		w->full = true;
	else
		w->m->text[w->m->used++] = c;
}

static void put_escaped(struct writer *w, uint8_t c)
{
	if (c > ' ' && c < 0x7f && !strchr(".\\\"", c)) {
		put(w, (char)tolower(c));
		return;
	}
	put(w, '\\');
	put(w, (char)('0' + c / 100));
	put(w, (char)('0' + c / 10 % 10));
	put(w, (char)('0' + c % 10));
}

static struct dns_text text_of(struct writer *w)
{
	size_t start = w->start;

	if (w->full || start == sizeof(w->m->text)) {
		w->m->used = start;
		return (struct dns_text){ 0 };
	}
	struct dns_text t = { w->m->text + start, (uint32_t)(w->m->used - start) };

	w->m->text[w->m->used++] = '\0';
	return t;
}

/* Follows a pointer (11xxxxxx): it must point before the name it stands in (RFC 1035, 4.1.4). */
static bool jump(struct cursor whole, uint8_t high, struct cursor *c, size_t *before)
{
	size_t to = (size_t)(high & 0x3f) << 8 | cursor_u8(c);

	if (c->tripped || to >= *before)
		return false;
	*before = to;
	*c = whole;
	cursor_skip(c, to);
	return true;
}

/* Reads a name at *c, which ends behind it. Return: false when it is malformed. */
static bool read_name(struct cursor whole, struct cursor *c, struct writer *w)
{
	struct cursor at = *c;
	size_t before = (size_t)(at.at - whole.at), total = 0, jumps = 0;
	bool first = true;

	for (;;) {
		uint8_t n = cursor_u8(&at);

		if (at.tripped || (n & 0xc0) == 0x40 || (n & 0xc0) == 0x80)
			return false;
		if (n >= 0xc0) {
			struct cursor after = at;

			cursor_skip(&after, 1);
			if (!jump(whole, n, &at, &before) || ++jumps > JUMPS_MAX)
				return false;
			if (jumps == 1)
				*c = after;
			continue;
		}
		total += n + 1u;
		if (n == 0 || total > NAME_MAX_WIRE)
			break;
		if (!first)
			put(w, '.');
		first = false;
		for (; n; n--)
			put_escaped(w, cursor_u8(&at));
	}
	if (!jumps)
		*c = at;
	return total <= NAME_MAX_WIRE && !at.tripped;
}

static bool read_text_name(struct cursor whole, struct cursor *c, struct dns_message *m,
			   struct dns_text *out)
{
	struct writer w = writer_at(m);
	bool ok = read_name(whole, c, &w);

	*out = text_of(&w);
	return ok;
}

static void put_address(struct writer *w, struct cursor c)
{
	char buf[IP_TEXT];
	ip_t a = 0;

	if (c.left == 4)
		a = ip_from_v4(cursor_be32(&c));
	else if (c.left != 16 || !ip_from_v6(c.at, &a))
		w->full = true;
	if (!w->full)
		for (const char *p = ip_text(a, buf); *p; p++)
			put(w, *p);
}

/* character-strings, one after the other */
static void put_strings(struct writer *w, struct cursor c)
{
	while (c.left && !w->full) {
		struct cursor s = cursor_sub(&c, cursor_u8(&c));

		while (s.left)
			put_escaped(w, cursor_u8(&s));
	}
}

static void read_data(struct cursor whole, struct cursor c, struct dns_answer *a,
		      struct dns_message *m)
{
	struct writer w = writer_at(m);

	switch (a->type) {
	case TYPE_A:
	case TYPE_AAAA: put_address(&w, c); break;
	case TYPE_MX:
		cursor_skip(&c, 2);
		/* fall through */
	case TYPE_NS:
	case TYPE_CNAME:
	case TYPE_PTR:
		if (!read_name(whole, &c, &w))
			w.full = true;
		break;
	case TYPE_TXT: put_strings(&w, c); break;
	default: w.full = true; break;
	}
	a->data = text_of(&w);
}

static bool read_answer(struct cursor whole, struct cursor *c, struct dns_message *m)
{
	struct dns_answer *a = &m->answer[m->answers];

	*a = (struct dns_answer){ 0 };
	if (!read_text_name(whole, c, m, &a->name))
		return false;
	a->type = cursor_be16(c);
	cursor_skip(c, 2);
	a->ttl = cursor_be32(c);
	struct cursor data = cursor_sub(c, cursor_be16(c));

	if (c->tripped)
		return false;
	read_data(whole, data, a, m);
	if (a->name.at)
		m->answers++;
	return true;
}

static void read_flags(struct dns_message *m, uint16_t flags)
{
	m->response = flags >> 15;
	m->opcode = flags >> 11 & 15;
	m->authoritative = flags >> 10 & 1;
	m->truncated = flags >> 9 & 1;
	m->recursion_desired = flags >> 8 & 1;
	m->recursion_available = flags >> 7 & 1;
	m->rcode = flags & 15;
}

const char *dns_read(struct cursor c, struct dns_message *m)
{
	struct cursor whole = c;

	m->used = 0;
	m->answers = 0;
	m->name = (struct dns_text){ 0 };
	m->type = m->klass = 0;
	m->id = cursor_be16(&c);
	read_flags(m, cursor_be16(&c));
	uint16_t questions = cursor_be16(&c), answers = cursor_be16(&c);

	cursor_skip(&c, 4);
	if (c.tripped)
		return "malformed_data";
	if (questions > 1 || (!m->response && questions != 1))
		return "invalid_question_count";
	if (questions) {
		if (!read_text_name(whole, &c, m, &m->name))
			return "malformed_data";
		m->type = cursor_be16(&c);
		m->klass = cursor_be16(&c);
	}
	if (c.tripped)
		return "malformed_data";
	for (uint16_t i = 0; i < answers && m->answers < DNS_ANSWERS_MAX && c.left; i++)
		if (!read_answer(whole, &c, m))
			return m->truncated ? NULL : "malformed_data";
	return NULL;
}

bool dns_plausible(struct cursor c, bool tcp)
{
	uint16_t length = tcp ? cursor_be16(&c) : (uint16_t)c.left;

	cursor_skip(&c, 2);
	uint16_t flags = cursor_be16(&c), questions = cursor_be16(&c);
	uint16_t answers = cursor_be16(&c), authorities = cursor_be16(&c);
	uint8_t opcode = flags >> 11 & 15;

	if (c.tripped || length < HEADER + 5 || flags & 0x0040 || opcode > 5)
		return false;
	if (flags >> 15)
		return questions <= 1;
	/* A query: no answers of its own but in a zone update (RFC 2136) or notify (RFC 1996). */
	return questions == 1 && (opcode >= 4 || (answers == 0 && authorities <= 1));
}

/* One length u16 and a message; RFC 1035, 4.2.2, RFC 7766. */
size_t dns_frame(struct hold *hold, const uint8_t *bytes, size_t n, bool *whole,
		 struct cursor *message)
{
	size_t need = 2, used = 0;

	*whole = false;
	if (hold->len >= 2 && hold->len == 2u + (size_t)(hold->bytes[0] << 8 | hold->bytes[1]))
		hold_clear(hold); /* handed out by the call before */
	while (used < n) {
		if (hold->len >= 2)
			need = 2u + (size_t)(hold->bytes[0] << 8 | hold->bytes[1]);
		size_t take = need - hold->len < n - used ? need - hold->len : n - used;

		if (hold_add(hold, bytes + used, take, 65537))
			return n;
		used += take;
		if (hold->len < 2 ||
		    hold->len < 2u + (size_t)(hold->bytes[0] << 8 | hold->bytes[1]))
			continue;
		*whole = true;
		*message = cursor_of(hold->bytes + 2, hold->len - 2);
		return used;
	}
	return used;
}
