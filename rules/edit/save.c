/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/edit/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/edit/edit.h"

/* --- the lock ---------------------------------------------------------------------------------- */

static char *beside(const char *path, const char *end)
{
	char *real = realpath(path, NULL), *out = NULL;

	if (real && asprintf(&out, "%s%s", real, end) < 0)
		out = NULL;
	free(real);
	return out;
}

static void read_holder(int fd, char holder[SAVE_HOLDER_MAX])
{
	ssize_t n = pread(fd, holder, SAVE_HOLDER_MAX - 1, 0);

	holder[n > 0 ? n : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	for (char *p = holder; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

/* Whether the file that is locked is still the one of that name: its holder before may have removed it. */
static bool is_there(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Return: a descriptor with the lock; -EAGAIN the file went meanwhile; -errno */
static int try_lock(const char *path, char holder[SAVE_HOLDER_MAX])
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644), r;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (is_there(fd, path))
			return fd;
		r = -ESTALE;
	} else {
		r = -errno;
		read_holder(fd, holder);
	}
	close(fd);
	return r;
}

int save_lock(const char *path, const char *who, struct save_lock *l, char holder[SAVE_HOLDER_MAX])
{
	char *file = beside(path, ".lock");
	int fd = file ? -ESTALE : -errno;

	while (fd == -ESTALE)
		fd = try_lock(file, holder);
	if (fd < 0) {
		free(file);
		return fd;
	}
	if (ftruncate(fd, 0) == 0) /* what it says is a courtesy; the lock holds without it */
		dprintf(fd, "%s\n", who);
	*l = (struct save_lock){ .path = file, .fd = fd };
	return 0;
}

void save_unlock(struct save_lock *l)
{
	if (!l->path)
		return;
	unlink(l->path);
	close(l->fd);
	free(l->path);
	*l = (struct save_lock){ 0 };
}

/* --- files ------------------------------------------------------------------------------------- */

struct place {
	char *path;  /* owned; of the file itself, behind all links */
	char *fresh; /* owned; its new bytes, beside it; NULL: not written, or in its place */
	char *old;   /* owned; a second name of the old file while another can still fail */
	struct stat was;
};

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* Whether the file still holds what was read. */
static int check_same(const struct place *p, const struct edit_text *t)
{
	char chunk[16384];
	size_t at = 0;
	int fd = open(p->path, O_RDONLY | O_CLOEXEC), r = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (r == 0 && (n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0)
			r = errno == EINTR ? 0 : -errno;
		else if ((size_t)n > t->before_len - at || memcmp(chunk, t->before + at, (size_t)n))
			r = -ESTALE;
		else
			at += (size_t)n;
	}
	close(fd);
	return r ? r : at == t->before_len ? 0 : -ESTALE;
}

static int copy_rights(int fd, const struct stat *was)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return -errno;
	if ((now.st_uid != was->st_uid || now.st_gid != was->st_gid) &&
	    fchown(fd, was->st_uid, was->st_gid) < 0)
		return -errno;
	return fchmod(fd, was->st_mode & 07777) < 0 ? -errno : 0;
}

static int write_beside(struct place *p, const struct edit_text *t)
{
	int fd, r;

	if (asprintf(&p->fresh, "%s.%s", p->path, "XXXXXX") < 0) {
		p->fresh = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(p->fresh, O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		free(p->fresh);
		p->fresh = NULL;
		return r;
	}
	r = copy_rights(fd, &p->was);
	if (r == 0)
		r = write_all(fd, t->after.bytes, t->after.len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static int prepare(struct place *p, const struct edit_text *t)
{
	int r;

	p->path = realpath(t->path, NULL);
	if (!p->path || stat(p->path, &p->was) < 0)
		return -errno;
	r = check_same(p, t);
	return r ? r : write_beside(p, t);
}

/* A second name of the old file, so that it can be put back. */
static int keep_old(struct place *p)
{
	if (asprintf(&p->old, "%s.old", p->fresh) < 0) {
		p->old = NULL;
		return -ENOMEM;
	}
	if (link(p->path, p->old) == 0)
		return 0;
	free(p->old);
	p->old = NULL;
	return -errno;
}

static int put_in_place(struct place *p)
{
	if (rename(p->fresh, p->path) < 0)
		return -errno;
	free(p->fresh);
	p->fresh = NULL;
	return 0;
}

/* The folder's own entry: otherwise a power cut may bring the old name back. */
static void sync_folder(const char *path)
{
	char *folder = strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (slash)
		slash[slash == folder] = '\0';
	fd = slash ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

static void finish(struct place *p, bool back)
{
	if (p->old && back)
		rename(p->old, p->path);
	if (p->old) /* also when both are names of one file, which rename() leaves alone */
		unlink(p->old);
	if (p->fresh)
		unlink(p->fresh);
	if (p->path)
		sync_folder(p->path);
	free(p->path);
	free(p->fresh);
	free(p->old);
}

int save_texts(const struct edit_text *texts, uint32_t count, uint32_t *failed)
{
	struct place *places = calloc((size_t)count + 1, sizeof(*places));
	int r = places ? 0 : -ENOMEM;

	*failed = 0;
	for (uint32_t i = 0; r == 0 && i < count; i++) {
		*failed = i;
		r = prepare(&places[i], &texts[i]);
	}
	for (uint32_t i = 0; r == 0 && i < count; i++) {
		*failed = i;
		if (count > 1)
			r = keep_old(&places[i]);
		if (r == 0)
			r = put_in_place(&places[i]);
	}
	for (uint32_t i = 0; places && i < count; i++)
		finish(&places[i], r != 0);
	free(places);
	return r;
}

int save_new(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		unlink(path);
	return r;
}

int save_whole(const char *path, const char *bytes, size_t len)
{
	char *fresh = NULL;
	int fd, r;

	if (asprintf(&fresh, "%s.%s", path, "XXXXXX") < 0)
		return -ENOMEM;
	fd = mkostemp(fresh, O_CLOEXEC);
	r = fd < 0 ? -errno : write_all(fd, bytes, len);
	if (r == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
		r = -errno;
	if (fd >= 0 && close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0 && fd >= 0)
		unlink(fresh);
	free(fresh);
	return r;
}
