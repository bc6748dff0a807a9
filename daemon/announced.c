/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/announced.h"

void announced_add(struct announced *a, ip_t from, ip_t to, uint16_t port, int64_t now)
{
	a->list[a->next] = (struct announcement){ from, to, now + ANNOUNCED_NS, port };
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
