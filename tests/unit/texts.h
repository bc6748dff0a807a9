/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * texts: a scanner that keeps what it is given, in the place of the real one: which texts a document has, by their
 * paths. A program includes it once and does not link scan.c.
 */
#ifndef TESTS_UNIT_TEXTS_H
#define TESTS_UNIT_TEXTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/body.h"
#include "daemon/content/charset.h"
#include "daemon/content/document.h"
#include "daemon/content/scan/evidence.h"
#include "daemon/content/scan/scan.h"

#define TEXTS_MAX 8192u

struct scan {
	char path[EVIDENCE_PATH];
	uint8_t *at;			/* owned */
	size_t n, capacity;
};

struct texts {
	struct scan *all[TEXTS_MAX];	/* owned */
	size_t n;
};

static struct texts texts;
static struct charsets *texts_charsets;	/* owned, for the whole program */

struct scan *scan_new(const struct scan_set *set, struct evidence *e, const char *path)
{
	struct scan *s = calloc(1, sizeof(*s));

	(void)set;
	(void)e;
	if (!s || texts.n == TEXTS_MAX)
		abort();
	snprintf(s->path, sizeof(s->path), "%s", path);
	texts.all[texts.n++] = s;
	return s;
}

void scan_feed(struct scan *s, const uint8_t *at, size_t n)
{
	if (s->n + n > s->capacity) {
		s->capacity = (s->n + n) * 2;
		s->at = realloc(s->at, s->capacity);
		if (!s->at)
			abort();
	}
	if (n)
		memcpy(s->at + s->n, at, n);
	s->n += n;
}

void scan_cell(struct scan *s, uint32_t row, uint32_t column, bool number)
{
	char cell[48];
	int n = snprintf(cell, sizeof(cell), "[%u,%u%s]", row, column, number ? "#" : "");

	scan_feed(s, (const uint8_t *)cell, (size_t)n);
}

void scan_end(struct scan *s)
{
	(void)s;
}

void scan_free(struct scan *s)
{
	(void)s;			/* kept: texts_clear() */
}

size_t scan_memory(const struct scan *s)
{
	(void)s;
	return sizeof(struct scan);
}

struct evidence *evidence_new(const struct scan_set *set, const uint8_t key[static 16])
{
	(void)set;
	(void)key;
	return calloc(1, 1);
}

void evidence_free(struct evidence *e)
{
	free(e);
}

static inline void texts_clear(void)
{
	for (size_t i = 0; i < texts.n; i++) {
		free(texts.all[i]->at);
		free(texts.all[i]);
	}
	texts.n = 0;
}

/* texts_pool - what every pool needs beside its limits */
static inline void texts_pool(struct document_pool *pool)
{
	if (!texts_charsets)
		texts_charsets = charsets_new();
	if (!texts_charsets)
		abort();
	pool->charsets = texts_charsets;
}

/* texts_read - the document's texts are those of @piece bytes at a time. Return: it, ended; for document_free() */
static inline struct document *texts_read(struct document_pool *pool, const struct body_head *h, const uint8_t *at,
					  size_t n, size_t piece)
{
	struct document *d;

	texts_pool(pool);
	texts_clear();
	d = document_new(pool, h);
	if (!d)
		abort();
	for (size_t i = 0; i < n; i += n - i < piece ? n - i : piece)
		document_feed(d, at + i, n - i < piece ? n - i : piece);
	document_end(d, true);
	return d;
}

/* texts_find - a text of that path that has the bytes */
static inline const struct scan *texts_find(const char *path, const void *bytes, size_t n)
{
	for (size_t i = 0; i < texts.n; i++) {
		const struct scan *s = texts.all[i];

		if ((!path || strcmp(s->path, path) == 0) && (!n || (s->n && memmem(s->at, s->n, bytes, n))))
			return s;
	}
	return NULL;
}

/* texts_head - how the documents of fuzz/corpus/unpack come; their first byte says which (fuzz/unpack_seeds.py) */
static inline struct body_head texts_head(uint8_t which)
{
	static const struct {
		uint8_t kind;
		const char *name, *type, *encoding;
	} heads[] = {
		{ BODY_MAIL, "", "", "" },
		{ BODY_DATA, "", "", "" },
		{ BODY_MULTIPART, "", "multipart/form-data; boundary=x", "" },
		{ BODY_FORM, "", "", "" },
		{ BODY_DATA, "", "", "gzip" },
		{ BODY_DATA, "", "", "deflate" },
		{ BODY_DATA, "", "", "br" },
		{ BODY_DATA, "", "", "zstd" },
		{ BODY_DATA, "", "", "base64" },
		{ BODY_DATA, "", "", "quoted-printable" },
		{ BODY_DATA, "", "text/html", "" },
		{ BODY_DATA, "", "application/json", "" },
		{ BODY_DATA, "sheet1.xml", "", "" },
		{ BODY_DATA, "a.xml", "", "" },
	};
	const size_t i = which % (sizeof(heads) / sizeof(heads[0]));

	return (struct body_head){
		.protocol = "TEST", .kind = heads[i].kind, .name = body_text(heads[i].name),
		.type = body_text(heads[i].type), .encoding = body_text(heads[i].encoding),
	};
}

#endif
