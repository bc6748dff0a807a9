/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The children. Engines are made in advance: a spare has loaded nDPI and the policy and takes a vacant place
 * by one message. Whatever ends unasked is told, and started again; what keeps ending is started once a second.
 */
#include "daemon/engine_proc.h"
#include "daemon/injector.h"
#include "daemon/log.h"
#include "daemon/record/recorder.h"
#include "daemon/stats.h"
#include "daemon/supervise/child.h"
#include "daemon/supervise/state.h"
#include "daemon/verifier.h"
#include "daemon/watcher.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define IPC_BUFFER (1 << 20) /* a thousand interfaces are told in one go */
#define START_SECONDS 60     /* until a child must have said that it is ready */
#define RECORDER_SECONDS 60  /* a disk may be slow */
#define VERIFIER_SECONDS 120 /* so may the proof of a large policy be */

static const char *const role_words[CREW_ROLES] = {
	[CREW_ENGINE] = "engine",   [CREW_WATCHER] = "watcher",   [CREW_RECORDER] = "recorder",
	[CREW_APPLIER] = "applier", [CREW_VERIFIER] = "verifier", [CREW_INJECTOR] = "injector"
};
static const char *const role_words_ja[CREW_ROLES] = {
	[CREW_ENGINE] = "検査プロセス",   [CREW_WATCHER] = "監視プロセス",
	[CREW_RECORDER] = "記録プロセス", [CREW_APPLIER] = "適用プロセス",
	[CREW_VERIFIER] = "検証プロセス", [CREW_INJECTOR] = "応答プロセス"
};

/* ---- the list ---- */

struct member *crew_add(struct supervisor *s, enum crew_role role)
{
	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		struct member *m = &s->crew[i];

		if (m->pid)
			continue;
		*m = (struct member){
			.s = s, .role = role, .place = NO_PLACE, .ipc = -1, .entry.fd = -1
		};
		m->since = m->turned = now_monotonic();
		return m;
	}
	return NULL;
}

struct member *crew_of(struct supervisor *s, enum crew_role role)
{
	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		if (s->crew[i].pid && s->crew[i].role == role)
			return &s->crew[i];
	}
	return NULL;
}

static bool takes_policy(const struct member *m)
{
	return m->pid && m->ready && (m->role == CREW_ENGINE || m->role == CREW_RECORDER);
}

void crew_send(struct supervisor *s, const struct ipc_message *m, const int *fds,
	       unsigned int count)
{
	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		if (takes_policy(&s->crew[i]) && ipc_send(s->crew[i].ipc, m, fds, count) < 0)
			kill(s->crew[i].pid,
			     SIGKILL); /* it has not read for a megabyte of messages */
	}
}

bool crew_all(const struct supervisor *s, bool (*is)(const struct member *m, uint32_t n),
	      uint32_t n)
{
	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		if (takes_policy(&s->crew[i]) && !is(&s->crew[i], n))
			return false;
	}
	return true;
}

bool crew_vacant(const struct supervisor *s)
{
	for (uint32_t i = 0; i < s->place_count; i++) {
		if (!s->places[i].holder || !s->places[i].holder->placed)
			return true;
	}
	return false;
}

/* ---- messages of children ---- */

static void on_ready(struct supervisor *s, struct member *m)
{
	struct ipc_message link = { .type = IPC_LINK };

	m->ready = true;
	m->turned = now_monotonic();
	for (uint32_t i = 0; takes_policy(m) && i < s->links.count; i++) {
		link.number = s->links.links[i].index;
		memcpy(link.text, s->links.links[i].name, LINK_NAME);
		ipc_send(m->ipc, &link, NULL, 0);
	}
	if (takes_policy(m))
		job_equip(s, m);
	if (m->role == CREW_VERIFIER)
		drift_applying(s, s->job.step != JOB_NONE);
	crew_fill(s);
	supervisor_advance(s);
}

