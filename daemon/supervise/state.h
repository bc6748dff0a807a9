/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state: what the supervisor's parts share. Private to supervisor.c and daemon/supervise/.
 *
 *	sockets.c	the kernel's sockets, opened once and kept
 *	crew.c		the children: started, placed, watched over, replaced
 *	policy_job.c	the policy in force, and an apply under way
 *	standing.c	a trial that ran out, and what others did to the policy
 *	round.c		once a second: counters, losses, fail state
 *	requests.c	what the CLI asks; report.c writes the answers
 *	drift.c		what the verifier found changed in the kernel, and restoring it
 *	tell.c		the supervisor's own events
 */
#ifndef DAEMON_SUPERVISE_STATE_H
#define DAEMON_SUPERVISE_STATE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/apply.h"
#include "daemon/conf.h"
#include "daemon/ctl.h"
#include "daemon/ctl_args.h"
#include "daemon/kernel/counters.h"
#include "daemon/loop.h"
#include "daemon/record/channel.h"
#include "daemon/record/event.h"
#include "daemon/stats.h"
#include "daemon/supervise/health.h"
#include "daemon/supervise/image_slot.h"
#include "daemon/supervise/ipc.h"
#include "daemon/supervise/link_table.h"
#include "rules/kernel/mark.h"

struct ctl_server;
struct supervisor;

#define SECOND INT64_C(1000000000)
#define NO_PLACE UINT32_MAX
#define MEMBERS_MAX (2 * QUEUES_MAX + 6)	/* engines, those being started, and one of each other role */
#define KERNEL_COUNTERS_MAX 128
#define DEATHS_KEPT 8u				/* so many within DEATHS_WINDOW: starting slows down */
#define DEATHS_WINDOW (10 * SECOND)

enum crew_role {
	CREW_ENGINE, CREW_WATCHER, CREW_RECORDER, CREW_APPLIER, CREW_VERIFIER, CREW_INJECTOR, CREW_ROLES
};

struct member {				/* one child */
	struct supervisor *s;		/* borrowed */
	struct loop_entry entry;	/* of its ipc socket */
	pid_t pid;			/* 0: this slot is free */
	int ipc;			/* owned */
	enum crew_role role;
	uint32_t place;			/* engines: index, or NO_PLACE: a spare */
	bool ready;			/* initialised */
	bool placed;			/* reads packets */
	uint32_t loaded, in_force;	/* image it has loaded last, image it works by */
	uint64_t turns;			/* of its loop when last looked */
	int64_t turned;			/* when that was last different; monotonic ns */
	int64_t since;			/* started; monotonic ns */
};

struct place {				/* what an engine is given; it outlives every engine */
	int closed, open;		/* owned: queue sockets */
	int events[2], ended[2];	/* owned: [0] the reader's end, [1] the writer's */
	int stats;			/* owned */
	struct stats_page *page;	/* owned */
	struct member *holder;		/* borrowed; NULL: vacant */
	int64_t vacant_since;		/* monotonic ns; 0 never filled yet */
};

enum job_step { JOB_NONE, JOB_RUNNING, JOB_LOADING, JOB_SWITCHING };

struct job_order {			/* what is to be done */
	bool set;
	bool sweep;			/* only T3 of the last one */
	bool renew;			/* what stays from apply to apply, too */
	enum apply_act act;
	int image;			/* owned; of APPLY_NEW, else -1 */
	uint64_t client;		/* who waits for the answer; 0 nobody */
	struct apply_person person;	/* who asked; the name is found by the applier */
	struct ctl_args args;
};

struct job {				/* an apply under way */
	enum job_step step;
	struct job_order order, next;	/* next: waits until this one is done */
	bool done;			/* IPC_DONE has come: the applier only has to end */
	bool dated;			/* it may open and close by date */
	uint32_t number;		/* image being loaded; 0 none */
	int image, numbers;		/* owned; -1 none */
	struct image_slot slot;		/* the image as the supervisor itself reads it */
	int64_t step_began;		/* monotonic ns */
	char why[IPC_TEXT / 2];		/* first refusal by an engine or the recorder */
};

struct balance {			/* of packets that went into the queues; the ruleset's counters */
	uint64_t queued, seen, unseen;
};

struct round_figures {			/* what tells an overload from queues that nothing reaches */
	uint64_t queued, received, unseen_closed, unseen_open;
};

