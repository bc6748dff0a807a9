/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watcher: the process that listens to what the kernel tells: refused packets (NFLOG) and ended flows
 * (conntrack). It opens nothing, decides nothing, and holds no capability.
 *
 * Refused packets and ends go to the recorder; ends also to every engine, since nobody but the kernel
 * knows which engine had the flow. What a slow reader has no room for is dropped and counted; the numbers
 * of NFLOG messages show what the kernel itself dropped.
 */
#ifndef DAEMON_WATCHER_H
#define DAEMON_WATCHER_H

#include <stdint.h>

#include "rules/kernel/mark.h"

struct watcher_conf {
	int nflog, conntrack;		/* the kernel's sockets */
	int recorder;			/* channel of watched records */
	int engines[QUEUES_MAX];	/* channels of struct tuple */
	uint32_t engine_count;
	int stats;			/* its page */
};

/* watcher_run - for child_start; @ctx is a struct watcher_conf. Return: exit status */
int watcher_run(void *ctx, int ipc);

#endif
