/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * beacon: a terminal that calls the same place at a beat (period.h), as implants do that wait for orders.
 *
 * Programs that look for updates do too: a destination that many terminals call is recorded, one that few do is to be
 * looked at today.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/watch/detector.h"
#include "daemon/watch/period.h"
#include "daemon/watch/table.h"
#include "daemon/watch/watch.h"
#include "daemon/watch/who.h"

#define PAIRS 16384u
#define PLACES 16384u
#define LOOK_EVERY 16u
#define BEAT_MIN 1.0   /* seconds: faster is work, not waiting */
#define SPAN_MIN 60000 /* ms from the first call to the last */
#define COMMON 5u      /* terminals that call a place */
#define PORT_DNS 53u
#define PORT_NTP 123u

struct calls {
	int64_t *times; /* owned; ms, ascending */
	uint16_t n, capacity;
	uint16_t since; /* calls since it was looked at */
	bool told;
};

struct place {
	uint32_t clients[COMMON]; /* hashes */
	uint8_t count;
};

struct beacon_watch {
	struct watch_table *pairs, *places; /* owned */
	uint64_t key;
};

static void forget_calls(void *thing)
{
	free(((struct calls *)thing)->times);
}

static void beacon_free(void *d)
{
	struct beacon_watch *w = d;

	if (!w)
		return;
	watch_table_free(w->pairs);
	watch_table_free(w->places);
	free(w);
}

static void *beacon_new(uint64_t key)
{
	struct beacon_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->key = key;
	w->pairs = watch_table_new(PAIRS, sizeof(struct calls), forget_calls);
	w->places = watch_table_new(PLACES, sizeof(struct place), NULL);
	if (w->pairs && w->places)
		return w;
	beacon_free(w);
	return NULL;
}

static const struct watch_table *beacon_table(const void *d)
{
	return ((const struct beacon_watch *)d)->pairs;
}

static bool grow(struct calls *c)
{
	uint16_t capacity = c->capacity ? (uint16_t)(c->capacity * 2) : 16;
	int64_t *times;

	if (c->n < c->capacity)
		return true;
	if (c->capacity == PERIOD_EVENTS) { /* the oldest goes */
		memmove(c->times, c->times + 1, (size_t)(--c->n) * sizeof(*c->times));
		return true;
	}
	times = realloc(c->times, capacity * sizeof(*times));
	if (!times)
		return false;
	c->times = times;
	c->capacity = capacity;
	return true;
}

/* Flows are told when they end, so not in the order in which they began. */
static void add(struct calls *c, int64_t ms)
{
	uint16_t i;

	if (!grow(c))
		return;
	for (i = c->n; i && c->times[i - 1] > ms; i--)
		c->times[i] = c->times[i - 1];
	c->times[i] = ms;
	c->n++;
	c->since++;
}

static unsigned int common(struct beacon_watch *d, const char *name, ip_t client)
{
	bool fresh;
	struct place *p =
		watch_table_get(d->places, watch_hash(d->key, name, strlen(name)), &fresh);
	uint32_t who = (uint32_t)watch_hash(d->key, &client, sizeof(client));
	uint8_t i = 0;

	while (i < p->count && p->clients[i] != who)
		i++;
	if (i == p->count && p->count < COMMON)
		p->clients[p->count++] = who;
	return p->count;
}

static void tell(struct watch *w, const struct event *ev, const struct period *p, const char *name,
		 unsigned int clients)
{
	struct watch_alarm a = {
		.detector = DETECTOR_BEACON,
		.count = p->gaps + 1,
		.name = name,
		.severity = clients < COMMON ? 2 : 3,
	};
	const char *more = clients < COMMON ? "" : " or more";

	snprintf(
		a.detail, sizeof(a.detail),
		"%s is called every %.1f to %.1f s: %u calls, evidence %.0f nats (limit %.0f), by %u%s "
		"terminals",
		name, p->low, p->high, p->gaps + 1, p->nats, PERIOD_NATS, clients, more);
	snprintf(
		a.detail_ja, sizeof(a.detail_ja),
		"定期通信(ビーコン)の疑い: %s へ%.1f〜%.1f秒ごとに%u回(確からしさ%.0fナット、基準%.0f、"
		"通信する端末%u台%s)",
		name, p->low, p->high, p->gaps + 1, p->nats, PERIOD_NATS, clients,
		clients < COMMON ? "" : "以上");
	watch_alarm(w, ev, &a);
}

static void call(struct beacon_watch *d, struct watch *w, const struct event *ev, int64_t ns)
{
	char name[WHO_TEXT];
	bool fresh;
	uint64_t key;

	who_destination(ev, name);
	key = watch_hash(d->key, &ev->tuple.src, sizeof(ev->tuple.src));
	key = watch_hash(key, name, strlen(name));
	key = watch_hash(key, &ev->tuple.dport, sizeof(ev->tuple.dport));
	struct calls *c = watch_table_get(d->pairs, key, &fresh);
	unsigned int clients = common(d, name, ev->tuple.src);

	add(c, ns / 1000000);
	if (c->told || c->since < LOOK_EVERY || c->n <= PERIOD_GAPS_MIN)
		return;
	c->since = 0;
	struct period p = period_of(c->times, c->n);

	if (p.nats < PERIOD_NATS || p.high < BEAT_MIN ||
	    c->times[c->n - 1] - c->times[0] < SPAN_MIN)
		return;
	c->told = true;
	tell(w, ev, &p, name, clients);
}

/* A request counts, where requests are read: one connection may carry a day's beats. */
static void beacon_event(void *state, struct watch *w, const struct event *ev)
{
	bool http = ev->app_proto && strcmp(ev->app_proto, "http") == 0;

	if (!ev->has_tuple || !ev->tuple.dport || ev->tuple.dport == PORT_DNS ||
	    ev->tuple.dport == PORT_NTP || !who_outward(watch_policy_of(w), ev))
		return;
	if (ev->type == EVENT_HTTP) {
		struct event as_asked = *ev;
		char host[WHO_TEXT] = "";

		if (ev->http.hostname.len && ev->http.hostname.len < sizeof(host)) {
			memcpy(host, ev->http.hostname.at, ev->http.hostname.len);
			as_asked.name = host;
		}
		call(state, w, &as_asked, ev->time);
	} else if (ev->type == EVENT_FLOW && !ev->quiet && !http && ev->tuple.sport) {
		call(state, w, ev, ev->flow.start);
	}
}

const struct detector detect_beacon = {
	.word = "beacon",
	.new = beacon_new,
	.free = beacon_free,
	.event = beacon_event,
	.table = beacon_table,
};
