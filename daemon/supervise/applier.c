/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process that applies: it may wait for nft while the supervisor goes on. What concerns the others it asks
 * the supervisor for, and waits for the answer.
 */
#include "daemon/apply.h"
#include "daemon/kernel/command.h"
#include "daemon/kernel/table.h"
#include "daemon/supervise/image_slot.h"
#include "daemon/supervise/state.h"
#include "rules/image.h"
#include "rules/kernel/nft.h"
#include "rules/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MS 60000

struct applier {
	int ipc;
	void *image; /* owned: a copy that nobody else can change */
	size_t len;
};

/* Asks and waits. Return: the answer's result; -EPIPE the supervisor is gone. */
static int ask(struct applier *a, struct ipc_message *m, const int *fds, unsigned int count)
{
	const uint32_t type = m->type;
	int got[IPC_FDS], r = ipc_send(a->ipc, m, fds, count);

	if (r < 0)
		return r;
	do
		r = ipc_wait(a->ipc, m, got, ANSWER_MS);
	while (r == 1 && m->type != type);
	if (r == 1)
		return m->result;
	return r == 0 ? -ETIMEDOUT : r;
}

static int load(void *ctx, uint32_t apply, const struct policy *p, const uint16_t *numbers,
		int64_t as_of, const void *image, size_t len, char why[2][APPLY_WHY])
{
	struct ipc_message m = { .type = IPC_WANT_LOAD, .number = apply, .value = as_of };
	const int fds[2] = { ctl_image(image, len), image_slot_numbers(numbers, p->classes_count) };
	const int r = fds[0] < 0 ? fds[0] : fds[1] < 0 ? fds[1] : ask(ctx, &m, fds, 2);

	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	if (r < 0) {
		snprintf(why[0], APPLY_WHY, "%.479s", m.text[0] ? m.text : strerror(-r));
		snprintf(why[1], APPLY_WHY, "%.479s", m.text[0] ? ipc_ja(&m) : strerror(-r));
	}
	return r;
}

static void in_force(void *ctx, uint32_t apply)
{
	struct ipc_message m = { .type = IPC_WANT_SWITCH, .number = apply };

	ask(ctx, &m, NULL, 0);
}

static void progress(void *ctx, const char *en, const char *ja)
{
	struct ipc_message m = { .type = IPC_TOLD };
	const struct applier *a = ctx;

	ipc_put_both(&m, en, ja);
	ipc_send(a->ipc, &m, NULL, 0);
}

/* ---- who asked, and what for ---- */

static void name_who(struct apply_person *p)
{
	const uint32_t uid = p->login == APPLY_NOBODY ? p->uid : p->login;
	const struct passwd *known;

	if (p->name[0])
		return;
	known = getpwuid(uid);
	if (known)
		snprintf(p->name, sizeof p->name, "%s", known->pw_name);
	else
		snprintf(p->name, sizeof p->name, "uid %u", uid);
}

/* A copy: the client still has the file, and could change it between our check and our use. */
static int read_image(struct applier *a, int fd)
{
	struct stat st;
	size_t got = 0;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > IMAGE_MAX)
		return -EBADMSG;
	a->len = (size_t)st.st_size;
	a->image = aligned_alloc(16, (a->len + 15) & ~(size_t)15);
	while (a->image && got < a->len) {
		const ssize_t n = pread(fd, (char *)a->image + got, a->len - got, (off_t)got);

		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		got += (size_t)n;
	}
	return a->image ? 0 : -ENOMEM;
}

static int report(const struct applier *a, int result, const struct apply_result *r)
{
	struct ipc_message m = { .type = IPC_DONE,
				 .number = r->in_force ? r->apply : 0,
				 .result = result,
				 .overridden = r->overridden,
				 .value = r->next_change };

	if (r->why[0][0])
		ipc_put_both(&m, r->why[0], r->why[1]);
	else
		ipc_put_both(&m, r->said[0], r->said[1]);
	return ipc_send(a->ipc, &m, NULL, 0) < 0;
}

static int sweep(const struct applier *a, const struct apply_conf *conf)
{
	struct apply_result r = { .next_change = INT64_MAX };
	const int e = apply_sweep(conf, r.why);

	return report(a, e, &r);
}

/* Without a base there is nothing to work on: at a start that is told apart from "no policy yet". */
static int base(struct applier *a, const struct apply_conf *conf)
{
	struct apply_result r = { .next_change = INT64_MAX };

	if (apply_base(conf, progress, a, r.why) == 0)
		return 0;
	report(a, APPLIER_NO_BASE, &r);
	return -1;
}

/* Without its mark the base is taken for that of another version, and what stays from apply to apply is written anew. */
static void forget_base(void)
{
	struct text rules = { 0 };

	text_puts(&rules, "delete chain " NFT_TABLE " " NFT_BASE_VERSION "\n");
	table_load(&rules, NULL);
	text_done(&rules);
}

static struct apply_request request_of(const struct applier_conf *c)
{
	const struct ctl_args *args = &c->order.args;

	return (struct apply_request){ .act = c->order.act,
				       .person = c->order.person,
				       .reason = args->text[CTL_ARG_REASON],
				       .reference = args->text[CTL_ARG_REFERENCE],
				       .override = args->text[CTL_ARG_OVERRIDE][0]
							   ? args->text[CTL_ARG_OVERRIDE]
							   : NULL,
				       .hash = args->text[CTL_ARG_HASH],
				       .within = args->number[CTL_ARG_WITHIN],
				       .back = args->number[CTL_ARG_BACK],
				       .now = now_real() / SECOND,
				       .dated = c->dated };
}

int applier_run(void *ctx, int ipc)
{
	const struct applier_conf *c = ctx;
	char socket[108];
	const struct apply_conf conf = job_conf(c->conf, socket);
	struct applier a = { .ipc = ipc };
	const struct apply_calls calls = {
		.ctx = &a, .load = load, .in_force = in_force, .progress = progress
	};
	struct apply_request q = request_of(c);
	struct apply_result r = { .next_change = INT64_MAX };
	int e = 0;

	command_claims(c->claims);
	if (c->order.sweep)
		return sweep(&a, &conf);
	if (c->order.renew)
		forget_base();
	name_who(&q.person);
	if (q.act == APPLY_AGAIN && base(&a, &conf) < 0)
		return 1;
	if (q.act == APPLY_NEW)
		e = read_image(&a, c->order.image);
	if (e < 0) {
		snprintf(r.why[0], APPLY_WHY, "the image cannot be read: %s", strerror(-e));
		snprintf(r.why[1], APPLY_WHY, "イメージを読めません: %s", strerror(-e));
		return report(&a, -EPERM, &r);
	}
	q.image = a.image;
	q.len = a.len;
	e = apply_run(&conf, &q, &calls, &r);
	return report(&a, e, &r);
}
