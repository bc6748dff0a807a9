/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/text.h"

#define FILE_MAX ((size_t)64 << 20)
#define NAME_BYTES 128

/* What root writes belongs to whom the directory belongs to: the daemon's user has to replace it later. */
static void give_away(const struct store *s, int fd)
{
	struct stat st;

	if (geteuid() == 0 && fstat(s->dir, &st) == 0 && st.st_uid != 0 &&
	    fchown(fd, st.st_uid, st.st_gid) < 0)
		return; /* then the daemon will say so */
}

static void give_directory_away(const struct store *s, const char *name)
{
	int fd = openat(s->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0) {
		give_away(s, fd);
		close(fd);
	}
}

int store_open(struct store *s, const char *directory, bool lock)
{
	int e;

	*s = (struct store){ -1, -1 };
	if (lock && mkdir(directory, 0700) < 0 && errno != EEXIST)
		return -errno;
	s->dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return -errno;
	if (!lock)
		return 0;
	if (mkdirat(s->dir, "images", 0700) == 0)
		give_directory_away(s, "images");
	else if (errno != EEXIST)
		goto failed;
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock >= 0)
		give_away(s, s->lock);
	if (s->lock >= 0 && flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
failed:
	e = errno == EWOULDBLOCK ? -EBUSY : -errno;
	store_close(s);
	return e;
}

void store_close(struct store *s)
{
	if (s->lock >= 0)
		close(s->lock);
	if (s->dir >= 0)
		close(s->dir);
	*s = (struct store){ -1, -1 };
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int store_write(const struct store *s, const char *name, const void *bytes, size_t len)
{
	char fresh[NAME_BYTES];

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	int fd = openat(s->dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	int e = write_all(fd, bytes, len);

	give_away(s, fd);
	if (e == 0 && fsync(fd) < 0)
		e = -errno;
	if (close(fd) < 0 && e == 0)
		e = -errno;
	if (e == 0 && renameat(s->dir, fresh, s->dir, name) < 0)
		e = -errno;
	if (e == 0)
		fsync(s->dir);
	else
		unlinkat(s->dir, fresh, 0);
	return e;
}

int store_read(const struct store *s, const char *name, struct text *out)
{
	char buf[65536];
	int fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0 && out->len < FILE_MAX)
		text_add(out, buf, (size_t)n);
	int e = n < 0 ? -errno : out->failed ? -ENOMEM : 0;

	close(fd);
	return e;
}

int store_append(const struct store *s, const char *name, const char *line, size_t len)
{
	int fd = openat(s->dir, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	int e = write_all(fd, line, len);

	give_away(s, fd);

	if (e == 0 && fsync(fd) < 0)
		e = -errno;
	close(fd);
	return e;
}

/* --- current and next ------------------------------------------------------------------------- */

static bool parse_hash(const char *hex, uint8_t out[static SHA256_BYTES])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 2 * SHA256_BYTES; i++) {
		const char *d = hex[i] ? strchr(digits, hex[i]) : NULL;

		if (!d)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (d - digits));
	}
	return hex[2 * SHA256_BYTES] == '\0';
}

int store_point(const struct store *s, const char *name, struct store_point *out)
{
	struct store_point p = { 0 };
	struct text t = { 0 };
	char hex[SHA256_HEX] = "", end = 0;
	int e = store_read(s, name, &t);

	if (e == 0 && (!t.bytes || t.len > 256 ||
		       sscanf(t.bytes, "%" SCNu32 " %64[0-9a-f] %" SCNd64 "%c", &p.apply, hex,
			      &p.now, &end) != 4 ||
		       end != '\n' || !parse_hash(hex, p.hash)))
		e = -EBADMSG;
	text_done(&t);
	if (e == 0)
		*out = p;
	return e;
}

int store_set_point(const struct store *s, const char *name, const struct store_point *p)
{
	char hex[SHA256_HEX], line[128];
	int n = snprintf(line, sizeof(line), "%" PRIu32 " %s %" PRId64 "\n", p->apply,
			 sha256_hex(p->hash, hex), p->now);

	return store_write(s, name, line, (size_t)n);
}

int store_promote(const struct store *s)
{
	if (renameat(s->dir, "next", s->dir, "current") < 0)
		return -errno;
	return fsync(s->dir) < 0 ? -errno : 0;
}

int store_forget_next(const struct store *s)
{
	return unlinkat(s->dir, "next", 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* --- images ----------------------------------------------------------------------------------- */

static const char *image_name(const uint8_t hash[static SHA256_BYTES], char name[static NAME_BYTES])
{
	char hex[SHA256_HEX];

	snprintf(name, NAME_BYTES, "images/%s.img", sha256_hex(hash, hex));
	return name;
}

int store_image(const struct store *s, const uint8_t hash[static SHA256_BYTES])
{
	char name[NAME_BYTES];
	int fd = openat(s->dir, image_name(hash, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

int store_save_image(const struct store *s, const uint8_t hash[static SHA256_BYTES],
		     const void *image, size_t len)
{
	char name[NAME_BYTES];

	return store_write(s, image_name(hash, name), image, len);
}
