/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SMB 2 and 3 (MS-SMB2) over TCP (2.1: a zero, the length in 24 bits, then one message or a compound of them):
 *
 *	fe 'S' 'M' 'B' | 64 | charge 2 | status 4 | command 2 | credits 2 | flags 4 | next 4 |
 *	message 8 | process, tree 8 | session 8 | signature 16
 *	body: its fixed part, then what offsets in it point to, counted from the header
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/body.h"
#include "daemon/content/smb_files.h"
#include "daemon/content/utf16.h"
#include "rules/cursor.h"

#define HEADER 64u
#define HEAD_MAX 1536u /* of a message: header, fixed part, a name; what is longer is cut */

enum { TREE_CONNECT = 3, CREATE = 5, CLOSE = 6, READ = 8, WRITE = 9, IOCTL = 11, SET_INFO = 17 };

#define FLAG_RELATED 4u
#define STATUS_PENDING 0x103u
#define STATUS_BUFFER_OVERFLOW 0x80000005u

/* MAGIC: its first four bytes; HEAD: `need` bytes of a message; CARRIED: bytes of a file; REST: passed over */
enum state { FRAME, MAGIC, HEAD, CARRIED, LINE, OLD, REST };

struct smb_side {
	uint32_t frame;      /* bytes of the frame still to come */
	uint32_t size;       /* of the message, in the frame */
	uint32_t at;         /* bytes of it that have been read */
	uint32_t data, len;  /* of a file, or of a line: where in the message, how many */
	uint16_t need, have; /* of head */
	uint8_t state;
	bool line; /* the body of its names and the like is open */
	bool old;  /* ... of SMB1 */
	uint8_t head[HEAD_MAX];
};

struct smb {
	struct smb_side side[2];
	struct smb_files files;
	bool told_encrypted, told_compressed;
};

struct message { /* a header */
	uint32_t status, flags, next;
	uint16_t command;
	uint64_t id;
	bool server;
};

static void *smb_new(void)
{
	return calloc(1, sizeof(struct smb));
}

static void smb_free(void *r)
{
	struct smb *s = r;

	if (s)
		smb_files_done(&s->files, NULL);
	free(s);
}

static size_t smb_memory(const void *r)
{
	return sizeof(struct smb) + smb_files_memory(&((const struct smb *)r)->files);
}

/* ---- one message ---- */

/* Bytes of the fixed part that has to be known; 0: the message is passed over. */
static uint16_t fixed_part(const struct message *m)
{
	static const uint16_t request[] = {
		[TREE_CONNECT] = 8, [CREATE] = 56, [CLOSE] = 24,   [READ] = 48,
		[WRITE] = 48,       [IOCTL] = 56,  [SET_INFO] = 32
	};
	static const uint16_t answer[] = { [CREATE] = 80, [CLOSE] = 60, [READ] = 16, [IOCTL] = 48 };
	const uint16_t *of = m->server ? answer : request;
	size_t n = m->server ? sizeof(answer) / sizeof(answer[0])
			     : sizeof(request) / sizeof(request[0]);
	bool good = !m->server || m->status == 0 || m->status == STATUS_BUFFER_OVERFLOW;

	return good && m->command < n ? of[m->command] : 0;
}

static struct message read_header(const uint8_t *head, bool server)
{
	struct cursor c = cursor_of(head, HEADER);
	struct message m = { .server = server };

	cursor_skip(&c, 8);
	m.status = cursor_le32(&c);
	m.command = cursor_le16(&c);
	cursor_skip(&c, 2);
	m.flags = cursor_le32(&c);
	m.next = cursor_le32(&c);
	m.id = cursor_le64(&c);
	return m;
}

/* The file a request names: in a compound all ones mean the one before (MS-SMB2, 3.2.4.1.4). */
static struct smb_file *file_named(struct smb *s, struct cursor *c, const struct message *m,
				   const struct body_sink *sink)
{
	static const uint8_t same[16] = { 255, 255, 255, 255, 255, 255, 255, 255,
					  255, 255, 255, 255, 255, 255, 255, 255 };
	const uint8_t *id = cursor_take(c, 16);
	struct smb_file **last = &s->files.compound;

	if (!id)
		return NULL;
	if (!(m->flags & FLAG_RELATED) || memcmp(id, same, 16) != 0)
		*last = smb_file_of(&s->files, id, sink);
	else if (!*last)
		*last = smb_file_new(&s->files, NULL, 0, sink);
	return *last;
}

static const char *carry(struct smb_side *d, uint32_t offset, uint32_t len, uint8_t state)
{
	d->data = offset;
	d->len = len;
	if (!len) {
		d->state = REST;
		return NULL;
	}
	if (offset < d->have || offset > d->size || len > d->size - offset)
		return "smb_length_invalid";
	d->state = state;
	return NULL;
}

