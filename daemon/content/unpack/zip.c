/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zip: archives as they come, entry by entry from their local headers (APPNOTE 6.3, 4.3.7), without waiting for the
 * directory at their end. Documents of Office and OpenOffice are such archives.
 *
 *	"PK\3\4" version flags method time date crc size size' name-length extra-length name extra data [descriptor]
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/document.h"
#include "daemon/content/unpack/inflate.h"
#include "daemon/content/unpack/unpack.h"
#include "rules/cursor.h"

#define HEADER_BYTES 30u
#define NAME_MAX_BYTES 512u
#define FLAG_ENCRYPTED 0x0001u
#define FLAG_DESCRIPTOR 0x0008u
#define FLAG_UTF8 0x0800u
#define METHOD_STORED 0u
#define METHOD_DEFLATE 8u
#define METHOD_AES 99u
#define SIZE_64 0xffffffffu
#define LOCAL_HEADER 0x504b0304u
#define DESCRIPTOR 0x504b0708u
#define DIRECTORY 0x504b0102u

enum state { SIGNATURE, HEADER, NAME, EXTRA, DATA, OVER };

struct zip {
	struct part *part, *entry; /* entry: owned until closed */
	struct part *between;      /* owned until closed: what stands outside of entries */
	struct inflate *f;         /* owned */
	uint8_t state;
	bool encrypted_told;
	uint16_t flags, method, name_len, extra_len;
	uint64_t left;   /* of stored or skipped data; UINT64_MAX: until the next signature */
	uint32_t recent; /* the last four bytes, to find a signature in */
	size_t n;
	uint8_t header[HEADER_BYTES];
	char name[NAME_MAX_BYTES];
	uint8_t extra[64];
};

static void *zip_new(struct part *p, const struct part_hint *h)
{
	struct zip *z = calloc(1, sizeof(*z));

	(void)h;
	if (z)
		z->part = p;
	return z;
}

static void zip_free(void *u)
{
	struct zip *z = u;

	if (z)
		inflate_free(z->f);
	free(z);
}

/* ---- entries ---- */

/* The last part of the path: what people call the file. */
static struct body_text short_name(const struct zip *z)
{
	size_t from = z->name_len;

	while (from && z->name[from - 1] != '/' && z->name[from - 1] != '\\')
		from--;
	return (struct body_text){ z->name + from, z->name_len - from };
}

/* Documents of Office begin with a list of their types, those of OpenOffice with a file that has theirs. */
static void note_kind(struct zip *z)
{
	static const struct {
		const char *folder, *kind;
	} kinds[] = {
		{ "xl/", "xlsx" }, { "word/", "docx" }, { "ppt/", "pptx" }, { "mimetype", "odf" }
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (z->name_len >= strlen(kinds[i].folder) &&
		    memcmp(z->name, kinds[i].folder, strlen(kinds[i].folder)) == 0)
			part_kind(z->part, kinds[i].kind);
}

static void open_entry(struct zip *z)
{
	struct part_hint h = {
		.archive = true,
		.name = short_name(z),
		.name_charset = z->flags & FLAG_UTF8 ? "UTF-8" : NULL,
	};

	note_kind(z);
	if (h.name.len == 0) /* a folder */
		return;
	z->entry = part_open(z->part, &h);
}

static void close_entry(struct zip *z, bool whole)
{
	part_close(z->entry, whole);
	z->entry = NULL;
	inflate_free(z->f);
	z->f = NULL;
	z->state = SIGNATURE;
	z->n = 0;
	z->recent = 0;
}

/* ZIP64 (4.5.3): sizes that did not fit stand in an extra field. */
static uint64_t size_64(const struct zip *z, uint64_t size)
{
	struct cursor c = cursor_of(z->extra, z->extra_len < sizeof(z->extra) ? z->extra_len
									      : sizeof(z->extra));

	while (c.left >= 4) {
		uint16_t id = cursor_le16(&c), len = cursor_le16(&c);
		struct cursor field = cursor_sub(&c, len);

		if (field.tripped)
			break;
		if (id == 1 && field.left >= 16) {
			cursor_skip(&field, 8);
			uint64_t lo = cursor_le32(&field);

			return (uint64_t)cursor_le32(&field) << 32 | lo;
		}
	}
	return size;
}

static void unreadable(struct zip *z, uint8_t reason)
{
	if (reason == UNREAD_ENCRYPTED_ARCHIVE && z->encrypted_told)
		return;
	z->encrypted_told |= reason == UNREAD_ENCRYPTED_ARCHIVE;
	part_unread(z->part, reason, "zip", short_name(z), z->left == UINT64_MAX ? 0 : z->left);
}

static void begin_data(struct zip *z)
{
	struct cursor c = cursor_of(z->header, HEADER_BYTES);

	cursor_skip(&c, 18);
	uint64_t size = cursor_le32(&c);

	if (size == SIZE_64)
		size = size_64(z, size);
	z->left = (z->flags & FLAG_DESCRIPTOR) && !size ? UINT64_MAX : size;
	z->state = DATA;
	z->recent = 0;
	if ((z->flags & FLAG_ENCRYPTED) || z->method == METHOD_AES) {
		unreadable(z, UNREAD_ENCRYPTED_ARCHIVE);
	} else if (z->method == METHOD_DEFLATE) {
		z->f = inflate_new(INFLATE_RAW);
		if (z->f)
			open_entry(z);
		else
			unreadable(z, UNREAD_MEMORY);
	} else if (z->method == METHOD_STORED) {
		open_entry(z);
	} else {
		unreadable(z, UNREAD_UNSUPPORTED);
	}
	if (z->left == 0 && !z->f)
		close_entry(z, true);
}

static void read_header(struct zip *z)
{
	struct cursor c = cursor_of(z->header, HEADER_BYTES);

	cursor_skip(&c, 6);
	z->flags = cursor_le16(&c);
	z->method = cursor_le16(&c);
	cursor_skip(&c, 16);
	z->name_len = cursor_le16(&c);
	z->extra_len = cursor_le16(&c);
	z->n = 0;
	z->state = NAME;
}

/* ---- bytes ---- */

static void begin_header(struct zip *z)
{
	memcpy(z->header, "PK\003\004", 4);
	z->n = 4;
	z->recent = 0;
	z->state = HEADER;
}

/* Outside of entries: descriptors, padding, the directory at the end; and what somebody put there. */
static size_t find_signature(struct zip *z, const uint8_t *at, size_t n)
{
	const struct part_hint h = { .kind = BODY_LINE, .text = true, .word = "data" };
	size_t i = 0;

	while (i < n && z->recent != LOCAL_HEADER)
		z->recent = z->recent << 8 | at[i++];
	if (!z->between)
		z->between = part_open(z->part, &h);
	part_feed(z->between, at, i);
	if (z->recent == LOCAL_HEADER)
		begin_header(z);
	return i;
}

static size_t gather(struct zip *z, uint8_t *to, size_t size, size_t want, const uint8_t *at,
		     size_t n)
{
	size_t some = want - z->n < n ? want - z->n : n;

	for (size_t i = 0; i < some; i++)
		if (z->n + i < size)
			to[z->n + i] = at[i];
	z->n += some;
	return some;
}

static bool came_out(void *ctx, const uint8_t *at, size_t n)
{
	struct zip *z = ctx;

	if (!part_inflated(z->part, 0, n))
		return false;
	part_feed(z->entry, at, n);
	return true;
}

/* Such data says itself where it ends; a size beside it could only lie. */
static size_t deflated(struct zip *z, const uint8_t *at, size_t n)
{
	size_t used;
	enum inflate_state s = inflate_feed(z->f, at, n, &used, came_out, z);

	if (s == INFLATE_STOPPED) {
		close_entry(z, false);
		z->state = OVER;
		return n;
	}
	if (s == INFLATE_BROKEN)
		unreadable(z, UNREAD_BROKEN);
	if (s != INFLATE_MORE)
		close_entry(z, s == INFLATE_END);
	return used;
}

/* Until its data descriptor or the next entry, where no size was told. */
static size_t unsized(struct zip *z, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		z->recent = z->recent << 8 | at[i];
		if (z->recent != DESCRIPTOR && z->recent != LOCAL_HEADER && z->recent != DIRECTORY)
			continue;
		bool header = z->recent == LOCAL_HEADER;

		part_feed(z->entry, at, i + 1);
		close_entry(z, true);
		if (header)
			begin_header(z);
		return i + 1;
	}
	part_feed(z->entry, at, n);
	return n;
}

