/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * links: which interface has which index, and when that changes (rtnetlink).
 */
#ifndef DAEMON_KERNEL_LINKS_H
#define DAEMON_KERNEL_LINKS_H

#include <stdbool.h>
#include <stdint.h>

struct netlink_message;

#define LINK_NAME 16u		/* IFNAMSIZ */

struct link_change {
	uint32_t index;
	char name[LINK_NAME];	/* "" : the interface is gone */
	bool up;		/* it has carrier and is up */
};

/* links_open - a socket that hears of changes. Return: descriptor (never blocking) or -errno */
int links_open(void);

/* links_dump - every interface of this network namespace, on a socket of its own. Return: 0 or -errno */
int links_dump(void (*told)(void *ctx, const struct link_change *l), void *ctx);

/* links_read - what has changed since. Return: 0; -ENOBUFS changes were lost: dump again; -errno */
int links_read(int fd, void (*told)(void *ctx, const struct link_change *l), void *ctx);

/* links_parse - one message. Return: whether it speaks of an interface */
bool links_parse(const struct netlink_message *m, struct link_change *l);

#endif
