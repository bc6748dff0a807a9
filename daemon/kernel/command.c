/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rules/text.h"

#define NO_PROGRAM 127

/* Of the process, as its standard output is: whoever listens there wants to know of every program it runs. */
static int listener = -1;

void command_claims(int fd)
{
	listener = fd;
}

static void claim(pid_t pid, bool ended)
{
	const struct command_claim c = { .process = (uint32_t)pid, .ended = ended };

	if (listener >= 0)
		send(listener, &c, sizeof c, MSG_DONTWAIT | MSG_NOSIGNAL);
}

struct run {
	pid_t pid;
	int fds[3]; /* owned; our ends: input to write, output and errors to read; -1 closed */
	const char *input;
	size_t left;
	struct text *texts[3];
	int64_t deadline; /* ms, monotonic */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* In the child: everything as a program expects it, whatever its parent had blocked or ignored. */
_Noreturn static void become(const char *const argv[], const int ends[3])
{
	static const char *const directories[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	char *environment[] = { path, locale, NULL };
	char program[256];
	sigset_t none;

	claim(getpid(), false);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			_exit(NO_PROGRAM);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(program, sizeof(program), "%s/%s", directories[i], argv[0]);
		execve(program, (char *const *)(uintptr_t)argv, environment);
	}
	_exit(NO_PROGRAM);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start(struct run *r, const char *const argv[])
{
	int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, e = 0;

	for (int i = 0; i < 3 && e == 0; i++)
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			e = -errno;
	if (e == 0 && (r->pid = fork()) < 0)
		e = -errno;
	if (e == 0 && r->pid == 0)
		become(argv, (int[3]){ pipes[0][0], pipes[1][1], pipes[2][1] });
	for (int i = 0; i < 3; i++) {
		int ours = i == 0 ? 1 : 0;

		close_fd(&pipes[i][1 - ours]);
		if (e < 0)
			close_fd(&pipes[i][ours]);
		else
			fcntl(pipes[i][ours], F_SETFL, O_NONBLOCK);
		r->fds[i] = pipes[i][ours];
	}
	return e;
}

/* The program may end without reading everything: that is its exit status's business. */
static void feed(struct run *r)
{
	ssize_t n = write(r->fds[0], r->input, r->left);

	if (n > 0) {
		r->input += n;
		r->left -= (size_t)n;
	}
	if (r->left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&r->fds[0]);
}

static void drain(struct run *r, int i)
{
	char buf[16384];
	ssize_t n = read(r->fds[i], buf, sizeof(buf));

	if (n > 0 && r->texts[i] && r->texts[i]->len < COMMAND_OUTPUT_MAX)
		text_add(r->texts[i], buf, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&r->fds[i]);
}

/* Until both outputs are closed, that is, the program and all it started have ended. */
static int converse(struct run *r)
{
	while (r->fds[1] >= 0 || r->fds[2] >= 0) {
		struct pollfd p[3];
		int64_t left = r->deadline - now_ms();

		if (left <= 0)
			return -ETIMEDOUT;
		for (int i = 0; i < 3; i++)
			p[i] = (struct pollfd){ r->fds[i], i == 0 ? POLLOUT : POLLIN, 0 };
		if (poll(p, 3, (int)left) < 0 && errno != EINTR)
			return -errno;
		if (p[0].revents)
			feed(r);
		for (int i = 1; i < 3; i++)
			if (p[i].revents)
				drain(r, i);
	}
	return 0;
}

static int reap(struct run *r)
{
	int status;

	while (waitpid(r->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	claim(r->pid, true);
	if (!WIFEXITED(status))
		return -ECHILD;
	return WEXITSTATUS(status) == NO_PROGRAM ? -ENOENT : WEXITSTATUS(status);
}

int command_run(const char *const argv[], const char *input, size_t len, struct text *out,
		struct text *err, int seconds)
{
	struct run r = {
		.fds = { -1, -1, -1 },
		.input = input,
		.left = len,
		.texts = { NULL, out, err },
		.deadline = now_ms() + (int64_t)seconds * 1000,
	};
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int e = start(&r, argv);

	if (e < 0)
		return e;
	sigaction(SIGPIPE, &ignore, &before);
	e = converse(&r);
	sigaction(SIGPIPE, &before, NULL);
	for (int i = 0; i < 3; i++)
		close_fd(&r.fds[i]);
	if (e < 0)
		kill(r.pid, SIGKILL);
	int status = reap(&r);

	return e < 0 ? e : status;
}
