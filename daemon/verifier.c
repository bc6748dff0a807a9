/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/verifier.h"

#include "daemon/attest.h"
#include "daemon/confine.h"
#include "daemon/kernel/command.h"
#include "daemon/kernel/dump.h"
#include "daemon/kernel/netlink.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/record/channel.h"
#include "daemon/stats.h"
#include "daemon/supervise/ipc.h"
#include "daemon/verify/culprits.h"
#include "daemon/verify/judgement.h"
#include "daemon/verify/telling.h"
#include "rules/image.h"
#include "rules/kernel/readback/changes.h"
#include "rules/policy.h"
#include "rules/sha256.h"
#include "rules/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define ROUND (60 * SECOND) /* what announces itself nowhere: settings, interfaces, filters */
#define SOON (SECOND / 5)   /* between two looks, so that a busy program makes few events */
#define LATER (10 * SECOND) /* ... that goes on for long */
#define OFTEN 20u           /* looks within a minute from which on it is LATER */
#define HEAR_MS 100         /* until a transaction must have been announced that a record shows */
#define QUICK 300000u       /* nodes of a proof that a change waits for: a fifth of a second */
#define DATAGRAM 4096u
#define INITIAL_PIDS 0xeffffffcu /* inode of the machine's own process numbering */

struct verifier {
	struct verifier_conf conf;
	struct loop *loop;
	struct loop_entry on_generations, on_claims, on_ipc, on_round, on_look, on_tick;
	struct channel channel;
	struct stats_page *page;
	uint64_t *looks, *foreign;
	struct dump dump;
	struct text last; /* the record that changes are counted from */
	int64_t last_at;  /* when it was taken; monotonic ns */
	int64_t looked;   /* when the kernel was last read, or could not be */
	uint32_t last_generation;
	struct culprits culprits;
	int64_t minute; /* monotonic ns: since when looks are counted */
	uint32_t looks_this_minute;
	bool due;      /* look before the loop waits */
	bool waiting;  /* ... when the timer says so */
	bool applying; /* what changes meanwhile is ours: it will be looked at afterwards */
	struct {
		struct policy policy;
		const void *map; /* owned; NULL: none is in force */
		size_t map_len;
	} policy;
	char hash[SHA256_HEX];
	bool dated;            /* it opens and closes by date */
	struct judgement told; /* the last one */
	bool ours;   /* the next look takes everything that nobody else announced for ours */
	bool unread; /* the last look failed; it was told */
	int ipc;
};

static int64_t now_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/* ---- hearing ---- */

/* The login that the process descends from, if it still lives. */
static uint32_t login_of(uint32_t process)
{
	char path[48], text[16] = "";
	unsigned long uid;

	snprintf(path, sizeof path, "/proc/%u/loginuid", process);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NOBODY;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	uid = text[0] ? strtoul(text, NULL, 10) : NOBODY;
	return uid < NOBODY ? (uint32_t)uid : NOBODY;
}

static void read_claims(struct verifier *v)
{
	struct command_claim c;

	while (recv(v->conf.claims, &c, sizeof c, MSG_DONTWAIT) == sizeof c)
		culprits_claim(&v->culprits, c.process, c.ended);
}

static void look_soon(struct verifier *v);

static void hear_datagram(struct verifier *v, const uint8_t *buf, size_t n)
{
	struct cursor c = cursor_of(buf, n);
	struct netlink_message m;
	struct generation g;

	while (netlink_next(&c, &m)) {
		struct culprit *x =
			generations_parse(&m, &g) ? culprits_hear(&v->culprits, &g) : NULL;

		if (x && !x->ours) {
			x->login = v->culprits.by_port ? NOBODY : login_of(g.process);
			stats_add(v->foreign, 1);
		}
		look_soon(v);
	}
}

/*
 * A claim is sent before the program begins, so it has arrived when its transaction is announced: it is read after the
 * announcement. Its end is sent after the last announcement, so it counts when there is nothing more to hear.
 */
static void hear(struct verifier *v)
{
	_Alignas(4) uint8_t buf[DATAGRAM];
	ssize_t n;

	while ((n = recv(v->conf.generations, buf, sizeof buf, MSG_DONTWAIT)) >= 0 ||
	       errno == ENOBUFS || errno == EINTR) {
		read_claims(v);
		if (n >= 0) {
			hear_datagram(v, buf, (size_t)n);
		} else if (errno == ENOBUFS) {
			v->culprits.lost = true;
			look_soon(v);
		}
	}
	culprits_settle(&v->culprits);
	read_claims(v);
}

static void ready_to_hear(void *ctx, uint32_t events)
{
	(void)events;
	hear(ctx);
}

