/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/queue.h"

#include "daemon/kernel/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define COPY_RANGE 0xffffu
#define WAITING_BYTES 69632u /* of socket buffer for one GSO packet */
#define QUEUES_LISTED 256

bool queue_parse_line(const char *line, struct queue_figures *out)
{
	struct queue_figures f;

	if (sscanf(line, "%u %u %u %u %u %u %u %u", &f.number, &f.port, &f.waiting, &f.copy_mode,
		   &f.copy_range, &f.full, &f.unread, &f.last_id) != 8)
		return false;
	*out = f;
	return true;
}

int queue_figures(struct queue_figures *out, size_t max)
{
	FILE *f = fopen(QUEUE_FILE, "re");
	char line[256];
	size_t n = 0;

	if (!f)
		return -errno;
	while (n < max && fgets(line, sizeof line, f))
		n += queue_parse_line(line, &out[n]);
	fclose(f);
	return (int)n;
}

/* Return: 1 found, 0 there is no such queue, -errno */
static int figures_of(uint16_t number, struct queue_figures *out)
{
	struct queue_figures all[QUEUES_LISTED];
	const int n = queue_figures(all, QUEUES_LISTED);

	for (int i = 0; i < n; i++) {
		if (all[i].number == number) {
			*out = all[i];
			return 1;
		}
	}
	return n < 0 ? n : 0;
}

static uint32_t port_of(int fd)
{
	struct sockaddr_nl a = { 0 };
	socklen_t len = sizeof a;

	return getsockname(fd, (struct sockaddr *)&a, &len) == 0 ? a.nl_pid : 0;
}

int queue_owned(int fd, uint16_t number)
{
	struct queue_figures f;
	const int r = figures_of(number, &f);

	if (r <= 0)
		return r;
	return port_of(fd) && f.port == port_of(fd) && f.copy_mode == NFQNL_COPY_PACKET &&
	       f.copy_range >= COPY_RANGE - sizeof(struct nlattr);
}

/* All settings in one message: the flags go as one word, else the last attribute wins (style.md 1.7). */
static bool write_config(struct netlink_writer *w, const struct queue_conf *conf)
{
	const uint32_t flags = NFQA_CFG_F_GSO | (conf->open ? NFQA_CFG_F_FAIL_OPEN : 0);
	const struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	const struct nfqnl_msg_config_params params = { .copy_range = htonl(COPY_RANGE),
							.copy_mode = NFQNL_COPY_PACKET };

	netlink_begin_nf(w, NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG, 0, 1, AF_UNSPEC, conf->number);
	netlink_put(w, NFQA_CFG_CMD, &bind, sizeof bind);
	netlink_put(w, NFQA_CFG_PARAMS, &params, sizeof params);
	netlink_put_be32(w, NFQA_CFG_QUEUE_MAXLEN, conf->length);
	netlink_put_be32(w, NFQA_CFG_MASK, NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN);
	netlink_put_be32(w, NFQA_CFG_FLAGS, flags);
	return netlink_end(w);
}

/*
 * No acknowledgement is asked for: it would arrive behind the first packets. The kernel answers inside
 * send(), so an error is already there, and first, when send() returns.
 */
static int configure(int fd, const struct queue_conf *conf)
{
	_Alignas(4) uint8_t buf[256];
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);
	struct netlink_message m;
	struct cursor c;
	ssize_t n;

	if (!write_config(&w, conf))
		return -EMSGSIZE;
	if (send(fd, buf, w.len, 0) < 0)
		return -errno;
	n = recv(fd, buf, sizeof buf, MSG_DONTWAIT | MSG_PEEK);
	c = cursor_of(buf, n > 0 ? (size_t)n : 0);
	if (!netlink_next(&c, &m) || m.type != NLMSG_ERROR)
		return 0;
	return netlink_error(&m);
}

static void set_buffers(int fd, const struct queue_conf *conf)
{
	const int half = (int)(conf->length * (WAITING_BYTES / 2)),
		  on = 1; /* the kernel doubles it */

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half);
	/* Without it one overrun makes the socket refuse everything until it was read empty. The loss
	 * stays counted: queue_overruns(). */
	setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on);
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
}

static enum queue_error explain(int error, uint16_t number, uint32_t *taken_by)
{
	struct queue_figures f;

	*taken_by = 0;
	if (error == -EPERM || error == -EBUSY) {
		const int r = figures_of(number, &f);

		if (r > 0)
			*taken_by = f.port;
		if (r > 0 ||
		    r == -EACCES) /* the supervisor has the capability, so it is somebody else's */
			return QUEUE_TAKEN;
	}
	return error == -EPERM || error == -EACCES ? QUEUE_FORBIDDEN : QUEUE_UNSUPPORTED;
}

enum queue_error queue_open(const struct queue_conf *conf, int *fd, uint32_t *taken_by)
{
	const int s = netlink_open(NETLINK_NETFILTER);
	enum queue_error e = QUEUE_OK;
	int r;

	if (s < 0)
		return s == -EPERM ? QUEUE_FORBIDDEN : QUEUE_NO_NETLINK;
	set_buffers(s, conf);
	r = configure(s, conf);
	if (r < 0)
		e = explain(r, conf->number, taken_by);
	else if (queue_owned(s, conf->number) == 0)
		e = QUEUE_NOT_SET;
	if (e == QUEUE_OK)
		*fd = s;
	else
		close(s);
	return e;
}

uint32_t queue_overruns(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof info;

	getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len);
	return info[SK_MEMINFO_DROPS];
}
