/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nflog: what the ruleset refused, as nfnetlink_log tells it.
 *
 * The kernel aggregates (set told4) and limits; this group has no drop counter, so every message is
 * numbered and gaps are counted. The exact total of refused packets is the ruleset's counter n_denied.
 */
#ifndef DAEMON_KERNEL_NFLOG_H
#define DAEMON_KERNEL_NFLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/cursor.h"

#define NFLOG_PREFIX 32u

struct nflog_packet {
	int64_t time;			/* ns since 1970; 0 unknown */
	uint32_t seq;			/* of the group, from 0 */
	uint32_t ifin, ifout;		/* 0 none */
	uint32_t mark;
	uint8_t mac[6];
	bool has_mac, has_seq;
	char prefix[NFLOG_PREFIX];	/* which rule: a word of the ruleset; "" none */
	const uint8_t *data;		/* borrowed from the message: from the IP header, cut at the snap length */
	uint32_t len;
};

enum nflog_error { NFLOG_OK, NFLOG_FORBIDDEN, NFLOG_TAKEN, NFLOG_UNSUPPORTED };

/* nflog_open - a socket bound to a group */
enum nflog_error nflog_open(uint16_t group, int *fd);

/* nflog_parse - the body of one message. Return: false when it is not a whole one with a packet */
bool nflog_parse(struct cursor c, struct nflog_packet *p);

/* nflog_is_packet - of a message's type */
bool nflog_is_packet(uint16_t type);

#endif
