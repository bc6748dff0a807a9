/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/engine_proc.h"

#include "daemon/confine.h"
#include "daemon/content/scan/register.h"
#include "daemon/engine.h"
#include "daemon/inject.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/record/channel.h"
#include "daemon/source_nfq.h"
#include "daemon/stats.h"
#include "daemon/supervise/image_slot.h"
#include "daemon/supervise/ipc.h"
#include "rules/kernel/mark.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define DRAIN_BUDGET \
	512u /* packets of one queue before the other one and the supervisor are looked at */
#define ENDED_BUDGET 64 /* messages of ended flows a turn */
#define ENDED_MAX 256u  /* of one message */
#define COUNTERS 100
#define FLOW_ID_SHIFT 12 /* 20 random bits above the 32 of the engine's count */

struct engine_proc {
	struct loop *loop;
	struct engine *engine;
	struct channel channel;
	struct inject_channel inject;
	struct stats_page *page;      /* NULL while it is a spare */
	struct source *closed, *open; /* NULL while it is a spare */
	struct image_slot slots
		[3]; /* in force before, in force, loaded: the engine borrows them where they stand */
	struct image_slot *next;
	struct loop_entry on_closed, on_open, on_ended, on_ipc, on_tick;
	int ipc, ended;
	int status; /* exit status */
};

static void stop(struct engine_proc *p, int status)
{
	p->status = status;
	loop_stop(p->loop);
}

static void answer(struct engine_proc *p, enum ipc_type type, uint32_t number, int result,
		   const char *text)
{
	struct ipc_message m = { .type = type, .number = number, .result = result };

	strncpy(m.text, text, sizeof m.text - 1);
	if (ipc_send(p->ipc, &m, NULL, 0) < 0)
		stop(p, 1);
}

/* ---- packets ---- */

static void drain(struct engine_proc *p, struct source *s)
{
	const int r = engine_drain(p->engine, s, DRAIN_BUDGET);

	if (r < 0) {
		log_error("queue: %s", strerror(-r));
		stop(p, 1);
	}
}

static void closed_ready(void *ctx, uint32_t events)
{
	struct engine_proc *p = ctx;

	(void)events;
	drain(p, p->closed);
}

static void open_ready(void *ctx, uint32_t events)
{
	struct engine_proc *p = ctx;

	(void)events;
	drain(p, p->open);
}

static void ended_ready(void *ctx, uint32_t events)
{
	struct engine_proc *p = ctx;
	struct engine_end ends[ENDED_MAX];

	(void)events;
	for (int i = 0; i < ENDED_BUDGET; i++) {
		const ssize_t n = recv(p->ended, ends, sizeof ends, MSG_DONTWAIT);

		if (n <= 0)
			break;
		for (size_t k = 0; k < (size_t)n / sizeof *ends; k++)
			engine_ended(p->engine, &ends[k]);
	}
}

/* ---- time ---- */

static void tick(void *ctx, uint32_t expiries)
{
	struct engine_proc *p = ctx;
	struct event_counter counters[COUNTERS];
	struct timespec t;

	(void)expiries;
	clock_gettime(CLOCK_REALTIME, &t);
	engine_tick(p->engine, (int64_t)t.tv_sec * SECOND + t.tv_nsec);
	if (p->page)
		stats_publish(p->page, counters, engine_counters(p->engine, counters, COUNTERS));
}

/* Before every wait: events go out, and the supervisor sees that the loop turns. */
static void idle(void *ctx)
{
	struct engine_proc *p = ctx;

	if (!p->page)
		return;
	channel_flush(&p->channel);
	inject_flush(&p->inject);
	stats_add(&p->page->turns, 1);
}

/* A spare has met no packet and has nothing to tell. */
static void emit(void *ctx, const struct event *ev)
{
	struct engine_proc *p = ctx;

	if (p->page)
		channel_sink(&p->channel).emit(&p->channel, ev);
}

/* Nobody asks for an answer before the place is taken. */
static bool inject(void *ctx, const struct injection *q)
{
	struct engine_proc *p = ctx;
	const struct inject_sink sink = inject_sink(&p->inject);

	return p->page && sink.request && sink.request(sink.ctx, q);
}

/* ---- the supervisor's messages ---- */

static int take_queues(struct engine_proc *p, uint32_t number, const int fds[static IPC_FDS])
{
	const uint16_t queue = (uint16_t)number;
	int r;

	p->closed = source_nfq_new(fds[PLACE_CLOSED], queue, p->page, "closed");
	p->open = source_nfq_new(fds[PLACE_OPEN], queue + QUEUE_OPEN_OFFSET, p->page, "open");
	if (!p->closed || !p->open)
		return -ENOMEM;
	r = loop_add(p->loop, &p->on_closed, fds[PLACE_CLOSED], EPOLLIN, closed_ready, p);
	if (r == 0)
		r = loop_add(p->loop, &p->on_open, fds[PLACE_OPEN], EPOLLIN, open_ready, p);
	if (r == 0)
		r = loop_add(p->loop, &p->on_ended, fds[PLACE_ENDED], EPOLLIN, ended_ready, p);
	return r;
}

/* The descriptors stay open until the process ends: the place is never left. */
static int take_place(struct engine_proc *p, const struct ipc_message *m, int fds[static IPC_FDS])
{
	int r;

	for (int i = 0; i < PLACE_FDS; i++) {
		if (fds[i] < 0)
			return -EPROTO;
	}
	p->ended = fds[PLACE_ENDED];
	p->page = stats_map(fds[PLACE_STATS]);
	if (!p->page)
		return -ENOMEM;
	stats_begin(p->page);
	p->inject.fd = m->result < 0 ? -1 : fds[PLACE_INJECTIONS];
	p->inject.sent = stats_find(p->page, "injections", "sent");
	p->inject.lost = stats_find(p->page, "injections", "lost");
	r = channel_init(&p->channel, fds[PLACE_EVENTS], p->page);
	return r < 0 ? r : take_queues(p, m->number, fds);
}

