/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * domain: who has registered a name, by the public suffix list (libpsl): "a.b.example.co.jp" is example.co.jp's.
 */
#ifndef DAEMON_WATCH_DOMAIN_H
#define DAEMON_WATCH_DOMAIN_H

#include <stdbool.h>

/* domain_registered - the part of @name (lower case, no trailing dot) that was registered. Return: a pointer into
 * @name; the whole of it when it is a suffix itself or has no dot */
const char *domain_registered(const char *name);

/* domain_within - whether @name is @domain or below it */
bool domain_within(const char *name, const char *domain);

#endif
