/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inject: what an engine asks the injector for: an answer in the place of a server whose conversation it refuses.
 *
 * Both are forks of one program, so a request is a struct. It holds numbers, two of our own texts and one name that
 * a peer gave, masked by the engine and spelt out by the injector letter by letter (inject/texts.h); nothing else that
 * a peer wrote. Requests wait in a socket of bounded size; when it is full the engine resets instead, and counts.
 */
#ifndef DAEMON_INJECT_H
#define DAEMON_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ip.h"

#define INJECTION_TEXT 128u	/* bytes of a text with its NUL */
#define INJECTION_QUEUE 64u	/* requests that may wait for the injector */

enum injection_kind {
	INJECT_PAGE,		/* HTTP: 403 and a page for a person */
	INJECT_SMTP_REJECT,	/* SMTP: 554, so that the sender's server gives up */
	INJECT_KINDS,
};

struct injection {
	uint32_t kind;			/* enum injection_kind */
	uint32_t seq;			/* what the client waits for next */
	uint32_t ack;			/* all of the client's bytes before it are answered */
	uint32_t server_seq;		/* what the server waits for next: its reset carries it */
	ip_t client, server;
	uint16_t client_port, server_port;
	bool stamped;			/* the connection uses timestamps (RFC 7323) */
	uint32_t stamp, echo;		/* ... TSval and TSecr for the client */
	uint64_t event;			/* flow_id of the event that says why */
	char permit[INJECTION_TEXT];	/* label, or else name, of the permit or deny statement; "" none */
	char name[INJECTION_TEXT];	/* what was asked for, masked; "" none */
};

/* Where an engine's requests go; request NULL: there is no injector. */
struct inject_sink {
	bool (*request)(void *ctx, const struct injection *q);	/* false: no room; nothing was asked */
	void *ctx;
};

/* inject_pair - [0] the injector's end, [1] the engines'. Return: 0 or -errno */
int inject_pair(int ends[static 2]);

/**
 * inject_open - the raw sockets of both families, opened under INJECTOR_UID, which the ruleset knows them by
 * Needs CAP_NET_RAW and CAP_SETUID for as long as it runs. They send, and receive nothing.
 * Return: 0; -EPERM the capabilities are not there; -errno.
 */
int inject_open(int raw[static 2]);

/* inject_receive - Return: 1 a well-formed request; 0 none now; -EPROTO something else; -EPIPE */
int inject_receive(int fd, struct injection *q);

/* Requests an engine makes of one turn of its loop; they leave after the verdicts that they rest on. */
struct inject_channel {
	int fd;				/* borrowed; -1: no injector */
	uint32_t held;
	uint64_t *sent, *lost;		/* borrowed: the stats page */
	struct injection requests[INJECTION_QUEUE];
};

struct inject_sink inject_sink(struct inject_channel *c);	/* borrowed: lives as long as the channel */
void inject_flush(struct inject_channel *c);

#endif
