/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inject.h"

#include "daemon/stats.h"
#include "rules/kernel/mark.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <unistd.h>

int inject_pair(int ends[static 2])
{
	const int size = (int)(INJECTION_QUEUE * sizeof(struct injection));

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return 0;
}

/* IPPROTO_RAW: whole packets with their header, and nothing is ever received (raw(7)). */
static int open_both(int raw[static 2])
{
	raw[0] = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (raw[0] < 0)
		return -errno;
	raw[1] = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (raw[1] >= 0)
		return 0;
	const int e = -errno;

	close(raw[0]);
	raw[0] = -1;
	return e;
}

/* setfsuid answers with the one before and never fails; whether it took is asked by a second call. */
int inject_open(int raw[static 2])
{
	const uid_t before = (uid_t)setfsuid(INJECTOR_UID);
	int r = -EPERM;

	raw[0] = raw[1] = -1;
	if ((uid_t)setfsuid(INJECTOR_UID) == INJECTOR_UID)
		r = open_both(raw);
	setfsuid(before);
	return r;
}

static bool is_text(const char text[static INJECTION_TEXT])
{
	return memchr(text, 0, INJECTION_TEXT);
}

static bool is_whole(const struct injection *q)
{
	return q->kind < INJECT_KINDS && ip_is_v4(q->client) == ip_is_v4(q->server) &&
	       is_text(q->permit) && is_text(q->name);
}

int inject_receive(int fd, struct injection *q)
{
	const ssize_t n = recv(fd, q, sizeof *q, MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (n == 0)
		return -EPIPE;
	return n == sizeof *q && is_whole(q) ? 1 : -EPROTO;
}

static bool request(void *ctx, const struct injection *q)
{
	struct inject_channel *c = ctx;

	if (c->held == INJECTION_QUEUE)
		return false;
	c->requests[c->held++] = *q;
	return true;
}

struct inject_sink inject_sink(struct inject_channel *c)
{
	return (struct inject_sink){ .request = c->fd < 0 ? NULL : request, .ctx = c };
}

void inject_flush(struct inject_channel *c)
{
	for (uint32_t i = 0; i < c->held; i++) {
		const ssize_t n = send(c->fd, &c->requests[i], sizeof *c->requests,
				       MSG_DONTWAIT | MSG_NOSIGNAL);

		stats_add(n < 0 ? c->lost : c->sent, 1);
	}
	c->held = 0;
}
