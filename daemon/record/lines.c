/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/lines.h"

#include "daemon/record/event.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVE "eve.json"
#define ALERTS "alerts.log"
#define SEQ_FILE "eve.seq" /* the last number when the file that held it was put away */
#define SEQ_KEY "\"seq\":"
#define TAIL_BYTES ((size_t)256 << 10) /* longer than any line */
#define FILE_MODE 0640

/* ---- where the numbers stand ---- */

static uint64_t seq_of_line(const char *line, size_t len)
{
	const char *key = memmem(line, len, SEQ_KEY, sizeof SEQ_KEY - 1);
	const char *last = NULL;
	uint64_t seq = 0;

	/* ours is the last one of the line: nothing of a peer stands behind it unescaped */
	for (; key;
	     key = memmem(key + 1, len - (size_t)(key + 1 - line), SEQ_KEY, sizeof SEQ_KEY - 1))
		last = key;
	for (const char *d = last ? last + sizeof SEQ_KEY - 1 : line + len;
	     d < line + len && *d >= '0' && *d <= '9'; d++)
		seq = seq * 10 + (uint64_t)(*d - '0');
	return seq;
}

uint64_t lines_last_seq(const char *bytes, size_t len)
{
	const char *end = len ? memrchr(bytes, '\n', len) : NULL;

	while (end) {
		const char *before = memrchr(bytes, '\n', (size_t)(end - bytes));
		const char *line = before ? before + 1 : bytes;
		const uint64_t seq = seq_of_line(line, (size_t)(end - line));

		if (seq)
			return seq;
		end = before;
	}
	return 0;
}

/* Reads the end of a file; also whether its last line is whole. */
static uint64_t read_tail(int fd, bool *torn)
{
	char *buf = malloc(TAIL_BYTES);
	const off_t size = lseek(fd, 0, SEEK_END);
	const off_t from = size > (off_t)TAIL_BYTES ? size - (off_t)TAIL_BYTES : 0;
	const ssize_t n = buf && size > 0 ? pread(fd, buf, TAIL_BYTES, from) : 0;
	const uint64_t seq = n > 0 ? lines_last_seq(buf, (size_t)n) : 0;

	*torn = n > 0 && buf[n - 1] != '\n';
	free(buf);
	return seq;
}

static uint64_t read_seq_file(int directory)
{
	const int fd = openat(directory, SEQ_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[32] = "";

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strtoull(text, NULL, 10);
}

static void write_seq_file(const struct lines *l)
{
	const int fd = openat(l->directory, SEQ_FILE,
			      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	char text[32];
	const int n = snprintf(text, sizeof text, "%" PRIu64 "\n", l->seq);

	if (fd < 0)
		return;
	(void)!write(fd, text, (size_t)n);
	close(fd);
}

/* ---- files ---- */

static int open_file(int directory, const char *name)
{
	const int fd = openat(directory, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			      FILE_MODE);

	return fd < 0 ? -errno : fd;
}

static int open_both(struct lines *l, int *eve, int *alerts)
{
	*alerts = -1;
	*eve = open_file(l->directory, EVE);
	if (*eve < 0)
		return *eve;
	if (!l->with_alerts)
		return 0;
	*alerts = open_file(l->directory, ALERTS);
	if (*alerts >= 0)
		return 0;
	close(*eve);
	return *alerts;
}

static void take_files(struct lines *l, int eve, int alerts)
{
	bool torn;
	const uint64_t tail = read_tail(eve, &torn);

	l->eve.fd = eve;
	l->alerts.fd = alerts;
	if (torn)
		text_putc(&l->eve.pending, '\n'); /* power failed in the middle of a line */
	if (tail > l->seq)
		l->seq = tail;
}

int lines_open(struct lines *l, int directory, bool with_alerts, uint64_t seq)
{
	int eve, alerts, r;
	uint64_t put_away;

	*l = (struct lines){ .directory = directory,
			     .eve = { .name = EVE, .fd = -1 },
			     .alerts = { .name = ALERTS, .fd = -1 },
			     .with_alerts = with_alerts };
	r = open_both(l, &eve, &alerts);
	if (r < 0)
		return r;
	put_away = read_seq_file(directory);
	l->seq = put_away > seq ? put_away : seq;
	take_files(l, eve, alerts);
	return 0;
}

/* ---- writing ---- */

static void truncate_to(struct text *t, size_t len)
{
	t->failed = false;
	t->len = len;
	if (t->bytes)
		t->bytes[len] = '\0';
}

void lines_add(struct lines *l, const struct event *ev)
{
	struct text *eve = &l->eve.pending, *alerts = &l->alerts.pending;
	const size_t before = eve->len, alerts_before = alerts->len;

	if (before < LINES_PENDING) {
		event_json(ev, l->seq + 1, NULL, eve);
		text_putc(eve, '\n');
	}
	if (eve->failed || eve->len == before) {
		truncate_to(eve, before);
		l->lost++;
		return;
	}
	l->seq++;
	if (!l->with_alerts || ev->type != EVENT_ALERT || alerts_before >= LINES_PENDING)
		return;
	event_line_ja(ev, alerts);
	text_putc(alerts, '\n');
	if (alerts->failed)
		truncate_to(alerts, alerts_before);
}

static void drop_front(struct text *t, size_t n)
{
	memmove(t->bytes, t->bytes + n, t->len - n);
	t->len -= n;
	t->bytes[t->len] = '\0';
}

static int flush_file(struct lines_file *f)
{
	size_t done = 0;

	f->error = 0;
	while (done < f->pending.len && !f->error) {
		const ssize_t n = write(f->fd, f->pending.bytes + done, f->pending.len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EINTR)
			f->error = -errno;
	}
	if (done == f->pending.len)
		text_clear(&f->pending);
	else if (done)
		drop_front(&f->pending, done);
	return f->error;
}

int lines_flush(struct lines *l)
{
	const int eve = flush_file(&l->eve);
	const int alerts = l->with_alerts ? flush_file(&l->alerts) : 0;

	return eve ? eve : alerts;
}

int lines_reopen(struct lines *l)
{
	int eve, alerts, r;

	if (lines_flush(l) < 0)
		return -EAGAIN; /* the rest of a line must not begin the new file */
	r = open_both(l, &eve, &alerts);
	if (r < 0)
		return r;
	write_seq_file(l);
	close(l->eve.fd);
	if (l->alerts.fd >= 0)
		close(l->alerts.fd);
	take_files(l, eve, alerts);
	return 0;
}

void lines_close(struct lines *l)
{
	if (l->eve.fd < 0)
		return;
	lines_flush(l);
	write_seq_file(l);
	close(l->eve.fd);
	if (l->alerts.fd >= 0)
		close(l->alerts.fd);
	text_done(&l->eve.pending);
	text_done(&l->alerts.pending);
	l->eve.fd = l->alerts.fd = -1;
}
