/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard: the process that brings the policy before back when nobody confirms a trial in time.
 *
 * It stands alone: neither the daemon's death nor the terminal's touches it. It waits by CLOCK_BOOTTIME. When the
 * time is over it asks the supervisor, so that the kernel and the engines turn together; one that does not answer
 * is passed by. One guard is enough: it holds the file `guard` of the state directory. Meanwhile it keeps the clock when the
 * supervisor does not (clock_keep), so that a power cut does not open again what ended without a daemon.
 */
#ifndef DAEMON_GUARD_H
#define DAEMON_GUARD_H

#include <stdbool.h>

#include "daemon/apply.h"

/**
 * guard_run - be the guard
 * @forever: also when nothing is to be guarded (as a service); else only until then
 * Return: 0 nothing is left to guard, or another one does; -errno.
 */
int guard_run(const struct apply_conf *conf, bool forever);

/* guard_ensure - see to it that there is one: a process of its own session is started when nobody guards. Return: 0 or
 * -errno */
int guard_ensure(const struct apply_conf *conf);

#endif
