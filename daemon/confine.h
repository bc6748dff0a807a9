/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * confine: what a process gives up before it meets anything that a stranger wrote.
 *
 * User, capabilities, core files, new privileges, and by seccomp every system call its work does not
 * need. A call that only an intruder would make (exec, socket, open in an engine, ptrace) kills the
 * process, so that it is noticed; any other call not listed fails with EPERM.
 */
#ifndef DAEMON_CONFINE_H
#define DAEMON_CONFINE_H

#include <stdbool.h>

enum confine_role {
	CONFINE_ENGINE,		/* reads queues, sends verdicts and events, maps images it is handed */
	CONFINE_WATCHER,	/* reads netlink, sends records */
	CONFINE_RECORDER,	/* reads records, writes files */
	CONFINE_VERIFIER,	/* reads netlink and files, asks what programs are attached, sends events */
	CONFINE_INJECTOR,	/* reads requests, sends by its raw sockets: confine_injector */
};

/* confine_capable - whether this process has CAP_NET_ADMIN in force */
bool confine_capable(void);

/**
 * confine_user - become a user and keep CAP_NET_ADMIN, also across exec (nft); drop all else for good
 * @name: NULL or "" or a user that does not exist: stay who we are, capabilities are dropped the same
 * Without CAP_SETUID (started by systemd with User=) only what is possible is done.
 * Return: 0 or -errno.
 */
int confine_user(const char *name);

/* confine_start - of a child: no core file, not dumpable, no new privileges; keep CAP_NET_ADMIN or nothing */
int confine_start(bool net_admin);

/* confine_calls - the filter of a role, from now on. Return: 0 or -errno */
int confine_calls(enum confine_role role);

/* confine_injector - the same of the injector: it sends packets by these two sockets and messages by @ipc only */
int confine_injector(const int raw[static 2], int ipc);

#endif
