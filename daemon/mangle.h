/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mangle: a packet of TCP that passes with other bytes of the same number, its checksum made anew.
 *
 * Today: the offer of STARTTLS is taken out of a server's answer where the profile says `starttls refuse`.
 */
#ifndef DAEMON_MANGLE_H
#define DAEMON_MANGLE_H

#include <stddef.h>
#include <stdint.h>

#define MANGLE_MAX 2048u	/* bytes of a packet that can be changed; an answer of more is left as it is */

struct engine;
struct step;

/* mangle_offer - of a packet that passes undecided: hide what it offers. Live only; else, and of GSO, nothing is done */
void mangle_offer(struct engine *e, struct step *s);

/* mangle_sum - the checksum of TCP over a whole packet, put in its place (RFC 9293, 3.1) */
void mangle_sum(uint8_t *packet, size_t len, size_t ip_len);

#endif
