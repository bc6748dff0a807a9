/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf8: UTF-8 (RFC 3629) one character at a time, and how wide a character stands on a terminal.
 */
#ifndef RULES_UTF8_H
#define RULES_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* utf8_sequence - bytes of the well-formed character at p (1 to 4), or 0 when it is not one */
size_t utf8_sequence(const uint8_t *p, size_t n);

/* utf8_decode - the code point of that character; call it only where utf8_sequence is not 0 */
uint32_t utf8_decode(const uint8_t *p);

/* utf8_width - columns of a code point on a terminal: 0 combining, 2 wide (UAX #11 W and F), else 1 */
int utf8_width(uint32_t cp);

/* utf8_text_width - columns of a whole text; a bad byte counts 1 */
size_t utf8_text_width(const char *s, size_t n);

#endif
