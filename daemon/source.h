/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source: step 1 of 7, where packets come from. Four functions, pull not callback.
 *
 * Live queue (source_nfq.c) and capture file (source_pcap.c) stand behind the same seam; so will the
 * shared-memory ring of a split engine. What they still differ in belongs to the source and is:
 * link layers are stripped by source_pcap; fragments are whole from the kernel and reassembled
 * (defrag.c) from a file; GSO packets and unfilled checksums occur live only; cut packets in files.
 */
#ifndef DAEMON_SOURCE_H
#define DAEMON_SOURCE_H

#include <stdint.h>

struct packet;
struct outcome;
struct source;

struct source_ops {
	int (*fd)(struct source *s);	/* poll for reading; -1: always ready */
	/* 1 a packet; 0 none now (every verdict given so far is then on its way); -ENODATA end; -errno */
	int (*next)(struct source *s, struct packet *p);
	/* exactly once per packet, in the order next() gave them; may be buffered until next() */
	int (*verdict)(struct source *s, uint32_t id, const struct outcome *o);
	void (*close)(struct source *s);	/* takes NULL */
};

struct source {
	const struct source_ops *ops;	/* first member of each kind of source */
};

#endif