static const char *take_write(struct smb *s, struct cursor c, const struct message *m,
			      const struct body_sink *sink)
{
	uint32_t at, len, channel;
	uint64_t offset;

	cursor_skip(&c, 2);
	at = cursor_le16(&c);
	len = cursor_le32(&c);
	offset = cursor_le64(&c);
	struct smb_file *f = file_named(s, &c, m, sink);

	channel = cursor_le32(&c);
	if (channel) /* the bytes go over RDMA */
		return NULL;
	const char *bad = f ? carry(&s->side[0], at, len, CARRIED) : "no_memory";

	if (!bad && len)
		smb_transfer_begin(&s->files, false, f, offset, len, sink);
	return bad;
}

static const char *take_read(struct smb *s, struct cursor c, const struct message *m,
			     const struct body_sink *sink)
{
	cursor_skip(&c, 8);
	uint64_t offset = cursor_le64(&c);

	smb_asked(&s->files, m->id, READ, file_named(s, &c, m, sink), offset);
	return NULL;
}

static const char *take_read_answer(struct smb *s, struct cursor c, const struct message *m,
				    const struct body_sink *sink)
{
	static const uint8_t unknown[16];
	struct smb_pending p = { .offset = 0 };
	uint32_t at, len;

	cursor_skip(&c, 2);
	at = cursor_u8(&c);
	cursor_skip(&c, 1);
	len = cursor_le32(&c);
	bool asked = smb_answered(&s->files, m->id, READ, &p);
	struct smb_file *f = asked && p.file ? p.file : smb_file_of(&s->files, unknown, sink);
	const char *bad = f ? carry(&s->side[1], at, len, CARRIED) : "no_memory";

	if (!bad && len)
		smb_transfer_begin(&s->files, true, f, p.offset, len, sink);
	return bad;
}

static void give_line(struct smb *s, bool server, const void *at, size_t n,
		      const struct body_sink *sink)
{
	struct body_head head = { .protocol = "SMB", .kind = BODY_LINE, .server = server };
	struct smb_side *d = &s->side[server];

	if (!d->line)
		sink->begin(sink->ctx, SMB_LINE_ID + server, &head);
	d->line = true;
	if (n)
		sink->bytes(sink->ctx, SMB_LINE_ID + server, at, n);
}

/* A name in the head, UTF-16LE there; given as a line and left in @out. Return: bytes of UTF-8 */
static size_t read_name(struct smb *s, uint16_t at, uint16_t len, char *out, size_t size,
			const struct body_sink *sink)
{
	struct smb_side *d = &s->side[0];
	struct cursor c = cursor_of(d->head, d->have);

	cursor_skip(&c, at);
	struct cursor name = cursor_sub(&c, len < c.left ? len : c.left);
	size_t n = utf16_to_utf8(name, out, size);

	give_line(s, false, out, n, sink);
	give_line(s, false, "\n", 1, sink);
	return n;
}

/* Names follow the fixed part: wait for all of it. Return: whether it is there */
static bool name_there(struct smb_side *d, uint16_t at, uint16_t len)
{
	uint32_t end = (uint32_t)at + len;

	end = end < d->size ? end : d->size;
	end = end < HEAD_MAX ? end : HEAD_MAX;
	if (d->have >= end)
		return true;
	d->need = (uint16_t)end;
	d->state = HEAD;
	return false;
}

static const char *take_create(struct smb *s, struct cursor c, const struct message *m,
			       const struct body_sink *sink)
{
	char name[HEAD_MAX];
	struct smb_side *d = &s->side[0];

	cursor_skip(&c, 44);
	uint16_t at = cursor_le16(&c), len = cursor_le16(&c);

	if (!name_there(d, at, len))
		return NULL;
	size_t n = read_name(s, at, len, name, sizeof(name), sink);

	s->files.compound = smb_file_new(&s->files, name, n, sink);
	smb_asked(&s->files, m->id, CREATE, s->files.compound, 0);
	return NULL;
}

static const char *take_create_answer(struct smb *s, struct cursor c, const struct message *m,
				      const struct body_sink *sink)
{
	struct smb_pending p;

	cursor_skip(&c, 64);
	const uint8_t *id = cursor_take(&c, 16);

	if (id && smb_answered(&s->files, m->id, CREATE, &p) && p.file)
		smb_file_opened(&s->files, p.file, id, sink);
	return NULL;
}

