/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * child: starting a process by fork without exec, with nothing but the descriptors it is given.
 */
#ifndef DAEMON_SUPERVISE_CHILD_H
#define DAEMON_SUPERVISE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child_conf {
	const char *name;		/* in logs and ps, at most 15 bytes */
	bool net_admin;			/* keeps CAP_NET_ADMIN; otherwise no capability at all */
	bool runs_programs;		/* keeps what nft needs: ambient capability, no no_new_privs */
	bool in_background;		/* gives way to those that packets wait for */
	int ipc;			/* its end of the pair to the supervisor */
	const int *keep;		/* further descriptors it keeps; all others but 0, 1 and 2 are closed */
	unsigned int keep_count;
	int (*run)(void *ctx, int ipc);	/* what it does; the exit status */
	void *ctx;			/* as it was at the fork */
};

/* child_start - Return: process id, or -errno. It dies with the supervisor. */
pid_t child_start(const struct child_conf *c);

#endif