/* The time without an inspector is what the town notices; it is always told. */
static void on_placed(struct supervisor *s, struct member *m)
{
	struct place *p = m->place < s->place_count ? &s->places[m->place] : NULL;
	char en[160], ja[160];
	double ms;

	m->placed = true;
	supervisor_advance(s);
	if (!p || !p->vacant_since)
		return;
	ms = (double)(now_monotonic() - p->vacant_since) / 1e6;
	p->vacant_since = 0;
	snprintf(en, sizeof en, "engine %u: process %d took the place after %.1f ms", m->place,
		 m->pid, ms);
	snprintf(ja, sizeof ja, "検査プロセス %u: プロセス %d が %.1f ミリ秒で引き継ぎました",
		 m->place, m->pid, ms);
	tell_admin(s, EVENT_REASON_START, en, ja);
}

static void on_loaded(struct supervisor *s, struct member *m, const struct ipc_message *msg)
{
	if (msg->result == 0)
		m->loaded = msg->number;
	else if (!s->job.why[0] && msg->number == s->job.number)
		snprintf(s->job.why, sizeof s->job.why, "%.500s",
			 msg->text[0] ? msg->text : strerror(-msg->result));
	else if (!s->job.step)
		log_error("%s %d: image %u: %s", role_words[m->role], m->pid, msg->number,
			  msg->text);
	job_progress(s);
}

static void message(struct supervisor *s, struct member *m, const struct ipc_message *msg,
		    int fds[static IPC_FDS])
{
	if (m->role == CREW_APPLIER) {
		job_message(s, msg, fds);
		return;
	}
	ipc_close_all(fds);
	if (msg->type == IPC_READY) {
		on_ready(s, m);
	} else if (msg->type == IPC_PLACED) {
		on_placed(s, m);
	} else if (msg->type == IPC_LOADED) {
		on_loaded(s, m, msg);
	} else if (msg->type == IPC_SWITCHED) {
		m->in_force = msg->result == 0 ? msg->number : m->in_force;
		job_progress(s);
	} else if (msg->type == IPC_PLUGS && m->role == CREW_RECORDER) {
		memcpy(s->plugs, msg->text, sizeof s->plugs);
		s->plugs_at = now_monotonic();
	} else if (msg->type == IPC_VERIFIED && m->role == CREW_VERIFIER) {
		drift_told(s, msg);
	}
}

/* The end of the socket says nothing; the process's own end will. */
static void ipc_ready(void *ctx, uint32_t events)
{
	struct member *m = ctx;
	struct supervisor *s = m->s;
	struct ipc_message msg;
	int fds[IPC_FDS], r;

	(void)events;
	while ((r = ipc_receive(m->ipc, &msg, fds)) == 1)
		message(s, m, &msg, fds);
	if (r < 0) {
		loop_remove(s->loop, &m->entry);
		if (r == -EPROTO)
			kill(m->pid, SIGKILL);
	}
}

/* ---- starting ---- */

int crew_fork(struct supervisor *s, struct member *m, struct child_conf *c)
{
	const int size = IPC_BUFFER;
	int ends[2], r = ipc_pair(ends);
	pid_t pid;

	if (r < 0)
		return r;
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
	c->ipc = ends[1];
	pid = child_start(c);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return pid;
	}
	m->pid = pid;
	m->ipc = ends[0];
	r = loop_add(s->loop, &m->entry, m->ipc, EPOLLIN, ipc_ready, m);
	if (r < 0)
		kill(pid, SIGKILL);
	return r;
}

static int start(struct supervisor *s, enum crew_role role, struct child_conf *c)
{
	struct member *m = crew_add(s, role);
	const int r = m ? crew_fork(s, m, c) : -ENOSPC;

	if (r < 0)
		log_error("cannot start the %s: %s", role_words[role], strerror(-r));
	return r;
}

static int start_engine(struct supervisor *s)
{
	struct engine_proc_conf conf = { .flows = s->conf->flows,
					 .state_directory = s->conf->state_directory };
	struct child_conf c = {
		.name = "sekimori-engine", .net_admin = true, .run = engine_proc_run, .ctx = &conf
	};

	return start(s, CREW_ENGINE, &c);
}

