/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply: puts a policy image in force in the kernel, so that no permitted packet is lost and a crash at
 * any step leaves the old policy or the new one, whole.
 *
 *	settle	read from the kernel which apply is in force; sweep what an interrupted one left
 *	number	classes get the kernel's numbers (numbers file); nobody but us has been told yet
 *	load	the caller's engines take the image beside the one in force
 *	T1	everything of apply N is added under names ..._N, unreferenced
 *	T2	the shared chains refer to N: the commit point
 *	end	conversations of classes now wholly denied are deleted, offloaded ones looked at one by one
 *	told	the caller's engines: N is in force
 *	T3	(apply_sweep, a second later) what is not of N is deleted
 *
 * The state directory, mode 0700:
 *
 *	images/HASH.img	every image that was in force
 *	current		"N HASH SECONDS\n": the apply in force and the time it was judged by
 *	next		the same, while an apply is under way; T2 makes it current
 *	numbers		class numbers (rules/kernel/numbers.h)
 *	history.jsonl	one line an apply: time, apply, who, reason, policy, result; only ever appended to
 *	lock		held while one runs
 *
 * The steps are in daemon/apply/: base, prepare, commit; store is that directory.
 *
 * The functions block (nft runs as a child, for at most two minutes); the supervisor forks for them.
 */
#ifndef DAEMON_APPLY_H
#define DAEMON_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/sha256.h"

struct policy;

#define APPLY_WHY 480

struct apply_conf {
	const char *state_directory;
	unsigned int queues;		/* engines, 1 to 16 */
};

/* What an apply asks of its caller. Each member may be NULL (nobody to ask: offline). */
struct apply_calls {
	void *ctx;
	/* load - engines take the policy beside the one in force; `numbers` by class index. Return: 0 or -errno with
	 * why in English and Japanese: then nothing is changed */
	int (*load)(void *ctx, uint32_t apply, const struct policy *p, const uint16_t *numbers, const void *image,
		    size_t len, char why[2][APPLY_WHY]);
	/* in_force - T2 has happened: from now on the loaded one counts */
	void (*in_force)(void *ctx, uint32_t apply);
	/* dropped - T2 will not happen: the loaded one is forgotten */
	void (*dropped)(void *ctx, uint32_t apply);
	/* progress - a line for the person who waits */
	void (*progress)(void *ctx, const char *en, const char *ja);
};

struct apply_request {
	const void *image;		/* borrowed, aligned to 16; NULL: the image in force once more (a window opens) */
	size_t len;
	const char *who;		/* login name, or "boot", "clock" */
	const char *reason;
	int64_t now;			/* seconds since 1970 */
	bool dated;			/* the clock is synchronised; else nothing opens or closes by date: the time of the
					 * last apply counts, and no element ends by itself */
};

struct apply_result {
	uint32_t apply;			/* N; 0: it never got that far */
	bool in_force;			/* T2 has happened */
	uint8_t hash[SHA256_BYTES];
	unsigned int classes_ended;	/* classes whose conversations were deleted */
	unsigned int offloads_ended;	/* offloaded conversations deleted one by one */
	int64_t next_change;		/* when the same image has to be applied again; INT64_MAX never */
	char why[2][APPLY_WHY];		/* English, Japanese; empty when all went well */
};

/**
 * apply_base - see to it that the base is loaded (deny all), its queue rules stand and the kernel's settings are right
 * @progress: told what was changed; may be NULL
 * Changes nothing that is in force. Return: 0; -errno with @why filled.
 */
int apply_base(const struct apply_conf *conf, void (*progress)(void *ctx, const char *en, const char *ja), void *ctx,
	       char why[2][APPLY_WHY]);

/**
 * apply_run - the whole sequence but T3; calls apply_base first
 * Return: 0 in force and done; -EPERM refused (not an image, model lab): nothing changed; -ENOENT no image is in
 * force and none was given; -EBUSY another apply runs; other -errno: see out->in_force and out->why.
 */
int apply_run(const struct apply_conf *conf, const struct apply_request *q, const struct apply_calls *calls,
	      struct apply_result *out);

/* apply_sweep - T3, a second after apply_run. Return: 0 or -errno with @why filled; repeatable at any time. */
int apply_sweep(const struct apply_conf *conf, char why[2][APPLY_WHY]);

/* apply_current - the image in force, opened for reading. Return: descriptor; -ENOENT none; -errno */
int apply_current(const struct apply_conf *conf);

#endif
