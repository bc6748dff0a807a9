/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * detector: one file of this folder, one entry of the table in watch.c.
 */
#ifndef DAEMON_WATCH_DETECTOR_H
#define DAEMON_WATCH_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/record/event.h"

struct policy;
struct watch;
struct watch_table;

struct detector {
	const char *word;		/* of its figures */
	void *(*new)(uint64_t key);	/* NULL: no memory */
	void (*free)(void *d);		/* takes NULL */
	void (*event)(void *d, struct watch *w, const struct event *ev);
	void (*tick)(void *d, struct watch *w, int64_t now);	/* or NULL; every ten seconds of event time at most */
	const struct watch_table *(*table)(const void *d);	/* what it remembers, for its figures */
};

extern const struct detector detect_dns, detect_beacon, detect_upload, detect_long, detect_scan;

/* What a detector says. Texts are borrowed for the call. */
struct watch_alarm {
	uint8_t detector, reason;	/* enum event_detector, event_reason */
	uint8_t severity;		/* 0: the signature's */
	uint64_t count;
	const char *name;		/* destination concerned, if it has one */
	char detail[512], detail_ja[640];	/* the numbers that fired it, to be checked by hand */
};

/* watch_alarm - tell it, as about the conversation of @ev; its time is the event's */
void watch_alarm(struct watch *w, const struct event *ev, const struct watch_alarm *a);
const struct policy *watch_policy_of(const struct watch *w);	/* NULL: none yet */

#endif
