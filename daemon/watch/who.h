/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * who: what detectors ask about both ends of an event.
 */
#ifndef DAEMON_WATCH_WHO_H
#define DAEMON_WATCH_WHO_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/record/event.h"

#define WHO_TEXT 280u

/* who_destination - where a conversation really goes, behind a proxy too: the registered domain of the name that was
 * asked for, else the peer's address */
const char *who_destination(const struct event *ev, char buf[static WHO_TEXT]);

/* who_outward - whether the opener's zone is better protected than the peer's, or as well and not the same */
bool who_outward(const struct policy *p, const struct event *ev);

/* who_megabytes - "12.3 MB" */
const char *who_megabytes(uint64_t bytes, char buf[static 24]);

#endif
