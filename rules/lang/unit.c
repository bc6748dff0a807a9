/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/unit.h"

#include "rules/arena.h"

void *unit_alloc(struct unit *u, size_t size)
{
	void *p = arena_alloc(u->arena, size);

	if (!p)
		u->failed = true;
	return p;
}
