/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop: one process's event loop: descriptors (epoll), signals (signalfd), timers (timerfd).
 *
 * Everything runs in the one thread that calls loop_run; a callback may add and remove any entry, itself
 * included. An entry belongs to the caller and stays where it is while it is in the loop.
 */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop_entry {
	void (*ready)(void *ctx, uint32_t events);	/* EPOLLIN and so on; for a timer the expiries */
	void *ctx;		/* borrowed */
	int fd;			/* the loop's own for timers; -1 not in the loop */
	bool timer;
};

struct loop *loop_new(void);	/* NULL: no memory or no epoll */
void loop_free(struct loop *l);	/* takes NULL; entries' own descriptors stay open, timers' are closed by their owner */

/* loop_add - call e->ready whenever the descriptor is ready for events. Return: 0 or -errno */
int loop_add(struct loop *l, struct loop_entry *e, int fd, uint32_t events, void (*ready)(void *, uint32_t), void *ctx);
int loop_change(struct loop *l, struct loop_entry *e, uint32_t events);
void loop_remove(struct loop *l, struct loop_entry *e);	/* nothing when it is not in the loop */

/* loop_every - a timer: first after @first ns, then every @period ns (0: once). Return: 0 or -errno */
int loop_every(struct loop *l, struct loop_entry *e, int64_t first, int64_t period, void (*ready)(void *, uint32_t),
	       void *ctx);
/* loop_at - once, at a second since 1970; also called at once whenever the clock is set */
int loop_at(struct loop *l, struct loop_entry *e, int64_t second, void (*ready)(void *, uint32_t), void *ctx);
void loop_cancel(struct loop *l, struct loop_entry *e);	/* takes a timer out and closes it */

/* loop_signals - the signals of the set are blocked and handed to @caught. Return: 0 or -errno */
int loop_signals(struct loop *l, const sigset_t *set, void (*caught)(void *ctx, int signal), void *ctx);

/*
 * loop_rest - after what came in has been dealt with, the loop sleeps for @ns before it waits for more: what comes in
 * crowds is then read in crowds, and whoever brings it need not wake us for each. loop_hurry: not this time
 */
void loop_rest(struct loop *l, int64_t ns);
void loop_hurry(struct loop *l);

/* loop_run - until loop_stop. @idle is called before the loop waits, with its context; may be NULL */
int loop_run(struct loop *l, void (*idle)(void *ctx), void *ctx);
void loop_stop(struct loop *l);

#endif
