/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/dump_part.h"
#include "rules/kernel/readback/record.h"
#include "rules/text.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static int read_links(struct dump_run *r)
{
	const struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	const uint32_t mask = RTEXT_FILTER_SKIP_STATS;

	dump_begin_route(r, RTM_GETLINK, &all, sizeof all);
	netlink_put(&r->w, IFLA_EXT_MASK, &mask, sizeof mask);
	return dump_ask(r, r->d->route);
}

static int read_rules(struct dump_run *r)
{
	const struct rtmsg all = { .rtm_family = AF_UNSPEC };

	dump_begin_route(r, RTM_GETRULE, &all, sizeof all);
	return dump_ask(r, r->d->route);
}

static int read_qdiscs(struct dump_run *r)
{
	const struct tcmsg all = { .tcm_family = AF_UNSPEC };

	dump_begin_route(r, RTM_GETQDISC, &all, sizeof all);
	return dump_ask(r, r->d->route);
}

static int again(struct dump_run *r, int (*read)(struct dump_run *r))
{
	int e = -EAGAIN;

	for (unsigned int i = 0; e == -EAGAIN && i < DUMP_TRIES; i++)
		e = read(r);
	return e;
}

/* ---- filters: of every queueing discipline, and of both sides of a clsact ---- */

static int read_filters(struct dump_run *r, int32_t index, uint32_t parent)
{
	const struct tcmsg where = { .tcm_family = AF_UNSPEC,
				     .tcm_ifindex = index,
				     .tcm_parent = parent };
	int e = -EAGAIN;

	for (unsigned int i = 0; e == -EAGAIN && i < DUMP_TRIES; i++) {
		dump_begin_route(r, RTM_GETTFILTER, &where, sizeof where);
		e = dump_ask(r, r->d->route);
	}
	/* Not every discipline takes filters, and one may have gone. */
	return e == -EINVAL || e == -ENOENT || e == -EOPNOTSUPP || e == -ENODEV ? 0 : e;
}

static int read_filters_of(struct dump_run *r, int32_t index, uint32_t handle)
{
	static const uint32_t sides[] = { TC_H_MIN_INGRESS, TC_H_MIN_EGRESS };
	int e = 0;

	if (handle >> 16 != TC_H_CLSACT >> 16) /* ingress has the same number */
		return handle ? read_filters(r, index, handle) : 0;
	for (size_t i = 0; e == 0 && i < 2; i++)
		e = read_filters(r, index, TC_H_MAKE(TC_H_CLSACT, sides[i]));
	return e;
}

static int read_every_filter(struct dump_run *r, size_t from)
{
	const size_t end = r->out->len;
	int e = 0;

	while (e == 0 && from < end) {
		struct cursor c = cursor_of(r->out->bytes + from, end - from);
		struct record rec;

		if (!record_next(&c, &rec))
			return -EBADMSG;
		from = end - c.left;
		if (rec.type != RTM_NEWQDISC)
			continue;
		cursor_skip(&rec.body, 4); /* struct tcmsg: family, padding */
		const int32_t index = (int32_t)record_host32(&rec.body);

		e = read_filters_of(r, index, record_host32(&rec.body));
	}
	return e;
}

int dump_links(struct dump_run *r, size_t *from)
{
	*from = r->out->len;
	int e = again(r, read_links);

	if (e == 0)
		e = again(r, read_rules);
	const size_t qdiscs = r->out->len;

	if (e == 0)
		e = again(r, read_qdiscs);
	return e == 0 ? read_every_filter(r, qdiscs) : e;
}
