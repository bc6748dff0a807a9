/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue: the kernel's packet queues as the supervisor sets them up and watches them.
 *
 * The supervisor opens and configures each queue's socket and keeps the descriptor; an engine only reads
 * packets from it and sends verdicts. What took effect is read back, not believed (peers.md T5).
 */
#ifndef DAEMON_KERNEL_QUEUE_H
#define DAEMON_KERNEL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue_conf {
	uint16_t number;
	uint32_t length;	/* packets that may wait; with GSO each may be 64 KB */
	bool open;		/* open group: what finds no room passes unseen (F_FAIL_OPEN) */
};

enum queue_error {
	QUEUE_OK,
	QUEUE_NO_NETLINK,	/* the kernel has no NETLINK_NETFILTER socket for us */
	QUEUE_FORBIDDEN,	/* CAP_NET_ADMIN is missing */
	QUEUE_TAKEN,		/* another program has bound the number: *taken_by */
	QUEUE_UNSUPPORTED,	/* no nfnetlink_queue, or not the flags we need */
	QUEUE_NOT_SET,		/* accepted, but reading back shows other values */
};

/**
 * queue_open - a socket that is bound to a queue
 * @fd: on success the descriptor
 * @taken_by: QUEUE_TAKEN: netlink port of the other program, as a rule its process id
 */
enum queue_error queue_open(const struct queue_conf *conf, int *fd, uint32_t *taken_by);

#define QUEUE_FILE "/proc/net/netfilter/nfnetlink_queue"	/* 0440 root:root: the unit gives it to our group */

/* queue_owned - whether this descriptor is bound to the queue. Return: 1 yes, 0 no, -EACCES it may not be read */
int queue_owned(int fd, uint16_t number);

struct queue_figures {		/* one line of QUEUE_FILE */
	uint32_t number, port, waiting, copy_mode, copy_range;
	uint32_t full;		/* packets that found the queue full (not counted in the open group) */
	uint32_t unread;	/* packets that found the socket's buffer full (likewise) */
	uint32_t last_id;
};

/* queue_figures - every queue of this network namespace. Return: how many, at most max; -errno */
int queue_figures(struct queue_figures *out, size_t max);

/* queue_parse_line - one line of that file. Return: whether it was one */
bool queue_parse_line(const char *line, struct queue_figures *out);

/* queue_overruns - packets the socket had no room for, also those that passed unseen. 32 bits, wraps. */
uint32_t queue_overruns(int fd);

#endif
