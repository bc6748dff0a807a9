/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl: what the CLI and the supervisor say to each other, and the CLI's side of it.
 *
 * A sequenced-packet socket, one request a connection:
 *
 *	-> { magic, verb, flags, length } text		with at most one descriptor (SCM_RIGHTS)
 *	<- { magic, kind, flags, length } text ...	any number of CTL_PROGRESS, then one other kind
 *
 * The text of a request is its one argument (UTF-8, no control characters). An answer's text is JSON
 * where the verb gives data, else one line in English, NUL, the same in Japanese. Anything else, and
 * anyone who may not, is refused and counted; who may is decided by the peer's credentials.
 */
#ifndef DAEMON_CTL_H
#define DAEMON_CTL_H

#include <stddef.h>
#include <stdint.h>

#define CTL_SOCKET "/run/sekimori/ctl.sock"
#define CTL_MAGIC 0x31304b53u		/* "SK01" */
#define CTL_TEXT_MAX 2048u		/* bytes of a request's text */
#define CTL_ANSWER_MAX 131072u		/* bytes of an answer's text */
#define CTL_READ_GROUP "sekimori"	/* may ask; root may do everything */
#define CTL_CHANGE_GROUP "sekimori-admin"	/* may also change */

/* OWN: root, or the user the supervisor runs as (the guard). ROOT: nobody else */
enum ctl_right { CTL_READ, CTL_CHANGE, CTL_OWN, CTL_ROOT };

/* X(name, word, right, takes a descriptor). Text and answer; arguments are those of daemon/ctl_args.h:
 *	STATUS	JSON: state, reason, what to do, processes, policy, groups, clock
 *	STATS	JSON: every counter of every process and of the kernel
 *	IMAGE	the policy image in force as a descriptor with the answer (read-only memory file)
 *	APPLY	image as descriptor, arguments; put it in force, or have it wait for a second person
 *	REOPEN	log files anew (after rotation)
 *	CONFIRM, ROLLBACK, APPROVE, EXPIRE, LAST_GOOD, ISOLATE, END	the acts of daemon/apply.h, with arguments
 *	PENDING	JSON: what has to be confirmed, what waits for a second person (its image as a descriptor), what is
 *		kept closed
 *	HISTORY	the history as a descriptor, to be read */
#define CTL_VERBS(X) \
	X(STATUS, "status", CTL_READ, 0) \
	X(STATS, "stats", CTL_READ, 0) \
	X(IMAGE, "image", CTL_READ, 0) \
	X(APPLY, "apply", CTL_CHANGE, 1) \
	X(REOPEN, "reopen", CTL_CHANGE, 0) \
	X(CONFIRM, "confirm", CTL_CHANGE, 0) \
	X(ROLLBACK, "rollback", CTL_CHANGE, 0) \
	X(APPROVE, "approve", CTL_CHANGE, 0) \
	X(EXPIRE, "expire", CTL_OWN, 0) \
	X(LAST_GOOD, "last-good", CTL_ROOT, 0) \
	X(ISOLATE, "isolate-all", CTL_ROOT, 0) \
	X(END, "end", CTL_ROOT, 0) \
	X(PENDING, "pending", CTL_READ, 0) \
	X(HISTORY, "history", CTL_READ, 0)

#define CTL_VERB_(N, W, R, D) CTL_##N,
enum ctl_verb { CTL_VERBS(CTL_VERB_) CTL_VERB_COUNT };

enum ctl_kind {
	CTL_YES,		/* done */
	CTL_NO,			/* refused: nothing was changed, the text says why */
	CTL_CANNOT,		/* could not be tried, or failed half way; the text says what to do */
	CTL_PROGRESS,		/* a step; more follows */
	CTL_WAITS,		/* kept for a second person to approve; nothing was changed yet */
	CTL_KIND_COUNT,
};

struct ctl_head {		/* of both directions, host order: both ends are on one machine */
	uint32_t magic;
	uint16_t verb;		/* enum ctl_verb, or enum ctl_kind in an answer */
	uint16_t flags;		/* 0 */
	uint32_t length;	/* bytes of text that follow, exactly */
};

struct ctl_request {
	enum ctl_verb verb;
	const char *text;	/* borrowed; NULL none */
	int fd;			/* passed along; -1 none */
	unsigned int seconds;	/* to wait for one answer; 0: 10 minutes */
};

struct ctl_answer {
	enum ctl_kind kind;
	const char *text;	/* borrowed until the callback returns; JSON or English */
	const char *text_ja;	/* Japanese; the same as text when there is only one */
	int fd;			/* passed along, now the callee's to close; -1 none */
};

/**
 * ctl_call - ask the supervisor
 * @path: CTL_SOCKET, or another one (tests)
 * @told: called for every answer, the last one too; may be NULL
 *
 * Waits as long as the other side works (an apply may take seconds), but not longer than asked for one answer.
 * Return: enum ctl_kind of the last answer; -ENOENT or -ECONNREFUSED no supervisor is running, -EACCES the
 * socket may not be used by this user, -EPROTO the answer makes no sense or the connection was cut, -errno.
 */
int ctl_call(const char *path, const struct ctl_request *q, void (*told)(void *ctx, const struct ctl_answer *a),
	     void *ctx);

/* ctl_image - a sealed memory file with these bytes, as ctl_call passes it. Return: descriptor or -errno */
int ctl_image(const void *bytes, size_t len);

extern const char *const ctl_verb_words[CTL_VERB_COUNT];

#endif