/* A record may show a transaction an instant before it is announced. */
static void hear_up_to(struct verifier *v, uint32_t generation)
{
	const int64_t end = now_of(CLOCK_MONOTONIC) + HEAR_MS * SECOND / 1000;
	struct pollfd p = { .fd = v->conf.generations, .events = POLLIN };

	hear(v);
	while (generations_after(generation, v->last_generation)) {
		const struct culprits *c = &v->culprits;
		const int64_t left = end - now_of(CLOCK_MONOTONIC);

		if (c->lost || left <= 0 ||
		    (c->count && !generations_after(generation, c->list[c->count - 1].g.id)))
			return;
		poll(&p, 1, (int)(left / (SECOND / 1000)) + 1);
		hear(v);
	}
}

/* ---- judging ---- */

static bool touches_ours(const struct changes *c)
{
	static const char ours[] = "inet sekimori";

	for (uint32_t i = 0; i < c->count; i++) {
		if (strncmp(c->list[i].where, ours, sizeof ours - 1) == 0)
			return true;
	}
	return false;
}

/* The supervisor hears what the kernel is now, and whether it should be restored. */
static void report(struct verifier *v, const struct judgement *j, bool restore)
{
	struct ipc_message m = { .type = IPC_VERIFIED,
				 .number = j->made ? j->result + 1u : 0,
				 .result = restore };

	ipc_put_both(&m, j->en, j->ja);
	ipc_send(v->ipc, &m, NULL, 0);
}

static void hold_against_policy(const struct verifier *v, const struct text *record,
				uint32_t node_max, struct judgement *j)
{
	const struct attest_conf conf = { .policy = &v->policy.policy,
					  .state_directory = v->conf.state_directory,
					  .queues = v->conf.queues,
					  .dated = v->dated,
					  .node_max = node_max };

	*j = (struct judgement){ 0 };
	if (v->policy.map && !v->applying)
		judgement_make(j, &conf, record->bytes, record->len);
}

/* Whether it is news beside what was told last; that all is well at first is none. */
static bool is_news(const struct verifier *v, const struct judgement *j)
{
	if (!j->made || judgement_same(&v->told, j))
		return false;
	return v->told.made || j->result != VERIFY_PROVED;
}

static struct telling telling_of(struct verifier *v)
{
	return (struct telling){ .sink = channel_sink(&v->channel),
				 .culprits = &v->culprits,
				 .generation = v->dump.generation,
				 .policy = v->policy.map ? v->hash : NULL };
}

static void judge(struct verifier *v, const struct changes *c, const struct text *record)
{
	const uint32_t generation = v->dump.generation;
	const bool foreign = culprits_foreign(&v->culprits, generation);
	const bool unannounced = c->total && !foreign && !v->ours && !v->applying &&
				 !culprits_own(&v->culprits, generation);
	const struct telling t = telling_of(v);
	struct judgement j, none = { 0 };

	hold_against_policy(v, record, QUICK, &j);
	if (foreign)
		telling_foreign(&t, c, j.cut ? &none : &j);
	else if (unannounced)
		telling_setting(&t, c, j.cut ? &none : &j);
	const bool judged = (foreign || unannounced) && !j.cut;

	if (j.cut)
		hold_against_policy(v, record, 0, &j);
	if (!judged && is_news(v, &j))
		telling_judgement(&t, &j);
	if (j.made)
		v->told = j;
	if (j.made || foreign)
		report(v, &j, foreign && (j.made ? j.result == VERIFY_REFUTED : touches_ours(c)));
}

/* ---- looking ---- */

static void compare(struct verifier *v, const struct text *record)
{
	const int64_t now = now_of(CLOCK_MONOTONIC);
	struct changes c;

	hear_up_to(v, v->dump.generation);
	const int r = changes_between(&c, v->last.bytes, v->last.len, record->bytes, record->len,
				      (uint64_t)((now - v->last_at) / (SECOND / 1000)));

	if (r < 0) {
		log_error("records cannot be compared: %s", strerror(-r));
		return;
	}
	judge(v, &c, record);
	changes_done(&c);
}

static void look(struct verifier *v)
{
	char why[2][DUMP_WHY];
	struct text record = { 0 };
	const int r = dump_read(&v->dump, &record, why);

	stats_add(v->looks, 1);
	v->looked = now_of(CLOCK_MONOTONIC);
	if (r < 0) {
		text_done(&record);
		if (!v->unread)
			telling_unread(&(const struct telling){ .sink = channel_sink(&v->channel) },
				       why);
		v->unread = true;
		look_soon(v);
		return;
	}
	v->unread = false;
	if (v->last.len)
		compare(v, &record);
	else
		judge(v, &(struct changes){ 0 }, &record);
	text_done(&v->last);
	v->last = record;
	v->last_at = v->looked;
	v->last_generation = v->dump.generation;
	v->ours = false;
	culprits_forget(&v->culprits, v->last_generation);
	if (v->culprits.count)
		look_soon(v);
}

static void time_to_look(void *ctx, uint32_t expiries)
{
	struct verifier *v = ctx;

	(void)expiries;
	loop_cancel(v->loop, &v->on_look);
	v->waiting = false;
	v->due = true;
}

