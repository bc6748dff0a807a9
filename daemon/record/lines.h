/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lines: eve.json and alerts.log. Every event gets the next `seq`; the numbers have no gap, across
 * rotations and restarts too.
 *
 * A line is written whole or later: what the disk has no room for stays in memory, up to
 * LINES_PENDING bytes; beyond, events are counted as lost and get no number (the supervisor tells of them in
 * a `loss` event). The chain of hashes (`prev`) hangs on lines_add, where lines have their final order.
 */
#ifndef DAEMON_RECORD_LINES_H
#define DAEMON_RECORD_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/text.h"

struct event;

#define LINES_PENDING ((size_t)32 << 20)

struct lines_file {
	const char *name;
	int fd;
	struct text pending;	/* owned; not written yet */
	int error;		/* of the last write, 0 fine */
};

struct lines {
	int directory;		/* borrowed: descriptor of the log directory */
	struct lines_file eve, alerts;
	bool with_alerts;
	uint64_t seq;		/* of the last event */
	uint64_t lost;		/* events without room since the start */
};

/**
 * lines_open - open or make the files; goes on after the last number found there
 * @seq: the last number the supervisor knows of, 0 none
 * Return: 0 or -errno.
 */
int lines_open(struct lines *l, int directory, bool with_alerts, uint64_t seq);
void lines_close(struct lines *l);	/* writes what it can */

void lines_add(struct lines *l, const struct event *ev);
/* lines_flush - write what was added. Return: 0; -errno, and everything not written is kept */
int lines_flush(struct lines *l);
/* lines_reopen - after a rotation: the same names, new files. Return: as lines_open, or -EAGAIN while lines wait
 * for room on the disk; the old ones stay in use on failure */
int lines_reopen(struct lines *l);

/* lines_last_seq - the `seq` of the last whole line in the last bytes of a file; 0 none */
uint64_t lines_last_seq(const char *bytes, size_t len);

#endif
