/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/smb_files.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/content/body.h"

static uint32_t id_of(const struct smb_file *f, bool server)
{
	return f->slot * 2 + server;
}

static struct body_text name_of(const struct smb_file *f)
{
	return (struct body_text){ f ? f->name : NULL, f ? f->name_len : 0 };
}

static void begin(uint32_t id, bool server, struct body_text name, uint64_t length,
		  const struct body_sink *sink)
{
	struct body_head head = { .protocol = "SMB",
				  .kind = BODY_DATA,
				  .server = server,
				  .length = length,
				  .name = name };

	sink->begin(sink->ctx, id, &head);
}

/* ---- bytes kept for their turn ---- */

static void drop_piece(struct smb_files *fs, struct smb_piece *p)
{
	if (p)
		fs->held -= p->len;
	free(p);
}

static struct smb_piece *piece_new(struct smb_files *fs, uint64_t offset, uint32_t len)
{
	struct smb_piece *p = NULL;

	if (len <= SMB_HELD_MAX - fs->held)
		p = malloc(sizeof(*p) + len);
	if (!p)
		return NULL;
	*p = (struct smb_piece){ .offset = offset, .len = len };
	fs->held += len;
	return p;
}

static void insert_piece(struct smb_flow *w, struct smb_piece *p)
{
	struct smb_piece **at = &w->held;

	while (*at && (*at)->offset < p->offset)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
}

/* What is kept and follows now, in order. */
static void give_held(struct smb_files *fs, struct smb_file *f, bool server,
		      const struct body_sink *sink)
{
	struct smb_flow *w = &f->flow[server];

	while (w->held && w->held->offset <= w->next) {
		struct smb_piece *p = w->held;

		w->held = p->next;
		if (p->offset == w->next && p->len) {
			sink->bytes(sink->ctx, id_of(f, server), p->at, p->len);
			w->next += p->len;
		} else if (p->len) {
			w->gap = true;
		}
		drop_piece(fs, p);
	}
}

/* ---- files ---- */

static void end_flow(struct smb_files *fs, struct smb_file *f, bool server,
		     const struct body_sink *sink)
{
	struct smb_flow *w = &f->flow[server];
	bool whole = !w->gap && !w->held;

	for (struct smb_piece *p; (p = w->held);) {
		w->held = p->next;
		drop_piece(fs, p);
	}
	if (w->open && sink)
		sink->end(sink->ctx, id_of(f, server), whole);
	w->open = false;
}

/* A transfer goes on though its file is no more: what still comes is a body of its own. */
static void orphan(struct smb_files *fs, bool server, const struct smb_file *f,
		   const struct body_sink *sink)
{
	struct smb_transfer *t = &fs->transfer[server];

	if (t->file != f)
		return;
	drop_piece(fs, t->piece);
	t->piece = NULL;
	t->file = NULL;
	if (!t->apart && sink)
		begin(SMB_PIECE_ID + server, server, name_of(f), 0, sink);
	t->apart = true;
}

void smb_file_closed(struct smb_files *fs, struct smb_file *f, const struct body_sink *sink)
{
	for (int i = 0; i < 2; i++) {
		if (fs->transfer[i].under_way)
			orphan(fs, i, f, sink);
		end_flow(fs, f, i, sink);
	}
	for (uint32_t i = 0; i < SMB_PENDING_MAX; i++)
		if (fs->pending[i].file == f)
			fs->pending[i].file = NULL;
	if (fs->compound == f)
		fs->compound = NULL;
	fs->slot[f->slot] = NULL;
	free(f);
}

static uint32_t free_slot(struct smb_files *fs, const struct body_sink *sink)
{
	uint32_t oldest = 0;

	for (uint32_t i = 0; i < SMB_FILES_MAX; i++) {
		if (!fs->slot[i])
			return i;
		if (fs->slot[i]->used < fs->slot[oldest]->used)
			oldest = i;
	}
	fs->slot[oldest]->flow[0].gap = fs->slot[oldest]->flow[1].gap = true;
	smb_file_closed(fs, fs->slot[oldest], sink);
	return oldest;
}

struct smb_file *smb_file_new(struct smb_files *fs, const char *name, size_t len,
			      const struct body_sink *sink)
{
	struct smb_file *f = calloc(1, sizeof(*f));
	size_t over = len > SMB_NAME_MAX ? len - SMB_NAME_MAX : 0;

	if (!f)
		return NULL;
	f->slot = free_slot(fs, sink);
	f->used = ++fs->uses;
	f->name_len = (uint16_t)(len - over);
	if (f->name_len)
		memcpy(f->name, name + over, f->name_len);
	fs->slot[f->slot] = f;
	return f;
}