/* At once, unless the last look was a moment ago. */
static void look_soon(struct verifier *v)
{
	const int64_t now = now_of(CLOCK_MONOTONIC);
	const int64_t gap = v->looks_this_minute > OFTEN ? LATER : SOON;
	const int64_t left = v->looked + gap - now;

	if (v->due || v->waiting)
		return;
	v->waiting = left > 0 && loop_every(v->loop, &v->on_look, left, 0, time_to_look, v) == 0;
	v->due = !v->waiting;
}

static void count_look(struct verifier *v)
{
	const int64_t now = now_of(CLOCK_MONOTONIC);

	if (now - v->minute >= 60 * SECOND) {
		v->minute = now;
		v->looks_this_minute = 0;
	}
	v->looks_this_minute++;
}

/* ---- the process ---- */

static void every_round(void *ctx, uint32_t expiries)
{
	struct verifier *v = ctx;

	(void)expiries;
	v->due |= !v->applying;
}

static void tick(void *ctx, uint32_t expiries)
{
	(void)ctx; /* the turn of the loop is the sign of life */
	(void)expiries;
}

static void forget_policy(struct verifier *v)
{
	void *map;

	memcpy(&map, &v->policy.map, sizeof map); /* munmap wants it without const */
	if (map)
		munmap(map, v->policy.map_len);
	v->policy.map = NULL;
}

static void take_policy(struct verifier *v, int image, bool dated)
{
	char why[160];

	forget_policy(v);
	v->dated = dated;
	if (image < 0)
		return;
	if (image_load(image, &v->policy.policy, &v->policy.map, &v->policy.map_len, why) < 0) {
		v->policy.map = NULL;
		log_error("the policy in force: %s", why);
		return;
	}
	sha256_hex(v->policy.policy.hash, v->hash);
}

static void on_apply(struct verifier *v, bool begins, int image, bool dated)
{
	v->applying = begins;
	if (begins)
		return;
	take_policy(v, image, dated);
	v->ours = true; /* settings too, which nobody announces */
	v->due = true;
}

static void ipc_ready(void *ctx, uint32_t events)
{
	struct verifier *v = ctx;
	int fds[IPC_FDS], r;
	struct ipc_message m;

	(void)events;
	while ((r = ipc_receive(v->ipc, &m, fds)) == 1) {
		if (m.type == IPC_STOP)
			loop_stop(v->loop);
		else if (m.type == IPC_APPLYING)
			on_apply(v, m.number, fds[0], m.value);
		ipc_close_all(fds);
	}
	if (r < 0)
		loop_stop(v->loop);
}

static void idle(void *ctx)
{
	struct verifier *v = ctx;

	while (v->due) {
		v->due = false;
		count_look(v);
		look(v);
	}
	channel_flush(&v->channel);
	stats_add(&v->page->turns, 1);
}

static bool in_own_pids(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != INITIAL_PIDS;
}

static int add_entries(struct verifier *v)
{
	struct loop *l = v->loop;
	int r = loop_add(l, &v->on_ipc, v->ipc, EPOLLIN, ipc_ready, v);

	if (r == 0)
		r = loop_add(l, &v->on_generations, v->conf.generations, EPOLLIN, ready_to_hear, v);
	if (r == 0)
		r = loop_add(l, &v->on_claims, v->conf.claims, EPOLLIN, ready_to_hear, v);
	if (r == 0)
		r = loop_every(l, &v->on_round, ROUND, ROUND, every_round, v);
	if (r == 0)
		r = loop_every(l, &v->on_tick, SECOND, SECOND, tick, v);
	return r;
}

static int set_up(struct verifier *v)
{
	v->on_look.fd = -1;
	v->page = stats_map(v->conf.stats);
	v->loop = loop_new();
	if (!v->page || !v->loop || channel_init(&v->channel, v->conf.events, v->page) < 0)
		return -ENOMEM;
	stats_begin(v->page);
	v->looks = stats_find(v->page, "verifier", "looks");
	v->foreign = stats_find(v->page, "verifier", "foreign_changes");
	v->culprits.by_port = in_own_pids();
	v->due = v->ours = true;
	int r = dump_open(&v->dump);

	if (r == 0)
		r = add_entries(v);
	return r == 0 ? confine_calls(CONFINE_VERIFIER) : r;
}

int verifier_run(void *ctx, int ipc)
{
	const struct ipc_message ready = { .type = IPC_READY };
	struct verifier *v = calloc(1, sizeof *v);
	int r = v ? 0 : -ENOMEM;

	if (r == 0) {
		v->conf = *(const struct verifier_conf *)ctx;
		v->ipc = ipc;
		r = set_up(v);
	}
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return 1;
	}
	ipc_send(ipc, &ready, NULL, 0);
	r = loop_run(v->loop, idle, v);
	return r < 0;
}
