/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/copies.h"

#include "daemon/packet.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, WAYS = 4, BYTES = 128 };

#define WINDOW 1000000000ll /* a forwarded packet leaves within a second */

struct sight {
	uint64_t print; /* 0: empty */
	int64_t time;
	uint32_t ifin;
	uint8_t ttl;
};

struct copies {
	struct sight sights[SLOTS / WAYS][WAYS];
};

struct copies *copies_new(void)
{
	return calloc(1, sizeof(struct copies));
}

void copies_free(struct copies *c)
{
	free(c);
}

/* The first bytes of the packet but what forwarding changes. Return: its TTL, 0 for no IP packet. */
static uint8_t take(const struct packet *p, uint8_t out[static BYTES])
{
	uint32_t n = p->len < BYTES ? p->len : BYTES;
	uint8_t ttl;

	memset(out, 0, BYTES);
	if (n < 20)
		return 0;
	memcpy(out, p->data, n);
	if (out[0] >> 4 == 4) {
		ttl = out[8];
		out[8] = out[10] = out[11] = 0;
		return ttl;
	}
	ttl = out[7];
	out[7] = 0;
	return out[0] >> 4 == 6 ? ttl : 0;
}

static uint64_t print_of(const uint8_t bytes[static BYTES], uint32_t wire_len)
{
	uint64_t h = wire_len;

	for (int i = 0; i < BYTES; i += 8) {
		uint64_t word;

		memcpy(&word, bytes + i, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return h ? h : 1;
}

static bool is_copy(const struct sight *s, const struct sight *now, bool outgoing)
{
	return s->print == now->print && s->ttl == now->ttl + 1 &&
	       (s->ifin != now->ifin || outgoing) && now->time - s->time <= WINDOW;
}

bool copies_seen(struct copies *c, const struct packet *p, bool outgoing)
{
	uint8_t bytes[BYTES];
	uint8_t ttl = take(p, bytes);
	struct sight now = { print_of(bytes, p->wire_len), p->time, p->ifin, ttl };
	struct sight *set = c->sights[now.print % (SLOTS / WAYS)];

	if (!ttl)
		return false;
	for (int i = 0; i < WAYS; i++)
		if (is_copy(&set[i], &now, outgoing))
			return true;
	memmove(set + 1, set, (WAYS - 1) * sizeof(*set));
	set[0] = now;
	return false;
}
