/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/injector.h"

#include "daemon/confine.h"
#include "daemon/decode.h"
#include "daemon/inject.h"
#include "daemon/inject/segment.h"
#include "daemon/inject/texts.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/stats.h"
#include "daemon/supervise/ipc.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define SECOND INT64_C(1000000000)
#define AGAIN_AFTER \
	(SECOND / 50) /* until the verdict that a request rests on has surely come to the kernel */
#define TRIES 5u
#define TCP_PSH 0x08
#define COUNTERS(X) \
	X(pages) X(smtp_rejects) X(resets) X(refused) X(failed) X(limited) X(full) X(malformed)
#define COUNTER_FIELD(N) uint64_t *N;

struct pending {
	struct injection q;
	uint32_t tries; /* left; 0: free */
};

struct injector {
	struct injector_conf conf;
	struct loop *loop;
	struct stats_page *page;
	struct {
		COUNTERS(COUNTER_FIELD)
	} count;
	struct loop_entry on_requests, on_ipc, on_tick, on_again;
	int ipc;
	uint32_t allowance; /* of this second */
	struct pending pending[INJECTION_QUEUE];
	uint8_t packet[SEGMENT_MAX];
};

/* ---- sending ---- */

static int send_packet(struct injector *x, ip_t to, size_t n)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl((uint32_t)to) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	ssize_t sent;

	if (ip_is_v4(to)) {
		sent = sendto(x->conf.raw[0], x->packet, n, 0, (struct sockaddr *)&v4, sizeof v4);
	} else {
		ip_to_v6(to, v6.sin6_addr.s6_addr);
		sent = sendto(x->conf.raw[1], x->packet, n, 0, (struct sockaddr *)&v6, sizeof v6);
	}
	return sent < 0 ? -errno : 0;
}

static int send_answer(struct injector *x, const struct injection *q)
{
	char text[SEGMENT_PAYLOAD_MAX];
	const struct segment s = {
		.src = q->server,
		.dst = q->client,
		.sport = q->server_port,
		.dport = q->client_port,
		.seq = q->seq,
		.ack = q->ack,
		.flags = TCP_ACK | TCP_PSH | TCP_FIN,
		.stamped = q->stamped,
		.stamp = q->stamp,
		.echo = q->echo,
		.payload = text,
		.len = inject_text(q, x->conf.contact, text),
	};

	return send_packet(x, q->client, segment_make(&s, x->packet));
}

/* The server learns that its conversation is over; nothing of the client's follows. */
static int send_reset(struct injector *x, const struct injection *q)
{
	const struct segment s = {
		.src = q->client,
		.dst = q->server,
		.sport = q->client_port,
		.dport = q->server_port,
		.seq = q->server_seq,
		.flags = TCP_RST,
	};

	return send_packet(x, q->server, segment_make(&s, x->packet));
}

static void count_answer(struct injector *x, const struct injection *q)
{
	stats_add(q->kind == INJECT_PAGE ? x->count.pages : x->count.smtp_rejects, 1);
	if (send_reset(x, q) == 0)
		stats_add(x->count.resets, 1);
}

/* Return: whether it is worth another try: the ruleset lets it out once the verdict is there. */
static bool try(struct injector *x, const struct injection *q)
{
	const int r = send_answer(x, q);

	if (r == 0)
		count_answer(x, q);
	else if (r != -EPERM)
		stats_add(x->count.failed, 1);
	return r == -EPERM;
}

/* ---- what waits ---- */

/* Return: whether it still waits. */
static bool once_more(struct injector *x, struct pending *p)
{
	if (!try(x, &p->q)) {
		p->tries = 0;
		return false;
	}
	if (--p->tries == 0)
		stats_add(x->count.refused, 1);
	return p->tries;
}

static void again(void *ctx, uint32_t expiries)
{
	struct injector *x = ctx;
	bool more = false;

	(void)expiries;
	for (uint32_t i = 0; i < INJECTION_QUEUE; i++)
		more |= x->pending[i].tries && once_more(x, &x->pending[i]);
	loop_cancel(x->loop, &x->on_again);
	if (more)
		loop_every(x->loop, &x->on_again, AGAIN_AFTER, 0, again, x);
}

static void keep(struct injector *x, const struct injection *q)
{
	for (uint32_t i = 0; i < INJECTION_QUEUE; i++) {
		if (x->pending[i].tries)
			continue;
		x->pending[i] = (struct pending){ *q, TRIES };
		if (x->on_again.fd < 0)
			loop_every(x->loop, &x->on_again, AGAIN_AFTER, 0, again, x);
		return;
	}
	stats_add(x->count.full, 1);
}

/* ---- the process ---- */

static void take(struct injector *x, const struct injection *q)
{
	if (!x->allowance) {
		stats_add(x->count.limited, 1);
		return;
	}
	x->allowance--;
	if (try(x, q))
		keep(x, q);
}

static void requests_ready(void *ctx, uint32_t events)
{
	struct injector *x = ctx;
	struct injection q;
	int r = 1;

	(void)events;
	for (uint32_t i = 0; i < INJECTION_QUEUE && (r = inject_receive(x->conf.requests, &q)) != 0;
	     i++) {
		if (r == 1)
			take(x, &q);
		else if (r == -EPROTO)
			stats_add(x->count.malformed, 1);
		else
			break;
	}
	if (r < 0 && r != -EPROTO)
		loop_stop(x->loop);
}

static void ipc_ready(void *ctx, uint32_t events)
{
	struct injector *x = ctx;
	int fds[IPC_FDS], r;
	struct ipc_message m;

	(void)events;
	while ((r = ipc_receive(x->ipc, &m, fds)) == 1) {
		ipc_close_all(fds);
		if (m.type == IPC_STOP)
			loop_stop(x->loop);
	}
	if (r < 0)
		loop_stop(x->loop);
}

static void tick(void *ctx, uint32_t expiries)
{
	struct injector *x = ctx;

	(void)expiries;
	x->allowance = INJECTOR_RATE;
}

static void idle(void *ctx)
{
	struct injector *x = ctx;

	stats_add(&x->page->turns, 1);
}

static int set_up(struct injector *x)
{
	int r;

	x->loop = loop_new();
	x->page = stats_map(x->conf.stats);
	if (!x->loop || !x->page)
		return -ENOMEM;
	stats_begin(x->page);
#define COUNTER_FIND(N) x->count.N = stats_find(x->page, "injector", #N);
	COUNTERS(COUNTER_FIND)
	x->allowance = INJECTOR_RATE;
	r = loop_add(x->loop, &x->on_requests, x->conf.requests, EPOLLIN, requests_ready, x);
	if (r == 0)
		r = loop_add(x->loop, &x->on_ipc, x->ipc, EPOLLIN, ipc_ready, x);
	if (r == 0)
		r = loop_every(x->loop, &x->on_tick, SECOND, SECOND, tick, x);
	return r == 0 ? confine_injector(x->conf.raw, x->ipc) : r;
}

int injector_run(void *ctx, int ipc)
{
	struct injector x = { .conf = *(struct injector_conf *)ctx, .ipc = ipc, .on_again.fd = -1 };
	const struct ipc_message ready = { .type = IPC_READY };
	const int r = set_up(&x);

	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return 1;
	}
	if (ipc_send(ipc, &ready, NULL, 0) < 0)
		return 1;
	return loop_run(x.loop, idle, &x) < 0;
}