static struct smb_file *find(const struct smb_files *fs, const uint8_t id[static 16])
{
	for (uint32_t i = 0; i < SMB_FILES_MAX; i++) {
		struct smb_file *f = fs->slot[i];

		if (f && f->known && memcmp(f->id, id, 16) == 0)
			return f;
	}
	return NULL;
}

void smb_file_opened(struct smb_files *fs, struct smb_file *f, const uint8_t id[static 16],
		     const struct body_sink *sink)
{
	struct smb_file *other = find(fs, id);

	if (other && other != f)
		smb_file_closed(fs, other, sink);
	memcpy(f->id, id, 16);
	f->known = true;
}

struct smb_file *smb_file_of(struct smb_files *fs, const uint8_t id[static 16],
			     const struct body_sink *sink)
{
	struct smb_file *f = find(fs, id);

	if (f) {
		f->used = ++fs->uses;
		return f;
	}
	f = smb_file_new(fs, NULL, 0, sink);
	if (f)
		smb_file_opened(fs, f, id, sink);
	return f;
}

void smb_files_done(struct smb_files *fs, const struct body_sink *sink)
{
	for (int i = 0; i < 2; i++)
		smb_transfer_end(fs, i, false, sink);
	for (uint32_t i = 0; i < SMB_FILES_MAX; i++)
		if (fs->slot[i])
			smb_file_closed(fs, fs->slot[i], sink);
}

size_t smb_files_memory(const struct smb_files *fs)
{
	size_t n = fs->held;

	for (uint32_t i = 0; i < SMB_FILES_MAX; i++)
		n += fs->slot[i] ? sizeof(struct smb_file) : 0;
	return n;
}

/* ---- transfers ---- */

void smb_transfer_begin(struct smb_files *fs, bool server, struct smb_file *f, uint64_t offset,
			uint32_t len, const struct body_sink *sink)
{
	struct smb_transfer *t = &fs->transfer[server];
	struct smb_flow *w = &f->flow[server];

	smb_transfer_end(fs, server, false, sink);
	if (!w->open && offset == 0) {
		begin(id_of(f, server), server, name_of(f), 0, sink);
		w->open = true;
		w->next = 0;
	}
	*t = (struct smb_transfer){ .file = f, .under_way = true };
	if (w->open && offset == w->next)
		return;
	t->apart = true;
	begin(SMB_PIECE_ID + server, server, name_of(f), len, sink);
	if (!w->open || offset > w->next)
		t->piece = piece_new(fs, offset, len);
	w->gap |= !t->piece;
}

void smb_transfer_bytes(struct smb_files *fs, bool server, const uint8_t *at, size_t n,
			const struct body_sink *sink)
{
	struct smb_transfer *t = &fs->transfer[server];

	if (!n || !t->under_way)
		return;
	sink->bytes(sink->ctx, t->apart ? SMB_PIECE_ID + server : id_of(t->file, server), at, n);
	if (!t->apart)
		t->file->flow[server].next += n;
	if (t->piece && n <= t->piece->len - t->piece->have) {
		memcpy(t->piece->at + t->piece->have, at, n);
		t->piece->have += (uint32_t)n;
	}
}

void smb_transfer_end(struct smb_files *fs, bool server, bool whole, const struct body_sink *sink)
{
	struct smb_transfer *t = &fs->transfer[server];

	if (!t->under_way)
		return;
	t->under_way = false;
	if (t->apart && sink)
		sink->end(sink->ctx, SMB_PIECE_ID + server, whole);
	if (t->piece && whole && t->piece->have == t->piece->len)
		insert_piece(&t->file->flow[server], t->piece);
	else
		drop_piece(fs, t->piece);
	if (t->file && !whole)
		t->file->flow[server].gap = true;
	if (t->file && t->file->flow[server].open && sink)
		give_held(fs, t->file, server, sink);
	*t = (struct smb_transfer){ .file = NULL };
}

/* ---- requests and answers ---- */

void smb_asked(struct smb_files *fs, uint64_t message, uint16_t command, struct smb_file *f,
	       uint64_t offset)
{
	struct smb_pending *p = &fs->pending[fs->next_pending];

	*p = (struct smb_pending){ message, offset, f, command, true };
	fs->next_pending = (fs->next_pending + 1) % SMB_PENDING_MAX;
}

bool smb_answered(struct smb_files *fs, uint64_t message, uint16_t command, struct smb_pending *out)
{
	for (uint32_t i = 0; i < SMB_PENDING_MAX; i++) {
		struct smb_pending *p = &fs->pending[i];

		if (!p->taken || p->message != message || p->command != command)
			continue;
		*out = *p;
		p->taken = false;
		return true;
	}
	return false;
}
