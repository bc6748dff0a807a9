/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan: one text of a document, byte by byte as it comes, in whatever encoding: digits (digits.h) and words
 * (words.h) run over the same bytes and bring what they find to the document's evidence.
 *
 * Encodings are not guessed: ASCII/UTF-8, full-width UTF-8, Shift_JIS/CP932, EUC-JP, ISO-2022-JP and UTF-16 of both
 * orders are looked for at once (methods.md B.6). Cuts between feeds do not matter.
 */
#ifndef DAEMON_CONTENT_SCAN_SCAN_H
#define DAEMON_CONTENT_SCAN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct charsets;
struct evidence;
struct policy;
struct scan;
struct scan_set;

/* scan_set_new - what a policy wants looked for: the built-in words and the town's own; compiled once.
 * @p: NULL: the built-in ones. @c: used during the call. @why: on failure. Return: NULL: no memory, or a pattern that cannot be compiled */
struct scan_set *scan_set_new(const struct policy *p, struct charsets *c, char why[static 160]);
void scan_set_free(struct scan_set *s);
/* scan_set_register - who knows whether a number is one of the town's; it gets 12 ASCII digits and keeps nothing */
void scan_set_register(struct scan_set *s, bool (*has)(void *ctx, const char digits[static 12]), void *ctx);
const char *scan_set_word(const struct scan_set *s, uint32_t word);	/* UTF-8 */

struct scan *scan_new(const struct scan_set *set, struct evidence *e, const char *path);
void scan_feed(struct scan *s, const uint8_t *at, size_t n);
/* scan_cell - what comes next is a cell of a spreadsheet; @number: Excel cut its leading zeros */
void scan_cell(struct scan *s, uint32_t row, uint32_t column, bool number);
void scan_end(struct scan *s);		/* the text is over: what stood open at its end counts */
void scan_free(struct scan *s);
size_t scan_memory(const struct scan *s);

#endif
