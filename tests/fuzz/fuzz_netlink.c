/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_netlink: bytes as datagrams of the kernel: every reader of ours, and the queue's packets.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/decode.h"
#include "daemon/kernel/conntrack.h"
#include "daemon/kernel/counters.h"
#include "daemon/kernel/generations.h"
#include "daemon/kernel/links.h"
#include "daemon/kernel/netlink.h"
#include "daemon/kernel/nflog.h"
#include "daemon/packet.h"
#include "daemon/source_nfq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const uint8_t *at, size_t len, const uint8_t *data, size_t size)
{
	if (len && (at < data || len > size || at > data + size - len))
		abort();
}

static void read_queue(struct cursor c, const uint8_t *data, size_t size)
{
	struct headers h;
	struct packet p;

	if (!source_nfq_parse(c, 1, &p))
		return;
	inside(p.data, p.len, data, size);
	decode_packet(&p, &h);
}

static void read_log(struct cursor c, const uint8_t *data, size_t size)
{
	struct nflog_packet p;

	if (!nflog_parse(c, &p))
		return;
	inside(p.data, p.len, data, size);
	if (!memchr(p.prefix, 0, sizeof p.prefix))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* netlink buffers are aligned to 4, as the kernel's messages in them */
	uint8_t *copy = aligned_alloc(16, (size + 16) & ~(size_t)15);
	struct netlink_message m;
	struct cursor c;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	c = cursor_of(copy, size);
	while (netlink_next(&c, &m)) {
		struct conntrack_end e;
		struct link_change l;
		struct kernel_counter k;

		read_queue(m.body, copy, size);
		read_log(m.body, copy, size);
		conntrack_parse(m.body, &e);
		if (links_parse(&m, &l) && !memchr(l.name, 0, sizeof l.name))
			abort();
		if (counters_parse(&m, &k) == 1 && !memchr(k.name, 0, sizeof k.name))
			abort();
		struct generation g;

		if (generations_parse(&m, &g) && !memchr(g.program, 0, sizeof g.program))
			abort();
		netlink_error(&m);
	}
	free(copy);
	return 0;
}
