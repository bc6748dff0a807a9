/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply: puts a policy image in force in the kernel, so that no permitted packet is lost and a crash at
 * any step leaves the old policy or the new one, whole.
 *
 *	settle	read from the kernel which apply is in force; sweep what an interrupted one left
 *	room	on the disk
 *	image	the one given, or the one that the act asks for
 *	gate	may one person decide this? else it waits for a second one
 *	number	classes get the kernel's numbers (numbers file); nobody but us has been told yet
 *	load	the caller's engines take the image beside the one in force
 *	store	the image and `next`; for a trial the guard stands by
 *	T1	everything of apply N is added under names ..._N, unreferenced
 *	T2	the shared chains refer to N: the commit point
 *	end	conversations of classes now wholly denied are deleted, offloaded ones looked at one by one
 *	told	the caller's engines: N is in force
 *	T3	(apply_sweep, a second later) what is not of N is deleted
 *
 * A trial is a policy that somebody has to confirm in time (daemon/guard.h brings the one before back). While it is
 * in force its conversations that are denied now are only refused, not deleted: when the policy before comes back,
 * they go on.
 *
 * The state directory, mode 0700:
 *
 *	images/HASH.img	every image that was in force (the newest 200)
 *	current		"N HASH SECONDS\n": the confirmed policy and the time it was judged by; what a boot loads
 *	trial		the same of a policy in force that is not confirmed, and until when it may be
 *	next		the same, while an apply is under way; T2 makes it current or trial
 *	waiting		a change that waits for a second person
 *	numbers		class numbers (rules/kernel/numbers.h)
 *	history.jsonl	what was done (daemon/apply/history.h)
 *	room		given up for an emergency on a full disk
 *	lock, guard	held while an apply runs; while a guard does
 *
 * The steps are in daemon/apply/: base, prepare, gate, commit; store is that directory.
 *
 * The functions block (nft runs as a child, for at most two minutes); the supervisor forks for them.
 */
#ifndef DAEMON_APPLY_H
#define DAEMON_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/sha256.h"

struct conf;
struct policy;

#define APPLY_WHY 480
#define APPLY_TEXT 600			/* bytes of a reason at most */
#define APPLY_NOBODY UINT32_MAX		/* a uid that is not known */

/*
 * X(name, word): what may be done.
 *	NEW		an image as given; with `within` as a trial; what one person may not decide alone waits
 *	AGAIN		what is in force once more: at a start, at a date
 *	CONFIRM		the trial is the policy
 *	ROLLBACK	the trial ends at once; without a trial the policy confirmed before the present one, or
 *			the one that apply `back` put in force: then everything of NEW holds
 *	EXPIRE		the trial's time is over; nothing when it is not
 *	APPROVE		the second person's yes to the image `hash`
 *	LAST_GOOD	the confirmed policy once more, whatever is in force; opens nothing of mynumber or public-line
 *	ISOLATE		nothing but management and the appliance itself, as the confirmed policy says
 *	END		the confirmed policy again after ISOLATE
 */
#define APPLY_ACTS(X) \
	X(NEW, "apply") X(AGAIN, "again") X(CONFIRM, "confirm") X(ROLLBACK, "rollback") X(EXPIRE, "expire") \
	X(APPROVE, "approve") X(LAST_GOOD, "last-good") X(ISOLATE, "isolate-all") X(END, "end")
#define APPLY_ACT_(N, W) APPLY_##N,
enum apply_act { APPLY_ACTS(APPLY_ACT_) APPLY_ACT_COUNT };
extern const char *const apply_act_words[APPLY_ACT_COUNT];

struct apply_conf {
	const char *state_directory;
	unsigned int queues;		/* engines, 1 to 16 */
	const char *socket;		/* of the supervisor, for the guard; NULL: it never asks there */
	const struct conf *settings;	/* for what the guard has to know of the clock; NULL: it opens and closes nothing */
};

