/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conntrack: the end of every conversation as the kernel counted it (ctnetlink DESTROY).
 *
 * The socket asks for NETLINK_BROADCAST_ERROR: the kernel then keeps an ended entry until the record
 * of it was delivered, so a slow reader delays records instead of losing them (dataplane.md 5).
 */
#ifndef DAEMON_KERNEL_CONNTRACK_H
#define DAEMON_KERNEL_CONNTRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/cursor.h"
#include "rules/policy.h"

struct conntrack_end {
	struct tuple tuple;		/* original direction: the opener is src */
	int64_t start, end;		/* ns since 1970; 0 where nf_conntrack_timestamp is off */
	uint64_t packets_up, packets_down, bytes_up, bytes_down;	/* IP packets; after GRO */
	uint32_t mark;
	uint8_t tcp_state;		/* enum tcp_conntrack of the kernel at the end; 0 unknown */
	bool counted;			/* the four figures are known (nf_conntrack_acct is on) */
	bool replied;			/* a packet was seen in both directions */
};

/* conntrack_open - a socket that hears of ends. Return: descriptor or -errno */
int conntrack_open(void);

/* conntrack_is_end - of a message's type */
bool conntrack_is_end(uint16_t type);

/* conntrack_parse - the body of one message. Return: false when it has no whole tuple */
bool conntrack_parse(struct cursor c, struct conntrack_end *e);

#endif
