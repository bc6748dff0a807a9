/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "rules/text.h"

#define CHUNK 65536u

struct cutter { /* chunks to lines */
	struct segment_lines *to;
	struct text held; /* the beginning of a line that is not whole yet */
	bool skipping;    /* the rest of a line that is too long */
};

static void put(struct cutter *c, const char *bytes, size_t len)
{
	if (c->skipping)
		c->to->too_long++;
	else if (len)
		c->to->line(c->to->ctx, bytes, len);
	c->skipping = false;
}

static void hold(struct cutter *c, const char *bytes, size_t len)
{
	if (c->skipping)
		return;
	if (c->held.len + len > SEGMENT_LINE_MAX) {
		c->skipping = true;
		text_clear(&c->held);
		return;
	}
	text_add(&c->held, bytes, len);
}

static void cut(struct cutter *c, const char *bytes, size_t len)
{
	const char *end = bytes + len, *newline;

	while (bytes < end && (newline = memchr(bytes, '\n', (size_t)(end - bytes)))) {
		if (c->held.len || c->skipping) {
			hold(c, bytes, (size_t)(newline - bytes));
			put(c, c->held.bytes, c->held.len);
			text_clear(&c->held);
		} else {
			put(c, bytes, (size_t)(newline - bytes));
		}
		bytes = newline + 1;
	}
	if (bytes < end)
		hold(c, bytes, (size_t)(end - bytes));
}

/* zlib hands out a file that is not compressed as it is. */
static int read_all(gzFile file, struct cutter *c)
{
	char chunk[CHUNK];
	int n, error = Z_OK;

	while ((n = gzread(file, chunk, CHUNK)) > 0)
		cut(c, chunk, (size_t)n);
	gzerror(file, &error);
	if (c->held.len || c->skipping)
		put(c, c->held.bytes, c->held.len);
	if (error == Z_ERRNO)
		return errno ? -errno : -EIO;
	if (error == Z_MEM_ERROR || c->held.failed)
		return -ENOMEM;
	c->to->broken += error != Z_OK;
	return 0;
}

int segment_read(const char *path, struct segment_lines *to)
{
	struct cutter c = { .to = to };
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	gzFile file;
	int r;

	if (fd < 0)
		return -errno;
	file = gzdopen(fd, "rb");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	r = read_all(file, &c);
	gzclose(file);
	text_done(&c.held);
	return r;
}
