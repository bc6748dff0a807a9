/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notify: what systemd is told and hands over: sd_notify(3), sd_listen_fds(3), without libsystemd.
 *
 * Descriptors put into the store outlive a restart of the service: the queues' sockets come back with the
 * packets that waited meanwhile.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

#define NOTIFY_NAME 32u		/* of a stored descriptor, with its NUL */
#define NOTIFY_FDS_MAX 64u

struct notify_fd {
	int fd;
	char name[NOTIFY_NAME];
};

/* notify_send - "READY=1" and so on, several separated by newlines. Nothing where nobody listens. */
void notify_send(const char *text);

/* notify_store - keep a descriptor across restarts under a name */
void notify_store(const char *name, int fd);

/* notify_stored - what was stored; the environment is cleaned so that children do not take it for theirs.
 * Return: how many, at most NOTIFY_FDS_MAX; the caller owns the descriptors */
unsigned int notify_stored(struct notify_fd out[static NOTIFY_FDS_MAX]);

/* notify_watchdog - ns between two signs of life that systemd expects; 0: none */
int64_t notify_watchdog(void);

#endif
