/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * segment: the lines of one event file, plain or compressed (RFC 1952), as logrotate leaves them.
 *
 * A line longer than SEGMENT_LINE_MAX is passed over and counted; a compressed file that breaks off gives the
 * lines before the break.
 */
#ifndef TOOLS_SEEN_SEGMENT_H
#define TOOLS_SEEN_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#define SEGMENT_LINE_MAX ((size_t)1 << 20)

struct segment_lines {
	void (*line)(void *ctx, const char *bytes, size_t len);	/* without its newline; borrowed for the call */
	void *ctx;
	uint64_t too_long;					/* counted: lines beyond SEGMENT_LINE_MAX */
	uint64_t broken;					/* counted: compressed files that break off */
};

/* segment_read - "-" is standard input. Return: 0 or -errno; what was read before an error has been handed out */
int segment_read(const char *path, struct segment_lines *to);

#endif
