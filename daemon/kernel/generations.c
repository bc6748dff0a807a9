/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/generations.h"

#include "daemon/kernel/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANNOUNCEMENT (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN)
#define SOCKET_BUFFER (4 << 20) /* thousands of them may wait */

/*
 * The group also tells every rule and element of a transaction, which would overrun any buffer on a large one. They
 * come in datagrams of their own; the type stands at byte 4, and a filter reads it as big-endian.
 */
static int hear_only_announcements(int fd)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(ANNOUNCEMENT), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { sizeof steps / sizeof *steps, steps };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ? -errno
											: 0;
}

int generations_open(void)
{
	const int half = SOCKET_BUFFER / 2, group = NFNLGRP_NFTABLES;
	const int fd = netlink_open(NETLINK_NETFILTER);
	int e;

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half);
	e = hear_only_announcements(fd);
	if (e == 0 && setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
		e = -errno;
	if (e == 0)
		return fd;
	close(fd);
	return e;
}

static void copy_name(const char *name, char out[static GENERATION_PROGRAM])
{
	size_t n = 0;

	for (; n < GENERATION_PROGRAM - 1 && name[n]; n++)
		out[n] = (unsigned char)name[n] < ' ' || name[n] == 0x7f ? '?' : name[n];
	out[n] = '\0';
}

bool generations_parse(const struct netlink_message *m, struct generation *g)
{
	struct generation read = { .port = m->port };
	struct cursor c = m->body;
	struct netlink_attr a;
	bool numbered = false;

	if (m->type != ANNOUNCEMENT)
		return false;
	netlink_nfgen(&c);
	while (netlink_attr_next(&c, &a)) {
		const char *name = a.type == NFTA_GEN_PROC_NAME ? netlink_text(a.value) : NULL;

		if (name) {
			copy_name(name, read.program);
		} else if (a.type == NFTA_GEN_PROC_PID) {
			read.process = cursor_be32(&a.value);
		} else if (a.type == NFTA_GEN_ID) {
			read.id = cursor_be32(&a.value);
			numbered = !a.value.tripped;
		}
	}
	if (c.tripped || !numbered)
		return false;
	*g = read;
	return true;
}
