/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/nflog.h"

#include "daemon/kernel/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SNAP 128u
#define KERNEL_BUFFER 65536u /* several packets a message */
#define FLUSH_HUNDREDTHS 10u /* of a second until a half-full message is sent */
#define SOCKET_BUFFER (8 << 20)

static bool write_config(struct netlink_writer *w, uint16_t group)
{
	const struct nfulnl_msg_config_cmd bind = { .command = NFULNL_CFG_CMD_BIND };
	const struct nfulnl_msg_config_mode mode = { .copy_range = htonl(SNAP),
						     .copy_mode = NFULNL_COPY_PACKET };

	netlink_begin_nf(w, NFNL_SUBSYS_ULOG, NFULNL_MSG_CONFIG, NLM_F_ACK, 1, AF_UNSPEC, group);
	netlink_put(w, NFULA_CFG_CMD, &bind, sizeof bind);
	netlink_put(w, NFULA_CFG_MODE, &mode, sizeof mode);
	netlink_put_be32(w, NFULA_CFG_NLBUFSIZ, KERNEL_BUFFER);
	netlink_put_be32(w, NFULA_CFG_TIMEOUT, FLUSH_HUNDREDTHS);
	netlink_put_be16(w, NFULA_CFG_FLAGS, NFULNL_CFG_F_SEQ);
	return netlink_end(w);
}

static int configure(int fd, uint16_t group)
{
	_Alignas(4) uint8_t buf[256];
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);

	if (!write_config(&w, group))
		return -EMSGSIZE;
	return netlink_request(fd, buf, w.len);
}

enum nflog_error nflog_open(uint16_t group, int *fd)
{
	const int half = SOCKET_BUFFER / 2;
	const int s = netlink_open(NETLINK_NETFILTER);
	int r = s < 0 ? s : configure(s, group);

	if (r == 0) {
		setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half);
		*fd = s;
		return NFLOG_OK;
	}
	if (s >= 0)
		close(s);
	return r == -EBUSY ? NFLOG_TAKEN : r == -EPERM ? NFLOG_FORBIDDEN : NFLOG_UNSUPPORTED;
}

bool nflog_is_packet(uint16_t type)
{
	return type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET);
}

static void parse_mac(struct cursor v, struct nflog_packet *p)
{
	const uint16_t len = cursor_be16(&v);
	const uint8_t *mac;

	cursor_skip(&v, 2);
	mac = cursor_take(&v, sizeof p->mac);
	p->has_mac = mac && len == sizeof p->mac;
	if (p->has_mac)
		memcpy(p->mac, mac, sizeof p->mac);
}

static void parse_time(struct cursor v, struct nflog_packet *p)
{
	const uint64_t seconds = cursor_be64(&v), us = cursor_be64(&v);

	if (!v.tripped && seconds < (uint64_t)INT64_MAX / 2000000000 && us < 1000000)
		p->time = (int64_t)(seconds * 1000000000 + us * 1000);
}

static void parse_attr(struct netlink_attr a, struct nflog_packet *p)
{
	const char *text;

	switch (a.type) {
	case NFULA_MARK: p->mark = cursor_be32(&a.value); break;
	case NFULA_TIMESTAMP: parse_time(a.value, p); break;
	case NFULA_IFINDEX_INDEV: p->ifin = cursor_be32(&a.value); break;
	case NFULA_IFINDEX_OUTDEV: p->ifout = cursor_be32(&a.value); break;
	case NFULA_HWADDR: parse_mac(a.value, p); break;
	case NFULA_PAYLOAD:
		p->data = a.value.at;
		p->len = (uint32_t)a.value.left;
		break;
	case NFULA_PREFIX:
		text = netlink_text(a.value);
		if (text)
			strncpy(p->prefix, text, sizeof p->prefix - 1);
		break;
	case NFULA_SEQ:
		p->seq = cursor_be32(&a.value);
		p->has_seq = !a.value.tripped;
		break;
	default: break;
	}
}

bool nflog_parse(struct cursor c, struct nflog_packet *p)
{
	struct netlink_attr a;

	*p = (struct nflog_packet){ 0 };
	netlink_nfgen(&c);
	while (netlink_attr_next(&c, &a))
		parse_attr(a, p);
	return !c.tripped && p->data;
}
