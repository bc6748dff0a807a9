/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALIGN4(n) (((size_t)(n) + 3) & ~(size_t)3)
#define ANSWER_MS 5000
#define ANSWER_BYTES 32768 /* the kernel's dumps fill at most this much of a datagram */

/* ---- writing ---- */

static struct nlmsghdr *message_of(const struct netlink_writer *w)
{
	return (struct nlmsghdr *)(void *)(w->buf + w->message);
}

/* libmnl's checks compare with the room from the start of the message. */
static size_t room(const struct netlink_writer *w)
{
	return w->size - w->message;
}

static void update(struct netlink_writer *w)
{
	w->len = w->message + ALIGN4(message_of(w)->nlmsg_len);
}

void netlink_begin(struct netlink_writer *w, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *h;

	w->message = w->len;
	if (room(w) < sizeof(struct nlmsghdr)) {
		w->full = true;
		return;
	}
	h = mnl_nlmsg_put_header(w->buf + w->message);
	h->nlmsg_type = type;
	h->nlmsg_flags = flags | NLM_F_REQUEST;
	h->nlmsg_seq = seq;
	update(w);
}

void netlink_begin_nf(struct netlink_writer *w, uint8_t subsys, uint8_t type, uint16_t flags,
		      uint32_t seq, uint8_t family, uint16_t res_id)
{
	const struct nfgenmsg g = { .nfgen_family = family,
				    .version = NFNETLINK_V0,
				    .res_id = htons(res_id) };

	netlink_begin(w, (uint16_t)(subsys << 8 | type), flags, seq);
	netlink_bytes(w, &g, sizeof g);
}

void netlink_bytes(struct netlink_writer *w, const void *bytes, size_t n)
{
	if (w->full || ALIGN4(n) > w->size - w->len) {
		w->full = true;
		return;
	}
	memcpy(mnl_nlmsg_put_extra_header(message_of(w), n), bytes, n);
	update(w);
}

void netlink_put(struct netlink_writer *w, uint16_t type, const void *value, size_t n)
{
	if (w->full || n > UINT16_MAX - sizeof(struct nlattr) ||
	    !mnl_attr_put_check(message_of(w), room(w), type, n, n ? value : w->buf)) {
		w->full = true;
		return;
	}
	update(w);
}

void netlink_put_be16(struct netlink_writer *w, uint16_t type, uint16_t host_order)
{
	const uint16_t v = htons(host_order);

	netlink_put(w, type, &v, sizeof v);
}

void netlink_put_be32(struct netlink_writer *w, uint16_t type, uint32_t host_order)
{
	const uint32_t v = htonl(host_order);

	netlink_put(w, type, &v, sizeof v);
}

void netlink_put_u8(struct netlink_writer *w, uint16_t type, uint8_t value)
{
	netlink_put(w, type, &value, sizeof value);
}

void netlink_put_text(struct netlink_writer *w, uint16_t type, const char *text)
{
	netlink_put(w, type, text, strlen(text) + 1);
}

size_t netlink_nest(struct netlink_writer *w, uint16_t type)
{
	const size_t nest = w->len;

	netlink_put(w, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

void netlink_nest_end(struct netlink_writer *w, size_t nest)
{
	if (w->full || w->len - nest > UINT16_MAX)
		w->full = true;
	else
		mnl_attr_nest_end(message_of(w), (struct nlattr *)(void *)(w->buf + nest));
}

bool netlink_end(struct netlink_writer *w)
{
	if (!w->full)
		return true;
	w->len = w->message;
	w->full = false;
	return false;
}

/* ---- reading ---- */

uint16_t netlink_u16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, sizeof v);
	return v;
}

uint32_t netlink_u32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof v);
	return v;
}

/* The element of n bytes with a header of so many, at the cursor; the padding after the last may be missing. */
static struct cursor element(struct cursor *c, size_t n, size_t header)
{
	const size_t padded = ALIGN4(n);
	struct cursor e = { .at = c->at + header, .left = n - header };

	cursor_skip(c, padded < c->left ? padded : c->left);
	return e;
}

bool netlink_next(struct cursor *c, struct netlink_message *m)
{
	const struct nlmsghdr *h = (const void *)c->at;

	if (c->tripped || c->left == 0)
		return false;
	/* libmnl compares lengths as int: one beyond INT_MAX would pass */
	if (c->left > INT_MAX || !mnl_nlmsg_ok(h, (int)c->left) || h->nlmsg_len > c->left) {
		c->tripped = true;
		return false;
	}
	*m = (struct netlink_message){ .type = h->nlmsg_type,
				       .flags = h->nlmsg_flags,
				       .seq = h->nlmsg_seq,
				       .port = h->nlmsg_pid,
				       .body = element(c, h->nlmsg_len, sizeof(struct nlmsghdr)) };
	return true;
}

