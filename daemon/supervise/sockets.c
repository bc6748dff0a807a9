/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's sockets. They are opened here, once, and kept: a child that dies loses nothing but what it
 * had read. A restart of the service gets the queues back from systemd's store, packets in them included.
 */
#include "daemon/confine.h"
#include "daemon/inject.h"
#include "daemon/kernel/conntrack.h"
#include "daemon/kernel/generations.h"
#include "daemon/kernel/links.h"
#include "daemon/kernel/netlink.h"
#include "daemon/kernel/nflog.h"
#include "daemon/kernel/queue.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/stats.h"
#include "daemon/supervise/state.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CANNOT 2 /* exit status */

static void queue_hindrance(enum queue_error e, uint16_t number, uint32_t taken_by)
{
	switch (e) {
	case QUEUE_TAKEN:
		log_say(LOG_LINE_ERROR,
			"queue %u is bound by another program (netlink port %u, as a rule its process id): "
			"stop it (ps %u), then start sekimorid again",
			"キュー %u は別のプログラム（netlink ポート %u、通常はプロセス番号）が使っています。"
			"それを止めてから（ps %u）sekimorid を起動してください",
			number, taken_by, taken_by);
		break;
	case QUEUE_FORBIDDEN:
		log_say(LOG_LINE_ERROR,
			"queue %u: the kernel forbids it: CAP_NET_ADMIN of this network namespace is needed",
			"キュー %u: カーネルが拒否しました。このネットワーク名前空間の CAP_NET_ADMIN が必要です",
			number);
		break;
	case QUEUE_NOT_SET:
		log_say(LOG_LINE_ERROR,
			"queue %u: the kernel accepted the settings but shows others; see "
			"/proc/net/netfilter/nfnetlink_queue",
			"キュー %u: 設定が反映されていません。/proc/net/netfilter/nfnetlink_queue を確認してください",
			number);
		break;
	default:
		log_say(LOG_LINE_ERROR,
			"queue %u: this kernel has no nfnetlink_queue (CONFIG_NETFILTER_NETLINK_QUEUE): "
			"modprobe nfnetlink_queue, or use a kernel that has it",
			"キュー %u: このカーネルに nfnetlink_queue がありません。modprobe nfnetlink_queue を実行するか、"
			"対応するカーネルを使ってください",
			number);
	}
}

/* The descriptor of that name from before the restart, or -1. */
static int stored(struct notify_fd *fds, unsigned int count, const char *name)
{
	for (unsigned int i = 0; i < count; i++) {
		if (fds[i].fd >= 0 && strcmp(fds[i].name, name) == 0) {
			const int fd = fds[i].fd;

			fds[i].fd = -1;
			return fd;
		}
	}
	return -1;
}

struct stored_fds {
	struct notify_fd fds[NOTIFY_FDS_MAX];
	unsigned int count;
};

static int open_queue(const struct supervisor *s, struct stored_fds *old, uint16_t number,
		      bool open, int *fd)
{
	const struct queue_conf conf = { .number = number,
					 .length = s->conf->queue_length,
					 .open = open };
	uint32_t taken_by = 0;
	enum queue_error e;
	char name[NOTIFY_NAME];

	snprintf(name, sizeof name, "queue-%u", number);
	*fd = stored(old->fds, old->count, name);
	if (*fd >= 0 && queue_owned(*fd, number) != 0)
		return 0; /* where it may not be looked up, systemd's word counts */
	if (*fd >= 0)
		close(*fd);
	e = queue_open(&conf, fd, &taken_by);
	if (e == QUEUE_OK) {
		notify_store(name, *fd);
		return 0;
	}
	queue_hindrance(e, number, taken_by);
	return CANNOT;
}

static int open_page(int *fd, struct stats_page **page)
{
	*fd = stats_make();
	*page = *fd < 0 ? NULL : stats_map(*fd);
	return *page ? 0 : -ENOMEM;
}

static int open_place(struct supervisor *s, struct stored_fds *old, uint32_t i)
{
	struct place *p = &s->places[i];
	int r = open_queue(s, old, (uint16_t)i, false, &p->closed);

	if (r == 0)
		r = open_queue(s, old, (uint16_t)(i + QUEUE_OPEN_OFFSET), true, &p->open);
	if (r)
		return r;
	if (channel_pair(p->events) < 0 || channel_pair(p->ended) < 0 ||
	    open_page(&p->stats, &p->page) < 0) {
		log_error("no memory for engine %u", i);
		return CANNOT;
	}
	return 0;
}

