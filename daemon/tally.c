/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/tally.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/slow.h"

#define BUCKETS 4096u
#define HOUR_NS (3600 * (int64_t)1000000000)
#define JST_NS (9 * HOUR_NS)

struct terminal {
	ip_t address;
	struct terminal *next; /* borrowed: of the bucket */
	int64_t hour, day;     /* numbers of those that the sums are of */
	int64_t last;          /* ns */
	uint32_t slot;         /* of buckets */
	struct tally_sum sums[DETECT_COUNT];
	struct slow slow;
};

struct tallies {
	struct terminal *list; /* owned; used of TALLY_TERMINALS */
	struct terminal *buckets[BUCKETS];
	uint32_t used;
	uint64_t evicted;
};

struct tallies *tallies_new(void)
{
	struct tallies *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->list = calloc(TALLY_TERMINALS, sizeof(*t->list));
	if (t->list)
		return t;
	free(t);
	return NULL;
}

void tallies_free(struct tallies *t)
{
	if (t)
		free(t->list);
	free(t);
}

/* Terminals are the town's own: whoever could choose addresses to meet in one bucket has to own them all. */
static uint32_t slot_of(ip_t a)
{
	uint64_t h = ((uint64_t)a ^ (uint64_t)(a >> 64)) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(h >> 52) % BUCKETS;
}

static void unlink_terminal(struct tallies *t, struct terminal *one)
{
	struct terminal **at = &t->buckets[one->slot];

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
}

static struct terminal *oldest(struct tallies *t)
{
	struct terminal *found = &t->list[0];

	for (uint32_t i = 1; i < t->used; i++)
		if (t->list[i].last < found->last)
			found = &t->list[i];
	t->evicted++;
	unlink_terminal(t, found);
	return found;
}

static struct terminal *terminal_of(struct tallies *t, ip_t address)
{
	uint32_t slot = slot_of(address);
	struct terminal *at = t->buckets[slot];

	while (at && at->address != address)
		at = at->next;
	if (at)
		return at;
	at = t->used < TALLY_TERMINALS ? &t->list[t->used++] : oldest(t);
	*at = (struct terminal){ .address = address, .slot = slot, .next = t->buckets[slot] };
	t->buckets[slot] = at;
	return at;
}

/* What came late, from an hour that is over, counts in the one under way. */
static void turn_over(struct terminal *one, int64_t now)
{
	int64_t hour = now / HOUR_NS, day = (now + JST_NS) / (24 * HOUR_NS);

	for (int i = 0; hour > one->hour && i < DETECT_COUNT; i++)
		one->sums[i].hour = 0;
	for (int i = 0; day > one->day && i < DETECT_COUNT; i++)
		one->sums[i].day = 0;
	one->hour = hour > one->hour ? hour : one->hour;
	one->day = day > one->day ? day : one->day;
	one->last = now > one->last ? now : one->last;
}

struct tally_sum tallies_add(struct tallies *t, ip_t terminal, enum policy_detector detector,
			     uint64_t more, int64_t now)
{
	struct terminal *one = terminal_of(t, terminal);

	turn_over(one, now);
	one->sums[detector].hour += more;
	one->sums[detector].day += more;
	return one->sums[detector];
}

struct slow *tallies_slow(struct tallies *t, ip_t terminal, int64_t now)
{
	struct terminal *one = terminal_of(t, terminal);

	turn_over(one, now);
	return &one->slow;
}

uint64_t tallies_evicted(const struct tallies *t)
{
	return t->evicted;
}
