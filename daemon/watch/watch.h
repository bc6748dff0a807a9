/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watch: behaviour over time, of allowed and encrypted traffic alike.
 *
 * It stands between the engines' events and whoever writes them: every event passes by, and detectors that remember
 * earlier ones add alerts of their own, behind the event that completed them. Live that is the recorder, which hears
 * all engines and the kernel's ends of flows; in a replay the same code in the same place. Time is the events' own.
 */
#ifndef DAEMON_WATCH_WATCH_H
#define DAEMON_WATCH_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/record/event.h"

struct policy;
struct watch;

struct watch_conf {
	uint64_t key;			/* live: random; replay: constant */
	struct event_sink sink;		/* of its alerts */
};

struct watch *watch_new(const struct watch_conf *conf);		/* NULL: no memory */
void watch_free(struct watch *w);				/* takes NULL */
void watch_policy(struct watch *w, const struct policy *p);	/* borrowed until the next one */
void watch_event(struct watch *w, const struct event *ev);
void watch_tick(struct watch *w, int64_t now);			/* time goes on without events; ns since 1970 */

/* watch_counters - things remembered and forgotten early, a detector each. Return: how many */
size_t watch_counters(const struct watch *w, struct event_counter *out, size_t max);

#endif