struct losses {				/* totals when last told */
	uint64_t engine_events, watcher_records, recorder_events, refused_gaps, overruns;
};

struct supervisor {
	const struct conf *conf;	/* borrowed */
	struct loop *loop;
	struct loop_entry on_links, on_second, on_boundary;

	struct place places[QUEUES_MAX];
	uint32_t place_count;
	struct member crew[MEMBERS_MAX];
	int64_t deaths[DEATHS_KEPT];	/* when engines ended unasked; monotonic ns, newest first */

	int nflog, conntrack, generations, links_socket, counters_socket, log_directory, state_directory;
	int watched[2], events[2], verified[2];	/* [0] the recorder's end; verified: the verifier's events */
	int claims[2];			/* [0] the verifier's end, [1] the appliers' */
	int raw[2];			/* owned: the injector's sockets; -1: it could not have them */
	int injections[2];		/* owned: [0] the injector's end, [1] the engines' */
	int watcher_stats, recorder_stats, verifier_stats, injector_stats, own_stats;
	struct stats_page *watcher_page, *recorder_page, *verifier_page, *injector_page, *own_page;
	struct channel channel;
	struct link_table links;

	struct image_slot now;		/* the policy in force; empty: none */
	int now_image, now_numbers;	/* owned: handed to every new child; -1 none */
	struct job job;
	int64_t applied;		/* when, ns since 1970; 0 never */
	int64_t next_change;		/* seconds since 1970; INT64_MAX never */
	bool dated;			/* what is in force opens and closes by date */
	int64_t clock_noted;		/* seconds since 1970: when the time was last kept (daemon/clock.h) */
	int64_t reminded;		/* seconds since 1970: when ends and reviews were last told; 0 never */
	bool apply_failed;
	struct apply_standing standing;	/* as the state directory says it, a second ago */
	int64_t repaired;		/* when we last began one of our own accord; monotonic ns */
	uint32_t judged;		/* 0 not judged yet, else enum verify_result + 1 */
	int64_t judged_at;		/* ns since 1970 */
	char judged_why[2][IPC_TEXT / 2];	/* English, Japanese */
	bool drifted;			/* somebody changed what is ours, and the settings say that it is to be restored */
	int64_t restored;		/* when that was last done; monotonic ns, 0 never */
	struct loop_entry on_sweep;

	struct ctl_server *ctl;
	struct kernel_counter kernel[KERNEL_COUNTERS_MAX];
	int kernel_count;		/* -errno when they could not be read */
	struct balance base;		/* what the kernel had counted when we began */
	struct round_figures before;	/* a second ago */
	int64_t unseen_closed_at, unseen_open_at, lost_at, plugs_at, full_at, bypassed_at;	/* monotonic ns; 0 never */
	uint64_t refused_requests, refused_told;
	int64_t refused_at;		/* when one was last told */
	char plugs[IPC_TEXT];
	struct losses told;
	uint64_t write_errors;		/* of the recorder, a second ago */
	struct health_facts facts;
	enum health_state health;
	const char *health_word;
	int64_t health_since;		/* ns since 1970 */

	struct stats_counter names[QUEUES_MAX + 5][STATS_MAX];	/* texts of the last stats event */
	int64_t started;		/* monotonic ns */
	int64_t stats_at;		/* when the next stats event is due; monotonic ns */
	bool begun;			/* everybody is initialised: the policy is being put in force */
	bool settled;			/* it is, or there is none: engines take their places */
	bool ready, stopping;
	int64_t stop_by;		/* monotonic ns */
	int status;			/* exit status */
};

/* ---- supervisor.c ---- */
/* supervisor_advance - from started to ready: engines in their places, then the policy, then systemd hears of it */
void supervisor_advance(struct supervisor *s);
void supervisor_stop(struct supervisor *s, int status);
int64_t now_monotonic(void);
int64_t now_real(void);			/* ns since 1970 */

/* ---- sockets.c ---- */
/* sockets_open - all of them; on failure the reason was logged. Return: 0, or 2 as exit status */
int sockets_open(struct supervisor *s);

