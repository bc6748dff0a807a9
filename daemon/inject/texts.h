/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * texts: what the injector says, word for word. Fixed but for the permit, the event's number, whom to ask, and the
 * name asked for, of which nothing but letters, digits, `.`, `-`, `_` and `:` is shown.
 */
#ifndef DAEMON_INJECT_TEXTS_H
#define DAEMON_INJECT_TEXTS_H

#include <stddef.h>

#include "daemon/inject/segment.h"

struct injection;

/**
 * inject_text - the whole answer: an HTTP response (RFC 9110, 15.5.4), or an SMTP reply (RFC 5321, 4.2.1; RFC 3463)
 * @contact: whom to ask, UTF-8; "" nobody is named
 * The reply of SMTP is ASCII: what is not is left out of it.
 * Return: bytes; 0 when they would not fit, which no request of ours brings about.
 */
size_t inject_text(const struct injection *q, const char *contact, char out[static SEGMENT_PAYLOAD_MAX]);

#endif
