/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recorder: the process that writes what happened: eve.json and alerts.log.
 *
 * Reads events of the engines and the supervisor, refused packets and ended flows of the watcher; gives them
 * their names out of the policy, their numbers, and their order: the order in which they are read. It has
 * the log directory and nothing else.
 */
#ifndef DAEMON_RECORD_RECORDER_H
#define DAEMON_RECORD_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/kernel/mark.h"

#define RECORDER_CHANNELS (QUEUES_MAX + 2)	/* every engine, the supervisor and the verifier */

struct recorder_conf {
	int directory;			/* descriptor of the log directory */
	int channels[RECORDER_CHANNELS];	/* of encoded events */
	uint32_t channel_count;
	int watched;			/* of watched records */
	int stats;			/* its page */
	uint32_t flows;			/* capacity of the join */
	bool alerts_log;
};

/* recorder_run - for child_start; @ctx is a struct recorder_conf. Return: exit status */
int recorder_run(void *ctx, int ipc);

#endif
