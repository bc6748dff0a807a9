/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/kernel_messages.h"

#include "daemon/kernel/netlink.h"
#include "tests/unit/support.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 1024

static size_t finish(struct netlink_writer *w)
{
	if (!netlink_end(w))
		abort();
	return w->len;
}

static void put_be64(struct netlink_writer *w, uint16_t type, uint64_t v)
{
	const uint64_t be = htobe64(v);

	netlink_put(w, type, &be, sizeof be);
}

size_t message_nflog(void *buf, uint32_t seq, const char *prefix)
{
	struct netlink_writer w = netlink_writer_of(buf, SIZE);
	struct nfulnl_msg_packet_hw hw = { .hw_addrlen = htons(6),
					   .hw_addr = { 2, 0, 0, 0, 0, 9 } };
	struct bytes *packet = calloc(1, sizeof *packet);

	tcp(packet, 1000, 80, 1, 0, 2);
	ip4(packet, "10.0.0.1", "10.0.0.2", IPPROTO_TCP);
	netlink_begin_nf(&w, NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET, 0, 0, AF_INET, 5);
	netlink_put_text(&w, NFULA_PREFIX, prefix);
	netlink_put_be32(&w, NFULA_MARK, 0x40000003);
	netlink_put_be32(&w, NFULA_IFINDEX_INDEV, 2);
	netlink_put_be32(&w, NFULA_IFINDEX_OUTDEV, 3);
	netlink_put(&w, NFULA_HWADDR, &hw, sizeof hw);
	netlink_put_be32(&w, NFULA_SEQ, seq);
	netlink_put(&w, NFULA_PAYLOAD, packet->at, packet->len);
	free(packet);
	return finish(&w);
}

static void put_counters(struct netlink_writer *w, uint16_t type, uint64_t packets, uint64_t bytes)
{
	const size_t nest = netlink_nest(w, type);

	put_be64(w, CTA_COUNTERS_PACKETS, packets);
	put_be64(w, CTA_COUNTERS_BYTES, bytes);
	netlink_nest_end(w, nest);
}

size_t message_end_v4(void *buf)
{
	struct netlink_writer w = netlink_writer_of(buf, SIZE);
	size_t tuple, nest;

	netlink_begin_nf(&w, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE, 0, 0, AF_INET, 0);
	tuple = netlink_nest(&w, CTA_TUPLE_ORIG);
	nest = netlink_nest(&w, CTA_TUPLE_IP);
	netlink_put_be32(&w, CTA_IP_V4_SRC, 0x0a000001);
	netlink_put_be32(&w, CTA_IP_V4_DST, 0x0a000002);
	netlink_nest_end(&w, nest);
	nest = netlink_nest(&w, CTA_TUPLE_PROTO);
	netlink_put_u8(&w, CTA_PROTO_NUM, IPPROTO_TCP);
	netlink_put_be16(&w, CTA_PROTO_SRC_PORT, 1000);
	netlink_put_be16(&w, CTA_PROTO_DST_PORT, 80);
	netlink_nest_end(&w, nest);
	netlink_nest_end(&w, tuple);
	netlink_put_be32(&w, CTA_STATUS, IPS_SEEN_REPLY | IPS_CONFIRMED | IPS_DYING);
	netlink_put_be32(&w, CTA_MARK, 0x10009);
	put_counters(&w, CTA_COUNTERS_ORIG, 3, 180);
	put_counters(&w, CTA_COUNTERS_REPLY, 2, 1400);
	nest = netlink_nest(&w, CTA_TIMESTAMP);
	put_be64(&w, CTA_TIMESTAMP_START, 1700000000000000000);
	put_be64(&w, CTA_TIMESTAMP_STOP, 1700000005000000000);
	netlink_nest_end(&w, nest);
	tuple = netlink_nest(&w, CTA_PROTOINFO);
	nest = netlink_nest(&w, CTA_PROTOINFO_TCP);
	netlink_put_u8(&w, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_TIME_WAIT);
	netlink_nest_end(&w, nest);
	netlink_nest_end(&w, tuple);
	return finish(&w);
}

size_t message_end_icmp6(void *buf)
{
	struct netlink_writer w = netlink_writer_of(buf, SIZE);
	uint8_t address[16] = { 0xfd, [15] = 1 };
	size_t tuple, nest;

	netlink_begin_nf(&w, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE, 0, 0, AF_INET6, 0);
	tuple = netlink_nest(&w, CTA_TUPLE_ORIG);
	nest = netlink_nest(&w, CTA_TUPLE_IP);
	netlink_put(&w, CTA_IP_V6_SRC, address, sizeof address);
	address[15] = 2;
	netlink_put(&w, CTA_IP_V6_DST, address, sizeof address);
	netlink_nest_end(&w, nest);
	nest = netlink_nest(&w, CTA_TUPLE_PROTO);
	netlink_put_u8(&w, CTA_PROTO_NUM, IPPROTO_ICMPV6);
	netlink_put_be16(&w, CTA_PROTO_ICMPV6_ID, 7);
	netlink_put_u8(&w, CTA_PROTO_ICMPV6_TYPE, 128);
	netlink_put_u8(&w, CTA_PROTO_ICMPV6_CODE, 0);
	netlink_nest_end(&w, nest);
	netlink_nest_end(&w, tuple);
	return finish(&w);
}

size_t message_link(void *buf, uint32_t index, const char *name)
{
	struct netlink_writer w = netlink_writer_of(buf, SIZE);
	const struct ifinfomsg info = { .ifi_index = (int)index,
					.ifi_flags = IFF_UP | IFF_RUNNING };

	netlink_begin(&w, name ? RTM_NEWLINK : RTM_DELLINK, 0, 0);
	netlink_bytes(&w, &info, sizeof info);
	netlink_put_text(&w, IFLA_IFNAME, name ? name : "was");
	return finish(&w);
}

size_t message_counter(void *buf, const char *name, uint64_t packets)
{
	struct netlink_writer w = netlink_writer_of(buf, SIZE);
	size_t nest;

	netlink_begin_nf(&w, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWOBJ, 0, 0, NFPROTO_INET, 0);
	netlink_put_text(&w, NFTA_OBJ_TABLE, "sekimori");
	netlink_put_text(&w, NFTA_OBJ_NAME, name);
	netlink_put_be32(&w, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
	nest = netlink_nest(&w, NFTA_OBJ_DATA);
	put_be64(&w, NFTA_COUNTER_BYTES, packets * 100);
	put_be64(&w, NFTA_COUNTER_PACKETS, packets);
	netlink_nest_end(&w, nest);
	return finish(&w);
}
