/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hold: bytes of a message that has not come whole yet. Grows as they come, never over its limit.
 */
#ifndef DAEMON_CONTENT_HOLD_H
#define DAEMON_CONTENT_HOLD_H

#include <stddef.h>
#include <stdint.h>

struct hold {
	uint8_t *bytes;		/* owned; NULL while empty */
	uint32_t len, capacity;
};

/* hold_add - Return: 0; -EMSGSIZE the limit would be passed; -ENOMEM. On failure nothing is added. */
int hold_add(struct hold *h, const void *bytes, size_t n, size_t limit);
void hold_clear(struct hold *h);	/* empties, keeps the memory */
void hold_done(struct hold *h);		/* gives the memory back; usable again */

#endif
