/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source_pcap: packets from capture files, with everything done to them that the kernel does before
 * an engine sees a packet: link layers stripped (capture/link.h), fragments put together
 * (capture/defrag.h), each packet of a forwarding box taken once, where it came in
 * (capture/copies.h). Tunnels are opened on request (capture/decap.h).
 *
 * Classic pcap (micro- and nanoseconds, both byte orders) through libpcap, pcapng through our own
 * reader. Several files are merged by time; of equal times the file named first comes first.
 *
 * Interfaces are numbered from 1 as their names appear: if_name of pcapng, the name given with a file, the
 * name given for an index of Linux cooked v2 (else "#INDEX"). A packet without any has 0.
 */
#ifndef DAEMON_SOURCE_PCAP_H
#define DAEMON_SOURCE_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/capture/problem.h"
#include "daemon/source.h"

struct source_pcap_file {
	const char *path;		/* "-" is standard input */
	const char *interface;		/* all packets came in on it; NULL: as the file says */
};

struct source_pcap_index {		/* interface index of a Linux cooked v2 capture */
	uint32_t index;
	const char *name;
};

struct source_pcap_conf {
	bool fragments;			/* hand fragments over as they are */
	bool copies;			/* hand over both sights of a forwarded packet */
	bool loose;			/* ... and frames of unknown EtherTypes that begin like IP (ndpiReader) */
	unsigned int decapsulate;	/* DECAP_* of capture/decap.h; 0: tunnels stay closed */
	const struct source_pcap_index *indexes;	/* index_count of them */
	size_t index_count;
	/* told once for each number before its first packet; may be NULL */
	void (*interface)(void *ctx, uint32_t number, const char *name);
	void *ctx;
};

/**
 * source_pcap_open - open capture files as one source
 * @files, @conf: copied; the texts and indexes they point to are borrowed until close
 * @problem: on failure, what to tell
 * Return: 0, or the error of capture_problem.
 */
int source_pcap_open(const struct source_pcap_file *files, size_t count, const struct source_pcap_conf *conf,
		     struct source **out, struct capture_problem *problem);

/* source_pcap_problem - what next() failed of; error 0 when it did not */
const struct capture_problem *source_pcap_problem(const struct source *s);

/* source_pcap_parse - "FILE" or "NAME=FILE" as a person gives it; the text is cut in two at the first '=' when
 * what stands before can be the name of an interface and no such file exists */
struct source_pcap_file source_pcap_parse(char *operand);

/* source_pcap_parse_indexes - "3=k0,4=l0" as indexes; the text is cut into names. Return: how many, 0 for none or
 * a text that is not so or names more than @max */
size_t source_pcap_parse_indexes(char *text, struct source_pcap_index *out, size_t max);

struct event_counter;
/* source_pcap_counters - frames and what became of them, for stats. Return: how many */
size_t source_pcap_counters(const struct source *s, struct event_counter *out, size_t max);

#endif
