/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervise/ipc.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int ipc_pair(int ends[static 2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	return 0;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int[IPC_FDS]))];
};

int ipc_send(int fd, const struct ipc_message *m, const int *fds, unsigned int count)
{
	struct ipc_message copy = *m;
	struct iovec part = { &copy, sizeof copy };
	union control control = { 0 };
	struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1 };

	if (count > IPC_FDS)
		return -EINVAL;
	if (count) {
		control.align = (struct cmsghdr){ .cmsg_len = CMSG_LEN(count * sizeof(int)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.align), fds, count * sizeof(int));
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(count * sizeof(int));
	}
	return sendmsg(fd, &h, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void take_fds(struct msghdr *h, int fds[static IPC_FDS])
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(h);

	for (int i = 0; i < IPC_FDS; i++)
		fds[i] = -1;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len <= CMSG_LEN(sizeof(int[IPC_FDS])))
		memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
}

void ipc_put_both(struct ipc_message *m, const char *en, const char *ja)
{
	memset(m->text, 0, sizeof m->text);
	snprintf(m->text, sizeof m->text / 2, "%s", en);
	snprintf(m->text + strlen(m->text) + 1, sizeof m->text / 2, "%s", ja);
}

const char *ipc_ja(const struct ipc_message *m)
{
	const size_t n = strlen(m->text) + 1; /* ipc_receive has seen to a NUL */

	if (n >= sizeof m->text || !m->text[n] || !memchr(m->text + n, 0, sizeof m->text - n))
		return m->text;
	return m->text + n;
}

void ipc_close_all(int fds[static IPC_FDS])
{
	for (int i = 0; i < IPC_FDS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

int ipc_receive(int fd, struct ipc_message *m, int fds[static IPC_FDS])
{
	*m = (struct ipc_message){ 0 };

	struct iovec part = { m, sizeof *m };
	union control control;
	struct msghdr h = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof control.bytes };
	const ssize_t n = recvmsg(fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0
		       : errno == ECONNRESET             ? -EPIPE
							 : -errno;
	if (n == 0)
		return -EPIPE;
	take_fds(&h, fds);
	if (n == sizeof *m && !(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	    m->type < IPC_TYPE_COUNT && memchr(m->text, 0, sizeof m->text))
		return 1;
	ipc_close_all(fds);
	return -EPROTO;
}

int ipc_wait(int fd, struct ipc_message *m, int fds[static IPC_FDS], int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, ms) < 0 && errno != EINTR)
		return -errno;
	return ipc_receive(fd, m, fds);
}
