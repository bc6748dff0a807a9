/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_defrag: packets, each behind two bytes of length and one of seconds passed. What is put together is one
 * whole packet that says its own length; nothing of it is a fragment any more; counters add up.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/capture/defrag.h"
#include "daemon/packet.h"
#include "rules/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t length_of(const struct packet *p)
{
	struct cursor c = cursor_of(p->data, p->len);
	bool four = p->data[0] >> 4 == 4;

	cursor_skip(&c, four ? 2 : 4);
	return four ? cursor_be16(&c) : 40u + cursor_be16(&c);
}

static void check(struct packet *p, struct defrag *again)
{
	assert(p->len == p->wire_len && p->len == length_of(p));
	if (p->data[0] >> 4 == 4)
		assert(defrag_packet(again, p) == DEFRAG_WHOLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct defrag_conf conf = { .datagrams = 8,
					  .bytes = 16384,
					  .timeout_v4 = 30 * 1000000000ll,
					  .timeout_v6 = 60 * 1000000000ll };
	struct cursor c = cursor_of(data, size);
	struct defrag *d = defrag_new(&conf), *again = defrag_new(&conf);
	const struct defrag_counters *n = defrag_counters(d);
	uint64_t made = 0, fragments = 0;
	int64_t now = 0;

	assert(d && again);
	while (c.left >= 3) {
		uint16_t length = cursor_be16(&c);
		struct packet p = { .len = length < c.left ? length : (uint32_t)c.left };
		enum defrag_result r;

		now += cursor_u8(&c) * 1000000000ll;
		p.len = p.len < c.left ? p.len : (uint32_t)c.left;
		p.wire_len = p.frame_len = p.len;
		p.time = now;
		p.data = cursor_take(&c, p.len);
		r = defrag_packet(d, &p);
		fragments += r != DEFRAG_WHOLE;
		made += r == DEFRAG_MADE;
		if (r == DEFRAG_MADE)
			check(&p, again);
	}
	assert(n->fragments == fragments && n->reassembled == made);
	defrag_free(d);
	defrag_free(again);
	return 0;
}
