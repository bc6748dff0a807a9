/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/shared.h"

#include <stdlib.h>

#include "daemon/content/scan/scan.h"

struct scan_shared *scan_share(struct scan_set *set)
{
	struct scan_shared *s = malloc(sizeof(*s));

	if (!s) {
		scan_set_free(set);
		return NULL;
	}
	*s = (struct scan_shared){ .set = set, .holders = 1 };
	return s;
}

struct scan_shared *scan_hold(struct scan_shared *s)
{
	s->holders++;
	return s;
}

void scan_release(struct scan_shared *s)
{
	if (!s || --s->holders)
		return;
	scan_set_free(s->set);
	free(s);
}
