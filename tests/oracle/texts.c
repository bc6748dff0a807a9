/* SPDX-License-Identifier: GPL-3.0-or-later */
/* texts PIECE < list of "HEAD FILE" lines: of each file's document, read PIECE bytes at a time, every text's path and
 * hash (64 bits of FNV-1a). */
#include <inttypes.h>

#include "tests/unit/texts.h"

#define LARGEST ((size_t)32 << 20)

static void show(const struct scan *s)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < s->n; i++)
		h = (h ^ s->at[i]) * 1099511628211u;
	printf("%016" PRIx64 " %zu %s\n", h, s->n, s->path);
}

static int one(uint8_t head, const char *path, size_t piece)
{
	struct document_pool pool = { .max = (size_t)256 << 20 };
	struct body_head h = texts_head(head);
	uint8_t *bytes = malloc(LARGEST);
	FILE *f = fopen(path, "rb");

	if (!f || !bytes) {
		perror(path);
		return 2;
	}
	size_t n = fread(bytes, 1, LARGEST, f);

	fclose(f);
	struct document *d = texts_read(&pool, &h, bytes, n, piece);
	const struct unread *list;
	unsigned int unread = document_unread(d, &list);

	printf("= %s %s %u\n", path, document_kind(d), unread);
	for (unsigned int i = 0; i < unread && i < DOCUMENT_UNREAD; i++)
		printf("! %s %s\n", unread_words[list[i].reason], list[i].kind);
	for (size_t i = 0; i < texts.n; i++)
		show(texts.all[i]);
	document_free(d);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	size_t piece = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	char path[256];
	unsigned int head;
	int r = 0;

	while (r == 0 && scanf("%u %255s", &head, path) == 2)
		r = one((uint8_t)head, path, piece ? piece : SIZE_MAX);
	return r;
}
