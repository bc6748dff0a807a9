/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/arena.h"
#include "rules/lang/encoding.h"
#include "rules/text.h"

/* Room for a text's record; the limits of a policy are checked here. */
static struct source_file *new_file(struct files *f, const char *name, size_t len,
				    struct location from)
{
	if (f->count >= FILES_MAX) {
		diag_add(f->diags, MSG_FILES_TOO_MANY, from, diag_number(f->diags, FILES_MAX));
		return NULL;
	}
	if (len > FILES_BYTES_MAX - f->bytes) {
		diag_add(f->diags, MSG_FILES_TOO_LONG, from, name);
		return NULL;
	}
	struct source_file *file = arena_alloc(f->arena, sizeof(*file));

	if (!file)
		return NULL;
	file->text.name = arena_text(f->arena, name, strlen(name));
	file->text.order = f->count;
	return file->text.name ? file : NULL;
}

static struct source_file *finish(struct files *f, struct source_file *file, const char *bytes,
				  size_t len)
{
	file->text.bytes = arena_text(f->arena, bytes, len);
	file->text.len = (uint32_t)len;
	if (!file->text.bytes)
		return NULL;
	f->count++;
	f->bytes += (uint32_t)len;
	file->next = f->list;
	f->list = file;
	return encoding_check(&file->text, f->diags) ? file : NULL;
}

struct source_file *files_memory(struct files *f, const char *name, const void *bytes, size_t len)
{
	struct source_file *file = new_file(f, name, len, (struct location){ 0 });

	return file ? finish(f, file, bytes, len) : NULL;
}

/* Return: 0 or errno; one byte beyond the limit is read so that new_file() sees it is too long. */
static int read_all(int fd, struct text *out)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text_add(out, chunk, (size_t)n);
		if (out->failed)
			return ENOMEM;
		if (out->len > FILES_BYTES_MAX)
			break;
	}
	return 0;
}

/* The path as the user would name it: from the folder of the file that mentions it. */
static void full_path(const char *path, const struct source_text *from, struct text *out)
{
	const char *slash = from ? strrchr(from->name, '/') : NULL;

	if (path[0] != '/' && slash)
		text_add(out, from->name, (size_t)(slash - from->name) + 1);
	text_puts(out, path);
}

static const struct file_swap *swap_of(const struct files *f, const struct stat *st)
{
	for (uint32_t i = 0; i < f->swaps_count; i++)
		if (f->swaps[i].device == st->st_dev && f->swaps[i].inode == st->st_ino)
			return &f->swaps[i];
	return NULL;
}

/* What the command line names may be a pipe; what a policy names must not make it wait for anybody. */
static int open_named(const char *path, struct location from)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (from.text ? O_NONBLOCK : 0));
}

/* What the file holds, or what is to be read in its place. Return: 0 or errno; ENOTSUP: it is no ordinary file */
static int read_file(const struct files *f, int fd, bool named_inside, struct stat *st,
		     struct text *out)
{
	const struct file_swap *swap;

	if (fd < 0 || fstat(fd, st) < 0)
		return errno;
	if (named_inside && !S_ISREG(st->st_mode))
		return ENOTSUP;
	swap = swap_of(f, st);
	if (!swap)
		return read_all(fd, out);
	text_add(out, swap->bytes, swap->len);
	return out->failed ? ENOMEM : 0;
}

static struct source_file *open_path(struct files *f, const char *path, struct location from)
{
	bool standard = !strcmp(path, "-") && !from.text;
	int fd = standard ? STDIN_FILENO : open_named(path, from);
	struct source_file *file = NULL;
	struct text bytes = { 0 };
	struct stat st = { 0 };
	int why = read_file(f, fd, from.text != NULL, &st, &bytes);

	if (why == ENOTSUP)
		diag_add(f->diags, MSG_FILE_SPECIAL, from, path);
	else if (why)
		diag_add(f->diags, MSG_FILE_UNREADABLE, from, path, strerror(why));
	else
		file = new_file(f, standard ? "<stdin>" : path, bytes.len, from);
	if (file) {
		file->device = st.st_dev;
		file->inode = st.st_ino;
		file = finish(f, file, bytes.bytes ? bytes.bytes : "", bytes.len);
	}
	if (fd > STDIN_FILENO)
		close(fd);
	text_done(&bytes);
	return file;
}

struct source_file *files_open(struct files *f, const char *path, struct location from)
{
	struct source_file *file = NULL;
	struct text full = { 0 };

	if (f->from_memory) {
		diag_add(f->diags, MSG_FILE_IN_MEMORY, from, path);
		return NULL;
	}
	full_path(path, from.text, &full);
	if (!full.failed)
		file = open_path(f, full.bytes, from);
	text_done(&full);
	return file;
}
