/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * protocols: what a capture consists of, by nDPI alone and without a policy, counted as ndpiReader
 * does, so that the two can be compared: the same source, decode, flow and inspect as everywhere, but
 * flows never end, VLANs tell them apart, all ICMP between two hosts is one flow, and packets that
 * are damaged, cut short or not the first fragment do not count.
 */
#ifndef DAEMON_PROTOCOLS_H
#define DAEMON_PROTOCOLS_H

#include <stdint.h>

struct inspect;
struct source;

struct protocol_count {
	uint64_t packets, bytes, flows;	/* bytes: of the captured frames */
};

/**
 * protocols_run - read a source to its end
 * @in: of inspect_conf_reader for ndpiReader's figures
 * @counts: out: zeroed and filled, inspect_app_count(in) of them, by protocol number
 * Return: 0; -ENOMEM; or the source's error, with what was read so far counted.
 */
int protocols_run(struct source *s, struct inspect *in, struct protocol_count *counts);

#endif
