/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/archive.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/cli_json.h"
#include "tools/seen/segment.h"
#include "tools/seen/sighting.h"

struct reading {
	struct archive *a;
	struct cli_json json;
	struct sighting one;
};

static void note_time(struct archive *a, const struct sighting *s)
{
	if (!a->taken || s->start < a->first)
		a->first = s->start;
	if (!a->taken || s->end > a->last)
		a->last = s->end;
	a->taken++;
}

static void take_line(void *ctx, const char *bytes, size_t len)
{
	struct reading *r = ctx;
	struct archive *a = r->a;

	a->lines++;
	if (cli_json_parse(&r->json, bytes, len) < 0) {
		a->damaged++;
		return;
	}
	switch (sighting_read(&r->json, &r->one)) {
	case SIGHTING_DAMAGED: a->damaged++; return;
	case SIGHTING_OTHER: return;
	default: break;
	}
	if (r->one.end < a->since || (a->until && r->one.end >= a->until))
		return;
	note_time(a, &r->one);
	a->take(a->ctx, &r->one);
}

static int read_segment(struct reading *r, const char *path, char *which)
{
	struct segment_lines lines = { .line = take_line, .ctx = r };
	const int e = segment_read(path, &lines);

	r->a->files++;
	r->a->damaged += lines.too_long + lines.broken;
	if (e < 0)
		snprintf(which, PATH_MAX, "%s", path);
	return e;
}

/* eve.json and what a rotation made of it. */
static int is_segment(const struct dirent *d)
{
	static const char stem[] = "eve.json";
	const size_t n = sizeof(stem) - 1;

	return strncmp(d->d_name, stem, n) == 0 &&
	       (!d->d_name[n] || d->d_name[n] == '.' || d->d_name[n] == '-');
}

static int read_directory(struct reading *r, const char *path, char *which)
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, is_segment, alphasort), e = n < 0 ? -errno : 0;
	char file[PATH_MAX];
	struct stat st;

	snprintf(which, PATH_MAX, "%s", path);
	for (int i = 0; i < n; i++) {
		const int len = snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);

		free(names[i]);
		if (e < 0 || len >= (int)sizeof(file) || stat(file, &st) < 0)
			continue; /* a rotation may have taken it away meanwhile */
		if (S_ISREG(st.st_mode) && st.st_mtime >= r->a->since)
			e = read_segment(r, file, which);
		e = e == -ENOENT ? 0 : e;
	}
	free(names);
	return e < 0 ? e : n == 0 ? -ENOENT : 0;
}

int archive_read(struct archive *a, const char *path, char *which)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct stat st;
	int e;

	if (!r)
		return -ENOMEM;
	r->a = a;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		e = read_directory(r, path, which);
	else
		e = read_segment(r, path, which);
	cli_json_done(&r->json);
	free(r);
	return e;
}
