/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * charset: character sets of Japan, to and from UTF-8, by the C library's iconv.
 *
 * iconv opens files when it meets a character set for the first time, and an engine may open none once it has met a
 * packet. So all that are known here are opened at its start and kept.
 */
#ifndef DAEMON_CONTENT_CHARSET_H
#define DAEMON_CONTENT_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/body.h"

/* X(name, word of iconv, the same as mail writes it or NULL) */
#define CHARSETS(X) \
	X(UTF8, "UTF-8", NULL) X(CP932, "CP932", "shift_jis") X(EUC_JP, "EUC-JP-MS", "euc-jp") \
	X(ISO_2022_JP, "ISO-2022-JP", NULL) X(UTF16_LE, "UTF-16LE", NULL) X(UTF16_BE, "UTF-16BE", NULL) \
	X(LATIN_1, "ISO-8859-1", NULL) X(LATIN_WINDOWS, "CP1252", "windows-1252")
#define CHARSET_(N, W, M) CHARSET_##N,
enum charset { CHARSETS(CHARSET_) CHARSET_COUNT };

struct charsets;

struct charsets *charsets_new(void);	/* NULL: no memory, or the C library lacks one */
void charsets_free(struct charsets *c);	/* takes NULL */

/* charset_encode - UTF-8 into a character set. False: it has no place for a character, or there is no room */
bool charset_encode(struct charsets *c, enum charset to, const char *text, uint8_t *out, size_t size, size_t *n);

/* charset_name - a name for people: UTF-8, on one line, digits masked. @word: its character set as written, or NULL:
 * UTF-8 when it is that, else CP932. Encoded words (RFC 2047) are read. Always ends in NUL. */
void charset_name(struct charsets *c, struct body_text name, const char *word, char *out, size_t size);

/* charset_words - a header field with its encoded words read, not masked, not terminated. Return: bytes in out */
size_t charset_words(struct charsets *c, struct body_text field, char *out, size_t size);

/* charset_put - one character as UTF-8. Return: its bytes, 0 for what is none */
size_t charset_put(uint32_t character, uint8_t out[static 4]);

#endif