static void on_place(struct engine_proc *p, const struct ipc_message *m, int fds[static IPC_FDS])
{
	const int r = p->page ? -EPROTO : take_place(p, m, fds);

	if (r < 0) {
		log_error("cannot take place %u: %s", m->number, strerror(-r));
		stop(p, 1);
		return;
	}
	answer(p, IPC_PLACED, m->number, 0, "");
}

static void on_load(struct engine_proc *p, const struct ipc_message *m, int fds[static IPC_FDS])
{
	char why[160] = "";
	int r;

	image_slot_done(p->next); /* an apply that was given up */
	r = image_slot_load(p->next, m->number, fds[0], fds[1], why);
	if (r == 0)
		r = engine_load(p->engine, &p->next->policy, p->next->numbers, why);
	if (r == 0)
		engine_as_of(p->engine, m->value);
	ipc_close_all(fds);
	answer(p, IPC_LOADED, m->number, r, why);
}

static void on_switch(struct engine_proc *p, const struct ipc_message *m, int fds[static IPC_FDS])
{
	(void)fds;
	if (!p->next->map || p->next->apply != m->number) {
		answer(p, IPC_SWITCHED, m->number, -ENOENT, "that image was not loaded");
		return;
	}
	engine_switch(p->engine);
	p->next = &p->slots[(p->next - p->slots + 1) % 3];
	image_slot_done(p->next);
	answer(p, IPC_SWITCHED, m->number, 0, "");
}

static void on_dates(struct engine_proc *p, const struct ipc_message *m, int fds[static IPC_FDS])
{
	(void)fds;
	engine_as_of(p->engine, m->value);
}

static void on_link(struct engine_proc *p, const struct ipc_message *m, int fds[static IPC_FDS])
{
	const int r = engine_interface(p->engine, m->number, m->text);

	(void)fds;
	if (r < 0)
		log_warn("interface %u (%s): %s", m->number, m->text, strerror(-r));
}

static void on_stop(struct engine_proc *p, const struct ipc_message *m, int fds[static IPC_FDS])
{
	(void)m;
	(void)fds;
	stop(p, 0);
}

static void (*const handlers[IPC_TYPE_COUNT])(struct engine_proc *, const struct ipc_message *,
					      int[static IPC_FDS]) = {
	[IPC_PLACE] = on_place, [IPC_LOAD] = on_load, [IPC_SWITCH] = on_switch,
	[IPC_LINK] = on_link,   [IPC_STOP] = on_stop, [IPC_DATES] = on_dates,
};

static void ipc_ready(void *ctx, uint32_t events)
{
	struct engine_proc *p = ctx;
	int fds[IPC_FDS], r;
	struct ipc_message m;

	(void)events;
	while ((r = ipc_receive(p->ipc, &m, fds)) == 1) {
		if (handlers[m.type])
			handlers[m.type](p, &m, fds);
	}
	if (r < 0)
		stop(p,
		     r == -EPIPE
			     ? 0
			     : 1); /* without a supervisor nobody would notice what happens here */
}

/* ---- the process ---- */

/* None is the rule. One that is there and cannot be used is told: the detector would be silent otherwise. */
static struct register_index *numbers(const struct engine_proc_conf *conf)
{
	struct register_index *index = NULL;
	enum register_fault fault = register_load(conf->state_directory, &index);

	if (fault != REGISTER_OK && fault != REGISTER_ABSENT)
		log_error("the register of numbers is not used: %s",
			  register_fault_words[fault][0]);
	return index;
}

static int set_up(struct engine_proc *p, const struct engine_proc_conf *conf)
{
	struct engine_conf e = { .flows = conf->flows,
				 .sink = { .emit = emit, .ctx = p },
				 .inject = { .request = inject, .ctx = p } };
	uint32_t origin;
	int r;

	if (getrandom(e.hash_key, sizeof e.hash_key, 0) < 0 ||
	    getrandom(&origin, sizeof origin, 0) < 0)
		return -errno;
	e.flow_id_seed = (uint64_t)(origin >> FLOW_ID_SHIFT) << 32; /* JSON readers keep 53 bits */
	e.client_zone = e.server_zone = POLICY_NONE;
	/* Woken for every packet it would stop whoever brings the next: batches would never form. */
	sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
	tzset(); /* reads its file while that is allowed */
	e.numbers = numbers(conf);
	p->loop = loop_new();
	p->engine = engine_new(&e);
	if (!p->loop || !p->engine)
		return -ENOMEM;
	r = loop_add(p->loop, &p->on_ipc, p->ipc, EPOLLIN, ipc_ready, p);
	if (r == 0)
		r = loop_every(p->loop, &p->on_tick, SECOND, SECOND, tick, p);
	if (r == 0)
		r = confine_calls(CONFINE_ENGINE);
	return r;
}

int engine_proc_run(void *ctx, int ipc)
{
	struct engine_proc p = { .ipc = ipc, .next = &p.slots[0] };
	const int r = set_up(&p, ctx);

	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return 1;
	}
	answer(&p, IPC_READY, 0, 0, "");
	if (loop_run(p.loop, idle, &p) < 0)
		return 1;
	idle(&p);
	return p.status;
}
