/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/ctl_server.h"

#include "daemon/loop.h"
#include "rules/utf8.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SILENT_NS INT64_C(5000000000) /* until a client has asked something */
#define SEND_BUFFER (1 << 19)
#define BACKLOG 128

const char *const ctl_refusal_words[CTL_REFUSAL_COUNT] = {
	[CTL_REFUSED_PEER] = "unauthorised user",
	[CTL_REFUSED_RIGHT] = "may not change anything",
	[CTL_REFUSED_SHORT] = "short request",
	[CTL_REFUSED_LONG] = "long request",
	[CTL_REFUSED_GARBAGE] = "garbage",
	[CTL_REFUSED_VERB] = "no such request",
	[CTL_REFUSED_SILENT] = "silent client",
	[CTL_REFUSED_ARGUMENTS] = "arguments that make no sense",
};

struct client {
	struct ctl_server *server; /* borrowed */
	struct loop_entry entry, silence;
	struct ctl_peer peer;
	uint64_t id; /* 0: free */
	int fd;
	bool asked;
};

struct ctl_server {
	struct loop *loop; /* borrowed */
	struct loop_entry entry;
	struct ctl_handlers handlers;
	struct ctl_groups groups;
	char path[108];
	int fd;
	uint64_t last_id;
	struct client clients[CTL_CLIENTS];
};

/* ---- who and what ---- */

static gid_t group_named(const char *name)
{
	const struct group *g = getgrnam(name);

	return g ? g->gr_gid : (gid_t)-1;
}

struct ctl_groups ctl_groups_here(void)
{
	return (struct ctl_groups){ .read = group_named(CTL_READ_GROUP),
				    .change = group_named(CTL_CHANGE_GROUP),
				    .own = geteuid() };
}

static bool in_group(const struct ctl_peer *peer, gid_t group)
{
	for (unsigned int i = 0; group != (gid_t)-1 && i < peer->group_count; i++) {
		if (peer->groups[i] == group)
			return true;
	}
	return false;
}

bool ctl_allowed(const struct ctl_peer *peer, const struct ctl_groups *groups, enum ctl_right right)
{
	if (peer->uid == 0)
		return true;
	if (right == CTL_ROOT || right == CTL_OWN)
		return right == CTL_OWN && peer->uid == groups->own;
	if (in_group(peer, groups->change))
		return true;
	return right == CTL_READ && (peer->uid == groups->own || in_group(peer, groups->read));
}

/* One line of text: UTF-8 without control characters, as it goes into events. */
static bool is_text(const char *s, size_t len)
{
	for (size_t at = 0; at < len;) {
		const size_t n = utf8_sequence((const uint8_t *)s + at, len - at);

		if (n == 0 || (uint8_t)s[at] < 0x20 || s[at] == 0x7f)
			return false;
		at += n;
	}
	return true;
}

#define RIGHT(N, W, R, D) R,
#define TAKES_FD(N, W, R, D) D,
static const enum ctl_right rights[CTL_VERB_COUNT] = { CTL_VERBS(RIGHT) };
static const bool takes_fd[CTL_VERB_COUNT] = { CTL_VERBS(TAKES_FD) };

int ctl_check(char *bytes, size_t len, bool has_fd, const struct ctl_peer *peer,
	      const struct ctl_groups *groups, enum ctl_verb *verb)
{
	struct ctl_head head;

	if (len < sizeof head)
		return CTL_REFUSED_SHORT;
	memcpy(&head, bytes, sizeof head);
	if (head.magic != CTL_MAGIC || head.flags != 0)
		return CTL_REFUSED_GARBAGE;
	if (head.length > CTL_TEXT_MAX || len - sizeof head > head.length)
		return CTL_REFUSED_LONG;
	if (len - sizeof head < head.length)
		return CTL_REFUSED_SHORT;
	if (!is_text(bytes + sizeof head, head.length))
		return CTL_REFUSED_GARBAGE;
	if (head.verb >= CTL_VERB_COUNT || takes_fd[head.verb] != has_fd)
		return CTL_REFUSED_VERB;
	if (!ctl_allowed(peer, groups, rights[head.verb]))
		return CTL_REFUSED_RIGHT;
	bytes[len] = '\0';
	*verb = head.verb;
	return -1;
}

