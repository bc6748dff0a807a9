/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pcapng: reader of https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html
 *
 * Our own, because libpcap hides the names of interfaces and refuses sections of several link types.
 * Reads section header, interface description, enhanced, simple and old packet blocks; both byte
 * orders, which may change with each section; options if_name, if_tsresol, if_tsoffset, epb_flags.
 * Other blocks are passed over.
 */
#ifndef DAEMON_CAPTURE_PCAPNG_H
#define DAEMON_CAPTURE_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

struct frame;
struct pcapng;

#define PCAPNG_FIRST_BYTE 0x0a		/* no classic capture begins with it */

/**
 * pcapng_new - a reader of an open file that stands at its first byte
 * @file: borrowed until pcapng_free; need not be seekable
 * @interface: asked once for each interface: its number in the engine's table. @name is "" when it has none.
 * Return: NULL for no memory.
 */
struct pcapng *pcapng_new(FILE *file, uint32_t (*interface)(void *ctx, const char *name), void *ctx);
void pcapng_free(struct pcapng *n);

/**
 * pcapng_next - the next frame
 * Return: 1; -ENODATA at the end; -EPROTO not a pcapng file (only before the first frame); -EPIPE it ends
 * inside a block; -EBADMSG it is damaged; -EIO; -ENOMEM.
 */
int pcapng_next(struct pcapng *n, struct frame *out);

/* pcapng_at - byte in the file where the block begins that was read last */
uint64_t pcapng_at(const struct pcapng *n);

#endif
