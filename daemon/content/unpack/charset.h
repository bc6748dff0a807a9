/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * charset: names of files as people can read them: UTF-8, on one line, digits masked.
 */
#ifndef DAEMON_CONTENT_UNPACK_CHARSET_H
#define DAEMON_CONTENT_UNPACK_CHARSET_H

#include <stddef.h>

#include "daemon/content/body.h"

/* charset_name - @charset NULL: UTF-8 when it is that, else CP932. Encoded words (RFC 2047) are read. Always ends in NUL */
void charset_name(struct body_text name, const char *charset, char *out, size_t size);

#endif
