/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "rules/cursor.h"
#include "rules/image_check.h"
#include "rules/policy.h"
#include "rules/sha256.h"
#include "rules/text.h"

#define MAGIC "SEKIMORI"
#define HASHED_FROM 48u
#define ALIGN 16u
#define TABLE_ENTRY 16u

struct section {
	const void *items; /* borrowed from the policy or the image */
	uint32_t count;
	uint32_t size; /* of one */
};

#define COUNT_(name, type) +1
#define SECTIONS (0 POLICY_SECTIONS(COUNT_))
#define BODY_FROM (HASHED_FROM + TABLE_ENTRY * SECTIONS)

static uint64_t aligned(uint64_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static void sections_of(const struct policy *p, struct section out[static SECTIONS])
{
#define SECTION_(name, type) *out++ = (struct section){ p->name, p->name##_count, sizeof(type) };
	POLICY_SECTIONS(SECTION_)
#undef SECTION_
}

static void policy_of(const struct section *in, struct policy *p)
{
#define SECTION_(name, type) \
	p->name = in->items; \
	p->name##_count = in++->count;
	POLICY_SECTIONS(SECTION_)
#undef SECTION_
}

static void put(struct text *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++, value >>= 8)
		text_putc(out, (char)(value & 0xff));
}

static void put_zeros(struct text *out, uint64_t n)
{
	for (; n > 0; n--)
		text_putc(out, '\0');
}

/* Over bytes 8..15, then everything behind the hash itself. */
static void hash_of(const char *image, size_t len, uint8_t out[static SHA256_BYTES])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, image + 8, 8);
	sha256_add(&s, image + HASHED_FROM, len - HASHED_FROM);
	sha256_end(&s, out);
}

int image_write(struct policy *p, struct text *out)
{
	struct section sections[SECTIONS];
	size_t start = out->len;
	uint64_t offset = BODY_FROM;

	sections_of(p, sections);
	text_add(out, MAGIC, 8);
	put(out, IMAGE_VERSION, 4);
	put(out, p->model, 4);
	put_zeros(out, SHA256_BYTES);
	for (size_t i = 0; i < SECTIONS; i++) {
		put(out, offset, 8);
		put(out, sections[i].count, 4);
		put(out, sections[i].size, 4);
		offset = aligned(offset + (uint64_t)sections[i].count * sections[i].size);
	}
	for (size_t i = 0; i < SECTIONS; i++) {
		size_t bytes = (size_t)sections[i].count * sections[i].size;

		text_add(out, sections[i].items, bytes);
		put_zeros(out, aligned(bytes) - bytes);
	}
	if (out->failed)
		return -ENOMEM;
	hash_of(out->bytes + start, out->len - start, p->hash);
	memcpy(out->bytes + start + 16, p->hash, SHA256_BYTES);
	return 0;
}

static int refuse(int error, char why[static 160], const char *reason)
{
	snprintf(why, 160, "%s", reason);
	return error;
}

static int read_header(struct cursor *c, struct policy *p, char why[static 160])
{
	if (!cursor_starts(c, MAGIC, 8))
		return refuse(-EBADMSG, why, "not a policy image");
	cursor_skip(c, 8);
	uint32_t version = cursor_le32(c);

	p->model = cursor_le32(c);
	const uint8_t *hash = cursor_take(c, SHA256_BYTES);

	if (!hash)
		return refuse(-EBADMSG, why, "header is cut short");
	if (version != IMAGE_VERSION) {
		snprintf(why, 160, "image version %u, this program reads %u", version,
			 IMAGE_VERSION);
		return -EPROTONOSUPPORT;
	}
	memcpy(p->hash, hash, SHA256_BYTES);
	return 0;
}

/* Where the table says a section is must be where it can only be, so no bytes are left unexplained. */
static int read_section(const char *bytes, size_t len, struct cursor *table, uint64_t *offset,
			struct section *s, const char *name, char why[static 160])
{
	uint64_t at = cursor_le64(table);
	uint32_t count = cursor_le32(table), size = cursor_le32(table);

	if (size != s->size) {
		snprintf(why, 160, "%s: element size %u, this program has %u", name, size, s->size);
		return -EPROTONOSUPPORT;
	}
	uint64_t end = aligned(at + (uint64_t)count * size);

	if (table->tripped || at != *offset || end > len) {
		snprintf(why, 160, "%s: does not lie where it must", name);
		return -EBADMSG;
	}
	s->items = bytes + at;
	s->count = count;
	*offset = end;
	return 0;
}

static int read_sections(const char *bytes, size_t len, struct cursor *table, struct policy *p,
			 char why[static 160])
{
#define NAME_(name, type) #name,
	static const char *const names[SECTIONS] = { POLICY_SECTIONS(NAME_) };
#undef NAME_
	struct section sections[SECTIONS];
	uint64_t offset = BODY_FROM;

	sections_of(p, sections);
	for (size_t i = 0; i < SECTIONS; i++) {
		int r = read_section(bytes, len, table, &offset, &sections[i], names[i], why);

		if (r < 0)
			return r;
	}
	if (offset != len)
		return refuse(-EBADMSG, why, "bytes after the last section");
	policy_of(sections, p);
	return 0;
}

int image_read(const void *bytes, size_t len, struct policy *p, char why[static 160])
{
	struct cursor c = cursor_of(bytes, len);
	struct policy read = { 0 };
	uint8_t hash[SHA256_BYTES];
	int r;

	if (len > IMAGE_MAX)
		return refuse(-EBADMSG, why, "larger than any policy");
	if ((r = read_header(&c, &read, why)) < 0)
		return r;
	hash_of(bytes, len, hash);
	if (memcmp(hash, read.hash, sizeof(hash)) != 0)
		return refuse(-EBADMSG, why, "damaged: its SHA-256 does not match");
	if ((r = read_sections(bytes, len, &c, &read, why)) < 0)
		return r;
	if ((r = image_check(&read, why)) < 0)
		return r;
	*p = read;
	return 0;
}

int image_load(int fd, struct policy *p, const void **map, size_t *map_len, char why[static 160])
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 || (uint64_t)st.st_size > IMAGE_MAX)
		return refuse(-EBADMSG, why, "not a policy image");
	size_t len = (size_t)st.st_size;
	void *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (bytes == MAP_FAILED)
		return -errno;
	int r = image_read(bytes, len, p, why);

	if (r < 0) {
		munmap(bytes, len);
		return r;
	}
	*map = bytes;
	*map_len = len;
	return 0;
}
