/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counters: the named counters of the ruleset (`counter n_denied` and so on), read by netlink.
 */
#ifndef DAEMON_KERNEL_COUNTERS_H
#define DAEMON_KERNEL_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct netlink_message;

#define COUNTER_NAME 32u

struct kernel_counter {
	char name[COUNTER_NAME];
	uint64_t packets, bytes;
};

/**
 * counters_read - every named counter of table inet sekimori
 * @fd: a NETLINK_NETFILTER socket of its own
 * Return: how many (at most max; the rest is left out); -ENOENT there is no such table; -errno.
 */
int counters_read(int fd, struct kernel_counter *out, size_t max);

/* counters_parse - one NFT_MSG_NEWOBJ message. Return: 1 a counter; 0 something else; -EBADMSG */
int counters_parse(const struct netlink_message *m, struct kernel_counter *out);

/* counters_value - packets of the named one, 0 when it is not there */
uint64_t counters_value(const struct kernel_counter *list, size_t n, const char *name);

#endif
