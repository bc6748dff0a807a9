/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/source_nfq.h"

#include "daemon/kernel/netlink.h"
#include "daemon/kernel/verdicts.h"
#include "daemon/packet.h"
#include "daemon/stats.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A message is at most 64 KB of packet and some hundred bytes around it. The odd number of cache
 * lines keeps the first bytes of all slots from falling into the same few sets of the cache. */
#define SLOT_BYTES (((size_t)66 << 10) + 64)
#define ANSWERS_BYTES ((size_t)2 * VERDICTS_ONE_MAX)
/* Verdicts leave after at most so many bytes of packets: more would hold back a window of TCP. */
#define FLUSH_BYTES ((size_t)512 << 10)
#define SEND_TRIES 100

#define COUNTERS(X) \
	X(received) X(bytes) X(cut) X(malformed) X(reads) X(sends) X(verdicts) X(dropped) X(refused)
#define COUNTER_FIELD(N) uint64_t *N;

struct source_nfq {
	struct source base;
	int fd;           /* borrowed */
	unsigned int got; /* messages of the ring that hold something */
	unsigned int at;  /* the next one to be read */
	bool more;        /* the last read filled the ring: there is probably more */
	bool strangers;   /* ids before the next packet's may wait without an answer */
	int64_t now;      /* ns since 1970, when the ring was filled */
	size_t held;      /* bytes of packets answered since the last send */
	struct verdicts verdicts;
	uint8_t *ring;    /* owned: SOURCE_NFQ_RING slots */
	uint8_t *answers; /* owned */
	struct {
		COUNTERS(COUNTER_FIELD)
	} count; /* borrowed: the stats page */
	struct iovec slots[SOURCE_NFQ_RING];
	struct mmsghdr messages[SOURCE_NFQ_RING];
};

static struct source_nfq *nfq_of(struct source *s)
{
	return (struct source_nfq *)s; /* base is the first member */
}

/* ---- reading ---- */

static void parse_attr(struct netlink_attr a, struct packet *p, bool *has_id)
{
	switch (a.type) {
	case NFQA_PACKET_HDR:
		p->id = cursor_be32(&a.value);
		*has_id = !a.value.tripped;
		break;
	case NFQA_MARK: p->mark = cursor_be32(&a.value); break;
	case NFQA_TIMESTAMP: {
		const uint64_t seconds = cursor_be64(&a.value), us = cursor_be64(&a.value);

		if (!a.value.tripped && seconds < (uint64_t)INT64_MAX / 2000000000 && us < 1000000)
			p->time = (int64_t)(seconds * 1000000000 + us * 1000);
		break;
	}
	case NFQA_IFINDEX_INDEV: p->ifin = cursor_be32(&a.value); break;
	case NFQA_IFINDEX_OUTDEV: p->ifout = cursor_be32(&a.value); break;
	case NFQA_HWADDR: {
		const uint16_t len = cursor_be16(&a.value);
		const uint8_t *mac;

		cursor_skip(&a.value, 2);
		mac = cursor_take(&a.value, sizeof p->mac);
		p->has_mac = mac && len == sizeof p->mac;
		if (p->has_mac)
			memcpy(p->mac, mac, sizeof p->mac);
		break;
	}
	case NFQA_PAYLOAD:
		p->data = a.value.at;
		p->len = (uint32_t)a.value.left;
		break;
	case NFQA_CAP_LEN: p->wire_len = cursor_be32(&a.value); break;
	case NFQA_SKB_INFO: {
		const uint32_t info = cursor_be32(&a.value);

		p->gso = info & NFQA_SKB_GSO;
		p->no_csum = info & NFQA_SKB_CSUMNOTREADY;
		break;
	}
	default: break;
	}
}

bool source_nfq_parse(struct cursor c, int64_t now, struct packet *p)
{
	struct netlink_attr a;
	bool has_id = false;

	*p = (struct packet){ .time = now, .live = true };
	netlink_nfgen(&c);
	while (netlink_attr_next(&c, &a))
		parse_attr(a, p, &has_id);
	if (p->wire_len < p->len)
		p->wire_len = p->len; /* NFQA_CAP_LEN comes with cut packets only */
	p->frame_len = p->wire_len;
	return !c.tripped && has_id && p->data;
}

/* The kernel could not take a verdict: the packet was gone (its interface or a base chain was removed). */
static void read_error(struct source_nfq *s, const struct netlink_message *m)
{
	if (netlink_error(m) < 0)
		stats_add(s->count.refused, 1);
}