static int start_watcher(struct supervisor *s)
{
	struct watcher_conf conf = { .nflog = s->nflog,
				     .conntrack = s->conntrack,
				     .recorder = s->watched[1],
				     .engine_count = s->place_count,
				     .stats = s->watcher_stats };
	int keep[QUEUES_MAX + 4] = { s->nflog, s->conntrack, s->watched[1], s->watcher_stats };
	struct child_conf c = { .name = "sekimori-watch",
				.in_background = true,
				.keep = keep,
				.keep_count = 4 + s->place_count,
				.run = watcher_run,
				.ctx = &conf };

	for (uint32_t i = 0; i < s->place_count; i++)
		conf.engines[i] = keep[4 + i] = s->places[i].ended[1];
	return start(s, CREW_WATCHER, &c);
}

static int start_recorder(struct supervisor *s)
{
	struct recorder_conf conf = { .directory = s->log_directory,
				      .channel_count = s->place_count + 2,
				      .watched = s->watched[0],
				      .stats = s->recorder_stats,
				      .flows = s->conf->recorder_flows,
				      .alerts_log = s->conf->alerts_log };
	int keep[RECORDER_CHANNELS + 3] = { s->log_directory, s->watched[0], s->recorder_stats };
	struct child_conf c = { .name = "sekimori-record",
				.in_background = true,
				.keep = keep,
				.keep_count = 3 + s->place_count + 2,
				.run = recorder_run,
				.ctx = &conf };

	for (uint32_t i = 0; i < s->place_count; i++)
		conf.channels[i] = keep[3 + i] = s->places[i].events[0];
	conf.channels[s->place_count] = keep[3 + s->place_count] = s->events[0];
	conf.channels[s->place_count + 1] = keep[4 + s->place_count] = s->verified[0];
	return start(s, CREW_RECORDER, &c);
}

static int start_verifier(struct supervisor *s)
{
	struct verifier_conf conf = { .generations = s->generations,
				      .claims = s->claims[0],
				      .events = s->verified[1],
				      .stats = s->verifier_stats,
				      .state_directory = s->conf->state_directory,
				      .queues = s->conf->engines };
	const int keep[] = { conf.generations, conf.claims, conf.events, conf.stats };
	struct child_conf c = { .name = "sekimori-verify",
				.net_admin = true,
				.in_background = true,
				.keep = keep,
				.keep_count = sizeof keep / sizeof *keep,
				.run = verifier_run,
				.ctx = &conf };

	return start(s, CREW_VERIFIER, &c);
}

/* Without its sockets it would have nothing to do. */
static int start_injector(struct supervisor *s)
{
	struct injector_conf conf = { .raw = { s->raw[0], s->raw[1] },
				      .requests = s->injections[0],
				      .stats = s->injector_stats,
				      .contact = s->conf->contact };
	const int keep[] = { conf.raw[0], conf.raw[1], conf.requests, conf.stats };
	struct child_conf c = { .name = "sekimori-inject",
				.in_background = true,
				.keep = keep,
				.keep_count = sizeof keep / sizeof *keep,
				.run = injector_run,
				.ctx = &conf };

	return s->raw[0] < 0 ? 0 : start(s, CREW_INJECTOR, &c);
}

int crew_start(struct supervisor *s)
{
	int r = start_recorder(s);

	if (r == 0)
		r = start_watcher(s);
	if (r == 0)
		r = start_verifier(s);
	if (r == 0)
		r = start_injector(s);
	for (uint32_t i = 0; r == 0 && i < s->place_count + 1; i++)
		r = start_engine(s);
	return r;
}

/* ---- placing ---- */

