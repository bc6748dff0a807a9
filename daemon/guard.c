/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/apply/store.h"
#include "daemon/clock.h"
#include "daemon/ctl.h"

#define SECOND INT64_C(1000000000)
#define ANSWER_SECONDS 45 /* for the supervisor to bring it back; then it is done without */
#define AGAIN_MS 1000     /* between two tries */
#define START_MS 5000     /* for a guard to stand */

struct guard {
	const struct apply_conf *conf;
	struct store store;
	int lock, changes, timer; /* owned */
};

/* --- one guard ------------------------------------------------------------------------------- */

static struct flock whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

static int open_lock(const struct store *s)
{
	int fd = openat(s->dir, "guard", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : fd;
}

/* A service waits for the one that was started in its absence. */
static bool lock(const struct guard *g, bool forever)
{
	struct flock l = whole_file();

	return fcntl(g->lock, forever ? F_OFD_SETLKW : F_OFD_SETLK, &l) == 0;
}

static void unlock(const struct guard *g)
{
	struct flock l = whole_file();

	l.l_type = F_UNLCK;
	fcntl(g->lock, F_OFD_SETLK, &l);
}

static bool is_guarded(const struct store *s)
{
	struct flock l = whole_file();
	int fd = open_lock(s);
	bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return held;
}

/* --- what is to be guarded -------------------------------------------------------------------- */

/* The end of a trial, or of one that is just being put in force; 0: there is none. */
static int64_t end_of_trial(const struct guard *g)
{
	static const char *const names[] = { "trial", "next" };
	struct store_point p;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (store_point(&g->store, names[i], &p) == 0 && store_is_trial(&p))
			return p.until;
	return 0;
}

/* --- bringing it back ------------------------------------------------------------------------- */

static bool by_supervisor(const struct guard *g)
{
	const struct ctl_request q = { .verb = CTL_EXPIRE, .fd = -1, .seconds = ANSWER_SECONDS };

	return g->conf->socket && ctl_call(g->conf->socket, &q, NULL, NULL) == CTL_YES;
}

static bool dated(const struct guard *g, int64_t now)
{
	return g->conf->settings && clock_judge(g->conf->settings, now) == CLOCK_RIGHT;
}

static void by_ourselves(const struct guard *g)
{
	struct apply_request q = { .act = APPLY_EXPIRE,
				   .person = { APPLY_NOBODY, APPLY_NOBODY, "guard" },
				   .reason = "not confirmed in time",
				   .now = time(NULL),
				   .dated = dated(g, time(NULL)) };
	char why[2][APPLY_WHY];
	struct apply_result r;

	if (apply_run(g->conf, &q, NULL, &r) != 0)
		return; /* tried again in a second */
	poll(NULL, 0, 1000);
	apply_sweep(g->conf, why);
}

static void bring_back(const struct guard *g)
{
	if (!by_supervisor(g) && end_of_trial(g))
		by_ourselves(g);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void set_timer(const struct guard *g, int64_t until)
{
	const struct itimerspec t = { .it_value = { .tv_sec = until / SECOND,
						    .tv_nsec = until % SECOND } };

	timerfd_settime(g->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void drain(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

/* A permit that ends while no daemon runs has ended for good once a later time is kept, also after a power cut. */
static int keep_time(const struct guard *g)
{
	return g->conf->settings ? clock_keep(g->conf->settings, time(NULL)) * 1000 : -1;
}

/* Until the files change or the time is over; and the clock is kept meanwhile. */
static void wait_for_news(const struct guard *g, int64_t until)
{
	struct pollfd p[] = { { g->changes, POLLIN, 0 }, { g->timer, POLLIN, 0 } };

	set_timer(g, until);
	poll(p, 2, keep_time(g));
	drain(g->changes);
	drain(g->timer);
}

static void watch_over(const struct guard *g, bool forever)
{
	int64_t until;

	while ((until = end_of_trial(g)) || forever) {
		if (!until || store_clock() < until) {
			wait_for_news(g, until);
			continue;
		}
		bring_back(g);
		if (end_of_trial(g) == until)
			poll(NULL, 0, AGAIN_MS);
	}
}

static int open_guard(struct guard *g)
{
	int e = store_open(&g->store, g->conf->state_directory, false);

	if (e < 0)
		return e;
	g->lock = open_lock(&g->store);
	g->changes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	g->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (g->lock < 0)
		return g->lock;
	if (g->changes < 0 || g->timer < 0 ||
	    inotify_add_watch(g->changes, g->conf->state_directory,
			      IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE) < 0)
		return -errno;
	return 0;
}

static void close_guard(struct guard *g)
{
	const int fds[] = { g->lock, g->changes, g->timer };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	store_close(&g->store);
}

int guard_run(const struct apply_conf *conf, bool forever)
{
	struct guard g = { conf, { -1, -1 }, -1, -1, -1 };
	int e = open_guard(&g);

	/* looked at once more without the lock: whoever began a trial meanwhile found it held */
	while (e == 0 && lock(&g, forever)) {
		watch_over(&g, forever);
		unlock(&g);
		if (!end_of_trial(&g))
			break;
	}
	close_guard(&g);
	return e;
}

/* --- starting one ----------------------------------------------------------------------------- */

static _Noreturn void be_guard(const struct apply_conf *conf)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	setsid();
	if (fork() != 0)
		_exit(0); /* the grandchild is nobody's */
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close_range(3, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, 0);
	prctl(PR_SET_NAME, "sekimori-guard", 0, 0, 0);
	if (chdir("/") < 0)
		_exit(1);
	_exit(guard_run(conf, false) < 0);
}

static int start(const struct apply_conf *conf)
{
	pid_t pid = fork();

	if (pid == 0)
		be_guard(conf);
	if (pid < 0)
		return -errno;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int guard_ensure(const struct apply_conf *conf)
{
	struct store s;
	int e = store_open(&s, conf->state_directory, false);

	if (e == 0 && !is_guarded(&s))
		e = start(conf);
	for (int ms = 0; e == 0 && !is_guarded(&s); ms += 10) {
		if (ms >= START_MS)
			e = -ETIMEDOUT;
		poll(NULL, 0, 10);
	}
	store_close(&s);
	return e;
}