static const char *take_tree(struct smb *s, struct cursor c, const struct message *m,
			     const struct body_sink *sink)
{
	char name[HEAD_MAX];

	(void)m;
	cursor_skip(&c, 4);
	uint16_t at = cursor_le16(&c), len = cursor_le16(&c);

	if (!name_there(&s->side[0], at, len))
		return NULL;
	size_t n = read_name(s, at, len, name, sizeof(name), sink);

	sink->note(sink->ctx, BODY_NOTE_COMMAND, body_text("TREE_CONNECT"),
		   (struct body_text){ name, n });
	return NULL;
}

static const char *take_close(struct smb *s, struct cursor c, const struct message *m,
			      const struct body_sink *sink)
{
	cursor_skip(&c, 8);
	smb_asked(&s->files, m->id, CLOSE, file_named(s, &c, m, sink), 0);
	return NULL;
}

static const char *take_close_answer(struct smb *s, struct cursor c, const struct message *m,
				     const struct body_sink *sink)
{
	struct smb_pending p;

	(void)c;
	if (smb_answered(&s->files, m->id, CLOSE, &p) && p.file)
		smb_file_closed(&s->files, p.file, sink);
	return NULL;
}

/* What goes through a pipe, and names in what is set of a file (rename), are lines as they are. */
static const char *take_ioctl(struct smb *s, struct cursor c, const struct message *m,
			      const struct body_sink *sink)
{
	(void)sink;
	cursor_skip(&c, m->server ? 32 : 24);
	uint32_t at = cursor_le32(&c), len = cursor_le32(&c);

	return carry(&s->side[m->server], at, len, LINE);
}

static const char *take_set_info(struct smb *s, struct cursor c, const struct message *m,
				 const struct body_sink *sink)
{
	(void)m;
	(void)sink;
	cursor_skip(&c, 4);
	uint32_t len = cursor_le32(&c);

	return carry(&s->side[0], cursor_le16(&c), len, LINE);
}

typedef const char *take(struct smb *s, struct cursor c, const struct message *m,
			 const struct body_sink *sink);

static const char *take_body(struct smb *s, const struct message *m, const struct body_sink *sink)
{
	static take *const request[] = {
		[TREE_CONNECT] = take_tree, [CREATE] = take_create, [CLOSE] = take_close,
		[READ] = take_read,         [WRITE] = take_write,   [IOCTL] = take_ioctl,
		[SET_INFO] = take_set_info
	};
	static take *const answer[] = { [CREATE] = take_create_answer,
					[CLOSE] = take_close_answer,
					[READ] = take_read_answer,
					[IOCTL] = take_ioctl };
	struct smb_side *d = &s->side[m->server];
	struct cursor c = cursor_of(d->head, d->have);

	cursor_skip(&c, HEADER);
	d->state = REST;
	return (m->server ? answer : request)[m->command](s, c, m, sink);
}

/* A request that was refused, or an answer that brings nothing: what waited for it waits no more. */
static void refused(struct smb *s, const struct message *m, const struct body_sink *sink)
{
	struct smb_pending p;

	if (!m->server || m->status == STATUS_PENDING ||
	    !smb_answered(&s->files, m->id, m->command, &p) || !p.file)
		return;
	if (m->command == CREATE)
		smb_file_closed(&s->files, p.file, sink);
}

static const char *header_read(struct smb *s, bool server, const struct body_sink *sink)
{
	struct smb_side *d = &s->side[server];
	struct message m = read_header(d->head, server);
	uint16_t fixed = fixed_part(&m);

	if (d->have == HEADER) {
		if (m.next && (m.next < HEADER || m.next > d->size || m.next & 7))
			return "smb_next_command_invalid";
		d->size = m.next ? m.next : d->size;
		if (!server && !(m.flags & FLAG_RELATED))
			s->files.compound = NULL;
		if (!fixed) {
			refused(s, &m, sink);
			d->state = REST;
			return NULL;
		}
		if (d->size < HEADER + fixed)
			return "smb_length_invalid";
		d->need = (uint16_t)(HEADER + fixed);
		return NULL;
	}
	return take_body(s, &m, sink);
}

/* ---- frames ---- */

static void tell_once(bool *told, const char *word, const struct body_sink *sink)
{
	if (!*told)
		sink->note(sink->ctx, BODY_NOTE_ENCRYPTED, body_text(word), body_text(""));
	*told = true;
}

static const char *magic_read(struct smb *s, bool server, const struct body_sink *sink)
{
	struct smb_side *d = &s->side[server];
	struct body_head head = { .protocol = "SMB", .kind = BODY_DATA, .server = server };

	d->state = REST;
	if (memcmp(d->head + 1, "SMB", 3) != 0)
		return "smb_protocol_id_invalid";
	switch (d->head[0]) {
	case 0xfe:
		if (d->size < HEADER)
			return "smb_length_invalid";
		d->state = HEAD;
		d->need = HEADER;
		return NULL;
	case 0xfd: tell_once(&s->told_encrypted, "SMB3 encryption", sink); return NULL;
	case 0xfc: tell_once(&s->told_compressed, "SMB3 compression", sink); return NULL;
	case 0xff: /* SMB1: offered to a server that may choose SMB2, or spoken on */
		if (!d->old)
			sink->begin(sink->ctx, SMB_OLD_ID + server, &head);
		d->old = true;
		d->state = OLD;
		return NULL;
	default: return "smb_protocol_id_invalid";
	}
}