static void give_place(struct supervisor *s, struct member *m, uint32_t i)
{
	struct place *p = &s->places[i];
	const struct ipc_message msg = { .type = IPC_PLACE,
					 .number = i,
					 .result = s->raw[0] < 0 ? -EPERM : 0 };
	const int fds[PLACE_FDS] = {
		[PLACE_CLOSED] = p->closed,    [PLACE_OPEN] = p->open,
		[PLACE_EVENTS] = p->events[1], [PLACE_ENDED] = p->ended[0],
		[PLACE_STATS] = p->stats,      [PLACE_INJECTIONS] = s->injections[1]
	};

	if (ipc_send(m->ipc, &msg, fds, PLACE_FDS) < 0) {
		kill(m->pid, SIGKILL);
		return;
	}
	m->place = i;
	m->turned = now_monotonic();
	p->holder = m;
}

static struct member *spare(struct supervisor *s)
{
	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		struct member *m = &s->crew[i];

		if (m->pid && m->role == CREW_ENGINE && m->ready && m->place == NO_PLACE)
			return m;
	}
	return NULL;
}

static uint32_t engines(const struct supervisor *s)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < MEMBERS_MAX; i++)
		n += s->crew[i].pid && s->crew[i].role == CREW_ENGINE;
	return n;
}

static bool dying(const struct supervisor *s)
{
	const int64_t oldest = s->deaths[DEATHS_KEPT - 1];

	return oldest && now_monotonic() - oldest < DEATHS_WINDOW;
}

static void start_missing(struct supervisor *s)
{
	if (!crew_of(s, CREW_RECORDER))
		start_recorder(s);
	if (!crew_of(s, CREW_WATCHER))
		start_watcher(s);
	if (!crew_of(s, CREW_VERIFIER))
		start_verifier(s);
	if (!crew_of(s, CREW_INJECTOR))
		start_injector(s);
	while (engines(s) < s->place_count + 1) {
		if (start_engine(s) < 0 || dying(s))
			break; /* one a second is enough */
	}
}

static void place_spares(struct supervisor *s)
{
	for (uint32_t i = 0; i < s->place_count; i++) {
		struct member *m = s->places[i].holder ? NULL : spare(s);

		if (m)
			give_place(s, m, i);
	}
}

void crew_fill(struct supervisor *s)
{
	if (s->settled && !s->stopping)
		place_spares(s);
}

static bool is_ready(const struct member *m)
{
	return m && m->ready;
}

bool crew_initialised(struct supervisor *s)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < MEMBERS_MAX; i++)
		n += s->crew[i].pid && s->crew[i].role == CREW_ENGINE && s->crew[i].ready;
	return n >= s->place_count && is_ready(crew_of(s, CREW_WATCHER)) &&
	       is_ready(crew_of(s, CREW_RECORDER));
}

/* ---- ending ---- */

static void remember_death(struct supervisor *s)
{
	memmove(s->deaths + 1, s->deaths, sizeof s->deaths - sizeof *s->deaths);
	s->deaths[0] = now_monotonic();
}

static void tell_death(struct supervisor *s, const struct member *m, int status)
{
	char en[160], ja[160], how[48], how_ja[48], place[16] = "";

	if (WIFSIGNALED(status)) {
		snprintf(how, sizeof how, "was killed by signal %d", WTERMSIG(status));
		snprintf(how_ja, sizeof how_ja, "シグナル %d で終了", WTERMSIG(status));
	} else {
		snprintf(how, sizeof how, "ended with status %d", WEXITSTATUS(status));
		snprintf(how_ja, sizeof how_ja, "状態 %d で終了", WEXITSTATUS(status));
	}
	if (m->place != NO_PLACE)
		snprintf(place, sizeof place, " %u", m->place);
	snprintf(en, sizeof en, "%s%s (process %d) %s", role_words[m->role], place, m->pid, how);
	snprintf(ja, sizeof ja, "%s%s（プロセス %d）が%sしました", role_words_ja[m->role], place,
		 m->pid, how_ja);
	tell_admin(s, EVENT_REASON_PROCESS_ENDED, en, ja);
}

static void forget(struct supervisor *s, struct member *m)
{
	loop_remove(s->loop, &m->entry);
	close(m->ipc);
	if (m->place < s->place_count && s->places[m->place].holder == m) {
		s->places[m->place].holder = NULL;
		s->places[m->place].vacant_since = now_monotonic();
	}
	m->pid = 0;
}