/* ---- crew.c ---- */
int crew_start(struct supervisor *s);		/* recorder, watcher, and engines for every place and a spare */
void crew_fill(struct supervisor *s);		/* vacant places get spares, missing children are started */
void crew_ended(struct supervisor *s);		/* SIGCHLD */
void crew_watch(struct supervisor *s);		/* kills what has stopped turning */
void crew_send(struct supervisor *s, const struct ipc_message *m, const int *fds, unsigned int count);	/* engines, recorder */
void crew_stop(struct supervisor *s);		/* asks the next ones to end: engines and watcher, then the recorder */
bool crew_all(const struct supervisor *s, bool (*is)(const struct member *m, uint32_t n), uint32_t n);	/* ... ready ones */
struct member *crew_add(struct supervisor *s, enum crew_role role);	/* a free slot; NULL none */
struct member *crew_of(struct supervisor *s, enum crew_role role);	/* the first of a role, or NULL */
bool crew_vacant(const struct supervisor *s);
bool crew_initialised(struct supervisor *s);	/* recorder, watcher and an engine for each place are ready */
struct child_conf;
int crew_fork(struct supervisor *s, struct member *m, struct child_conf *c);	/* starts it; 0 or -errno */

/* ---- policy_job.c, applier.c ---- */
void job_init(struct supervisor *s);
/* job_begin - start an apply, or let it wait for the one under way. Takes the order's image. Return: false: one
 * waits already, nothing was taken */
bool job_begin(struct supervisor *s, const struct job_order *o);
void job_again(struct supervisor *s, const char *reason);	/* the image in force once more, if there is one */
void job_restore(struct supervisor *s, const char *reason);	/* and with it what stays from apply to apply */
void job_expire(struct supervisor *s);		/* the trial that ran out */
void job_message(struct supervisor *s, const struct ipc_message *m, int fds[static IPC_FDS]);	/* of the applier */
void job_progress(struct supervisor *s);	/* somebody has loaded, switched or gone; or time has passed */
void job_applier_ended(struct supervisor *s);
void job_dates(struct supervisor *s, int64_t as_of);	/* IPC_DATES, of the policy in force and of whoever is given it later */
void job_equip(struct supervisor *s, struct member *m);	/* a new child gets the policy, and the one being applied */

#define APPLIER_NO_BASE (-ENOSYS)		/* result: the base ruleset cannot be had on this machine */

struct applier_conf {
	const struct conf *conf;
	struct job_order order;
	int claims;			/* borrowed; who wants to know of the programs that are run */
	bool dated;
};
int applier_run(void *ctx, int ipc);		/* for child_start */

struct apply_conf job_conf(const struct conf *c, char socket[static 108]);

/* ---- standing.c: a trial that ran out, and what others did to the policy ---- */
void standing_read(struct supervisor *s);
void standing_watch(struct supervisor *s);	/* once a second */
void standing_forget_policy(struct supervisor *s);	/* after the return to no policy at all */

/* ---- round.c ---- */
void round_begin(struct supervisor *s);		/* before any engine reads a packet */
void round_second(void *ctx, uint32_t expiries);
void round_judge(struct supervisor *s);		/* fail state anew, told when it changed */
bool clock_is_right(const struct supervisor *s);

/* ---- requests.c, report.c ---- */
int requests_open(struct supervisor *s);
struct text;
void report_status(struct supervisor *s, struct text *out);
void report_stats(struct supervisor *s, struct text *out);
size_t report_counters(struct supervisor *s, struct event_counter *out, size_t max);
struct balance report_balance(const struct supervisor *s);	/* since the ruleset was loaded */

/* ---- drift.c: the kernel was changed by somebody else ---- */
void drift_told(struct supervisor *s, const struct ipc_message *m);
void drift_applying(struct supervisor *s, bool begins);	/* the verifier hears of it */
void drift_restore(struct supervisor *s);	/* once a second; nothing unless the settings want it */

/* ---- tell.c ---- */
void tell_admin(struct supervisor *s, enum event_reason reason, const char *en, const char *ja);
void tell_refused(struct supervisor *s, enum event_reason reason, const char *en, const char *ja);	/* somebody's request */
void tell_loss(struct supervisor *s, uint64_t count, const char *en, const char *ja);
void tell_fail_state(struct supervisor *s, const struct health_finding *f);	/* NULL: enforcing again */
void tell_stats(struct supervisor *s);
void tell_reminders(struct supervisor *s, int64_t now);	/* what is new of ends and reviews (remind.h) */

#endif
