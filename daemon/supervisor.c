/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervisor.h"

#include "daemon/confine.h"
#include "daemon/ctl_server.h"
#include "daemon/inject.h"
#include "daemon/kernel/links.h"
#include "daemon/kernel/queue.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/stats.h"
#include "daemon/supervise/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STOP_SECONDS 8 /* for the children to finish, before they are killed */

static int64_t ns_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

int64_t now_monotonic(void)
{
	return ns_of(CLOCK_MONOTONIC);
}

int64_t now_real(void)
{
	return ns_of(CLOCK_REALTIME);
}

/* ---- signals ---- */

void supervisor_stop(struct supervisor *s, int status)
{
	if (s->stopping)
		return;
	notify_send("STOPPING=1");
	if (s->ready)
		tell_admin(s, EVENT_REASON_STOP, "stopped; the ruleset stays",
			   "停止しました。規則はカーネルに残ります");
	channel_flush(&s->channel);
	s->status = status;
	s->stopping = true;
	s->stop_by = now_monotonic() + STOP_SECONDS * SECOND;
	crew_stop(s);
}

static void reopen(struct supervisor *s)
{
	const struct ipc_message m = { .type = IPC_REOPEN };
	const struct member *recorder = crew_of(s, CREW_RECORDER);

	if (recorder)
		ipc_send(recorder->ipc, &m, NULL, 0);
}

static void caught(void *ctx, int signal)
{
	struct supervisor *s = ctx;

	if (signal == SIGHUP) {
		reopen(s);
	} else if (signal == SIGCHLD) {
		crew_ended(s);
		if (s->stopping)
			crew_stop(s);
	} else {
		supervisor_stop(s, 0);
	}
}

/* ---- interfaces ---- */

static void link_changed(void *ctx, const struct link_change *l)
{
	struct ipc_message m = { .type = IPC_LINK, .number = l->index };
	struct supervisor *s = ctx;

	if (!link_table_set(&s->links, l))
		return;
	memcpy(m.text, l->name, sizeof l->name);
	crew_send(s, &m, NULL, 0);
}

static void links_ready(void *ctx, uint32_t events)
{
	struct supervisor *s = ctx;

	(void)events;
	if (links_read(s->links_socket, link_changed, s) < 0)
		links_dump(link_changed, s);
}

/* ---- from started to ready ---- */

static void be_ready(struct supervisor *s)
{
	char text[64];

	s->ready = true;
	tell_admin(s, EVENT_REASON_START, "started", "起動しました");
	s->stats_at = now_monotonic() + (int64_t)s->conf->stats_interval * SECOND;
	snprintf(text, sizeof text, "READY=1\nMAINPID=%d", (int)getpid());
	notify_send(text);
	round_second(s, 1);
}

/*
 * Children first, then the policy, and only then the queues: packets that wait since before a restart are
 * judged by the policy in force, not dropped for want of one.
 */
void supervisor_advance(struct supervisor *s)
{
	if (s->stopping || s->ready)
		return;
	if (s->status) {
		supervisor_stop(s, s->status);
	} else if (!s->begun && crew_initialised(s)) {
		s->begun = true;
		job_again(s, "start");
	} else if (s->begun && !s->settled && s->job.step == JOB_NONE) {
		s->settled = true;
		crew_fill(s);
	} else if (s->settled && !crew_vacant(s)) {
		be_ready(s);
	}
}

/* ---- setting up ---- */

/*
 * Done while we may still be root; under systemd the unit has done it. The queues' figures and the names of tables of
 * the old iptables are readable for root alone, which we are about to be no longer.
 */
static void prepare(const struct conf *c)
{
	const char *const paths[] = { c->state_directory, c->log_directory, c->run_directory };
	static const mode_t modes[] = { 0700, 0750, 0755 };
	static const char *const shown[] = { QUEUE_FILE, "/proc/net/ip_tables_names",
					     "/proc/net/ip6_tables_names",
					     "/proc/net/arp_tables_names" };
	const struct passwd *who = c->user[0] ? getpwnam(c->user) : NULL;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		if (mkdir(paths[i], modes[i]) == 0 && who &&
		    chown(paths[i], who->pw_uid, who->pw_gid) < 0)
			log_warn("%s: %s", paths[i], strerror(errno));
	}
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		if (who && geteuid() == 0 && chown(shown[i], (uid_t)-1, who->pw_gid) < 0 &&
		    errno != ENOENT)
			log_warn("%s: %s", shown[i], strerror(errno));
	}
}

static int catch_signals(struct supervisor *s)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	return loop_signals(s->loop, &set, caught, s);
}

/* The last thing that needs more than CAP_NET_ADMIN; without it pages are resets, and status says so. */
static void open_injector(struct supervisor *s)
{
	const int r = inject_open(s->raw);

	if (r < 0)
		log_say(LOG_LINE_WARN,
			"no raw socket (%s; CAP_NET_RAW and CAP_SETUID are needed at the start): what is to be "
			"answered with a page or 554 is reset instead",
			"raw ソケットを開けません（%s。起動時に CAP_NET_RAW と CAP_SETUID が必要です）。"
			"page と smtp-reject の代わりにリセットで応答します",
			strerror(-r));
}

static int set_up(struct supervisor *s)
{
	int r;

	prepare(s->conf);
	open_injector(s);
	r = confine_capable() ? confine_user(s->conf->user) : 0;
	if (r < 0) {
		log_error("cannot become %s: %s", s->conf->user, strerror(-r));
		return 2;
	}
	r = sockets_open(s);
	if (r == 0)
		r = requests_open(s);
	if (r)
		return r;
	links_dump(link_changed, s);
	round_begin(s);
	if (catch_signals(s) < 0 ||
	    loop_add(s->loop, &s->on_links, s->links_socket, EPOLLIN, links_ready, s) < 0 ||
	    loop_every(s->loop, &s->on_second, SECOND, SECOND, round_second, s) < 0 ||
	    crew_start(s) < 0) {
		log_error("cannot start: %s", strerror(errno));
		return 2;
	}
	return 0;
}

/* Before every wait the supervisor's own events are on their way. */
static void idle(void *ctx)
{
	struct supervisor *s = ctx;

	channel_flush(&s->channel);
}

int supervisor_run(const struct conf *conf)
{
	struct supervisor *s = calloc(1, sizeof *s);
	int status = 2;

	if (!s || !(s->loop = loop_new())) {
		log_error("no memory");
		free(s);
		return 2;
	}
	s->conf = conf;
	s->place_count = conf->engines;
	s->started = now_monotonic();
	s->health_word = "";
	job_init(s);
	status = set_up(s);
	if (status == 0) {
		loop_run(s->loop, idle, s);
		status = s->status;
	}
	ctl_server_close(s->ctl);
	channel_done(&s->channel);
	image_slot_done(&s->now);
	loop_free(s->loop);
	free(s);
	return status;
}
