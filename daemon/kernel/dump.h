/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dump: everything of this network namespace that decides over packets, read off the kernel into one record
 * (rules/kernel/readback/record.h says how it looks).
 *
 *	dump_tables.c	nf_tables of every family, all of one generation
 *	dump_hooks.c	what nft does not show: hooks, expectations and helpers of conntrack, BPF programs
 *	dump_links.c	interfaces, their queueing disciplines and filters, routing rules
 *	dump_files.c	settings under /proc
 *
 * CAP_NET_ADMIN is enough. What needs more, or a kernel that can tell it, is recorded as hidden, never left out.
 */
#ifndef DAEMON_KERNEL_DUMP_H
#define DAEMON_KERNEL_DUMP_H

#include <stdint.h>

struct text;

#define DUMP_WHY 200

struct dump {
	int netfilter, route;	/* owned: sockets of nobody else */
	uint32_t seq;		/* of the last request */
	uint32_t generation;	/* of the tables read last */
};

/* dump_open - the sockets; after it no right but CAP_NET_ADMIN and reading files is needed. Return: 0 or -errno */
int dump_open(struct dump *d);
void dump_close(struct dump *d);

/**
 * dump_read - append a whole record
 * @why: on failure what could not be read, English and Japanese
 * Return: 0; -EAGAIN the tables changed faster than they can be read; -EPERM CAP_NET_ADMIN is missing; -EFBIG
 * more than RECORD_BYTES_MAX; -ENOMEM; -errno. On failure @out is as it was.
 */
int dump_read(struct dump *d, struct text *out, char why[2][DUMP_WHY]);

#endif
