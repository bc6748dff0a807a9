/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * announced: data connections that FTP control connections announced and nobody has opened yet.
 *
 * Each holds for ten seconds of packet time and for one connection. The table is small and fixed; a new
 * announcement takes the place of the oldest. One that is used up is remembered for the name of what passes on
 * it: the client may open the connection first and say then which file it wants.
 */
#ifndef DAEMON_ANNOUNCED_H
#define DAEMON_ANNOUNCED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/content/ftp.h"
#include "rules/ip.h"

#define ANNOUNCED_MAX 256u
#define ANNOUNCED_NS (10 * (int64_t)1000000000)

struct announced {
	struct announcement {
		ip_t from, to;
		int64_t until;		/* ns; 0: free or used up */
		uint16_t port;		/* of `to` */
		uint8_t transfer;	/* enum ftp_transfer: FTP_NONE until announced_name */
		bool deflate;
		uint8_t name_len;
		char name[FTP_NAME_MAX];	/* not terminated */
	} list[ANNOUNCED_MAX];
	uint32_t next;
};

void announced_add(struct announced *a, ip_t from, ip_t to, uint16_t port, int64_t now);

/* announced_take - whether it was announced; an announcement is used up by this */
bool announced_take(struct announced *a, ip_t from, ip_t to, uint16_t port, int64_t now);

/* announced_name - what FTP_TRANSFER says of the last connection announced between these, opened already or not */
void announced_name(struct announced *a, ip_t from, ip_t to, const struct ftp *ftp);

/* announced_find - the last announcement of that connection, used up or not; NULL: none is remembered */
const struct announcement *announced_find(const struct announced *a, ip_t from, ip_t to, uint16_t port);

#endif
