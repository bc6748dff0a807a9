/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALIGN4(n) (((n) + 3) & ~(size_t)3)
#define ANSWER_MS 5000
#define ANSWER_BYTES 32768 /* the kernel's dumps fill at most this much of a datagram */

/* ---- writing ---- */

/* Room for n bytes, zeroed up to the next multiple of 4; NULL (and full) when there is none. */
static uint8_t *take(struct netlink_writer *w, size_t n)
{
	uint8_t *at = w->buf + w->len;

	if (w->full || ALIGN4(n) > w->size - w->len) {
		w->full = true;
		return NULL;
	}
	memset(at + n, 0, ALIGN4(n) - n);
	w->len += ALIGN4(n);
	return at;
}

void netlink_begin(struct netlink_writer *w, uint16_t type, uint16_t flags, uint32_t seq)
{
	const struct nlmsghdr h = { .nlmsg_type = type,
				    .nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST),
				    .nlmsg_seq = seq };

	w->message = w->len;
	netlink_bytes(w, &h, sizeof h);
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
	uint8_t *at = take(w, n);

	if (at)
		memcpy(at, bytes, n);
}

void netlink_put(struct netlink_writer *w, uint16_t type, const void *value, size_t n)
{
	const struct nlattr a = { .nla_len = (uint16_t)(sizeof a + n), .nla_type = type };
	uint8_t *at = sizeof a + n <= UINT16_MAX ? take(w, sizeof a + n) : NULL;

	if (!at) {
		w->full = true;
		return;
	}
	memcpy(at, &a, sizeof a);
	if (n)
		memcpy(at + sizeof a, value, n);
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
	const uint16_t n = (uint16_t)(w->len - nest);

	if (!w->full && w->len - nest <= UINT16_MAX)
		memcpy(w->buf + nest, &n, sizeof n); /* nla_len comes first */
	else
		w->full = true;
}

bool netlink_end(struct netlink_writer *w)
{
	const uint32_t n = (uint32_t)(w->len - w->message);

	if (w->full) {
		w->len = w->message;
		w->full = false;
		return false;
	}
	memcpy(w->buf + w->message, &n, sizeof n); /* nlmsg_len comes first */
	return true;
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

/* The padding after the last element of a buffer may be missing. */
static void skip_padding(struct cursor *c, size_t n)
{
	const size_t padding = ALIGN4(n) - n;

	cursor_skip(c, padding < c->left ? padding : c->left);
}

bool netlink_next(struct cursor *c, struct netlink_message *m)
{
	uint32_t len;

	if (c->tripped || c->left == 0)
		return false;
	len = netlink_u32(c);
	m->type = netlink_u16(c);
	m->flags = netlink_u16(c);
	m->seq = netlink_u32(c);
	m->port = netlink_u32(c);
	if (len < sizeof(struct nlmsghdr))
		c->tripped = true;
	m->body = cursor_sub(c, len - sizeof(struct nlmsghdr));
	if (c->tripped)
		return false;
	skip_padding(c, len);
	return true;
}

bool netlink_attr_next(struct cursor *c, struct netlink_attr *a)
{
	uint16_t len;

	if (c->tripped || c->left == 0)
		return false;
	len = netlink_u16(c);
	a->type = netlink_u16(c) & (uint16_t)NLA_TYPE_MASK;
	if (len < sizeof(struct nlattr))
		c->tripped = true;
	a->value = cursor_sub(c, (size_t)len - sizeof(struct nlattr));
	if (c->tripped)
		return false;
	skip_padding(c, len);
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
