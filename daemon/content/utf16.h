/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf16: a text in UTF-16LE as UTF-8; a surrogate alone becomes U+FFFD.
 */
#ifndef DAEMON_CONTENT_UTF16_H
#define DAEMON_CONTENT_UTF16_H

#include <stddef.h>

#include "rules/cursor.h"

/* utf16_to_utf8 - Return: bytes written; what does not fit whole is left out */
size_t utf16_to_utf8(struct cursor from, char *out, size_t size);

#endif
