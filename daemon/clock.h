/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock: may the machine's clock open and close permits?
 *
 * The kernel knows whether a time program (chrony, systemd-timesyncd, ntpd) keeps the clock: adjtimex(2), STA_UNSYNC. It is
 * set when the machine starts, when somebody sets the clock by hand, and when the error may have grown beyond 16 s.
 * The last second at which the clock was right is kept in the state directory, so that a machine that wakes up
 * years early (an empty battery) or with no time source can be told from one that is right.
 */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct conf;

#define CLOCK_NOTE_SECONDS 60		/* how often it is kept; that much may a clock stand before it */
#define CLOCK_LATE_SECONDS 10		/* beyond which clock_keep waits no longer for the next note */

enum clock_verdict {
	CLOCK_RIGHT,
	CLOCK_UNSYNCHRONISED,		/* and the settings do not say "trusted" */
	CLOCK_BEHIND,			/* before a time that was right: nobody is believed then, settings or time program */
};

/* clock_verdict - @now, @known: seconds since 1970; known 0: none */
enum clock_verdict clock_verdict(bool trusted, bool synchronised, int64_t now, int64_t known);

/* clock_judge - the same, asked of the kernel, the settings and the state directory */
enum clock_verdict clock_judge(const struct conf *conf, int64_t now);

/* clock_known - the last second at which the clock was right, as kept; 0: none, or not readable */
int64_t clock_known(const char *state_directory);

/* clock_note - keep a time. Return: 0 or -errno */
int clock_note(const char *state_directory, int64_t now);

/* clock_keep - keep a right time where nobody has for a minute: for who stands in for a daemon that may be dead. Whoever notes
 * each minute is always first, so two never write at once. Return: seconds until it should be called again */
int clock_keep(const struct conf *conf, int64_t now);

#endif
