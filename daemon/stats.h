/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stats: counters of one process, in a page of memory that the supervisor reads.
 *
 * The supervisor makes a page for each place (engine 0, engine 1, watcher, recorder, itself) and hands
 * it to whichever process fills the place; a successor goes on counting where the dead one stopped. One
 * process writes, the supervisor reads, nobody locks: a counter is one aligned word. A page that a
 * hijacked process has scribbled over can mislead the figures and nothing else; the reader bounds it.
 */
#ifndef DAEMON_STATS_H
#define DAEMON_STATS_H

#include <stddef.h>
#include <stdint.h>

struct event_counter;

#define STATS_MAX 120u		/* counters a page; a counter beyond is counted nowhere */
#define STATS_WORD 28u

struct stats_counter {
	char group[STATS_WORD], name[STATS_WORD];	/* NUL-terminated; empty name: unused */
	uint64_t value;
};

struct stats_page {
	uint64_t turns;			/* of the process's loop: it stands still when the process hangs */
	uint64_t published[STATS_MAX];	/* writer's: what stats_publish last said of each counter */
	struct stats_counter counters[STATS_MAX + 1];	/* the last one takes what finds no room */
};

/* stats_make - a page as a sealed memory file. Return: descriptor or -errno */
int stats_make(void);
/* stats_map - the page of a descriptor, shared; NULL when it is none */
struct stats_page *stats_map(int fd);
void stats_unmap(struct stats_page *p);	/* takes NULL */

/* stats_find - the counter of that name, made when it is new; never NULL */
uint64_t *stats_find(struct stats_page *p, const char *group, const char *name);

static inline void stats_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* stats_set - of a figure that is not a count */
static inline void stats_set(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, n, __ATOMIC_RELAXED);
}

/* stats_begin - a new process takes the page over: its published figures start from 0 */
void stats_begin(struct stats_page *p);
/* stats_publish - add to the page what these counters of this process have grown by since the last call */
void stats_publish(struct stats_page *p, const struct event_counter *counters, size_t n);

/**
 * stats_read - the counters of a page
 * @names: room for STATS_MAX counters' texts, which out[] points into
 * Return: how many were written to @out.
 */
size_t stats_read(const struct stats_page *p, struct stats_counter names[static STATS_MAX], struct event_counter *out,
		  size_t max);
/* stats_value - of one counter, 0 when there is none */
uint64_t stats_value(const struct stats_page *p, const char *group, const char *name);

#endif
