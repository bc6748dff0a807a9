/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
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

static int open_append(const struct store *s, const char *name, off_t *end)
{
	int fd = openat(s->dir, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		int e = -errno;

		if (fd >= 0)
			close(fd);
		return e;
	}
	*end = st.st_size;
	return fd;
}

int store_append(const struct store *s, const char *name, const char *line, size_t len)
{
	off_t end;
	int fd = open_append(s, name, &end);

	if (fd < 0)
		return fd;
	int e = write_all(fd, line, len);

	give_away(s, fd);
	if (e == 0 && fsync(fd) < 0)
		e = -errno;
	if (e < 0 && ftruncate(fd, end) < 0)
		e = -errno; /* whoever reads it finds half a line */
	close(fd);
	return e;
}

int store_reserve(const struct store *s, const char *name, size_t len)
{
	off_t end;
	int fd = open_append(s, name, &end), e = 0;

	if (fd < 0)
		return fd;
	give_away(s, fd);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, end, (off_t)len) < 0 && errno != EOPNOTSUPP)
		e = -errno;
	close(fd);
	return e;
}

bool store_has_room(const struct store *s)
{
	struct statvfs v;

	return fstatvfs(s->dir, &v) < 0 || (uint64_t)v.f_bavail * v.f_frsize >= STORE_ROOM;
}

int store_keep_room(const struct store *s)
{
	int fd = openat(s->dir, "room", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), e = 0;

	if (fd < 0)
		return -errno;
	give_away(s, fd);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, STORE_ROOM) < 0 && errno != EOPNOTSUPP)
		e = -errno;
	close(fd);
	return e;
}

void store_use_room(const struct store *s)
{
	unlinkat(s->dir, "room", 0);
}

/* --- current, next and trial ------------------------------------------------------------------- */

bool store_hash(const char *hex, uint8_t out[static SHA256_BYTES])
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

/* "7 HASH 1795366659\n", and of a trial or while something is kept closed "7 HASH 1795366659 CLOSED UNTIL BOOT\n". */
static bool parse_point(const char *line, struct store_point *p)
{
	char hex[SHA256_HEX] = "", end[2] = "";
	unsigned int closed = 0;
	int n = sscanf(line, "%" SCNu32 " %64[0-9a-f] %" SCNd64 "%1[\n]", &p->apply, hex, &p->now,
		       end);

	if (n == 3) {
		n = sscanf(line, "%*u %*s %*d %u %" SCNd64 " %36[0-9a-f-]%1[\n]", &closed,
			   &p->until, p->boot, end);
		n = n == 4 && closed <= 3 && p->until >= 0 ? 4 : 0;
	}
	p->closed = (uint8_t)closed;
	return n == 4 && store_hash(hex, p->hash);
}

int store_point(const struct store *s, const char *name, struct store_point *out)
{
	struct store_point p = { 0 };
	struct text t = { 0 };
	int e = store_read(s, name, &t);

	if (e == 0 && (!t.bytes || t.len > 256 || !parse_point(t.bytes, &p)))
		e = -EBADMSG;
	text_done(&t);
	if (e == 0)
		*out = p;
	return e;
}

int store_set_point(const struct store *s, const char *name, const struct store_point *p)
{
	char hex[SHA256_HEX], line[256];
	int n = snprintf(line, sizeof(line), "%" PRIu32 " %s %" PRId64, p->apply,
			 sha256_hex(p->hash, hex), p->now);

	if (p->closed || p->until)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " %u %" PRId64 " %s", p->closed,
			      p->until, p->boot[0] ? p->boot : "-");
	line[n++] = '\n';
	return store_write(s, name, line, (size_t)n);
}

int store_rename(const struct store *s, const char *from, const char *to)
{
	if (renameat(s->dir, from, s->dir, to) < 0)
		return -errno;
	return fsync(s->dir) < 0 ? -errno : 0;
}

int store_forget(const struct store *s, const char *name)
{
	return unlinkat(s->dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

void store_boot(char boot[static STORE_BOOT])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, boot, STORE_BOOT - 1) : 0;

	if (fd >= 0)
		close(fd);
	boot[n > 0 ? n : 0] = '\0';
}

bool store_is_trial(const struct store_point *p)
{
	char boot[STORE_BOOT];

	store_boot(boot);
	return p->until && strcmp(boot, p->boot) == 0;
}

int64_t store_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
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

/* The name of the image used longest ago; how many there are. */
static int oldest_image(const struct store *s, char name[static NAME_BYTES])
{
	int fd = openat(s->dir, "images", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct timespec oldest = { 0 };

	for (const struct dirent *e; d && (e = readdir(d));) {
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (n++ == 0 || st.st_mtim.tv_sec < oldest.tv_sec) {
			oldest = st.st_mtim;
			snprintf(name, NAME_BYTES, "images/%.100s", e->d_name);
		}
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return n;
}

static bool has_image(const struct store *s, const char *name, size_t len)
{
	struct stat st;

	if (fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || (size_t)st.st_size != len)
		return false;
	utimensat(s->dir, name, NULL, 0);
	return true;
}

int store_save_image(const struct store *s, const uint8_t hash[static SHA256_BYTES],
		     const void *image, size_t len)
{
	char name[NAME_BYTES], oldest[NAME_BYTES];

	image_name(hash, name);
	if (has_image(s, name, len))
		return 0;
	for (int n = oldest_image(s, oldest); n >= STORE_IMAGES; n--) {
		unlinkat(s->dir, oldest, 0);
		oldest_image(s, oldest);
	}
	return store_write(s, name, image, len);
}
