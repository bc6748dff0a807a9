/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * remind: once a day, what of the policy ends soon or has to be looked at again, as events.
 */
#ifndef DAEMON_SUPERVISE_REMIND_H
#define DAEMON_SUPERVISE_REMIND_H

#include <stdint.h>

struct event_sink;
struct event;
struct policy;

/**
 * remind - tell what is new since an earlier time (rules/review.h: 30, 7, 1 days before, and after)
 * @before, @now: seconds since 1970; before 0: everything that is due
 * @begin: an alert with what every event of the caller says; permit, reason, severity and words are filled in
 * Nothing is told twice when the next call's @before is this one's @now. Return: how many were told.
 */
unsigned int remind(const struct policy *p, int64_t before, int64_t now, const struct event *begin,
		    const struct event_sink *sink);

#endif
