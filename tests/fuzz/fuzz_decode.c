/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_decode: two bytes of link type, then a frame: link layer, tunnels, headers, flow table. What is found
 * lies inside the frame, and the flow table finds a flow again from either side.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/capture/copies.h"
#include "daemon/capture/decap.h"
#include "daemon/capture/link.h"
#include "daemon/decode.h"
#include "daemon/flow.h"
#include "daemon/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void forget(void *ctx, struct flow *f, enum flow_end why)
{
	(void)ctx, (void)f, (void)why;
}

static void look_up(const struct headers *h)
{
	static const uint8_t key[16] = { 1 };
	struct flow_table *t = flow_table_new(2, &flow_timeouts_default, key, forget, NULL);
	bool reply, fresh;

	assert(t);
	for (int64_t now = 0; now < 3; now++) {
		struct flow *f = flow_lookup(t, h, 0, now, &reply, &fresh);

		assert(fresh == (now == 0) || f->state == FLOW_CLOSED);
		assert(flow_of_tuple(t, &f->tuple, 0) == f);
		flow_count(t, f, h, reply, now);
	}
	flow_table_free(t);
}

static void decode(const struct packet *p)
{
	struct headers h;
	enum decode_error e = decode_packet(p, &h);

	assert(e < DECODE_COUNT);
	if (e != DECODE_OK)
		return;
	assert(h.payload.at >= p->data &&
	       h.payload.left <= (size_t)(p->data + p->len - h.payload.at));
	assert(h.cut || h.ip_len + h.l4_len + h.payload.left <= h.total);
	look_up(&h);
}

static void unwrap(struct packet *p)
{
	struct copies *copies = copies_new();

	assert(copies);
	assert(!copies_seen(copies, p, false));
	copies_free(copies);
	do {
		decode(p);
		p->live = true;
		decode(p);
		p->live = false;
		p->wire_len += 9; /* as if the capture had cut it */
		decode(p);
		p->wire_len -= 9;
	} while (decap_packet(DECAP_ALL, p) == DECAP_OPENED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link l;
	struct headers h;

	if (size < 2)
		return 0;
	decode_embedded(cursor_of(data, size), &h);
	if (link_strip((uint32_t)data[0] << 8 | data[1], cursor_of(data + 2, size - 2), &l) ==
	    LINK_IP) {
		struct packet p = { .data = l.ip.at,
				    .len = (uint32_t)l.ip.left,
				    .wire_len = (uint32_t)l.ip.left };

		assert(l.ip.left && l.ip.at + l.ip.left <= data + size);
		unwrap(&p);
	}
	return 0;
}
