/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slow: numbers that leave one at a time, each in a connection of its own.
 *
 * One number alone proves nothing: every tenth run of twelve digits has a right check digit. Over many connections
 * of a terminal the same sequential test as inside a document (methods.md B.6) tells a list from other digits:
 * right +2.28, wrong -3.81, from SLOW_NATS on it is one. How many there were is an estimate (sketch.h).
 */
#ifndef DAEMON_SLOW_H
#define DAEMON_SLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/sketch.h"

#define SLOW_NATS 20.0	/* nine right ones in a row: a year has more digits than a document, so more than 13.8 */

struct slow {
	struct sketch seen;	/* right ones */
	struct sketch wrong;
	float nats;
	uint32_t told;		/* the count when it was told last */
};

/* slow_token - twelve digits of the terminal. @round: the last digit is 0, where the check digit is right more often
 * Return: whether there is something to tell now: for the first time, or ten times as many as then. */
bool slow_token(struct slow *s, uint64_t hash, bool right, bool round);

#endif