bool netlink_attr_next(struct cursor *c, struct netlink_attr *a)
{
	const struct nlattr *n = (const void *)c->at;

	if (c->tripped || c->left == 0)
		return false;
	if (c->left > INT_MAX || !mnl_attr_ok(n, (int)c->left)) {
		c->tripped = true;
		return false;
	}
	*a = (struct netlink_attr){ .type = mnl_attr_get_type(n),
				    .value = element(c, n->nla_len, sizeof(struct nlattr)) };
	return true;
}

struct netlink_nfgen netlink_nfgen(struct cursor *body)
{
	struct netlink_nfgen g;

	g.family = cursor_u8(body);
	g.version = cursor_u8(body);
	g.res_id = cursor_be16(body);
	return g;
}

const char *netlink_text(struct cursor value)
{
	if (value.tripped || value.left == 0 || !memchr(value.at, 0, value.left))
		return NULL;
	return (const char *)value.at;
}

int netlink_error(const struct netlink_message *m)
{
	struct cursor c = m->body;
	const int32_t e = (int32_t)netlink_u32(&c);

	if (c.tripped || e > 0 || e < -4095)
		return -EBADMSG;
	return e;
}

/* ---- sockets ---- */

int netlink_open(int protocol)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int e;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&any, sizeof any) == 0)
		return fd;
	e = -errno;
	close(fd);
	return e;
}

static int send_all(int fd, const void *message, size_t len)
{
	ssize_t n;

	do
		n = send(fd, message, len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* One datagram, waited for at most ANSWER_MS. Return: bytes or -errno. */
static ssize_t receive(int fd, uint8_t *buf, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	do {
		const int r = poll(&p, 1, ANSWER_MS);

		if (r == 0)
			return -ETIMEDOUT;
		n = r < 0 ? r : recv(fd, buf, size, MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n < 0 ? -errno : n;
}

static uint32_t sequence_of(const void *message)
{
	struct nlmsghdr h;

	memcpy(&h, message, sizeof h);
	return h.nlmsg_seq;
}

/* Looks for the answer to seq in one datagram. Return: 1 found (in *answer), 0 not there. */
static int find_answer(struct cursor c, uint32_t seq, int *answer)
{
	struct netlink_message m;

	while (netlink_next(&c, &m)) {
		if (m.type == NLMSG_ERROR && m.seq == seq) {
			*answer = netlink_error(&m);
			return 1;
		}
	}
	return 0;
}

int netlink_request(int fd, const void *message, size_t len)
{
	uint8_t buf[ANSWER_BYTES];
	int answer = send_all(fd, message, len);

	while (answer == 0) {
		const ssize_t n = receive(fd, buf, sizeof buf);

		if (n < 0)
			return (int)n;
		if (find_answer(cursor_of(buf, (size_t)n), sequence_of(message), &answer))
			break;
	}
	return answer;
}

struct dump {
	uint32_t seq;
	bool done, interrupted;
	int (*each)(void *ctx, struct netlink_message *m);
	void *ctx;
	int result;
};

static void dump_datagram(struct dump *d, struct cursor c)
{
	struct netlink_message m;

	while (!d->done && netlink_next(&c, &m)) {
		if (m.seq != d->seq)
			continue;
		d->interrupted = d->interrupted || m.flags & NLM_F_DUMP_INTR;
		if (m.type == NLMSG_DONE || m.type == NLMSG_ERROR) {
			d->done = true;
			if (d->result == 0)
				d->result = netlink_error(&m);
		} else if (d->result == 0) {
			d->result = d->each(d->ctx, &m);
		}
	}
}

int netlink_dump(int fd, const void *message, size_t len,
		 int (*each)(void *ctx, struct netlink_message *m), void *ctx)
{
	struct dump d = { .seq = sequence_of(message), .each = each, .ctx = ctx };
	uint8_t buf[ANSWER_BYTES];
	const int r = send_all(fd, message, len);

	if (r < 0)
		return r;
	while (!d.done) {
		const ssize_t n = receive(fd, buf, sizeof buf);

		if (n < 0)
			return (int)n;
		dump_datagram(&d, cursor_of(buf, (size_t)n));
	}
	if (d.result == 0 && d.interrupted)
		return -EAGAIN;
	return d.result;
}
