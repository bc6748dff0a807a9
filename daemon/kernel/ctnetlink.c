/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/ctnetlink.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/kernel/conntrack.h"
#include "daemon/kernel/netlink.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/numbers.h"

#define MESSAGE 512
#define TUPLE_MAX 160 /* bytes of a CTA_TUPLE_ORIG; two IPv6 addresses and their ports take 76 */
#define DUMP_TRIES 5

struct writer {
	struct netlink_writer w;
	_Alignas(4) uint8_t buf[MESSAGE];
};

static void begin(struct writer *m, uint8_t type, uint16_t flags, uint8_t family)
{
	m->w = netlink_writer_of(m->buf, sizeof(m->buf));
	netlink_begin_nf(&m->w, NFNL_SUBSYS_CTNETLINK, type, flags, 1, family, 0);
}

static void put_mark(struct writer *m, uint32_t mark, uint32_t mask)
{
	netlink_put_be32(&m->w, CTA_MARK, mark);
	netlink_put_be32(&m->w, CTA_MARK_MASK, mask);
}

static int request(int fd, struct writer *m)
{
	if (!netlink_end(&m->w))
		return -EMSGSIZE;
	return netlink_request(fd, m->buf, m->w.len);
}

/* An interrupted dump is made again: the table changes all the time, and each try is short. */
static int dump(int fd, struct writer *m, int (*each)(void *, struct netlink_message *), void *ctx)
{
	int r = -EAGAIN;

	if (!netlink_end(&m->w))
		return -EMSGSIZE;
	for (int i = 0; i < DUMP_TRIES && r == -EAGAIN; i++)
		r = netlink_dump(fd, m->buf, m->w.len, each, ctx);
	return r == -EAGAIN ? 0 : r;
}

static int bear(void *ctx, struct netlink_message *m)
{
	struct netlink_attr a;

	netlink_nfgen(&m->body);
	while (netlink_attr_next(&m->body, &a))
		if (a.type == CTA_MARK)
			numbers_bear(ctx, cursor_be32(&a.value));
	return 0;
}

int ctnetlink_borne(int fd, struct numbers_borne *out)
{
	struct writer m;

	begin(&m, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC);
	return dump(fd, &m, bear, out);
}

int ctnetlink_delete_class(int fd, uint16_t number)
{
	struct writer m;

	begin(&m, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, AF_UNSPEC);
	put_mark(&m, number, MARK_CLASS);
	int r = request(fd, &m);

	return r == -ENOENT ? 0 : r;
}

/* --- offloaded conversations ------------------------------------------------------------------ */

/* What to do with one entry, remembered until the dump is over. */
struct act {
	uint32_t mark; /* 0: delete it */
	uint8_t family;
	uint8_t tuple_len;
	uint8_t tuple[TUPLE_MAX]; /* the kernel's own bytes of CTA_TUPLE_ORIG */
};

struct acts {
	struct act *list; /* owned */
	size_t count, capacity;
	uint32_t (*keep)(void *ctx, const struct tuple *t, uint16_t number);
	void *ctx;
};

static struct act *add_act(struct acts *acts)
{
	if (acts->count == acts->capacity) {
		size_t more = acts->capacity ? 2 * acts->capacity : 64;
		struct act *list = realloc(acts->list, more * sizeof(*list));

		if (!list)
			return NULL;
		acts->list = list;
		acts->capacity = more;
	}
	return &acts->list[acts->count];
}

static bool copy_tuple(struct cursor body, struct act *act)
{
	struct netlink_attr a;

	act->family = netlink_nfgen(&body).family;
	while (netlink_attr_next(&body, &a)) {
		if (a.type != CTA_TUPLE_ORIG || a.value.left > TUPLE_MAX)
			continue;
		act->tuple_len = (uint8_t)a.value.left;
		memcpy(act->tuple, a.value.at, a.value.left);
		return true;
	}
	return false;
}

static int judge(void *ctx, struct netlink_message *m)
{
	struct acts *acts = ctx;
	struct conntrack_end e;

	if (!conntrack_parse(m->body, &e) || (e.mark & MARK_VERDICT) != (uint32_t)MARK_OFFLOAD
										<< 16)
		return 0;
	uint32_t mark = acts->keep(acts->ctx, &e.tuple, (uint16_t)(e.mark & MARK_CLASS));

	if (mark == (e.mark & MARK_DECISION))
		return 0;
	struct act *act = add_act(acts);

	if (!act)
		return -ENOMEM;
	act->mark = mark;
	if (copy_tuple(m->body, act))
		acts->count++;
	return 0;
}

static int carry_out(int fd, const struct act *act)
{
	struct writer m;
	uint8_t type = act->mark ? IPCTNL_MSG_CT_NEW : IPCTNL_MSG_CT_DELETE;

	begin(&m, type, NLM_F_ACK, act->family);
	netlink_put(&m.w, CTA_TUPLE_ORIG | NLA_F_NESTED, act->tuple, act->tuple_len);
	if (act->mark)
		put_mark(&m, act->mark, MARK_DECISION);
	return request(fd, &m);
}

int ctnetlink_offloaded(int fd, uint32_t (*keep)(void *ctx, const struct tuple *t, uint16_t number),
			void *ctx, unsigned int *ended)
{
	struct acts acts = { .keep = keep, .ctx = ctx };
	struct writer m;

	begin(&m, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC);
	put_mark(&m, (uint32_t)MARK_OFFLOAD << 16, MARK_VERDICT);
	int r = dump(fd, &m, judge, &acts);

	*ended = 0;
	for (size_t i = 0; i < acts.count; i++) {
		int e = carry_out(fd, &acts.list[i]);

		if (e == 0 && !acts.list[i].mark)
			(*ended)++;
		if (e < 0 && e != -ENOENT && r == 0)
			r = e;
	}
	free(acts.list);
	return r;
}
