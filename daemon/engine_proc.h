/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine_proc: the process around one engine: its two queues, the supervisor, the kernel's ends of flows.
 *
 * It starts as a spare: nDPI and the policies loaded, confined, waiting. IPC_PLACE hands it the descriptors
 * of a place, and it reads packets in the same turn of its loop. It opens nothing itself.
 */
#ifndef DAEMON_ENGINE_PROC_H
#define DAEMON_ENGINE_PROC_H

#include <stdint.h>

struct engine_proc_conf {
	uint32_t flows;		/* capacity of its flow table */
	const char *state_directory;	/* where the register of numbers may be */
};

/* engine_proc_run - for child_start; @ctx is a struct engine_proc_conf. Return: exit status */
int engine_proc_run(void *ctx, int ipc);

#endif
