/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pending: commands sent whose answers have not come, in their order (PIPELINING: RFC 2920, RFC 2449 6.6).
 */
#ifndef DAEMON_CONTENT_PENDING_H
#define DAEMON_CONTENT_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#define PENDING_MAX 256u

struct pending {
	uint16_t first, count;
	uint8_t list[PENDING_MAX];	/* what they are: the reader's own numbers */
};

/* pending_add - Return: whether there was room */
bool pending_add(struct pending *p, uint8_t command);
bool pending_has(const struct pending *p, uint8_t command);
uint8_t pending_oldest(const struct pending *p);	/* with count > 0 */
void pending_answered(struct pending *p);		/* forgets the oldest */

#endif
