/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * announced: data connections that FTP control connections announced and nobody has opened yet.
 *
 * Each holds for ten seconds of packet time and for one connection. The table is small and fixed; a new
 * announcement takes the place of the oldest.
 */
#ifndef DAEMON_ANNOUNCED_H
#define DAEMON_ANNOUNCED_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/ip.h"

#define ANNOUNCED_MAX 256u
#define ANNOUNCED_NS (10 * (int64_t)1000000000)

struct announced {
	struct announcement {
		ip_t from, to;
		int64_t until;		/* ns; 0: free */
		uint16_t port;		/* of `to` */
	} list[ANNOUNCED_MAX];
	uint32_t next;
};

void announced_add(struct announced *a, ip_t from, ip_t to, uint16_t port, int64_t now);

/* announced_take - whether it was announced; an announcement is used up by this */
bool announced_take(struct announced *a, ip_t from, ip_t to, uint16_t port, int64_t now);

#endif
