/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request of arbitrary bytes, as far as the injector takes it: its text fits, its packet decodes, its name says nothing. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "daemon/decode.h"
#include "daemon/inject.h"
#include "daemon/inject/segment.h"
#include "daemon/inject/texts.h"
#include "daemon/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make(const struct injection *q)
{
	static uint8_t out[SEGMENT_MAX];
	char text[SEGMENT_PAYLOAD_MAX];
	const struct segment s = { .src = q->server,
				   .dst = q->client,
				   .seq = q->seq,
				   .ack = q->ack,
				   .flags = TCP_ACK,
				   .stamped = q->stamped,
				   .stamp = q->stamp,
				   .echo = q->echo,
				   .payload = text,
				   .len = inject_text(q, "desk & 1", text) };
	struct packet p = { .data = out, .len = (uint32_t)segment_make(&s, out) };
	struct headers h;

	assert(s.len);
	p.wire_len = p.len;
	if (decode_packet(&p, &h) == DECODE_OK) /* else: an address that no packet may have */
		assert(h.payload.left == s.len && h.seq == q->seq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct injection q = { 0 };

	memcpy(&q, data, size < sizeof(q) ? size : sizeof(q));
	q.kind %= INJECT_KINDS;
	q.stamped = size & 1;
	q.permit[INJECTION_TEXT - 1] = q.name[INJECTION_TEXT - 1] = '\0';
	if (ip_is_v4(q.client) != ip_is_v4(q.server))
		q.server = q.client;
	make(&q);
	return 0;
}
