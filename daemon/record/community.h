/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * community: the Community ID, version 1, seed 0: one text for a flow that Zeek, Suricata and Arkime make too.
 */
#ifndef DAEMON_RECORD_COMMUNITY_H
#define DAEMON_RECORD_COMMUNITY_H

#include "rules/policy.h"

#define COMMUNITY_TEXT 32

/* community_id - NULL where it cannot be said (an ICMP message that is no request or reply: it needs the code) */
const char *community_id(const struct tuple *t, char buf[static COMMUNITY_TEXT]);

#endif