static bool read_peer(int fd, struct ctl_peer *peer)
{
	struct ucred cred;
	socklen_t len = sizeof cred;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return false;
	*peer = (struct ctl_peer){
		.pid = cred.pid, .uid = cred.uid, .groups = { cred.gid }, .group_count = 1
	};
	len = sizeof peer->groups - sizeof *peer->groups;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups + 1, &len) == 0)
		peer->group_count += len / (unsigned int)sizeof *peer->groups;
	return true;
}

/* ---- clients ---- */

static void drop(struct client *c)
{
	loop_cancel(c->server->loop, &c->silence);
	loop_remove(c->server->loop, &c->entry);
	close(c->fd);
	c->id = 0;
}

static void refuse(struct client *c, enum ctl_refusal why)
{
	struct ctl_server *s = c->server;
	const struct ctl_peer peer = c->peer;

	if (why == CTL_REFUSED_PEER || why == CTL_REFUSED_RIGHT)
		ctl_server_say(
			s, c->id, CTL_NO,
			"not allowed: you have to be root or in the group sekimori-admin (to ask: sekimori)",
			"権限がありません。root または sekimori-admin グループ（参照のみは sekimori）が必要です");
	else
		ctl_server_say(s, c->id, CTL_NO, ctl_refusal_words[why], ctl_refusal_words[why]);
	s->handlers.refused(s->handlers.ctx, why, &peer);
}

/* One request into buf, which has room for a NUL. Return: bytes, or -1 the client is gone. */
static ssize_t receive(const struct client *c, char *buf, size_t size, int *fd)
{
	struct iovec part = { buf, size };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof control.bytes };
	const ssize_t n = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	*fd = -1;
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(h), sizeof *fd);
	return n;
}

static void client_ready(void *ctx, uint32_t events)
{
	char buf[sizeof(struct ctl_head) + CTL_TEXT_MAX + 2];
	struct client *c = ctx;
	struct ctl_server *s = c->server;
	enum ctl_verb verb;
	int fd, why;
	const ssize_t n = receive(c, buf, sizeof buf - 1, &fd);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || c->asked) { /* gone, or it talks on: one request a connection */
		if (fd >= 0)
			close(fd);
		drop(c);
		return;
	}
	loop_cancel(s->loop, &c->silence);
	why = ctl_check(buf, (size_t)n, fd >= 0, &c->peer, &s->groups, &verb);
	if (why >= 0) {
		if (fd >= 0)
			close(fd);
		refuse(c, (enum ctl_refusal)why);
		return;
	}
	c->asked = true;
	s->handlers.asked(s->handlers.ctx, c->id, verb, buf + sizeof(struct ctl_head), fd,
			  &c->peer);
}

static void silent(void *ctx, uint32_t expiries)
{
	(void)expiries;
	refuse(ctx, CTL_REFUSED_SILENT);
}

/* A free place; the oldest client that has asked nothing makes way. NULL: all have. */
static struct client *place(struct ctl_server *s)
{
	struct client *oldest = NULL;

	for (unsigned int i = 0; i < CTL_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (c->id == 0)
			return c;
		if (!c->asked && (!oldest || c->id < oldest->id))
			oldest = c;
	}
	if (oldest)
		refuse(oldest, CTL_REFUSED_SILENT);
	return oldest;
}

