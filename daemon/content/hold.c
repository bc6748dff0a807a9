/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 512u

static int grow(struct hold *h, size_t need)
{
	size_t capacity = h->capacity ? h->capacity : FIRST_SIZE;

	while (capacity < need)
		capacity *= 2;
	uint8_t *bytes = realloc(h->bytes, capacity);

	if (!bytes)
		return -ENOMEM;
	h->bytes = bytes;
	h->capacity = (uint32_t)capacity;
	return 0;
}

int hold_add(struct hold *h, const void *bytes, size_t n, size_t limit)
{
	if (n > limit || h->len > limit - n)
		return -EMSGSIZE;
	if (h->len + n > h->capacity && grow(h, h->len + n))
		return -ENOMEM;
	if (n)
		memcpy(h->bytes + h->len, bytes, n);
	h->len += (uint32_t)n;
	return 0;
}

void hold_clear(struct hold *h)
{
	h->len = 0;
}

void hold_done(struct hold *h)
{
	free(h->bytes);
	*h = (struct hold){ 0 };
}
