/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tar: POSIX ustar archives (IEEE 1003.1, pax): 512 bytes of header, the file, padding to 512. And archives that nobody
 * here unpacks on the packets' way: they are named, and cannot be read.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/document.h"
#include "daemon/content/unpack/unpack.h"

#define BLOCK 512u

struct tar {
	struct part *part, *entry; /* entry: owned until closed */
	uint64_t left, padding;    /* of the file, and behind it */
	size_t n;
	uint8_t block[BLOCK];
};

static void *tar_new(struct part *p, const struct part_hint *h)
{
	struct tar *t = calloc(1, sizeof(*t));

	(void)h;
	if (t)
		t->part = p;
	return t;
}

static uint64_t octal(const uint8_t *at, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		if (at[i] >= '0' && at[i] <= '7')
			v = (v & (UINT64_MAX >> 4)) * 8 + (uint64_t)(at[i] - '0');
	return v;
}

static void begin_entry(struct tar *t)
{
	size_t n = strnlen((const char *)t->block, 100);
	struct part_hint h = { .archive = true, .name = { (const char *)t->block, n } };

	for (size_t i = n; i > 0; i--)
		if (t->block[i - 1] == '/') {
			h.name = (struct body_text){ (const char *)t->block + i, n - i };
			break;
		}
	t->left = octal(t->block + 124, 12);
	t->padding = (BLOCK - t->left % BLOCK) % BLOCK;
	if (t->left && n && (t->block[156] == '0' || t->block[156] == 0))
		t->entry = part_open(t->part, &h);
}

static size_t header(struct tar *t, const uint8_t *at, size_t n)
{
	size_t some = BLOCK - t->n < n ? BLOCK - t->n : n;

	memcpy(t->block + t->n, at, some);
	t->n += some;
	if (t->n == BLOCK) {
		t->n = 0;
		begin_entry(t);
	}
	return some;
}

static size_t contents(struct tar *t, const uint8_t *at, size_t n)
{
	size_t some = t->left < n ? (size_t)t->left : n;

	part_feed(t->entry, at, some);
	t->left -= some;
	if (!t->left) {
		part_close(t->entry, true);
		t->entry = NULL;
	}
	return some;
}

static void tar_feed(void *u, const uint8_t *at, size_t n)
{
	struct tar *t = u;

	while (n) {
		size_t some;

		if (t->left) {
			some = contents(t, at, n);
		} else if (t->padding) {
			some = t->padding < n ? (size_t)t->padding : n;
			t->padding -= some;
		} else {
			some = header(t, at, n);
		}
		at += some;
		n -= some;
	}
}

static void tar_end(void *u, bool whole)
{
	struct tar *t = u;

	(void)whole;
	part_close(t->entry, false);
	t->entry = NULL;
}

static size_t tar_memory(const void *u)
{
	(void)u;
	return sizeof(struct tar);
}

const struct unpacker unpack_tar = { "tar", tar_new, free, tar_feed, tar_end, tar_memory };

/* ---- what is not unpacked here ---- */

struct unknown {
	struct part *part;
	struct part *text; /* owned until closed: names in it are readable all the same */
	bool told;
};

static void *unknown_new(struct part *p, const struct part_hint *h)
{
	struct unknown *k = calloc(1, sizeof(*k));
	const struct part_hint text = { .kind = BODY_LINE, .text = true, .word = "data" };

	(void)h;
	if (!k)
		return NULL;
	k->part = p;
	k->text = part_open(p, &text);
	return k;
}

static const char *kind_of(const uint8_t *at, size_t n)
{
	static const struct {
		const char *magic, *kind;
	} kinds[] = { { "7z", "7z" },
		      { "Rar", "rar" },
		      { "MSCF", "cab" },
		      { "BZh", "bzip2" },
		      { "\3757z", "xz" } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (n >= strlen(kinds[i].magic) &&
		    memcmp(at, kinds[i].magic, strlen(kinds[i].magic)) == 0)
			return kinds[i].kind;
	return "lzh";
}

/* The first feed has at least the bytes by which the kind was told. */
static void unknown_feed(void *u, const uint8_t *at, size_t n)
{
	struct unknown *k = u;

	if (!k->told) {
		part_kind(k->part, kind_of(at, n));
		part_unread(k->part, UNREAD_UNSUPPORTED, kind_of(at, n), (struct body_text){ 0 },
			    0);
	}
	k->told = true;
	part_feed(k->text, at, n);
}

static void enveloped_feed(void *u, const uint8_t *at, size_t n)
{
	struct unknown *k = u;

	if (!k->told)
		part_unread(k->part, UNREAD_ENCRYPTED_MAIL, "mail", (struct body_text){ 0 }, 0);
	k->told = true;
	part_feed(k->text, at, n);
}

static void unknown_end(void *u, bool whole)
{
	struct unknown *k = u;

	part_close(k->text, whole);
	k->text = NULL;
}

static size_t unknown_memory(const void *u)
{
	(void)u;
	return sizeof(struct unknown);
}

const struct unpacker unpack_unknown_archive = { "archive",    unknown_new, free,
						 unknown_feed, unknown_end, unknown_memory };
const struct unpacker unpack_enveloped = { "encrypted",    unknown_new, free,
					   enveloped_feed, unknown_end, unknown_memory };
