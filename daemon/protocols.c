/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/protocols.h"

#include "daemon/decode.h"
#include "daemon/flow.h"
#include "daemon/inspect.h"
#include "daemon/packet.h"
#include "daemon/source.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { FLOWS = 1 << 20 };

#define NEVER (INT64_MAX / 2)

static const struct flow_timeouts endless = {
	NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
};

struct run {
	struct inspect *inspect;       /* borrowed */
	struct flow_table *flows;      /* owned */
	struct protocol_count *counts; /* borrowed */
};

/* What a flow's `work` is here. */
struct tally {
	struct inspect_flow *state; /* owned; NULL once `what` is final */
	struct finding what;
	uint64_t packets, bytes;
};

static struct tally *tally_of(struct flow *f)
{
	return (struct tally *)(void *)f->work;
}

static void count_flow(void *ctx, struct flow *f, enum flow_end why)
{
	struct run *r = ctx;
	struct tally *t = tally_of(f);
	struct protocol_count *c;

	(void)why;
	if (!t)
		return;
	if (t->state)
		inspect_give_up(r->inspect, t->state, &t->what);
	inspect_flow_free(t->state);
	c = &r->counts[t->what.app ? t->what.app : t->what.master];
	c->packets += t->packets;
	c->bytes += t->bytes;
	c->flows++;
	free(t);
}

static struct tally *new_tally(struct flow *f)
{
	struct tally *t = calloc(1, sizeof(*t));

	if (t)
		t->state = inspect_flow_new();
	if (t && t->state) {
		f->work = (struct work *)(void *)t;
		return t;
	}
	free(t);
	return NULL;
}

/*
 * ndpiReader compares the lengths of the IP header and looks at nothing else, so some packets that decode
 * refuses count there: options in disorder, a header shorter than it may be, a transport header that lies.
 */
static bool salvage(const struct packet *p, struct headers *h)
{
	struct cursor c = cursor_of(p->data, p->len);
	uint32_t header = (uint32_t)(cursor_u8(&c) & 15) * 4, rest;

	cursor_skip(&c, 1);
	h->total = cursor_be16(&c);
	cursor_skip(&c, 16);
	if (c.tripped || p->data[0] >> 4 != 4 || h->total < header || h->total > p->len)
		return false;
	c = cursor_of(p->data, p->len);
	cursor_skip(&c, header);
	rest = h->total - header;
	h->sport = h->dport = 0;
	if ((h->protocol == IPPROTO_TCP && rest >= 20) ||
	    (h->protocol == IPPROTO_UDP && rest >= 8)) {
		h->sport = cursor_be16(&c);
		h->dport = cursor_be16(&c);
	}
	return true;
}

/* flow_count is left out on purpose: a flow whose state is not followed never closes. */
static int count_packet(struct run *r, const struct packet *p)
{
	struct headers h;
	struct flow *f;
	struct tally *t;
	bool reply, fresh;

	if ((decode_packet(p, &h) != DECODE_OK && !salvage(p, &h)) || h.cut || h.frag_offset)
		return 0;
	if (h.protocol == IPPROTO_ICMP || h.protocol == IPPROTO_ICMPV6) {
		h.sport = 0;
		h.dport = UINT16_MAX; /* no type: neither query nor answer */
	}
	f = flow_lookup(r->flows, &h, p->vlan, p->time, &reply, &fresh);
	t = fresh ? new_tally(f) : tally_of(f);
	if (!t)
		return -ENOMEM;
	t->packets++;
	t->bytes += p->frame_len;
	if (!t->state)
		return 0;
	inspect_packet(r->inspect, t->state, &h, p->time, &t->what);
	if (t->what.final) {
		inspect_flow_free(t->state);
		t->state = NULL;
	}
	return 0;
}

int protocols_run(struct source *s, struct inspect *in, struct protocol_count *counts)
{
	static const uint8_t key[16] = "protocols"; /* a replay's hash is no secret */
	struct run r = { .inspect = in, .counts = counts };
	struct packet p;
	int e;

	memset(counts, 0, inspect_app_count(in) * sizeof(*counts));
	r.flows = flow_table_new(FLOWS, &endless, key, count_flow, &r);
	if (!r.flows)
		return -ENOMEM;
	while ((e = s->ops->next(s, &p)) == 1) {
		e = count_packet(&r, &p);
		if (e)
			break;
	}
	flow_table_free(r.flows);
	return e == -ENODATA ? 0 : e;
}
