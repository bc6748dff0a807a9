/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/counters.h"

#include "daemon/kernel/netlink.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>

#define TABLE "sekimori"
#define TRIES 3 /* a dump that an apply ran through is made again */

static void parse_data(struct cursor c, struct kernel_counter *out)
{
	struct netlink_attr a;

	while (netlink_attr_next(&c, &a)) {
		if (a.type == NFTA_COUNTER_BYTES)
			out->bytes = cursor_be64(&a.value);
		else if (a.type == NFTA_COUNTER_PACKETS)
			out->packets = cursor_be64(&a.value);
	}
}

int counters_parse(const struct netlink_message *m, struct kernel_counter *out)
{
	struct cursor c = m->body, data = { 0 };
	struct kernel_counter k = { 0 };
	struct netlink_attr a;
	uint32_t type = 0;

	if (m->type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWOBJ))
		return 0;
	netlink_nfgen(&c);
	while (netlink_attr_next(&c, &a)) {
		const char *name = a.type == NFTA_OBJ_NAME ? netlink_text(a.value) : NULL;

		if (name)
			strncpy(k.name, name, sizeof k.name - 1);
		else if (a.type == NFTA_OBJ_TYPE)
			type = cursor_be32(&a.value);
		else if (a.type == NFTA_OBJ_DATA)
			data = a.value;
	}
	if (c.tripped)
		return -EBADMSG;
	if (type != NFT_OBJECT_COUNTER || !k.name[0] || !data.at)
		return 0;
	parse_data(data, &k);
	*out = k;
	return 1;
}

struct reading {
	struct kernel_counter *out;
	size_t n, max;
};

static int each(void *ctx, struct netlink_message *m)
{
	struct reading *r = ctx;
	struct kernel_counter k;

	if (r->n < r->max && counters_parse(m, &k) == 1)
		r->out[r->n++] = k;
	return 0;
}

static int read_once(int fd, struct reading *r)
{
	_Alignas(4) uint8_t buf[128];
	struct netlink_writer w = netlink_writer_of(buf, sizeof buf);

	netlink_begin_nf(&w, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETOBJ, NLM_F_DUMP, 1, NFPROTO_INET, 0);
	netlink_put_text(&w, NFTA_OBJ_TABLE, TABLE);
	netlink_put_be32(&w, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
	r->n = 0;
	return netlink_end(&w) ? netlink_dump(fd, buf, w.len, each, r) : -EMSGSIZE;
}

int counters_read(int fd, struct kernel_counter *out, size_t max)
{
	struct reading r = { .out = out, .max = max };
	int e = -EAGAIN;

	for (int i = 0; i < TRIES && e == -EAGAIN; i++)
		e = read_once(fd, &r);
	if (e < 0)
		return e;
	return r.n ? (int)r.n : -ENOENT;
}

uint64_t counters_value(const struct kernel_counter *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) == 0)
			return list[i].packets;
	}
	return 0;
}
