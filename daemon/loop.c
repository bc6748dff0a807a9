/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define READY_MAX 16

struct loop {
	int epoll;
	bool stop, hurry;
	int64_t rest;                        /* ns */
	int count, at;                       /* of ready[] */
	struct epoll_event ready[READY_MAX]; /* what the last wait returned */
	struct loop_entry signals;
	void (*caught)(void *ctx, int signal);
	void *caught_ctx;
};

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->signals.fd = -1;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll >= 0)
		return l;
	free(l);
	return NULL;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (l->signals.fd >= 0)
		close(l->signals.fd);
	close(l->epoll);
	free(l);
}

int loop_add(struct loop *l, struct loop_entry *e, int fd, uint32_t events,
	     void (*ready)(void *, uint32_t), void *ctx)
{
	struct epoll_event ev = { .events = events, .data.ptr = e };

	*e = (struct loop_entry){ .ready = ready, .ctx = ctx, .fd = fd };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) == 0)
		return 0;
	e->fd = -1;
	return -errno;
}

int loop_change(struct loop *l, struct loop_entry *e, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = e };

	return epoll_ctl(l->epoll, EPOLL_CTL_MOD, e->fd, &ev) == 0 ? 0 : -errno;
}

void loop_remove(struct loop *l, struct loop_entry *e)
{
	if (e->fd < 0)
		return;
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, e->fd, NULL);
	e->fd = -1;
	for (int i = l->at; i < l->count; i++) {
		if (l->ready[i].data.ptr == e)
			l->ready[i].data.ptr = NULL; /* ready in this round, but gone */
	}
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };
}

static int add_timer(struct loop *l, struct loop_entry *e, int clock, int flags,
		     const struct itimerspec *when, void (*ready)(void *, uint32_t), void *ctx)
{
	const int fd = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = timerfd_settime(fd, flags, when, NULL) < 0 ? -errno
						       : loop_add(l, e, fd, EPOLLIN, ready, ctx);
	e->timer = true;
	if (r < 0)
		close(fd);
	return r;
}

int loop_every(struct loop *l, struct loop_entry *e, int64_t first, int64_t period,
	       void (*ready)(void *, uint32_t), void *ctx)
{
	const struct itimerspec when = { .it_value = timespec_of(first > 0 ? first : 1),
					 .it_interval = timespec_of(period) };

	return add_timer(l, e, CLOCK_MONOTONIC, 0, &when, ready, ctx);
}

int loop_at(struct loop *l, struct loop_entry *e, int64_t second, void (*ready)(void *, uint32_t),
	    void *ctx)
{
	const struct itimerspec when = { .it_value = { .tv_sec = second > 0 ? second : 1 } };

	return add_timer(l, e, CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when,
			 ready, ctx);
}

void loop_cancel(struct loop *l, struct loop_entry *e)
{
	const int fd = e->fd;

	loop_remove(l, e);
	if (fd >= 0)
		close(fd);
}

static void read_signals(void *ctx, uint32_t events)
{
	struct loop *l = ctx;
	struct signalfd_siginfo s;

	(void)events;
	while (read(l->signals.fd, &s, sizeof s) == sizeof s)
		l->caught(l->caught_ctx, (int)s.ssi_signo);
}

int loop_signals(struct loop *l, const sigset_t *set, void (*caught)(void *ctx, int signal),
		 void *ctx)
{
	int fd;

	if (sigprocmask(SIG_SETMASK, set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	l->caught = caught;
	l->caught_ctx = ctx;
	return loop_add(l, &l->signals, fd, EPOLLIN, read_signals, l);
}

/* A timer's callback gets the number of expiries; 1 when the clock was set (ECANCELED). */
static void call(struct loop_entry *e, uint32_t events)
{
	uint64_t expiries = 0;

	if (!e->timer) {
		e->ready(e->ctx, events);
		return;
	}
	if (read(e->fd, &expiries, sizeof expiries) == sizeof expiries)
		e->ready(e->ctx, expiries > UINT32_MAX ? UINT32_MAX : (uint32_t)expiries);
	else if (errno == ECANCELED)
		e->ready(e->ctx, 1);
}

void loop_rest(struct loop *l, int64_t ns)
{
	l->rest = ns;
}

void loop_hurry(struct loop *l)
{
	l->hurry = true;
}

static void rest(struct loop *l)
{
	const struct timespec t = timespec_of(l->rest);

	if (l->rest && !l->hurry)
		nanosleep(&t, NULL);
	l->hurry = false;
}

int loop_run(struct loop *l, void (*idle)(void *ctx), void *ctx)
{
	bool turned = false;

	l->stop = false;
	while (!l->stop) {
		if (idle)
			idle(ctx);
		if (turned)
			rest(l);
		turned = true;
		l->count = epoll_wait(l->epoll, l->ready, READY_MAX, -1);
		if (l->count < 0 && errno != EINTR)
			return -errno;
		for (l->at = 0; l->at < l->count && !l->stop; l->at++) {
			if (l->ready[l->at].data.ptr)
				call(l->ready[l->at].data.ptr, l->ready[l->at].events);
		}
		l->count = 0;
	}
	return 0;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}
