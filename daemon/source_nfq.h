/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source_nfq: step 1 of 7, live: packets that the kernel's ruleset has queued, and their verdicts.
 *
 * Reads up to SOURCE_NFQ_RING packets with one system call and answers them with one. A lone packet is
 * answered at once; batches form by themselves only while packets arrive faster than they are judged.
 * The socket is opened by the supervisor (kernel/queue.h) and outlives this process: what a dead reader
 * had read but not answered is dropped by its successor's first message, before anything newer passes.
 */
#ifndef DAEMON_SOURCE_NFQ_H
#define DAEMON_SOURCE_NFQ_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/source.h"
#include "rules/cursor.h"

struct packet;
struct stats_page;

#define SOURCE_NFQ_RING 64u	/* packets read at once */

/**
 * source_nfq_new - a source that reads a bound queue
 * @fd: borrowed; the queue's netlink socket
 * @page: where it counts, in the group named @group
 * Return: NULL for no memory.
 */
struct source *source_nfq_new(int fd, uint16_t queue, struct stats_page *page, const char *group);

/**
 * source_nfq_parse - one netlink message of the queue as a packet
 * @c: the message's body, after struct nlmsghdr
 * @now: time for a packet that carries none
 * Return: false when it is not a whole packet message; *p is then not to be used.
 */
bool source_nfq_parse(struct cursor c, int64_t now, struct packet *p);

#endif
