/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tally: how much each terminal has sent of what a detector counts, in the hour and in the day.
 *
 * Hours and days are those of the packets' time, in Japan. The table is fixed: at its end the terminal not heard of
 * for longest makes way and is counted. Kept in memory only: a new engine begins at nought.
 */
#ifndef DAEMON_TALLY_H
#define DAEMON_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ip.h"
#include "rules/policy.h"

#define TALLY_TERMINALS 4096u

struct tally_sum {
	uint64_t hour, day;
};

struct slow;
struct tallies;

struct tallies *tallies_new(void);	/* NULL: no memory */
void tallies_free(struct tallies *t);	/* takes NULL */

/* tallies_add - @now: ns since 1970. Return: the sums with it, of that detector */
struct tally_sum tallies_add(struct tallies *t, ip_t terminal, enum policy_detector detector, uint64_t more,
			     int64_t now);
/* tallies_slow - the terminal's numbers that left one at a time; borrowed until the next call */
struct slow *tallies_slow(struct tallies *t, ip_t terminal, int64_t now);
uint64_t tallies_evicted(const struct tallies *t);

#endif
