/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	record     type u8, version u16, length u16, fragment            RFC 8446, 5.1
 *	handshake  type u8, length u24, body; may span records           RFC 8446, 4
 */
#include "daemon/content/tls.h"

#include <string.h>

#include "daemon/content/tls_hello.h"
#include "rules/cursor.h"

#define RECORD_HANDSHAKE 22
#define RECORD_MAX (16384u + 2048u) /* RFC 5246, 6.2.3: the longest ciphertext */
#define CLIENT_HELLO 1
#define SERVER_HELLO 2

void tls_init(struct tls *t)
{
	memset(t, 0, sizeof(*t));
}

void tls_done(struct tls *t)
{
	hold_done(&t->client.message);
	hold_done(&t->server.message);
}

static void one_message(struct tls *t, bool server, struct cursor body, uint8_t type)
{
	if (type != (server ? SERVER_HELLO : CLIENT_HELLO))
		t->bad = "unexpected_message";
	else if (server)
		tls_server_hello(t, body);
	else
		tls_client_hello(t, body);
}

static uint32_t message_length(struct tls *t, const uint8_t header[4])
{
	uint32_t length = (uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 | header[3];

	if (length > TLS_MESSAGE_MAX)
		t->bad = "handshake_too_long";
	return length;
}

/* Adds what the message under way still needs. Return: bytes used. */
static size_t message_add(struct tls *t, bool server, const uint8_t *bytes, size_t n)
{
	struct hold *m = server ? &t->server.message : &t->client.message;
	size_t need = m->len < 4 ? 4 - m->len : 4 + message_length(t, m->bytes) - m->len;

	if (need > n)
		need = n;
	if (!t->bad && hold_add(m, bytes, need, 4 + TLS_MESSAGE_MAX))
		t->bad = "handshake_too_long";
	if (t->bad || m->len < 4 || m->len < 4 + message_length(t, m->bytes))
		return need;
	one_message(t, server, cursor_of(m->bytes + 4, m->len - 4), m->bytes[0]);
	hold_done(m);
	return need;
}

/* A message that stands whole in the bytes at hand is read where it lies. Return: bytes used. */
static size_t message_step(struct tls *t, bool server, const uint8_t *bytes, size_t n)
{
	const struct hold *m = server ? &t->server.message : &t->client.message;

	if (!m->len && n >= 4 && n - 4 >= message_length(t, bytes) && !t->bad) {
		uint32_t length = message_length(t, bytes);

		one_message(t, server, cursor_of(bytes + 4, length), bytes[0]);
		return 4 + length;
	}
	return message_add(t, server, bytes, n);
}

/* A side whose hello has been read has nothing more for us, unless a second one is due. */
static bool wanted(const struct tls *t, bool server)
{
	return server || t->hellos == 0 || (t->retry && t->hellos == 1);
}

static void record_bytes(struct tls *t, bool server, struct cursor *c)
{
	struct tls_side *s = server ? &t->server : &t->client;
	size_t n = c->left < s->record_left ? c->left : s->record_left;
	const uint8_t *bytes = cursor_take(c, n);

	s->record_left = (uint16_t)(s->record_left - n);
	if (s->record_left == 0)
		s->header_len = 0;
	while (n && s->header[0] == RECORD_HANDSHAKE && wanted(t, server) && !t->bad && !t->done) {
		size_t used = message_step(t, server, bytes, n);

		bytes += used;
		n -= used;
	}
}

static void record_header(struct tls *t, struct tls_side *s, struct cursor *c)
{
	s->header[s->header_len++] = cursor_u8(c);
	if (s->header_len < sizeof(s->header))
		return;
	struct cursor h = cursor_of(s->header, sizeof(s->header));
	uint8_t type = cursor_u8(&h), major = cursor_u8(&h);

	cursor_skip(&h, 1);
	s->record_left = cursor_be16(&h);
	if (type < 20 || type > 24)
		t->bad = "invalid_record_type";
	else if (major != 3)
		t->bad = "invalid_record_version";
	else if (s->record_left > RECORD_MAX || (type == RECORD_HANDSHAKE && !s->record_left))
		t->bad = "invalid_record_length";
	if (s->record_left == 0)
		s->header_len = 0;
}

void tls_feed(struct tls *t, bool server, const uint8_t *bytes, size_t n)
{
	struct tls_side *s = server ? &t->server : &t->client;
	struct cursor c = cursor_of(bytes, n);

	while (c.left && !t->bad && !t->done) {
		if (s->header_len < sizeof(s->header))
			record_header(t, s, &c);
		else
			record_bytes(t, server, &c);
	}
}

const char *tls_version_text(uint16_t version)
{
	static const char *const texts[] = { "SSLv3", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3" };

	return version >= 0x300 && version <= 0x304 ? texts[version - 0x300] : NULL;
}