/* One datagram of the ring. Return: whether *p is a packet. */
static bool read_message(struct source_nfq *s, const struct mmsghdr *message, struct packet *p)
{
	struct cursor c = cursor_of(message->msg_hdr.msg_iov->iov_base, message->msg_len);
	struct netlink_message m;
	const bool whole = netlink_next(&c, &m) && !(message->msg_hdr.msg_flags & MSG_TRUNC);

	if (whole && m.type == NLMSG_ERROR) {
		read_error(s, &m);
		return false;
	}
	if (whole && m.type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET) &&
	    source_nfq_parse(m.body, s->now, p))
		return true;
	/* Should it have been a packet, its id must not be swept along by a later batch. */
	s->strangers = true;
	stats_add(s->count.malformed, 1);
	return false;
}

/* ---- sending ---- */

static int send_answers(struct source_nfq *s)
{
	ssize_t n = -1;

	verdicts_close(&s->verdicts);
	s->held = 0;
	if (s->verdicts.out.len == 0)
		return 0;
	for (int i = 0; i < SEND_TRIES && n < 0; i++) {
		n = send(s->fd, s->verdicts.out.buf, s->verdicts.out.len, 0);
		if (n < 0 && errno != EINTR && errno != ENOBUFS && errno != ENOMEM &&
		    errno != EAGAIN)
			break;
	}
	if (n < 0)
		return -errno;
	verdicts_sent(&s->verdicts);
	stats_add(s->count.verdicts, s->verdicts.messages);
	s->verdicts.messages = 0;
	stats_add(s->count.sends, 1);
	return 0;
}

/* ---- the seam ---- */

static int64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Answers what was read and reads again. Return: 1, 0 nothing is there, -errno. */
static int refill(struct source_nfq *s)
{
	const bool drained = s->got && !s->more;
	int n = send_answers(s);

	s->at = s->got = 0;
	if (n < 0 || drained)
		return n;
	n = recvmmsg(s->fd, s->messages, SOURCE_NFQ_RING, MSG_DONTWAIT, NULL);
	if (n <= 0)
		return n == 0 || errno == EAGAIN || errno == EINTR ? 0
		       : errno == ENOBUFS                          ? 0
								   : -errno;
	s->got = (unsigned int)n;
	s->more = n == SOURCE_NFQ_RING;
	s->now = clock_now();
	stats_add(s->count.reads, 1);
	return 1;
}

static int nfq_fd(struct source *source)
{
	return nfq_of(source)->fd;
}

static int nfq_next(struct source *source, struct packet *p)
{
	struct source_nfq *s = nfq_of(source);

	for (;;) {
		const int r = s->at == s->got ? refill(s) : 1;

		if (r <= 0)
			return r;
		if (read_message(s, &s->messages[s->at++], p))
			break;
	}
	if (s->strangers)
		verdicts_drop_before(&s->verdicts, p->id);
	s->strangers = false;
	s->held += p->len;
	stats_add(s->count.received, 1);
	stats_add(s->count.bytes, p->wire_len);
	stats_add(s->count.cut, p->wire_len > p->len);
	return 1;
}

static int nfq_verdict(struct source *source, uint32_t id, const struct outcome *o)
{
	struct source_nfq *s = nfq_of(source);

	verdicts_give(&s->verdicts, id, o);
	stats_add(s->count.dropped, o->drop_packet);
	if (verdicts_room(&s->verdicts) && s->held < FLUSH_BYTES)
		return 0;
	return send_answers(s);
}

static void nfq_close(struct source *source)
{
	if (!source)
		return;
	free(nfq_of(source)->ring);
	free(nfq_of(source)->answers);
	free(source);
}

static const struct source_ops nfq_ops = {
	.fd = nfq_fd, .next = nfq_next, .verdict = nfq_verdict, .close = nfq_close
};

static void make_slots(struct source_nfq *s)
{
	for (size_t i = 0; i < SOURCE_NFQ_RING; i++) {
		s->slots[i] = (struct iovec){ s->ring + i * SLOT_BYTES, SLOT_BYTES };
		s->messages[i].msg_hdr =
			(struct msghdr){ .msg_iov = &s->slots[i], .msg_iovlen = 1 };
	}
}

struct source *source_nfq_new(int fd, uint16_t queue, struct stats_page *page, const char *group)
{
	struct source_nfq *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	*s = (struct source_nfq){ .base.ops = &nfq_ops, .fd = fd, .strangers = true };
	s->ring = aligned_alloc(64, SOURCE_NFQ_RING * SLOT_BYTES);
	s->answers = aligned_alloc(64, ANSWERS_BYTES);
	if (!s->ring || !s->answers) {
		nfq_close(&s->base);
		return NULL;
	}
	make_slots(s);
	s->verdicts = verdicts_to(s->answers, ANSWERS_BYTES, queue);
#define COUNTER_FIND(N) s->count.N = stats_find(page, group, #N);
	COUNTERS(COUNTER_FIND)
	return &s->base;
}
