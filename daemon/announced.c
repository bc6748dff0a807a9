/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/announced.h"

#include <string.h>

void announced_add(struct announced *a, ip_t from, ip_t to, uint16_t port, int64_t now)
{
	a->list[a->next] = (struct announcement){
		.from = from, .to = to, .until = now + ANNOUNCED_NS, .port = port
	};
	a->next = (a->next + 1) % ANNOUNCED_MAX;
}

bool announced_take(struct announced *a, ip_t from, ip_t to, uint16_t port, int64_t now)
{
	for (uint32_t i = 0; i < ANNOUNCED_MAX; i++) {
		struct announcement *one = &a->list[i];

		if (one->until && one->from == from && one->to == to && one->port == port) {
			bool good = now <= one->until;

			one->until = 0;
			if (good)
				return true;
		}
	}
	return false;
}

/* The newest first: a port may be announced again. Return: its place, or ANNOUNCED_MAX */
static uint32_t place(const struct announced *a, ip_t from, ip_t to, uint16_t port)
{
	for (uint32_t back = 1; back <= ANNOUNCED_MAX; back++) {
		uint32_t i = (a->next + ANNOUNCED_MAX - back) % ANNOUNCED_MAX;

		if (a->list[i].port == port && a->list[i].from == from && a->list[i].to == to)
			return i;
	}
	return ANNOUNCED_MAX;
}

void announced_name(struct announced *a, ip_t from, ip_t to, const struct ftp *ftp)
{
	uint32_t i = ftp->port ? place(a, from, to, ftp->port) : ANNOUNCED_MAX;

	if (i == ANNOUNCED_MAX)
		return;
	a->list[i].transfer = ftp->transfer;
	a->list[i].deflate = ftp->deflate;
	a->list[i].name_len = ftp->name_len;
	memcpy(a->list[i].name, ftp->name, ftp->name_len);
}

const struct announcement *announced_find(const struct announced *a, ip_t from, ip_t to,
					  uint16_t port)
{
	uint32_t i = place(a, from, to, port);

	return i == ANNOUNCED_MAX ? NULL : &a->list[i];
}
