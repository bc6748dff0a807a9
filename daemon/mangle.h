/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mangle: a packet of TCP that passes with other bytes of the same number, its checksum made anew.
 *
 * The offer of STARTTLS is taken out of a server's answer where the profile says `starttls refuse`; a refused mail goes
 * on overwritten (sink.h).
 */
#ifndef DAEMON_MANGLE_H
#define DAEMON_MANGLE_H

#include <stddef.h>
#include <stdint.h>

#define MANGLE_MAX 65531u	/* bytes of a packet that can be handed back: an attribute of netlink holds no more */

struct engine;
struct step;

/* mangle_offer - of a packet that passes undecided: hide what it offers. Live only; else, and of GSO, nothing is done */
void mangle_offer(struct engine *e, struct step *s);

/* mangle_payload - the packet at hand passes with its payload as @change leaves it, or as it is (out.rewrite NULL). Of
 * GSO the kernel makes the checksums when it cuts it into segments. */
void mangle_payload(struct engine *e, struct step *s, void (*change)(uint8_t *at, size_t n));

/* mangle_sum - the checksum of TCP over a whole packet, put in its place (RFC 9293, 3.1) */
void mangle_sum(uint8_t *packet, size_t len, size_t ip_len);

#endif
