/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watcher.h"

#include "daemon/confine.h"
#include "daemon/decode.h"
#include "daemon/engine.h"
#include "daemon/kernel/netlink.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/packet.h"
#include "daemon/record/watched.h"
#include "daemon/stats.h"
#include "daemon/supervise/ipc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
#define RING 32u /* datagrams read at once */
#define REST (5 * SECOND / 1000)
#define SLOT_BYTES 66000u /* an NFLOG datagram holds several packets */
#define COUNTERS(X) X(refused) X(refused_gaps) X(ends) X(overruns) X(malformed) X(lost) X(ends_lost)
#define COUNTER_FIELD(N) uint64_t *N;

struct watcher {
	struct watcher_conf conf;
	struct loop *loop;
	struct stats_page *page;
	struct {
		COUNTERS(COUNTER_FIELD)
	} count;
	struct loop_entry on_nflog, on_conntrack, on_ipc, on_tick;
	int ipc;
	uint32_t next_seq; /* of NFLOG messages */
	bool seq_known;
	uint32_t records_held, ends_held;
	struct watched records[WATCHED_BATCH]; /* for the recorder, sent before the loop waits */
	struct engine_end ends[WATCHED_BATCH]; /* for the engines */
	struct iovec slots[RING];
	struct mmsghdr messages[RING];
	uint8_t *ring; /* owned */
};

/* ---- sending ---- */

