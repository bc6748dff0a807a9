/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls: reads the clear part of a TLS handshake (RFC 8446, 5246) out of in-order bytes, however they
 * are cut into segments and records: what the client asks for, and whether the server took it.
 *
 * Reads no further than the ServerHello. After a HelloRetryRequest a second ClientHello follows and
 * is read like the first; `hellos` tells the caller that there is a name to judge again. Early data
 * between the two is skipped.
 */
#ifndef DAEMON_CONTENT_TLS_H
#define DAEMON_CONTENT_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/hold.h"

#define TLS_MESSAGE_MAX 16384u	/* a longer hello is not read: `bad` */
#define TLS_NAME_MAX 256u

struct tls_side {
	uint8_t header[5];		/* of the record that is being read */
	uint8_t header_len;
	uint16_t record_left;		/* bytes of the record still to come */
	struct hold message;		/* handshake message so far */
};

struct tls {
	struct tls_side client, server;
	uint8_t hellos;			/* ClientHellos read so far */
	bool retry;			/* the server asked for another ClientHello */
	bool done;			/* a ServerHello that is no retry has come */
	const char *bad;		/* why it cannot be read, as an EVE event word ("invalid_record_length") */
	uint16_t version;		/* chosen by the server, else the highest the client offers */
	char sni[TLS_NAME_MAX];		/* lower case, no trailing dot; empty: none asked for */
	char alpn[64];			/* the client's first, later the server's choice; empty: none */
	char ja3[33], ja3s[33], ja4[37];	/* empty: not computed */
};

void tls_init(struct tls *t);
void tls_done(struct tls *t);

/* tls_feed - the next in-order bytes of one side; nothing is read once done or bad */
void tls_feed(struct tls *t, bool server, const uint8_t *bytes, size_t n);

const char *tls_version_text(uint16_t version);	/* "TLS 1.3"; NULL for one we do not know */

#endif
