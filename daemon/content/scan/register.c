/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/register.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/cursor.h"

#define FILE_MAX ((size_t)64 << 20)
#define MEMORY_MAX (1u << 20) /* KiB that a slow hash may take */
#define PASSES_MAX 64u

const char *const register_fault_words[][2] = {
	[REGISTER_OK] = { "", "" },
	[REGISTER_ABSENT] = { "is not there", "がありません" },
	[REGISTER_UNREADABLE] = { "cannot be read", "を読めません" },
	[REGISTER_OPEN] = { "may be read by others than its owner: chmod 600",
			    "を所有者以外も読めます。chmod 600 にしてください" },
	[REGISTER_DAMAGED] = { "is damaged, or of another key",
			       "が壊れているか、別の鍵で作られています" },
	[REGISTER_MEMORY] = { "no memory", "のためのメモリが足りません" },
};

/* ---- reading ---- */

static bool read_header(struct cursor *c, struct register_index *r)
{
	if (!cursor_starts(c, REGISTER_MAGIC, 8))
		return false;
	cursor_skip(c, 8);
	r->count = cursor_le32(c);
	r->fuse.segment = cursor_le32(c);
	r->fuse.segments = cursor_le32(c);
	r->fuse.length = cursor_le32(c);
	r->fuse.seed = cursor_le64(c);
	r->cost.memory = cursor_le32(c);
	r->cost.passes = cursor_le32(c);
	const uint8_t *salt = cursor_take(c, sizeof(r->cost.salt));

	if (!salt)
		return false;
	memcpy(r->cost.salt, salt, sizeof(r->cost.salt));
	return r->count && r->count <= FUSE_KEYS_MAX && fuse_is_sound(&r->fuse) && r->cost.passes &&
	       r->cost.passes <= PASSES_MAX && r->cost.memory >= 8 && r->cost.memory <= MEMORY_MAX;
}

static bool read_key(struct register_index *r, struct cursor c)
{
	if (c.left != REGISTER_KEY_FILE || !cursor_starts(&c, REGISTER_KEY_MAGIC, 8))
		return false;
	cursor_skip(&c, 8);
	memcpy(r->key.fast, cursor_take(&c, REGISTER_KEY_BYTES), REGISTER_KEY_BYTES);
	memcpy(r->key.pepper, cursor_take(&c, REGISTER_KEY_BYTES), REGISTER_KEY_BYTES);
	return true;
}

static bool is_sealed(const struct register_index *r)
{
	uint8_t seal[SHA256_BYTES], difference = 0;

	register_seal(r->key.fast, r->bytes, r->len - SHA256_BYTES, seal);
	for (size_t i = 0; i < SHA256_BYTES; i++)
		difference |= seal[i] ^ r->bytes[r->len - SHA256_BYTES + i];
	return difference == 0;
}

static bool read_parts(struct register_index *r)
{
	struct cursor c = cursor_of(r->bytes, r->len);

	if (!read_header(&c, r))
		return false;
	r->fuse.bytes = cursor_take(&c, r->fuse.length);
	r->table = cursor_take(&c, (size_t)r->count * 8);
	cursor_skip(&c, SHA256_BYTES);
	return !c.tripped && c.left == 0 && is_sealed(r);
}

enum register_fault register_read(const void *filter, size_t n, const void *key, size_t key_len,
				  struct register_index **out)
{
	struct register_index *r = n <= FILE_MAX ? malloc(sizeof(*r) + n) : NULL;

	if (!r)
		return n <= FILE_MAX ? REGISTER_MEMORY : REGISTER_DAMAGED;
	*r = (struct register_index){ .len = n, .allowance = REGISTER_RATE };
	if (n)
		memcpy(r->bytes, filter, n);
	if (!read_key(r, cursor_of(key, key_len)) || !read_parts(r)) {
		register_free(r);
		return REGISTER_DAMAGED;
	}
	*out = r;
	return REGISTER_OK;
}

void register_free(struct register_index *r)
{
	if (!r)
		return;
	explicit_bzero(r, sizeof(*r) + r->len);
	free(r);
}

/* ---- files ---- */

struct whole {
	void *bytes; /* owned */
	size_t len;
};

static enum register_fault read_open(int fd, struct whole *w)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > FILE_MAX)
		return REGISTER_UNREADABLE;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return REGISTER_OPEN;
	w->len = (size_t)st.st_size;
	w->bytes = malloc(w->len + 1);
	if (!w->bytes)
		return REGISTER_MEMORY;
	return read(fd, w->bytes, w->len + 1) == (ssize_t)w->len ? REGISTER_OK
								 : REGISTER_UNREADABLE;
}

static enum register_fault read_file(const char *directory, const char *name, struct whole *w)
{
	char path[256];
	enum register_fault f;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return REGISTER_UNREADABLE;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? REGISTER_ABSENT : REGISTER_UNREADABLE;
	f = read_open(fd, w);
	close(fd);
	return f;
}

static void forget(struct whole *w)
{
	if (w->bytes)
		explicit_bzero(w->bytes, w->len);
	free(w->bytes);
}

enum register_fault register_load(const char *directory, struct register_index **out)
{
	struct whole filter = { 0 }, key = { 0 };
	enum register_fault f = read_file(directory, REGISTER_FILTER, &filter);

	if (f == REGISTER_OK)
		f = read_file(directory, REGISTER_KEY, &key);
	if (f == REGISTER_OK)
		f = register_read(filter.bytes, filter.len, key.bytes, key.len, out);
	forget(&filter);
	forget(&key);
	return f;
}

/* ---- looking up ---- */

void register_second(struct register_index *r)
{
	r->allowance = REGISTER_RATE;
}

static uint64_t entry(const struct register_index *r, uint32_t i)
{
	struct cursor c = cursor_of(r->table + (size_t)i * 8, 8);

	return cursor_le64(&c);
}

static bool in_table(const struct register_index *r, uint64_t hash)
{
	uint32_t lo = 0, hi = r->count;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (entry(r, mid) < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < r->count && entry(r, lo) == hash;
}

static bool look_up(struct register_index *r, const char digits[static REGISTER_DIGITS])
{
	uint64_t hash;

	if (!r->allowance) {
		r->counts.limited++;
		return false;
	}
	r->allowance--;
	r->counts.slow++;
	if (register_slow(&r->key, &r->cost, digits, &hash) < 0) {
		r->counts.failed++;
		return false;
	}
	return in_table(r, hash);
}

bool register_has(void *ctx, const char digits[static REGISTER_DIGITS])
{
	struct register_index *r = ctx;

	r->counts.asked++;
	if (!fuse_has(&r->fuse, register_fast(&r->key, digits)))
		return false;
	r->counts.fast++;
	const bool found = look_up(r, digits);

	r->counts.found += found;
	return found;
}