/* A place for which no spare was ready. */
static bool nobody_there(const struct supervisor *s)
{
	bool vacant = false;

	for (uint32_t i = 0; i < s->place_count; i++)
		vacant = vacant || !s->places[i].holder;
	return vacant;
}

static void ended(struct supervisor *s, struct member *m, int status)
{
	const struct member was = *m;

	forget(s, m);
	if (was.role == CREW_APPLIER) {
		job_applier_ended(s);
		return;
	}
	if (s->stopping)
		return;
	crew_fill(s); /* first of all: packets are waiting */
	remember_death(s);
	tell_death(s, &was, status);
	job_progress(s);
	if (!was.ready && was.role == CREW_ENGINE && !s->begun)
		s->status =
			2; /* it cannot even start: nothing will help but what its own line says */
	if (!dying(s) && (was.role != CREW_ENGINE || nobody_there(s)))
		start_missing(
			s); /* else within a second: loading nDPI would only be in the successor's way */
}

void crew_ended(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
			if (s->crew[i].pid == pid) {
				ipc_ready(&s->crew[i], 0); /* its last words */
				ended(s, &s->crew[i], status);
				break;
			}
		}
	}
}

static struct stats_page *page_of(struct supervisor *s, const struct member *m)
{
	if (m->role == CREW_WATCHER)
		return s->watcher_page;
	if (m->role == CREW_RECORDER)
		return s->recorder_page;
	if (m->role == CREW_VERIFIER)
		return s->verifier_page;
	if (m->role == CREW_INJECTOR)
		return s->injector_page;
	return m->role == CREW_ENGINE && m->place < s->place_count ? s->places[m->place].page
								   : NULL;
}

static int64_t patience(const struct supervisor *s, const struct member *m)
{
	if (!m->ready)
		return START_SECONDS * SECOND;
	if (m->role == CREW_VERIFIER)
		return VERIFIER_SECONDS * SECOND;
	return (m->role == CREW_RECORDER ? RECORDER_SECONDS : (int64_t)s->conf->engine_timeout) *
	       SECOND;
}

static void watch_member(struct supervisor *s, struct member *m)
{
	const struct stats_page *page = page_of(s, m);
	const int64_t now = now_monotonic();
	const uint64_t turns = page ? __atomic_load_n(&page->turns, __ATOMIC_RELAXED) : 0;

	if (m->role == CREW_APPLIER || (m->ready && !page))
		return; /* nft takes its time; a spare has nothing to do */
	if (m->ready && turns != m->turns) {
		m->turns = turns;
		m->turned = now;
	}
	if (now - m->turned < patience(s, m))
		return;
	log_say(LOG_LINE_WARN, "%s (process %d) gives no sign of life, replacing it",
		"%s（プロセス %d）が応答しないため取り替えます", role_words[m->role], m->pid);
	kill(m->pid, SIGKILL);
	m->turned = now;
}

void crew_watch(struct supervisor *s)
{
	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		if (s->crew[i].pid)
			watch_member(s, &s->crew[i]);
	}
	if (!s->stopping)
		start_missing(s);
}

/* Engines and the watcher first; the recorder when nobody is left who could tell it something. */
void crew_stop(struct supervisor *s)
{
	const struct ipc_message stop = { .type = IPC_STOP };
	struct member *recorder = crew_of(s, CREW_RECORDER);
	bool others = false;

	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		struct member *m = &s->crew[i];

		if (!m->pid || m == recorder)
			continue;
		others = true;
		if (now_monotonic() > s->stop_by)
			kill(m->pid, SIGKILL);
		else if (m->role != CREW_APPLIER)
			ipc_send(m->ipc, &stop, NULL, 0);
	}
	if (others)
		return;
	if (!recorder)
		loop_stop(s->loop);
	else if (now_monotonic() > s->stop_by)
		kill(recorder->pid, SIGKILL);
	else
		ipc_send(recorder->ipc, &stop, NULL, 0);
}
