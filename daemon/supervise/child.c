/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervise/child.h"

#include "daemon/confine.h"
#include "daemon/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define BACKGROUND 5 /* nice: packets do not wait for it */

static bool kept(const struct child_conf *c, int fd)
{
	for (unsigned int i = 0; i < c->keep_count; i++) {
		if (c->keep[i] == fd)
			return true;
	}
	return fd == c->ipc;
}

static int highest_kept(const struct child_conf *c)
{
	int highest = c->ipc;

	for (unsigned int i = 0; i < c->keep_count; i++)
		highest = c->keep[i] > highest ? c->keep[i] : highest;
	return highest;
}

static void close_others(const struct child_conf *c)
{
	const int highest = highest_kept(c);

	for (int fd = 3; fd < highest; fd++) {
		if (!kept(c, fd))
			close(fd);
	}
	close_range((unsigned int)highest + 1, ~0u, 0);
}

/* Signals are the supervisor's business: a child ends by IPC_STOP or when the other end is gone. */
static void default_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_IGN); /* from the terminal goes to the whole group */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static _Noreturn void be_child(const struct child_conf *c, pid_t parent)
{
	int r = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(1); /* it died before the line above */
	prctl(PR_SET_NAME, c->name, 0, 0, 0);
	log_name(c->name);
	default_signals();
	close_others(c);
	if (c->in_background)
		setpriority(PRIO_PROCESS, 0, BACKGROUND);
	if (!c->runs_programs)
		r = confine_start(c->net_admin);
	if (r < 0) {
		log_error("cannot give up privileges: %s", strerror(-r));
		_exit(1);
	}
	_exit(c->run(c->ctx, c->ipc));
}

pid_t child_start(const struct child_conf *c)
{
	const pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		be_child(c, parent);
	return pid < 0 ? -errno : pid;
}
