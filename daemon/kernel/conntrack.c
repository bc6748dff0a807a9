/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/conntrack.h"

#include "daemon/kernel/netlink.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BUFFER (32 << 20)

int conntrack_open(void)
{
	const int half = SOCKET_BUFFER / 2, on = 1, group = NFNLGRP_CONNTRACK_DESTROY;
	const int fd = netlink_open(NETLINK_NETFILTER);
	int e;

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half);
	setsockopt(fd, SOL_NETLINK, NETLINK_BROADCAST_ERROR, &on, sizeof on);
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0)
		return fd;
	e = -errno;
	close(fd);
	return e;
}

bool conntrack_is_end(uint16_t type)
{
	return type == (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE);
}

static bool parse_v6(struct cursor *v, ip_t *out)
{
	const uint8_t *bytes = cursor_take(v, 16);

	return bytes && ip_from_v6(bytes, out);
}

static bool parse_addresses(struct cursor c, struct tuple *t)
{
	struct netlink_attr a;
	bool src = false, dst = false;

	while (netlink_attr_next(&c, &a)) {
		if (a.type == CTA_IP_V4_SRC || a.type == CTA_IP_V4_DST) {
			const ip_t v4 = ip_from_v4(cursor_be32(&a.value));

			*(a.type == CTA_IP_V4_SRC ? &t->src : &t->dst) = v4;
			*(a.type == CTA_IP_V4_SRC ? &src : &dst) = !a.value.tripped;
		} else if (a.type == CTA_IP_V6_SRC) {
			src = parse_v6(&a.value, &t->src);
		} else if (a.type == CTA_IP_V6_DST) {
			dst = parse_v6(&a.value, &t->dst);
		}
	}
	return src && dst;
}

/* ICMP as everywhere in our tuples: sport is the identifier, dport the type. */
static bool parse_ports(struct cursor c, struct tuple *t)
{
	struct netlink_attr a;
	bool protocol = false;

	while (netlink_attr_next(&c, &a)) {
		switch (a.type) {
		case CTA_PROTO_NUM:
			t->protocol = cursor_u8(&a.value);
			protocol = !a.value.tripped;
			break;
		case CTA_PROTO_SRC_PORT:
		case CTA_PROTO_ICMP_ID:
		case CTA_PROTO_ICMPV6_ID: t->sport = cursor_be16(&a.value); break;
		case CTA_PROTO_DST_PORT: t->dport = cursor_be16(&a.value); break;
		case CTA_PROTO_ICMP_TYPE:
		case CTA_PROTO_ICMPV6_TYPE: t->dport = cursor_u8(&a.value); break;
		default: break;
		}
	}
	return protocol;
}

static bool parse_tuple(struct cursor c, struct tuple *t)
{
	struct netlink_attr a;
	bool addresses = false, ports = false;

	while (netlink_attr_next(&c, &a)) {
		if (a.type == CTA_TUPLE_IP)
			addresses = parse_addresses(a.value, t);
		else if (a.type == CTA_TUPLE_PROTO)
			ports = parse_ports(a.value, t);
	}
	return addresses && ports;
}

static bool parse_counters(struct cursor c, uint64_t *packets, uint64_t *bytes)
{
	struct netlink_attr a;
	bool found = false;

	while (netlink_attr_next(&c, &a)) {
		if (a.type == CTA_COUNTERS_PACKETS) {
			*packets = cursor_be64(&a.value);
			found = !a.value.tripped;
		} else if (a.type == CTA_COUNTERS_BYTES) {
			*bytes = cursor_be64(&a.value);
		}
	}
	return found;
}

static int64_t parse_ns(struct cursor v)
{
	const uint64_t ns = cursor_be64(&v);

	return ns <= INT64_MAX ? (int64_t)ns : 0;
}

static void parse_times(struct cursor c, struct conntrack_end *e)
{
	struct netlink_attr a;

	while (netlink_attr_next(&c, &a)) {
		if (a.type == CTA_TIMESTAMP_START)
			e->start = parse_ns(a.value);
		else if (a.type == CTA_TIMESTAMP_STOP)
			e->end = parse_ns(a.value);
	}
}

static uint8_t parse_tcp_state(struct cursor c)
{
	struct netlink_attr outer, inner;

	while (netlink_attr_next(&c, &outer)) {
		while (outer.type == CTA_PROTOINFO_TCP && netlink_attr_next(&outer.value, &inner)) {
			if (inner.type == CTA_PROTOINFO_TCP_STATE)
				return cursor_u8(&inner.value);
		}
	}
	return 0;
}

bool conntrack_parse(struct cursor c, struct conntrack_end *e)
{
	struct netlink_attr a;
	bool whole = false;

	*e = (struct conntrack_end){ 0 };
	netlink_nfgen(&c);
	while (netlink_attr_next(&c, &a)) {
		switch (a.type) {
		case CTA_TUPLE_ORIG: whole = parse_tuple(a.value, &e->tuple); break;
		case CTA_STATUS: e->replied = cursor_be32(&a.value) & IPS_SEEN_REPLY; break;
		case CTA_MARK: e->mark = cursor_be32(&a.value); break;
		case CTA_COUNTERS_ORIG:
			e->counted = parse_counters(a.value, &e->packets_up, &e->bytes_up);
			break;
		case CTA_COUNTERS_REPLY:
			parse_counters(a.value, &e->packets_down, &e->bytes_down);
			break;
		case CTA_TIMESTAMP: parse_times(a.value, e); break;
		case CTA_PROTOINFO: e->tcp_state = parse_tcp_state(a.value); break;
		default: break;
		}
	}
	return whole && !c.tripped;
}
