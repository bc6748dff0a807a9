/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * raw: a connection whose bytes stand for themselves: each side is one body. FTP data connections are read so.
 */
#ifndef DAEMON_CONTENT_RAW_H
#define DAEMON_CONTENT_RAW_H

#include "daemon/content/body.h"

#define RAW_NAME_MAX 128u

/**
 * raw_name - what is known of the bodies from elsewhere; before the first feed, on what reader_raw.new() gave
 * @protocol: a literal, "FTP"
 * @name, @encoding: copied; what is over RAW_NAME_MAX is cut from its start, so that an ending stays
 */
void raw_name(void *r, const char *protocol, struct body_text name, struct body_text encoding);

#endif
