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
#include "daemon/apply/store.h"
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
	struct store_point current;	/* apply 0: none */
	uint32_t in_force;		/* as the kernel says */
	int64_t now;			/* by which the new policy is judged */
	struct side old, fresh;
	const void *image;		/* borrowed; of the fresh one */
	size_t image_len;
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
void apply_set_interfaces(struct run *r);

/* prepare.c: nothing of these is in force yet */
int apply_settle(struct run *r);
int apply_take_image(struct run *r);
int apply_number(struct run *r);
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
void apply_undo(struct run *r);

#endif
