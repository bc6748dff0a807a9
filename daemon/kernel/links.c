/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/links.h"

#include "daemon/kernel/netlink.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 32768

int links_open(void)
{
	const int group = RTNLGRP_LINK;
	const int fd = netlink_open(NETLINK_ROUTE);
	int e;

	if (fd < 0)
		return fd;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0)
		return fd;
	e = -errno;
	close(fd);
	return e;
}

bool links_parse(const struct netlink_message *m, struct link_change *l)
{
	struct cursor c = m->body;
	struct netlink_attr a;
	uint32_t flags;

	if (m->type != RTM_NEWLINK && m->type != RTM_DELLINK)
		return false;
	*l = (struct link_change){ 0 };
	cursor_skip(&c, 4); /* struct ifinfomsg: family, pad, type */
	l->index = netlink_u32(&c);
	flags = netlink_u32(&c);
	cursor_skip(&c, 4); /* change mask */
	l->up = (flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	while (m->type == RTM_NEWLINK && netlink_attr_next(&c, &a)) {
		const char *name = a.type == IFLA_IFNAME ? netlink_text(a.value) : NULL;

		if (name && strlen(name) < LINK_NAME)
			strcpy(l->name, name);
	}
	return !c.tripped && l->index != 0;
}

struct dump {
	void (*told)(void *ctx, const struct link_change *l);
	void *ctx;
};

static int each(void *ctx, struct netlink_message *m)
{
	const struct dump *d = ctx;
	struct link_change l;

	if (links_parse(m, &l))
		d->told(d->ctx, &l);
	return 0;
}

int links_dump(void (*told)(void *ctx, const struct link_change *l), void *ctx)
{
	const struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	_Alignas(4) uint8_t buf[64];
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);
	struct dump d = { told, ctx };
	const int fd = netlink_open(NETLINK_ROUTE);
	int r;

	if (fd < 0)
		return fd;
	netlink_begin(&w, RTM_GETLINK, NLM_F_DUMP, 1);
	netlink_bytes(&w, &all, sizeof all);
	r = netlink_end(&w) ? netlink_dump(fd, buf, w.len, each, &d) : -EMSGSIZE;
	close(fd);
	return r;
}

int links_read(int fd, void (*told)(void *ctx, const struct link_change *l), void *ctx)
{
	_Alignas(4) uint8_t buf[READ_BYTES];
	struct dump d = { told, ctx };
	struct netlink_message m;
	ssize_t n;

	while ((n = recv(fd, buf, sizeof buf, MSG_DONTWAIT)) > 0) {
		struct cursor c = cursor_of(buf, (size_t)n);

		while (netlink_next(&c, &m))
			each(&d, &m);
	}
	return n == 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
}
