/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/tftp.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/body.h"
#include "rules/cursor.h"

enum { RRQ = 1, WRQ, DATA, ACK, ERROR, OACK };

#define BLOCK 512u     /* without the option */
#define WINDOW_MAX 64u /* blocks ahead that a window (RFC 7440) may bring; beyond: another file's */

/* The next text, which ends with NUL. Return: its length; at NULL: there is none */
static struct body_text next_text(struct cursor *c)
{
	const uint8_t *nul = c->left ? memchr(c->at, 0, c->left) : NULL;
	size_t n = nul ? (size_t)(nul - c->at) : 0;
	struct body_text t = { (const char *)cursor_take(c, nul ? n + 1 : 0), n };

	return nul ? t : (struct body_text){ NULL, 0 };
}

static bool is(struct body_text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

/* opcode 2 | file name | 0 | mode | 0 | { option | 0 | value | 0 }* */
bool tftp_request_read(const uint8_t *bytes, size_t n, struct tftp_request *out)
{
	struct cursor c = cursor_of(bytes, n);
	uint16_t opcode = cursor_be16(&c);
	struct body_text name = next_text(&c), mode = next_text(&c);

	if ((opcode != RRQ && opcode != WRQ) || !name.len ||
	    !(is(mode, "octet") || is(mode, "netascii") || is(mode, "mail")))
		return false;
	size_t over = name.len > TFTP_NAME_MAX ? name.len - TFTP_NAME_MAX : 0;

	*out = (struct tftp_request){ .upload = opcode == WRQ,
				      .name_len = (uint8_t)(name.len - over) };
	memcpy(out->name, name.at + over, out->name_len);
	return true;
}

void tftp_asked(struct tftp_requests *t, ip_t client, uint16_t port, ip_t server,
		const struct tftp_request *request, int64_t now)
{
	t->list[t->next] = (struct tftp_asked){ .client = client,
						.server = server,
						.until = now + TFTP_REQUEST_NS,
						.port = port,
						.request = *request };
	t->next = (t->next + 1) % TFTP_REQUESTS_MAX;
}

bool tftp_take(struct tftp_requests *t, ip_t server, ip_t client, uint16_t port, int64_t now,
	       struct tftp_request *request)
{
	for (uint32_t i = 0; i < TFTP_REQUESTS_MAX; i++) {
		struct tftp_asked *a = &t->list[i];

		if (!a->until || a->port != port || a->client != client || a->server != server)
			continue;
		bool good = now <= a->until;

		a->until = 0;
		if (!good)
			continue;
		*request = a->request;
		return true;
	}
	return false;
}

void tftp_init(struct tftp *t, const struct tftp_request *request)
{
	*t = (struct tftp){ .request = *request, .next = 1, .size = BLOCK };
}

/* FNV-1a: tells copies from others; who wants two blocks with one hash gains what a second file would give him */
static uint64_t hash_of(struct cursor c)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < c.left; i++)
		hash = (hash ^ c.at[i]) * 1099511628211u;
	return hash;
}

static void bad(struct tftp *t, const char *word, const struct body_sink *sink)
{
	if (!t->told_bad)
		sink->note(sink->ctx, BODY_NOTE_BAD, body_text("TFTP"), body_text(word));
	t->told_bad = true;
}

static void begin(struct tftp *t, const struct body_sink *sink)
{
	struct body_head head = {
		.protocol = "TFTP",
		.kind = BODY_DATA,
		.server = !t->request.upload,
		.name = { t->request.name, t->request.name_len },
	};

	if (!t->open)
		sink->begin(sink->ctx, 0, &head);
	t->open = true;
}

static void take_block(struct tftp *t, uint16_t block, struct cursor c,
		       const struct body_sink *sink)
{
	uint16_t ahead = (uint16_t)(block - t->next);
	uint64_t hash = hash_of(c);

	if (ahead == UINT16_MAX && t->open && hash == t->last_hash)
		return; /* the last one once more */
	if (ahead)
		bad(t, "tftp_block_out_of_order", sink);
	t->gap |= ahead != 0;
	begin(t, sink);
	if (c.left)
		sink->bytes(sink->ctx, 0, c.at, c.left);
	t->last_hash = hash;
	if (ahead <= WINDOW_MAX)
		t->next = (uint16_t)(block + 1);
	if (c.left >= t->size)
		return;
	sink->end(sink->ctx, 0, !t->gap);
	t->open = false;
	t->over = true;
}

/* RFC 2348: the size that the server agreed to */
static void take_options(struct tftp *t, struct cursor c)
{
	while (c.left) {
		struct body_text option = next_text(&c), value = next_text(&c);
		uint32_t size = 0;

		if (!value.at)
			return;
		if (!is(option, "blksize"))
			continue;
		for (size_t i = 0; i < value.len && i < 5 && isdigit((unsigned char)value.at[i]);
		     i++)
			size = size * 10 + (uint32_t)(value.at[i] - '0');
		if (size >= 8 && size <= 65464)
			t->size = (uint16_t)size;
	}
}

void tftp_datagram(struct tftp *t, bool opener, const uint8_t *bytes, size_t n,
		   const struct body_sink *sink)
{
	struct cursor c = cursor_of(bytes, n);
	uint16_t opcode = cursor_be16(&c);
	bool sender = opener != t->request.upload;

	if (opcode == OACK && opener) {
		take_options(t, c);
	} else if (opcode == DATA && sender) {
		uint16_t block = cursor_be16(&c);

		if (c.tripped)
			bad(t, "tftp_invalid", sink);
		else
			take_block(t, block, c, sink);
	} else if (opcode != ACK && opcode != ERROR) {
		bad(t, "tftp_invalid", sink);
	}
}

void tftp_end(struct tftp *t, const struct body_sink *sink)
{
	if (t->open)
		sink->end(sink->ctx, 0, false);
	t->open = false;
}