static void send_records(struct watcher *w)
{
	const size_t bytes = w->records_held * sizeof *w->records;

	if (bytes && send(w->conf.recorder, w->records, bytes, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		stats_add(w->count.lost, w->records_held);
	w->records_held = 0;
}

static void send_ends(struct watcher *w)
{
	const size_t bytes = w->ends_held * sizeof *w->ends;

	for (uint32_t i = 0; bytes && i < w->conf.engine_count; i++) {
		if (send(w->conf.engines[i], w->ends, bytes, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			stats_add(w->count.ends_lost, w->ends_held);
	}
	w->ends_held = 0;
}

static struct watched *new_record(struct watcher *w, enum watched_kind kind)
{
	struct watched *r;

	if (w->records_held == WATCHED_BATCH)
		send_records(w);
	r = &w->records[w->records_held++];
	memset(r, 0, sizeof *r);
	r->kind = kind;
	return r;
}

/* ---- what the kernel tells ---- */

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void count_gap(struct watcher *w, const struct nflog_packet *p)
{
	if (!p->has_seq)
		return;
	if (w->seq_known)
		stats_add(w->count.refused_gaps, p->seq - w->next_seq);
	w->next_seq = p->seq + 1;
	w->seq_known = true;
}

static void take_refused(struct watcher *w, struct netlink_message *m)
{
	struct nflog_packet p;
	struct headers h = { 0 };
	struct watched *r;

	if (!nflog_is_packet(m->type))
		return;
	if (!nflog_parse(m->body, &p)) {
		stats_add(w->count.malformed, 1);
		return;
	}
	count_gap(w, &p);
	stats_add(w->count.refused, 1);
	/* Addresses and ports as far as they can be read; a snapped packet is always short. */
	decode_packet(&(struct packet){ .data = p.data, .len = p.len, .wire_len = UINT16_MAX }, &h);
	r = new_record(w, WATCHED_REFUSED);
	r->refused = (struct refused){
		.tuple = { .src = h.src,
			   .dst = h.dst,
			   .sport = h.sport,
			   .dport = h.dport,
			   .protocol = h.protocol },
		.time = p.time ? p.time : now(),
		.ifin = p.ifin,
		.ifout = p.ifout,
		.mark = p.mark,
		.has_mac = p.has_mac,
		.fragment = h.fragment,
	};
	memcpy(r->refused.rule, p.prefix, sizeof r->refused.rule);
	memcpy(r->refused.mac, p.mac, sizeof r->refused.mac);
}

static void take_end(struct watcher *w, struct netlink_message *m)
{
	struct watched *r;

	if (!conntrack_is_end(m->type))
		return;
	r = new_record(w, WATCHED_END);
	if (!conntrack_parse(m->body, &r->end)) {
		w->records_held--;
		stats_add(w->count.malformed, 1);
		return;
	}
	stats_add(w->count.ends, 1);
	if (w->ends_held == WATCHED_BATCH)
		send_ends(w);
	w->ends[w->ends_held++] = (struct engine_end){ r->end.tuple, r->end.end };
}

/* Reads what is there, at most one ring of datagrams, so that both sockets get their turn. */
static void read_socket(struct watcher *w, int fd,
			void (*take)(struct watcher *, struct netlink_message *))
{
	const int n = recvmmsg(fd, w->messages, RING, MSG_DONTWAIT, NULL);

	if (n < 0 && errno == ENOBUFS)
		stats_add(w->count.overruns, 1);
	if (n == RING)
		loop_hurry(w->loop);
	for (int i = 0; i < n; i++) {
		struct cursor c = cursor_of(w->slots[i].iov_base, w->messages[i].msg_len);
		struct netlink_message m;

		while (netlink_next(&c, &m))
			take(w, &m);
		if (c.tripped)
			stats_add(w->count.malformed, 1);
	}
}

static void nflog_ready(void *ctx, uint32_t events)
{
	struct watcher *w = ctx;

	(void)events;
	read_socket(w, w->conf.nflog, take_refused);
}

static void conntrack_ready(void *ctx, uint32_t events)
{
	struct watcher *w = ctx;

	(void)events;
	read_socket(w, w->conf.conntrack, take_end);
}

/* ---- the process ---- */

static void ipc_ready(void *ctx, uint32_t events)
{
	struct watcher *w = ctx;
	int fds[IPC_FDS], r;
	struct ipc_message m;

	(void)events;
	while ((r = ipc_receive(w->ipc, &m, fds)) == 1) {
		if (m.type == IPC_STOP)
			loop_stop(w->loop);
	}
	if (r < 0)
		loop_stop(w->loop);
}

static void idle(void *ctx)
{
	struct watcher *w = ctx;

	send_records(w);
	send_ends(w);
	stats_add(&w->page->turns, 1);
}

static void tick(void *ctx, uint32_t expiries)
{
	(void)ctx; /* the turn of the loop is the sign of life */
	(void)expiries;
}

static int make_ring(struct watcher *w)
{
	w->ring = calloc(RING, SLOT_BYTES);
	if (!w->ring)
		return -ENOMEM;
	for (size_t i = 0; i < RING; i++) {
		w->slots[i] = (struct iovec){ w->ring + i * SLOT_BYTES, SLOT_BYTES };
		w->messages[i].msg_hdr =
			(struct msghdr){ .msg_iov = &w->slots[i], .msg_iovlen = 1 };
	}
	return 0;
}

static int set_up(struct watcher *w)
{
	int r = make_ring(w);

	w->page = stats_map(w->conf.stats);
	w->loop = loop_new();
	if (r < 0 || !w->page || !w->loop)
		return -ENOMEM;
	stats_begin(w->page);
#define COUNTER_FIND(N) w->count.N = stats_find(w->page, "watcher", #N);
	COUNTERS(COUNTER_FIND)
	r = loop_add(w->loop, &w->on_ipc, w->ipc, EPOLLIN, ipc_ready, w);
	if (r == 0)
		r = loop_add(w->loop, &w->on_nflog, w->conf.nflog, EPOLLIN, nflog_ready, w);
	if (r == 0)
		r = loop_add(w->loop, &w->on_conntrack, w->conf.conntrack, EPOLLIN, conntrack_ready,
			     w);
	if (r == 0)
		r = loop_every(w->loop, &w->on_tick, SECOND, SECOND, tick, w);
	if (r == 0)
		r = confine_calls(CONFINE_WATCHER);
	return r;
}

int watcher_run(void *ctx, int ipc)
{
	const struct ipc_message ready = { .type = IPC_READY };
	struct watcher *w = calloc(1, sizeof *w);
	int r = w ? 0 : -ENOMEM;

	if (r == 0) {
		w->conf = *(const struct watcher_conf *)ctx;
		w->ipc = ipc;
		r = set_up(w);
	}
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return 1;
	}
	ipc_send(ipc, &ready, NULL, 0);
	loop_rest(w->loop, REST);
	r = loop_run(w->loop, idle, w);
	idle(w);
	return r < 0;
}
