/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tftp: a file over TFTP (RFC 1350; options: RFC 2347, 2348, 7440).
 *
 * The request goes to port 69; the data is another conversation that the server opens from a port of its own to the
 * client's. So whoever sees the request keeps it in a table, and whoever sees a new conversation asks there:
 *
 *	client:C -> server:69	tftp_request_read, tftp_asked
 *	server:S -> client:C	tftp_take -> tftp_init, then tftp_datagram for each
 */
#ifndef DAEMON_CONTENT_TFTP_H
#define DAEMON_CONTENT_TFTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ip.h"

#define TFTP_NAME_MAX 128u	/* of a longer name the start is cut off */
#define TFTP_REQUESTS_MAX 64u	/* a new one takes the place of the oldest */
#define TFTP_REQUEST_NS (10 * (int64_t)1000000000)

struct body_sink;

struct tftp_request {
	bool upload;		/* WRQ: the client sends */
	uint8_t name_len;
	char name[TFTP_NAME_MAX];	/* not terminated */
};

/* tftp_request_read - Return: whether the datagram is a read or write request as RFC 1350, 5 has it */
bool tftp_request_read(const uint8_t *bytes, size_t n, struct tftp_request *out);

struct tftp_requests {
	struct tftp_asked {
		ip_t client, server;
		int64_t until;		/* ns of packet time; 0: free */
		uint16_t port;		/* the client's */
		struct tftp_request request;
	} list[TFTP_REQUESTS_MAX];
	uint32_t next;
};

void tftp_asked(struct tftp_requests *t, ip_t client, uint16_t port, ip_t server,
		const struct tftp_request *request, int64_t now);
/* tftp_take - whether a conversation from @server to the client's port was asked for; used up by this */
bool tftp_take(struct tftp_requests *t, ip_t server, ip_t client, uint16_t port, int64_t now,
	       struct tftp_request *request);

struct tftp {
	struct tftp_request request;
	uint64_t last_hash;	/* of the last block's bytes: a copy must be the same */
	uint16_t next;		/* block that comes */
	uint16_t size;		/* of a block; a shorter one is the last */
	bool open, over;
	bool gap;		/* a block never came */
	bool told_bad;
};

void tftp_init(struct tftp *t, const struct tftp_request *request);
/* tftp_datagram - @opener: it comes from the conversation's opener, the server */
void tftp_datagram(struct tftp *t, bool opener, const uint8_t *bytes, size_t n, const struct body_sink *sink);
void tftp_end(struct tftp *t, const struct body_sink *sink);	/* the conversation is over */

#endif
