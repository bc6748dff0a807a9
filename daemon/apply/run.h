/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run: one apply under way: what its steps share, and the steps themselves in their order.
 *
 * A step returns 0, or -errno with out->why filled. The steps before the commit point stop at the first
 * failure, those after it go on.
 */
#ifndef DAEMON_APPLY_RUN_H
#define DAEMON_APPLY_RUN_H

#include "daemon/apply.h"
#include "daemon/apply/assess.h"
#include "daemon/apply/proposal.h"
#include "daemon/apply/store.h"
#include "rules/kernel/closed.h"
#include "rules/policy.h"
#include "rules/text.h"

struct live_class;
struct numbers;

/* A policy as the kernel is told it. */
struct side {
	struct policy policy;
	struct live_class *live;	/* owned; numbered */
	const void *map;		/* owned; NULL: the bytes are the caller's */
	size_t map_len;
	struct closed closed;		/* owned; what an emergency keeps shut is taken out of the policy */
	bool known;			/* policy and live are filled */
};

struct run {
	const struct apply_conf *conf;
	const struct apply_request *q;
	const struct apply_calls *calls;	/* never NULL */
	struct apply_result *out;
	struct store store;
	bool native_queue;
	struct text listing;		/* owned; of the table, without its elements */
	struct store_point current;	/* confirmed; apply 0: none */
	struct store_point trial;	/* apply 0: none is in force */
	bool lapsed;			/* a trial ended with the boot it was made in */
	uint32_t in_force;		/* as the kernel says */
	int64_t now;			/* by which the new policy is judged */
	int64_t judged;			/* when it was, by store_clock() */
	struct side old, fresh;
	const void *image;		/* borrowed; of the fresh one */
	size_t image_len;
	bool nothing;			/* no policy was ever confirmed: back to denying everything */
	bool back;			/* the policy before comes back: nobody has to be asked */
	uint8_t closed;			/* of the fresh one: bits of closed.h */
	uint32_t within;		/* the fresh one is a trial for so many seconds */
	int64_t until;			/* ... or goes on being one until then */
	struct assessment assessment;	/* owned; of what it changes; json empty: not asked */
	char approved_by[64];
	struct numbers *numbers;	/* owned */
	uint8_t *fates;			/* owned; of the old one's classes */
	int netlink;			/* owned */
	bool flowtable;			/* offloaded conversations exist, or may */
};

/* apply_explain - both languages; the formats take the same arguments */
void apply_explain(char why[2][APPLY_WHY], const char *en, const char *ja, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* apply_fail - what a program said, or why it could not be run. Return: @error */
int apply_fail(char why[2][APPLY_WHY], int error, const char *en, const char *ja, struct text *said);

/* base.c: the table, the fallback's rules and the kernel's settings; fills native_queue and listing */
int apply_make_base(struct run *r);
int apply_list(struct run *r);		/* only reads what is loaded */
void apply_set_interfaces(struct run *r);

/* The policy in force as the state directory says it; apply 0: none. */
static inline const struct store_point *apply_in_force(const struct run *r)
{
	return r->trial.apply ? &r->trial : &r->current;
}

/* choose.c: which image the act is about */
int apply_choose(struct run *r);

/* gate.c: may one person decide that; and what an emergency keeps shut */
int apply_gate(struct run *r);
int apply_approve(struct run *r);

/* record.c: what the acts are called and said of: one line for the history, one for people */
void apply_record(struct run *r, int error);
void apply_record_found(struct run *r);	/* what is in force without a line: its apply was cut off before */

/* prepare.c: nothing of these is in force yet */
int apply_settle(struct run *r);
int apply_make_room(struct run *r);	/* on the disk: for what begins, or what was kept for all else */
int apply_take_image(struct run *r);
int apply_load_side(const struct store *s, const uint8_t hash[static SHA256_BYTES], struct side *out, char why[static 160]);
int apply_number(struct run *r);
int apply_take_sides(struct run *r);	/* of a trial: the confirmed policy and itself */
int apply_recall(struct run *r);	/* the numbers of both sides as they are */
int apply_fates(struct run *r);
int apply_load_engines(struct run *r);
int apply_store(struct run *r);

/* commit.c: T1, T2, and what follows from it; apply_undo when T2 did not happen */
int apply_add(struct run *r);
int apply_switch(struct run *r);
int apply_end_classes(struct run *r);
int apply_end_offloaded(struct run *r);
int apply_tell(struct run *r);
int apply_promote(struct run *r);
int apply_confirm(struct run *r);	/* the trial becomes current */
void apply_undo(struct run *r);

void side_done(struct side *s);

#endif
