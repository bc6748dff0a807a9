/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * link_table: names of interfaces by index, as far as anybody has been told.
 */
#ifndef DAEMON_SUPERVISE_LINK_TABLE_H
#define DAEMON_SUPERVISE_LINK_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/links.h"

#define LINKS_MAX 1024u		/* interfaces known at once; further ones have no name, and so no zone */

struct link_table {
	struct link_change links[LINKS_MAX];
	uint32_t count;
};

/* link_table_set - a change; name "" forgets. Return: whether anything is different now */
bool link_table_set(struct link_table *t, const struct link_change *l);
/* link_table_name - borrowed until the next change; NULL unknown */
const char *link_table_name(const struct link_table *t, uint32_t index);

#endif