static size_t data(struct zip *z, const uint8_t *at, size_t n)
{
	if (z->f)
		return deflated(z, at, n);
	if (z->left == UINT64_MAX)
		return unsized(z, at, n);
	size_t some = z->left < n ? (size_t)z->left : n;

	part_feed(z->entry, at, some);
	z->left -= some;
	if (z->left == 0)
		close_entry(z, true);
	return some;
}

static size_t one_step(struct zip *z, const uint8_t *at, size_t n)
{
	size_t some = 0;

	switch (z->state) {
	case SIGNATURE: return find_signature(z, at, n);
	case HEADER:
		some = gather(z, z->header, HEADER_BYTES, HEADER_BYTES, at, n);
		if (z->n == HEADER_BYTES)
			read_header(z);
		return some;
	case NAME:
		some = gather(z, (uint8_t *)z->name, sizeof(z->name), z->name_len, at, n);
		if (z->n < z->name_len)
			return some;
		if (z->name_len > sizeof(z->name))
			z->name_len = sizeof(z->name);
		z->n = 0;
		z->state = EXTRA;
		return some;
	case EXTRA:
		some = gather(z, z->extra, sizeof(z->extra), z->extra_len, at, n);
		if (z->n == z->extra_len)
			begin_data(z);
		return some;
	case DATA: return data(z, at, n);
	default: return n;
	}
}

/* A name or field of no bytes at all is complete at once, also where the input ends. */
static bool goes_on(const struct zip *z)
{
	return (z->state == NAME && z->n >= z->name_len) ||
	       (z->state == EXTRA && z->n >= z->extra_len);
}

static void zip_feed(void *u, const uint8_t *at, size_t n)
{
	struct zip *z = u;

	part_inflated(z->part, n, 0);
	while (n || goes_on(z)) {
		size_t some = one_step(z, at, n);

		at += some;
		n -= some;
	}
}

/* Cut off in a header: nothing is known of the entry yet. */
static void cut_off(struct zip *z)
{
	if (z->state == HEADER || z->state == NAME) {
		z->name_len = 0;
		z->left = UINT64_MAX;
		unreadable(z, UNREAD_BROKEN);
	} else if (z->state == EXTRA || (z->state == DATA && (z->f || z->left != UINT64_MAX))) {
		unreadable(z, UNREAD_BROKEN);
	}
}

static void zip_end(void *u, bool whole)
{
	struct zip *z = u;

	if (whole)
		cut_off(z);
	close_entry(z, false);
	part_close(z->between, whole);
	z->between = NULL;
}

static size_t zip_memory(const void *u)
{
	const struct zip *z = u;

	return sizeof(*z) + (z->f ? inflate_memory(INFLATE_RAW) : 0);
}

const struct unpacker unpack_zip = { "zip", zip_new, zip_free, zip_feed, zip_end, zip_memory };
