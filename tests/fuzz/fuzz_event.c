/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message of another process: refused, or an event that prints, encodes and decodes to the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record/event.h"
#include "rules/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct event *ev, struct text *out)
{
	event_json(ev, 1, NULL, out);
	text_putc(out, '\n');
	event_line_ja(ev, out);
}

static void masks(const uint8_t *data, size_t size)
{
	char *out = malloc(size + 1);

	assert(out && event_mask((const char *)data, size, out) <= size);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[EVENT_WIRE_MAX];
	static struct text a, b;
	struct event_counter room[EVENT_COUNTERS_MAX], room2[EVENT_COUNTERS_MAX];
	struct event ev, copy;

	masks(data, size);
	if (!event_decode(data, size, &ev, room))
		return 0;
	size_t n = event_encode(&ev, again, sizeof(again));

	if (!n)
		return 0;
	assert(event_decode(again, n, &copy, room2) == n);
	text_clear(&a);
	text_clear(&b);
	print(&ev, &a);
	print(&copy, &b);
	assert(a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0);
	return 0;
}