static void start_message(struct smb_side *d)
{
	d->state = MAGIC;
	d->size = d->frame;
	d->at = d->have = 0;
	d->need = 4;
}

/* Bytes that go into the head. Return: why reading stops, or NULL */
static const char *read_head(struct smb *s, bool server, struct cursor *c,
			     const struct body_sink *sink)
{
	struct smb_side *d = &s->side[server];
	size_t want = (size_t)(d->need - d->have), n = want < c->left ? want : c->left;

	n = n < d->frame ? n : d->frame;
	const uint8_t *at = cursor_take(c, n);

	if (n)
		memcpy(d->head + d->have, at, n);
	d->have = (uint16_t)(d->have + n);
	d->at += (uint32_t)n;
	d->frame -= (uint32_t)n;
	if (d->have < d->need)
		return d->frame ? NULL : "smb_length_invalid";
	return d->state == MAGIC ? magic_read(s, server, sink) : header_read(s, server, sink);
}

static void give(struct smb *s, bool server, const uint8_t *at, size_t n,
		 const struct body_sink *sink)
{
	switch (s->side[server].state) {
	case CARRIED: smb_transfer_bytes(&s->files, server, at, n, sink); break;
	case LINE: give_line(s, server, at, n, sink); break;
	case OLD: sink->bytes(sink->ctx, SMB_OLD_ID + server, at, n); break;
	default: break;
	}
}

/* The message behind its head: up to the data, the data, the rest. */
static void read_rest(struct smb *s, bool server, struct cursor *c, const struct body_sink *sink)
{
	struct smb_side *d = &s->side[server];
	bool data = d->state == CARRIED || d->state == LINE;
	uint32_t until = d->size;

	if (data)
		until = d->at < d->data ? d->data : d->data + d->len;
	size_t want = until - d->at, n = want < c->left ? want : c->left;
	const uint8_t *at = cursor_take(c, n);

	if (n && (!data || d->at >= d->data))
		give(s, server, at, n, sink);
	d->at += (uint32_t)n;
	d->frame -= (uint32_t)n;
	if (data && d->at == d->data + d->len) {
		if (d->state == CARRIED)
			smb_transfer_end(&s->files, server, true, sink);
		d->state = REST;
	}
	if (d->at == d->size) {
		d->state = FRAME;
		if (d->frame)
			start_message(d);
		else
			d->have = 0;
	}
}

/* 0 and the length, or what NetBIOS says beside (RFC 1002, 4.3): 81 to 85, of which 81 has names behind it */
static const char *read_frame(struct smb_side *d, struct cursor *c)
{
	d->head[d->have++] = cursor_u8(c);
	if (d->have < 4)
		return NULL;
	struct cursor h = cursor_of(d->head, 4);
	uint8_t type = cursor_u8(&h);

	d->frame = cursor_be24(&h);
	d->have = 0;
	if (type != 0 && (type < 0x81 || type > 0x85))
		return "smb_frame_invalid";
	if (d->frame && type == 0)
		start_message(d);
	if (d->frame && type != 0) {
		d->state = REST;
		d->at = 0;
		d->size = d->frame;
	}
	return NULL;
}

static const char *smb_feed(void *r, bool server, const uint8_t *bytes, size_t n,
			    const struct body_sink *sink)
{
	struct smb *s = r;
	struct smb_side *d = &s->side[server];
	struct cursor c = cursor_of(bytes, n);
	const char *bad = NULL;

	while (c.left && !bad) {
		if (d->state == FRAME)
			bad = read_frame(d, &c);
		else if (d->state == MAGIC || d->state == HEAD)
			bad = read_head(s, server, &c, sink);
		else
			read_rest(s, server, &c, sink);
	}
	return bad;
}

static void smb_close(void *r, bool server, const struct body_sink *sink)
{
	struct smb *s = r;
	struct smb_side *d = &s->side[server];

	if (d->line)
		sink->end(sink->ctx, SMB_LINE_ID + server, true);
	if (d->old)
		sink->end(sink->ctx, SMB_OLD_ID + server, true);
	d->line = d->old = false;
	smb_transfer_end(&s->files, server, false, sink);
	if (!server)
		return;
	smb_files_done(&s->files, sink);
}

const struct reader reader_smb = { "SMB", smb_new, smb_free, smb_feed, smb_close, smb_memory };
