/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netlink: messages to and from the kernel (RFC 3549), written into and read from plain buffers.
 *
 * The one file that uses libmnl. Writer and reader do no input or output, so queue, log, conntrack,
 * link and counter modules are tested on bytes; values are read through the bounded cursor, and no
 * length is trusted. netlink headers are in host order (buffers aligned to 4), the values of nfnetlink
 * attributes in network order.
 *
 *	+----------+------+-------+-----+------+ +--------+---------+--------+ +-----+------+-------+
 *	| length 4 | type | flags | seq | port | | family | version | res id | | len | type | value | ...
 *	+----------+------+-------+-----+------+ +--------+---------+--------+ +-----+------+-------+
 *	  struct nlmsghdr, 16 bytes                nfnetlink only, 4 bytes       attributes, padded to 4
 */
#ifndef DAEMON_KERNEL_NETLINK_H
#define DAEMON_KERNEL_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/cursor.h"

/* ---- writing ---- */

struct netlink_writer {
	uint8_t *buf;		/* borrowed; aligned to 4 */
	size_t size;
	size_t len;		/* bytes written so far: whole messages and the open one */
	size_t message;		/* offset of the open message */
	bool full;		/* something did not fit; what it was part of is not in len */
};

static inline struct netlink_writer netlink_writer_of(void *buf, size_t size)
{
	return (struct netlink_writer){ .buf = buf, .size = size };
}

/* netlink_begin - open a message; NLM_F_REQUEST is always set */
void netlink_begin(struct netlink_writer *w, uint16_t type, uint16_t flags, uint32_t seq);
/* netlink_begin_nf - the same with the nfnetlink header; subsys is NFNL_SUBSYS_*, res_id in host order */
void netlink_begin_nf(struct netlink_writer *w, uint8_t subsys, uint8_t type, uint16_t flags, uint32_t seq,
		      uint8_t family, uint16_t res_id);
void netlink_bytes(struct netlink_writer *w, const void *bytes, size_t n);	/* a fixed header after the message's */
void netlink_put(struct netlink_writer *w, uint16_t type, const void *value, size_t n);
void netlink_put_be16(struct netlink_writer *w, uint16_t type, uint16_t host_order);
void netlink_put_be32(struct netlink_writer *w, uint16_t type, uint32_t host_order);
void netlink_put_u8(struct netlink_writer *w, uint16_t type, uint8_t value);
void netlink_put_text(struct netlink_writer *w, uint16_t type, const char *text);	/* with its NUL */
size_t netlink_nest(struct netlink_writer *w, uint16_t type);		/* Return: for netlink_nest_end */
void netlink_nest_end(struct netlink_writer *w, size_t nest);
/* netlink_end - close the message. Return: false when it did not fit; then it is taken back whole */
bool netlink_end(struct netlink_writer *w);

/* ---- reading ---- */

struct netlink_message {
	uint16_t type, flags;
	uint32_t seq, port;
	struct cursor body;	/* after the message header */
};

struct netlink_attr {
	uint16_t type;		/* without the nested and byte order flags */
	struct cursor value;
};

struct netlink_nfgen {
	uint8_t family, version;
	uint16_t res_id;	/* host order */
};

/* netlink_next - the next message of a datagram. Return: false at the end; c->tripped when it is malformed */
bool netlink_next(struct cursor *c, struct netlink_message *m);
/* netlink_attr_next - the next attribute. Return: false at the end; c->tripped when it is malformed */
bool netlink_attr_next(struct cursor *c, struct netlink_attr *a);
struct netlink_nfgen netlink_nfgen(struct cursor *body);	/* reads the nfnetlink header */

uint16_t netlink_u16(struct cursor *c);		/* host order */
uint32_t netlink_u32(struct cursor *c);
/* netlink_text - a NUL-terminated text value, or NULL when it is not one */
const char *netlink_text(struct cursor value);
/* netlink_error - of an NLMSG_ERROR message: 0 an acknowledgement, else -errno; -EBADMSG malformed */
int netlink_error(const struct netlink_message *m);

/* ---- sockets ---- */

/* netlink_open - a close-on-exec netlink socket in no group. Return: descriptor or -errno */
int netlink_open(int protocol);

/**
 * netlink_request - send one message with NLM_F_ACK set by the caller and wait for its answer
 * At most 5 s. Other messages that arrive meanwhile are discarded, so use a socket of its own.
 * Return: 0 or the kernel's -errno; -ETIMEDOUT.
 */
int netlink_request(int fd, const void *message, size_t len);

/**
 * netlink_dump - send one message with NLM_F_DUMP set by the caller, hand every answer to @each
 * Return: 0, -errno of the kernel, or what @each returned other than 0 (the rest is then discarded);
 * -EAGAIN the table changed meanwhile (NLM_F_DUMP_INTR) and the dump has to be made again.
 */
int netlink_dump(int fd, const void *message, size_t len, int (*each)(void *ctx, struct netlink_message *m), void *ctx);

#endif
