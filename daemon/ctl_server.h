/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_server: the supervisor's end of the control socket (ctl.h has the wire format and the verbs).
 *
 * Whoever connects is known by credentials that the kernel vouches for. Nothing waits for a client: one that
 * is slow, silent or too many loses its connection, and nobody else notices. What is refused is reported with
 * its reason, so that it can be counted and told.
 */
#ifndef DAEMON_CTL_SERVER_H
#define DAEMON_CTL_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/ctl.h"

struct ctl_server;
struct loop;

#define CTL_CLIENTS 16u			/* at once; the oldest that has asked nothing yet makes way */
#define CTL_GROUPS 64u			/* of a peer that are looked at */

struct ctl_peer {
	pid_t pid;
	uid_t uid;
	gid_t groups[CTL_GROUPS];	/* its own first, then the supplementary ones */
	unsigned int group_count;
};

struct ctl_groups {			/* who may; (gid_t)-1: no such group on this machine */
	gid_t read, change;
	uid_t own;			/* as whom the supervisor runs: the guard is one of us */
};

struct ctl_groups ctl_groups_here(void);	/* by the names of ctl.h */

enum ctl_refusal {
	CTL_REFUSED_PEER,		/* may not even ask */
	CTL_REFUSED_RIGHT,		/* may ask but not change */
	CTL_REFUSED_SHORT,		/* less than a head, or less text than announced */
	CTL_REFUSED_LONG,
	CTL_REFUSED_GARBAGE,		/* no head of ours, or a text that is none */
	CTL_REFUSED_VERB,		/* no such verb, or a descriptor where none belongs, or none where one does */
	CTL_REFUSED_SILENT,		/* asked nothing in time, or made way */
	CTL_REFUSED_ARGUMENTS,		/* arguments that are none of ours */
	CTL_REFUSAL_COUNT,
};
extern const char *const ctl_refusal_words[CTL_REFUSAL_COUNT];

struct ctl_handlers {
	/* A request: answer with ctl_server_answer(client), now or later. @fd: the handler's to close; -1 none */
	void (*asked)(void *ctx, uint64_t client, enum ctl_verb verb, const char *text, int fd,
		      const struct ctl_peer *peer);
	void (*refused)(void *ctx, enum ctl_refusal why, const struct ctl_peer *peer);
	void *ctx;
};

/* ctl_server_open - listen at a path (an old socket there is replaced). Return: 0 or -errno */
int ctl_server_open(const char *path, const struct ctl_groups *groups, struct loop *l, const struct ctl_handlers *h,
		    struct ctl_server **out);
void ctl_server_close(struct ctl_server *s);	/* takes NULL */

/**
 * ctl_server_answer - one answer; every kind but CTL_PROGRESS ends the connection
 * @text, @len: as ctl.h says. A client that is gone meanwhile, or does not read, is forgotten silently.
 * @fd: passed along, borrowed; -1 none
 */
void ctl_server_answer(struct ctl_server *s, uint64_t client, enum ctl_kind kind, const char *text, size_t len, int fd);
/* ctl_server_say - the same with a line in both languages */
void ctl_server_say(struct ctl_server *s, uint64_t client, enum ctl_kind kind, const char *en, const char *ja);

/* ctl_allowed - whether a peer has a right */
bool ctl_allowed(const struct ctl_peer *peer, const struct ctl_groups *groups, enum ctl_right right);

/**
 * ctl_check - whether bytes are a whole request that this peer may make
 * @bytes: len of them, and room for a NUL behind
 * Return: -1 fine, with *verb set and the text terminated behind its head; else enum ctl_refusal.
 */
int ctl_check(char *bytes, size_t len, bool has_fd, const struct ctl_peer *peer, const struct ctl_groups *groups,
	      enum ctl_verb *verb);

#endif