static void greet(struct ctl_server *s, int fd)
{
	const int size = SEND_BUFFER;
	struct client *c = place(s);

	if (!c) {
		close(fd);
		return;
	}
	*c = (struct client){
		.server = s, .fd = fd, .id = ++s->last_id, .entry.fd = -1, .silence.fd = -1
	};
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
	if (!read_peer(fd, &c->peer) ||
	    loop_add(s->loop, &c->entry, fd, EPOLLIN, client_ready, c) < 0 ||
	    loop_every(s->loop, &c->silence, SILENT_NS, 0, silent, c) < 0)
		drop(c);
	else if (!ctl_allowed(&c->peer, &s->groups, CTL_READ))
		refuse(c, CTL_REFUSED_PEER);
}

static void listener_ready(void *ctx, uint32_t events)
{
	struct ctl_server *s = ctx;
	int fd;

	(void)events;
	while ((fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		greet(s, fd);
}

/* ---- the server ---- */

static int listen_at(struct ctl_server *s, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof a.sun_path)
		return -ENAMETOOLONG;
	strcpy(a.sun_path, path);
	strcpy(s->path, path);
	s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	unlink(path);
	/* Everybody may connect: who may not ask is to be noticed, not to be left outside. */
	if (bind(s->fd, (const struct sockaddr *)&a, sizeof a) < 0 || chmod(path, 0666) < 0 ||
	    listen(s->fd, BACKLOG) < 0)
		return -errno;
	return 0;
}

int ctl_server_open(const char *path, const struct ctl_groups *groups, struct loop *l,
		    const struct ctl_handlers *h, struct ctl_server **out)
{
	struct ctl_server *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return -ENOMEM;
	*s = (struct ctl_server){
		.loop = l, .handlers = *h, .groups = *groups, .fd = -1, .entry.fd = -1
	};
	r = listen_at(s, path);
	if (r == 0)
		r = loop_add(l, &s->entry, s->fd, EPOLLIN, listener_ready, s);
	if (r == 0)
		*out = s;
	else
		ctl_server_close(s);
	return r;
}

void ctl_server_close(struct ctl_server *s)
{
	if (!s)
		return;
	for (unsigned int i = 0; i < CTL_CLIENTS; i++) {
		if (s->clients[i].id)
			drop(&s->clients[i]);
	}
	loop_remove(s->loop, &s->entry);
	if (s->fd >= 0)
		close(s->fd);
	if (s->entry.ctx)
		unlink(s->path); /* it was ours */
	free(s);
}

static struct client *client_of(struct ctl_server *s, uint64_t id)
{
	for (unsigned int i = 0; i < CTL_CLIENTS; i++) {
		if (id && s->clients[i].id == id)
			return &s->clients[i];
	}
	return NULL;
}

static bool send_answer(int to, const struct ctl_head *head, const char *text, int fd)
{
	struct ctl_head h = *head;
	struct iovec parts[2] = { { &h, sizeof h }, { NULL, h.length } };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .align = { .cmsg_len = CMSG_LEN(sizeof fd),
				 .cmsg_level = SOL_SOCKET,
				 .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	memcpy(&parts[1].iov_base, &text, sizeof text); /* sendmsg does not write to it */
	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
		m.msg_control = &control;
		m.msg_controllen = sizeof control.bytes;
	}
	return sendmsg(to, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

void ctl_server_answer(struct ctl_server *s, uint64_t client, enum ctl_kind kind, const char *text,
		       size_t len, int fd)
{
	const struct ctl_head head = {
		.magic = CTL_MAGIC,
		.verb = (uint16_t)kind,
		.length = (uint32_t)(len < CTL_ANSWER_MAX ? len : CTL_ANSWER_MAX)
	};
	struct client *c = client_of(s, client);

	if (!c)
		return;
	if (!send_answer(c->fd, &head, text, fd) || kind != CTL_PROGRESS)
		drop(c);
}

void ctl_server_say(struct ctl_server *s, uint64_t client, enum ctl_kind kind, const char *en,
		    const char *ja)
{
	char both[2048];
	const int n = snprintf(both, sizeof both, "%s%c%s", en, 0, ja);

	ctl_server_answer(s, client, kind, both, n < (int)sizeof both ? (size_t)n : sizeof both - 1,
			  -1);
}
