/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signature: what an alert is called. A number never changes its meaning, so a SIEM can rely on it.
 */
#ifndef DAEMON_RECORD_SIGNATURE_H
#define DAEMON_RECORD_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

struct event;

struct signature {
	uint32_t id;
	uint8_t detector, reason;	/* enum event_detector, event_reason */
	bool blocked;
	uint8_t severity;		/* 1 wake somebody, 2 look today, 3 record */
	const char *english, *japanese;
};

/* signature_of - the alert's own entry, or that of its detector for a reason without one; never NULL */
const struct signature *signature_of(const struct event *ev);

/* signature_at - entries in order, NULL behind the last: for the documentation and tests */
const struct signature *signature_at(uint32_t i);

#endif
