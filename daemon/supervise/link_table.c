/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervise/link_table.h"

#include <string.h>

static uint32_t position(const struct link_table *t, uint32_t index)
{
	uint32_t i = 0;

	while (i < t->count && t->links[i].index != index)
		i++;
	return i;
}

bool link_table_set(struct link_table *t, const struct link_change *l)
{
	const uint32_t i = position(t, l->index);

	if (!l->name[0]) {
		if (i == t->count)
			return false;
		t->links[i] = t->links[--t->count];
		return true;
	}
	if (i == t->count && t->count == LINKS_MAX)
		return false;
	if (i < t->count && strcmp(t->links[i].name, l->name) == 0 && t->links[i].up == l->up)
		return false;
	t->links[i] = *l;
	t->count += i == t->count;
	return true;
}

const char *link_table_name(const struct link_table *t, uint32_t index)
{
	const uint32_t i = position(t, index);

	return i < t->count ? t->links[i].name : NULL;
}
