/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/recorder.h"

#include "daemon/confine.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/record/event.h"
#include "daemon/record/join.h"
#include "daemon/record/lines.h"
#include "daemon/record/names.h"
#include "daemon/record/refusals.h"
#include "daemon/record/watched.h"
#include "daemon/stats.h"
#include "daemon/supervise/image_slot.h"
#include "daemon/supervise/ipc.h"
#include "daemon/supervise/link_table.h"
#include "daemon/watch/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define REST (5 * SECOND / 1000)
#define MESSAGES_A_TURN 32 /* of one channel, so that no engine keeps another waiting */
#define COUNTERS(X) \
	X(written) X(lost) X(malformed) X(flows_waiting) X(flows_evicted) X(seq) X(write_errors)
#define COUNTER_FIELD(N) uint64_t *N;

struct input {                     /* one channel of events */
	struct recorder *recorder; /* borrowed */
	int fd;                    /* borrowed */
	struct loop_entry entry;
};

struct recorder {
	struct recorder_conf conf;
	struct loop *loop;
	struct stats_page *page;
	struct {
		COUNTERS(COUNTER_FIELD)
	} count;
	struct lines lines;
	struct join *join;
	struct refusals *refusals;
	struct image_slot now, next;
	struct link_table links;
	struct names names;
	struct watch *watch; /* owned */
	struct input inputs[RECORDER_CHANNELS];
	struct loop_entry on_watched, on_ipc, on_tick;
	int ipc;
	bool reopen;
	_Alignas(16) uint8_t message[EVENT_WIRE_MAX];
	struct event_counter room[EVENT_COUNTERS_MAX];
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void write_line(void *ctx, const struct event *ev)
{
	struct recorder *r = ctx;

	lines_add(&r->lines, ev);
	stats_add(r->count.written, 1);
}

static void write_event(struct recorder *r, const struct event *ev)
{
	if (!ev->quiet)
		write_line(r, ev);
	watch_event(r->watch, ev);
}

/* ---- flows: two halves, one event ---- */

static uint8_t log_of_class(const struct recorder *r, uint32_t mark)
{
	const uint32_t class = image_slot_class(&r->now, (uint16_t)(mark & MARK_CLASS));

	return class == POLICY_NONE ? (uint8_t)LOG_NONE : r->now.policy.classes[class].joined.log;
}

static void tell_flow(void *ctx, const struct join_told *t)
{
	struct recorder *r = ctx;
	struct event ev;

	if (t->facts && event_decode(t->facts, t->facts_len, &ev, NULL) == 0) {
		stats_add(r->count.malformed, 1);
		return;
	}
	if (t->facts && t->end)
		names_flow_figures(t->end, &ev);
	if (!t->facts) {
		/* An engine that says nothing of a flow leaves the choice to the class; so does none at all. */
		if (log_of_class(r, t->end->mark) < LOG_CONNECTION)
			return;
		names_end(&r->names, t->end, &ev);
	}
	write_event(r, &ev);
}

/* Facts can still come where an engine had to see the flow. */
static bool expects_facts(const struct recorder *r, uint32_t mark)
{
	const uint32_t class = image_slot_class(&r->now, (uint16_t)(mark & MARK_CLASS));

	return class == POLICY_NONE || r->now.policy.classes[class].queued;
}

/* ---- refused packets ---- */

static void tell_refused(void *ctx, const struct refused *refused, uint64_t count, int64_t at)
{
	struct recorder *r = ctx;
	struct event ev;

	if (refused) {
		names_refused(&r->names, refused, count, &ev);
		ev.time = at;
	} else {
		ev = (struct event){ .type = EVENT_ALERT,
				     .detector = DETECTOR_SEGMENTATION,
				     .blocked = true,
				     .severity = 3,
				     .time = at,
				     .count = count,
				     .policy = r->now.map ? r->now.hash : NULL,
				     .detail = "more refused packets than are told one by one",
				     .detail_ja = "拒否したパケットが多いため個別の記録を省略" };
	}
	write_event(r, &ev);
}

static void tell_plugs(void *ctx, uint32_t a, uint32_t b, int64_t at)
{
	struct recorder *r = ctx;
	const char *name_a = link_table_name(&r->links, a), *name_b = link_table_name(&r->links, b);
	struct ipc_message m = { .type = IPC_PLUGS };
	char en[96], ja[96];
	struct event ev = { .type = EVENT_ALERT,
			    .detector = DETECTOR_ASSET,
			    .reason = EVENT_REASON_PLUGS,
			    .blocked = true,
			    .time = at,
			    .policy = r->now.hash,
			    .detail = en,
			    .detail_ja = ja };

	if (!name_a || !name_b)
		return;
	snprintf(en, sizeof en, "the cables of %s and %s look exchanged", name_a, name_b);
	snprintf(ja, sizeof ja, "%s と %s の配線が入れ替わっているようです", name_a, name_b);
	write_event(r, &ev);
	snprintf(m.text, sizeof m.text, "%s %s", name_a, name_b);
	ipc_send(r->ipc, &m, NULL, 0);
}

static void take_refused(struct recorder *r, const struct refused *refused)
{
	const struct policy *p = r->now.map ? &r->now.policy : NULL;
	const uint32_t in = names_interface_zone(&r->names, refused->ifin);
	const uint32_t src = p ? policy_zone_of_address(p, refused->tuple.src) : POLICY_NONE;

	refusals_add(r->refusals, refused);
	if (in != POLICY_NONE && src != POLICY_NONE && in != src)
		refusals_spoofed(r->refusals, refused->ifin, in, src, refused->time);
}

/* ---- messages ---- */

static void take_event(struct recorder *r, const struct event *ev, const uint8_t *wire, size_t len)
{
	if (ev->type == EVENT_FLOW && ev->has_tuple && ev->flow.running)
		watch_event(r->watch, ev);
	else if (ev->type == EVENT_FLOW && ev->has_tuple)
		join_facts(r->join, ev, wire, len);
	else
		write_event(r, ev);
}

static void take_events(struct recorder *r, const uint8_t *bytes, size_t len)
{
	while (len) {
		struct event ev;
		const size_t n = event_decode(bytes, len, &ev, r->room);

		if (n == 0) {
			stats_add(r->count.malformed, 1);
			return;
		}
		take_event(r, &ev, bytes, n);
		bytes += n;
		len -= n;
	}
}

static void channel_ready(void *ctx, uint32_t events)
{
	const struct input *in = ctx;
	struct recorder *r = in->recorder;

	(void)events;
	for (int i = 0; i < MESSAGES_A_TURN; i++) {
		const ssize_t n = recv(in->fd, r->message, sizeof r->message, MSG_DONTWAIT);

		if (n <= 0)
			return;
		take_events(r, r->message, (size_t)n);
	}
	loop_hurry(r->loop);
}

static void take_watched(struct recorder *r, struct watched *w)
{
	if (w->kind == WATCHED_REFUSED) {
		w->refused.rule[NFLOG_PREFIX - 1] = '\0';
		take_refused(r, &w->refused);
	} else if (w->kind == WATCHED_END) {
		join_end(r->join, &w->end, expects_facts(r, w->end.mark), now());
	}
}

static void watched_ready(void *ctx, uint32_t events)
{
	struct recorder *r = ctx;

	(void)events;
	for (int i = 0; i < MESSAGES_A_TURN; i++) {
		const ssize_t n =
			recv(r->conf.watched, r->message, sizeof r->message, MSG_DONTWAIT);
		struct watched w;

		if (n <= 0)
			return;
		for (size_t at = 0; at + sizeof w <= (size_t)n; at += sizeof w) {
			memcpy(&w, r->message + at, sizeof w);
			take_watched(r, &w);
		}
	}
	loop_hurry(r->loop);
}

/* ---- the supervisor's messages ---- */

static void answer(struct recorder *r, enum ipc_type type, uint32_t number, int result,
		   const char *text)
{
	struct ipc_message m = { .type = type, .number = number, .result = result };

	strncpy(m.text, text, sizeof m.text - 1);
	ipc_send(r->ipc, &m, NULL, 0);
}

static void on_load(struct recorder *r, const struct ipc_message *m, int fds[static IPC_FDS])
{
	char why[160] = "";
	int e;

	image_slot_done(&r->next);
	e = image_slot_load(&r->next, m->number, fds[0], fds[1], why);
	ipc_close_all(fds);
	answer(r, IPC_LOADED, m->number, e, why);
}

static void on_switch(struct recorder *r, const struct ipc_message *m, int fds[static IPC_FDS])
{
	(void)fds;
	if (!r->next.map || r->next.apply != m->number) {
		answer(r, IPC_SWITCHED, m->number, -ENOENT, "that image was not loaded");
		return;
	}
	image_slot_done(&r->now);
	r->now = r->next;
	r->next = (struct image_slot){ 0 };
	watch_policy(r->watch, &r->now.policy);
	answer(r, IPC_SWITCHED, m->number, 0, "");
}

static void on_link(struct recorder *r, const struct ipc_message *m, int fds[static IPC_FDS])
{
	struct link_change l = { .index = m->number };

	(void)fds;
	snprintf(l.name, sizeof l.name, "%.*s", (int)sizeof l.name - 1, m->text);
	link_table_set(&r->links, &l);
}

static void on_reopen(struct recorder *r, const struct ipc_message *m, int fds[static IPC_FDS])
{
	(void)m;
	(void)fds;
	r->reopen = true;
}

static void on_stop(struct recorder *r, const struct ipc_message *m, int fds[static IPC_FDS])
{
	(void)m;
	(void)fds;
	loop_stop(r->loop);
}

static void (*const handlers[IPC_TYPE_COUNT])(struct recorder *, const struct ipc_message *,
					      int[static IPC_FDS]) = {
	[IPC_LOAD] = on_load,     [IPC_SWITCH] = on_switch, [IPC_LINK] = on_link,
	[IPC_REOPEN] = on_reopen, [IPC_STOP] = on_stop,
};

static void ipc_ready(void *ctx, uint32_t events)
{
	struct recorder *r = ctx;
	int fds[IPC_FDS], e;
	struct ipc_message m;

	(void)events;
	while ((e = ipc_receive(r->ipc, &m, fds)) == 1) {
		if (handlers[m.type])
			handlers[m.type](r, &m, fds);
	}
	if (e < 0)
		loop_stop(r->loop);
}

/* ---- the process ---- */

static void publish(struct recorder *r)
{
	stats_set(r->count.lost, r->lines.lost);
	stats_set(r->count.flows_waiting, join_used(r->join));
	stats_set(r->count.flows_evicted, join_evicted(r->join));
	stats_set(r->count.seq, r->lines.seq);
}

static void reopen(struct recorder *r)
{
	const int e = lines_reopen(&r->lines);

	r->reopen = e == -EAGAIN; /* lines wait for room on the disk: at the next turn */
	if (e < 0 && !r->reopen)
		log_error("cannot open the log files anew, writing to the old ones: %s",
			  strerror(-e));
}

/* Before every wait: what was read is on its way to the disk. */
static void idle(void *ctx)
{
	struct recorder *r = ctx;

	if (lines_flush(&r->lines) < 0)
		stats_add(r->count.write_errors, 1);
	if (r->reopen)
		reopen(r);
	stats_set(r->count.seq, r->lines.seq);
	stats_add(&r->page->turns, 1);
}

static void tick(void *ctx, uint32_t expiries)
{
	struct recorder *r = ctx;
	const int64_t t = now();

	(void)expiries;
	join_tick(r->join, t);
	watch_tick(r->watch, t);
	refusals_tick(r->refusals, t);
	publish(r);
}

static int open_parts(struct recorder *r)
{
	const struct refusals_out out = { .tell = tell_refused, .plugs = tell_plugs, .ctx = r };
	struct watch_conf watch = { .sink = { write_line, r } };
	uint8_t key[16];

	if (getrandom(key, sizeof key, 0) < 0)
		return -errno;
	r->loop = loop_new();
	r->join = join_new(r->conf.flows, key, tell_flow, r);
	r->refusals = refusals_new(key, &out);
	r->names = (struct names){ .image = &r->now, .links = &r->links };
	memcpy(&watch.key, key, sizeof watch.key);
	r->watch = watch_new(&watch);
	if (!r->loop || !r->join || !r->refusals || !r->watch)
		return -ENOMEM;
	return lines_open(&r->lines, r->conf.directory, r->conf.alerts_log,
			  stats_value(r->page, "recorder", "seq"));
}

static int listen_to_all(struct recorder *r)
{
	int e = loop_add(r->loop, &r->on_ipc, r->ipc, EPOLLIN, ipc_ready, r);

	if (e == 0)
		e = loop_add(r->loop, &r->on_watched, r->conf.watched, EPOLLIN, watched_ready, r);
	if (e == 0)
		e = loop_every(r->loop, &r->on_tick, SECOND, SECOND, tick, r);
	for (uint32_t i = 0; e == 0 && i < r->conf.channel_count; i++) {
		struct input *in = &r->inputs[i];

		in->recorder = r;
		in->fd = r->conf.channels[i];
		e = loop_add(r->loop, &in->entry, in->fd, EPOLLIN, channel_ready, in);
	}
	return e;
}

static int set_up(struct recorder *r)
{
	int e;

	tzset();
	r->page = stats_map(r->conf.stats);
	if (!r->page)
		return -ENOMEM;
	stats_begin(r->page);
#define COUNTER_FIND(N) r->count.N = stats_find(r->page, "recorder", #N);
	COUNTERS(COUNTER_FIND)
	e = open_parts(r);
	if (e == 0)
		e = listen_to_all(r);
	if (e == 0)
		e = confine_calls(CONFINE_RECORDER);
	return e;
}

/* What is still in the channels belongs into the file too: nobody reads them after us. */
static void finish(struct recorder *r)
{
	for (uint32_t i = 0; i < r->conf.channel_count; i++)
		channel_ready(&r->inputs[i], 0);
	watched_ready(r, 0);
	join_finish(r->join);
	refusals_finish(r->refusals, now());
	publish(r);
	lines_close(&r->lines);
}

int recorder_run(void *ctx, int ipc)
{
	const struct ipc_message ready = { .type = IPC_READY };
	struct recorder *r = calloc(1, sizeof *r);
	int e = r ? 0 : -ENOMEM;

	if (e == 0) {
		r->conf = *(const struct recorder_conf *)ctx;
		r->ipc = ipc;
		e = set_up(r);
	}
	if (e < 0) {
		log_error("cannot start: %s", strerror(-e));
		return 1;
	}
	ipc_send(ipc, &ready, NULL, 0);
	loop_rest(r->loop, REST);
	e = loop_run(r->loop, idle, r);
	finish(r);
	return e < 0;
}
