/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive: the event files of a directory, as the recorder writes and logrotate leaves them (eve.json, eve.json.1,
 * eve.json.2.gz, ...), or one file: every conversation of a stretch of time, one after the other.
 */
#ifndef TOOLS_SEEN_ARCHIVE_H
#define TOOLS_SEEN_ARCHIVE_H

#include <stdint.h>

struct sighting;

struct archive {
	int64_t since, until;		/* seconds since 1970; a conversation counts by its end; until 0: open */
	void (*take)(void *ctx, const struct sighting *one);
	void *ctx;
	/* out */
	uint64_t files, lines, taken;
	uint64_t damaged;		/* lines that are no event, or too long, and files that break off */
	int64_t first, last;		/* of what was taken: earliest start, latest end; 0 none */
};

/**
 * archive_read - all of it
 * @path: a directory, a file, or "-" for standard input. Files last written before `since` are not opened.
 * Return: 0; -errno and *which (PATH_MAX bytes) is what could not be read.
 */
int archive_read(struct archive *a, const char *path, char *which);

#endif
