/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * refusals: packets that the ruleset refused, as few events that lose nothing a person needs.
 *
 * The first packet of (source, destination, protocol, port, reason) is told at once; what follows within
 * REFUSALS_WINDOW is counted and told as one event with its count when the window ends. The table is fixed:
 * when full the oldest window is ended early. More than REFUSALS_PER_SECOND new ones (a scan) are only
 * counted, and told as one event a second. The kernel has thinned them before (set told4), so counts here are
 * of what it logged; the ruleset's counters have all.
 *
 * Addresses of zone B behind a plug of zone A and of A behind a plug of B: two plugs were exchanged.
 */
#ifndef DAEMON_RECORD_REFUSALS_H
#define DAEMON_RECORD_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/record/watched.h"

struct refusals;

#define REFUSALS_WINDOW INT64_C(60000000000)	/* ns */
#define REFUSALS_TABLE 4096u
#define REFUSALS_PER_SECOND 200u
#define REFUSALS_PLUGS_WINDOW INT64_C(300000000000)
#define REFUSALS_PLUGS_ENOUGH 3u	/* packets each way until plugs count as exchanged */

struct refusals_out {
	/* @count: packets the event speaks of. @r NULL: so many more were refused than are told singly */
	void (*tell)(void *ctx, const struct refused *r, uint64_t count, int64_t now);
	/* interface @a shows addresses of @b's zone and the reverse */
	void (*plugs)(void *ctx, uint32_t a, uint32_t b, int64_t now);
	void *ctx;
};

struct refusals *refusals_new(const uint8_t key[static 16], const struct refusals_out *out);	/* NULL: no memory */
void refusals_free(struct refusals *f);		/* takes NULL */

/* refusals_add - one more; time is the record's own */
void refusals_add(struct refusals *f, const struct refused *r);

/**
 * refusals_spoofed - a source address that belongs elsewhere
 * @zone_in: zone of the interface it came in by; @zone_src: zone the address belongs to
 */
void refusals_spoofed(struct refusals *f, uint32_t ifin, uint32_t zone_in, uint32_t zone_src, int64_t now);

void refusals_tick(struct refusals *f, int64_t now);	/* windows that are over are told */
void refusals_finish(struct refusals *f, int64_t now);	/* all are */

#endif
