/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3

/* An address that begins with '@' is in the abstract name space. */
static socklen_t address(struct sockaddr_un *a)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const size_t n = path ? strlen(path) : 0;

	if (n == 0 || n >= sizeof a->sun_path || (path[0] != '/' && path[0] != '@'))
		return 0;
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(a->sun_path, path, n);
	if (path[0] == '@')
		a->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static void send_text(const char *text, int fd)
{
	char copy[512];
	struct sockaddr_un a;
	struct iovec part = { copy, strnlen(text, sizeof copy) };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .align = { .cmsg_len = CMSG_LEN(sizeof fd),
				 .cmsg_level = SOL_SOCKET,
				 .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = {
		.msg_name = &a, .msg_namelen = address(&a), .msg_iov = &part, .msg_iovlen = 1
	};
	int s;

	if (m.msg_namelen == 0)
		return;
	memcpy(copy, text, part.iov_len);
	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
		m.msg_control = &control;
		m.msg_controllen = sizeof control.bytes;
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return;
	(void)!sendmsg(s, &m, MSG_NOSIGNAL);
	close(s);
}

void notify_send(const char *text)
{
	send_text(text, -1);
}

void notify_store(const char *name, int fd)
{
	char text[64 + NOTIFY_NAME];

	/* FDPOLL=0: a netlink socket may report an error and is kept all the same */
	snprintf(text, sizeof text, "FDSTORE=1\nFDPOLL=0\nFDNAME=%.*s", (int)NOTIFY_NAME - 1, name);
	send_text(text, fd);
}

static unsigned long number_of(const char *variable)
{
	const char *text = getenv(variable);

	return text ? strtoul(text, NULL, 10) : 0;
}

unsigned int notify_stored(struct notify_fd out[static NOTIFY_FDS_MAX])
{
	const char *names = getenv("LISTEN_FDNAMES");
	unsigned long n =
		number_of("LISTEN_PID") == (unsigned long)getpid() ? number_of("LISTEN_FDS") : 0;
	unsigned int count = 0;

	for (; count < n && count < NOTIFY_FDS_MAX; count++) {
		const size_t len = names ? strcspn(names, ":") : 0;

		out[count].fd = FIRST_FD + (int)count;
		fcntl(out[count].fd, F_SETFD, FD_CLOEXEC);
		snprintf(out[count].name, NOTIFY_NAME, "%.*s", (int)len, names ? names : "");
		if (names)
			names += len + (names[len] == ':');
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return count;
}

int64_t notify_watchdog(void)
{
	const unsigned long us = number_of("WATCHDOG_USEC"), pid = number_of("WATCHDOG_PID");

	if (pid && pid != (unsigned long)getpid())
		return 0;
	return us < INT64_MAX / 1000 ? (int64_t)us * 1000 : 0;
}
