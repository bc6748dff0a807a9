/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan: a terminal that tries many doors: hosts on one port, ports of one host, or file shares and remote desktops of
 * many hosts, as malware does on its way through an office. Counted is what was refused or stayed unanswered; for the
 * last also what was permitted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/watch/detector.h"
#include "daemon/watch/table.h"
#include "daemon/watch/watch.h"

#define SECOND (1000000000ll)
#define WATCHED 16384u
#define TARGETS 64u

static const struct rule {
	int64_t seconds;
	uint8_t targets, severity;
	const char *en, *ja;
} rules[] = {
	{ 60, 20, 2, "hosts tried on port %u within %lld s: %u",
	  "ポート%uを%lld秒以内に%u台へ試行" },
	{ 60, 30, 2, "ports of one host tried within %2$lld s: %3$u",
	  "1台のポートを%2$lld秒以内に%3$u個試行" },
	{ 600, 10, 2, "hosts reached for files or remote control on port %u within %lld s: %u",
	  "ファイル共有・遠隔操作(ポート%u)を%lld秒以内に%u台へ接続" },
};
enum scan_kind { SCAN_HOSTS, SCAN_PORTS, SCAN_LATERAL };

struct tries {
	int64_t start;
	uint32_t targets[TARGETS]; /* hashes */
	uint8_t count;
	bool told;
};

struct scan_watch {
	struct watch_table *tries; /* owned */
	uint64_t key;
};

static void scan_free(void *d)
{
	if (d)
		watch_table_free(((struct scan_watch *)d)->tries);
	free(d);
}

static void *scan_new_watch(uint64_t key)
{
	struct scan_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->key = key;
	w->tries = watch_table_new(WATCHED, sizeof(struct tries), NULL);
	if (w->tries)
		return w;
	scan_free(w);
	return NULL;
}

static const struct watch_table *scan_table(const void *d)
{
	return ((const struct scan_watch *)d)->tries;
}

static bool lateral_port(uint16_t port)
{
	return port == 445 || port == 139 || port == 135 || port == 3389 || port == 5985 ||
	       port == 5986 || port == 22;
}

static void tell(struct watch *w, const struct event *ev, const struct rule *r, unsigned int n)
{
	struct watch_alarm a = { .detector = DETECTOR_SCAN, .severity = r->severity, .count = n };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(a.detail, sizeof(a.detail), r->en, ev->tuple.dport, (long long)r->seconds, n);
	snprintf(a.detail_ja, sizeof(a.detail_ja), r->ja, ev->tuple.dport, (long long)r->seconds,
		 n);
#pragma GCC diagnostic pop
	watch_alarm(w, ev, &a);
}

static void try_door(struct scan_watch *d, struct watch *w, const struct event *ev,
		     enum scan_kind kind, uint64_t key, uint32_t target)
{
	const struct rule *r = &rules[kind];
	bool fresh;
	struct tries *t = watch_table_get(d->tries, watch_hash(key, &kind, sizeof(kind)), &fresh);

	if (ev->time - t->start >= r->seconds * SECOND || ev->time < t->start)
		*t = (struct tries){ .start = ev->time };
	for (uint8_t i = 0; i < t->count; i++)
		if (t->targets[i] == target)
			return;
	if (t->count < TARGETS)
		t->targets[t->count++] = target;
	if (t->told || t->count < r->targets)
		return;
	t->told = true;
	tell(w, ev, r, t->count);
}

static bool refused(const struct event *ev)
{
	if (ev->type == EVENT_ALERT)
		return ev->blocked && ev->detector == DETECTOR_SEGMENTATION;
	return ev->type == EVENT_FLOW && !ev->quiet && ev->tuple.protocol == 6 &&
	       !ev->flow.payload_up && !ev->flow.payload_down;
}

static void scan_event(void *state, struct watch *w, const struct event *ev)
{
	struct scan_watch *d = state;

	if (!ev->has_tuple || !ev->tuple.sport ||
	    (ev->type != EVENT_ALERT && ev->type != EVENT_FLOW))
		return;
	uint64_t client = watch_hash(d->key, &ev->tuple.src, sizeof(ev->tuple.src));
	uint32_t host = (uint32_t)watch_hash(d->key, &ev->tuple.dst, sizeof(ev->tuple.dst));
	uint64_t port = watch_hash(client, &ev->tuple.dport, sizeof(ev->tuple.dport));

	if (refused(ev)) {
		try_door(d, w, ev, SCAN_HOSTS, port, host);
		try_door(d, w, ev, SCAN_PORTS,
			 watch_hash(client, &ev->tuple.dst, sizeof(ev->tuple.dst)),
			 ev->tuple.dport);
	}
	if (ev->type == EVENT_FLOW && !ev->quiet && lateral_port(ev->tuple.dport))
		try_door(d, w, ev, SCAN_LATERAL, port, host);
}

const struct detector detect_scan = {
	.word = "scan",
	.new = scan_new_watch,
	.free = scan_free,
	.event = scan_event,
	.table = scan_table,
};
