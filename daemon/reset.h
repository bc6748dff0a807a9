/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reset: the RST that is put in the place of an offending packet, so that its receiver learns that the
 * connection is over (RFC 9293, 3.5.2). No raw socket: the queue lets us rewrite a packet.
 */
#ifndef DAEMON_RESET_H
#define DAEMON_RESET_H

#include <stdint.h>

#define RESET_MAX 60u

struct headers;

/**
 * reset_make - the packet for the receiver of the one in @h (TCP)
 * @seq: the next sequence number its receiver waits for (RFC 5961, 3.2: exactly it, or it is ignored)
 * Return: its length, 40 or 60; checksums are filled.
 */
uint32_t reset_make(const struct headers *h, uint32_t seq, uint8_t out[static RESET_MAX]);

#endif
