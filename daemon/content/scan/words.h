/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words: finds the words of a vocabulary in a text of any of six encodings, by vectorscan in streaming mode.
 */
#ifndef DAEMON_CONTENT_SCAN_WORDS_H
#define DAEMON_CONTENT_SCAN_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct charsets;
struct words;		/* the compiled vocabulary, shared; one scan at a time */
struct words_stream;	/* one text */

struct words_hit {
	uint32_t word;		/* index in the vocabulary */
	uint64_t at, end;	/* bytes in the text */
};

/* words_new - built-in words and the town's own. @why: on failure */
struct words *words_new(struct charsets *c, const char *const *own, uint32_t own_count, char why[static 160]);
void words_free(struct words *w);
uint32_t words_count(const struct words *w);
const char *words_text(const struct words *w, uint32_t word);	/* UTF-8 */
uint8_t words_class(const struct words *w, uint32_t word);	/* enum word_class */

struct words_stream *words_open(const struct words *w);	/* NULL: no memory */
void words_feed(const struct words *w, struct words_stream *s, const uint8_t *at, size_t n,
		void (*hit)(void *ctx, const struct words_hit *h), void *ctx);
void words_close(const struct words *w, struct words_stream *s);	/* takes NULL */
size_t words_memory(const struct words *w);	/* of a stream */

#endif
