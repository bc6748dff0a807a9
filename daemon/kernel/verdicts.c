/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/verdicts.h"

#include "daemon/packet.h"
#include "rules/kernel/mark.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <sys/socket.h>

struct verdicts verdicts_to(void *buf, size_t size, uint16_t queue)
{
	return (struct verdicts){ .out = netlink_writer_of(buf, size), .queue = queue };
}

/* Opens a message of one of the two verdict types up to its header attribute. */
static void begin(struct verdicts *v, uint8_t type, uint32_t id, uint32_t verdict)
{
	const struct nfqnl_msg_verdict_hdr h = { .verdict = htonl(verdict), .id = htonl(id) };

	netlink_begin_nf(&v->out, NFNL_SUBSYS_QUEUE, type, 0, 0, AF_UNSPEC, v->queue);
	netlink_put(&v->out, NFQA_VERDICT_HDR, &h, sizeof h);
	v->messages++;
}

static void drop(struct verdicts *v, uint32_t id)
{
	begin(v, NFQNL_MSG_VERDICT, id, NF_DROP);
	netlink_end(&v->out);
}

void verdicts_close(struct verdicts *v)
{
	if (!v->open)
		return;
	begin(v, NFQNL_MSG_VERDICT_BATCH, v->last_id, NF_ACCEPT);
	netlink_put_be32(&v->out, NFQA_MARK, v->mark);
	netlink_end(&v->out);
	v->open = false;
}

static void rewrite(struct verdicts *v, uint32_t id, const struct outcome *o, uint32_t mark)
{
	verdicts_close(v);
	begin(v, NFQNL_MSG_VERDICT, id, NF_ACCEPT);
	netlink_put_be32(&v->out, NFQA_MARK, mark);
	netlink_put(&v->out, NFQA_PAYLOAD, o->rewrite, o->rewrite_len);
	netlink_end(&v->out);
}

void verdicts_give(struct verdicts *v, uint32_t id, const struct outcome *o)
{
	const uint32_t mark = o->opinion ? mark_of(o->verdict, o->class_number) : MARK_SEEN;

	if (o->drop_packet || (o->rewrite && o->rewrite_len > VERDICTS_REWRITE_MAX)) {
		drop(v, id);
		return;
	}
	if (o->rewrite) {
		rewrite(v, id, o, mark);
		return;
	}
	if (v->open && v->mark != mark)
		verdicts_close(v);
	v->open = true;
	v->mark = mark;
	v->last_id = id;
}

void verdicts_drop_before(struct verdicts *v, uint32_t id)
{
	verdicts_close(v);
	begin(v, NFQNL_MSG_VERDICT_BATCH, id - 1, NF_DROP);
	netlink_end(&v->out);
}
