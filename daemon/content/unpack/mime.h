/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime: parameters of header fields (RFC 2045, 5.1; RFC 2231): boundary="x"; filename*0*=UTF-8''%E5; filename*1=b
 */
#ifndef DAEMON_CONTENT_UNPACK_MIME_H
#define DAEMON_CONTENT_UNPACK_MIME_H

#include <stddef.h>

#define MIME_CHARSET 32u

/* mime_parameter - the value, unquoted, its segments joined; the extended form before the plain one.
 * @field: terminated; @out: terminated, cut at @size; @charset: "" none told. Return: bytes of it, 0 none */
size_t mime_parameter(const char *field, const char *name, char *out, size_t size,
		      char charset[static MIME_CHARSET]);

#endif
