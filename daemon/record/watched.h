/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watched: what the watcher tells the recorder, in records of one size; both are forks of one program.
 */
#ifndef DAEMON_RECORD_WATCHED_H
#define DAEMON_RECORD_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/conntrack.h"
#include "daemon/kernel/nflog.h"

struct refused {			/* a packet that the ruleset refused and logged */
	struct tuple tuple;		/* as the packet ran */
	int64_t time;			/* ns since 1970 */
	uint32_t ifin, ifout, mark;
	char rule[NFLOG_PREFIX];	/* the log statement's prefix */
	uint8_t mac[6];
	bool has_mac;
	bool fragment;
};

enum watched_kind { WATCHED_END, WATCHED_REFUSED, WATCHED_KIND_COUNT };

struct watched {
	uint32_t kind;			/* enum watched_kind */
	union {
		struct conntrack_end end;
		struct refused refused;
	};
};

#define WATCHED_BATCH 128u		/* records of one message at most */

#endif