struct apply_person {
	uint32_t uid;			/* of the process that asked */
	uint32_t login;			/* who logged in, also behind sudo; APPLY_NOBODY not known */
	char name[64];			/* of that person, or "boot", "sekimorid", "guard" */
};

/* What an apply asks of its caller. Each member may be NULL (nobody to ask: offline). */
struct apply_calls {
	void *ctx;
	/* load - engines take the policy beside the one in force; `numbers` by class index; `as_of`: the second since 1970 as
	 * of which its dates are judged, 0 by each packet's time. Return: 0 or -errno with why in English and Japanese:
	 * then nothing is changed */
	int (*load)(void *ctx, uint32_t apply, const struct policy *p, const uint16_t *numbers, int64_t as_of,
		    const void *image, size_t len, char why[2][APPLY_WHY]);
	/* in_force - T2 has happened: from now on the loaded one counts */
	void (*in_force)(void *ctx, uint32_t apply);
	/* dropped - T2 will not happen: the loaded one is forgotten */
	void (*dropped)(void *ctx, uint32_t apply);
	/* progress - a line for the person who waits */
	void (*progress)(void *ctx, const char *en, const char *ja);
};

struct apply_request {			/* texts may be NULL */
	enum apply_act act;
	const void *image;		/* borrowed, aligned to 16; of NEW */
	size_t len;
	struct apply_person person;
	const char *reason, *reference;
	const char *override;		/* why nobody else could be asked */
	const char *hash;		/* of APPROVE: the image's, at least 12 hex digits */
	uint32_t within;		/* seconds until it has to be confirmed; 0: it need not be */
	uint32_t back;			/* of ROLLBACK; 0: the one before */
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
	bool overridden;		/* it went on without its second person */
	int64_t next_change;		/* when the same image has to be applied again; INT64_MAX never */
	char why[2][APPLY_WHY];		/* what went wrong, English, Japanese; empty when all went well */
	char said[2][APPLY_WHY];	/* what was done, for people and the event; empty when nothing was */
};

#define APPLY_WAITS (-EINPROGRESS)	/* a second person has to approve it; nothing was changed */

/**
 * apply_base - see to it that the base is loaded (deny all), its queue rules stand and the kernel's settings are right
 * @progress: told what was changed; may be NULL
 * Changes nothing that is in force. Return: 0; -errno with @why filled.
 */
int apply_base(const struct apply_conf *conf, void (*progress)(void *ctx, const char *en, const char *ja), void *ctx,
	       char why[2][APPLY_WHY]);

/**
 * apply_run - an act, whole, but for T3
 * Return: 0 done; -EPERM refused (not an image, model lab, may not): nothing changed; APPLY_WAITS; -ENOENT there is no
 * such policy, or nothing to do; -EBUSY another apply runs, a trial is in force, or the town is isolated; other -errno:
 * see out->in_force and out->why.
 */
int apply_run(const struct apply_conf *conf, const struct apply_request *q, const struct apply_calls *calls,
	      struct apply_result *out);

/* apply_sweep - T3, a second after apply_run. Return: 0 or -errno with @why filled; repeatable at any time. */
int apply_sweep(const struct apply_conf *conf, char why[2][APPLY_WHY]);

/* apply_current - the image in force, opened for reading. Return: descriptor; -ENOENT none; -errno */
int apply_current(const struct apply_conf *conf);

struct apply_standing {			/* as the state directory says */
	uint32_t apply;			/* in force; 0 none */
	uint8_t hash[SHA256_BYTES];
	uint8_t closed;			/* bits of rules/kernel/closed.h */
	bool trial;			/* it has to be confirmed ... */
	int64_t left;			/* ... within so many ns; 0 or less: its time is over */
	uint8_t before[SHA256_BYTES];	/* of a trial: the policy that comes back */
};

/* apply_standing - Return: 0, also when no policy is in force; -errno */
int apply_standing(const struct apply_conf *conf, struct apply_standing *out);

#endif
