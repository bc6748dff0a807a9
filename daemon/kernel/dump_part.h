/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dump_part: what the parts of a dump share. Private to dump*.c.
 */
#ifndef DAEMON_KERNEL_DUMP_PART_H
#define DAEMON_KERNEL_DUMP_PART_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/kernel/dump.h"
#include "daemon/kernel/netlink.h"

struct text;

#define DUMP_TRIES 8u		/* of what changed while it was read */

struct dump_run {
	struct dump *d;		/* borrowed */
	struct text *out;	/* borrowed */
	_Alignas(4) uint8_t request[256];
	struct netlink_writer w;	/* of the request */
};

/* dump_tables, dump_hooks, dump_links, dump_files - append their part. Return: 0 or -errno */
int dump_tables(struct dump_run *r);
int dump_hooks(struct dump_run *r);
int dump_links(struct dump_run *r, size_t *from);	/* from: where the interfaces begin */
int dump_files(struct dump_run *r, size_t from);
int dump_programs(struct dump_run *r, size_t from);

/* dump_put - append one message. Return: 0, -EFBIG or -ENOMEM */
int dump_put(struct dump_run *r, uint16_t type, const void *body, size_t len);
/* dump_hidden - say that something could not be read */
int dump_hidden(struct dump_run *r, const char *what);

/* dump_begin_nf, dump_begin_route - start a request; further attributes go to r->w */
void dump_begin_nf(struct dump_run *r, uint8_t subsys, uint8_t type, uint16_t flags, uint8_t family);
void dump_begin_route(struct dump_run *r, uint16_t type, const void *header, size_t len);

/* dump_ask - send the request, append every answer. Return: 0, -EAGAIN it changed meanwhile, or -errno; then nothing
 * was appended */
int dump_ask(struct dump_run *r, int fd);

/* dump_each_link - call for every interface of the record from an offset on. Return: the first that is not 0 */
int dump_each_link(struct dump_run *r, size_t from, int (*each)(struct dump_run *r, uint32_t index, const char *name));

#endif
