/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/pending.h"

bool pending_add(struct pending *p, uint8_t command)
{
	if (p->count == PENDING_MAX)
		return false;
	p->list[(p->first + p->count++) % PENDING_MAX] = command;
	return true;
}

bool pending_has(const struct pending *p, uint8_t command)
{
	for (uint16_t i = 0; i < p->count; i++)
		if (p->list[(p->first + i) % PENDING_MAX] == command)
			return true;
	return false;
}

uint8_t pending_oldest(const struct pending *p)
{
	return p->list[p->first];
}

void pending_answered(struct pending *p)
{
	p->first = (uint16_t)((p->first + 1) % PENDING_MAX);
	p->count--;
}