static int open_nflog(struct supervisor *s, struct stored_fds *old)
{
	enum nflog_error e;

	s->nflog = stored(old->fds, old->count, "nflog");
	if (s->nflog >= 0)
		return 0;
	e = nflog_open(NFLOG_GROUP, &s->nflog);
	if (e == NFLOG_OK) {
		notify_store("nflog", s->nflog);
		return 0;
	}
	if (e == NFLOG_TAKEN)
		log_say(LOG_LINE_ERROR,
			"NFLOG group %u is bound by another program (ulogd?): give it another group, or stop it",
			"NFLOG グループ %u は別のプログラム（ulogd など）が使っています。別のグループにするか止めてください",
			NFLOG_GROUP);
	else
		log_say(LOG_LINE_ERROR,
			"NFLOG group %u: this kernel has no nfnetlink_log (CONFIG_NETFILTER_NETLINK_LOG): modprobe "
			"nfnetlink_log",
			"NFLOG グループ %u: このカーネルに nfnetlink_log がありません。modprobe nfnetlink_log を実行してください",
			NFLOG_GROUP);
	return CANNOT;
}

static int open_conntrack(struct supervisor *s, struct stored_fds *old)
{
	s->conntrack = stored(old->fds, old->count, "conntrack");
	if (s->conntrack < 0)
		s->conntrack = conntrack_open();
	if (s->conntrack >= 0) {
		notify_store("conntrack", s->conntrack);
		return 0;
	}
	log_say(LOG_LINE_ERROR,
		"conntrack events: %s: this kernel has no nf_conntrack_netlink (CONFIG_NF_CT_NETLINK): modprobe "
		"nf_conntrack_netlink",
		"conntrack イベント: %s: このカーネルに nf_conntrack_netlink がありません。modprobe nf_conntrack_netlink を"
		"実行してください",
		strerror(-s->conntrack));
	return CANNOT;
}

static int open_directory(const char *path)
{
	int fd;

	mkdir(path, 0750);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && faccessat(fd, ".", W_OK, AT_EACCESS) == 0)
		return fd;
	log_say(LOG_LINE_ERROR, "%s: %s: make it, and writable for the user of sekimorid",
		"%s: %s: 作成し、sekimorid のユーザーが書けるようにしてください", path,
		strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int open_own(struct supervisor *s)
{
	s->links_socket = links_open();
	s->counters_socket = netlink_open(NETLINK_NETFILTER);
	s->generations = generations_open();
	if (s->links_socket < 0 || s->counters_socket < 0 || s->generations < 0) {
		log_error("netlink: %s", strerror(s->links_socket < 0  ? -s->links_socket
						  : s->generations < 0 ? -s->generations
								       : -s->counters_socket));
		return CANNOT;
	}
	if (channel_pair(s->watched) < 0 || channel_pair(s->events) < 0 ||
	    channel_pair(s->verified) < 0 || ipc_pair(s->claims) < 0 ||
	    inject_pair(s->injections) < 0 ||
	    open_page(&s->injector_stats, &s->injector_page) < 0 ||
	    open_page(&s->watcher_stats, &s->watcher_page) < 0 ||
	    open_page(&s->recorder_stats, &s->recorder_page) < 0 ||
	    open_page(&s->verifier_stats, &s->verifier_page) < 0 ||
	    open_page(&s->own_stats, &s->own_page) < 0 ||
	    channel_init(&s->channel, s->events[1], s->own_page) < 0) {
		log_error("no memory for the channels between the processes");
		return CANNOT;
	}
	return 0;
}

int sockets_open(struct supervisor *s)
{
	struct stored_fds old;
	int r = 0;

	if (!confine_capable()) {
		log_say(LOG_LINE_ERROR,
			"CAP_NET_ADMIN is missing: start sekimorid as root or by systemctl start sekimorid",
			"CAP_NET_ADMIN がありません。root で起動するか、systemctl start sekimorid を使ってください");
		return CANNOT;
	}
	old.count = notify_stored(old.fds);
	s->log_directory = open_directory(s->conf->log_directory);
	s->state_directory = open_directory(s->conf->state_directory);
	if (s->log_directory < 0 || s->state_directory < 0)
		return CANNOT;
	for (uint32_t i = 0; r == 0 && i < s->place_count; i++)
		r = open_place(s, &old, i);
	if (r == 0)
		r = open_nflog(s, &old);
	if (r == 0)
		r = open_conntrack(s, &old);
	for (unsigned int i = 0; i < old.count; i++) {
		if (old.fds[i].fd >= 0)
			close(old.fds[i].fd); /* of an engine that the settings no longer have */
	}
	return r ? r : open_own(s);
}
