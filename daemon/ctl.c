/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_SECONDS 600

#define WORD(N, W, R, D) W,
const char *const ctl_verb_words[CTL_VERB_COUNT] = { CTL_VERBS(WORD) };

static int connect_to(const char *path, unsigned int seconds)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = seconds ? seconds : ANSWER_SECONDS };
	int fd, e;

	if (strlen(path) >= sizeof a.sun_path)
		return -ENAMETOOLONG;
	strcpy(a.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* connect waits by it */
	if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	e = -errno;
	close(fd);
	return e;
}

static int send_request(int fd, const struct ctl_request *q)
{
	const size_t len = q->text ? strlen(q->text) : 0;
	struct ctl_head head = { .magic = CTL_MAGIC,
				 .verb = (uint16_t)q->verb,
				 .length = (uint32_t)len };
	char text[CTL_TEXT_MAX];
	struct iovec parts[2] = { { &head, sizeof head }, { text, len } };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	if (len > sizeof text)
		return -EMSGSIZE;
	if (len)
		memcpy(text, q->text, len);
	if (q->fd >= 0) {
		control.align = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.align), &q->fd, sizeof(int));
		m.msg_control = &control;
		m.msg_controllen = sizeof control.bytes;
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The descriptor that came with a message, or -1. */
static int passed_fd(struct msghdr *m)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* One answer into buf, which has room for a NUL after the longest one. Return: 0 or -errno. */
static int receive_answer(int fd, char *buf, struct ctl_answer *a)
{
	struct ctl_head head;
	struct iovec parts[2] = { { &head, sizeof head }, { buf, CTL_ANSWER_MAX } };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr m = { .msg_iov = parts,
			    .msg_iovlen = 2,
			    .msg_control = &control,
			    .msg_controllen = sizeof control.bytes };
	const ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	size_t first;

	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	a->fd = passed_fd(&m);
	if ((size_t)n < sizeof head || m.msg_flags & MSG_TRUNC || head.magic != CTL_MAGIC ||
	    head.verb >= CTL_KIND_COUNT || head.length != (size_t)n - sizeof head)
		return -EPROTO;
	buf[head.length] = '\0';
	first = strlen(buf);
	a->kind = head.verb;
	a->text = buf;
	a->text_ja = first < head.length ? buf + first + 1 : buf;
	return 0;
}

int ctl_call(const char *path, const struct ctl_request *q,
	     void (*told)(void *ctx, const struct ctl_answer *a), void *ctx)
{
	struct ctl_answer a = { .kind = CTL_PROGRESS, .fd = -1 };
	char *buf = malloc(CTL_ANSWER_MAX + 1);
	const int fd = connect_to(path, q->seconds);
	int r = buf ? fd : -ENOMEM;

	if (r >= 0)
		r = send_request(fd, q);
	while (r == 0 && a.kind == CTL_PROGRESS) {
		a.fd = -1;
		r = receive_answer(fd, buf, &a);
		if (r == 0 && told)
			told(ctx, &a);
		else if (a.fd >= 0)
			close(a.fd);
	}
	if (fd >= 0)
		close(fd);
	free(buf);
	return r < 0 ? r : (int)a.kind;
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len) {
		const ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int ctl_image(const void *bytes, size_t len)
{
	const int fd = memfd_create("sekimori-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, len);
	if (r == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}
