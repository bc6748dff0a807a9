/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * health: enforcing, degraded-open or degraded-closed, why, and what to do: one table, judged once a second.
 *
 * Pure: the same facts give the same answer. Facts that were true for a moment (a queue was full) count for
 * HEALTH_HOLD after it, so that a person can see them.
 */
#ifndef DAEMON_SUPERVISE_HEALTH_H
#define DAEMON_SUPERVISE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEALTH_HOLD INT64_C(60000000000)	/* ns */

enum health_state { HEALTH_ENFORCING, HEALTH_OPEN, HEALTH_CLOSED, HEALTH_STATES };
extern const char *const health_words[HEALTH_STATES];	/* enforcing, degraded-open, degraded-closed */

struct health_facts {
	bool policy;			/* one is in force */
	bool ruleset;			/* our table is in the kernel */
	bool vacant;			/* a place has no engine */
	bool closed_classes, open_classes;	/* the policy has packets for the closed, the open queues */
	bool unseen_closed, unseen_open;	/* packets found no inspector within HEALTH_HOLD */
	bool bypassed;			/* packets meant for the queues did not reach them within HEALTH_HOLD */
	bool table_full;		/* conntrack has no room for new flows */
	/* these leave the state as it is, and are warnings */
	bool not_recording;		/* no recorder, or the disk takes nothing */
	bool not_watching;		/* no watcher: ends and refusals are not heard */
	bool lost_events;		/* within HEALTH_HOLD */
	bool clock_wrong;		/* not synchronised, and the settings want it */
	bool clock_behind;		/* before a time that was right */
	bool plugs;			/* cables look exchanged */
	bool apply_failed;		/* the last one: the policy before is in force */
	bool differs;			/* refuted: the kernel's rules are not the policy's */
	bool no_pages;			/* the policy wants pages or 554, and nobody can send them */
};

struct health_finding {
	enum health_state state;	/* HEALTH_ENFORCING: a warning */
	const char *word;		/* for programs: "no-inspector" */
	const char *reason[2], *todo[2];	/* English, Japanese */
};

#define HEALTH_FINDINGS_MAX 16u

/* health_judge - everything that is to be said, the worst first. Return: how many (0: enforcing, nothing to say) */
size_t health_judge(const struct health_facts *f, const struct health_finding *out[static HEALTH_FINDINGS_MAX]);

/* health_state - of the first finding */
enum health_state health_state(const struct health_finding *const *findings, size_t n);

#endif
