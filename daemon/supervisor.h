/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * supervisor: the process that starts the others and keeps what must not be lost: the kernel's sockets, the
 * policy in force, the control socket. It never touches a packet.
 */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

struct conf;

/* supervisor_run - until told to stop. Return: exit status; 2: it cannot work here, one line has said why */
int supervisor_run(const struct conf *conf);

#endif
