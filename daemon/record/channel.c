/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/channel.h"

#include "daemon/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

int channel_pair(int ends[static 2])
{
	const int half = CHANNEL_BUFFER / 2; /* the kernel doubles it */

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return -errno;
	if (setsockopt(ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &half, sizeof half) < 0)
		setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &half, sizeof half);
	return 0;
}

int channel_init(struct channel *c, int fd, struct stats_page *page)
{
	*c = (struct channel){ .fd = fd,
			       .sent = stats_find(page, "events", "sent"),
			       .lost = stats_find(page, "events", "lost"),
			       .buf = malloc(CHANNEL_BYTES) };
	return c->buf ? 0 : -ENOMEM;
}

void channel_done(struct channel *c)
{
	free(c->buf);
	c->buf = NULL;
}

void channel_flush(struct channel *c)
{
	if (c->len == 0)
		return;
	stats_add(send(c->fd, c->buf, c->len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? c->lost : c->sent,
		  c->events);
	c->len = c->events = 0;
}

static void emit(void *ctx, const struct event *ev)
{
	struct channel *c = ctx;
	size_t n = event_encode(ev, c->buf + c->len, CHANNEL_BYTES - c->len);

	if (n == 0) {
		channel_flush(c);
		n = event_encode(ev, c->buf, CHANNEL_BYTES);
	}
	if (n == 0)
		stats_add(c->lost, 1); /* an event of more than 60 KB: nothing of ours makes one */
	c->len += n;
	c->events += n > 0;
}

struct event_sink channel_sink(struct channel *c)
{
	return (struct event_sink){ .emit = emit, .ctx = c };
}
